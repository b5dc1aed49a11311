"""Addresses give the key of a client: an IPv4 address, the /64 network of an IPv6 address, any other text cut."""

from __future__ import annotations

import pytest

from server.clients import client_of


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("x" * 1000, "x" * 64),
        ("", ""),
    ],
)
def test_who_is_one_client(address: str, client: str) -> None:
    assert client_of(address) == client
