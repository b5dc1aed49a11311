"""The Model Context Protocol over HTTP: its rules, and whatever else is sent there."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import BASE, in_process

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from release.reader import Release

ACCEPT = "application/json, text/event-stream"
TOOLS = ["search", "describe", "schema", "saved_query", "query", "evidence"]
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
TOWER = f"{BASE}id/tower/roter-sand"


def send(client: FlaskClient, message: object, path: str = "/mcp", **fields: str) -> TestResponse:
    data = message if isinstance(message, str | bytes) else json.dumps(message)
    headers = {
        "Accept": ACCEPT,
        "Content-Type": "application/json",
        **{k.replace("_", "-"): v for k, v in fields.items()},
    }
    return client.post(path, data=data, headers=headers)


def call(client: FlaskClient, tool: str, path: str = "/mcp", **arguments: Any) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    response = send(client, message, path)
    assert response.status_code == 200, response.text
    result: dict[str, Any] = response.get_json()["result"]
    return result


def told(client: FlaskClient, tool: str, path: str = "/mcp", **arguments: Any) -> dict[str, Any]:
    result = call(client, tool, path, **arguments)
    assert not result.get("isError"), result["content"]
    structured: dict[str, Any] = result["structuredContent"]
    return structured


def refusal(client: FlaskClient, tool: str, **arguments: Any) -> str:
    result = call(client, tool, **arguments)
    assert result["isError"]
    return str(result["content"][0]["text"])


def test_initialize_and_list(client: FlaskClient) -> None:
    who = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    response = send(client, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": who})
    assert (response.status_code, response.mimetype) == (200, "application/json")
    result = response.get_json()["result"]
    assert result["serverInfo"]["name"] == "parkgraph"
    assert result["instructions"].startswith("Lights: ")
    assert "Mcp-Session-Id" not in response.headers
    assert response.cache_control.no_store
    assert send(client, {"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
    tools = send(client, LIST, MCP_Protocol_Version="2025-11-25").get_json()["result"]["tools"]
    assert [tool["name"] for tool in tools] == TOOLS
    for tool in tools:
        assert tool["annotations"]["readOnlyHint"]
        assert tool["outputSchema"]["type"] == tool["inputSchema"]["type"] == "object"
        assert "site" not in tool["inputSchema"]["properties"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
def test_other_methods(client: FlaskClient, method: str) -> None:
    response = client.open("/mcp", method=method)
    assert (response.status_code, response.mimetype) == (405, "application/problem+json")
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 200),
        ("http://localhost:6274", 200),
        ("http://127.0.0.1:1", 200),
        ("http://[::1]:1", 200),
        ("http://lights.example", 200),
        ("https://evil.example", 403),
        ("http://lights.example.evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("", 403),
        ("file://localhost", 403),
        ("http://[", 403),
    ],
)
def test_origins(client: FlaskClient, origin: str, status: int) -> None:
    assert send(client, LIST, Origin=origin).status_code == status


@pytest.mark.parametrize(
    ("message", "fields", "status"),
    [
        ("", {}, 400),
        ("{", {}, 400),
        (b"\xff\xfe", {}, 400),
        ("[" * 100_000, {}, 400),
        ('{"a":' * 100_000, {}, 400),
        ([], {}, 400),
        ([LIST, LIST], {}, 400),
        ({"jsonrpc": "1.0"}, {}, 400),
        (LIST, {"Content_Type": "text/plain"}, 415),
        (LIST, {"Content_Type": "application/x-www-form-urlencoded"}, 415),
        (LIST, {"Accept": "text/html"}, 406),
        (LIST, {"MCP_Protocol_Version": "1900-01-01"}, 400),
        (LIST, {"MCP_Protocol_Version": "x" * 5_000}, 400),
        (b" " * 1_100_000, {}, 413),
    ],
)
def test_hostile_messages(client: FlaskClient, message: Any, fields: dict[str, str], status: int) -> None:
    response = send(client, message, **fields)
    assert response.status_code == status, response.text[:500]
    assert "json" in (response.mimetype or "")
    assert len(response.data) < 10_000


def test_unknown_methods_and_tools(client: FlaskClient) -> None:
    unknown = send(client, {"jsonrpc": "2.0", "id": 1, "method": "tools/destroy"}).get_json()
    assert unknown["error"]["code"] == -32601
    assert "there are search, describe" in refusal(client, "destroy")


def test_search_and_describe(client: FlaskClient, lights: Release) -> None:
    found = told(client, "search", text="roter sand")
    assert found["release"] == lights.id
    assert found["found"][0]["iri"] == TOWER
    address = found["found"][0]["address"]
    assert address.startswith(f"{BASE}release/{lights.id}/doc")
    assert client.get(address.removeprefix(BASE.rstrip("/"))).status_code == 200
    described = told(client, "describe", iri=TOWER, language="de")
    assert described["label"] == "Roter Sand"
    assert len(described["facts"]) > 3


def test_references_come_in_pages(client: FlaskClient) -> None:
    """230 ships refer to one tower."""
    seen, after = set(), None
    for _ in range(4):
        page = told(client, "describe", iri=f"{BASE}id/tower/v1.2", **({"after": after} if after else {}))
        seen |= {reference["subject"]["value"] for reference in page["references"]}
        after = page.get("next")
        if after is None:
            break
    assert len({iri for iri in seen if "/ship/" in iri}) == 230


def test_schema(client: FlaskClient, lights: Release) -> None:
    overview = told(client, "schema")
    assert {row["iri"]: row["uses"] for row in overview["classes"]} == lights.manifest.counts.classes
    assert overview["prefixes"]["li"] == f"{BASE}terms#"
    tower = told(client, "schema", class_iri=f"{BASE}terms#Lighthouse")
    names = {row["iri"]: row for row in tower["properties"]}
    assert names["http://www.w3.org/2000/01/rdf-schema#label"]["datatypes"]
    assert any(row["classes"] for row in names.values())
    assert told(client, "schema", class_iri=f"{BASE}terms#Nothing")["properties"] == []
    with_values = next(iri for iri, row in names.items() if row["classes"])
    assert told(client, "schema", class_iri=f"{BASE}terms#Lighthouse", property_iri=with_values)["values"]


def test_saved_queries(client: FlaskClient, lights: Release) -> None:
    listed = told(client, "saved_query")["queries"]
    assert [query["name"] for query in listed] == sorted(lights.queries())
    assert all(query["title"] for query in listed)
    query = next(query for query in listed if all(not p["required"] for p in query["parameters"]))
    answer = told(client, "saved_query", name=query["name"])
    assert answer["address"].startswith(f"{BASE}release/{lights.id}/query/{query['name']}")
    assert "near to it" in refusal(client, "saved_query", name=query["name"] + "s")
    assert "no parameter" in refusal(client, "saved_query", name=query["name"], parameters={"nothing": "1"})
    for name in ("../manifest.json", "x?y", "%2e%2e", "a/b", ""):
        assert refusal(client, "saved_query", name=name)


def test_queries_of_every_form(client: FlaskClient, lights: Release) -> None:
    counted = told(client, "query", sparql="SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert counted["rows"][0]["n"]["value"] == str(lights.manifest.counts.triples)
    assert client.get(counted["address"].removeprefix(BASE.rstrip("/"))).status_code == 200
    assert told(client, "query", sparql="ASK { ?s ?p ?o }")["boolean"] is True
    cut = told(client, "query", sparql="SELECT * { ?s ?p ?o }", limit=3)
    assert (len(cut["rows"]), cut["truncated"]) == (3, True)
    graph = told(client, "query", sparql="CONSTRUCT WHERE { ?s ?p ?o }", limit=2)
    assert (graph["graph"].count("\n"), graph["truncated"]) == (2, True)
    assert told(client, "query", sparql=f"DESCRIBE <{TOWER}>")["graph"]
    many = 'SELECT ?a ?text { ?a ?b ?c . ?d ?e ?f . BIND("x\\ny" AS ?text) } LIMIT 30000'
    large = told(client, "query", sparql=many, limit=100)
    assert (len(large["rows"]), large["truncated"]) == (100, True)
    assert "behind the first mebibyte" in large["left_out"]
    assert large["rows"][99]["text"]["value"] == "x\ny"


def test_queries_are_refused_as_elsewhere(client: FlaskClient) -> None:
    assert refusal(client, "query", sparql="SELECT * {").startswith("400: The query is not SPARQL at line 1")
    assert refusal(client, "query", sparql="SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }").startswith("403")
    assert refusal(client, "query", sparql="INSERT DATA { <x> <y> <z> }").startswith("400")
    assert "sparql" in refusal(client, "query", sparql="#" * 20_001)
    assert "sparql" in refusal(client, "query")
    assert "limit" in refusal(client, "query", sparql="ASK {}", limit=0)
    assert "limit" in refusal(client, "query", sparql="ASK {}", limit="many")
    for tool in ("describe", "evidence"):
        assert "no absolute IRI" in refusal(client, tool, iri="x> } DROP ALL { <y")
        assert "iri" in refusal(client, tool, iri="http://x.example/" + "y" * 3_000)
        assert "iri" in refusal(client, tool, iri={"a": [1]})
    assert "404" in refusal(client, "describe", iri="http://nowhere.example/")
    assert "no absolute IRI" in refusal(client, "schema", class_iri="x y")
    assert "text" in refusal(client, "search", text="x" * 201)


def test_a_slow_query_meets_its_limit(lights: Release) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with in_process(lights.path.parent, query_seconds=0.5) as client:
        assert refusal(client, "query", sparql=slow).startswith("503")
        assert told(client, "query", sparql="ASK {}")["boolean"] is True


def test_one_client_has_its_share(lights: Release) -> None:
    """The request and what it asks count alike."""
    with in_process(lights.path.parent, client_requests=1) as client:
        assert refusal(client, "query", sparql="ASK { ?s ?p 1 }").startswith("429")


def test_without_the_extra(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.routes.mcp.find_spec", lambda _: None)
    response = send(client, LIST)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert "extra" in response.get_json()["detail"]


def test_tools_leave_no_threads_and_connections(client: FlaskClient) -> None:
    """They are called in the thread of their request."""
    told(client, "search", text="roter sand")
    before = threading.active_count()
    for _ in range(5):
        told(client, "describe", iri=TOWER)
    assert threading.active_count() <= before


def test_an_old_release_has_tools_of_its_own(client: FlaskClient, lights: Release) -> None:
    assert told(client, "search", f"/release/{lights.id}/mcp", text="roter sand")["release"] == lights.id


def test_what_backs_a_fact(client: FlaskClient) -> None:
    rows = told(client, "query", sparql=_STATEMENTS)["rows"]
    for row in rows[:3]:
        backed = told(client, "evidence", iri=row["statement"]["value"])
        assert backed["backing"][0]["statement"] == row["statement"]["value"]
        assert backed["backing"][0]["value"]["value"] == row["o"]["value"]
        by_fact = told(
            client, "evidence", iri=row["s"]["value"], property_iri=row["p"]["value"], value=row["o"]["value"]
        )
        assert row["statement"]["value"] in {backing.get("statement") for backing in by_fact["backing"]}
    plain = told(
        client, "evidence", iri=TOWER, property_iri="http://www.w3.org/2000/01/rdf-schema#label", value="Roter Sand"
    )
    assert f"{BASE}id/graph/survey" in plain["backing"][0]["graphs"]


_STATEMENTS = """PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT ?statement ?s ?p ?o { ?statement rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o FILTER(isIRI(?statement)) }"""
