"""Counts what each client has under way, from the first byte of a request to the last one of its answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from server.clients import client_of
from server.http.refusals import overload
from server.middleware.release import Pieces
from server.shares import ClientQuotaError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.shares import ClientQuota


class SharesMiddleware:
    """429 to a client that has its share of requests under way; answers from memory do not come here."""

    def __init__(self, application: WSGIApplication, quota: ClientQuota) -> None:
        self._application, self._quota = application, quota

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        client = client_of(environ.get("REMOTE_ADDR", ""))
        try:
            self._quota.acquire(client)
        except ClientQuotaError as error:
            return list(overload(environ, error)(environ, start_response))
        body: Iterable[bytes] = []
        try:
            body = self._application(environ, start_response)
            if isinstance(body, list):
                return body
            return Pieces(body, partial(self._quota.release, client))
        finally:
            if isinstance(body, list):
                self._quota.release(client)
