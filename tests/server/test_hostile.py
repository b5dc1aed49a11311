"""Hostile requests, each with its clear answer, while another client's point queries keep being answered."""

from __future__ import annotations

import json
import re
import select
import socket
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urlsplit

import pytest

from tests.conftest import PATIENCE, wait_until
from tests.server.conftest import BASE, QUERY_SECONDS, TERMS, Service, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from release.reader import Release

QUERY, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
POINT = f"SELECT ?o {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?o }}"
ALL = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
LEAK = re.compile(r"Traceback|File \"|\.py\b|/(root|home|tmp|usr|work|proc)/|PARKGRAPH|0x[0-9a-f]{6}")
SECONDS = 1.0  # for a query that shall meet a limit
PORT = "{port}"  # stands for a listener that must not hear anything

# name: query, statuses that are right, what the answer says
QUERIES: dict[str, tuple[str, set[int], str]] = {
    "cross product": (f"SELECT (COUNT(*) AS ?n) {ALL}", {503}, "1 seconds"),
    "sorted cross product": (f"SELECT * {ALL} ORDER BY ?a ?i", {503}, "seconds|memory|larger"),
    "distinct cross product": (f"SELECT DISTINCT * {ALL}", {503}, "seconds|memory|larger"),
    "groups in groups": ("SELECT * " + "{" * 100_000 + "}" * 100_000, {400, 503}, "nested too deeply|not SPARQL"),
    "brackets in brackets": ("SELECT (" + "(" * 100_000 + "1" + ")" * 100_000 + " AS ?x) {}", {400, 503}, "nested"),
    "a long sum": ("SELECT (1" + "+1" * 200_000 + " AS ?x) {}", {400, 503}, "nested"),
    "lists in lists": ("SELECT * { ?a ?b " + "(" * 90_000 + ")" * 90_000 + " }", {400, 503}, "nested|not SPARQL"),
    "a giant literal": ("SELECT (STRLEN('" + "a" * 1_000_000 + "') AS ?n) {}", {200}, "1000000"),
    "a literal that doubles": (
        "SELECT ?z { BIND('a' AS ?x0) " + "".join(f"BIND(CONCAT(?x{n},?x{n}) AS ?x{n + 1}) " for n in range(40)) + "}",
        {503},
        "memory",
    ),
    "paths over everything": (
        "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b . ?c (!<urn:x>|^!<urn:x>)* ?d FILTER(?a != ?d) }",
        {503},
        "seconds|memory",
    ),
    "a regex that goes back": (
        "ASK { FILTER(REGEX('" + "a" * 50_000 + "!', '^(a+)+$')) }",
        {200},
        "false",
    ),
    "a regex that grows": ("ASK { FILTER(REGEX('a', '((((a{100}){100}){100}){100})')) }", {200}, "false"),
    "ten megabytes": ("ASK {}" + " " * 10_000_000, {413}, "bytes"),
    "SERVICE after a comment": ("ASK { SERVICE#}\n<http://127.0.0.1:{port}/> { ?s ?p ?o } }", {403}, "SERVICE"),
    "SERVICE after a string": ("ASK { ?s ?p '''}#''' SERVICE SILENT <http://127.0.0.1:{port}/> {} }", {403}, "SERVICE"),
    "SERVICE by a prefix": (
        "PREFIX x: <http://127.0.0.1:{port}/> ASK { {} UNION { SERVICE x:y { ?s ?p ?o } } }",
        {403},
        "SERVICE",
    ),
    "SERVICE in escapes": ("ASK { \\u0053ERV\\u0049CE <http://127.0.0.1:{port}/> { ?s ?p ?o } }", {403}, "SERVICE"),
    "SERVICE in a sub-query": (
        "SELECT * { { SELECT ?s { OPTIONAL { SERVICE ?s { ?s ?p ?o } } VALUES ?s { <http://127.0.0.1:{port}/> } } } }",
        {403},
        "SERVICE",
    ),
    "SERVICE deep down": (
        "ASK " + "{" * 50_000 + "SERVICE <http://127.0.0.1:{port}/> {}" + "}" * 50_000,
        {403},
        "SERV",
    ),
    "FROM elsewhere": ("ASK FROM <http://127.0.0.1:{port}/x> FROM <file:///etc/passwd> { ?s ?p ?o }", {200}, "false"),
    "LOAD": ("LOAD <http://127.0.0.1:{port}/x>", {400}, "not SPARQL"),
    "a query and an update": ("ASK {} ; DROP ALL", {400}, "not SPARQL"),
    "half an escape": ("ASK { FILTER('\\uD800' = '\\U00110000') }", {400}, "not SPARQL"),
    "zero bytes": ("ASK { FILTER(\0) }", {400}, "not SPARQL"),
}
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><q>&b;&b;&b;</q>'
)
HEAD = "Host: x\r\nConnection: close\r\n"
# name: the bytes of a request, statuses that are right
RAW: dict[str, tuple[str, set[int]]] = {
    "two lengths": (f"POST /sparql HTTP/1.1\r\n{HEAD}Content-Length: 4\r\nContent-Length: 40\r\n\r\nASK{{}}", {400}),
    "a length that is none": (f"POST /sparql HTTP/1.1\r\n{HEAD}Content-Length: -1\r\n\r\n", {400}),
    "a space in a field's name": (f"GET /health HTTP/1.1\r\n{HEAD}X Y: 1\r\n\r\n", {400}),
    "a thousand fields": (f"GET /health HTTP/1.1\r\n{HEAD}" + "X: 1\r\n" * 1000 + "\r\n", {431}),
    "a long address": (f"GET /sparql?query={'a' * 70_000} HTTP/1.1\r\n{HEAD}\r\n", {414}),
    "a field in a parameter": (f"GET /sparql?query=ASK{{}}&format=csv%0D%0AX-Evil:%201 HTTP/1.1\r\n{HEAD}\r\n", {406}),
    "a field in an address": (f"GET /id/x%0D%0AX-Evil:%201 HTTP/1.1\r\n{HEAD}\r\n", {404}),
    "a folder above": (f"GET /dumps/..%2f..%2f..%2fetc/passwd HTTP/1.1\r\n{HEAD}\r\n", {404}),
    "a file as graph": (f"GET /store?graph=file:///etc/passwd HTTP/1.1\r\n{HEAD}\r\n", {404}),
    "entities": (
        f"POST /sparql HTTP/1.1\r\n{HEAD}Content-Length: {len(ENTITIES)}\r\nContent-Type: text/xml\r\n\r\n{ENTITIES}",
        {415},
    ),
    "an encoding too many": (f"GET /sparql?query=ASK%7B%7D%23%FF HTTP/1.1\r\n{HEAD}\r\n", {400}),
    "an Accept without end": (
        f"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n{HEAD}Accept: " + 'a/b;x="' * 9000 + "\r\n\r\n",
        {431},
    ),
}


