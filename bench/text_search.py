"""Search within queries over a million names: the processor time of each, where a query process answers it.

`.venv/bin/python bench/text_search.py [--names 1000000] [--releases FOLDER]` builds a release of names of one to five
words, whose frequencies are as in texts (Zipf), in English, in German and without a language, unless the folder has one
already. It prints a table in Markdown: for each kind of words the median and the worst of 100 queries, in milliseconds
of processor time, for the search alone, as `/search` makes it, and for a query that joins the names found, at most 100,
with their labels. Nothing is asked twice.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from core.formats import RESULT_FORMATS
from core.namespaces import TEXT_QUERY
from release.build import publish_rdf
from release.reader import INDEX, open_release
from release.search import find
from release.search_index import SearchIndex
from release.text_search import DEFAULT
from server.query.engine import Engine
from server.query.requests import Request
from server.query.writing import Spool
from server.semantics.negotiation import NegotiatedFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from release.reader import Release

BASE = "https://names.example/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SYLLABLES = "ka lo mi ra te no su vi ze ba gro pla ström fä né ço land berg wood park ton ville shi tor en ü ix"
WORDS, QUERIES = 80_000, 100
JSON = next(NegotiatedFormat(format_, format_.media_type) for format_ in RESULT_FORMATS if format_.extension == "srj")


def lines(names: int, chance: random.Random) -> Iterator[str]:
    """N-Triples with so many names."""
    syllables = SYLLABLES.split()
    words = list(dict.fromkeys("".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(WORDS)))
    weights = list(itertools.accumulate((place + 1) ** -0.9 for place in range(len(words))))
    for number in range(names):
        label = " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(1, 5))).title()
        language = chance.choice(("@en", "@en", "@de", ""))
        yield f'<{BASE}{number}> <{LABEL}> "{label}"{language} .\n'


def build(folder: Path, names: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "names.nt"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(lines(names, random.Random(names)))  # noqa: S311 - no secret
        publish_rdf([path], folder, base=BASE)


def kinds(index: SearchIndex, chance: random.Random) -> dict[str, Callable[[], str]]:
    """Kind of what is typed → a function that makes an example of it."""
    words = [word for first in "abcdefghijklmnopqrstuvwxyz" for word in index.words_from(first, 2_000)]
    long = [word for word in words if len(word) > 6]  # noqa: PLR2004
    names = [row.text for word in chance.sample(words, 500) for row in index.match(f'text : "{word}"', 1)]

    def misspelt() -> str:
        word = chance.choice(long)
        return word[:2] + word[3:]

    return {
        "one word": lambda: chance.choice(words),
        "beginning of 1 to 4 letters": lambda: chance.choice(words)[: chance.randint(1, 4)],
        "a misspelt word": misspelt,
        "two words": lambda: " ".join(chance.sample(words, 2)),
        "a whole name": lambda: chance.choice(names),
    }


def milliseconds(call: Callable[[], object]) -> float:
    before = time.process_time()
    call()
    return (time.process_time() - before) * 1000


def measure(release: Release) -> None:
    index, engine = SearchIndex(release.path / INDEX), Engine(release)
    chance = random.Random(1)  # noqa: S311 - no secret

    def answer(words: str) -> None:
        query = f'SELECT * {{ (?s ?score) <{TEXT_QUERY}> "{words}" . ?s <{LABEL}> ?label }}'
        with Spool(math.inf) as spool:
            engine.answer(Request(query, BASE, JSON, None), spool)

    print("| words | search, median | worst | query, median | worst |\n|---|---:|---:|---:|---:|")
    for kind, make in kinds(index, chance).items():
        asked = list({make() for _ in range(QUERIES)})
        searched = sorted(milliseconds(lambda words=words: find(index, words, DEFAULT)) for words in asked)  # type: ignore[misc]
        answered = sorted(milliseconds(lambda words=words: answer(words)) for words in asked)  # type: ignore[misc]
        cells = (f"{times[place]:.1f}" for times in (searched, answered) for place in (len(times) // 2, -1))
        print(f"| {kind} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--releases", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.releases or Path(temporary)
        if not (folder / "current").exists():
            build(folder, options.names)
        measure(open_release(folder))


if __name__ == "__main__":
    main()
