"""The host that a request names: it has to name one, and no redirect repeats it.

The address of a redirect is a path, which holds for whatever name and scheme the client has reached the server by.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.routing import RequestRedirect

from server.http.languages import gettext
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

# RFC 9110, 7.2, without what no registered name has; the application server puts a comma between two fields.
_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_VERSION = "HTTP/1.1"  # the one that demands it


def install(app: Flask) -> None:
    """Look at every request before its route does."""
    app.before_request(_check)
    app.before_request(_redirect)


def is_valid(environ: WSGIEnvironment) -> bool:
    """Whether the request has one Host field that names a host, or need not have any (RFC 9112, 3.2)."""
    host = environ.get("HTTP_HOST", "")
    return _HOST.fullmatch(host) is not None or (not host and environ["SERVER_PROTOCOL"] != _VERSION)


def _check() -> None:
    """400 where the host is not valid."""
    if not is_valid(request.environ):
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("A request has one Host field, with a host and its port."))


def _redirect() -> Response | None:
    """308 to the path of the route, where the one that is asked for lacks its last slash or has too many."""
    redirect = request.routing_exception
    if not isinstance(redirect, RequestRedirect):
        return None
    _, _, path, query, _ = urlsplit(redirect.new_url)
    location = f"/{path.lstrip('/')}{'?' * bool(query)}{query}"
    return Response(status=redirect.code, headers={"Location": location}, content_type="text/plain; charset=utf-8")
