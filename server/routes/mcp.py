"""The Model Context Protocol at `/mcp`: its Streamable HTTP transport, without sessions, each answer one JSON document.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
"""

from __future__ import annotations

import asyncio
import ipaddress
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request

from core.formats import JSON
from server.http.context import current_release, request_context
from server.http.languages import gettext
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from starlette.types import Message, Scope

    from server.mcp.site import Site

blueprint = Blueprint("mcp", __name__)


@blueprint.route("/mcp", methods=["GET", "POST", "DELETE"])
def mcp() -> Response:
    """One message of the protocol, and the answer to it; the tools ask this application, as the same client.

    There are no sessions to end, and no streams to open: the other methods get 405, as the transport has it.
    """
    if request.method != "POST":
        detail = gettext("Programs send messages of the Model Context Protocol here, by POST.")
        raise HTTPProblem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": "POST, OPTIONS"})
    if find_spec("mcp") is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("This server was installed without the extra “mcp”."))
    _check_origin()
    if request.mimetype != JSON.media_type:
        detail = gettext("A message comes as %(type)s.", type=JSON.media_type)
        raise HTTPProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers={"Accept": JSON.media_type})
    response = asyncio.run(_respond(_site()))
    response.cache_control.no_store = True
    return response


def _check_origin() -> None:
    """403 for a page of another site, as the transport demands: its scripts shall not reach servers of its readers."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    known = {host for host in (request.host, urlsplit(current_release().manifest.base).netloc) if host}
    try:
        parts = urlsplit(origin)
        is_known = parts.scheme in {"http", "https"} and (parts.netloc in known or _is_loopback(parts.hostname or ""))
    except ValueError:
        is_known = False
    if not is_known:
        raise HTTPProblem(HTTPStatus.FORBIDDEN, gettext("Pages of other sites may not ask here."))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _site() -> Site:
    from server.mcp.site import About, Site, of_application  # noqa: PLC0415 - of the extra

    release, left = current_release(), request_context().place.left
    send = of_application(current_app.extensions["site"], request.remote_addr or "", left, request.host_url)
    return Site(send, f"{request.host_url.rstrip('/')}{release.urls.site}", About.of(release.manifest))


async def _respond(site: Site) -> Response:
    """Hand the request to the SDK's own application (ASGI), which lives as long as it."""
    from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415 - of the extra

    from server.mcp.server import server  # noqa: PLC0415

    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # hosts and origins are checked here
    application = server(site).streamable_http_app(
        streamable_http_path="/mcp", json_response=True, stateless_http=True, transport_security=unchecked
    )
    messages: list[Message] = []
    body = request.get_data()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    async with application.router.lifespan_context(application):
        await application(_scope(), receive, send)
    return _response(messages)


def _scope() -> Scope:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": request.scheme,
        "path": "/mcp",
        "raw_path": b"/mcp",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": None,
        "server": None,
    }


def _response(messages: list[Any]) -> Response:
    start = next(message for message in messages if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    response = Response(body, start["status"])
    for name, value in start["headers"]:
        if name.lower() in {b"content-type", b"allow", b"mcp-session-id"}:
            response.headers[name.decode()] = value.decode("latin-1")
    return response
