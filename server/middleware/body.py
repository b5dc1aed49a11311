"""Reads the body of a request whole, within limits of size and time, before the application sees the request."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from core.wording import gettext_noop
from server.clients import client_of
from server.http.refusals import overload, refusal
from server.query.guard import LONGEST
from server.shares import ClientQuotaError, ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug import Response

    from server.settings import Settings
    from server.shares import ClientQuota

_TOO_LONG = gettext_noop("The body of a request may have %(limit)s bytes.")
_TOO_SLOW = gettext_noop("The body of the request did not come whole within %(seconds)s seconds.")
_TOO_SHORT = gettext_noop("The body is shorter than its Content-Length.")
_FLUSH_SECONDS = 0.1  # in which the application server sends what it has of an answer


class BodyMiddleware:
    """Puts the body into memory: the application never waits for the client.

    413 for a body that is too long, 408 for one that does not come in time, 400 for one that is cut short; 429 and 503
    where the client, or all clients together, have too many bodies under way, or too many long queries: their bodies
    are not read at all, which is what costs the most of them.
    """

    def __init__(
        self,
        application: WSGIApplication,
        settings: Settings,
        paths: Mapping[str, tuple[str, ...]],
        quota: ClientQuota,
        long_quota: ClientQuota,
    ) -> None:
        """paths: by method the ends of the paths that take a body; the body of any other request is not read.

        quota: bodies that are read at once. long_quota: requests with a body over LONGEST bytes, or of unknown length,
        until they are answered.
        """
        self._application, self._paths, self._quota, self._long_quota = application, paths, quota, long_quota
        self._limit, self._seconds = settings.query_length << 20, settings.body_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        paths = self._paths.get(environ["REQUEST_METHOD"])
        if not paths or not environ["PATH_INFO"].endswith(paths):
            environ["wsgi.input"] = BytesIO()
            return self._application(environ, start_response)
        length = int(environ.get("CONTENT_LENGTH") or self._limit)
        client = client_of(environ.get("REMOTE_ADDR", ""))
        try:
            with self._long_quota.held(client) if length > LONGEST else nullcontext():
                return self._answer(environ, start_response, client)
        except (ClientQuotaError, ServerBusyError) as error:
            return _whole(overload(environ, error), environ, start_response)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse, client: str) -> Iterable[bytes]:
        read = self._read(environ, client)
        if not isinstance(read, bytes):
            return read(environ, start_response)
        environ["wsgi.input"] = BytesIO(read)
        environ["CONTENT_LENGTH"] = str(len(read))
        return self._application(environ, start_response)

    def _read(self, environ: WSGIEnvironment, client: str) -> bytes | WSGIApplication:
        """The body, or a refusal; raises ClientQuotaError or ServerBusyError."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > self._limit:
            return partial(_whole, refusal(environ, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LONG, limit=self._limit))
        self._quota.acquire(client)
        reader = _Reader(environ, self._limit + 1, lambda: self._quota.release(client))
        if not reader.done.wait(self._seconds):
            seconds, close = f"{self._seconds:g}", {"Connection": "close"}
            return partial(_broken_off, refusal(environ, HTTPStatus.REQUEST_TIMEOUT, _TOO_SLOW, close, seconds=seconds))
        if len(reader.body) > self._limit:
            return partial(_whole, refusal(environ, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LONG, limit=self._limit))
        if len(reader.body) < length:
            return partial(_whole, refusal(environ, HTTPStatus.BAD_REQUEST, _TOO_SHORT))
        return reader.body


class _Reader:
    """Reads from the client in a thread of its own, for a read cannot be given up.

    It ends when the body does, or when the connection is closed. Only then its place is free.
    """

    def __init__(self, environ: WSGIEnvironment, most: int, on_end: Callable[[], None]) -> None:
        self.body = b""
        self.done = threading.Event()
        self._input, self._most, self._on_end = environ["wsgi.input"], most, on_end
        threading.Thread(target=self._read, name="body", daemon=True).start()

    def _read(self) -> None:
        try:
            self.body = self._input.read(self._most)
        finally:
            self._on_end()
            self.done.set()


def _whole(response: Response, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return list(response(environ, start_response))


def _broken_off(response: Response, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a response, and have the connection closed although its body is being read.

    The application server (hyper) goes on with a connection until the reader lets go of the body, which it cannot while
    it waits; only an answer that is shorter than its Content-Length ends the connection. So one byte more is announced
    than comes.
    """
    response.content_length = len(response.get_data()) + 1
    body = list(response(environ, start_response))

    def pieces() -> Iterator[bytes]:
        yield from body
        time.sleep(_FLUSH_SECONDS)

    return pieces()
