"""Hands query operations to query processes as they come, which say status and header fields of the response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.clients import client_of
from server.http import headers, host
from server.http.context import KEY
from server.http.files import pieces_of
from server.http.queries import FAILURES, respond
from server.query.requests import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.http.context import RequestContext
    from server.http.nginx import Nginx
    from server.query.cache import Cache
    from server.shares import ClientQuota

PATH = "/sparql"
_ENDPOINTS = {"GET": "sparql.get", "POST": "sparql.post", "QUERY": "sparql.post"}


class QueryMiddleware:
    """Answers what needs no page; pages, problems and questions about the service are the application's.

    It finds the outcome of the query in the RequestContext.
    """

    def __init__(self, application: WSGIApplication, cache: Cache, files: ClientQuota, nginx: Nginx | None) -> None:
        """files: bytes of temporary files that each client may have under way."""
        self._application, self._cache, self._files, self._nginx = application, cache, files, nginx

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        is_operation = environ["QUERY_STRING"] if method == "GET" else method in _ENDPOINTS
        if environ["PATH_INFO"] != PATH or not is_operation or not host.is_valid(environ):
            return self._application(environ, start_response)
        context: RequestContext = environ[KEY]
        asked, client = Operation(environ["wsgi.input"].read()), client_of(environ.get("REMOTE_ADDR", ""))
        try:
            response = respond(context.release, self._cache, environ, asked, client)
            body = pieces_of(response.body, response.size, self._files, client, context.on_close)
        except FAILURES as error:
            context.outcome = error
            return self._application(environ, start_response)
        if response.form:
            context.outcome = response
            return self._application(environ, start_response)
        context.route = _ENDPOINTS[method]
        headers.start(environ, start_response, response, self._nginx)
        return body
