"""Failures as problem details (RFC 9457): what routes raise; server/pages/errors.py answers with them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import current_app, request

from server.http.languages import gettext, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.formats import Format
    from core.versions import Version
    from server.model.serialization import UnwritableError

MEDIA_TYPE = "application/problem+json"
RETRY = {"Retry-After": "5"}  # seconds

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
    gettext_noop("Requested Range Not Satisfiable"),
    gettext_noop("Too Many Requests"),
    gettext_noop("Internal Server Error"),
    gettext_noop("Service Unavailable"),
)
# What is said of a failure that no part of the server explains.
DETAILS = {
    HTTPStatus.NOT_FOUND: gettext_noop("There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: gettext_noop("This address does not take requests of this method."),
}


class HTTPProblem(Exception):  # noqa: N818 - the term of RFC 9457
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


def not_acceptable(offers: Iterable[Format]) -> HTTPProblem:
    """406, with the media types that are there."""
    media_types = [offer.media_type for offer in offers]
    return HTTPProblem(
        HTTPStatus.NOT_ACCEPTABLE,
        gettext("This comes as %(media_types)s; none of them is accepted.", media_types=", ".join(media_types)),
        headers={"Vary": "Accept"},
        offers=media_types,
    )


def unwritable(error: UnwritableError) -> HTTPProblem:
    """406, for what the format that was chosen cannot hold."""
    detail = gettext("%(fault)s; other formats can.", fault=str(error))
    return HTTPProblem(HTTPStatus.NOT_ACCEPTABLE, detail, headers={"Vary": "Accept"})


def version_not_acceptable(version: Version) -> HTTPProblem:
    """406, for an answer that needs a version of RDF which is not accepted."""
    return HTTPProblem(
        HTTPStatus.NOT_ACCEPTABLE,
        gettext("This needs version %(version)s of RDF, which is not accepted.", version=version.label),
        headers={"Vary": "Accept"},
    )


def unavailable(error: Exception) -> HTTPProblem:
    """503 for a request that cannot be answered for want of files or processes of the server; the log says why."""
    current_app.logger.error("%s cannot be answered: %s", requested(), error)
    return HTTPProblem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        gettext("The server cannot read or write its files at the moment; its log says more."),
        headers=RETRY,
    )


def requested() -> str:
    """Method and path of this request for the log, which shall not have the texts of queries."""
    return f"{request.method} {request.script_root}{request.path}"
