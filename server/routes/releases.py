"""The list of releases, and the permanent address of each: `/release/<id>/…`, whose answers never change."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, render_template

from core.formats import ATOM, HTML, JSON, JSON_LD, N_TRIPLES, RDF_XML, TURTLE
from release.reader import RELEASE
from server.http.context import current_release, links
from server.http.languages import gettext
from server.http.responses import add_link, answer, chosen, fixed_format, of_all_releases, see_other, to_json
from server.pages.graphs import to_document
from server.pages.page import page, text_of
from server.routes import release_feeds
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem
from server.versions import KeptVersions

if TYPE_CHECKING:
    from core.formats import Format
    from release.history import Versions
    from server.model.serialization import SerializedGraph
    from server.releases import CurrentRelease

_NAMED = 20  # releases that a problem names
_FEED = 100  # entries

blueprint = Blueprint("releases", __name__)


OFFERS = (JSON, HTML, ATOM, TURTLE, JSON_LD, N_TRIPLES, RDF_XML)


@blueprint.get("/releases")
@blueprint.get("/releases.<extension>")
def index(extension: str | None = None) -> Response:
    """All releases with their changes, as a page, JSON, Atom feed or RDF; removed ones are listed as such."""
    urls = current_release().urls
    fixed = fixed_format(extension, OFFERS)
    if urls.within:  # the list is of all of them, and changes
        return see_other(f"{urls.site}releases{f'.{extension}' if extension else ''}")
    choice = NegotiatedFormat(fixed, fixed.media_type) if fixed else chosen(OFFERS)
    found = versions()
    response = answer(choice, lambda: _list(found, choice.format), hashlib.sha256(repr(found).encode()).hexdigest())
    if fixed is None:
        response.vary.add("Accept")
    add_link(response, urls.file("releases.atom"), "alternate", type=ATOM.media_type)
    return of_all_releases(response)


def _list(found: Versions, format_: Format) -> SerializedGraph | bytes | str:
    release, base = current_release(), current_release().manifest.base
    if format_ is HTML:
        return page("releases.html", title=gettext("Releases"), rows=release_feeds.rows(found, links()))
    if format_ is JSON:
        return to_json({"current": found.current, "releases": release_feeds.rows(found, release.urls)})
    if format_ is ATOM:
        title = text_of(release.manifest.dataset.title)
        newest = [version for version in found.all if version.kept][:_FEED]
        shown = {"title": title.text if title else base, "base": base, "folder": RELEASE, "releases": newest}
        return render_template("releases.xml", **shown)
    return to_document(release_feeds.triples(found, base), format_)


@blueprint.get("/release/<identity>")
def release(identity: str) -> Response:
    """303 to the catalog of the release, which describes it."""
    if not versions().kept(identity):
        raise missing(identity)
    return see_other(current_release().urls.of_release(identity, "catalog"))


@blueprint.route("/release/<identity>/", defaults={"local": ""})
@blueprint.route("/release/<identity>/<path:local>")
def within(identity: str, local: str) -> Response:  # noqa: ARG001 - the rest of the address
    """404 or 410: ReleaseMiddleware takes all requests to releases that exist, so only others come here."""
    if current_release().urls.within:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("There is nothing at this address."))
    raise missing(identity)


def current() -> CurrentRelease:
    """The folder of releases, with the one that new requests are answered from."""
    return cast("CurrentRelease", current_app.extensions["current"])


def versions() -> Versions:
    """All releases in the folder now."""
    return current().history.versions()


def kept_versions() -> KeptVersions:
    """The releases that are kept, of the base IRI of the one that answers."""
    return KeptVersions(current().history, current_app.extensions["cache"], current_release().urls.base)


def missing(identity: str) -> HTTPProblem:
    """410 for a release that was removed, else 404; both name releases that exist."""
    found = versions()
    kept = [version.id for version in found.all if version.kept][:_NAMED]
    if found.removed(identity):
        return HTTPProblem(HTTPStatus.GONE, gettext("Release '%(id)s' was removed.", id=identity), releases=kept)
    return HTTPProblem(HTTPStatus.NOT_FOUND, gettext("There is no release '%(id)s'.", id=identity), releases=kept)
