"""Refuses requests whose address or header fields are longer than any that a client has reason to send."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug import Response

from server.http.headers import COMMON
from server.http.problems import MEDIA_TYPE
from server.http.request_id import FIELD as REQUEST_ID
from server.http.request_id import request_id
from server.middleware.metrics import count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.metrics import Metrics

QUERY = 60_000  # bytes of an address with a query; from 65,535 the application server refuses it without a word
ADDRESS = 8_000  # bytes of any other address
_QUERIES = ("/sparql", "/query")
FIELD = 8_000  # characters of a field that is compared or taken apart
_FIELDS = (
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_HOST",
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
)


class LimitsMiddleware:
    """414 for an address, 431 for a header field that is too long (RFC 9110, 15.5.15; RFC 6585, 5)."""

    def __init__(self, application: WSGIApplication, metrics: Metrics) -> None:
        self._application, self._metrics = application, metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"])
        if length > ADDRESS and (length > QUERY or not environ["PATH_INFO"].endswith(_QUERIES)):
            detail = f"An address may have {ADDRESS} bytes, one with a query {QUERY}; POST a longer query to /sparql."
            refusal = _problem(environ, HTTPStatus.REQUEST_URI_TOO_LONG, detail)
            return self._refuse(refusal, environ, start_response)
        for name in _FIELDS:
            if name in environ and len(environ[name]) > FIELD:
                field = name.removeprefix("HTTP_").replace("_", "-").title()
                refusal = _problem(
                    environ,
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    f"The field {field} may have {FIELD} characters.",
                )
                return self._refuse(refusal, environ, start_response)
        return self._application(environ, start_response)

    def _refuse(self, refusal: Response, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        count(self._metrics, "none", environ["REQUEST_METHOD"], refusal.status[:3])
        return refusal(environ, start_response)


def _problem(environ: WSGIEnvironment, status: HTTPStatus, detail: str) -> Response:
    identity = request_id(environ)
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "request_id": identity,
    }
    headers = {**COMMON, "Cache-Control": "no-store", REQUEST_ID: identity}
    return Response(json.dumps(body) + "\n", status, headers, content_type=MEDIA_TYPE)
