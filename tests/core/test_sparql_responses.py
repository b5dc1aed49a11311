"""Bodies as other engines send them go in; rows, booleans and triples come out."""

from __future__ import annotations

import io
from collections import Counter

import pyoxigraph as ox
import pytest

from core.sparql_responses import NotAskedForError, parse_answer

JSON = "application/sparql-results+json"
HEAD = b'\n{ "head": { "link": [], "vars": ["x"] },\n  "results": { "distinct": false, "ordered": true, "bindings": ['
ASK = HEAD.replace(b'"x"', b'"__ASK_RETVAL"')
ONE = b'\n    { "__ASK_RETVAL": { "type": "typed-literal", "datatype": "urn:integer", "value": "1" }}'
XSD_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"


def rows(*terms: str) -> bytes:
    """Results with one column as Virtuoso 7 writes them."""
    return HEAD + ",".join(f'\n    {{ "x": {term}}}' for term in terms).encode() + b" ] } }"


def boolean(value: str) -> str:
    return f'{{ "type": "typed-literal", "datatype": "{XSD_BOOLEAN}", "value": "{value}" }}'


def read(body: bytes, form: str = "SELECT") -> list[str]:
    answer = parse_answer(io.BytesIO(body), JSON, form)
    assert isinstance(answer, ox.QuerySolutions)
    return [str(row[0]) for row in answer]


def test_terms_that_virtuoso_writes_in_its_own_way() -> None:
    node = '{ "type": "bnode", "value": "nodeID://b10001" }'
    found = read(rows(node, boolean("1"), boolean("0"), boolean("true"), boolean("10"), node))
    assert found == [
        "_:b10001",
        *(f'"{value}"^^<{XSD_BOOLEAN}>' for value in ("true", "false", "true", "10")),
        "_:b10001",
    ]


def test_texts_stay_as_they_are() -> None:
    texts = [
        r"nodeID://b1",
        r"{ \"type\": \"bnode\", \"value\": \"nodeID://b1",
        rf"#boolean\", \"value\": \"1\" }} {XSD_BOOLEAN}",
    ]
    found = read(rows(*(f'{{ "type": "literal", "value": "{text}" }}' for text in texts)))
    assert found == [str(ox.Literal(text.replace(r"\"", '"'))) for text in texts]


@pytest.mark.parametrize("length", [0, *range(65_300, 65_560, 3)])
def test_a_term_may_lie_on_the_border_of_two_pieces(length: int) -> None:
    filler = '{ "type": "literal", "value": "%s" }' % ("x" * length)
    terms = [filler, boolean("1"), '{ "type": "bnode", "value": "nodeID://b7" }', boolean("0")]
    assert Counter(text[-12:] for text in read(rows(*terms))[1:]) == Counter(
        [str(ox.Literal("true", datatype=ox.NamedNode(XSD_BOOLEAN)))[-12:]] * 2 + ["_:b7"]
    )


@pytest.mark.parametrize(("body", "value"), [(ASK + ONE + b" ] } }", True), (ASK + b" ] } }", False)])
def test_a_table_answers_ask(body: bytes, value: bool) -> None:  # noqa: FBT001 - a row of the table
    answer = parse_answer(io.BytesIO(body), JSON, "ASK")
    assert isinstance(answer, ox.QueryBoolean)
    assert bool(answer) is value


def test_an_answer_of_another_form() -> None:
    with pytest.raises(NotAskedForError):
        parse_answer(io.BytesIO(rows(boolean("1"))), JSON, "ASK")
    with pytest.raises(NotAskedForError):
        parse_answer(io.BytesIO(b'{"head":{},"boolean":true}'), JSON, "SELECT")
    with pytest.raises(NotAskedForError):
        parse_answer(io.BytesIO(b"{}"), JSON, "CONSTRUCT")
