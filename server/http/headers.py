"""The head of every answer: `complete` is the only function that the application calls after each request.

Routes say what is particular to their answer: type, status, `Vary`, links of its own; validators come with
server/http/responses.py.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import current_app, request
from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import http_date, parse_cache_control_header, parse_set_header

from core.errors import ParkGraphError
from core.formats import HTML
from server.http import coding, languages
from server.http.conditional import last_modified
from server.http.context import current_release, request_context
from server.http.files import temporary_body
from server.http.responses import add_link
from server.model.urls import SAFE_IN_PATH

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.datastructures import Headers

    from server.http.nginx import Nginx

COMMON = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Query, Content-Location, Content-Range, ETag, Link, Location, "
    "Repr-Digest, Retry-After, Server-Timing, X-Request-ID",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Timing-Allow-Origin": "*",
}
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
_YEAR = 365 * 24 * 3600  # seconds
_LONGEST = 2000  # characters of an address that a header field repeats
_IN_MEMORY = 1 << 20  # bytes; a larger file is sent piece by piece
_RESOURCES = "resources"  # the blueprint whose redirects and failures tell their release too
_ANSWERS = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED})
NEGOTIATED = frozenset({"accept", "accept-language", "accept-encoding"})  # what an answer that caches keep may vary by


def complete(response: Response) -> Response:
    """Add what all answers have, and what follows from their type, their release and their size."""
    request_context().route = request.endpoint or ""
    headers = response.headers
    headers.update(COMMON)
    if response.mimetype == HTML.media_type:
        headers["Content-Security-Policy"] = _POLICY
        headers["Content-Language"] = languages.language()
    if request.method == "OPTIONS" and response.status_code < HTTPStatus.BAD_REQUEST:
        _allow(headers)
    _name_release(response)
    is_small = 0 < (response.content_length or 0) <= _IN_MEMORY and "Repr-Digest" not in headers
    if response.direct_passthrough and is_small:
        response.direct_passthrough = False
        response.make_sequence()
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        response.vary.add("Accept-Encoding")
    else:
        try:
            coding.compress(response, request.headers.get("Accept-Encoding"), temporary_body)
        except ParkGraphError as error:
            return complete(current_app.make_response(current_app.handle_user_exception(error)))
    nginx: Nginx | None = current_app.extensions["nginx"]
    if nginx:
        nginx.complete(response, may_keep=is_storable(response.status_code, headers))
    return response


def is_storable(status: int, headers: Headers) -> bool:
    """Whether caches may keep the answer for whoever asks for the same (RFC 9111, 3); files of a release are not."""
    control = parse_cache_control_header(headers.get("Cache-Control"), cls=ResponseCacheControl)
    return (
        status == HTTPStatus.OK
        and "ETag" in headers
        and "Last-Modified" in headers
        and "Accept-Ranges" not in headers
        and "Set-Cookie" not in headers
        and not control.no_store
        and not control.private
        and parse_set_header(headers.get("Vary")).as_set() <= NEGOTIATED
    )


def _allow(headers: Headers) -> None:
    """Answer a preflight request of a browser (https://fetch.spec.whatwg.org/#http-access-control-allow-methods)."""
    headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
    headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, Content-Type, If-None-Match, Range"
    headers["Access-Control-Max-Age"] = "86400"
    headers.remove("Content-Type")


def _name_release(response: Response) -> None:
    """Add the links between versions (RFC 5829) and Memento header fields (RFC 7089).

    Under the address of a release an answer is immutable (RFC 8246), except pages, which change with the server.
    """
    release = current_release()
    urls, manifest = release.urls, release.manifest
    when = http_date(last_modified(manifest))
    if response.status_code not in _ANSWERS:
        if request.blueprint == _RESOURCES and response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            local = quote(request.path.removeprefix("/"), safe=SAFE_IN_PATH)
            if len(local) <= _LONGEST:
                add_link(response, urls.of_release(manifest.id, local), "memento", datetime=when)
        return
    control = response.cache_control
    if request.method not in {"GET", "HEAD"} or control.no_store:
        return
    local = _local()
    if len(local) > _LONGEST:
        return
    if not urls.within:
        add_link(response, urls.of_release(manifest.id, local), "memento", datetime=when)
        return
    response.headers["Memento-Datetime"] = when
    add_link(response, urls.site + local, "original latest-version")
    if manifest.predecessor is not None:
        add_link(response, urls.of_release(manifest.predecessor, local), "predecessor-version")
    add_link(response, f"{urls.site}releases", "version-history")
    add_link(response, urls.of_release(manifest.id), "collection")
    if response.mimetype != HTML.media_type and control.no_cache:
        control.no_cache = None
        control.max_age = _YEAR
        control.immutable = True


def _local() -> str:
    """The path of this request within its release, with its query string."""
    path, query = quote(request.path.removeprefix("/"), safe=SAFE_IN_PATH), request.query_string.decode("latin-1")
    return f"{path}?{quote(query, safe=SAFE_IN_PATH + '?%')}" if query else path
