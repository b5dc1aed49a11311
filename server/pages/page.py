"""Pages: a template with what every page shows: addresses, manifest, languages, navigation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from flask import current_app, g, render_template, request

from core import __version__
from core.labels import Name, choose_text
from core.wording import gettext_noop
from server.http.context import current_release, links, request_context
from server.http.languages import LANGUAGES, SHORT_NAMES, chosen_language, language, languages
from server.model.urls import LANGUAGE, is_link
from server.pages import structured_data
from server.pages.presentation import Presenter
from server.pages.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.pages.values import ShownValue

_LONGEST = 2000  # characters of an address that a page repeats
# What the head and the foot of every page lead to: address, name, and the view that answers there.
_HEAD = {
    "list": (gettext_noop("Lists"), "lists.members"),
    "network": (gettext_noop("Network"), "network.network"),
    "query": (gettext_noop("Query"), "editor.editor"),
    "dumps/": (gettext_noop("Downloads"), "downloads.index"),
    "ontology": (gettext_noop("Vocabulary"), "vocabulary.ontology"),
}
_FOOT = {
    "queries": (gettext_noop("Saved queries"), "saved_queries.index"),
    "catalog": (gettext_noop("Catalog"), "catalog.catalog"),
    "releases": (gettext_noop("Releases"), "releases.index"),
    "sparql": (gettext_noop("SPARQL endpoint"), "sparql.get"),
    "validate": (gettext_noop("Check data"), "validation.form"),
    "openapi.json": (gettext_noop("OpenAPI"), "saved_queries.description"),
}


def presenter() -> Presenter:
    """Shows what the release says to the reader of this request: the same one each time, for it remembers."""
    known = cast("Presenter | None", g.get("presenter"))
    if known is None:
        release = current_release()
        urls, wanted = links(), languages()
        before = remembered(release, (urls, tuple(wanted), language()))
        known = g.presenter = Presenter(release.model, release.labels, urls, wanted, release.lookups, before)
        request_context().on_close.append(partial(g.pop, "presenter"))  # templates, which go round in circles, have g
    return known


def shown(iri: str) -> ShownValue:
    """A resource as the reader of this request is shown it."""
    return presenter().value(ox.NamedNode(iri))


def names_apart(iris: Iterable[str]) -> dict[str, Name]:
    """The names of resources that stand in one list, by their IRIs; equal ones are told apart."""
    return current_release().labels.told_apart({iri: shown(iri).name for iri in iris})


def text_of(texts: Mapping[str, str]) -> Name | None:
    """The one of several translations that the reader wants."""
    return choose_text(texts, languages())


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
    urls, now = current_release().urls, language()
    separator = "&" if "?" in at else "?"
    addresses = {tag: f"{at}{separator}{LANGUAGE}={tag}" for tag in LANGUAGES}
    return [
        Translation(tag, name, SHORT_NAMES[tag], addresses[tag], urls.canonical(addresses[tag]), tag == now)
        for tag, name in LANGUAGES.items()
    ]


def address() -> str:
    """The address of this request without its language; of what was not asked for by its address, the front page.

    A page repeats it many times: of one that is long, the path alone.
    """
    urls = current_release().urls
    path = quote(request.path.removeprefix("/"))
    if request.method not in {"GET", "HEAD"} or len(path) > _LONGEST:
        return urls.root
    parameters = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE]
    query = urlencode(parameters) if len(request.query_string) <= _LONGEST else ""
    return urls.file(path) + (f"?{query}" if query else "")


@dataclass(frozen=True)
class NavigationLink:
    """One of the ways in that every page leads to."""

    name: str
    href: str
    is_current: bool


def places() -> tuple[list[NavigationLink], list[NavigationLink]]:
    """The ways in that this server has for this release: those of the head and of the foot."""
    return _places(_HEAD), _places(_FOOT)


def _places(known: Mapping[str, tuple[str, str]]) -> list[NavigationLink]:
    urls, here, views = links(), request.path.strip("/"), current_app.view_functions
    empty = _empty_places()
    return [
        NavigationLink(name, urls.path(local), here == local.strip("/"))
        for local, (name, view) in known.items()
        if view in views and local not in empty
    ]


def _empty_places() -> set[str]:
    """The pages that have nothing to show of this release."""
    release = current_release()
    has = {
        "network": any(query.place == "network" for query in release.queries.values()),
        "ontology": release.manifest.ontology,
        "queries": release.queries,
        "validate": release.manifest.shapes,
    }
    return {local for local, shown_there in has.items() if not shown_there}


def licence_name(iri: str) -> Name:
    """What a licence is called, or else its address."""
    name = presenter().name(ox.NamedNode(iri))
    is_address_alone = name.text == current_release().labels.short(iri)
    return Name(iri.partition("://")[2].rstrip("/") or iri) if is_address_alone else name


def dataset() -> dict[str, Any]:
    """The dataset in the words of schema.org, for the head of a page that is about it."""
    return structured_data.dataset(current_release(), languages())


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
    release = current_release()
    manifest, at = release.manifest, at or address()
    others = translations(at)
    asked = next((other.canonical for other in others if other.language == chosen_language()), None)
    canonical = asked or release.urls.canonical(at)
    known_by = release.urls.absolute(at) if release.urls.within else canonical
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
        site_rights=text_of(manifest.dataset.rights),
        language=language(),
        here=at,
        canonical=canonical,
        default=release.urls.canonical(at),
        translations=others,
        places=places(),
        summary=structured_data.summary(
            summary or (entity or {}).get("description") or (text.text if text else headline)
        ),
        structured=structured_data.script(
            structured_data.web_page(headline, known_by, language(), site, manifest, entity)
        ),
        version=__version__,
        **values,
    )
