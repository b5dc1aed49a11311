"""Synthetic articles in the record format of `data/`, as many as wanted, the same for the same arguments.

`.venv/bin/python bench/generate.py FOLDER --articles 10000` writes a project (registry and articles as JSON Lines,
ontology and mapping linked from this repository) that `parkgraph build --project FOLDER` takes. Each article states
about 10 facts; every one speaks of the same park and of the same place, so that 10,000 articles give hubs of 10,000
links. Memory does not grow with the number of articles.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KINDS = ["cooperationAgreement", "sisterPark", "declaration"]
EVENT_KINDS = ["forum", "summit", "fair", "exhibition"]
APPROXIMATIONS = ["exact", "moreThan", "approximately", "nearly", "atLeast"]
WORDS = ["North", "Harbour", "River", "Lake", "Hill", "Bay", "Grove", "Delta", "Ridge", "Field"]
PASSAGES = 12
FACTS = 2  # of each kind in an article


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def entity(kind: str, class_name: str, number: int, spelt_in: str) -> dict[str, Any]:
    name = f"{WORDS[number % len(WORDS)]} {class_name} {number}"
    passage = {"article": spelt_in, "start": 0, "end": 10, "digest": digest(f"{spelt_in} 0")}
    spelling = {"text": name, "language": "en", "evidence": [passage]}
    return {"id": f"{kind}/{kind}-{number}", "type": class_name, "label": {"en": name}, "spellings": [spelling]}


class Articles:
    """Makes one article after the other; `parks`, `people` and `places` are how many there are to speak of."""

    def __init__(self, parks: int, people: int, places: int, seed: int) -> None:
        self.parks, self.people, self.places = parks, people, places
        self.random = random.Random(seed)  # noqa: S311 - data, not secrets

    def some(self, kind: str, count: int) -> str:
        return f"{kind}/{kind}-{self.random.randrange(count)}"

    def article(self, number: int) -> dict[str, Any]:
        article = f"article/s{number}"
        passages = {
            f"p{n}": {"start": 10 * n, "end": 10 * n + 10, "digest": digest(f"{article} {n}")} for n in range(PASSAGES)
        }
        facts: list[dict[str, Any]] = [
            {
                "id": article,
                "type": "NewsArticle",
                "title": {"en": f"Synthetic article {number}"},
                "date": f"20{self.random.randrange(10, 25)}-{self.random.randrange(1, 13):02d}",
                "inLanguage": "en",
                "textFile": f"s{number}.txt",
                "textDigest": digest(article),
                "about": ["park/park-0"],
            }
        ]
        facts += [self.fact(number, n) for n in range(FACTS * 4)]
        for place, fact in enumerate(facts):
            fact["evidence"] = [f"p{place % PASSAGES}"]
        return {"article": article, "passages": passages, "facts": facts}

    def fact(self, article: int, number: int) -> dict[str, Any]:
        slug = f"s{article}-{number}"
        year = str(self.random.randrange(2000, 2025))
        match number % 4:
            case 0:
                return {
                    "id": f"agreement/{slug}",
                    "type": "Agreement",
                    "label": {"en": f"Agreement {slug}"},
                    "kind": self.random.choice(KINDS),
                    "party": [self.some("park", self.parks), "park/park-0"] if number == 0 else self.pair(),
                    "date": year,
                }
            case 1:
                return {
                    "id": f"event/{slug}",
                    "type": "Event",
                    "label": {"en": f"Event {slug}"},
                    "kind": self.random.choice(EVENT_KINDS),
                    "location": ["place/place-0" if number == 1 else self.some("place", self.places)],
                    "date": f"{year}-05",
                }
            case 2:
                return {
                    "id": f"figure/{slug}",
                    "type": "Figure",
                    "about": [self.some("park", self.parks)],
                    "measure": "projectCount",
                    "unit": "project",
                    "value": str(self.random.randrange(1, 1000)),
                    "approximation": self.random.choice(APPROXIMATIONS),
                    "saidBy": [self.some("person", self.people)],
                    "date": year,
                }
        return {
            "id": f"claim/{slug}",
            "type": "Claim",
            "about": [self.some("park", self.parks)],
            "saidBy": [self.some("person", self.people)],
            "paraphrase": {"en": f"Something was said in article {article} under number {number}."},
        }

    def pair(self) -> list[str]:
        first = self.random.randrange(self.parks)
        return [f"park/park-{first}", f"park/park-{(first + 1 + self.random.randrange(self.parks - 1)) % self.parks}"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--articles", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--queries", action="store_true", help="link the saved queries of this repository as well")
    given = options.parse_args()
    registry, articles = given.folder / "data" / "registry", given.folder / "data" / "articles"
    for folder in (registry, articles):
        folder.mkdir(parents=True, exist_ok=True)
    for part in ("ontology", "mapping", *(["docs/queries"] if given.queries else [])):
        link = given.folder / part
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT / part)
    parks, people, places = (max(2, given.articles // share) for share in (10, 5, 20))
    made = Articles(parks, people, places, given.seed)
    with (registry / "entities.jsonl").open("w", encoding="utf-8") as file:
        for kind, class_name, count in (
            ("park", "Park", parks),
            ("person", "Person", people),
            ("place", "Place", places),
        ):
            for number in range(count):
                record = entity(kind, class_name, number, f"article/s{number % given.articles}")
                file.write(json.dumps(record) + "\n")
    with (articles / "articles.jsonl").open("w", encoding="utf-8") as file:
        for number in range(given.articles):
            file.write(json.dumps(made.article(number)) + "\n")


if __name__ == "__main__":
    main()
