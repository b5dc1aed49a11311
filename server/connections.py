"""Cuts connections that break a limit: more than a client may have, or its part of all, and readers that are too slow.

The application server bounds the connections of a process and the time that a head may take, but knows no clients and
waits for ever for a reader. The kernel tells of each socket who is at its other end and what was acknowledged; so a
thread looks at those of this process (Linux alone: /proc/self/fd, TCP_INFO) and shuts down what breaks a limit. That
wakes the application server, which drops the connection, and with it the thread that sends or reads there.
"""

from __future__ import annotations

import fcntl
import os
import resource
import socket
import stat
import struct
import termios
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from server.clients import client_of
from server.metrics import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings

# Each web process holds so many connections: many more than it has threads, for most of them say nothing at the moment,
# and many more than one client may have, for it takes a moment to cut those beyond.
_MOST = 4096
_OTHER_FILES = 1024  # descriptors of a web process that are for queries and releases
_FULL = 3 / 4  # part of the places from which on those of the clients with the most are given to others
SEND_SECONDS = 20.0  # over which the rate of a reader is measured
SEND_RATE = 4096  # bytes a second that a reader has to take in that time, as long as there are any for it
_PAUSE = 0.25  # seconds between two looks
_DESCRIPTORS = Path("/proc/self/fd")
_TCP_INFO_SIZE = 128  # bytes of `struct tcp_info` up to the end of tcpi_bytes_acked (Linux 4.1)
_RESET = struct.pack("ii", 1, 0)  # struct linger: closing discards what is unsent, and tells the other end


def allow() -> int:
    """Raise the limit of open files as far as is needed and allowed; how many connections a web process may hold."""
    wanted = _MOST + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(1, wanted - _OTHER_FILES)


def watch(settings: Settings) -> Connections:
    """Watch the connections of this process in the background, for as long as it lives.

    Behind proxies all connections are theirs, so only the rate counts.
    """
    limit = None if settings.trusted_proxies else settings.client_connections
    connections = Connections(settings.port, limit, int(allow() * _FULL))
    if not _DESCRIPTORS.exists():
        return connections

    def look_again_and_again() -> None:
        while True:
            with suppress(OSError):  # no descriptor is to be had at the moment
                connections.look(time.monotonic())
            time.sleep(_PAUSE)

    threading.Thread(target=look_again_and_again, name="connections", daemon=True).start()
    return connections


@dataclass(slots=True)
class _Connection:
    """One connection; since and acknowledged: from when on it has had unsent bytes, and what had arrived by then."""

    client: str
    since: float | None = None
    acknowledged: int = 0


class Connections:
    """The connections of this process to one port of its own, and the limits that they have to keep.

    port: the local one; limit: how many each client may have, None for any number; most: how many all of them may
    have, for which the limit of each is lowered where that is necessary.
    """

    def __init__(self, port: int, limit: int | None, most: int) -> None:
        self._port, self._limit, self._most = port, limit, most
        self.cuts = Tally(())
        # by the inode of the socket, which no other has while it is open, in the order in which they were first seen;
        # None for other sockets, and for a connection that has been cut
        self._known: dict[int, _Connection | None] = {}

    @property
    def count(self) -> int:
        """How many connections there are, those that were cut not included."""
        return sum(connection is not None for connection in self._known.values())

    def has(self, client: str) -> bool:
        """Whether a connection was the client's at the last look; behind proxies none is, for they are the proxies'."""
        return any(connection is not None and connection.client == client for connection in [*self._known.values()])

    def look(self, now: float) -> None:
        """Look at each connection once, and cut those that break a limit; now: seconds of a clock that only rises."""
        descriptors = dict(_sockets())
        known = {inode: connection for inode, connection in self._known.items() if inode in descriptors}
        for inode, descriptor in descriptors.items():
            if inode not in known:
                known[inode] = self._identify(descriptor, inode)
        self._known = known
        limit, counts = self._limit_of_each(), Counter[str]()
        for inode, connection in known.items():
            if connection is None:
                continue
            counts[connection.client] += 1
            is_beyond = limit is not None and counts[connection.client] > limit
            if is_beyond or _is_slow(connection, descriptors[inode], inode, now):
                known[inode] = None
                self.cuts.count += 1
                _cut(descriptors[inode], inode)

    def _limit_of_each(self) -> int | None:
        """The limit of each client, by which all of them together stay below theirs; one connection is left to each."""
        counts = Counter(connection.client for connection in self._known.values() if connection is not None).values()
        limit = self._limit
        while limit is not None and limit > 1 and sum(min(count, limit) for count in counts) > self._most:
            limit //= 2
        return limit

    def _identify(self, descriptor: int, inode: int) -> _Connection | None:
        with suppress(OSError), _opened(descriptor, inode) as own:
            if own.family in {socket.AF_INET, socket.AF_INET6} and own.getsockname()[1] == self._port:
                return _Connection(client_of(own.getpeername()[0]))  # OSError for one that listens
        return None


def _sockets() -> Iterator[tuple[int, int]]:
    """Inode and descriptor of each socket that this process has open."""
    for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208 - thousands of them, four times a second
        with suppress(OSError):  # closed meanwhile
            found = os.fstat(int(name))
            if stat.S_ISSOCK(found.st_mode):
                yield found.st_ino, int(name)


def _opened(descriptor: int, inode: int) -> socket.socket:
    """The socket with a descriptor of its own; OSError if the one given stands for another by now."""
    own = os.dup(descriptor)
    if os.fstat(own).st_ino == inode:
        return socket.socket(fileno=own)
    os.close(own)
    raise OSError("the descriptor stands for something else")


def _is_slow(connection: _Connection, descriptor: int, inode: int, now: float) -> bool:
    """Whether the reader has taken less than it has to; a new measurement begins whenever it has taken all."""
    try:
        if not struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))[0]:
            connection.since = None
            return False
        if connection.since is not None and now - connection.since < SEND_SECONDS:
            return False
        with _opened(descriptor, inode) as own:
            information = own.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_SIZE)
    except OSError:  # closed meanwhile
        return False
    acknowledged = struct.unpack_from("<Q", information, _TCP_INFO_SIZE - 8)[0]
    since, before = connection.since, connection.acknowledged
    connection.since, connection.acknowledged = now, acknowledged
    return since is not None and acknowledged - before < SEND_RATE * (now - since)


def _cut(descriptor: int, inode: int) -> None:
    with suppress(OSError), _opened(descriptor, inode) as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        own.shutdown(socket.SHUT_RDWR)
