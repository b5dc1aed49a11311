"""Who may run now: a light lane for every query at first, a heavy lane for those that turn out to be long.

Each lane has a number of places and those who wait for one; all who wait, in whichever lane, share one bounded queue.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import IntEnum


class Lane(IntEnum):
    """The two lanes."""

    LIGHT = 0
    HEAVY = 1


@dataclass(frozen=True)
class LaneSizes:
    """How many queries run in each lane at once, and how many may wait."""

    light: int
    heavy: int
    queue: int


class QueueFullError(Exception):
    """So many wait already that waiting is pointless."""


class Lanes:
    """Counts places; any thread may call it."""

    def __init__(self, sizes: LaneSizes) -> None:
        self._free = [sizes.light, sizes.heavy]
        self._room = sizes.queue
        self._changed = threading.Condition()

    def enter(self, lane: Lane, deadline: float) -> bool:
        """Take a place, waiting for one until the deadline (monotonic seconds); False if there was none by then.

        Raises QueueFullError if there is no place, nor one to wait at.
        """
        with self._changed:
            if self._free[lane]:
                self._free[lane] -= 1
                return True
            if not self._room:
                raise QueueFullError
            self._room -= 1
            try:
                taken = self._changed.wait_for(lambda: self._free[lane] > 0, max(0.0, deadline - time.monotonic()))
            finally:
                self._room += 1
            if taken:
                self._free[lane] -= 1
            return taken

    def try_enter(self, lane: Lane) -> bool:
        """Take a place if one is free now."""
        with self._changed:
            if not self._free[lane]:
                return False
            self._free[lane] -= 1
            return True

    def leave(self, lane: Lane) -> None:
        with self._changed:
            self._free[lane] += 1
            self._changed.notify_all()
