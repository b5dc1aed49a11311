"""Answers from memory what has been answered before.

The application makes each representation of a release once; whoever asks for it again gets it without the framework.
What may be kept the answer itself says (RFC 9111, 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, cast

from werkzeug.http import parse_date
from werkzeug.wsgi import ClosingIterator

from release.reader import RELEASE
from server.http.context import KEY, RequestContext
from server.metrics import HITS, MISSES, REQUESTS
from server.semantics.caching import is_storable
from server.semantics.coding import choose
from server.semantics.conditional import FAILED, MET, Precondition, Validators, evaluate
from server.semantics.memento import FIELD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.metrics import Metrics, Tally
    from server.query.cache import Cache
    from server.releases import CurrentRelease

_SAFE = frozenset({"GET", "HEAD"})
_NOT_IN_304 = frozenset({"content-encoding", "content-length", "content-type"})
_LONGEST_KEY = 16_000  # characters


@dataclass(slots=True)
class CachedResponse:
    """A whole response to a GET request, as it is sent again and again; validators: without a content coding."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    validators: Validators
    sent: Tally
    not_modified: Tally


class CacheMiddleware:
    """Keeps whole responses to GET in memory, and answers GET and HEAD, conditional ones too, from there."""

    def __init__(self, application: WSGIApplication, current: CurrentRelease, cache: Cache, metrics: Metrics) -> None:
        self._application, self._current, self._cache, self._metrics = application, current, cache, metrics
        self._misses = metrics.tally((MISSES, ()))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in _SAFE or (FIELD in environ and f"/{RELEASE}" not in environ["PATH_INFO"]):
            return self._application(environ, start_response)  # TimeGateMiddleware finds the release of a time
        key = _key(environ, self._current.manifest.id)
        cached: CachedResponse | None = self._cache.get(key)
        if cached is None or (outcome := evaluate(environ, cached.validators)) is FAILED:
            if method == "HEAD":  # its answer is the one to GET without its body
                environ["REQUEST_METHOD"] = "GET"
                environ.pop("HTTP_RANGE", None)  # has no meaning with HEAD (RFC 9110, 14.2)
            body = self._make(environ, start_response, key)
        elif outcome is MET:
            cached.sent.count += 1
            start_response(cached.status, cached.headers)
            body = [cached.body]
        else:
            cached.not_modified.count += 1
            start_response("304 NOT MODIFIED", _not_modified(cached, outcome))
            return [b""]
        if method == "HEAD":
            ClosingIterator(body).close()
            return [b""]
        return body

    def _make(
        self, environ: WSGIEnvironment, start_response: StartResponse, key: tuple[object, ...]
    ) -> Iterable[bytes]:
        """Have the application make the response, and keep it if it is one to keep."""
        self._misses.count += 1
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            head[:] = [(status, headers)]

        body = self._application(environ, cast("StartResponse", start))
        status, headers = head[0]
        context: RequestContext | None = environ.get(KEY)  # None: the request was refused before it had a release
        # by another release than that of the key where a new one has come in between
        is_current = context is not None and context.current == key[0]
        if isinstance(body, list) and is_current and is_storable(int(status[:3]), headers):
            self._store(key, status, headers, b"".join(body), context.route if context else "")
        start_response(status, headers)
        return body

    def _store(
        self, key: tuple[object, ...], status: str, headers: list[tuple[str, str]], body: bytes, route: str
    ) -> None:
        if sum(map(len, map(str, key))) > _LONGEST_KEY or not key[2]:  # without a host only HTTP/1.0 gets an answer
            return
        fields: dict[str, str] = {}
        for name, value in headers:
            fields[name] = f"{fields[name]}, {value}" if name in fields else value  # RFC 9110, 5.3
        fields["Server-Timing"] = "cache"
        tag = fields["ETag"].strip('"')
        if "Content-Encoding" in fields:
            tag = tag.removesuffix(f"-{fields['Content-Encoding']}")
        modified = _time(fields["Last-Modified"])
        if modified is not None:
            cached = CachedResponse(
                status,
                [*fields.items()],
                body,
                Validators(tag, modified),
                self._metrics.tally((HITS, (route,)), (REQUESTS, (route, "GET", "200"))),
                self._metrics.tally((HITS, (route,)), (REQUESTS, (route, "GET", "304"))),
            )
            self._cache.put(key, cached, chain(key, (body, tag), cached.headers, *cached.headers))


@lru_cache
def _time(last_modified: str) -> datetime | None:
    """The time of a field of ours; releases have few."""
    return parse_date(last_modified)


def _key(environ: WSGIEnvironment, release: str) -> tuple[object, ...]:
    """All that a response depends on: of Accept-Encoding the coding that it prefers, not its text."""
    get = environ.get
    coding = choose(get("HTTP_ACCEPT_ENCODING"))
    return (
        release,
        environ["wsgi.url_scheme"],
        get("HTTP_HOST", ""),
        environ["PATH_INFO"],
        environ["QUERY_STRING"],
        get("HTTP_ACCEPT", ""),
        get("HTTP_ACCEPT_LANGUAGE", ""),
        coding,
    )


def _not_modified(cached: CachedResponse, outcome: Precondition) -> list[tuple[str, str]]:
    """The header fields of a 304 (RFC 9110, 15.4.5)."""
    tag = {"ETag": f'"{outcome.tag}"'} if outcome.tag else {}
    fields = {name: value for name, value in cached.headers if name.lower() not in _NOT_IN_304}
    return list({**fields, **tag}.items())
