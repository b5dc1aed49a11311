"""Gives each request that the application works on its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.clients import client_of
from server.http.context import KEY
from server.http.refusals import overload
from server.shares import Place, ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.http.context import RequestContext
    from server.shares import FairQueue

_SECONDS = 10.0  # that a request waits for its turn


class TurnsMiddleware:
    """Few requests are worked on at once, for they compute; the others wait for their turn, each client for its own."""

    def __init__(self, application: WSGIApplication, queue: FairQueue) -> None:
        """queue: has a place for each request that the application works on."""
        self._application, self._queue = application, queue

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        context: RequestContext = environ[KEY]
        context.place = Place(self._queue, client_of(environ.get("REMOTE_ADDR", "")), _SECONDS)
        try:
            context.place.enter()
        except ServerBusyError as error:
            return list(overload(environ, error)(environ, start_response))
        try:
            return self._application(environ, start_response)
        finally:
            context.place.leave()
