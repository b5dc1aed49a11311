"""In go registry, gazetteer and editorial records, however divided over files and lines, out come the same quads.

A change maps what it reaches.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from core.runs import unpack
from mapping import project, stretches, unit_mapping
from mapping.project import Project
from mapping.units import RegistryUnit
from tests.conftest import ROOT
from tests.mapping.test_joining import PASSAGES
from tests.mapping.test_kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mapping.unit_mapping import Knowledge, MappedUnit
    from mapping.units import Unit

BASE = "https://example.org/"
PARKS = 9
GAZETTEER: list[dict[str, Any]] = [
    {"id": "graph/gazetteer", "type": "CreativeWork", "title": {"en": "Places"}},
    {"id": "place/p1", "sameAs": "https://sws.geonames.org/1/", "countryCode": "NO"},
]

EDITORIAL: list[dict[str, Any]] = [
    {"id": "editors/us", "type": "Agent", "label": {"en": "Editors"}},
    {"id": "park/p3", "label": {"zh": "三"}, "altLabel": {"de": ["Drei"]}},
    {
        "id": "park/p3",
        "kind": "sciencePark",
        "decidedBy": "editors/us",
        "decidedOn": "2026-11-29",
        "ground": {"en": "Its name"},
    },
]


def entity(number: int) -> dict[str, Any]:
    """A park or a place that differs from others, and is spelt in the same article as some of them."""
    kind, name = ("place", "Place") if number % 3 == 1 else ("park", "Park")
    passage = f"{'ab'[number % 2]}/{'lies' if number % 4 else 'signed'}"
    record: dict[str, Any] = {"id": f"{kind}/p{number}", "type": name, "label": {"en": f"{name} {number}"}}
    record["spellings"] = [{"text": f"{name} {number}", "language": "en", "evidence": passage}]
    if number % 3 == 0:
        record["differentFrom"] = f"park/p{(number + 3) % PARKS}"
    return record


def in_yaml(records: list[dict[str, Any]], folder: Path) -> None:
    (folder / "all.yaml").write_text(json.dumps(records), encoding="utf-8")


def in_lines(records: list[dict[str, Any]], folder: Path) -> None:
    (folder / "all.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")


def in_parts(records: list[dict[str, Any]], folder: Path) -> None:
    """Labels in one file, the rest in another, and one in YAML."""
    labels = [{"id": one["id"], "label": one["label"]} for one in records]
    others = [{key: value for key, value in one.items() if key != "label"} for one in records]
    in_lines([*labels[1:], *reversed(others)], folder)
    in_yaml(labels[:1], folder)


def in_lists(records: list[dict[str, Any]], folder: Path) -> None:
    """A line with several records, which are continued in others."""
    pairs = [[{"id": one["id"], "label": one["label"]} for one in records[start : start + 2]] for start in (0, 1, 4)]
    known = {one["id"] for pair in pairs for one in pair}
    others = [{k: v for k, v in one.items() if k != "label" or one["id"] not in known} for one in records]
    lines = [*map(json.dumps, others), *map(json.dumps, pairs)]
    (folder / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    for folder in ("registry", "articles", "gazetteer", "editorial"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    facts = [{"id": "park/p3", "containedInPlace": "place/p1", "evidence": "signed"}]
    articles = [{"article": f"article/{slug}", "passages": PASSAGES, "facts": facts} for slug in "ab"]
    (tmp_path / "data/articles/all.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    in_lines(GAZETTEER, tmp_path / "data/gazetteer")
    in_yaml(EDITORIAL, tmp_path / "data/editorial")
    return tmp_path


def quads(root: Path, number: int = 0) -> tuple[set[bytes], list[str]]:
    opened = Project(root, BASE)
    found = {line for run in opened.lines(number) for line in run.splitlines()}
    return found, [problem.message for problem in opened.problems]


@pytest.mark.parametrize("stretch", [1, 1 << 20])
@pytest.mark.parametrize("lay", [in_lines, in_parts, in_lists])
def test_the_quads_are_the_same(
    lay: Callable[[list[dict[str, Any]], Path], None], stretch: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in one document of YAML, where all entities can be evaluated at once; problems have their places alone."""
    records = [entity(number) for number in range(PARKS)]
    in_yaml(records, root / "data/registry")
    monkeypatch.setattr(project, "_ALONE", 0)
    expected = quads(root)
    shutil.rmtree(root / "data/registry")
    (root / "data/registry").mkdir()
    lay(records, root / "data/registry")
    (root / "data/editorial/all.yaml").unlink()
    in_lines(EDITORIAL, root / "data/editorial")
    monkeypatch.setattr(stretches, "STRETCH", stretch)
    monkeypatch.setattr(project, "_ALONE", stretch)
    assert quads(root, 0) == expected
    lines, problems = expected
    assert problems == []
    for what in ("park/p0> <http://www.w3.org/2002/07/owl#differentFrom> <park/p6>", "place/p1> <"):
        assert any(what.replace("<park", f"<{BASE}id/park").encode() in line for line in lines)


def test_a_change_maps_what_it_reaches(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entity, and those that link to it or whose evidence is in the article that has changed."""
    monkeypatch.setattr(stretches, "STRETCH", 1)
    mapped: list[str] = []

    def counted(knowledge: Knowledge, unit: Unit) -> MappedUnit:
        if isinstance(unit, RegistryUnit):
            mapped.extend(unit.entities())
        return unit_mapping.map_unit(knowledge, unit)

    monkeypatch.setattr(project, "map_unit", counted)
    memo, records = Kept(), [entity(number) for number in range(PARKS)]

    def build() -> list[str]:
        in_lines(records, root / "data/registry")
        mapped.clear()
        keys = list(Project(root, BASE).runs(memo, set(), 0))
        assert {line for key in keys for line in unpack(memo[key]).splitlines()} == quads_without_counting()
        return sorted(mapped)

    def quads_without_counting() -> set[bytes]:
        before = list(mapped)
        found, _ = quads(root)
        mapped[:] = before
        return found

    assert len(build()) == PARKS
    assert build() == []
    records[3]["label"] = {"en": "Another park"}
    assert build() == ["park/p0", "park/p3", "park/p6"]  # each differs from the next
    records[4]["editorialNote"] = {"en": "A place in Norway"}
    assert build() == ["place/p4"]
    (root / "data/gazetteer/all.jsonl").write_text(json.dumps({**GAZETTEER[1], "countryCode": "SE"}), encoding="utf-8")
    assert build() == ["place/p1"]
    in_yaml([*EDITORIAL, {"id": "place/p7", "label": {"de": "Sieben"}}], root / "data/editorial")
    assert build() == ["place/p7"]
    in_yaml([{**EDITORIAL[2], "kind": "newCity"}], root / "data/editorial")
    assert build() == ["park/p0", "park/p3", "park/p6"]
