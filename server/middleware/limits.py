"""Refuses requests whose address or header fields are longer than any that a client has reason to send."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from core.wording import gettext_noop
from server.http.refusals import refusal
from server.middleware.metrics import count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.metrics import Metrics

QUERY = 60_000  # bytes of an address with a query; from 65,535 the application server refuses it without a word
ADDRESS = 8_000  # bytes of any other address
_QUERIES = ("/sparql", "/query")
FIELD = 8_000  # characters of a field that is compared or taken apart
_PARAMETERS = 200  # of an address; a form may have more (server/semantics/sparql_protocol.py)
_ADDRESS_TOO_LONG = gettext_noop(
    "An address may have %(limit)s bytes, one with a query %(query)s; POST a longer query to /sparql."
)
_FIELD_TOO_LONG = gettext_noop("The field %(field)s may have %(limit)s characters.")
_TOO_MANY_PARAMETERS = gettext_noop("An address may have %(limit)s parameters.")
_FIELDS = (
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_CONTENT_ENCODING",
    "HTTP_HOST",
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_RANGE",
    "HTTP_RANGE",
)


class LimitsMiddleware:
    """414 for an address, 431 for a field that is too long (RFC 9110, 15.5.15; RFC 6585, 5), 400 for parameters."""

    def __init__(self, application: WSGIApplication, metrics: Metrics) -> None:
        self._application, self._metrics = application, metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"])
        if length > ADDRESS and (length > QUERY or not environ["PATH_INFO"].endswith(_QUERIES)):
            environ |= {"PATH_INFO": "/", "QUERY_STRING": ""}
            status, limits = HTTPStatus.REQUEST_URI_TOO_LONG, {"limit": ADDRESS, "query": QUERY}
            return self._refuse(environ, start_response, status, _ADDRESS_TOO_LONG, **limits)
        if environ["QUERY_STRING"].count("&") >= _PARAMETERS:
            return self._refuse(
                environ, start_response, HTTPStatus.BAD_REQUEST, _TOO_MANY_PARAMETERS, limit=_PARAMETERS
            )
        for name in _FIELDS:
            if name in environ and len(environ[name]) > FIELD:
                field = name.removeprefix("HTTP_").replace("_", "-").title()
                status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                return self._refuse(environ, start_response, status, _FIELD_TOO_LONG, field=field, limit=FIELD)
        return self._application(environ, start_response)

    def _refuse(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        status: HTTPStatus,
        message: str,
        **variables: object,
    ) -> Iterable[bytes]:
        """Answer without reading what is too long."""
        environ |= {name: "" for name in _FIELDS if len(environ.get(name, "")) > FIELD}
        count(self._metrics, "none", environ["REQUEST_METHOD"], str(status.value))
        return refusal(environ, status, message, {}, **variables)(environ, start_response)
