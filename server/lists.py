"""Lists of the members of a class or a concept, filtered by facets: `/list?class=<IRI>&<facet>=<value>`."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from babel import Locale
from flask import Blueprint, Response, request

from core.formats import CSV, HTML, JSON
from core.namespaces import DCTERMS, SCHEMA, SH
from server.entries import OFFERS, Entry, collection, entries, limit, respond
from server.labels import Name, choose
from server.languages import gettext, language, languages
from server.listing import MOST_VALUES, Listing, Selection
from server.pages import links, page, presenter, publication
from server.problems import Problem
from server.urls import LANGUAGE
from server.web import chosen_or_named, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server.index import Facet, FacetValue
    from server.listing import Counted, FacetCounts, Page
    from server.presentation import Value
    from server.urls import Urls

blueprint = Blueprint("lists", __name__)

_ON_PAGE, _IN_DATA = 50, 100  # entries, if nothing else is asked for
_MORE = 40  # values of a facet that a page has beside those it shows at once
_COUNTRIES = frozenset({"http://www.geonames.org/ontology#countryCode", SCHEMA + "addressCountry"})
_TONGUES = frozenset({SCHEMA + "inLanguage", DCTERMS + "language", "http://purl.org/dc/elements/1.1/language"})
_OTHERS = ("class", "concept", "after", "from", "limit", "format", LANGUAGE)


@dataclass(frozen=True)
class Choice:
    """A value of a facet as a page offers it: its name, how many have it, and the list with it or without."""

    name: Name
    value: str
    count: int | None
    is_chosen: bool
    href: str


@dataclass(frozen=True)
class Filter:
    """A facet as a page offers it: those of its values that are shown at once, and the others."""

    key: str
    name: Name
    choices: list[Choice]
    rest: list[Choice]
    is_cut: bool


@dataclass(frozen=True)
class Asked:
    """A list, the part of it that was asked for, and its entries."""

    listing: Listing
    page: Page
    entries: list[Entry]
    counts: list[FacetCounts]
    limit: tuple[tuple[str, str], ...]

    def address(self, urls: Urls, *place: tuple[str, str]) -> str:
        """The address of this list, or of another part of it."""
        return urls.listing(*self.listing.selection.parameters(), *place, *self.limit)

    def views(self, urls: Urls) -> dict[str, str]:
        """The addresses of this part and of those around it, by their relation."""
        index = publication().index
        places = {"previous": self.page.previous, "next": self.page.next, "last": self.page.last}
        behind = {relation: number for relation, number in places.items() if number is not None}
        iris = {resource.id: resource.iri for resource in index.resources(set(behind.values()))}
        views = {relation: self.address(urls, ("after", iris[number])) for relation, number in behind.items()}
        if self.page.start:
            views["first"] = self.address(urls)
            views.setdefault("previous", views["first"])
        return views


@blueprint.get("/list")
def members() -> Response:
    """The members of a class or concept, in the order of their names, as a page, as RDF, CSV or JSON."""
    choice = chosen_or_named(OFFERS, request.args.get("format"))
    asked = _asked(_ON_PAGE if choice.format is HTML else _IN_DATA)
    urls = publication().urls
    views = asked.views(urls)
    canonical = urls.canonical(asked.address(urls))
    whole = {relation: urls.canonical(href) for relation, href in views.items()}
    if whole:
        whole["self"] = urls.canonical(_here(urls))
    response = respond(
        choice,
        {HTML: lambda: _html(asked), JSON: lambda: _json(asked), CSV: lambda: _csv(asked)},
        lambda: collection(canonical, asked.entries, asked.page.total, whole),
    )
    for relation, href in views.items():
        response.headers.add("Link", link(href, {"previous": "prev"}.get(relation, relation)))
    return response


def _here(urls: Urls) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in {"format", LANGUAGE}]
    return urls.listing(*kept)


def _asked(default: int) -> Asked:
    index, size = publication().index, limit(default)
    filters = {name: request.args.getlist(name) for name in request.args if name not in _OTHERS}
    selection = Selection(request.args.get("class"), request.args.get("concept"), filters)
    listing = _listing(selection)
    after = None
    if "after" in request.args:
        after = index.number(request.args["after"])
        if after is None:
            detail = gettext("This release has no <%(iri)s> to go on after.", iri=request.args["after"])
            raise Problem(HTTPStatus.NOT_FOUND, detail)
    part = listing.page(size, after=after, key=request.args.get("from", ""))
    as_asked = (("limit", str(size)),) if "limit" in request.args else ()
    return Asked(listing, part, entries(index.resources(part.numbers)), listing.counts(), as_asked)


def _listing(selection: Selection) -> Listing:
    index = publication().index
    known = [facet.name for facet in index.facets(selection.class_)] if selection.class_ else []
    for name in selection.filters:
        if name not in known:
            detail = gettext("This list has no facet '%(name)s'.", name=name)
            raise Problem(HTTPStatus.BAD_REQUEST, detail, facets=known)
    try:
        return Listing(index, selection)
    except KeyError as error:
        detail = gettext("The data of this release have no members of <%(iri)s>.", iri=error.args[0])
        raise Problem(HTTPStatus.NOT_FOUND, detail) from error


def _facet_name(facet: Facet) -> Name:
    """What the shape of the facet says, in the reader's language."""
    of = publication()
    names: Iterable[object] = ()
    if of.manifest.shapes is not None:
        graph = ox.NamedNode(of.manifest.shapes)
        quads = of.store.quads_for_pattern(ox.NamedNode(facet.iri), ox.NamedNode(SH + "name"), None, graph)
        names = (quad.object for quad in quads)
    return choose((name for name in names if isinstance(name, ox.Literal)), languages()) or Name(facet.name)


