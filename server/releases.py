"""Releases side by side: each under an address of its own, `/release/<id>/…`, where nothing ever changes."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request
from werkzeug.http import http_date

from core.formats import HTML
from server.conditional import last_modified
from server.pages import publication
from server.problems import Problem
from server.urls import SAFE_IN_PATH
from server.web import link, see_other

if TYPE_CHECKING:
    from release.history import Versions
    from server.publication import Current

_YEAR = 365 * 24 * 3600  # seconds
_LONGEST = 2000  # characters of an address that a header field repeats
_NAMED = 20  # releases that a problem names
_ANSWERS = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED})

blueprint = Blueprint("releases", __name__)


@blueprint.get("/release/<identity>")
def release(identity: str) -> Response:
    """303 to the catalogue of the release, which says all about it."""
    if not versions().kept(identity):
        raise _missing(identity)
    return see_other(publication().urls.of_release(identity, "catalog"))


@blueprint.route("/release/<identity>/", defaults={"local": ""})
@blueprint.route("/release/<identity>/<path:local>")
def within(identity: str, local: str) -> Response:
    """What is here was not found: requests to a release that is there never come to this route."""
    if publication().urls.within:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is nothing at '{local}' of a release within a release.")
    raise _missing(identity)


def mark(response: Response) -> Response:
    """Say which release an answer is of, and where it stays (RFC 5829, RFC 7089).

    Under the address of a release it never changes (RFC 8246); pages are made anew by each version of the server.
    """
    if response.status_code not in _ANSWERS or request.method not in {"GET", "HEAD"} or response.cache_control.no_store:
        return response
    urls, manifest = publication().urls, publication().manifest
    local = _local()
    if len(local) > _LONGEST:
        return response
    if not urls.within:
        when = http_date(last_modified(manifest))
        response.headers.add("Link", link(urls.of_release(manifest.id, local), "memento", datetime=when))
        return response
    response.headers["Memento-Datetime"] = http_date(last_modified(manifest))
    response.headers.add("Link", link(urls.site + local, "original latest-version"))
    response.headers.add("Link", link(f"{urls.site}releases", "version-history"))
    response.headers.add("Link", link(urls.of_release(manifest.id), "collection"))
    if response.mimetype != HTML.media_type and response.cache_control.no_cache:
        response.cache_control.no_cache = None
        response.cache_control.max_age = _YEAR
        response.cache_control.immutable = True
    return response


def _local() -> str:
    """The address of this request within its release, with its query."""
    path, query = quote(request.path.removeprefix("/"), safe=SAFE_IN_PATH), request.query_string.decode("latin-1")
    return f"{path}?{quote(query, safe=SAFE_IN_PATH + '?%')}" if query else path


def versions() -> Versions:
    """All releases, as they are at this moment."""
    current: Current = current_app.extensions["current"]
    return current.history.versions()


def _missing(identity: str) -> Problem:
    found = versions()
    kept = [version.id for version in found.all if version.kept][:_NAMED]
    if found.removed(identity):
        return Problem(HTTPStatus.GONE, f"Release '{identity}' was removed.", releases=kept)
    return Problem(HTTPStatus.NOT_FOUND, f"There is no release '{identity}'.", releases=kept)