@pytest.fixture(scope="module")
def service(lights: Release) -> Iterator[Service]:
    limits = {"query_seconds": QUERY_SECONDS, "query_memory": 128, "query_result": 8, "client_slow": 8}
    with serving(lights.path.parent, cache_memory=0, **limits) as service:
        yield service


def connect(service: Service, source: str = "127.0.0.1") -> socket.socket:
    """A connection from one of the addresses of this machine: each counts as another client."""
    url = urlsplit(service.url)
    assert url.port is not None
    return socket.create_connection(("127.0.0.1", url.port), timeout=PATIENCE, source_address=(source, 0))


def send(service: Service, data: bytes, source: str = "127.0.0.1") -> tuple[int, str]:
    """Status and text of the answer, head and all, to a request that closes its connection."""
    with connect(service, source) as connection:
        received = b""
        with suppress(ConnectionError):  # it may be refused before its end; the answer is there all the same
            connection.sendall(data)
        with suppress(ConnectionError):
            while chunk := connection.recv(1 << 16):
                received += chunk
    return int(received.split(None, 2)[1]), received.decode("utf-8", "replace")


def posted(query: str, timeout: float = QUERY_SECONDS) -> bytes:
    """A request that gives the query so many seconds."""
    body = query.encode()
    head = f"POST /sparql?timeout={timeout:g} HTTP/1.1\r\n{HEAD}Content-Type: {QUERY}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Bystander:
    """Another client that asks point queries all the time."""

    def __init__(self, service: Service) -> None:
        self._service, self._end = service, threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers = 0
        self.failed: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def is_answered(self, times: int) -> None:
        """Wait until it was answered so many times from now on."""
        wanted = self.answers + times
        wait_until(lambda: self.answers >= wanted or self.failed)
        assert not self.failed

    def _run(self) -> None:
        request = f"GET /sparql?{urlencode({'query': POINT})} HTTP/1.1\r\n{HEAD}\r\n".encode()
        while not self._end.is_set():
            status, text = send(self._service, request, "127.0.0.2")
            self.answers += 1
            if status != 200 or "52.5" not in text:
                self.failed.append(text)
            self._end.wait(0.01)


@pytest.fixture(scope="module")
def bystander(service: Service) -> Iterator[Bystander]:
    with Bystander(service) as bystander:
        yield bystander


