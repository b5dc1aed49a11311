"""Queries answered by another endpoint: the same answers, formats, limits and errors; and nothing of its insides."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import pytest

from core.errors import InputError
from core.formats import RDF_FORMATS, RESULT_FORMATS
from release.graph_store import load
from server.app import create_app
from server.query.upstream import upstream_error_message
from server.settings import Settings
from tests.server.conftest import BASE, GRAPHS, QUERY_SECONDS, TERMS, WholeClient, silent
from tests.server.engines import Misbehaving, Tls, free_port, oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.formats import Format
    from release.reader import Release

TOWER = BASE + "id/tower/roter-sand"
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
JSON_HEAD = "HTTP/1.1 200 OK\nContent-Type: application/sparql-results+json"
ROWS = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
VIRTUOSO = b"""
{ "head": { "link": [], "vars": ["x"] },
  "results": { "distinct": false, "ordered": true, "bindings": [
    { "x": { "type": "literal", "value": "1" }},
    { "x": { "type": "literal", "value": "2" }} ] } }"""
TIMED_OUT = b"Virtuoso S1T00 Error SR171: Transaction timed out"
BROKEN_GZIP = gzip.compress(ROWS, mtime=0)[:5]
SAME = [  # queries whose answers do not depend on who gives them
    f"SELECT ?h {{ <{TOWER}> <{TERMS}height> ?h }}",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPHS['data']}> {{ ?s ?p ?o }} }}",
    f"SELECT ?l {{ ?t a <{TERMS}Lighthouse> ; <http://www.w3.org/2000/01/rdf-schema#label> ?l }} ORDER BY ?l",
    "SELECT ?l { <id/tower/roter-sand> ?p ?l FILTER(isLiteral(?l)) } ORDER BY ?l",  # a relative IRI
    f"ASK {{ ?x <{TERMS}guards> <{TOWER}> }}",
    "ASK { ?x ?y 'nothing' }",
    f"CONSTRUCT WHERE {{ <{TOWER}> <{TERMS}height> ?h }}",
    f"DESCRIBE <{TOWER}>",
    f"DESCRIBE ?x {{ ?x <{TERMS}height> ?h }}",
    f"DESCRIBE <{TOWER}> <{BASE}id/keeper/anna>",
    'SELECT ?s ?n ?l { (?s ?n ?l) <http://jena.apache.org/text#query> ("mast" 2) } ORDER BY ?n',
    'DESCRIBE ?s { ?s <http://jena.apache.org/text#query> "red sand" }',
    "SELECT ('ü \\u0001 \\r\\n <&>' AS ?x) (1e0 AS ?y) (<urn:x> AS ?z) ?u {}",
]


def started(lights: Release, endpoint: str, **settings: object) -> FlaskClient:
    app = create_app(Settings(releases=lights.path.parent, endpoint=endpoint, **settings))  # type: ignore[arg-type]
    app.test_client_class = WholeClient
    return app.test_client()


@pytest.fixture(scope="module")
def engine(lights: Release) -> Iterator[str]:
    """A real server, filled from the release."""
    with oxigraph() as url:
        manifest = lights.manifest
        assert load(lights, f"{url}/store", silent) == manifest.counts.triples + sum(manifest.counts.graphs.values())
        yield url


@pytest.fixture(scope="module")
def remote(lights: Release, engine: str) -> Iterator[FlaskClient]:
    client = started(lights, f"{engine}/query", query_seconds=QUERY_SECONDS, query_result=2)
    yield client
    client.application.extensions["current"].close()


@pytest.fixture(scope="module")
def bad() -> Iterator[Misbehaving]:
    server = Misbehaving()
    yield server
    server.close()


@pytest.fixture(scope="module")
def behind_bad(lights: Release, bad: Misbehaving) -> Iterator[FlaskClient]:
    client = started(lights, bad.url, query_result=1)
    yield client
    client.application.extensions["current"].close()


def ask(client: FlaskClient, query: str, format_: str = "srj", **more: object) -> TestResponse:
    return client.get("/sparql?" + urlencode({"query": query, "format": format_, **more}, doseq=True))


def problem(response: TestResponse) -> tuple[int, str]:
    assert response.mimetype == "application/problem+json"
    assert "127.0.0.1" not in response.text
    assert "Traceback" not in response.text
    return response.status_code, response.get_json()["detail"]


@pytest.mark.parametrize("query", SAME)
def test_the_same_answers(client: FlaskClient, remote: FlaskClient, query: str) -> None:
    graph = query.startswith(("CONSTRUCT", "DESCRIBE"))
    for format_ in ("nt", "jsonld", "html") if graph else ("srj", "csv", "tsv", "html"):
        here, there = ask(client, query, format_), ask(remote, query, format_)
        assert (there.status_code, there.mimetype) == (200, here.mimetype), there.text
        assert sorted(there.text.splitlines()) == sorted(here.text.splitlines())


@pytest.mark.parametrize("offer", [*RESULT_FORMATS, *RDF_FORMATS], ids=lambda offer: offer.extension)
def test_every_format(client: FlaskClient, remote: FlaskClient, offer: Format) -> None:
    query = SAME[0] if offer in RESULT_FORMATS else SAME[7]
    here, there = ask(client, query, offer.extension), ask(remote, query, offer.extension)
    assert (there.status_code, there.mimetype) == (200, offer.media_type)
    assert b"52.5" in there.data
    assert len(there.data) == len(here.data)


def test_formats_that_the_form_has_not(remote: FlaskClient) -> None:
    assert ask(remote, "ASK {}", "ttl").status_code == 406
    assert ask(remote, SAME[7], "csv").status_code == 406
    assert ask(remote, "SELECT ('a\\u0001' AS ?x) {}", "srx").status_code == 406


def test_the_dataset_of_the_request(client: FlaskClient, remote: FlaskClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    datasets: tuple[dict[str, object], ...] = (
        {"default-graph-uri": [GRAPHS["data"]]},
        {"named-graph-uri": [GRAPHS["data"]]},
    )
    for dataset in datasets:
        assert ask(remote, query, "srj", **dataset).data == ask(client, query, "srj", **dataset).data


def test_pages_graphs_saved_queries_and_description(client: FlaskClient, remote: FlaskClient) -> None:
    for address in (
        f"/store?graph={GRAPHS['data']}&format=nt",
        "/store?default&format=nt",
        "/query/heights.csv?least=1",
        "/doc/tower/roter-sand.nt",
        "/query/about.nt?thing=id/tower/roter-sand",
    ):
        here, there = client.get(address), remote.get(address)
        assert there.status_code == 200
        assert sorted(there.data.splitlines()) == sorted(here.data.splitlines())
    page = remote.get("/query/heights", headers={"Accept": "text/html"})
    assert "52.5" in page.text
    assert "limit-memory" in client.get("/sparql").text
    assert "limit-memory" not in remote.get("/sparql").text


def test_nothing_is_kept_of_what_another_may_change(remote: FlaskClient) -> None:
    for address in ("/sparql?query=ASK%7B%7D", "/query/heights.csv", "/query/heights.html", "/store?default"):
        response = remote.get(address)
        assert "ETag" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" in remote.get("/doc/tower/roter-sand").headers


def test_no_query_processes_are_started(remote: FlaskClient) -> None:
    current = remote.application.extensions["current"]
    assert ask(remote, "ASK {}").status_code == 200
    assert current._opener._forkserver._made is None


def test_refusals_are_the_same(client: FlaskClient, remote: FlaskClient) -> None:
    for query in ("SELECT", "SELECT * {", "ASK { SERVICE <urn:x> {} }", "", "ASK {} ASK {}"):
        here, there = problem(ask(client, query)), problem(ask(remote, query))
        assert there == here
    for query in ("INSERT DATA {}", "CLEAR ALL", "PREFIX a: <urn:a> DROP ALL", "PREFIX"):
        status, detail = problem(ask(remote, query))
        assert (status, "line 1" in detail) == (400, True)
    assert ask(remote, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").status_code == 200  # everything is still there


@pytest.mark.parametrize(
    "call",
    [
        "bif:http_get('http://127.0.0.1/')",
        "<bif:exec> ('drop table x')",
        "<BIF:exec>(DISTINCT 1)",
        "b:exec # (\n (1)",
        "sql:anything()",
        "<java:com.example.Run>(1)",
        r"<\u0062if:exec>(1)",
    ],
)
def test_functions_of_the_engine_are_refused(behind_bad: FlaskClient, bad: Misbehaving, call: str) -> None:
    """They open connections, execute SQL, or load classes; nothing is sent."""
    bad.requests.clear()
    for query in (f"SELECT ({call} AS ?x) {{}}", f"SELECT * {{ ?s ?p ?o FILTER({call} = 1) }}"):
        status, detail = problem(ask(behind_bad, f"PREFIX b: <bif:> {query}"))
        assert (status, "a function of the engine behind this endpoint" in detail) == (400, True)
        assert "at line 1" in detail
    assert bad.requests == []


def test_names_that_look_like_functions_of_the_engine(remote: FlaskClient) -> None:
    for query in (
        "SELECT ('bif:exec(1)' AS ?x) {} # bif:exec(1)",
        "SELECT * { ?s <urn:bif:exec> (1) }",
        "ASK { ?bif ?sql ?o }",
    ):
        assert ask(remote, query).status_code == 200


def test_its_time_is_limited(remote: FlaskClient) -> None:
    response = ask(remote, HEAVY, timeout="0.3")
    assert problem(response) == (503, "The query took longer than 0.3 seconds.")
    assert int(response.headers["Retry-After"]) > 0


def test_its_time_is_limited_by_the_settings(lights: Release, engine: str) -> None:
    client = started(lights, f"{engine}/query", query_seconds=0.5)
    assert problem(ask(client, HEAVY)) == (503, "The query took longer than 0.5 seconds.")
    assert problem(ask(client, HEAVY, timeout="1000")) == (503, "The query took longer than 0.5 seconds.")
    client.application.extensions["current"].close()


def test_its_result_is_limited(remote: FlaskClient) -> None:
    many = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
    assert problem(ask(remote, many)) == (503, "The result is larger than 2 MiB.")


def test_too_much_to_describe(remote: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.query.remote._MOST_DESCRIBED", 10)
    assert problem(ask(remote, "DESCRIBE ?s { ?s ?p ?o }", "nt"))[0] == 503


def test_a_large_answer_is_whole(lights: Release, bad: Misbehaving) -> None:
    body = (
        b'{"head":{"vars":["x"]},"results":{"bindings":['
        + b",".join([b'{"x":{"type":"uri","value":"urn:x"}}'] * 200_000)
        + b"]}}"
    )
    bad.sends(f"{JSON_HEAD}\nContent-Length: {len(body)}", body)
    client = started(lights, bad.url)
    answer = ask(client, "SELECT * {}", "tsv")
    assert answer.data.count(b"<urn:x>\n") == 200_000
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    client.application.extensions["current"].close()


def test_a_refused_connection(lights: Release) -> None:
    client = started(lights, f"http://127.0.0.1:{free_port()}/query")
    expected = (502, "The endpoint behind this one cannot be reached.")
    assert problem(ask(client, "ASK {}")) == expected
    assert problem(client.get("/query/heights")) == expected
    assert client.get("/doc/tower/roter-sand").status_code == 200  # the release has the documents
    assert ask(client, f"DESCRIBE <{TOWER}>", "nt").status_code == 502  # which it is, the endpoint would select
    client.application.extensions["current"].close()


@pytest.mark.parametrize(
    ("head", "body", "status", "detail"),
    [
        (f"{JSON_HEAD}\nContent-Length: 500", ROWS, 502, "broke off its answer"),
        (f"{JSON_HEAD}\nTransfer-Encoding: chunked", b"5\r\n" + ROWS[:5] + b"\r\n", 502, "broke off its answer"),
        (f"{JSON_HEAD}\nTransfer-Encoding: chunked", b"zz\r\n", 502, "broke off its answer"),
        (JSON_HEAD, ROWS, 502, "does not tell where its answer ends"),
        (f"{JSON_HEAD}\nContent-Length: 40", ROWS[:40], 502, "sent a broken answer"),
        (f"{JSON_HEAD}\nContent-Length: 9", b"The query", 502, "sent a broken answer"),
        (f"{JSON_HEAD}\nContent-Length: 5\nContent-Encoding: gzip", BROKEN_GZIP, 502, "compressed"),
        ("HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 3", b"<p>", 502, "something else than results"),
        ("HTTP/1.1 200 OK\nContent-Length: 0", b"", 502, "something else than results"),
        ("HTTP/1.1 204 No Content", b"", 502, "status 204"),
        ("HTTP/1.1 302 Found\nLocation: http://x.example/\nContent-Length: 0", b"", 502, "status 302"),
        ("HTTP/1.1 401 Unauthorized\nContent-Length: 0", b"", 502, "status 401"),
        ("HTTP/1.1 413 Too Large\nContent-Length: 0", b"", 502, "longer than"),
        ("HTTP/1.1 429 Too Many\nContent-Length: 0", b"", 503, "is busy"),
        ("HTTP/1.1 500 Oh\nContent-Type: text/plain\nContent-Length: 12", b"/srv/secret\n", 502, "status 500"),
        ("HTTP/1.1 503 Busy\nContent-Length: 0", b"", 503, "is busy"),
        ("HTTP/1.1 504 Late\nContent-Length: 0", b"", 503, "than the endpoint behind this one allows"),
        (f"{JSON_HEAD}\nContent-Length: 26", b'{"head":{},"boolean":true}', 502, "something else than results"),
        (
            f"{JSON_HEAD}\nX-SPARQL-MaxRows: 2\nContent-Length: {len(VIRTUOSO)}",
            VIRTUOSO,
            502,
            "cuts its answers after 2",
        ),
        (f"{JSON_HEAD}\n{'X-SPARQL-named-graph: urn:x' + chr(10)}" * 120 + "Content-Length: 0", b"", 502, "broke off"),
        ("HTTP/1.1 500 Oh\nContent-Type: text/plain\nContent-Length: 49", TIMED_OUT, 503, "than the endpoint behind"),
        ("HTTP/1.1 206 Partial\nX-SQL-State: S1TAT\nContent-Length: 0", b"", 502, "status 206"),
        ("nonsense", b"", 502, "broke off its answer"),
        ("HTTP/1.1 200 OK\nno header", b"", 502, "does not tell where its answer ends"),
    ],
)
def test_broken_answers(
    behind_bad: FlaskClient, bad: Misbehaving, head: str, body: bytes, status: int, detail: str
) -> None:
    bad.sends(head, body)
    found = problem(ask(behind_bad, "SELECT * {}"))
    assert found[0] == status
    assert detail in found[1]


def test_a_broken_graph(behind_bad: FlaskClient, bad: Misbehaving) -> None:
    """An answer to which the other server adds the text of its error, having said 200 before."""
    body = b"<urn:a> <urn:b> <urn:c> .\nThe query timed out"
    bad.sends(f"HTTP/1.1 200 OK\nContent-Type: application/n-triples\nContent-Length: {len(body)}", body)
    assert problem(ask(behind_bad, "CONSTRUCT WHERE { ?s ?p ?o }", "nt"))[0] == 502


def test_a_connection_that_is_cut_at_once(behind_bad: FlaskClient, bad: Misbehaving) -> None:
    bad.answer = lambda connection: connection.shutdown(socket.SHUT_RDWR)
    assert problem(ask(behind_bad, "ASK {}")) == (502, "The endpoint behind this one broke off its answer.")


@pytest.mark.parametrize("sent", ["", JSON_HEAD[:20], f"{JSON_HEAD}\nContent-Length: 500\n\n"])
def test_an_answer_that_trickles(behind_bad: FlaskClient, bad: Misbehaving, sent: str) -> None:
    """Byte after byte, each well within any time between two: in the head, and in the body."""

    def trickle(connection: socket.socket) -> None:
        connection.sendall(sent.replace("\n", "\r\n").encode())
        while not bad.ended.wait(0.05):
            if sent:
                connection.sendall(b"x")

    bad.answer = trickle
    assert problem(ask(behind_bad, "ASK {}", timeout="0.5")) == (503, "The query took longer than 0.5 seconds.")


def test_what_is_sent(behind_bad: FlaskClient, bad: Misbehaving, lights: Release) -> None:
    bad.sends(f"{JSON_HEAD}\nContent-Length: {len(ROWS)}\nConnection: close", ROWS)
    bad.requests.clear()
    query = "SELECT ?x { <id/ü> ?p ?x } # ?&="
    more = {"named-graph-uri": ["urn:a", "urn:b"], "version": ["1.1"]}
    assert ask(behind_bad, query, "csv", **more).data == b"x\r\n1\r\n"
    [request] = bad.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert parse_qs(body.decode()) == {"query": [f"BASE <{BASE}> {query}"], **more}
    assert head.startswith(b"POST /query HTTP/1.1\r\n")
    assert b"application/x-www-form-urlencoded" in head
    assert b"Authorization" not in head
    client = started(lights, bad.url.replace("http://", "http://reader:secret@"))
    assert ask(client, "SELECT * {}").status_code == 200
    assert b"authorization: Basic cmVhZGVyOnNlY3JldA==" in bad.requests[-1].replace(b"Authorization", b"authorization")
    client.application.extensions["current"].close()


def test_what_is_sent_where_the_default_graph_has_a_name(bad: Misbehaving, lights: Release) -> None:
    bad.sends(f"{JSON_HEAD}\nContent-Length: {len(ROWS)}\nConnection: close", ROWS)
    client = started(lights, bad.url, endpoint_default_graph="urn:merged")

    def sent(address: str) -> dict[str, list[str]]:
        assert client.get(address).status_code == 200
        return parse_qs(bad.requests[-1].partition(b"\r\n\r\n")[2].decode())

    plain, graph = "SELECT ?x { ?x ?p 1 }", "SELECT ?x { GRAPH ?g { ?x ?p 1 } }"
    assert sent("/query/heights.csv")["default-graph-uri"] == ["urn:merged"]
    assert sent(f"/sparql?{urlencode({'query': plain})}") == {"query": [plain], "default-graph-uri": ["urn:merged"]}
    listed = (
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/sparql-service-description#NamedGraph>"
    )
    text = (
        f"SELECT ?x {{ GRAPH <urn:merged> {{ GRAPH ?g {{ ?x ?p 1 }} GRAPH <urn:merged/graphs> {{ ?g {listed} . }} }} }}"
    )
    [query] = sent(f"/sparql?{urlencode({'query': graph})}").pop("query")
    assert query.split() == text.split()
    given = {"default-graph-uri": ["urn:a"], "named-graph-uri": ["urn:b"]}
    named = {"query": [plain], "default-graph-uri": ["urn:a"], "named-graph-uri": ["urn:b"]}
    assert sent(f"/sparql?{urlencode({'query': plain, **given}, doseq=True)}") == named
    assert sent(f"/sparql?{urlencode({'query': graph, **given}, doseq=True)}")["named-graph-uri"] == [
        "urn:b",
        "urn:merged/graphs",
    ]
    client.application.extensions["current"].close()


def test_rows_below_the_limit_of_virtuoso_are_whole(behind_bad: FlaskClient, bad: Misbehaving) -> None:
    bad.sends(f"{JSON_HEAD}\nX-SPARQL-MaxRows: 3\nContent-Length: {len(VIRTUOSO)}", VIRTUOSO)
    assert ask(behind_bad, "SELECT * {}", "csv").data == b"x\r\n1\r\n2\r\n"


def test_the_place_of_an_error_is_that_in_the_query(bad: Misbehaving, lights: Release) -> None:
    """Of the query as the client has sent it: without the declaration and the patterns that are added."""
    client = started(lights, bad.url, endpoint_default_graph="urn:merged")
    body = b"error at 1:%d: nothing"
    query = "SELECT * { GRAPH <g> { ?s ?p ?o } FILTER(?x ! ?y) }"
    bad.sends(f"HTTP/1.1 400 Bad\nContent-Type: text/plain\nContent-Length: {len(body)}", body)
    ask(client, query)
    text = parse_qs(bad.requests[-1].partition(b"\r\n\r\n")[2].decode())["query"][0]
    body %= text.index("!") + 1
    bad.sends(f"HTTP/1.1 400 Bad\nContent-Type: text/plain\nContent-Length: {len(body)}", body)
    problem = ask(client, query).get_json()
    assert (problem["line"], problem["column"]) == (1, query.index("!") + 1)
    client.application.extensions["current"].close()


def test_a_kept_connection_that_has_been_closed_is_no_fault(behind_bad: FlaskClient, bad: Misbehaving) -> None:
    """The other server says it keeps the connection, and closes it all the same."""
    bad.sends(f"{JSON_HEAD}\nContent-Length: {len(ROWS)}", ROWS)
    for _ in range(5):
        assert ask(behind_bad, "SELECT * {}").status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "message", "place"),
    [
        (b"error at 2:5: expected }", "text/plain; charset=utf-8", "expected }", (2, 5)),
        (
            b'Encountered " "}" "} "" at line 1, column 9.\nWas expecting',
            "text/plain",
            'Encountered " "}" "} ""',
            (1, 9),
        ),
        (b'{"detail": "no such prefix\\nat all", "status": 400}', "application/problem+json", "no such prefix", None),
        (b"MALFORMED QUERY: unknown prefix 'x'.", "text/plain", "MALFORMED QUERY: unknown prefix 'x'", None),
        (b"<html>nginx/1.2</html>", "text/html", None, None),
        (b"", "text/plain", None, None),
        (b"\xff\xfe", "application/json", None, None),
        (b"java.lang.NullPointerException", "text/plain", None, None),
        (b"failed at com.example.Store.open(Store.java:5)", "text/plain", None, None),
        (b"cannot open /srv/data/store", "text/plain", None, None),
        (b"see http://10.0.0.1:7878/query", "text/plain", None, None),
        (b"x" * 1000, "text/plain", None, None),
    ],
)
def test_what_is_handed_on_of_an_error_message(
    body: bytes, content_type: str, message: str | None, place: tuple[int, int] | None
) -> None:
    said = upstream_error_message(body, content_type)
    assert said.message == (message or "the endpoint behind this one does not take it")
    assert (said.line, said.column) == (place or (None, None))


def test_an_error_message_becomes_a_problem(behind_bad: FlaskClient, bad: Misbehaving) -> None:
    body = json.dumps({"message": "Parse error at line 1, column 8: nothing"}).encode()
    bad.sends(f"HTTP/1.1 400 Bad\nContent-Type: application/json\nContent-Length: {len(body)}", body)
    response = ask(behind_bad, "SELECT * {}")
    assert problem(response)[0] == 400
    assert (response.get_json()["line"], response.get_json()["column"]) == (1, 8)


def test_an_endpoint_that_speaks_tls_is_checked(lights: Release, bad: Misbehaving) -> None:
    """There is no TLS at the other end, so nothing is sent."""
    assert ssl.HAS_TLSv1_2
    client = started(lights, bad.url.replace("http:", "https:"), query_seconds=1)
    assert problem(ask(client, "ASK {}"))[0] in {502, 503}
    client.application.extensions["current"].close()


def test_tls(lights: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers, and the limit of time, where single bytes keep coming; and a certificate that is not trusted."""
    server = Tls(tmp_path)
    client = started(lights, server.url)
    server.sends(f"{JSON_HEAD}\nContent-Length: {len(ROWS)}", ROWS)
    assert problem(ask(client, "SELECT * {}")) == (502, "The endpoint behind this one cannot be reached.")
    client.application.extensions["current"].close()
    monkeypatch.setenv("SSL_CERT_FILE", str(server.trust))
    client = started(lights, server.url)
    for _ in range(3):
        assert ask(client, "SELECT * {}", "csv").data == b"x\r\n1\r\n"

    def trickle(connection: socket.socket) -> None:
        connection.sendall(f"{JSON_HEAD}\nContent-Length: 500\n\n".replace("\n", "\r\n").encode())
        while not server.ended.wait(0.05):
            connection.sendall(b"x")

    server.answer = trickle
    assert problem(ask(client, "ASK {}", timeout="0.5")) == (503, "The query took longer than 0.5 seconds.")
    client.application.extensions["current"].close()
    server.close()


