"""Has requests answered by query processes, within the share of the client, every fault told as a problem."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response, current_app, request

from core.errors import QueryError
from core.formats import HTML
from server.http.context import client, current_release, request_context
from server.http.files import written_response
from server.http.languages import languages
from server.http.problems import unavailable
from server.http.responses import conditional_answer
from server.query import errors
from server.query.processes import QueryProcessError
from server.query.requests import to_bytes
from server.semantics.problem import HTTPProblem
from server.shares import ClientQuotaError, ServerBusyError
from server.temporary import TemporaryFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.query.answers import QueryResponse
    from server.query.cache import Cache
    from server.query.requests import Asked
    from server.releases import OpenRelease

_LONGEST_KEY = 16_000  # bytes of a request whose response is kept
FAILURES = (
    HTTPProblem,
    QueryError,
    ClientQuotaError,
    ServerBusyError,
    TemporaryFileError,
    QueryProcessError,
    OSError,
)


def respond(
    release: OpenRelease,
    cache: Cache,
    environ: Mapping[str, str],
    asked: Asked,
    client: str,
    seconds: float | None = None,
) -> QueryResponse:
    """The response to a request, from the cache unless it is a GET, which CacheMiddleware keeps; raises FAILURES.

    environ: of the HTTP request, as far as the response depends on it; seconds: less time than the limit.
    """
    if environ.get("REQUEST_METHOD") == "GET":
        return release.pool.respond(environ, asked, client, seconds)
    key = (release.manifest.id, to_bytes(environ, asked))
    response: QueryResponse | None = cache.get(key)
    if response is None:
        response = release.pool.respond(environ, asked, client, seconds)
        if response.is_repeatable and isinstance(response.body, bytes) and len(key[1]) <= _LONGEST_KEY:
            kept = replace(response, fields={**response.fields, "Server-Timing": "cache"})
            cache.put(key, kept, [*key, response.body, *kept.fields.values()])
    return response


def ask(asked: Asked, environ: Mapping[str, str], seconds: float | None = None) -> QueryResponse:
    """The response to a request that a route has made; every fault is a problem that says what to do about it."""
    try:
        with request_context().place.left():
            return respond(current_release(), current_app.extensions["cache"], environ, asked, client(), seconds)
    except HTTPProblem:
        raise
    except FAILURES as error:
        raise to_problem(error) from error


def complete(response: QueryResponse, to_page: Callable[[QueryResponse], str]) -> Response:
    """The response as Flask sends it; to_page: makes the page of one that is to be a page."""
    if not response.form:
        return written_response(response.body, response.size, response.fields, response.status)

    def make() -> Response:
        return Response(to_page(response), content_type=HTML.content_type)

    if request.method == "GET" and response.is_repeatable:
        assert isinstance(response.body, bytes)  # noqa: S101 - pages have but the beginning of an answer
        completed = conditional_answer((HTML.name, hashlib.sha256(response.body).hexdigest(), *languages()), make)
    else:
        completed = make()
        completed.cache_control.no_store = not response.is_repeatable
    completed.headers["Server-Timing"] = response.fields["Server-Timing"]
    completed.vary.update(("Accept", "Accept-Language"))
    return completed


def to_problem(error: Exception) -> HTTPProblem:
    """The problem that tells a fault to who asked; the log says what only the server's keeper can mend."""
    if isinstance(error, TemporaryFileError | QueryProcessError | OSError):
        return unavailable(error)
    return errors.to_problem(error)
