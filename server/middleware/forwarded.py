"""Takes the client's address and scheme from what the proxies in front report (RFC 7239).

X-Forwarded-For is not read: under WSGI X_Forwarded_For is the same variable, so a client could write it where a proxy
lets such names pass. The name Forwarded has nothing that an underscore could stand for.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from server.http.request_id import take_sent_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LONGEST = 256  # characters that the element of one proxy may have
# Read from its end, where trusted proxies have written: quotes that a client leaves open further left change nothing.
_ELEMENT_REVERSED = re.compile(r'(?:[^",]|"[^"]*")*+')
_PARAMETER = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)=(?:"([^"]*)"|([^\s;"]*))\s*(?:;|$)')
_NODE = re.compile(r"\[?(.*?)\]?(?::(?:\d{1,5}|_[\w.-]+))?")  # RFC 7239, 6: an address or a name, and a port
_SCHEMES = frozenset({"http", "https"})


class Hop(NamedTuple):
    """One element of the field: the client that a proxy was asked by, and over which scheme; "" for what is not told.

    client: an IP address without its port, or the name that the proxy gives instead, as `unknown` or `_hidden`.
    """

    client: str
    scheme: str


class ForwardedMiddleware:
    """Sets REMOTE_ADDR and the scheme by the element that the first of the trusted proxies has added.

    proxies: how many there are, each of which adds one element. Without so many elements nothing is changed. The
    request id is theirs too.
    """

    def __init__(self, application: WSGIApplication, proxies: int) -> None:
        self._application, self._proxies = application, proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        take_sent_id(environ)
        field = environ.get("HTTP_FORWARDED")
        if field is not None:
            client, scheme = _hop(field[-_LONGEST * self._proxies :], self._proxies)
            if client:
                environ["REMOTE_ADDR"] = client
            if scheme:
                environ["wsgi.url_scheme"] = scheme
        return self._application(environ, start_response)


@lru_cache(4096)
def _hop(field: str, place: int) -> Hop:
    """The element of a Forwarded field at a place, which counts from 1 at the last one."""
    text, end = field[::-1], -1
    for _ in range(place):
        start = end + 1
        element = _ELEMENT_REVERSED.match(text, start)
        if element is None or start > len(text):
            return Hop("", "")
        end = element.end()
        if end < len(text) and text[end] != ",":  # a quote that is not closed
            return Hop("", "")
    return _read(text[start:end][::-1])


def _read(element: str) -> Hop:
    """The parameters `for` and `proto` of an element."""
    values: dict[str, str] = {}
    place = 0
    while match := _PARAMETER.match(element, place):
        values.setdefault(match[1].lower(), match[2] or match[3] or "")
        place = match.end()
    scheme = values.get("proto", "").lower()
    return Hop(_address(values.get("for", "")), scheme if scheme in _SCHEMES else "")


def _address(node: str) -> str:
    """The address or name in a `for` parameter, whose port is left out."""
    match = None if _is_address(node) else _NODE.fullmatch(node)  # an IPv6 address that lacks its brackets ends alike
    return match[1] if match else node


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
