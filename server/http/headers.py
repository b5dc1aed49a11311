"""The head of every answer: `complete` is the only function that the application calls after each request.

Routes say what is particular to their answer: type, status, `Vary`, links of its own; validators come with
server/http/responses.py. `start` sends the head of an answer that is made without Flask.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import current_app, request
from werkzeug.datastructures import Headers

from core.errors import ParkGraphError
from core.formats import HTML, LINK_FORMAT
from server.http import languages
from server.http.context import KEY, current_release, request_context
from server.http.files import temporary_body
from server.http.responses import add_link, link
from server.model.urls import SAFE_IN_PATH
from server.semantics import coding
from server.semantics.conditional import date_field, last_modified
from server.semantics.memento import has_versions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Response

    from server.http.nginx import Nginx
    from server.model.urls import Urls
    from server.query.answers import QueryResponse
    from server.releases import OpenRelease

COMMON = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Query, Content-Location, Content-Range, ETag, Link, Location, "
    "Memento-Datetime, Repr-Digest, Retry-After, Server-Timing, X-Request-ID",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Timing-Allow-Origin": "*",
}
# blob: is the picture that a chart is saved from
_POLICY = (
    "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
EMBEDDABLE = _POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")  # of pages for other people's frames
_ALLOWED = (
    "Accept, Accept-Datetime, Accept-Language, Content-Type, If-None-Match, MCP-Protocol-Version, Mcp-Method, "
    "Mcp-Name, Mcp-Session-Id, Range"
)
_YEAR = 365 * 24 * 3600  # seconds
_LONGEST = 2000  # characters of an address that a header field repeats
_SHORT = 600  # characters of one that is repeated once more
_IN_MEMORY = 1 << 20  # bytes; a larger file is sent piece by piece
_RESOURCES = "resources"  # the blueprint whose redirects and failures tell their release too
_ANSWERS = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED})


def complete(response: Response) -> Response:
    """Add what all answers have, and what follows from their type, their release and their size."""
    request_context().route = request.endpoint or ""
    headers = response.headers
    headers.update(COMMON)
    if response.mimetype == HTML.media_type:
        headers.setdefault("Content-Security-Policy", _POLICY)
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
        nginx.complete(headers, response.status_code)
    return response


def start(
    environ: WSGIEnvironment, start_response: StartResponse, response: QueryResponse, nginx: Nginx | None
) -> None:
    """Send the head of a response that is made without Flask."""
    status = HTTPStatus(response.status)
    headers = Headers([*COMMON.items(), *response.fields.items()])
    if status == HTTPStatus.OK:
        headers["Content-Length"] = str(response.size)
    if environ["REQUEST_METHOD"] == "GET":
        name_release(headers, environ[KEY].release, local(path(environ), environ["QUERY_STRING"]))
    if nginx is not None:
        nginx.complete(headers, status)
    start_response(f"{status.value} {status.phrase}", list(headers))


def _name_release(response: Response) -> None:
    """Say which release this is, and where others are; redirects and failures of resources say that too."""
    here = local(request.path, request.query_string.decode("latin-1"))
    if response.status_code in _ANSWERS:
        if request.method in {"GET", "HEAD"}:
            name_release(response.headers, current_release(), here)
    elif request.blueprint == _RESOURCES and response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        release, path = current_release(), here.partition("?")[0]
        manifest, urls = release.manifest, release.urls
        if len(path) <= _LONGEST:
            when = date_field(last_modified(manifest))
            add_link(response, urls.of_release(manifest.id, path), "memento", datetime=when)
            if urls.within:
                response.headers["Memento-Datetime"] = when  # of a redirect too (RFC 7089, 4.5.5)
            _add_timegate(response.headers, urls, here, "original timegate")


def _allow(headers: Headers) -> None:
    """Answer a preflight request of a browser (https://fetch.spec.whatwg.org/#http-access-control-allow-methods)."""
    headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
    headers["Access-Control-Allow-Headers"] = _ALLOWED
    headers["Access-Control-Max-Age"] = "86400"
    headers.remove("Content-Type")


def name_release(headers: Headers, release: OpenRelease, local: str) -> None:
    """Add the links between versions (RFC 5829) and Memento header fields (RFC 7089) to an answer that caches may keep.

    local: the path within the release, with its query string. Under the address of a release an answer is immutable
    (RFC 8246), except pages, which change with the server.
    """
    control = headers.get("Cache-Control", "")
    if "no-store" in control or len(local) > _LONGEST:
        return
    urls, manifest = release.urls, release.manifest
    when = date_field(last_modified(manifest))
    if not urls.within:
        if has_versions(local):
            headers.add("Link", link(urls.of_release(manifest.id, local), "memento", datetime=when))
            _add_timegate(headers, urls, local, "original timegate")
        return
    headers["Memento-Datetime"] = when
    _add_timegate(headers, urls, local, "original timegate latest-version")
    if manifest.predecessor is not None:
        headers.add("Link", link(urls.of_release(manifest.predecessor, local), "predecessor-version"))
    headers.add("Link", link(f"{urls.site}releases", "version-history"))
    headers.add("Link", link(urls.of_release(manifest.id), "collection"))
    if "no-cache" in control and not headers.get("Content-Type", "").startswith(HTML.media_type):
        headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"


def _add_timegate(headers: Headers, urls: Urls, local: str, relations: str) -> None:
    """Say that an original resource is its own TimeGate (RFC 7089, 4.1.1), and where its TimeMap is."""
    headers.add("Link", link(urls.base + local, relations))
    if len(local) <= _SHORT:
        headers.add("Link", link(urls.timemap(local), "timemap", type=LINK_FORMAT.media_type))
    if not urls.within:
        vary = headers.get("Vary")
        headers["Vary"] = f"{vary}, Accept-Datetime" if vary else "Accept-Datetime"


def path(environ: WSGIEnvironment) -> str:
    """The path of a request as text (PEP 3333)."""
    return str(environ["PATH_INFO"]).encode("latin-1").decode("utf-8", "replace")


def local(path: str, query: str) -> str:
    """A path within the release with the query string, as URIs have them."""
    path = quote(path.removeprefix("/"), safe=SAFE_IN_PATH)
    return f"{path}?{quote(query, safe=SAFE_IN_PATH + '?%')}" if query else path
