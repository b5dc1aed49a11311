"""Answers kept in the memory of one process, the least recently used given up first."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

Value = TypeVar("Value")
_LARGEST = 8  # one value may have this part of all


class Memory(Generic[Value]):
    """A mapping bounded in bytes; any thread may use it."""

    def __init__(self, limit: int) -> None:
        self._limit, self._taken = limit, 0
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        found = self._values.get(key)
        if found is None:
            return None
        with contextlib.suppress(KeyError):  # another thread may have just given it up
            self._values.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """size: bytes that key and value take, about."""
        if size > self._limit // _LARGEST:
            return
        with self._lock:
            _, before = self._values.pop(key, (None, 0))
            self._values[key] = (value, size)
            self._taken += size - before
            while self._taken > self._limit:
                _, (_, given_up) = self._values.popitem(last=False)
                self._taken -= given_up
