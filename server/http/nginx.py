"""What ParkGraph tells an nginx in front: which file to send, and how long to keep an answer (deploy/nginx.conf).

https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ignore_headers has the fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import parse_cache_control_header

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers

FILE_KEY = "parkgraph.file"  # in the environ: the path of the file of a release that is the whole answer
_SECONDS = 1  # as long as a web process takes to see a new release
# Conditions that nginx would judge itself, by the file, once it sends that.
_CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE")


class Nginx:
    """An nginx that finds the releases folder at an internal location; without a location there is none."""

    def __init__(self, releases: Path, location: str) -> None:
        self._releases, self._location = releases.resolve(), location

    def hand_over(self, headers: Headers, environ: WSGIEnvironment) -> bool:
        """Have nginx send the file that is the answer; False if the server has to."""
        path: Path | None = environ.get(FILE_KEY)
        if path is None or not self._location or any(condition in environ for condition in _CONDITIONS):
            return False
        headers["Link"] = ", ".join(headers.getlist("Link"))  # nginx passes on one
        inside = path.resolve().relative_to(self._releases)
        headers["X-Accel-Redirect"] = quote(self._location + inside.as_posix())
        return True

    def keep(self, headers: Headers) -> None:
        """Let nginx give an answer out without asking: as long as browsers may, or else for a moment."""
        if self._location:
            control = parse_cache_control_header(headers.get("Cache-Control"), cls=ResponseCacheControl)
            headers["X-Accel-Expires"] = str(control.max_age or _SECONDS)
