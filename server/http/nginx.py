"""What ParkGraph tells an nginx in front: which file to send, and how long to keep an answer (deploy/nginx.conf).

https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ignore_headers has the fields.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import parse_cache_control_header

from server.semantics.caching import is_storable

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Request, Response
    from werkzeug.datastructures import Headers

_SECONDS = 1  # as long as a web process takes to see a new release
# Conditions that nginx would judge itself, by the file, once it sends that.
_CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE")


class Nginx:
    """An nginx that finds the releases folder at an internal location."""

    def __init__(self, releases: Path, location: str) -> None:
        self._releases, self._location = releases.resolve(), location

    def send(self, path: Path, request: Request, response: Response) -> None:
        """Have nginx send the file of a release that is the whole answer, unless only a part may be wanted."""
        if response.status_code != HTTPStatus.OK or any(condition in request.environ for condition in _CONDITIONS):
            return
        inside = path.resolve().relative_to(self._releases)
        response.headers["X-Accel-Redirect"] = quote(self._location + inside.as_posix())
        response.close()
        response.direct_passthrough, response.response = False, []

    def complete(self, headers: Headers, status: int) -> None:
        """Let nginx give an answer out without asking: as long as browsers may, or else for a moment."""
        if "X-Accel-Redirect" in headers:
            headers["Link"] = ", ".join(headers.getlist("Link"))  # nginx passes on one
        if is_storable(status, headers) or status == HTTPStatus.NOT_MODIFIED:
            control = parse_cache_control_header(headers.get("Cache-Control"), cls=ResponseCacheControl)
            headers["X-Accel-Expires"] = str(control.max_age or _SECONDS)
