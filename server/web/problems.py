"""One shape for every failure: problem details (RFC 9457), or the same as a page where HTML is preferred."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from core.formats import HTML, JSON
from server.languages import SOURCE, Message, gettext, gettext_noop, language
from server.web.negotiation import negotiate
from server.web.pages import page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

    from core.formats import Format

MEDIA_TYPE = "application/problem+json"

# The phrases of the statuses that there are here, for the catalogues.
_PHRASES = (
    gettext_noop("Bad Request"),
    gettext_noop("Forbidden"),
    gettext_noop("Not Found"),
    gettext_noop("Method Not Allowed"),
    gettext_noop("Not Acceptable"),
    gettext_noop("Gone"),
    gettext_noop("Precondition Failed"),
    gettext_noop("Request Entity Too Large"),
    gettext_noop("Request-URI Too Long"),
    gettext_noop("Unsupported Media Type"),
    gettext_noop("Requested Range Not Satisfiable"),
    gettext_noop("Too Many Requests"),
    gettext_noop("Internal Server Error"),
    gettext_noop("Service Unavailable"),
)
# What is said of a failure that no part of the server explains.
_DETAILS = {
    HTTPStatus.NOT_FOUND: gettext_noop("There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: gettext_noop("This address does not take requests of this method."),
}


class Problem(Exception):  # noqa: N818 - the term of RFC 9457
    """A request that is not answered as asked: the status, one sentence, and members and header fields besides."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = members


def not_acceptable(offers: Iterable[Format]) -> Problem:
    """406, with the media types that are there."""
    media_types = [offer.media_type for offer in offers]
    return Problem(
        HTTPStatus.NOT_ACCEPTABLE,
        gettext("This comes as %(media_types)s; none of them is accepted.", media_types=", ".join(media_types)),
        headers={"Vary": "Accept"},
        offers=media_types,
    )


def install(app: Flask) -> None:
    """Turn every exception of a request into a problem."""
    app.register_error_handler(Problem, _respond)
    app.register_error_handler(HTTPException, _from_http_exception)
    app.register_error_handler(Exception, _from_exception)


def _respond(problem: Problem) -> Response:
    """`type` is about:blank, so `title` is the phrase of the status, in the reader's language (RFC 9457, 4.2.1)."""
    body = {
        "type": "about:blank",
        "title": gettext(problem.status.phrase),
        "status": problem.status.value,
        "detail": problem.detail,
        **problem.members,
    }
    choice = negotiate(request.headers.get("Accept"), (JSON, HTML))
    if choice is not None and choice.format is HTML:
        response = Response(
            page(
                "problem.html",
                title=f"{problem.status.value} {body['title']}",
                problem=body,
                spoken=language() if isinstance(problem.detail, Message) else SOURCE,
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
    return response


def _from_http_exception(error: HTTPException) -> Response:
    kept = {"Allow", "Content-Range", "Retry-After"}
    headers = {name: value for name, value in error.get_headers() if name in kept}
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = _DETAILS.get(status)
    detail = gettext(detail) if detail else error.description or status.phrase
    return _respond(Problem(status, detail, headers=headers))


def _from_exception(error: Exception) -> Response:
    current_app.logger.error("a request failed", exc_info=error)
    detail = gettext("The server failed on this request; its log says more.")
    return _respond(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))
