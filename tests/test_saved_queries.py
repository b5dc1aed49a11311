"""The saved queries of this dataset: each has its texts in three languages, and an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.saved_queries import VIEWS, bind, values
from tests.conftest import ROOT, parkgraph

if TYPE_CHECKING:
    from pathlib import Path

    from core.saved_queries import SavedQuery
    from release.reader import Release

NAMES = sorted(path.stem for path in (ROOT / "docs" / "queries").glob("*.rq"))
LANGUAGES = {"en", "de", "zh"}
# A saved query that asks what one of the questions asks: its values, the column to compare, and the question's.
QUESTIONS = [
    ("sister-parks", {}, "sister", "02", "sister"),
    ("speakers", {}, "post", "04", None),
    ("figures", {}, "number", "05", "number"),
    ("approximations", {"only": "pg:moreThan"}, "figure", "06", None),
    ("parks-in", {"place": "id/place/guangdong"}, "park", "08", None),
    ("plans", {"year": "2025"}, "number", "09", "number"),
    ("events-in", {}, "event", "11", "event"),
    ("names", {}, "name", "13", "name"),
    ("posts", {}, "person", "15", "person"),
    ("several-posts", {}, "post", "19", "post"),
    ("said-about", {}, "statement", "21", "statement"),
    ("organizers", {}, "event", "25", "event"),
    ("spoke-where", {"event": "id/event/chengdu-party-committee-plenary-9"}, "speaker", "26", "participant"),
    ("chinese-and-european-parks", {}, "deal", "16", "deal"),
    ("targets", {}, "number", "09", "number"),
    ("all-figures", {"article": "id/article/001"}, "start", "32", "start"),
]


def ask(release: Release, query: SavedQuery, given: dict[str, str]) -> list[dict[str, str]]:
    terms = values(query, given, release.base, release.manifest.prefixes)
    answer = release.open_store().query(bind(query.text, terms), base_iri=release.base)
    if isinstance(answer, ox.QueryBoolean):
        return [{"answer": "true"}] if answer else []
    if isinstance(answer, ox.QueryTriples):
        return [{"triple": str(triple)} for triple in answer]
    columns = [variable.value for variable in answer.variables]
    return [{name: str(term) for name, term in zip(columns, row, strict=True)} for row in answer]


def test_there_are_queries(release: Release) -> None:
    assert sorted(release.queries()) == NAMES
    placed = [(query.place, query.view) for query in release.queries().values() if query.place]
    views = ["chart", "map", "network", "table", "table", "timeline"]
    assert sorted(placed) == [*(("home", view) for view in views), ("network", "network")]
    assert {query.view for query in release.queries().values()} == VIEWS.keys()
    assert {query.form for query in release.queries().values()} == {"results", "boolean", "graph"}


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_in_every_language(release: Release, name: str) -> None:
    query = release.queries()[name]
    assert query.titles.keys() == LANGUAGES
    assert query.descriptions.keys() == LANGUAGES
    for parameter in query.parameters:
        assert parameter.descriptions.keys() == LANGUAGES


@pytest.mark.parametrize("name", NAMES)
def test_it_has_an_answer(release: Release, name: str) -> None:
    """By defaults, and with each example by itself."""
    query = release.queries()[name]
    needed = {p.name: p.example for p in query.parameters if p.required and p.example}
    rows = ask(release, query, needed)
    assert rows
    assert len({tuple(row.items()) for row in rows}) == len(rows)
    for parameter in query.parameters:
        if parameter.example:
            assert ask(release, query, {**needed, parameter.name: parameter.example}), parameter.name


@pytest.mark.parametrize(("name", "given", "column", "question", "other"), QUESTIONS, ids=[q[0] for q in QUESTIONS])
def test_it_answers_like_the_question(
    release: Release, name: str, given: dict[str, str], column: str, question: str, other: str | None
) -> None:
    text = (ROOT / "tests" / "questions" / f"{question}.rq").read_text(encoding="utf-8")
    answer = release.open_store().query(text, base_iri=release.base)
    assert isinstance(answer, ox.QuerySolutions)
    expected = [str(row[other]) for row in answer if row[other]] if other else [""] * len(list(answer))
    found = [row[column] for row in ask(release, release.queries()[name], given)]
    if other:
        assert sorted(found) == sorted(expected)
    else:
        assert len(found) == {"04": 12, "06": 6, "08": 2}[question]
        assert len(expected) >= len(found)


def test_a_name_in_several_languages_makes_no_more_rows(release: Release) -> None:
    chart = release.queries()["figures-in-unit"]
    assert len(ask(release, chart, {})) == len({row["figure"] for row in ask(release, chart, {})}) == 5
    assert len(ask(release, chart, {"language": "de"})) == 5
    network = ask(release, release.queries()["network"], {})
    assert len({(row["source"], row["target"], row["tie"]) for row in network}) == len(network)


def test_plain_rdf_has_queries_too(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<x> <urn:p> 1 .", encoding="utf-8")
    folder = tmp_path / "queries"
    folder.mkdir()
    (folder / "all.rq").write_text("# title: All\nSELECT * { ?s ?p ?o }", encoding="utf-8")
    arguments = ("build", "--quiet", "--rdf", "a.ttl", "--queries", "queries", "--releases", "out")
    parkgraph(*arguments, cwd=tmp_path)
    assert (tmp_path / "out" / "current" / "queries" / "all.rq").is_file()
    (folder / "all.rq").write_text("# title: All\nSELECT * {", encoding="utf-8")
    broken = parkgraph(*arguments, cwd=tmp_path, check=False)
    assert broken.returncode == 1
    assert "queries/all.rq:2:11: violation: this is no SPARQL" in broken.stdout
