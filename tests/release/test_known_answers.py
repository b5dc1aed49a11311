"""The answers that a release has: what the engine says, found by queries however they are spelt.

In: releases of the project's data and of plain RDF, and queries. Out: the result that the release has and the one that
the engine gives, in every format.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
import pytest

from core.errors import QuerySyntaxError
from core.evaluation import evaluate
from core.formats import RESULTS_CSV, by_extension
from release import answering, known_queries, reader
from release.answering import Answering
from release.build import publish_rdf
from release.known_answers import KnownAnswers, KnownQueries
from release.known_queries import Group
from release.verify import verify
from server.model.serialization import UnwritableError
from server.query.engine import Engine
from server.query.requests import Request
from server.query.writing import Spool, write_answer
from server.semantics.negotiation import NegotiatedFormat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from release.reader import Release

BASE = "http://x.example/"
XSD = "http://www.w3.org/2001/XMLSchema#"
# Triples in two graphs, literals of which a store makes one, types that are no IRIs, and terms of RDF 1.2.
QUADS = f"""
<http://x.example/a> a <http://x.example/Lamp> <http://x.example/g1> .
<http://x.example/a> a <http://x.example/Lamp> <http://x.example/g2> .
<http://x.example/a> a _:class <http://x.example/g1> .
<http://x.example/a> a "text" .
<http://x.example/b> a <http://x.example/Lamp> .
<http://x.example/b> <http://x.example/p> "5"^^<{XSD}byte> <http://x.example/g1> .
<http://x.example/b> <http://x.example/p> "5"^^<{XSD}integer> <http://x.example/g1> .
<http://x.example/b> <http://x.example/p> "05"^^<{XSD}integer> <http://x.example/g2> .
<http://x.example/b> <http://x.example/p> "1.50"^^<{XSD}decimal> _:graph .
<http://x.example/b> <http://x.example/p> "1e3"^^<{XSD}double> .
<http://x.example/b> <http://x.example/p> "true"^^<{XSD}boolean> .
<http://x.example/b> <http://x.example/p> "1"^^<{XSD}boolean> .
<http://x.example/b> <http://x.example/p> "tab\\t, \\"mark\\", line\\n, back\\\\slash \\u0001 \\u2028"@en-GB .
<http://x.example/b> <http://x.example/p> "tab"@EN .
<http://x.example/b> <http://x.example/p> "rtl"@ar--rtl .
<http://x.example/b> <http://x.example/p> "" .
<http://x.example/b> <http://x.example/p> <<( <http://x.example/a> <http://x.example/p> "x\\ty" )>> .
_:node <http://x.example/p> _:node <http://x.example/g2> .
""".replace(" a ", " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ")
SAVED = {
    "plain": "# title: Plain\nPREFIX x: <http://x.example/>\nSELECT ?s ?o ?none { ?s x:p ?o } ORDER BY ?s ?o",
    "relative": "# title: Relative\nSELECT ?o { <b> <p> ?o }",
    "given": "# title: Given\n# param s: iri\n# example s: b\nSELECT ?o { ?s <p> ?o } ORDER BY ?o",
    "defaults": "# title: By default\n# param s: iri = b\n# param only: string?\n"
    "ASK { ?s <p> ?o FILTER(COALESCE(STR(?o) = ?only, true)) }",
    "graph": "# title: Graph\nCONSTRUCT { ?o <is-of> ?s } WHERE { ?s <p> ?o FILTER(!isLiteral(?o)) }",
    "new": "# title: New nodes\nCONSTRUCT { [] <is-of> ?s } WHERE { ?s <p> ?o }",
    "now": "# title: Now\nSELECT (NOW() AS ?now) {}",
    "catalog": "# title: Catalog\nSELECT (COUNT(*) AS ?n) { GRAPH <catalog> { ?s ?p ?o } }",
    "from": "# title: From\nSELECT ?s FROM <g1> { ?s ?p ?o }",
    "described": "# title: Described\nDESCRIBE <b>",
    "search": '# title: Search\nPREFIX text: <http://jena.apache.org/text#>\nSELECT ?s { ?s text:query "tab" }',
}
UNKNOWN = ("catalog", "described", "from", "new", "now", "search")
FORMATS: dict[type, tuple[str, ...]] = {
    ox.QuerySolutions: ("srj", "srx", "csv", "tsv", "html"),
    ox.QueryBoolean: ("srj", "srx", "csv", "tsv", "html"),
    ox.QueryTriples: ("nt", "ttl", "html"),
}
CSV = NegotiatedFormat(RESULTS_CSV, RESULTS_CSV.media_type)
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data and queries."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "data.nq").write_text(QUADS, encoding="utf-8")
    (folder / "queries").mkdir()
    for name, text in SAVED.items():
        (folder / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")
    return folder


def publish(files: Path, releases: Path, *, union: bool = True) -> Release:
    return publish_rdf([files / "data.nq"], releases, base=BASE, queries=files / "queries", union=union).release


@pytest.fixture(scope="module")
def plain(files: Path) -> Release:
    return publish(files, files / "releases")


@pytest.fixture(scope="module", params=[True, False])
def either(request: pytest.FixtureRequest, files: Path, plain: Release) -> Release:
    """A release with all triples in the default graph, and one with those that were there alone."""
    return plain if request.param else publish(files, files / "without union", union=False)


@pytest.fixture(scope="module")
def altered(plain: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release that says of each number that it is 42, so that what it knows shows."""
    folder = shutil.copytree(plain.path, tmp_path_factory.mktemp("altered") / plain.id)
    with closing(sqlite3.connect(folder / reader.ANSWERS, isolation_level=None)) as database:
        database.execute("UPDATE answer SET body = CAST('42' || char(10) AS BLOB) WHERE id = 1")
    return reader.open_release(folder)


