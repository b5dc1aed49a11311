"""Which addresses count as one client, wherever there is a limit for each."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_NETWORK = 64  # bits: one household or machine has a whole network of IPv6 addresses
_LONGEST = 64  # characters of what a proxy says, should that be no address


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
