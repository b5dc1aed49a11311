"""Runs requests in query processes for the routes: within the share of the client, every fault told as a problem."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from core.errors import ParkGraphError, QueryError, QuerySyntaxError
from server.http.context import ON_CLOSE_KEY, client, current_release
from server.http.languages import gettext
from server.http.problems import Problem, not_acceptable
from server.http.responses import conditional_answer
from server.model.describe import TooManyError
from server.model.serialization import UnwritableError
from server.query import errors
from server.query.cache import KEPT_KEY, WORTH
from server.query.guard import is_deterministic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _typeshed.wsgi import WSGIEnvironment

    from core.formats import Format
    from server.query.answers import Answer
    from server.query.engine import GraphRequest, Request

SHARED_KEY = "parkgraph.shared"  # in the environ: the request is counted for its client already
OUTCOME_KEY = "parkgraph.outcome"  # what its query has given already: an Answer or a QueryError
_RETRY = {"Retry-After": "5"}  # seconds
# The status of each error that has no more to say, and whether trying again may help.
_STATUSES = {
    errors.ServiceError: (HTTPStatus.FORBIDDEN, False),
    errors.ClientQuotaError: (HTTPStatus.TOO_MANY_REQUESTS, True),
    errors.EvaluationError: (HTTPStatus.INTERNAL_SERVER_ERROR, False),
    errors.UpstreamError: (HTTPStatus.BAD_GATEWAY, False),
    errors.QueryTimeoutError: (HTTPStatus.SERVICE_UNAVAILABLE, True),
    errors.ServerBusyError: (HTTPStatus.SERVICE_UNAVAILABLE, True),
    errors.QueryStoppedError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
    errors.ResultSizeError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
    TooManyError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
}


def acquire_quota() -> None:
    """Count this request for its client until the last byte of the answer is sent; a 429 problem beyond its share."""
    if request.environ.get(SHARED_KEY):
        return
    who, quota = client(), current_release().quota
    if not quota.acquire(who):
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            gettext("This client has too many requests for queries under way; wait for one to end."),
            headers=_RETRY,
        )
    request.environ[ON_CLOSE_KEY].append(lambda: quota.release(who))


def ask(
    asked: Request | GraphRequest,
    results: Sequence[Format],
    graphs: Sequence[Format],
    seconds: float | None = None,
) -> Answer:
    """Run it; every error becomes the problem that says what to do about it.

    results, graphs: what a 406 offers. seconds: the time that the client gives it, if less than the limit.
    """
    outcome: Answer | ParkGraphError | None = request.environ.pop(OUTCOME_KEY, None)
    try:
        if isinstance(outcome, ParkGraphError):
            raise outcome
        return outcome or current_release().pool.run(asked, client(), seconds)
    except QuerySyntaxError as error:
        place: dict[str, Any] = {"line": error.line, "column": error.column} if error.line else {}
        raise Problem(HTTPStatus.BAD_REQUEST, _sentence(error), **place) from error
    except errors.NotAcceptableError as error:
        raise not_acceptable(results if error.form == "results" else graphs) from error
    except UnwritableError as error:
        raise Problem(
            HTTPStatus.NOT_ACCEPTABLE, gettext("%(fault)s; the other formats can.", fault=str(error))
        ) from error
    except QueryError as error:
        status, again = _STATUSES[type(error)]
        raise Problem(status, _sentence(error), headers=_RETRY if again else None) from error


def evaluated(variant: tuple[str, ...], evaluate: Callable[[], Response], query: str = "") -> Response:
    """What `evaluate` gives, or 304 to a client that has it, where the answer depends on the release alone.

    variant: what besides the address it depends on. query: what is asked, which may not.
    """
    lasts = current_release().pool.follows_release and is_deterministic(query)
    if lasts and request.method in {"GET", "HEAD"}:
        return conditional_answer(variant, evaluate)
    return evaluate()


def respond(answer: Answer, html: str | None = None) -> Response:
    """The whole answer is there before its first byte is sent: its length is told, so that a cut one shows.

    html: the page that was made of the answer.
    """
    if html is not None:
        response = Response(html)
    elif isinstance(answer.body, bytes):
        response = Response(answer.body)
    else:
        file = os.fdopen(answer.body, "rb")
        response = Response(FileWrapper(file, 1 << 16), direct_passthrough=True)
        response.content_length = answer.size
    response.headers["Server-Timing"] = timing(answer)
    note_kept(request.environ, answer)
    if not answer.lasting:
        response.cache_control.no_store = True
    return response


def note_kept(environ: WSGIEnvironment, answer: Answer) -> None:
    """Say that the answer is on the disk, so that the response need not be."""
    if answer.kept or answer.ran > WORTH:
        environ[KEPT_KEY] = True


def read(answer: Answer) -> bytes:
    """The body of an answer that is to be made into something else."""
    if isinstance(answer.body, bytes):
        return answer.body
    with os.fdopen(answer.body, "rb") as file:
        return file.read()


def timing(answer: Answer) -> str:
    """Milliseconds that the query waited and ran, or that it was not run (https://www.w3.org/TR/server-timing/)."""
    if answer.kept:
        return "cache"
    return f"wait;dur={answer.waited * 1000:.1f}, query;dur={answer.ran * 1000:.1f}"


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
