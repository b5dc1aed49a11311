"""Messages for failures that no route explains, and the problem for want of files or processes."""

from __future__ import annotations

from http import HTTPStatus

from flask import current_app, request

from core.wording import gettext_noop
from server.semantics.problem import RETRY, HTTPProblem

MEDIA_TYPE = "application/problem+json"

# The phrases of the statuses that there are here, for the catalogues.
_PHRASES = (
    gettext_noop("Bad Request"),
    gettext_noop("Forbidden"),
    gettext_noop("Not Found"),
    gettext_noop("Method Not Allowed"),
    gettext_noop("Not Acceptable"),
    gettext_noop("Request Timeout"),
    gettext_noop("Gone"),
    gettext_noop("Precondition Failed"),
    gettext_noop("Request Entity Too Large"),
    gettext_noop("Request-URI Too Long"),
    gettext_noop("Unsupported Media Type"),
    gettext_noop("Unprocessable Entity"),
    gettext_noop("Requested Range Not Satisfiable"),
    gettext_noop("Too Many Requests"),
    gettext_noop("Internal Server Error"),
    gettext_noop("Not Implemented"),
    gettext_noop("Service Unavailable"),
)
# What is said of a failure that no part of the server explains.
DETAILS = {
    HTTPStatus.NOT_FOUND: gettext_noop("There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: gettext_noop("This address does not take requests of this method."),
}


def unavailable(error: Exception) -> HTTPProblem:
    """503 for a request that cannot be answered for want of files or processes of the server; the log says why."""
    current_app.logger.error("%s cannot be answered: %s", requested(), error)
    return HTTPProblem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        gettext_noop("The server cannot read or write its files at the moment; its log says more."),
        headers=RETRY,
    )


def requested() -> str:
    """Method and path of this request for the log, which shall not have the texts of queries."""
    return f"{request.method} {request.script_root}{request.path}"
