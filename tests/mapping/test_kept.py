"""In go edits of a project, one build after the other; out comes what a build without kept results gives."""

from __future__ import annotations

import json
import pickle
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from core.runs import unpack
from mapping import project, stretches, unit_mapping
from mapping.evidence import Texts
from mapping.project import Project
from tests.conftest import ROOT
from tests.mapping.test_joining import GOOD
from tests.mapping.test_unit_mapping import ARTICLES, article

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mapping.unit_mapping import Knowledge, MappedUnit
    from mapping.units import Unit

BASE = "https://example.org/"
EDITORIAL: list[dict[str, Any]] = [
    {"id": "editors/us", "type": "Agent", "label": {"en": "Editors"}},
    {"id": "person/ada-berg", "label": {"zh": "艾达·贝格"}},
    {
        "id": "park/northlight",
        "kind": "sciencePark",
        "decidedBy": "editors/us",
        "decidedOn": "2026-11-29",
        "ground": {"en": "Its name"},
    },
]


class Kept(dict[bytes, bytes]):
    """Results in memory."""

    put = dict[bytes, bytes].__setitem__

    def commit(self) -> None:
        """Nothing more is to be done."""


class Edited:
    """A project of YAML and lines, each line a unit. mapped: the articles that the last build had to map."""

    def __init__(self, root: Path) -> None:
        self.root, self.memo, self.mapped = root, Kept(), list[str]()
        self.articles = [article(number) for number in range(ARTICLES)]
        shutil.copytree(GOOD / "data/registry", root / "data/registry")
        shutil.copytree(GOOD / "texts", root / "texts")
        shutil.copytree(ROOT / "ontology", root / "ontology")
        shutil.copytree(ROOT / "mapping/rules", root / "mapping/rules")
        shutil.copy(ROOT / "mapping/context.jsonld", root / "mapping")
        (root / "data/articles").mkdir()
        (root / "data/editorial").mkdir()
        lines = [json.dumps(one) for one in EDITORIAL]
        (root / "data/editorial/all.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def write(self) -> None:
        folder = self.root / "data/articles"
        (folder / "a.yaml").write_text(json.dumps(self.articles[0]), encoding="utf-8")
        lines = [json.dumps(one) for one in self.articles[1:]]
        (folder / "b.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def build(self, *, texts: bool = False) -> set[str]:
        """Build, compare with a build that keeps nothing, and give the articles that were mapped."""
        self.write()
        read = Texts(self.root / "texts") if texts else None
        kept, full = Project(self.root, BASE, read), Project(self.root, BASE, read)
        self.mapped.clear()
        keys = list(kept.runs(self.memo, set(), 0))
        mapped = set(self.mapped)
        lines = {line for run in full.lines(0) for line in run.splitlines()}
        assert {line for key in keys for line in unpack(self.memo[key]).splitlines()} == lines
        assert sorted(map(str, kept.problems)) == sorted(map(str, full.problems))
        assert kept.records == full.records
        return mapped

    def replace(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edited:
    """A project that was built once."""
    monkeypatch.setattr(stretches, "STRETCH", 1)
    found = Edited(tmp_path)

    def counted(knowledge: Knowledge, unit: Unit) -> MappedUnit:
        found.mapped += [document.article for document in unit.documents() if document.article]
        return unit_mapping.map_unit(knowledge, unit)

    monkeypatch.setattr(project, "map_unit", counted)
    assert len(found.build()) == ARTICLES
    return found


def facts(edited: Edited, number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = edited.articles[number]["facts"]
    return found


def change_a_fact(edited: Edited) -> None:
    facts(edited, 3)[1]["label"] = {"en": "Another event"}


def add_in_front(edited: Edited) -> None:
    edited.articles.insert(1, {**article(2), "article": "article/new"})


def take_out(edited: Edited) -> None:
    del edited.articles[9]


def change_what_others_rest_on(edited: Edited) -> None:
    edited.articles[8] = json.loads(json.dumps(edited.articles[8]).replace(f"{8:064x}", "f" * 64))


def name_an_entity_anew(edited: Edited) -> None:
    edited.replace("data/registry/all.yaml", "{en: Norway}", "{en: Kingdom of Norway}")


def name_an_entity_in_another_language(edited: Edited) -> None:
    edited.replace("data/editorial/all.jsonl", json.dumps("艾达·贝格"), json.dumps("艾达"))


def make_a_typing_error_right(edited: Edited) -> None:
    registry = edited.root / "data/registry/more.yaml"
    registry.write_text("- {id: park/nothrlight, type: Park, label: {en: X}}\n", encoding="utf-8")


def change_a_rule(edited: Edited) -> None:
    edited.replace("mapping/rules/71-names-of-facts.rq", '" at "', '" with "')


def change_a_term(edited: Edited) -> None:
    edited.replace("ontology/concepts.ttl", '"number of projects"@en', '"projects"@en')


# what is done → the articles that have to be mapped again; None for all
EDITS: dict[Callable[[Edited], None], set[str] | None] = {
    change_a_fact: {"article/a3"},
    # the lines of others move: so the places change of what rests on passages there
    add_in_front: {"article/new", "article/a3", "article/a4", "article/a7", "article/a10"},
    # who rests on a passage of it is told that there is none, or was given its names to choose from
    take_out: {"article/a4", "article/a7"},
    change_what_others_rest_on: {"article/a8", "article/a3"},
    name_an_entity_anew: {"article/demo", "article/a5", "article/a10"},
    name_an_entity_in_another_language: None,  # all name who holds a post
    make_a_typing_error_right: {"article/a7"},
    change_a_rule: None,
    change_a_term: None,
}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_only_what_an_edit_can_reach_is_mapped_again(edit: Callable[[Edited], None], edited: Edited) -> None:
    assert edited.build() == set()
    edit(edited)
    mapped, expected = edited.build(), EDITS[edit]
    if expected is None:
        assert len(mapped) == ARTICLES
    else:
        assert mapped == expected
    assert edited.build() == set()


def test_texts_are_compared_again_when_they_have_changed(edited: Edited) -> None:
    edited.build(texts=True)
    assert edited.build(texts=True) == set()
    (edited.root / "texts/a6.txt").write_text("A text of another article.", encoding="utf-8")
    assert edited.build(texts=True) == {"article/a6"}


def test_runs_that_were_lost_are_made_again(edited: Edited) -> None:
    lost = [key for key in edited.memo if key.startswith(b"run ")][-3:]
    for key in lost:
        del edited.memo[key]
    assert edited.build()
    assert set(lost) <= edited.memo.keys()


class Hostile:
    """An object whose pickle makes a folder when it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        return self.folder.mkdir, ()


@pytest.mark.parametrize("value", [None, b"", b"[]\n", b"\xff\n\xff", b"[" * 100_000, b'[{"a": 1}, 2, 3, 4]'])
def test_values_of_another_kind_are_missing_and_run_nothing(
    edited: Edited, tmp_path: Path, value: bytes | None
) -> None:
    folder = tmp_path / "made"
    for key in edited.memo:
        if not key.startswith(b"run "):
            edited.memo[key] = pickle.dumps(Hostile(folder)) if value is None else value
    assert len(edited.build()) == ARTICLES
    assert not folder.exists()
    assert edited.build() == set()
