"""Downloads: the dump files of the release, whole or in part, with their digests."""

from __future__ import annotations

import base64
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flask import Blueprint, Response, json, request, send_file

from core.formats import HTML, JSON, by_extension
from server.conditional import last_modified
from server.pages import page, publication
from server.problems import Problem
from server.web import answer, chosen

if TYPE_CHECKING:
    from release.manifest import File

FOLDER = "dumps/"
_GZIP = "application/gzip"

blueprint = Blueprint("dumps", __name__)


@blueprint.get("/dumps/")
def index() -> Response:
    """The list of files, as JSON or as a page."""
    choice = chosen((JSON, HTML))
    response = answer(choice, _html if choice.format is HTML else _json)
    response.vary.add("Accept")
    return response


@blueprint.get("/dumps/<path:name>")
def dump(name: str) -> Response:
    """One file: ranges (RFC 9110, 14), its digest as tag and in Repr-Digest (RFC 9530).

    The representation is the compressed file itself: no Content-Encoding, or clients would unpack what they save,
    and ranges and digests would be of something else than the file in the release.
    """
    of = publication()
    file = of.manifest.files.get(FOLDER + name)
    if file is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"This release has no dump '{name}'.")
    response = send_file(
        of.release.path / FOLDER / name,
        mimetype=_media_type(name),
        conditional=True,
        etag=file.sha256,
        last_modified=last_modified(of.manifest),
    )
    response.headers["Repr-Digest"] = _digest(file)
    response.headers["Accept-Ranges"] = "bytes"
    response.cache_control.public = True
    return response


def _digest(file: File) -> str:
    return f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"


def _media_type(name: str) -> str:
    path = PurePosixPath(name)
    format_ = by_extension(path.suffix.removeprefix("."))
    if path.suffix == ".gz":
        return _GZIP
    return format_.content_type if format_ else "application/octet-stream"


def _rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for path, file in sorted(publication().manifest.files.items()):
        if path.startswith(FOLDER):
            name = path.removeprefix(FOLDER)
            inner = by_extension(PurePosixPath(name.removesuffix(".gz")).suffix.removeprefix("."))
            rows.append(
                {
                    "name": name,
                    "url": publication().urls.dump(name),
                    "format": inner.name if inner else None,
                    "mediaType": _media_type(name),
                    "size": file.size,
                    "sha256": file.sha256,
                }
            )
    return rows


def _json() -> str:
    manifest = publication().manifest
    body = {"release": manifest.id, "created": manifest.created, "files": _rows()}
    return json.dumps(body, indent=1, sort_keys=False) + "\n"


def _html() -> str:
    return page("dumps.html", title="Downloads", rows=_rows(), example=f"{request.host_url.rstrip('/')}")
