"""How many requests for queries one client may have under way, from their first byte to the last of the answer."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from functools import lru_cache

_NETWORK = 64  # bits: one household or machine has a whole network of IPv6 addresses
_LONGEST = 64  # characters of what a proxy says, should that be no address


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


@lru_cache(4096)
def client_of(address: str) -> str:
    """The key of a client: an IPv4 address, the /64 network of an IPv6 address, any other text unchanged."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_LONGEST]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, _NETWORK), strict=False))
    return str(ip)
