"""The Forwarded field of a request gives its REMOTE_ADDR and scheme, by so many elements as there are proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from server.middleware.forwarded import ForwardedMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PROXY = "203.0.113.9"


def start(_status: str, _headers: list[tuple[str, str]], _error: object = None) -> Any: ...


def seen(proxies: int, **fields: str) -> tuple[str, str]:
    """Address and scheme that the application sees of a request that a proxy passes on."""
    found: list[WSGIEnvironment] = []

    def application(environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
        found.append(environ)
        return []

    environ = {"REMOTE_ADDR": PROXY, "wsgi.url_scheme": "http", **{f"HTTP_{k.upper()}": v for k, v in fields.items()}}
    ForwardedMiddleware(application, proxies)(environ, start)
    return found[0]["REMOTE_ADDR"], found[0]["wsgi.url_scheme"]


@pytest.mark.parametrize(
    ("field", "client"),
    [
        ("for=192.0.2.1", "192.0.2.1"),
        ("For=192.0.2.1", "192.0.2.1"),
        ("proto=http; FOR=192.0.2.1 ;by=203.0.113.9", "192.0.2.1"),
        ('for="192.0.2.1"', "192.0.2.1"),
        ('for="192.0.2.1:4711"', "192.0.2.1"),
        ("for=192.0.2.1:4711", "192.0.2.1"),
        ('for="192.0.2.1:_port"', "192.0.2.1"),
        ('for="[2001:db8::17]"', "2001:db8::17"),
        ('for="[2001:db8::17]:4711"', "2001:db8::17"),
        ('for="2001:db8::17"', "2001:db8::17"),
        ("for=2001:db8::17", "2001:db8::17"),
        ('for="[192.0.2.1]"', "192.0.2.1"),
        ("for=_SEVKISEK", "_SEVKISEK"),
        ('for="_gazonk:4711"', "_gazonk"),
        ("for=unknown", "unknown"),
        ("for=198.51.100.1, for=192.0.2.1", "192.0.2.1"),
        ("for=198.51.100.1,for=192.0.2.1", "192.0.2.1"),
        ('for="198.51.100.1,for=7", for=192.0.2.1', "192.0.2.1"),
        # what a client writes to hide what the proxy adds
        ('for=", for=192.0.2.1', "192.0.2.1"),
        ('for="\\", for=192.0.2.1', "192.0.2.1"),
        ('"\\"\\"\\", for="[2001:db8::17]"', "2001:db8::17"),
        (", , for=192.0.2.1", "192.0.2.1"),
        ("for=198.51.100.1;" * 5000 + ",for=192.0.2.1", "192.0.2.1"),
        # nothing that tells the client: that is the proxy then
        ("", PROXY),
        ("for=", PROXY),
        ('for=""', PROXY),
        ("by=203.0.113.9", PROXY),
        ("192.0.2.1", PROXY),
        ('for="192.0.2.1', PROXY),
        ("for=192.0.2.1,", PROXY),
    ],
)
def test_the_client_of_a_request(field: str, client: str) -> None:
    assert seen(1, forwarded=field)[0] == client


@pytest.mark.parametrize(
    ("proxies", "field", "client"),
    [
        (2, "for=192.0.2.1, for=198.51.100.1", "192.0.2.1"),
        (2, "for=192.0.2.7, for=192.0.2.1, for=198.51.100.1", "192.0.2.1"),
        (3, 'for="[2001:db8::1]:80", for=192.0.2.1, for=198.51.100.1', "2001:db8::1"),
        (2, "for=198.51.100.1", PROXY),
        (2, 'for=", for=198.51.100.1', PROXY),
    ],
)
def test_several_proxies(proxies: int, field: str, client: str) -> None:
    assert seen(proxies, forwarded=field)[0] == client


def test_the_scheme_of_a_request() -> None:
    assert seen(1, forwarded="for=192.0.2.1;proto=https") == ("192.0.2.1", "https")
    assert seen(1, forwarded='Proto="HTTPS";for=192.0.2.1')[1] == "https"
    assert seen(1, forwarded="for=192.0.2.1;proto=gopher")[1] == "http"
    assert seen(1, forwarded="proto=https,for=192.0.2.1")[1] == "http"


def test_other_fields_tell_nothing() -> None:
    assert seen(1, x_forwarded_for="192.0.2.1", x_forwarded_proto="https", x_real_ip="192.0.2.1") == (PROXY, "http")
