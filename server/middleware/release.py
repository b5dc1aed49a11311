"""Gives each request its release: the current one, or that which its path names (`/release/<id>/…`)."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, cast
from weakref import finalize

from werkzeug.wsgi import ClosingIterator

from release.reader import RELEASE
from server.clients import client_of
from server.http.context import KEY, RequestContext
from server.http.refusals import overload
from server.shares import ClientQuotaError, ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.releases import CurrentRelease
    from server.shares import ClientQuota

_RELEASES = f"/{RELEASE}"


class ReleaseMiddleware:
    """Gives each request its RequestContext; its release stays open until the last byte is sent.

    An answer that is sent piece by piece holds a thread until the client has taken it, so there are only so many of
    these.

    Serves below the path of the base IRI, if that has one: `/data/sparql` for `https://example.org/data/`.
    """

    def __init__(self, application: WSGIApplication, current: CurrentRelease, files: ClientQuota) -> None:
        """files: answers sent piece by piece."""
        self._application, self._current, self._files = application, current, files

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        client = client_of(environ.get("REMOTE_ADDR", ""))
        release = self._current.acquire()
        context = environ[KEY] = RequestContext(release, release.manifest.id, [release.release])
        with ExitStack() as stack:
            stack.callback(context.close)
            root = release.urls.root.rstrip("/")
            if root and environ["PATH_INFO"].startswith(f"{root}/"):
                _descend(environ, len(root))
            if environ["PATH_INFO"].startswith(_RELEASES):
                self._enter_release(environ, context)
            body = self._application(environ, start_response)
            if isinstance(body, (list, tuple)):  # Werkzeug's for HEAD and 304 is a tuple
                return list(body)
            if isinstance(body, ClosingIterator):
                try:
                    return list(body)
                finally:
                    body.close()
            try:  # a file, which is sent piece by piece
                self._files.acquire(client)
            except (ClientQuotaError, ServerBusyError) as error:
                _close(body)
                fault = sys.exc_info()
                # PEP 3333: the head that the application has given is replaced
                again = cast("StartResponse", lambda status, fields: start_response(status, fields, fault))
                return list(overload(environ, error)(environ, again))
            context.on_close.append(partial(self._files.release, client))
            return Pieces(body, stack.pop_all().close)

    def _enter_release(self, environ: WSGIEnvironment, context: RequestContext) -> None:
        """Answer what lies below `/release/<id>/` from that release; where it is not there, a route says so."""
        identity, slash, _ = environ["PATH_INFO"][len(_RELEASES) :].partition("/")
        if not slash:
            return
        named = self._current.release_cache.acquire(identity, context.release, context.on_close)
        if named is not None:
            context.release = named
            _descend(environ, len(_RELEASES) + len(identity))


def _descend(environ: WSGIEnvironment, length: int) -> None:
    """Take so many characters from the path to where the application is mounted (PEP 3333)."""
    path = environ["PATH_INFO"]
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path[:length]
    environ["PATH_INFO"] = path[length:]


class Pieces:
    """A body that is sent piece by piece, and the function to call when that has ended.

    The application server closes it only after its last piece. Where the client leaves before, it is dropped.
    """

    def __init__(self, body: Iterable[bytes], on_close: Callable[[], None]) -> None:
        self._body = body
        self._close = finalize(self, _end, body, on_close)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        self._close()


def _end(body: Iterable[bytes], on_close: Callable[[], None]) -> None:
    _close(body)
    on_close()


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
