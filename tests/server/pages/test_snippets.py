"""Snippets: texts of every language have the query and the address as that language reads them."""

from __future__ import annotations

import ast
import json
import re
import shlex
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

from tests.server.conftest import BASE

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HTML = {"Accept": "text/html", "Accept-Language": "en"}
SNIPPET = re.compile(
    r"<figcaption>(?:<a [^>]*>)?([^<]+)(?:</a>)?</figcaption>\s*<pre[^>]*><code>([^<]*)</code>", re.DOTALL
)
HOSTILE = [
    'SELECT ("it\'s $(id) `id` \\\\ \\"x\\"" AS ?x) {}',
    "SELECT ('''a\"\"\"b''' AS ?x) {}",
    'SELECT ("""a\nb""" AS ?x) {} # "',
    'SELECT ("é 成都 حديقة <b>&amp;</b> %20 {y} {{z}}" AS ?x) {} #\\',
]


def snippets(client: FlaskClient, path: str) -> dict[str, str]:
    """The texts of the fold `use`, by their names."""
    response = client.get(path, headers=HTML)
    assert response.status_code == 200
    _, found, fold = response.text.partition('<div id="use">')
    assert found
    return {unescape(name): unescape(text) for name, text in SNIPPET.findall(fold.partition("</details>")[0])}


def strings(code: str) -> list[str]:
    """The texts that stand in Python as literals."""
    return [
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.parametrize("query", HOSTILE)
def test_every_language_has_the_query_to_the_letter(client: FlaskClient, query: str) -> None:
    found = snippets(client, f"/sparql?{urlencode({'query': query, 'format': 'html'})}")
    assert list(found) == ["Address", "curl", "Python, pandas", "Python, SPARQLWrapper", "R", "JavaScript"]
    address = f"http://localhost/sparql?{urlencode({'query': query})}&format="
    assert found["Address"] == f"{address}csv\n"
    assert shlex.split(found["curl"]) == ["curl", "-fLo", "answer.csv", f"{address}csv"]
    assert f"{address}csv" in strings(found["Python, pandas"])
    assert f"\n{query}\n" in strings(found["Python, SPARQLWrapper"])
    assert "http://localhost/sparql" in strings(found["Python, SPARQLWrapper"])
    for name, expected in (("R", f"{address}csv"), ("JavaScript", f"{address}srj")):
        literals = re.findall(r'"(?:[^"\\]|\\.)*"', found[name])
        assert json.loads(literals[0]) == expected


def test_a_saved_query_has_its_fixed_address_with_the_values(client: FlaskClient) -> None:
    found = snippets(client, "/query/heights?least=52&language=de")
    assert found["Address"] == "http://localhost/query/heights.csv?least=52&language=de\n"
    assert shlex.split(found["curl"])[2] == "heights.csv"
    (query,) = [text for text in strings(found["Python, SPARQLWrapper"]) if "SELECT" in text]
    assert '"52"' in query or "52" in query
    csv = client.get(found["Address"].strip().removeprefix("http://localhost"))
    assert csv.mimetype == "text/csv"


@pytest.mark.parametrize(
    ("path", "names", "part"),
    [
        ("/query/about?thing=id/tower/roter-sand", {"Python, rdflib", "JavaScript"}, "about.ttl"),
        ("/query/is-guarded?thing=id/tower/roter-sand", {"Python, SPARQLWrapper", "JavaScript"}, "is-guarded.srj"),
        (f"/sparql?query={quote('ASK {}')}&format=html", {"curl"}, "format=srj"),
        (f"/sparql?query={quote('CONSTRUCT WHERE {?s ?p ?o}')}&format=html", {"Python, rdflib"}, "format=ttl"),
    ],
)
def test_graphs_and_booleans_have_those_of_their_form(
    client: FlaskClient, path: str, names: set[str], part: str
) -> None:
    found = snippets(client, path)
    assert names <= found.keys()
    assert not {"R", "Python, pandas"} & found.keys()
    assert part in found["Address"]


def test_other_parameters_of_the_operation_are_kept(client: FlaskClient) -> None:
    graph = f"{BASE}id/graph/survey"
    asked = urlencode({"query": "SELECT * { ?s ?p ?o } LIMIT 1", "default-graph-uri": graph, "format": "html"})
    found = snippets(client, f"/sparql?{asked}")
    assert f"default-graph-uri={quote(graph, safe='')}" in found["Address"]
    assert {"default-graph-uri", graph} <= set(strings(found["Python, SPARQLWrapper"]))


def test_no_answer_has_no_snippets(client: FlaskClient) -> None:
    for path in ("/query/about", "/query/about?thing=http://x/%3E"):
        assert 'id="use"' not in client.get(path, headers=HTML).text
