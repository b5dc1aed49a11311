"""How many requests for queries one client may have under way, from their first byte to the last of the answer."""

from __future__ import annotations

import threading
from collections import Counter


class ClientQuota:
    """Counts for each client; any thread may call it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def acquire(self, client: str) -> bool:
        """Count one more; False if the client has as many already as it may have."""
        with self._lock:
            if self._taken[client] >= self._limit:
                return False
            self._taken[client] += 1
            return True

    def release(self, client: str) -> None:
        with self._lock:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
