"""Limits of connections: how many a client may have, and how slow a reader may be."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from server.connections import SEND_RATE, SEND_SECONDS, Connections
from tests.conftest import PATIENCE, wait_until
from tests.server.conftest import TERMS, Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release

MANY_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 20000"  # more than the buffers of the kernel hold
PAGE = "/doc/tower/roter-sand"


class Site:
    """A port with both ends of its connections in this process."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._listener = self._keep(socket.create_server(("127.0.0.1", 0)))
        self.port: int = self._listener.getsockname()[1]

    def connect(self, client: str) -> tuple[socket.socket, socket.socket]:
        """The client's end, with a small buffer, and the server's."""
        ours = self._keep(socket.socket())
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ours.bind((client, 0))
        ours.connect(("127.0.0.1", self.port))
        return ours, self._keep(self._listener.accept()[0])

    def _keep(self, opened: socket.socket) -> socket.socket:
        self._stack.callback(opened.close)
        return opened

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with closing(Site()) as site:
        yield site


def test_it_knows_who_has_a_connection(site: Site) -> None:
    connections = Connections(site.port, None, 100)
    ours, server = site.connect("127.0.0.2")
    site.connect("127.0.0.3")
    connections.look(0)
    assert [connections.has(f"127.0.0.{number}") for number in (2, 3, 4)] == [True, True, False]
    ours.close()
    server.close()
    connections.look(1)
    assert [connections.has(f"127.0.0.{number}") for number in (2, 3)] == [False, True]


def is_cut(server: socket.socket) -> bool:
    try:
        server.send(b"")
        return server.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def fill(server: socket.socket) -> int:
    """Send until nothing more fits."""
    sent = 0
    with suppress(BlockingIOError):
        while True:
            sent += server.send(bytes(1 << 16), socket.MSG_DONTWAIT)
    return sent


def take(client: socket.socket, size: int) -> None:
    while size > 0:
        size -= len(client.recv(size))


def test_the_newest_connections_beyond_the_limit_go(site: Site) -> None:
    connections = Connections(site.port, limit=3, most=1000)
    first = [site.connect("127.0.0.2")[1] for _ in range(3)]
    connections.look(0)
    more = [site.connect("127.0.0.2")[1] for _ in range(4)]
    others = [site.connect("127.0.0.3")[1] for _ in range(3)]
    connections.look(1)
    assert [is_cut(server) for server in first + more + others] == [False] * 3 + [True] * 4 + [False] * 3
    for server in [first[0], *more]:
        server.close()
    again = [site.connect("127.0.0.2")[1] for _ in range(2)]
    connections.look(2)
    assert [is_cut(server) for server in again] == [False, True]


def test_all_together_have_a_limit(site: Site) -> None:
    """Those with the most give way, and nobody loses the only one."""
    connections = Connections(site.port, limit=10, most=12)
    many = [[site.connect(client)[1] for _ in range(8)] for client in ("127.0.0.2", "127.0.0.3")]
    few = [site.connect("127.0.0.4")[1] for _ in range(2)]
    connections.look(0)
    assert [sum(map(is_cut, servers)) for servers in (*many, few)] == [3, 3, 0]
    one_each = [site.connect(f"127.0.1.{number}")[1] for number in range(1, 15)]
    connections.look(1)
    assert not any(map(is_cut, one_each))
    assert [is_cut(few[0]), is_cut(few[1])] == [False, True]


def test_without_a_limit_none_is_cut(site: Site) -> None:
    servers = [site.connect("127.0.0.2")[1] for _ in range(50)]
    Connections(site.port, limit=None, most=1000).look(0)
    assert not any(map(is_cut, servers))


def test_other_sockets_are_let_be(site: Site) -> None:
    """Pairs, sockets that listen, and connections that this process has opened itself."""
    with closing(Site()) as elsewhere, ExitStack() as stack:
        pairs = [stack.enter_context(end) for _ in range(3) for end in socket.socketpair()]
        outward = [elsewhere.connect("127.0.0.2")[0] for _ in range(3)]
        clients = [site.connect("127.0.0.2")[0]]
        fill(pairs[0])
        connections = Connections(site.port, limit=1, most=1000)
        for now in range(3):
            connections.look(now * SEND_SECONDS)
        assert not any(map(is_cut, [*pairs[1:], *outward, *clients]))
        site.connect("127.0.0.3")  # it still listens


def test_a_reader_that_stalls_is_cut(site: Site) -> None:
    client, server = site.connect("127.0.0.2")
    connections = Connections(site.port, limit=None, most=1000)
    sent = fill(server)
    connections.look(0)
    connections.look(SEND_SECONDS - 1)
    assert not is_cut(server)
    connections.look(SEND_SECONDS)
    assert is_cut(server)
    server.close()
    with pytest.raises(ConnectionResetError):  # and so it can tell that this is not the whole
        take(client, sent)


