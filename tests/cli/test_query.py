"""`parkgraph query` over a release and over an endpoint: inputs, formats, errors, and exit codes for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from core.formats import RDF_FORMATS, RESULT_FORMATS
from release.writer import build
from tests.conftest import parkgraph
from tests.server.conftest import BASE, TERMS, serving, silent, source
from tests.server.engines import Misbehaving, free_port

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from release.reader import Release

FINE, FINDINGS, USAGE, FAILED = 0, 1, 2, 3
TOWER = f"<{BASE}id/tower/roter-sand>"
HEIGHT = f"SELECT ?height {{ {TOWER} <{TERMS}height> ?height }}"
NONE = "SELECT ?x { ?x <urn:none> ?y }"
GRAPH = f"CONSTRUCT WHERE {{ {TOWER} <{TERMS}height> ?h }}"
CODES = [  # arguments, exit code, what is said
    (["-e", HEIGHT], FINE, "52.5"),
    (["-e", "ASK {}"], FINE, "yes"),
    (["-e", "ASK { ?s <urn:none> ?o }"], FINE, "no"),
    (["-e", "ASK { ?s <urn:none> ?o }", "--exit-status"], FINDINGS, "no"),
    (["-e", "ASK { ?s <urn:none> ?o }", "--exit-status", "--format", "json"], FINDINGS, "false"),
    (["-e", NONE, "--exit-status"], FINDINGS, "x"),
    (["-e", NONE, "--exit-status", "--format", "csv"], FINDINGS, "x"),
    (["-e", HEIGHT, "--exit-status", "--format", "csv"], FINE, "52.5"),
    (["-e", GRAPH, "--exit-status"], FINE, "52.5"),
    (["-e", "CONSTRUCT WHERE { ?s <urn:none> ?o }", "--exit-status"], FINDINGS, ""),
    (["-e", GRAPH, "--format", "csv"], USAGE, "csv cannot hold the answer"),
    (["-e", GRAPH, "--format", "table"], USAGE, "a graph is no table"),
    (["-e", HEIGHT, "--format", "ttl"], USAGE, "ttl cannot hold the answer"),
    (["-e", " "], USAGE, "this one is empty"),
    (["-e", "SELECT * {"], FAILED, "the query is not SPARQL at line 1, column 11: } is missing here"),
    (["-e", "SELECT *\n{ ?s }"], FAILED, "the query is not SPARQL at line 2, column "),
    (["-e", "SELECT ('a\\u0001' AS ?x) {}", "--format", "srx"], FAILED, "XML cannot hold a text with control"),
    (["-e", "SELECT (GROUP_CONCAT(?x) AS ?all) { VALUES ?x { <urn:x> TRUE } }"], FINE, "urn:x true"),
    (["-e", "SELECT\n(SUM(COUNT(*)) AS ?x) {}"], FAILED, "line 2, column 6: an aggregate stands in the argument"),
    (["-e", "SELECT * { VALUES ?v { 1 } ?s ?p <<( ?v a ?v )>> }"], FAILED, "the subject of a triple term is bound"),
    (["-e", "INSERT DATA {}"], FAILED, "the query is not SPARQL at line 1, column 1"),
]


@pytest.fixture(scope="module")
def lights(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(source(), tmp_path_factory.mktemp("lights"), silent)


@pytest.fixture(scope="module")
def url(lights: Release) -> Iterator[str]:
    with serving(lights.path.parent) as service:
        yield f"{service.url}/sparql"


def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["query", *map(str, arguments)], input=stdin, catch_exceptions=False)


@pytest.mark.parametrize("place", ["release", "endpoint"])
@pytest.mark.parametrize(("arguments", "code", "said"), CODES)
def test_exit_codes(lights: Release, url: str, place: str, arguments: list[str], code: int, said: str) -> None:
    where = ("--releases", lights.path.parent) if place == "release" else ("--endpoint", url)
    result = run(*where, *arguments)
    assert result.exit_code == code, result.output
    assert said in (result.stdout if code in {FINE, FINDINGS} else result.stderr)
    assert "Traceback" not in result.output


@pytest.mark.parametrize("offer", [*RESULT_FORMATS, *RDF_FORMATS], ids=lambda offer: offer.extension)
def test_every_format_is_the_same_from_both(lights: Release, url: str, offer: object) -> None:
    query = HEIGHT if offer in RESULT_FORMATS else GRAPH
    form = offer.extension  # type: ignore[attr-defined]
    here = run("--releases", lights.path.parent, "-e", query, "--format", form)
    there = run("--endpoint", url, "-e", query, "--format", form)
    assert (here.exit_code, there.exit_code) == (FINE, FINE)
    assert "52.5" in here.stdout
    if offer in RESULT_FORMATS:
        assert there.stdout == here.stdout


def test_where_the_query_comes_from(lights: Release, tmp_path: Path) -> None:
    where = ("--releases", lights.path.parent, "--format", "csv")
    file = tmp_path / "question.rq"
    file.write_text(f"# ü\n{HEIGHT}", encoding="utf-8")
    expected = "height\r\n52.5\r\n"
    assert run(*where, file).stdout_bytes.decode() == expected
    assert run(*where, "-", stdin=HEIGHT).stdout_bytes.decode() == expected
    assert run(*where, stdin=HEIGHT).stdout_bytes.decode() == expected
    assert run(*where, "-e", HEIGHT).stdout_bytes.decode() == expected
    assert run(*where, file, "-e", HEIGHT).exit_code == USAGE
    assert run(*where, stdin="").exit_code == USAGE
    assert run(*where, tmp_path / "missing.rq").exit_code == USAGE
    assert run(*where, stdin=b"ASK {} # \xff").exit_code == FAILED


def test_describe_gives_the_document(lights: Release, url: str) -> None:
    query = f"DESCRIBE {TOWER}"
    here = run("--releases", lights.path.parent, "-e", query, "--format", "nt").stdout
    assert "statement/1" in here  # statements about the triples belong to the document
    there = run("--endpoint", url, "-e", query, "--format", "nt").stdout
    assert sorted(there.splitlines()) == sorted(here.splitlines())
    assert "li:height 52.5" in run("--releases", lights.path.parent, "-e", query).stdout


def test_tables_use_the_prefixes_of_the_query(url: str) -> None:
    table = run("--endpoint", url, "-e", f"PREFIX x: <{TERMS}> SELECT ?c {{ {TOWER} a ?c }}").stdout
    assert "x:Lighthouse" in table


def test_a_service_that_cannot_be_reached(lights: Release) -> None:
    query = f"SELECT * {{ SERVICE <http://127.0.0.1:{free_port()}/sparql> {{ ?s ?p ?o }} }}"
    result = run("--releases", lights.path.parent, "-e", query)
    assert (result.exit_code, "a service that the query names cannot be asked" in result.stderr) == (FAILED, True)


def test_no_answer_from_an_endpoint() -> None:
    refused = run("--endpoint", f"http://127.0.0.1:{free_port()}/sparql", "-e", "ASK {}")
    assert (refused.exit_code, "cannot be reached" in refused.stderr) == (FAILED, True)
    assert run("--endpoint", "localhost:8000", "-e", "ASK {}").exit_code == USAGE
    assert run("--endpoint", "http://x/", "--release", "1", "-e", "ASK {}").exit_code == USAGE
    bad = Misbehaving()
    bad.sends("HTTP/1.1 200 OK\nContent-Type: application/sparql-results+json\nContent-Length: 5", b"{}}}}")
    assert "broken answer" in run("--endpoint", bad.url, "-e", "ASK {}").stderr

    def silence(_connection: socket.socket) -> None:
        bad.ended.wait()

    bad.answer = silence
    late = run("--endpoint", bad.url, "-e", "ASK {}", "--timeout", "0.3")
    assert (late.exit_code, "longer than 0.3 seconds" in late.stderr) == (FAILED, True)
    bad.close()


@pytest.fixture
def bad() -> Iterator[Misbehaving]:
    server = Misbehaving()
    yield server
    server.close()


ROWS = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
ROWS_HEAD = f"HTTP/1.1 200 OK\nContent-Type: application/sparql-results+json\nContent-Length: {len(ROWS)}"


def test_how_an_endpoint_is_asked(bad: Misbehaving) -> None:
    """A short query by GET, a long one by POST; parameters and credentials of the URL are kept."""
    bad.sends(ROWS_HEAD, ROWS)
    url = bad.url.replace("http://", "http://reader:p%40ss@") + "?default-graph-uri=urn:g"
    for query, method in (("SELECT * {}", b"GET"), (f"SELECT * {{}} #{'x' * 3000}", b"POST")):
        result = run("--endpoint", url, "-e", query, "--format", "csv")
        assert (result.exit_code, result.stdout_bytes) == (FINE, b"x\r\n1\r\n")
        request = bad.requests.pop()
        assert request.startswith(method + b" /query")
        assert b"Basic cmVhZGVyOnBAc3M=" in request
        assert b"default-graph-uri=urn%3Ag" in request
        assert b"query=SELECT+%2A" in request
        assert b"Accept: application/sparql-results+json" in request
    assert run("--endpoint", bad.url, "-e", "INSERT DATA {}").exit_code == FAILED
    assert run("--endpoint", bad.url, "-e", "PREFIX select: <urn:x> DROP ALL").exit_code == FAILED
    assert bad.requests == []  # what is no query is never sent


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        ("HTTP/1.1 503 Busy", b'{"detail": "Try later."}', "answered with the status 503: Try later"),
        ("HTTP/1.1 404 No", b"", "answered with the status 404"),
        ("HTTP/1.1 500 Oh", b'{"detail": "It broke."}', "answered with the status 500: It broke"),
        ("HTTP/1.1 400 Bad", b'{"message": "Parse error at line 1, column 8: no"}', "at line 1, column 8: no"),
        ("HTTP/1.1 400 Bad", b"{}", "does not take it"),
        ("HTTP/1.1 302 Found\nLocation: /query", b"", "answered with the status 302"),  # again and again
        ("HTTP/1.1 200 OK", b"{}", "sent a broken answer"),
        ("HTTP/1.1 200 OK\nContent-Type: text/html", b"<p>", "sent 'text/html"),
        ("HTTP/1.1 200 OK\nContent-Length: 500", b"{}", "broke off its answer"),
        ("nonsense", b"", "broke off its answer"),
    ],
)
def test_what_is_told_of_an_endpoint_that_does_not_answer(bad: Misbehaving, head: str, body: bytes, said: str) -> None:
    if "Content-Type" not in head:
        head += "\nContent-Type: application/json"
    if "Content-Length" not in head and head != "nonsense":
        head += f"\nContent-Length: {len(body)}"
    bad.sends(head, body)
    result = run("--endpoint", bad.url, "-e", "SELECT * {}")
    assert (result.exit_code, result.stdout) == (FAILED, "")
    assert said in result.stderr


def test_an_endpoint_that_has_moved(bad: Misbehaving) -> None:
    bad.sends("HTTP/1.1 302 Found\nContent-Length: 0\nLocation: /elsewhere")
    moved = bad.answer

    def answer(connection: socket.socket) -> None:
        if bad.requests[-1].startswith(b"GET /elsewhere"):
            connection.sendall(f"{ROWS_HEAD}\n\n".replace("\n", "\r\n").encode() + ROWS)
        else:
            moved(connection)

    bad.answer = answer
    assert run("--endpoint", bad.url, "-e", "SELECT * {}", "--format", "csv").exit_code == FINE
    result = run("--endpoint", bad.url, "-e", f"SELECT * {{}} #{'x' * 3000}")
    assert (result.exit_code, "has moved to" in result.stderr) == (FAILED, True)


def test_an_endpoint_that_sends_byte_after_byte(bad: Misbehaving) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(f"{ROWS_HEAD}\n\n".replace("\n", "\r\n").encode())
        while not bad.ended.wait(0.05):
            connection.sendall(b" ")

    bad.answer = trickle
    late = run("--endpoint", bad.url, "-e", "ASK {}", "--timeout", "0.3")
    assert (late.exit_code, "longer than 0.3 seconds" in late.stderr) == (FAILED, True)


def test_as_a_script_calls_it(lights: Release) -> None:
    done = parkgraph(
        "query", "--releases", lights.path.parent, "-e", "ASK { ?s <urn:none> 1 }", "--exit-status", check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (FINDINGS, "no\n", "")
