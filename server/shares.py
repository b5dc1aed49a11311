"""Shares of clients in what the server has little of: counts for each client, and queues that serve clients in turn."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from core.errors import ParkGraphError

if TYPE_CHECKING:
    from collections.abc import Iterator


class ServerBusyError(ParkGraphError):
    """Clients together have all that there is."""


class ClientQuotaError(ParkGraphError):
    """The client has as much as one client may have."""


class ClientQuota:
    """How much of something each client has, at most `client_limit`, and all together, at most `limit`.

    Any thread may call it.
    """

    def __init__(self, client_limit: float, limit: float = math.inf) -> None:
        self._client_limit, self._limit = client_limit, limit
        self._taken: Counter[str] = Counter()
        self._total = 0
        self._lock = threading.Lock()

    def acquire(self, client: str, amount: int = 1) -> None:
        """Count so much for the client; raises ClientQuotaError or ServerBusyError, and counts nothing, beyond."""
        with self._lock:
            if self._taken[client] + amount > self._client_limit:
                raise ClientQuotaError("this client has its share already")
            if self._total + amount > self._limit:
                raise ServerBusyError("the server has no more to give at the moment")
            self._taken[client] += amount
            self._total += amount

    def release(self, client: str, amount: int = 1) -> None:
        with self._lock:
            self._total -= amount
            self._taken[client] -= amount
            if not self._taken[client]:
                del self._taken[client]

    @contextmanager
    def held(self, client: str) -> Iterator[None]:
        """Count one for the client meanwhile; raises as `acquire` does."""
        self.acquire(client)
        try:
            yield
        finally:
            self.release(client)


@dataclass(eq=False)
class _Waiter:
    client: str
    queue: FairQueue
    places: int
    called: threading.Event = field(default_factory=threading.Event)
    has_place: bool = False


class WaitingRoom:
    """Those who wait in one queue or in several, at most `size`.

    Where it is full, the last of the client with the most gives way to a client that has at least two fewer.
    """

    def __init__(self, size: int) -> None:
        self.lock = threading.Lock()  # of the queues too
        self.waiters: list[_Waiter] = []
        self._size = size

    def admit(self, waiter: _Waiter) -> bool:
        """Whether there is room for one more, who waits from now on; the lock is held."""
        if len(self.waiters) >= self._size and not self._make_room(waiter.client):
            return False
        self.waiters.append(waiter)
        return True

    def _make_room(self, client: str) -> bool:
        waiting = Counter(waiter.client for waiter in self.waiters)
        if not waiting:
            return False
        most = max(waiting, key=lambda other: waiting[other])
        if waiting[most] < waiting[client] + 2:
            return False
        last = next(waiter for waiter in reversed(self.waiters) if waiter.client == most)
        self.waiters.remove(last)
        last.called.set()
        return True


class FairQueue:
    """Places for so many at once; any thread may call it.

    A free place goes to the client that has the fewest, and among equals to the one whose last turn is the longest ago:
    one that asks for little never waits for all that another asks for. One client never has all places, if there are
    several, unless `client_places` says so.
    """

    def __init__(
        self,
        places: int,
        room: WaitingRoom,
        what: str,
        *,
        client_places: int | None = None,
        client_limit: float = math.inf,
    ) -> None:
        """what: those who have a place, for messages. client_limit: how many one client may have, waiting or not."""
        self._free, self._room, self._what = places, room, what
        self._client_places = client_places or max(1, places - 1)
        self._client_limit = client_limit
        self._taken: Counter[str] = Counter()
        self._turns: dict[str, int] = {}  # of the clients with a place or waiting: the number of their last turn
        self._numbers = count(1)

    def enter(self, client: str, deadline: float, places: int | None = None) -> None:
        """Take a place, waiting for one until the deadline (monotonic seconds).

        places: the most that the client may have with this one, if fewer than usual.

        Raises ServerBusyError if there is none by then, or no room to wait, and ClientQuotaError if the client has too
        many.
        """
        places = places or self._client_places
        with self._room.lock:
            if self._take(client, places):
                return
            waiter = _Waiter(client, self, places)
            if self._taken[client] + len(self._waiting(client)) >= self._client_limit:
                raise ClientQuotaError(
                    f"this client has {self._client_limit} {self._what} under way already; wait for one to end"
                )
            if not self._room.admit(waiter):
                raise self._busy()
        waiter.called.wait(max(0.0, deadline - time.monotonic()))
        with self._room.lock:
            if not waiter.has_place:
                if waiter in self._room.waiters:
                    self._room.waiters.remove(waiter)
                self._forget(client)
                raise self._busy()

    def try_enter(self, client: str) -> bool:
        """Take a place if one is free now."""
        with self._room.lock:
            return self._take(client, self._client_places)

    def has(self, client: str) -> bool:
        """Whether the client has a place, or waits for one."""
        with self._room.lock:
            return client in self._taken or bool(self._waiting(client))

    def leave(self, client: str) -> None:
        """Give the place back, to the next one."""
        with self._room.lock:
            self._free += 1
            self._taken[client] -= 1
            self._forget(client)
            order = sorted(
                self._waiting(), key=lambda one: (self._taken.get(one.client, 0), self._turns.get(one.client, 0))
            )
            waiter = next((one for one in order if self._take(one.client, one.places)), None)
            if waiter is not None:
                self._room.waiters.remove(waiter)
                waiter.has_place = True
                waiter.called.set()

    def counts(self) -> tuple[int, int]:
        """How many have a place, and how many wait."""
        with self._room.lock:
            return self._taken.total(), len(self._waiting())

    def _busy(self) -> ServerBusyError:
        return ServerBusyError(f"the server is busy with other {self._what}")

    def _take(self, client: str, places: int) -> bool:
        if not self._free or self._taken.get(client, 0) >= places:
            return False
        self._free -= 1
        self._taken[client] += 1
        self._turns[client] = next(self._numbers)
        return True

    def _waiting(self, client: str | None = None) -> list[_Waiter]:
        """Those who wait for this queue: all, or those of one client."""
        return [w for w in self._room.waiters if w.queue is self and client in {None, w.client}]

    def _forget(self, client: str) -> None:
        """Keep nothing of a client that has no place and does not wait."""
        if not self._taken[client]:
            del self._taken[client]
            if not self._waiting(client):
                self._turns.pop(client, None)


class Place:
    """The place that one request has in a queue, and leaves while it waits for something else."""

    def __init__(self, queue: FairQueue, client: str, seconds: float) -> None:
        """seconds: how long it waits for it, each time."""
        self._queue, self._client, self._seconds = queue, client, seconds
        self._is_taken = False

    def enter(self) -> None:
        """Raises ServerBusyError."""
        self._queue.enter(self._client, time.monotonic() + self._seconds)
        self._is_taken = True

    def leave(self) -> None:
        """Give it back; nothing happens where it is not taken."""
        if self._is_taken:
            self._is_taken = False
            self._queue.leave(self._client)

    @contextmanager
    def left(self) -> Iterator[None]:
        """Without the place; afterwards it is taken again."""
        self.leave()
        try:
            yield
        finally:
            self.enter()
