"""Answers with documents in RDF without the framework, which takes longer than most of them."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from core.errors import ReleaseError
from core.formats import CITATIONS, HTML
from server.http import documents, headers, host
from server.http.context import KEY
from server.model import moves
from server.model.urls import THINGS
from server.semantics.negotiation import negotiate
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.http.nginx import Nginx
    from server.query.answers import QueryResponse
    from server.releases import OpenRelease

_PREFIX = "/doc/"
_ENDPOINT = "resources.document"
_FAILURES = (HTTPProblem, ReleaseError, OSError, sqlite3.DatabaseError)


class DocumentsMiddleware:
    """Answers GET requests without parameters, where the path is that of a resource; the rest is the application's.

    That are pages, redirects, and all that a problem or a page says of.
    """

    def __init__(self, application: WSGIApplication, nginx: Nginx | None) -> None:
        self._application, self._nginx = application, nginx

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        context, response = environ[KEY], None
        is_plain = environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]
        if is_plain and environ["PATH_INFO"].startswith(_PREFIX) and host.is_valid(environ):
            with suppress(*_FAILURES):  # the application says what has failed
                response = _document(environ, context.release)
        if response is None:
            return self._application(environ, start_response)
        context.route = _ENDPOINT
        headers.start(environ, start_response, response, self._nginx)
        assert isinstance(response.body, bytes)  # noqa: S101 - made in memory
        return [response.body]


def _document(environ: WSGIEnvironment, release: OpenRelease) -> QueryResponse | None:
    """None where a page or a citation is preferred, or there is no such document."""
    choice = negotiate(environ.get("HTTP_ACCEPT"), documents.NEGOTIATED)
    if choice is None or choice.format is HTML or choice.format in CITATIONS:
        return None
    found = documents.find(release, release.urls.iris(THINGS + headers.path(environ).removeprefix(_PREFIX)))
    if found is None or moves.may_be_elsewhere(found.facts):
        return None
    return documents.respond(environ, release, found, choice)