def _value(facet: Facet, value: FacetValue) -> Name:
    """The name of a resource; codes of countries and languages as names in the reader's language."""
    if value.is_resource:
        return presenter().value(ox.NamedNode(value.value)).name
    locale = Locale.parse(language())
    if facet.ends in _COUNTRIES:
        return Name(locale.territories.get(value.value, value.value))
    if facet.ends in _TONGUES:
        return Name(locale.languages.get(value.value.replace("-", "_"), value.value))
    return Name(value.value)


def _filter(selection: Selection, counted: FacetCounts, most: int) -> Filter:
    def offered(values: Sequence[Counted]) -> list[Choice]:
        return [
            Choice(
                _value(counted.facet, value.value),
                value.value.value,
                value.count,
                value.is_chosen,
                links().listing(*selection.toggled(counted.facet.name, value.value.value).parameters()),
            )
            for value in values
        ]

    shown, rest = offered(counted.shown), offered(counted.rest[:most])
    if all(choice.value.isdecimal() for choice in shown):
        shown.sort(key=lambda choice: int(choice.value))  # years read better in their order
    is_cut = counted.is_cut or len(counted.rest) > most
    return Filter(counted.facet.name, _facet_name(counted.facet), shown, rest, is_cut)


def _filters(asked: Asked, most: int = MOST_VALUES) -> list[Filter]:
    """The facets of the class; where the list is of no class, the classes that its members have.

    most: how many values of each facet there are beside the first ones.
    """
    selection = asked.listing.selection
    if selection.class_:
        return [_filter(selection, counted, most) for counted in asked.counts]
    choices = []
    for term, count in asked.listing.classes():
        href = links().listing(*Selection(term.iri, selection.concept).parameters())
        choices.append(Choice(presenter().name(ox.NamedNode(term.iri)), term.iri, count, False, href))  # noqa: FBT003
    return [Filter("class", Name(gettext("Class")), choices, [], False)] if choices else []  # noqa: FBT003


def _columns(asked: Asked) -> dict[str, dict[int, list[Name]]]:
    """By facet what each entry has, named."""
    facets = {counted.facet.name: counted.facet for counted in asked.counts}
    columns = asked.listing.columns(asked.counts, asked.page.numbers)
    names: dict[tuple[str, str], Name] = {}

    def name(key: str, value: FacetValue) -> Name:
        if (key, value.value) not in names:
            names[key, value.value] = _value(facets[key], value)
        return names[key, value.value]

    return {
        key: {number: [name(key, value) for value in values] for number, values in column.items()}
        for key, column in columns.items()
    }


def _json(asked: Asked) -> str:
    selection, columns, urls = asked.listing.selection, _columns(asked), publication().urls
    members = []
    for entry in asked.entries:
        more = {key: [name.text for name in column.get(entry.number, [])] for key, column in columns.items()}
        members.append(entry.as_json() | more)
    body = {
        "release": publication().release.id,
        "class": selection.class_,
        "concept": selection.concept,
        "filters": selection.filters,
        "total": asked.page.total,
        "start": asked.page.start,
        "members": members,
        "facets": [
            {
                "name": offered.key,
                "label": offered.name.text,
                "values": [
                    {
                        "value": choice.value,
                        "label": choice.name.text,
                        "count": choice.count,
                        "chosen": choice.is_chosen,
                    }
                    for choice in [*offered.choices, *offered.rest]
                ],
                "isCut": offered.is_cut,
            }
            for offered in _filters(asked)
        ],
        **asked.views(urls),
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _csv(asked: Asked) -> str:
    """RFC 4180, with a line of names; several values of a facet are separated by a bar."""
    columns, text = _columns(asked), io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["iri", "label", "language", "class", "classLabel", *columns])
    for entry in asked.entries:
        more = (" | ".join(name.text for name in column.get(entry.number, [])) for column in columns.values())
        label = entry.class_.name.text if entry.class_ else ""
        writer.writerow([entry.iri, entry.name.text, entry.name.language, entry.class_iri or "", label, *more])
    return text.getvalue()


def _html(asked: Asked) -> str:
    selection, urls = asked.listing.selection, links()
    show = presenter()

    def described(iri: str | None) -> Value | None:
        return show.value(ox.NamedNode(iri)) if iri else None

    class_, concept = described(selection.class_), described(selection.concept)
    heads = [value.name.text for value in (class_, concept) if value]
    filters = _filters(asked, _MORE)
    return page(
        "list.html",
        title=" · ".join(heads) if heads else gettext("Everything"),
        asked=asked,
        class_=class_,
        concept=concept,
        without_concept=urls.listing(*Selection(selection.class_).parameters()),
        without_class=urls.listing(*Selection(None, selection.concept).parameters()),
        without_filters=urls.listing(*Selection(selection.class_, selection.concept).parameters()),
        filters=filters,
        chosen=[(offered.name, choice) for offered in filters for choice in offered.choices if choice.is_chosen],
        columns=_columns(asked),
        views=asked.views(urls),
        letters=_letters(asked, urls),
        formats=[(offer, asked.address(urls, ("format", offer.extension))) for offer in OFFERS if offer is not HTML],
    )


def _letters(asked: Asked, urls: Urls) -> list[tuple[str, str | None]]:
    """Where a list is long, the addresses from which on names begin with each letter."""
    if asked.page.total <= 2 * _ON_PAGE:
        return []
    return [
        (letter, asked.address(urls, ("from", letter)) if is_there else None)
        for letter, is_there in asked.listing.letters()
    ]
