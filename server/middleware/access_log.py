"""Writes a line to the access log for each request, and its id into the answer."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from weakref import finalize

from release.reader import RELEASE
from server.access_log import now
from server.http.context import KEY
from server.http.request_id import FIELD, request_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.access_log import AccessLog
    from server.releases import CurrentRelease

_QUERY_OR_FRAGMENT = re.compile(r"[?#]")
_RELEASE = re.compile(rf"/{RELEASE}([0-9a-f]{{16}})(?:/|$)")
_FROM_CACHE = ("Server-Timing", "cache")


class AccessLogMiddleware:
    """queries: whether query strings are written; else but the path, of the address and of Referer."""

    def __init__(self, application: WSGIApplication, log: AccessLog, current: CurrentRelease, *, queries: bool) -> None:
        self._application, self._log, self._current, self._queries = application, log, current, queries

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began, came = time.perf_counter(), now()
        identity = request_id(environ)
        # as they came: the application goes down the path, and makes HEAD a GET
        asked = {
            "method": environ["REQUEST_METHOD"],
            "path": _text(environ["PATH_INFO"]),
            "query": _text(environ["QUERY_STRING"]) or None if self._queries else None,
        }
        release = self._release(environ["PATH_INFO"])
        head: dict[str, Any] = {"status": 500, "cache": "miss"}

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            head["status"] = int(status[:3])
            head["cache"] = "hit" if _FROM_CACHE in headers else "miss"
            own = [] if (FIELD, identity) in headers else [(FIELD, identity)]
            return start_response(status, [*headers, *own], *rest)

        def write(size: int) -> None:
            context = environ.get(KEY)
            self._log.write(
                {
                    "time": came,
                    "request_id": identity,
                    "client": environ.get("REMOTE_ADDR", ""),
                    **asked,
                    "status": head["status"],
                    "bytes": size,
                    "duration_ms": round((time.perf_counter() - began) * 1000, 2),
                    "user_agent": _text(environ["HTTP_USER_AGENT"]) if "HTTP_USER_AGENT" in environ else None,
                    "referer": self._referer(environ),
                    "release": context.identity if context else release,
                    "cache": head["cache"],
                }
            )

        try:
            body = self._application(environ, start)
        except BaseException:
            write(0)
            raise
        if isinstance(body, list):
            write(sum(map(len, body)))
            return body
        return _Counted(body, write)

    def _release(self, path: str) -> str:
        named = _RELEASE.search(path)
        return named[1] if named else self._current.manifest.id

    def _referer(self, environ: WSGIEnvironment) -> str | None:
        sent = environ.get("HTTP_REFERER")
        if sent is None:
            return None
        return _text(sent if self._queries else _QUERY_OR_FRAGMENT.split(sent, maxsplit=1)[0])


class _Counted:
    """A body that is sent piece by piece; the line is written when that has ended, or the client has left."""

    def __init__(self, body: Iterable[bytes], write: Callable[[int], None]) -> None:
        self._body, self._size = body, [0]
        self._close = finalize(self, _end, body, write, self._size)
        self._close.atexit = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._size[0] += len(piece)
            yield piece

    def close(self) -> None:
        self._close()


def _end(body: Iterable[bytes], write: Callable[[int], None], size: list[int]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
    write(size[0])


def _text(value: str) -> str:
    """What WSGI gives as Latin-1, as the UTF-8 that it mostly is (PEP 3333)."""
    return value[:4096].encode("latin-1", "replace").decode("utf-8", "replace")