@pytest.mark.parametrize("name", QUERIES)
def test_a_hostile_query_gets_a_clear_answer(service: Service, bystander: Bystander, name: str) -> None:
    query, statuses, says = QUERIES[name]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seconds = SECONDS if "seconds" in says else QUERY_SECONDS  # the other limits are met however long it takes
        status, text = send(service, posted(query.replace(PORT, str(listener.getsockname()[1])), seconds))
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()  # nobody has knocked
    head, _, body = text.partition("\r\n\r\n")
    assert status in statuses, text[:500]
    assert re.search(says, body), body[:500]
    assert not LEAK.search(text)
    assert json.loads(body)["status" if status != 200 else "head"] in (status, {}, {"vars": ["n"]})
    assert ("application/problem+json" in head) == (status != 200)
    assert not bystander.failed


@pytest.mark.parametrize("name", RAW)
def test_a_hostile_request_gets_a_clear_answer(service: Service, bystander: Bystander, name: str) -> None:
    request, statuses = RAW[name]
    status, text = send(service, request.encode())
    assert status in statuses, text[:500]
    head, _, body = text.partition("\r\n\r\n")
    assert "x-evil" not in head.lower()
    assert "root:" not in body
    assert not LEAK.search(text.replace("file:///etc/passwd", ""))
    assert not bystander.failed


def slow_senders(service: Service, stack: ExitStack) -> Iterator[socket.socket]:
    """Begin many requests and never end them: more than there are threads."""
    for _ in range(200):
        connection = stack.enter_context(connect(service))
        connection.sendall(
            f"POST /sparql HTTP/1.1\r\n{HEAD}Content-Type: {QUERY}\r\nContent-Length: 900\r\n\r\nASK".encode()
        )
        yield connection


def slow_readers(service: Service, stack: ExitStack) -> Iterator[socket.socket]:
    """Ask for much and take nothing of it."""
    request = posted("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000")
    for _ in range(20):
        connection = stack.enter_context(connect(service))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.sendall(request)
        yield connection


def many_connections(service: Service, stack: ExitStack) -> Iterator[socket.socket]:
    """Open connections and say nothing, or half a head."""
    for number in range(600):
        connection = stack.enter_context(connect(service))
        if number % 2:
            connection.sendall(b"GET /sparql HTTP/1.1\r\nHost: ")
        yield connection


def is_open(connection: socket.socket) -> bool:
    """Whether the server has not closed it."""
    connection.settimeout(0)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


@pytest.mark.parametrize("attack", [slow_senders, slow_readers, many_connections], ids=lambda a: a.__name__)
def test_others_are_answered_meanwhile(
    service: Service, attack: Callable[[Service, ExitStack], Iterator[socket.socket]]
) -> None:
    with ExitStack() as stack, Bystander(service) as other:
        connections = list(attack(service, stack))
        other.is_answered(20)
        assert any(map(is_open, connections))  # the attack goes on


def test_a_flood_of_long_queries_is_told_to_wait(lights: Release) -> None:
    """One client may have two: so many run or wait, each of the others is told at once; another client is answered."""
    limits = {"query_seconds": QUERY_SECONDS, "client_slow": 2, "workers": 1, "cache_memory": 0}
    with ExitStack() as stack, serving(lights.path.parent, **limits) as service, Bystander(service) as other:
        flood = [stack.enter_context(connect(service)) for _ in range(60)]
        for connection in flood:
            connection.sendall(posted(QUERIES["cross product"][0]))
        wait_until(lambda: sum(map(is_told, flood)) == len(flood) - 2)
        other.is_answered(20)
        waiting = [connection for connection in flood if not is_told(connection)]
        assert len(waiting) == 2
        for connection in flood:
            if connection not in waiting:
                text = whole(connection)
                assert text.split()[1] == "429"
                assert "retry-after: " in text.lower()
        for told in range(len(waiting)):
            service.end_long_queries()
            wait_until(lambda told=told: sum(map(is_told, waiting)) > told)  # type: ignore[misc]
        assert [whole(connection).split()[1] for connection in waiting] == ["503", "503"]


def is_told(connection: socket.socket) -> bool:
    """Whether an answer has come."""
    ready = select.poll()
    ready.register(connection, select.POLLIN)
    return bool(ready.poll(0))


def whole(connection: socket.socket) -> str:
    """The answer, head and all."""
    connection.settimeout(PATIENCE)
    with connection.makefile("rb") as file:
        return file.read().decode()


def test_the_bystander_was_answered_all_along(bystander: Bystander) -> None:
    """Not one of its answers was another; how many there were depends on the machine."""
    bystander.is_answered(30)
