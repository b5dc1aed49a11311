"""The release that a request is answered from, and pages made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from flask import current_app, render_template, request

from core import __version__
from server.data.labels import choose
from server.data.presentation import Presenter
from server.languages import LANGUAGES, SHORT_NAMES, chosen, gettext_noop, language, languages
from server.urls import LANGUAGE, is_link
from server.web import heads
from server.web.shares import client_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.data.labels import Name
    from server.publication import Publication
    from server.urls import Urls

ENVIRON_KEY = "parkgraph.publication"
# What the head and the foot of every page lead to: address, name, and the view that answers there.
_HEAD = {
    "list": (gettext_noop("Lists"), "lists.members"),
    "network": (gettext_noop("Network"), "network.network"),
    "query": (gettext_noop("Query"), "editor.editor"),
    "dumps/": (gettext_noop("Downloads"), "dumps.index"),
    "ontology": (gettext_noop("Vocabulary"), "ontology.ontology"),
}
_FOOT = {
    "queries": (gettext_noop("Saved queries"), "data_api.index"),
    "catalog": (gettext_noop("Catalogue"), "catalog.catalog"),
    "releases": (gettext_noop("Releases"), "releases.index"),
    "sparql": (gettext_noop("SPARQL endpoint"), "sparql.get"),
    "openapi.json": (gettext_noop("OpenAPI"), "data_api.description"),
}
RELEASE_KEY = "parkgraph.release"  # the id of the release that was current when the request came
AT_END_KEY = "parkgraph.at_end"  # a list of what to call when the last byte has been sent


def publication() -> Publication:
    """The release of this request: one and the same from its beginning to its end."""
    return cast("Publication", request.environ[ENVIRON_KEY])


def client() -> str:
    """Who sent this request, as far as shares of the server go."""
    return client_of(request.remote_addr or "")


def links() -> Urls:
    """The addresses that a page links to: they keep the language that the reader has chosen."""
    return publication().urls.asking_for(chosen())


def presenter() -> Presenter:
    """Shows what the release says to the reader of this request."""
    of = publication()
    return Presenter(of.model, of.labels, links(), languages())


def text_of(texts: Mapping[str, str]) -> Name | None:
    """The one of several translations that the reader wants."""
    literals = [ox.Literal(text, language=tag) if tag else ox.Literal(text) for tag, text in texts.items()]
    return choose(literals, languages())


@dataclass(frozen=True)
class Translation:
    """The page in another language of the interface; canonical: its address under the base."""

    language: str
    name: str
    short: str
    href: str
    canonical: str
    is_current: bool


def translations(at: str) -> list[Translation]:
    """The page at this address in each language."""
    urls, now = publication().urls, language()
    separator = "&" if "?" in at else "?"
    addresses = {tag: f"{at}{separator}{LANGUAGE}={tag}" for tag in LANGUAGES}
    return [
        Translation(tag, name, SHORT_NAMES[tag], addresses[tag], urls.canonical(addresses[tag]), tag == now)
        for tag, name in LANGUAGES.items()
    ]


def address() -> str:
    """The address of this request without its language; of what was not asked for by its address, the front page."""
    urls = publication().urls
    if request.method not in {"GET", "HEAD"}:
        return urls.root
    parameters = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE]
    return urls.file(quote(request.path.removeprefix("/"))) + (f"?{urlencode(parameters)}" if parameters else "")


@dataclass(frozen=True)
class Place:
    """One of the ways in that every page leads to."""

    name: str
    href: str
    is_current: bool


def places() -> tuple[list[Place], list[Place]]:
    """The ways in that this server has for this release: those of the head and of the foot."""
    return _places(_HEAD), _places(_FOOT)


def _places(known: Mapping[str, tuple[str, str]]) -> list[Place]:
    urls, here, views = links(), request.path.strip("/"), current_app.view_functions
    return [
        Place(name, urls.path(local), here == local.strip("/"))
        for local, (name, view) in known.items()
        if view in views and (local != "ontology" or publication().manifest.ontology)
    ]


def dataset() -> dict[str, Any]:
    """The dataset in the words of schema.org, for the head of a page that is about it."""
    return heads.dataset(publication(), languages())


def page(
    template: str,
    *,
    title: str | Name | None = None,
    at: str | None = None,
    entity: dict[str, Any] | None = None,
    summary: str | None = None,
    **values: Any,
) -> str:
    """A page; every template knows the addresses and the manifest of the release, and the reader's language.

    at: the address that the page is known by, without its language; that of the request if it has only one. entity:
    what the page is about, in the words of schema.org. summary: a sentence for those who list pages.
    """
    of = publication()
    manifest, at = of.manifest, at or address()
    others = translations(at)
    asked = next((other.canonical for other in others if other.language == chosen()), None)
    canonical = asked or of.urls.canonical(at)
    site, text = text_of(manifest.dataset.title), text_of(manifest.dataset.description)
    headline = title if isinstance(title, str) else title.text if title else manifest.base
    return render_template(
        template,
        title=title,
        plain_title=headline,
        urls=links(),
        manifest=manifest,
        site=site,
        site_licence=manifest.dataset.license if is_link(manifest.dataset.license or "") else None,
        language=language(),
        here=at,
        canonical=canonical,
        default=of.urls.canonical(at),
        translations=others,
        places=places(),
        summary=heads.summary(summary or (entity or {}).get("description") or (text.text if text else headline)),
        structured=heads.script(heads.web_page(headline, canonical, language(), site, manifest, entity)),
        version=__version__,
        **values,
    )
