"""Bodies of requests in the real server: late, endless, too long, too many."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest

from tests.conftest import PATIENCE, wait_until
from tests.server.conftest import QUERY_SECONDS, Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release

ASK = b"query=ASK{}"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def impatient(lights: Release) -> Iterator[Service]:
    """A server that waits a moment for a body, and reads two of each client, sixteen in all."""
    with serving(
        lights.path.parent, query_seconds=QUERY_SECONDS, workers=1, body_seconds=1.0, body_threads=16
    ) as service:
        yield service


@pytest.fixture(scope="module")
def patient(lights: Release) -> Iterator[Service]:
    """A server that waits for bodies as long as they come."""
    with serving(
        lights.path.parent, query_seconds=QUERY_SECONDS, workers=1, body_seconds=PATIENCE, body_threads=16
    ) as service:
        yield service


@contextmanager
def connected(service: Service, client: str = "127.0.0.1") -> Iterator[socket.socket]:
    port = urlsplit(service.url).port or 0
    with socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=(client, 0)) as connection:
        yield connection


def post(connection: socket.socket, fields: str, body: bytes = b"", path: str = "/sparql") -> None:
    connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{FORM}{fields}\r\n".encode() + body)


def received(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The response: status, fields and body, up to its Content-Length or the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(1 << 16)
        assert piece, "the connection was closed"
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
    while len(body) < int(fields["content-length"]) and (piece := connection.recv(1 << 16)):
        body += piece
    return int(line.split()[1]), fields, body


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed the connection, however it did."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    ("client", "fields", "body"),
    [
        ("127.0.0.2", "Content-Length: 11\r\n", b""),
        ("127.0.0.3", "Content-Length: 11\r\n", ASK[:-1]),
        ("127.0.0.4", "Transfer-Encoding: chunked\r\n", b"5\r\nquery\r\n"),
        ("127.0.0.5", "Content-Length: 11\r\nExpect: 100-continue\r\n", b""),
    ],
)
def test_a_body_that_does_not_come_is_given_up(impatient: Service, client: str, fields: str, body: bytes) -> None:
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(impatient, client)) for _ in range(2)]
        for connection in waiting:
            post(connection, fields, body)
        for connection in waiting:
            if "Expect" in fields:
                assert b"100 Continue" in connection.recv(len(CONTINUE))
            status, told, problem = received(connection)
            assert (status, told["connection"]) == (408, "close")
            assert json.loads(problem)["detail"].endswith("within 1 seconds.")
            assert is_closed(connection)
        wait_until(lambda: whole(impatient, client) == 200)  # although the clients hold their ends of the connections


def test_a_body_that_trickles_is_given_up(impatient: Service) -> None:
    with connected(impatient) as connection:
        post(connection, "Content-Length: 1000000\r\n")
        connection.settimeout(0.05)
        data = b""
        while not data:
            connection.sendall(b"q")
            try:
                data = connection.recv(1 << 16)
            except TimeoutError:
                continue
        assert data.startswith(b"HTTP/1.1 408 ")


def test_bodies_take_no_threads_of_others(patient: Service) -> None:
    with ExitStack() as stack:
        for client in range(2, 10):
            for _ in range(2):
                connection = stack.enter_context(connected(patient, f"127.0.0.{client}"))
                post(connection, "Content-Length: 11\r\nExpect: 100-continue\r\n")
                assert b"100 Continue" in connection.recv(len(CONTINUE))  # it is being read
                connection.sendall(b"query")
        assert whole(patient, "127.0.0.2") == 429
        assert whole(patient, "127.0.0.1") == 503
        for path in ("/doc/tower/roter-sand.ttl", "/search?q=sand", "/sparql?query=ASK{}"):
            with connected(patient) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                assert received(connection)[0] == 200
    wait_until(lambda: whole(patient, "127.0.0.1") == 200)


def test_a_long_query_keeps_its_place_until_it_is_answered(patient: Service) -> None:
    pattern = " ".join(f"?s{number} ?p{number} ?o{number} ." for number in range(9))
    query = f"SELECT (COUNT(*) AS ?count) {{ {pattern} }} # {'x' * 16_000}"
    body = f"query={quote(query)}&timeout=30".encode()
    with ExitStack() as stack:
        for place in range(3):
            connection = stack.enter_context(connected(patient, "127.0.0.2"))
            post(connection, f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n")
            is_read = connection.recv(len(CONTINUE), socket.MSG_PEEK) == CONTINUE
            assert is_read == (place < 2)
            if is_read:
                connection.sendall(body)
        assert received(connection)[0] == 429
        wait_until(lambda: whole(patient, "127.0.0.2") == 200)


def whole(service: Service, client: str) -> int:
    """The status of a whole query by POST."""
    with connected(service, client) as connection:
        post(connection, f"Content-Length: {len(ASK)}\r\n", ASK)
        status, fields, _ = received(connection)
        assert status == 200 or int(fields["retry-after"]) > 0
        return status


@pytest.mark.parametrize("fields", ["Content-Length: 1048577\r\n", "Transfer-Encoding: chunked\r\n"])
def test_a_body_that_is_too_long(patient: Service, fields: str) -> None:
    with connected(patient) as connection:
        post(connection, fields)
        if "chunked" in fields:
            connection.sendall(b"100001\r\n" + b"x" * 0x100001 + b"\r\n0\r\n\r\n")
        status, _, problem = received(connection)
        assert (status, json.loads(problem)["detail"]) == (413, "The body of a request may have 1048576 bytes.")


def test_a_body_that_nobody_reads_is_not_waited_for(patient: Service) -> None:
    for path in ("/doc/tower/roter-sand", "/sparql/other", "/"):
        with connected(patient) as connection:
            post(connection, "Content-Length: 1000000\r\n", path=path)
            assert received(connection)[0] in {404, 405}


def test_chunks_and_connections_that_are_used_again(patient: Service) -> None:
    with connected(patient) as connection:
        for _ in range(2):
            post(connection, "Transfer-Encoding: chunked\r\n", b"6\r\nquery=\r\n5\r\nASK{}\r\n0\r\n\r\n")
            assert received(connection)[0] == 200
            post(connection, f"Content-Length: {len(ASK)}\r\n", ASK)
            assert received(connection)[0] == 200
