"""The SPARQL protocol at the endpoint: operations, formats, refusals, limits of size."""

from __future__ import annotations

import csv
import io
import json
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from tests.server.conftest import BASE, GRAPHS, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

pytestmark = pytest.mark.quick

SELECT = f"SELECT ?h WHERE {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?h }}"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?h }}"
FORM = "application/x-www-form-urlencoded"


def ask(client: FlaskClient, query: str, accept: str | None = None, /, **parameters: str | list[str]) -> TestResponse:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql?" + urlencode({"query": query, **parameters}, doseq=True), headers=headers)


def values(response: TestResponse) -> list[str]:
    assert response.status_code == 200, response.text
    return [binding["h"]["value"] for binding in response.get_json(force=True)["results"]["bindings"]]


@pytest.mark.parametrize("way", ["get", "form", "direct", "form with charset"])
def test_every_way_to_ask(client: FlaskClient, way: str) -> None:
    match way:
        case "get":
            response = ask(client, SELECT)
        case "direct":
            response = client.post("/sparql", data=SELECT, content_type="application/sparql-query")
        case "form":
            response = client.post("/sparql", data={"query": SELECT})
        case _:
            response = client.post("/sparql", data=urlencode({"query": SELECT}), content_type=f"{FORM}; charset=UTF-8")
    assert values(response) == ["52.5"]
    assert response.mimetype == "application/sparql-results+json"


def test_the_version_of_a_query(client: FlaskClient) -> None:
    """SPARQL 1.2 Protocol, 2.1: `version`, as a parameter or of the media type; one that is not known is told."""
    query = SELECT.replace("SELECT", r"SEL\u0045CT")
    typed = "application/sparql-query;version="
    for version, status in ((None, 400), ("1.2", 400), ("1.2-basic", 400), ("1.1", 200), ("9.9", 400), ("", 400)):
        given = {} if version is None else {"version": version}
        responses = [
            ask(client, query, **given),
            client.post("/sparql", data={"query": query, **given}),
            client.post(
                "/sparql", data=query, content_type="application/sparql-query" if version is None else typed + version
            ),
        ]
        assert [response.status_code for response in responses] == [status] * 3
    unknown = ask(client, SELECT, version="9.9")
    assert "1.1, 1.2-basic, 1.2" in unknown.get_json()["detail"]
    assert ask(client, SELECT, version=["1.1", "1.2"]).status_code == 400
    declared = ask(client, "VERSION '9.9' " + SELECT)
    assert (declared.status_code, declared.get_json()["line"], declared.get_json()["column"]) == (400, 1, 9)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("text/turtle, text/csv;q=0.1", "text/csv"),
    ],
)
def test_results_by_accept(client: FlaskClient, accept: str | None, media_type: str) -> None:
    response = ask(client, SELECT, accept)
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert "52.5" in response.text
    assert "Accept" in response.vary


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("json", "application/ld+json"),
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
        ("xml", "application/rdf+xml"),
        ("trig", "application/trig"),
        ("nq", "application/n-quads"),
    ],
)
def test_graphs_by_parameter(client: FlaskClient, name: str, media_type: str) -> None:
    response = ask(client, CONSTRUCT, "text/html", format=name)
    assert (response.status_code, response.mimetype) == (200, media_type)
    triples = ox.parse(response.data, format=ox.RdfFormat.from_media_type(media_type))
    assert [str(t.triple.object) for t in triples if isinstance(t, ox.Quad)] == [
        str(ox.Literal("52.5", datatype=DECIMAL))
    ]


DECIMAL = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")


def test_ask_and_describe(client: FlaskClient) -> None:
    assert ask(client, "ASK { ?s ?p 52.5 }").get_json(force=True)["boolean"] is True
    assert b"52.5" in ask(client, f"DESCRIBE <{BASE}id/tower/roter-sand>", "application/n-triples").data


@pytest.mark.parametrize(
    ("accept", "query", "parameters"),
    [
        ("image/png", SELECT, {}),
        ("text/turtle", SELECT, {}),
        ("text/csv", CONSTRUCT, {}),
        ("*/*", SELECT, {"format": "exe"}),
        ("*/*", SELECT, {"format": "ttl"}),
    ],
)
def test_not_acceptable(client: FlaskClient, accept: str, query: str, parameters: dict[str, str]) -> None:
    response = ask(client, query, accept, **parameters)
    assert response.status_code == 406
    assert response.get_json()["offers"]


def test_a_malformed_query_is_placed(client: FlaskClient) -> None:
    response = ask(client, "SELECT *\nWHERE { ?s ?p }")
    body = response.get_json()
    assert (response.status_code, body["line"], body["column"]) == (400, 2, 16)
    assert "expected" in body["detail"]


