"""Failures as problem details (RFC 9457), told in English; server/pages/errors.py answers with them, translated."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from core.wording import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.formats import Format
    from core.versions import Version
    from server.model.serialization import UnwritableError

RETRY = {"Retry-After": "5"}  # seconds
_BY_ACCEPT = {"Vary": "Accept"}


class HTTPProblem(Exception):  # noqa: N818 - the term of RFC 9457
    """A request that is not answered as asked: the status, one sentence, and members and header fields besides.

    message: the sentence, which catalogues may have in other languages, with `%(name)s` for the variables, if any.
    reason: why a limit refused it, for the metrics.
    """

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        variables: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        reason: str = "",
        **members: Any,
    ) -> None:
        super().__init__(message % variables if variables else message)
        self.status = status
        self.message, self.variables = message, dict(variables or {})
        self.headers = dict(headers or {})
        self.reason, self.members = reason, members


def not_acceptable(offers: Iterable[Format]) -> HTTPProblem:
    """406, with the media types that are there."""
    media_types = [offer.media_type for offer in offers]
    message = gettext_noop("This comes as %(media_types)s; none of them is accepted.")
    variables = {"media_types": ", ".join(media_types)}
    return HTTPProblem(HTTPStatus.NOT_ACCEPTABLE, message, variables, headers=_BY_ACCEPT, offers=media_types)


def unwritable(error: UnwritableError) -> HTTPProblem:
    """406, for what the format that was chosen cannot hold."""
    message = gettext_noop("%(fault)s; other formats can.")
    return HTTPProblem(HTTPStatus.NOT_ACCEPTABLE, message, {"fault": str(error)}, headers=_BY_ACCEPT)


def version_not_acceptable(version: Version) -> HTTPProblem:
    """406, for an answer that needs a version of RDF which is not accepted."""
    message = gettext_noop("This needs version %(version)s of RDF, which is not accepted.")
    return HTTPProblem(HTTPStatus.NOT_ACCEPTABLE, message, {"version": version.label}, headers=_BY_ACCEPT)


def changed() -> HTTPProblem:
    """412, for what a client has is of another release."""
    message = gettext_noop("The release at hand is not the one that is asked for.")
    return HTTPProblem(HTTPStatus.PRECONDITION_FAILED, message)
