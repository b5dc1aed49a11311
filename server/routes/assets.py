"""Scripts and styles of the pages, bundled from web/ under names that carry a hash of their content."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, send_from_directory

from core.errors import ParkGraphError
from server.http.context import current_release
from server.http.ranges import conditional_file

if TYPE_CHECKING:
    from flask import Flask

STATIC = Path(__file__).parent.parent / "static"
BUILT = STATIC / "built"
_MANIFEST = "manifest.json"
_FOREVER = 31_536_000  # seconds: a year, as long as caches keep anything
# Python's own table of types is extended by the machine's: this is all that a bundle has.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".txt": "text/plain"}

blueprint = Blueprint("assets", __name__)


def install(app: Flask, folder: Path = BUILT) -> None:
    """Give templates `asset(name)`, the path of a bundle by its plain name; ParkGraphError if none is built."""
    try:
        names: dict[str, str] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParkGraphError("the scripts and styles of the pages are not built: run `make setup`") from None

    def asset(name: str) -> str:
        return current_release().urls.site + "static/built/" + names[name]

    app.jinja_env.globals["asset"] = asset


@blueprint.get("/static/built/<name>")
def built(name: str) -> Response:
    """One file of a bundle, which never changes under its name."""
    if name == _MANIFEST:
        abort(404)
    type_ = _TYPES.get(PurePath(name).suffix)
    response = send_from_directory(BUILT, name, mimetype=type_, conditional=False, etag=name, max_age=_FOREVER)
    response.cache_control.public = True
    response.cache_control.no_cache = None
    response.cache_control.immutable = True
    return conditional_file(response, has_ranges=False)


@blueprint.get("/static/<filename>")
def static(filename: str) -> Response:
    """An image, whose address has a version."""
    return conditional_file(send_from_directory(STATIC, filename, conditional=False), has_ranges=False)
