"""Refusals by middleware, before a request has a release: a problem (RFC 9457), or a plain page for people."""

from __future__ import annotations

import json
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import escape
from werkzeug import Request, Response

from core.formats import HTML, JSON
from core.wording import gettext_noop
from server.http.headers import COMMON
from server.http.languages import catalogue, language_of
from server.http.problems import MEDIA_TYPE
from server.http.request_id import FIELD as REQUEST_ID
from server.http.request_id import request_id
from server.semantics.negotiation import negotiate
from server.semantics.problem import RETRY
from server.shares import ClientQuotaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed.wsgi import WSGIEnvironment

    from server.shares import ServerBusyError

_TOO_MANY = gettext_noop("This client has too many requests under way; wait for one to end.")
_BUSY = gettext_noop("The server is busy with other requests; try again in a moment.")
_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{status} {title}</title>
<h1>{title}</h1>
<p>{detail}</p>
</html>
"""


def refusal(
    environ: WSGIEnvironment,
    status: HTTPStatus,
    message: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    **variables: object,
) -> Response:
    """The response, in the language and the format that the request asks for.

    message: in English, translated where the catalogues have it, with `%(name)s` for the variables.
    """
    language = language_of(Request(environ))
    messages = catalogue(language)
    title, detail = messages.gettext(status.phrase), messages.gettext(message) % variables
    choice = negotiate(environ.get("HTTP_ACCEPT"), (JSON, HTML))
    if choice is not None and choice.format is HTML:
        body = _PAGE.format(language=language, status=status.value, title=escape(title), detail=escape(detail))
        content_type = HTML.content_type
    else:
        problem = {"type": "about:blank", "title": title, "status": status.value, "detail": detail}
        problem["request_id"] = request_id(environ)
        body, content_type = json.dumps(problem) + "\n", MEDIA_TYPE
    fields = {
        **COMMON,
        "Cache-Control": "no-store",
        "Content-Language": language,
        "Content-Security-Policy": "default-src 'none'",
        "Vary": "Accept, Accept-Language",
        REQUEST_ID: request_id(environ),
        **headers,
    }
    return Response(body, status, fields, content_type=content_type)


def overload(environ: WSGIEnvironment, error: ServerBusyError | ClientQuotaError) -> Response:
    """429 to a client that has its share, 503 where the server has no more to give; both say when to come again."""
    if isinstance(error, ClientQuotaError):
        return refusal(environ, HTTPStatus.TOO_MANY_REQUESTS, _TOO_MANY, RETRY)
    return refusal(environ, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY, RETRY)
