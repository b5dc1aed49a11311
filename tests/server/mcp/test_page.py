"""What a model is told at once is bounded, whatever the data; what is left out is said, and comes on later pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import publishing
from tests.server.routes.test_mcp import call, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

BASE = "http://crowd.example/"
MOST = 25_000  # bytes of an answer
HUB = f"{BASE}id/hub"
TEXT = "letter " * 9_000
HEAD = f"""@prefix : <{BASE}t#> . @prefix i: <{BASE}id/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def _data() -> Iterator[str]:
    yield HEAD
    yield f'i:hub a :Hub ; rdfs:label "Hub" ; :one i:thing0 ; :text "{TEXT}" .'
    yield "i:hub :shape [ :side 1 ; :corner [ :angle 60 ] ] ."
    for number in range(600):
        yield f'i:thing{number} a :Class{number % 300} ; rdfs:label "Thing {number}" ; :of i:hub .'
        yield f"i:hub :many i:thing{number} . i:wide :p{number % 150} i:thing{number} , {number} ."
    yield "i:wide a :Wide ."
    for number in range(120):
        yield (
            f"i:s{number:03} a rdf:Statement ; rdf:subject i:hub ; rdf:predicate :one ; rdf:object i:thing0 ;"
            f' :source i:passage{number:03} . i:passage{number:03} a :Passage ; :quotation "{"words " * 60}{number}" .'
        )
    yield "i:full a rdf:Statement ; rdf:subject i:wide ; rdf:predicate :p0 ; rdf:object i:thing0 ; :source "
    yield ", ".join(f"i:passage{number:03}" for number in range(120)) + " ."


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder: Path = tmp_path_factory.mktemp("crowd")
    (folder / "crowd.ttl").write_text("\n".join(_data()), encoding="utf-8")
    with publishing(folder / "crowd.ttl", folder / "releases", BASE) as client:
        yield client


def pages(client: FlaskClient, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    """All pages of an answer, each of which is small, and says whether others follow."""
    found: list[dict[str, Any]] = []
    after = None
    while len(found) < 100:
        result = call(client, tool, **arguments, **({"after": after} if after else {}))
        text = result["content"][0]["text"]
        assert not result.get("isError"), text
        assert len(text.encode()) <= MOST
        assert json.loads(text) == result["structuredContent"]
        found.append(result["structuredContent"])
        after = found[-1].get("next")
        assert found[-1]["truncated"] is ("left_out" in found[-1])
        assert after is None or found[-1]["truncated"]
        if after is None:
            return found
    raise AssertionError("the pages have no end")


def test_all_facts_and_references_come_in_pages(crowd: FlaskClient) -> None:
    told = pages(crowd, "describe", iri=HUB)
    facts = [fact for page in told for fact in page["facts"]]
    assert {fact["label"] for fact in facts[:2]} == {"label", "type"}
    values = [fact["value"]["value"] for fact in facts if fact["property"].endswith("#many")]
    assert sorted(values) == sorted(f"{BASE}id/thing{number}" for number in range(600))
    assert facts[-1]["property"].endswith("#many"), "what has most values comes last"
    references = [reference["subject"]["value"] for page in told for reference in page["references"]]
    assert {iri for iri in references if "/thing" in iri} == set(values)
    assert "left_out" in told[0]
    assert "of" in told[0]["left_out"]


def test_blank_nodes_stand_behind_what_has_them(crowd: FlaskClient) -> None:
    facts = [fact for page in pages(crowd, "describe", iri=HUB) for fact in page["facts"]]
    place = next(n for n, fact in enumerate(facts) if fact["property"].endswith("#shape"))
    shape, corner, angle, side = facts[place : place + 4]
    assert corner["subject"] == side["subject"] == shape["value"]["value"]
    assert angle["subject"] == corner["value"]["value"]
    assert (angle["value"]["value"], side["value"]["value"]) == ("60", "1")


def test_a_long_text_says_how_long_it_is(crowd: FlaskClient) -> None:
    facts = [fact for page in pages(crowd, "describe", iri=HUB) for fact in page["facts"]]
    text = next(fact["value"]["value"] for fact in facts if fact["property"].endswith("#text"))
    assert text.startswith(TEXT[:4_000] + "… [4000 of 63000 characters")
    rest = "SELECT (SUBSTR(?t, 4001, 4000) AS ?rest) { ?s <http://crowd.example/t#text> ?t }"
    assert pages(crowd, "query", sparql=rest)[0]["rows"][0]["rest"]["value"] == TEXT[4_000:8_000]


def test_a_fact_with_many_statements_tells_how_many(crowd: FlaskClient) -> None:
    facts = [fact for page in pages(crowd, "describe", iri=HUB) for fact in page["facts"]]
    fact = next(fact for fact in facts if fact["property"].endswith("#one"))
    assert (len(fact["statements"]), fact["more_statements"]) == (5, 115)
    told = pages(crowd, "evidence", iri=HUB, property_iri=f"{BASE}t#one", limit=50)
    statements = [backing["statement"] for page in told for backing in page["backing"]]
    assert statements == [f"{BASE}id/s{number:03}" for number in range(120)]


def test_all_sources_of_a_statement_come_in_pages(crowd: FlaskClient) -> None:
    told = pages(crowd, "evidence", iri=f"{BASE}id/full")
    wanted = [f"{BASE}id/passage{number:03}" for number in range(120)]
    assert {backing["statement"] for page in told for backing in page["backing"]} == {f"{BASE}id/full"}
    assert [iri for page in told for backing in page["backing"] for iri in backing["sources"]] == wanted
    assert [source["iri"] for page in told for source in page["sources"]] == wanted
    assert all(source["says"] for page in told for source in page["sources"])


def test_evidence_of_a_resource_ends_with_itself(crowd: FlaskClient) -> None:
    told = [backing for page in pages(crowd, "evidence", iri=HUB) for backing in page["backing"]]
    assert len(told) == 121
    assert "statement" not in told[-1]


def test_the_schema_comes_in_pages(crowd: FlaskClient) -> None:
    told = pages(crowd, "schema")
    classes = [row["iri"] for page in told for row in page["classes"]]
    assert {f"{BASE}t#Class{number}" for number in range(300)} <= set(classes)
    assert len(classes) == len(set(classes))
    properties = [row for page in pages(crowd, "schema", class_iri=f"{BASE}t#Wide") for row in page["properties"]]
    assert len({row["iri"] for row in properties}) == len(properties) == 151  # with rdf:type
    assert all(row["classes"] and row["datatypes"] for row in properties if "#p" in row["iri"])
    assert pages(crowd, "schema", property_iri=f"{BASE}t#of")[0]["values"]


def test_rows_and_triples_come_in_pages(crowd: FlaskClient) -> None:
    rows = [row for page in pages(crowd, "query", sparql="SELECT ?s { ?s a ?c } ORDER BY ?s") for row in page["rows"]]
    assert len(rows) == 600 + 2 + 120 * 2 + 1
    assert rows == sorted(rows, key=lambda row: str(row["s"]["value"]))
    construct = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }"
    triples = [page["graph"] for page in pages(crowd, "query", sparql=construct, limit=1_000)]
    assert sum(graph.count("\n") for graph in triples) == len(rows)
    assert len({line for graph in triples for line in graph.splitlines()}) == len(rows)