@pytest.mark.parametrize("url", ["localhost:7878", "ftp://x/", "http://", "http://x/#y", "http://x y/"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InputError, match="PARKGRAPH_ENDPOINT"):
        Settings(endpoint=url)


@pytest.mark.parametrize("iri", ["merged", "a b", "http://x/<", "urn"])
def test_what_is_no_name_of_a_graph(iri: str) -> None:
    with pytest.raises(InputError, match=r"PARKGRAPH_ENDPOINT_DEFAULT_GRAPH: .* is not an absolute IRI"):
        Settings(endpoint_default_graph=iri)


def test_a_store_that_does_not_take_a_graph(lights: Release, bad: Misbehaving, tmp_path: Path) -> None:
    assert tmp_path.is_dir()
    bad.sends("HTTP/1.1 403 Forbidden\nContent-Type: text/plain\nContent-Length: 4", b"no\r\n")
    with pytest.raises(InputError, match="status 403 no"):
        load(lights, bad.url, silent)
    page = b"<!DOCTYPE html><title>Failed</title>\n<h1>Request &amp; all</h1><xmp>no such type</xmp>"
    bad.sends(f"HTTP/1.1 500 Oh\nContent-Type: text/html\nContent-Length: {len(page)}", page)
    with pytest.raises(InputError, match=r"status 500 Request & all no such type$"):
        load(lights, bad.url, silent)
    with pytest.raises(InputError, match="cannot be reached"):
        load(lights, f"http://127.0.0.1:{free_port()}/store", silent)