def groups(release: Release) -> Iterator[tuple[str, ...]]:
    found = known_queries.groups(release.queries().values(), release.base, release.manifest.prefixes)
    return (group.queries for group in found)


def written(result: object, extension: str) -> bytes:
    """The result in a format, or what is said where the format cannot have it."""
    format_ = by_extension(extension)
    assert format_ is not None
    with Spool(1 << 30) as spool:
        try:
            write_answer(cast("ox.QuerySolutions", result), format_, spool)
        except UnwritableError as error:
            return str(error).encode()
        body = spool.body()
        assert isinstance(body, bytes)
        return body


def test_each_answer_is_what_the_engine_says(either: Release) -> None:
    """In the order of the engine for the query that was evaluated, and for others as far as they tell an order."""
    known, store = KnownAnswers(either.path / reader.ANSWERS), either.open_store()
    for first, *others in groups(either):
        for query in (first, *others):
            expected, result = evaluate(store, query, base_iri=BASE), known.find(query)
            if result is None:
                assert not others
                continue
            if isinstance(expected, ox.QuerySolutions):
                lines = [written(answer, "tsv").split(b"\n") for answer in (result, expected)]
                assert lines[0][0] == lines[1][0], query
                assert sorted(lines[0]) == sorted(lines[1]), query
                if "ORDER BY" in query:
                    column = -1 if "DESC" in query else 0
                    keys = [[line.split(b"\t")[column] for line in rows] for rows in lines]
                    assert keys[0] == keys[1], query
            if query == first:
                for extension in FORMATS[type(expected)]:
                    result, expected = known.find(query), evaluate(store, query, base_iri=BASE)
                    assert written(result, extension) == written(expected, extension), (query, extension)


def test_the_project_knows_the_answers_to_its_queries(release: Release) -> None:
    known, store = KnownAnswers(release.path / reader.ANSWERS), release.open_store()
    for query, *_ in groups(release):
        result, expected = known.find(query), evaluate(store, query, base_iri=release.base)
        extension = FORMATS[type(expected)][0]
        assert written(result, extension) == written(expected, extension), query


def test_saved_queries_with_a_lasting_answer_are_known(plain: Release) -> None:
    known = KnownAnswers(plain.path / reader.ANSWERS)
    saved = {group[0] for group in groups(plain)} - {group.queries[0] for group in known_queries.groups([], BASE, {})}
    assert len(saved) == len(SAVED)
    assert sum(known.find(query) is None for query in saved) == len(UNKNOWN)
    for name in ("plain", "graph"):
        assert known.find(plain.queries()[name].text)
        assert known.find(f"# as it is in the editor\n{plain.queries()[name].text.strip()}\n")


