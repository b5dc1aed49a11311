"""The cache of answers in the memory of one web process: responses to GET, and results of queries by POST or QUERY.

An answer depends on the release and the request alone, so it is right as long as the release is served; keys begin
with the id of the release.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

_LARGEST = 8  # one entry may have this part of all
_ENTRY = 700  # bytes of an entry itself: its place in the mapping, and its objects without what they hold


class Cache:
    """A mapping bounded in bytes, the least recently used goes first; any thread may use it."""

    def __init__(self, limit: int) -> None:
        """limit: bytes, keys and all that belongs to an entry included."""
        self._limit, self.size = limit, 0
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: object, parts: Iterable[object]) -> None:
        """Keep a value, if it is not too large; parts: the objects that key and value consist of."""
        size = _ENTRY + sum(map(sys.getsizeof, parts))
        if size > self._limit // _LARGEST:
            return
        with self._lock:
            _, before = self._entries.pop(key, (None, 0))
            self._entries[key] = (value, size)
            self.size += size - before
            while self.size > self._limit:
                _, (_, removed) = self._entries.popitem(last=False)
                self.size -= removed
