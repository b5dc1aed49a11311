"""Downloads: the files of a release, whole or in part, with their digests, at the release's own address."""

from __future__ import annotations

import base64
import gzip
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from flask import Blueprint, Response, current_app, request, send_file
from werkzeug.wsgi import FileWrapper

from core.formats import HTML, JSON
from release import sums
from release.dumps.index import FOLDER, METADATA
from release.manifest import FILE_NAME
from server.http.context import current_release
from server.http.languages import gettext
from server.http.ranges import conditional_file
from server.http.responses import add_link, answer, chosen, moved, to_json
from server.pages import downloads
from server.pages.page import dataset, page
from server.semantics.conditional import last_modified
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from server.http.nginx import Nginx
    from server.releases import OpenRelease

_TYPES = {  # by the end of a file's name
    "csv-metadata.json": "application/csvm+json",
    sums.NAME: "text/plain; charset=utf-8",
    ".sig": "text/plain; charset=utf-8",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
}
_PIECE = 1 << 17  # bytes that are sent at once

blueprint = Blueprint("downloads", __name__)


@blueprint.get("/dumps/")
def index() -> Response:
    """The list of files, as JSON or as a page that says which is for whom."""
    choice = chosen((JSON, HTML))
    response = answer(choice, _html if choice.format is HTML else lambda: to_json(downloads.as_json(current_release())))
    response.vary.add("Accept")
    return response


@blueprint.get("/dumps/latest/", defaults={"name": ""})
@blueprint.get("/dumps/latest/<path:name>")
def latest(name: str) -> Response:
    """307 to the downloads of the current release, or to one of them."""
    release = current_release()
    if release.urls.within or (name and _find(release, name) is None):
        raise _missing(f"latest/{name}")
    return _at_its_release(f"{FOLDER}/{name}")


@blueprint.get("/dumps/<path:name>")
def dump(name: str) -> Response:
    """One file; a table in CSV also without its compression."""
    release = current_release()
    path = _find(release, name)
    if path is None:
        raise _missing(name)
    if not release.urls.within:
        return _at_its_release(f"{FOLDER}/{name}")
    return _file(release, path) if path == f"{FOLDER}/{name}" else _unpacked(release, path)


@blueprint.get("/SHA256SUMS", defaults={"name": sums.NAME})
@blueprint.get("/SHA256SUMS.sig", defaults={"name": sums.SIGNATURE})
@blueprint.get("/manifest.json", defaults={"name": FILE_NAME})
def about(name: str) -> Response:
    """What a release is verified by: its manifest, the digests of all its files, and their signature."""
    release = current_release()
    if name == sums.SIGNATURE and not (release.folder.path / name).exists() and release.folder.path.exists():
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("This release is not signed."))
    if not release.urls.within:
        return _at_its_release(name)
    response = send_file(
        release.folder.path / name,
        mimetype=_media_type(name).partition(";")[0],
        conditional=False,
        last_modified=last_modified(release.manifest),
    )
    return conditional_file(response, has_ranges=True)


def _find(release: OpenRelease, name: str) -> str | None:
    """The path in the release of a dump by its name; a table in CSV is also found without its `.gz`."""
    path, files = f"{FOLDER}/{name}", release.manifest.files
    if path in files:
        return path
    return f"{path}.gz" if name.endswith(".csv") and f"{path}.gz" in files else None


def _file(release: OpenRelease, path: str) -> Response:
    """A file as it is: ranges (RFC 9110, 14), its digest as tag and in Repr-Digest (RFC 9530).

    The representation is the compressed file itself: no Content-Encoding, or clients would unpack what they save,
    and ranges and digests would be of something else than the file in the release.
    """
    response = _sent(release, path, path)
    nginx: Nginx | None = current_app.extensions["nginx"]
    if nginx:
        nginx.send(release.folder.path / path, request, response)
    return response


def _unpacked(release: OpenRelease, path: str) -> Response:
    """A table in CSV: its gzip is a Content-Encoding, so browsers save it ready for a spreadsheet."""
    file, plain = release.manifest.files[path], path.removesuffix(".gz")
    if request.accept_encodings["gzip"]:
        response = _sent(release, path, plain)
        response.content_encoding = "gzip"
    else:
        packed = gzip.open(release.folder.path / path)  # noqa: SIM115 - closed when it has been sent
        pieces = FileWrapper(cast("BinaryIO", packed), _PIECE)
        response = Response(pieces, content_type=_media_type(plain), direct_passthrough=True)
        response.set_etag(f"{file.sha256}-identity")
        response.last_modified = last_modified(release.manifest)
        response.content_length = downloads.index_of(release.folder.path).text_size(path)
        response.cache_control.public = response.cache_control.no_cache = True  # until it is the release's address
        response = conditional_file(response, has_ranges=False)
    response.vary.add("Accept-Encoding")
    metadata = release.urls.dump(METADATA)
    add_link(response, metadata, "describedby", type="application/csvm+json")
    return response


def _sent(release: OpenRelease, path: str, name: str) -> Response:
    """A file of the release, with the media type that `name` has."""
    file = release.manifest.files[path]
    response = send_file(
        release.folder.path / path,
        mimetype=_media_type(name).partition(";")[0],
        download_name=PurePosixPath(name).name,
        conditional=False,  # below
        etag=file.sha256,
        last_modified=last_modified(release.manifest),
    )
    if isinstance(response.response, FileWrapper):
        response.response.buffer_size = _PIECE
    response.headers["Repr-Digest"] = _digest(file.sha256)
    response.cache_control.public = True
    return conditional_file(response, has_ranges=True)


def _at_its_release(local: str) -> Response:
    """307 to the address under which it never changes (RFC 9110, 15.4.8)."""
    release = current_release()
    return moved(release.urls.of_release(release.folder.id, local), HTTPStatus.TEMPORARY_REDIRECT)


def _missing(name: str) -> HTTPProblem:
    return HTTPProblem(HTTPStatus.NOT_FOUND, gettext("This release has no dump '%(name)s'.", name=name))


def _digest(sha256: str) -> str:
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def _media_type(path: str) -> str:
    known = next((type_ for end, type_ in _TYPES.items() if path.endswith(end)), None)
    format_ = downloads.format_of(path.rpartition(".")[2])
    return known or (format_.content_type if format_ else "application/octet-stream")


def _html() -> str:
    release = current_release()
    offered = downloads.Downloads(release)
    graphs = release.manifest.counts.graphs
    return page(
        "dumps.html",
        title=gettext("Downloads"),
        entity=dataset(),
        needs=offered.needs(),
        example_graph=min(graphs) if graphs else None,
        quads_table=offered.quads_table(),
        classes=offered.classes(),
        metadata=offered.metadata(),
        rows=offered.rows(),
        signature=offered.signature(),
        host=request.host_url.rstrip("/"),
    )