def answer(release: Release, query: str, **more: object) -> str:
    engine, request = Engine(release), Request(query, BASE, CSV, None, **more)  # type: ignore[arg-type]
    with Spool(1 << 20) as spool:
        engine.answer(request, spool)
        body = spool.body()
        assert isinstance(body, bytes)
        return body.decode()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (COUNT, "n"),
        ("# all\nselect(count(?a)as ?number)where{\n?a ?b ?c.\n}# that there are", "number"),
        ("PREFIX x: <http://x/>\nSELECT (COUNT(DISTINCT *) AS $s) { $n ?p ?o . }", "s"),
    ],
)
def test_a_query_finds_its_answer_however_it_is_spelt(altered: Release, query: str, name: str) -> None:
    assert answer(altered, query) == f"{name}\r\n42\r\n"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?s }",
        "SELECT (COUNT(*) AS ?s) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 1",
        "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o , ?x }",
        "SELECT (COUNT(*) AS ?n) FROM <g1> { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) FROM NAMED <g1> { ?s ?p ?o }",
        "BASE <http://y/> SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        'VERSION "1.1" SELECT (COUNT(*) AS ?n) { ?s ?p ?o }',
        "SELECT (COUNT(*) AS ?n) { GRAPH <catalog> { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) ?n2 { ?s ?p ?o BIND(1 AS ?n1) } GROUP BY (NOW() AS ?n2)",
    ],
)
def test_any_other_query_is_evaluated(altered: Release, query: str) -> None:
    assert "42" not in re.split(r"[,\r\n]+", answer(altered, query))  # the fields: a time may have these digits


def test_another_dataset_and_another_version_are_evaluated(altered: Release) -> None:
    assert answer(altered, COUNT, default_graphs=(f"{BASE}g1",), named_graphs=()) == "n\r\n3\r\n"
    assert answer(altered, COUNT, default_graphs=(), named_graphs=(f"{BASE}g1",)) == "n\r\n0\r\n"
    assert "42" not in answer(altered, COUNT, version="1.2")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }}",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . . }",
        "PREFIX x <http://x/> SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "PREFIX x: <http://[/> SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT.(COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT DISTINCT ?c { ?s A ?c }",
    ],
)
def test_what_is_no_query_has_no_answer(altered: Release, query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        answer(altered, query)


def test_the_same_content_gives_the_same_file(files: Path, plain: Release, tmp_path: Path) -> None:
    again = publish(files, tmp_path)
    assert again.id == plain.id
    assert again.manifest.files[reader.ANSWERS] == plain.manifest.files[reader.ANSWERS]


def test_a_damaged_file_is_found(altered: Release) -> None:
    assert [text.partition(":")[0] for text in verify(altered)] == [reader.ANSWERS]


def test_what_the_file_has_no_room_for_is_left_out(
    plain: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release.known_answers._LARGEST", 20)
    queries = [COUNT, "SELECT * { ?s ?p ?o }", "SELECT (1 AS ?x) {}"]
    with KnownQueries([Group((query,)) for query in queries], plain.store_path, BASE, f"{BASE}catalog") as known:
        known.write(tmp_path / "few.sqlite")
    few = KnownAnswers(tmp_path / "few.sqlite")
    assert [few.find(query) is None for query in queries] == [False, True, False]


def test_a_query_that_ends_its_process_leaves_the_others_their_answers(plain: Release) -> None:
    deep = "SELECT * { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }"
    evaluation = Answering(plain.store_path, BASE, ["ASK {}", deep, "no query", "SELECT (1 AS ?x) {}"])
    try:
        answers = evaluation.answers()
    finally:
        evaluation.close()
    assert [found and found.body for found in answers] == ["true", None, None, "1\n"]


def test_a_process_that_somebody_kills_costs_no_answer(plain: Release) -> None:
    evaluation = Answering(plain.store_path, BASE, ["ASK {}", "SELECT (1 AS ?x) {}"])
    try:
        evaluation._process.kill()
        answers = evaluation.answers()
    finally:
        evaluation.close()
    assert [found and found.body for found in answers] == ["true", "1\n"]


def test_an_answer_has_a_largest_size(plain: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "LARGEST", 10)
    store = plain.open_store()
    assert answering._answer(store, "SELECT (1 AS ?x) {}", BASE)
    assert answering._answer(store, "SELECT * { ?s ?p ?o }", BASE) is None