@pytest.mark.parametrize(
    ("method", "parameters", "data", "content_type", "status"),
    [
        ("GET", "query=", None, None, 400),
        ("GET", "query=ASK%7B%7D&query=ASK%7B%7D", None, None, 400),
        ("GET", "update=CLEAR%20ALL", None, None, 403),
        ("GET", "query=ASK%7B%7D&default-graph-uri=%20", None, None, 400),
        ("GET", "query=INSERT%20DATA%7B%3Ca:a%3E%3Ca:b%3E%3Ca:c%3E%7D", None, None, 400),
        ("POST", "", b"", FORM, 400),
        ("POST", "", b"update=CLEAR%20ALL", FORM, 403),
        ("POST", "", b"CLEAR ALL", "application/sparql-update", 403),
        ("POST", "", b"ASK {}", "text/plain", 415),
        ("POST", "", b"ASK {}", None, 415),
        ("POST", "", b"\xff\xfe", "application/sparql-query", 400),
        ("POST", "", b"query=%ff", FORM, 400),
        ("POST", "", b"ASK {}", "application/sparql-query; charset=utf-16", 415),
        ("POST", "query=ASK%7B%7D", b"ASK {}", "application/sparql-query", 400),
        ("POST", "", b"#" * (1 << 20) + b"\nASK {}", "application/sparql-query", 413),
        ("PUT", "", b"ASK {}", "application/sparql-query", 405),
    ],
)
def test_refusals(
    client: FlaskClient, method: str, parameters: str, data: bytes | None, content_type: str | None, status: int
) -> None:
    response = client.open("/sparql?" + parameters, method=method, data=data, content_type=content_type)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")


def test_the_dataset_of_the_request_wins(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?h) {0} WHERE {{ ?s ?p ?o }}"
    whole, one = values(ask(client, count.format(""))), GRAPHS["shapes"]
    by_from = values(ask(client, count.format(f"FROM <{one}>")))
    by_request = values(ask(client, count.format(""), **{"default-graph-uri": one}))
    over = values(ask(client, count.format("FROM <urn:none>"), **{"default-graph-uri": [one, GRAPHS["data"]]}))
    assert by_from == by_request != whole
    assert int(over[0]) > int(by_request[0])
    named = "SELECT (COUNT(*) AS ?h) WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert values(ask(client, named, **{"named-graph-uri": one})) == by_request
    assert values(ask(client, named, **{"default-graph-uri": one})) == ["0"]


def test_service_is_refused_with_a_clear_word(client: FlaskClient) -> None:
    response = ask(client, "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }")
    assert response.status_code == 403
    assert "SERVICE" in response.get_json()["detail"]
    assert ask(client, "SELECT * { ?s ?p 'SERVICE' }").status_code == 200


def test_not_again(client: FlaskClient) -> None:
    tag = ask(client, SELECT).headers["ETag"]
    path = "/sparql?" + urlencode({"query": SELECT})
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": tag, "Accept": "text/csv"}).status_code == 200
    assert "ETag" not in client.post("/sparql", data={"query": SELECT}).headers
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)


def test_a_large_answer_comes_whole(client: FlaskClient) -> None:
    rows = 15_000
    response = ask(client, f"SELECT ?a ?b WHERE {{ ?a ?p ?x . ?b ?q ?y }} LIMIT {rows}", "text/csv")
    assert int(response.headers["Content-Length"]) == len(response.data) > 1 << 20
    assert len(list(csv.reader(io.StringIO(response.text)))) == rows + 1


def test_too_large_an_answer_is_none(client: FlaskClient) -> None:
    response = ask(client, "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } LIMIT 200000")
    assert response.status_code == 503
    assert response.get_json()["detail"] == "The result is larger than 2 MiB."


def test_without_a_query_it_describes_itself(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "application/ld+json"})
    assert (response.status_code, response.mimetype) == (200, "application/ld+json")
    assert BASE + "sparql" in json.dumps(response.get_json(force=True))
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    assert '<a href="/query">the editor</a>' in page
    assert '<form class="query"' not in page


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_prefix_that_is_not_declared(client: FlaskClient, accept: str) -> None:
    """It is refused, and of a prefix of the dataset the missing line is told; with that it is answered."""
    query, line = "SELECT ?h { ?s li:height ?h }", f"PREFIX li: <{TERMS}>"
    response = ask(client, query, accept)
    assert response.status_code == 400
    assert line in unescape(response.text)
    assert values(ask(client, f"{line}\n{query}"))
    unknown = ask(client, query.replace("li:", "other:"))
    assert unknown.get_json()["detail"].endswith("the prefix other: is not declared.")
    assert "declaration" not in unknown.get_json()
    assert "An den Anfang gehört" in ask(client, query, "application/json", lang="de").get_json()["detail"]


def test_the_missing_declaration_is_a_member_of_the_problem(client: FlaskClient) -> None:
    problem = client.post("/sparql", data={"query": "ASK { ?s li:height 3 ; rdfs:label ?l }"}).get_json()
    assert (problem["prefix"], problem["declaration"]) == ("li", f"PREFIX li: <{TERMS}>")
    assert (problem["line"], problem["column"]) == (1, 10)
