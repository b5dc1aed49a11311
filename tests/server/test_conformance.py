"""What docs/conformance.md says of the engine is what it does: every query in its tables is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.server.conftest import GRAPHS, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

DOCUMENT = Path(__file__).parents[2] / "docs" / "conformance.md"
PROLOGUE = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX : <urn:x:> "
ROW = re.compile(r"^\| ([^|]+) \| `((?:[^`|]|\\\|)+)` \| `([^`]*)` \|", re.MULTILINE)
ROWS = [(what, query.replace("\\|", "|"), answer) for what, query, answer in ROW.findall(DOCUMENT.read_text("utf-8"))]


def answer(client: FlaskClient, query: str) -> str:
    """The boolean, the values of ?x, or the status of what is no answer."""
    response = client.get("/sparql?" + urlencode({"query": query, "format": "json"}))
    if response.status_code != 200:
        return str(response.status_code)
    body = response.get_json(force=True)
    if "boolean" in body:
        return str(body["boolean"]).lower()
    return " ".join(row["x"]["value"] if "x" in row else "unbound" for row in body["results"]["bindings"])


@pytest.mark.parametrize(("query", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_it_is_as_told(client: FlaskClient, query: str, expected: str) -> None:
    assert answer(client, PROLOGUE + query) == expected


def test_a_merge_of_graphs_is_no_set(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?x) {{ GRAPH <{0}> {{ ?s ?p ?o }} }}"
    single = int(answer(client, count.format(GRAPHS["data"])))
    twice = f"SELECT (COUNT(*) AS ?x) FROM <{GRAPHS['data']}> FROM <{GRAPHS['data']}> {{ ?s ?p ?o }}"  # noqa: S608 - SPARQL
    assert int(answer(client, twice)) == 2 * single
    parameters = {"query": "SELECT (COUNT(*) AS ?x) { ?s ?p ?o }", "default-graph-uri": [GRAPHS["data"]] * 2}
    response = client.get("/sparql?" + urlencode(parameters, doseq=True))
    assert int(response.get_json(force=True)["results"]["bindings"][0]["x"]["value"]) == single


def test_a_resource_that_is_only_an_object_is_described(client: FlaskClient) -> None:
    described = client.get("/sparql?" + urlencode({"query": f"DESCRIBE <{TERMS}nowhere-else>", "format": "nt"}))
    assert described.data == b""
    objects = "SELECT ?x { ?s ?p ?x FILTER(ISIRI(?x)) FILTER NOT EXISTS { ?x ?q ?o } } LIMIT 1"
    node = answer(client, objects)
    described = client.get("/sparql?" + urlencode({"query": f"DESCRIBE <{node}>", "format": "nt"}))
    assert f" <{node}> .".encode() in described.data