def test_names_come_in_pages(crowd: FlaskClient) -> None:
    found = [match["iri"] for page in pages(crowd, "search", text="thing", limit=1_000) for match in page["found"]]
    assert len(found) == len(set(found)) == 600


def test_a_row_of_many_texts_has_them_shorter(crowd: FlaskClient) -> None:
    columns = " ".join(f"(?t AS ?c{number})" for number in range(12))
    (page,) = pages(crowd, "query", sparql=f"SELECT {columns} {{ ?s <{BASE}t#text> ?t }}")
    assert all("of 63000 characters" in cell["value"] for cell in page["rows"][0].values())


def test_a_row_that_is_too_large_for_any_page_is_named(crowd: FlaskClient) -> None:
    columns = " ".join(f"(SUBSTR(?t, 1, 200) AS ?c{number})" for number in range(200))
    (page,) = pages(crowd, "query", sparql=f"SELECT {columns} {{ ?s <{BASE}t#text> ?t }}")
    assert page["rows"] == []
    assert page["left_out"] == "Too large to be told, ask for parts with query: 1."


def test_more_columns_than_can_be_told_are_refused(crowd: FlaskClient) -> None:
    columns = " ".join(f"(1 AS ?c{number})" for number in range(201))
    assert "select at most 200" in refusal(crowd, "query", sparql=f"SELECT {columns} {{}}")


def test_long_names_of_columns_leave_room_for_rows(crowd: FlaskClient) -> None:
    """A row that would fit by itself, but not with them, is shortened or named; the pages go on."""
    columns = " ".join(f"(SUBSTR(?t, 1, 4000) AS ?{letter * 3_000})" for letter in "abcde")
    told = pages(crowd, "query", sparql=f"SELECT {columns} {{ ?s <{BASE}t#text> ?t }}")
    assert len(told) == 1


@pytest.mark.parametrize("after", ["x", "-1", "1e9", "9" * 20, "\u0661"])
@pytest.mark.parametrize("tool", ["search", "describe", "schema", "saved_query", "query", "evidence"])
def test_a_page_that_no_answer_has_named(crowd: FlaskClient, tool: str, after: str) -> None:
    arguments = {"search": {"text": "hub"}, "query": {"sparql": "ASK {}"}}.get(tool, {})
    arguments = {"iri": HUB} if tool in {"describe", "evidence"} else arguments
    assert "'after' has to be" in refusal(crowd, tool, after=after, **arguments)
