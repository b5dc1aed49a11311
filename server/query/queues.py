"""Who may run now: a light lane for every query at first, a heavy lane for those that turn out to be long.

Each lane has a number of places and those who wait for one; all who wait, in whichever lane, share one bounded queue.
A free place goes to the client that has the fewest in that lane, and among its equals to the one that came first. One
client never has all places of the light lane, if there are several: a short query of another one finds a place at once.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum


class Lane(IntEnum):
    """The two lanes."""

    LIGHT = 0
    HEAVY = 1


@dataclass(frozen=True)
class LaneSizes:
    """How many queries run in each lane at once, how many may wait, and how many long ones a client may have."""

    light: int
    heavy: int
    queue: int
    client_heavy: int


class QueueFullError(Exception):
    """So many wait already that waiting is pointless."""


class ShareTakenError(Exception):
    """The client has as many long queries as it may have, running or waiting."""


@dataclass(eq=False)
class _Waiter:
    client: str
    called: threading.Event = field(default_factory=threading.Event)


class Lanes:
    """Counts places; any thread may call it."""

    def __init__(self, sizes: LaneSizes) -> None:
        self._free = [sizes.light, sizes.heavy]
        self._most = [max(1, sizes.light - 1), sizes.heavy]  # places for one client
        self._room = sizes.queue
        self._client_heavy = sizes.client_heavy
        self._running: list[Counter[str]] = [Counter(), Counter()]
        self._waiting: list[list[_Waiter]] = [[], []]
        self._lock = threading.Lock()

    def enter(self, lane: Lane, client: str, deadline: float) -> bool:
        """Take a place, waiting for one until the deadline (monotonic seconds); False if there was none by then.

        Raises QueueFullError if there is no place, nor one to wait at, and ShareTakenError if it is the client that
        has too many.
        """
        with self._lock:
            if self._take(lane, client):
                return True
            if lane is Lane.HEAVY and self._long(client) >= self._client_heavy:
                raise ShareTakenError
            if not self._room:
                raise QueueFullError
            self._room -= 1
            waiter = _Waiter(client)
            self._waiting[lane].append(waiter)
        waiter.called.wait(max(0.0, deadline - time.monotonic()))
        with self._lock:
            self._room += 1
            if waiter.called.is_set():
                return True
            self._waiting[lane].remove(waiter)
            return False

    def try_enter(self, lane: Lane, client: str) -> bool:
        """Take a place if one is free now."""
        with self._lock:
            return self._take(lane, client)

    def leave(self, lane: Lane, client: str) -> None:
        with self._lock:
            self._free[lane] += 1
            running = self._running[lane]
            running[client] -= 1
            if not running[client]:
                del running[client]
            if self._waiting[lane]:
                waiter = min(self._waiting[lane], key=lambda waiter: running[waiter.client])
                if self._take(lane, waiter.client):
                    self._waiting[lane].remove(waiter)
                    waiter.called.set()

    def _take(self, lane: Lane, client: str) -> bool:
        if not self._free[lane] or self._running[lane][client] >= self._most[lane]:
            return False
        self._free[lane] -= 1
        self._running[lane][client] += 1
        return True

    def _long(self, client: str) -> int:
        waiting = sum(waiter.client == client for waiter in self._waiting[Lane.HEAVY])
        return self._running[Lane.HEAVY][client] + waiting
