"""Two queues of queries: the fast one for every query at first, the slow one for those that turn out to be long.

Each queue runs a number of queries at once, its places; others wait, in both queues together not more than a limit.
A free place goes to the client that has the fewest in that queue, and among its equals to the one that came first. One
client never has all places of the fast queue, if there are several: a short query of another one finds a place at once.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

from server.query.errors import ClientQuotaError, ServerBusyError


class Queue(IntEnum):
    """The two queues."""

    FAST = 0
    SLOW = 1


@dataclass(frozen=True)
class QueueSizes:
    """How many queries run in each queue at once, how many may wait, and how many long ones a client may have."""

    fast: int
    slow: int
    waiting: int
    client_slow: int


@dataclass(eq=False)
class _Waiter:
    client: str
    called: threading.Event = field(default_factory=threading.Event)


class Queues:
    """The places of both queues; any thread may call it."""

    def __init__(self, sizes: QueueSizes) -> None:
        self._free = [sizes.fast, sizes.slow]
        self._most = [max(1, sizes.fast - 1), sizes.slow]  # places for one client
        self._room = sizes.waiting
        self._client_slow = sizes.client_slow
        self._running: list[Counter[str]] = [Counter(), Counter()]
        self._waiting: list[list[_Waiter]] = [[], []]
        self._lock = threading.Lock()

    def enter(self, queue: Queue, client: str, deadline: float) -> None:
        """Take a place, waiting for one until the deadline (monotonic seconds).

        Raises ServerBusyError if there is none by then, nor one to wait at, and ClientQuotaError if it is the client
        that has too many.
        """
        busy = ServerBusyError(f"the server is busy with other {'queries' if queue is Queue.FAST else 'long queries'}")
        with self._lock:
            if self._take(queue, client):
                return
            if queue is Queue.SLOW and self._long(client) >= self._client_slow:
                raise ClientQuotaError(
                    f"this client has {self._client_slow} long queries under way already; wait for one to end"
                )
            if not self._room:
                raise busy
            self._room -= 1
            waiter = _Waiter(client)
            self._waiting[queue].append(waiter)
        waiter.called.wait(max(0.0, deadline - time.monotonic()))
        with self._lock:
            self._room += 1
            if not waiter.called.is_set():
                self._waiting[queue].remove(waiter)
                raise busy

    def try_enter(self, queue: Queue, client: str) -> bool:
        """Take a place if one is free now."""
        with self._lock:
            return self._take(queue, client)

    def leave(self, queue: Queue, client: str) -> None:
        with self._lock:
            self._free[queue] += 1
            running = self._running[queue]
            running[client] -= 1
            if not running[client]:
                del running[client]
            if self._waiting[queue]:
                waiter = min(self._waiting[queue], key=lambda waiter: running[waiter.client])
                if self._take(queue, waiter.client):
                    self._waiting[queue].remove(waiter)
                    waiter.called.set()

    def counts(self) -> dict[tuple[str, ...], float]:
        """How many queries run and wait in each queue, by the names of both."""
        with self._lock:
            return {
                (queue.name.lower(), state): count
                for queue in Queue
                for state, count in (("running", self._running[queue].total()), ("waiting", len(self._waiting[queue])))
            }

    def _take(self, queue: Queue, client: str) -> bool:
        if not self._free[queue] or self._running[queue][client] >= self._most[queue]:
            return False
        self._free[queue] -= 1
        self._running[queue][client] += 1
        return True

    def _long(self, client: str) -> int:
        waiting = sum(waiter.client == client for waiter in self._waiting[Queue.SLOW])
        return self._running[Queue.SLOW][client] + waiting
