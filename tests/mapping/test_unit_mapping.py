"""In go many articles, however divided over files and processes, out come the same quads and problems."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from mapping import project, stretches
from mapping.project import Project
from tests.conftest import ROOT
from tests.mapping.test_joining import GOOD, PASSAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARTICLES = 12
SLUGS = ["demo", *(f"a{number}" for number in range(1, ARTICLES))]
BASE = "https://example.org/"


def article(number: int) -> dict[str, Any]:
    """An article with an event, some of which are described by other articles too, and a post at a park."""
    slug, event = SLUGS[number], f"event/e{number // 2}"
    facts: list[dict[str, Any]] = [
        {"id": f"article/{slug}", "type": "NewsArticle", "textFile": f"{slug}.txt", "textDigest": f"{number:064x}"},
        {"id": event, "type": "Event", "label": {"en": f"Event {number}"}, "date": f"2020-{number + 1:02d}"},
        {"id": f"participation/{slug}", "type": "Participation", "event": f"event/e{number // 4}", "role": "speaker"},
        {"id": f"post/{slug}", "type": "Membership", "member": "person/ada-berg", "heldAt": "park/northlight"},
        {"id": f"figure/{slug}", "type": "Figure", "measure": "projectCount", "value": number, "unit": "project"},
    ]
    if number in (3, 4, 10):  # evidence of an article further on, or before
        facts.append({"id": f"claim/{slug}", "type": "Claim", "evidence": f"{SLUGS[(number + 5) % ARTICLES]}/lies"})
    facts[2]["participant"] = "person/ada-berg"
    if number % 5 == 0:
        facts.append({"id": "park/northlight", "containedInPlace": "place/norway"})
    if number == 7:
        facts += [
            {"id": "claim/w", "type": "Claim", "about": "park/nothrlight"},
            {"id": "claim/x", "typ": "Claim", "type": "Claim"},
            {"id": "claim/y", "type": "Claim", "evidence": "a3/leis"},
            {"id": "claim/z", "type": "Claim", "evidence": "a33/lies"},
        ]
    return {
        "article": f"article/{slug}",
        "passages": PASSAGES,
        "facts": [{"evidence": "signed", **fact} for fact in facts],
    }


def in_one_file(folder: Path) -> None:
    lines = [json.dumps(article(number)) for number in range(ARTICLES)]
    (folder / "all.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def in_a_file_each(folder: Path) -> None:
    for number in range(ARTICLES):
        suffix = "yaml" if number % 3 else "jsonl"
        (folder / f"{number:02d}.{suffix}").write_text(json.dumps(article(number)) + "\n", encoding="utf-8")


def backwards_in_two_files(folder: Path) -> None:
    for name, numbers in ("b", range(6)), ("a", range(6, ARTICLES)):
        lines = [json.dumps(article(number)) for number in reversed(numbers)]
        (folder / f"{name}.jsonl").write_text("\n\n".join(lines), encoding="utf-8")


def run(folder: Path, divide: Callable[[Path], None], processes: int) -> tuple[frozenset[bytes], list[str]]:
    """The quads, and the problems without their places."""
    for part in ("ontology", "mapping"):
        (folder / part).symlink_to(ROOT / part)
    shutil.copytree(GOOD / "data/registry", folder / "data/registry")
    (folder / "data/articles").mkdir()
    divide(folder / "data/articles")
    opened = Project(folder, BASE)
    runs = list(opened.lines(processes))
    for lines in (one.splitlines() for one in runs):
        assert lines == sorted(set(lines))
    return frozenset(line for one in runs for line in one.splitlines()), sorted(
        f"{problem.message}: {problem.fix}" for problem in opened.problems
    )


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[frozenset[bytes], list[str]]:
    return run(tmp_path_factory.mktemp("expected"), in_one_file, 1)


WAYS = {
    "a file each": (in_a_file_each, 1),
    "a file each, two processes": (in_a_file_each, 2),
    "backwards in two files, two processes": (backwards_in_two_files, 2),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stretch", [1, 2000, 1 << 20])
def test_the_quads_are_the_same(
    way: str,
    stretch: int,
    expected: tuple[frozenset[bytes], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Units of one line, of some, and of all."""
    divide, processes = WAYS[way]
    if processes == 1 or stretch == 2000:
        monkeypatch.setattr(stretches, "STRETCH", stretch)
        monkeypatch.setattr(project, "_LARGE", stretch)  # with large units articles are evaluated one by one
        assert run(tmp_path, divide, processes) == expected


def test_what_is_expected(expected: tuple[frozenset[bytes], list[str]]) -> None:
    """Of an event in two articles each gives its own name; evidence of other articles has their digests."""
    quads, problems = expected
    assert problems == [
        "there is no 'park/nothrlight': did you mean park/northlight?",
        "there is no key 'typ': did you mean type?",
        "there is no passage 'a3/leis': did you mean a3/lies?",
        "there is no passage 'a33/lies': did you mean a3/lies or a9/lies or a8/lies?",
    ]
    names = {"demo": "Ada Berg at Event 0", "a1": "Ada Berg at Event 1", "a2": "Ada Berg"}
    for slug, name in names.items():
        start = f"<{BASE}id/participation/{slug}> <http://www.w3.org/2000/01/rdf-schema#label> ".encode()
        found = {line.removeprefix(start) for line in quads if line.startswith(start)}
        assert {line for line in found if b"@en" in line} == {
            f'"{name}"@en .'.encode(),
            f'"{name}"@en <{BASE}id/graph/derived> .'.encode(),
        }
    digest = f'<https://w3id.org/parkgraph/ontology#textDigest> "{8:064x}" .'
    assert f"<{BASE}id/evidence/a8-73-104> {digest}".encode() in quads
