"""Runs requests in query processes for the routes: within the share of the client, every fault told as a problem."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response, current_app, request

from core.errors import QueryError, QuerySyntaxError
from server.http.context import client, current_release, request_context
from server.http.files import written_response
from server.http.problems import RETRY, HTTPProblem, not_acceptable, unavailable, unwritable
from server.http.responses import conditional_answer, content_type
from server.model.describe import TooManyError
from server.model.serialization import UnwritableError
from server.query import errors
from server.query.engine import Request, to_bytes
from server.query.guard import is_deterministic
from server.query.processes import QueryProcessError
from server.shares import ClientQuotaError, ServerBusyError
from server.temporary import TemporaryFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.formats import Format
    from server.http.negotiation import NegotiatedFormat
    from server.query.answers import Answer
    from server.query.cache import Cache
    from server.query.engine import GraphRequest

_SAFE = frozenset({"GET", "HEAD"})
_BEFORE_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_KEY = 16_000  # bytes of a query whose answer is kept
# The status of each error that has no more to say, and whether trying again may help.
_STATUSES = {
    errors.QueryLengthError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, False),
    errors.ServiceError: (HTTPStatus.FORBIDDEN, False),
    ClientQuotaError: (HTTPStatus.TOO_MANY_REQUESTS, True),
    errors.EvaluationError: (HTTPStatus.INTERNAL_SERVER_ERROR, False),
    errors.UpstreamError: (HTTPStatus.BAD_GATEWAY, False),
    errors.QueryTimeoutError: (HTTPStatus.SERVICE_UNAVAILABLE, True),
    ServerBusyError: (HTTPStatus.SERVICE_UNAVAILABLE, True),
    errors.QueryStoppedError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
    errors.ResultSizeError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
    TooManyError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
}


class Offers(NamedTuple):
    """The formats that a query is answered in, by what comes of it; a 406 names them."""

    results: Sequence[Format]
    graphs: Sequence[Format]


def query_response(
    asked: Request | GraphRequest,
    variant: tuple[str, ...],
    make: Callable[[Answer], Response],
    offers: Offers,
    seconds: float | None = None,
) -> Response:
    """The response that `make` makes of the answer to a query, or 304 to a client that has it already.

    variant: what the response depends on besides address and release. seconds: the time that the client gives the
    query, if less than the limit. What another run may not give again has no validators and is not kept.
    """
    is_repeatable = current_release().pool.follows_release and (
        not isinstance(asked, Request) or is_deterministic(asked.query)
    )
    is_get = request.method in _SAFE

    def evaluate() -> Response:
        # responses to GET are kept whole, by CacheMiddleware
        answer = ask(asked, offers, seconds, use_cache=is_repeatable and not is_get)
        response = make(answer)
        response.headers["Server-Timing"] = _timing(answer)
        return response

    if is_get and is_repeatable:
        return conditional_answer(variant, evaluate)
    response = evaluate()
    if not is_repeatable:
        response.cache_control.no_store = True
    return response


def ask(asked: Request | GraphRequest, offers: Offers, seconds: float | None = None, *, use_cache: bool) -> Answer:
    """The answer to a query, every error as a problem that says what to do about it.

    use_cache: take it from the cache, or put it there, unless it is so large that it comes as a file.
    """
    if not use_cache:
        return _run(asked, offers, seconds)
    cache: Cache = current_app.extensions["cache"]
    key = (current_release().manifest.id, to_bytes(asked))
    answer: Answer | None = cache.get(key)
    if answer is None:
        answer = _run(asked, offers, seconds)
        if isinstance(answer.body, bytes) and len(key[1]) <= _LONGEST_KEY:
            cache.put(key, replace(answer, cached=True), [*key, answer.body])
    return answer


def _run(asked: Request | GraphRequest, offers: Offers, seconds: float | None) -> Answer:
    try:
        with request_context().place.left():
            return current_release().pool.run(asked, client(), seconds)
    except (TemporaryFileError, QueryProcessError, OSError) as error:
        raise unavailable(error) from error
    except QuerySyntaxError as error:
        place: dict[str, Any] = {"line": error.line, "column": error.column} if error.line else {}
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, _sentence(error), **place) from error
    except errors.NotAcceptableError as error:
        raise not_acceptable(offers.results if error.form == "results" else offers.graphs) from error
    except UnwritableError as error:
        raise unwritable(error) from error
    except (QueryError, ClientQuotaError, ServerBusyError) as error:
        status, again = _STATUSES[type(error)]
        request_context().reason = _reason(error)
        raise HTTPProblem(status, _sentence(error), headers=RETRY if again else None) from error


def data_response(answer: Answer, choice: NegotiatedFormat) -> Response:
    """The answer as it is; it is whole before its first byte is sent, so its length is told."""
    if isinstance(answer.body, int) and not choice.accepts(answer.version):
        os.close(answer.body)
    return written_response(answer.body, answer.size, content_type(choice, answer.version))


def read(answer: Answer) -> bytes:
    """The body of an answer that is to be made into something else."""
    if isinstance(answer.body, bytes):
        return answer.body
    with os.fdopen(answer.body, "rb") as file:
        return file.read()


def _timing(answer: Answer) -> str:
    """Milliseconds that the query waited and ran, or that it was not run (https://www.w3.org/TR/server-timing/)."""
    if answer.cached:
        return "cache"
    return f"wait;dur={answer.waited * 1000:.1f}, query;dur={answer.ran * 1000:.1f}"


def _reason(error: Exception) -> str:
    """The name of an error as a label of a metric: `query_timeout` for QueryTimeoutError."""
    return _BEFORE_CAPITAL.sub("_", type(error).__name__.removesuffix("Error")).lower()


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
