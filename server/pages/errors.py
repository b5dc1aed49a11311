"""One shape for every failure: problem details (RFC 9457), or the same as a page where HTML is preferred."""

from __future__ import annotations

import sqlite3
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from core.errors import ReleaseError
from core.formats import HTML, JSON
from server.http.context import request_context
from server.http.languages import SOURCE, Message, catalogue, gettext, language
from server.http.problems import DETAILS, MEDIA_TYPE, requested, unavailable
from server.http.refusals import overload
from server.http.request_id import FIELD, request_id
from server.pages.page import page
from server.query.processes import QueryProcessError
from server.semantics.negotiation import negotiate
from server.semantics.problem import HTTPProblem
from server.shares import ClientQuotaError, ServerBusyError
from server.temporary import TemporaryFileError

if TYPE_CHECKING:
    from flask import Flask

_LONGEST = 1000  # characters of a text in a problem


def install(app: Flask) -> None:
    """Turn every exception of a request into a problem."""
    app.register_error_handler(HTTPProblem, _respond)
    app.register_error_handler(HTTPException, _from_http_exception)
    app.register_error_handler(Exception, _from_exception)
    for kind in (ServerBusyError, ClientQuotaError):
        app.register_error_handler(kind, lambda error: overload(request.environ, error))  # no page: it takes time
    for fault in (OSError, sqlite3.DatabaseError, ReleaseError, QueryProcessError, TemporaryFileError):
        app.register_error_handler(fault, lambda error: _respond(unavailable(error)))


def _respond(problem: HTTPProblem) -> Response:
    """`type` is about:blank, so `title` is the phrase of the status, in the reader's language (RFC 9457, 4.2.1)."""
    request_context().reason = problem.reason
    detail = _translated(problem)
    body = {
        "type": "about:blank",
        "title": gettext(problem.status.phrase),
        "status": problem.status.value,
        "detail": _short(detail),
        **{name: _short(value) if isinstance(value, str) else value for name, value in problem.members.items()},
        "request_id": request_id(request.environ),
    }
    choice = negotiate(request.headers.get("Accept"), (JSON, HTML))
    if choice is not None and choice.format is HTML:
        response = Response(
            page(
                "problem.html",
                title=f"{problem.status.value} {body['title']}",
                problem=body,
                spoken=language() if isinstance(detail, Message) else SOURCE,
            ),
            content_type=HTML.content_type,
        )
    else:
        response = Response(json.dumps(body, sort_keys=False) + "\n", content_type=MEDIA_TYPE)
    response.status_code = problem.status
    response.headers.extend(problem.headers)
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Content-Language"] = language()
    response.cache_control.no_store = True
    response.headers[FIELD] = body["request_id"]
    return response


def _translated(problem: HTTPProblem) -> str:
    """What happened, in the reader's language where the catalogue has it."""
    if isinstance(problem.message, Message):
        return problem.message
    text = catalogue(language()).gettext(problem.message)
    if text == problem.message:
        return str(problem)
    return Message(text % problem.variables if problem.variables else text)


def _short(text: str) -> str:
    """The text, or its beginning: it may repeat what the client sent."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _from_http_exception(error: HTTPException) -> Response:
    kept = {"Allow", "Content-Range", "Retry-After"}
    headers = {name: value for name, value in error.get_headers() if name in kept}
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = DETAILS.get(status)
    detail = gettext(detail) if detail else error.description or status.phrase
    return _respond(HTTPProblem(status, detail, headers=headers))


def _from_exception(error: Exception) -> Response:
    current_app.logger.error("%s failed (%s)", requested(), request_id(request.environ), exc_info=error)
    detail = gettext("The server failed on this request; its log says more.")
    return _respond(HTTPProblem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))