@pytest.mark.parametrize(("share", "cut"), [(0.5, True), (3, False)])
def test_the_rate_of_a_reader(site: Site, share: float, cut: bool) -> None:  # noqa: FBT001
    """share: how much of what it has to take a reader takes in each period."""
    client, server = site.connect("127.0.0.2")
    connections = Connections(site.port, limit=None, most=1000)
    fill(server)
    for period in range(4):
        connections.look(period * SEND_SECONDS)
        if is_cut(server):
            break
        take(client, int(SEND_RATE * SEND_SECONDS * share))
        fill(server)
    assert is_cut(server) == cut


def test_who_has_taken_all_is_not_slow(site: Site) -> None:
    client, server = site.connect("127.0.0.2")
    connections = Connections(site.port, limit=None, most=1000)
    for period in range(4):
        server.sendall(b"x" * 100)
        connections.look(period * SEND_SECONDS)
        take(client, 100)
        connections.look((period + 0.5) * SEND_SECONDS)
    assert not is_cut(server)


def connect(service: Service, client: str, data: bytes = b"") -> socket.socket:
    """A connection from an address, with a small buffer, over which this has been sent."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.settimeout(PATIENCE)
    opened.bind((client, 0))
    opened.connect(("127.0.0.1", urlsplit(service.url).port or 0))
    with suppress(ConnectionError):  # cut at once
        opened.sendall(data)
    return opened


def head(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/turtle, */*\r\n\r\n".encode()


def status(service: Service, client: str) -> bytes:
    with connect(service, client, head(PAGE)) as connection:
        return connection.recv(12)


def has_ended(connection: socket.socket) -> bool:
    """Whether the server has closed it."""
    connection.settimeout(0)
    try:
        while connection.recv(1 << 16):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True


def is_reset(connection: socket.socket) -> bool:
    """Whether the server has broken it off; takes nothing of what has been sent."""
    poll = select.poll()
    poll.register(connection, 0)  # errors alone
    return bool(poll.poll(0))


def test_one_address_does_not_take_the_places_of_others(lights: Release) -> None:
    with serving(lights.path.parent, workers=1, client_connections=10) as service, ExitStack() as stack:
        silent = [stack.enter_context(connect(service, "127.0.0.2")) for _ in range(200)]
        assert status(service, "127.0.0.3") == b"HTTP/1.1 200"
        wait_until(lambda: sum(map(has_ended, silent)) >= len(silent) - 10)
        assert status(service, "127.0.0.3") == b"HTTP/1.1 200"


def test_connections_that_keep_their_place_for_nothing_are_closed(lights: Release) -> None:
    """Those that say nothing or half of a head; and those that do not read, which would each hold a thread."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
    starts = [b"", b"P", preface[:10], preface, head(PAGE)[:20], head(PAGE), head(PAGE)[:-2] + upgrade + b"\r\n"]
    with serving(lights.path.parent, workers=1) as service, ExitStack() as stack:
        idle = [stack.enter_context(connect(service, "127.0.0.2", start)) for start in starts]
        assert idle[-1].recv(15, socket.MSG_WAITALL) == b"HTTP/1.1 200 OK"  # HTTP/2 is not spoken
        slow = head("/sparql?" + urlencode({"query": MANY_ROWS, "format": "csv"}))
        readers = [stack.enter_context(connect(service, f"127.0.0.{number}", slow)) for number in range(4, 8)]
        assert {reader.recv(12, socket.MSG_WAITALL) for reader in readers} == {b"HTTP/1.1 200"}
        wait_until(lambda: all(map(has_ended, idle)))
        wait_until(lambda: all(map(is_reset, readers)))
        assert status(service, "127.0.0.3") == b"HTTP/1.1 200"


def test_a_validation_ends_with_the_connection_of_its_client(lights: Release) -> None:
    """It is stopped here, so that it does not end by itself."""
    data = "".join(f"<urn:{n}> a <{TERMS}Mast> ; <{TERMS}built> {n} .\n" for n in range(10_000)).encode()
    head = f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\nContent-Length: {len(data)}\r\n\r\n"
    with serving(lights.path.parent) as service:
        with socket.create_connection(("127.0.0.1", urlsplit(service.url).port or 0)) as connection:
            connection.sendall(head.encode() + data)
            wait_until(service.long_queries)
            (pid,) = service.long_queries()
            os.kill(pid, signal.SIGSTOP)
            time.sleep(5)  # so that the connection has been seen, on a busy machine too
        wait_until(lambda: not Path(f"/proc/{pid}").exists())
