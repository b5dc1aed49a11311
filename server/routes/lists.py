"""Lists of the members of a class or a concept, filtered by facets: `/list?class=<IRI>&<facet>=<value>`."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.formats import CSV, GEOJSON, HTML, JSON, XLSX
from server.http.context import current_release, links
from server.http.languages import gettext
from server.http.responses import add_link, chosen_or_named, to_json
from server.model.geojson import feature, feature_collection, without_places
from server.model.lists import CLASS, Listing, Selection
from server.model.urls import LANGUAGE
from server.pages.citations import cite
from server.pages.facets import Column, columns_of, facet_name, value_name, value_names
from server.pages.graphs import certain
from server.pages.list_views import CHARTS, VIEW, has_places, list_chart, list_views, places_of
from server.pages.page import page, shown
from server.pages.presentations import of_list
from server.pages.resource_list import OFFERS, ResourceEntry, collection, entries, limit, respond, to_csv
from server.pages.trees import trail_of_list
from server.query.spreadsheets import Link, to_value, write_workbook
from server.semantics.problem import HTTPProblem, unwritable

if TYPE_CHECKING:
    from release.search_index import Resource
    from server.model.lists import Page
    from server.model.positions import Place
    from server.model.urls import Urls
    from server.query.spreadsheets import Value

blueprint = Blueprint("lists", __name__)

_ON_PAGE, _IN_DATA = 50, 100  # entries, if nothing else is asked for
_MORE = 40  # values of a facet that a page has beside those it shows at once
_BAR = " | "
_LONGEST = 2000  # characters of what a list is filtered by, which its pages repeat many times
_OTHERS = (CLASS, "concept", "after", "from", "limit", "format", VIEW, LANGUAGE)


@dataclass(frozen=True)
class Asked:
    """A list, the page of it that was asked for, and the entries on that page."""

    listing: Listing
    page: Page
    resources: list[Resource]
    limit: tuple[tuple[str, str], ...]

    @cached_property
    def entries(self) -> list[ResourceEntry]:
        return entries(self.resources)

    @cached_property
    def columns(self) -> list[Column]:
        return columns_of(self.listing, self.resources)

    @cached_property
    def places(self) -> dict[int, Place]:
        """The places of the entries that have one, by their numbers."""
        return places_of(self.entries)

    def address(self, urls: Urls, *place: tuple[str, str]) -> str:
        """The address of this list, or with `place` of another page of it."""
        return urls.listing(*self.listing.selection.parameters(), *place, *self.limit)

    def views(self, urls: Urls) -> dict[str, str]:
        """The addresses of the neighbouring pages by link relation: first, previous, next, last."""
        index = current_release().index
        places = {"previous": self.page.previous, "next": self.page.next, "last": self.page.last}
        cursors = {relation: number for relation, number in places.items() if number is not None}
        iris = {resource.id: resource.iri for resource in index.resources(set(cursors.values()))}
        views = {relation: self.address(urls, ("after", iris[number])) for relation, number in cursors.items()}
        if self.page.start:
            views["first"] = self.address(urls)
            views.setdefault("previous", views["first"])
        return views


@blueprint.get("/list")
def members() -> Response:
    """The members of a class or concept, in the order of their names, as a page, as RDF, CSV or JSON."""
    choice = chosen_or_named((*OFFERS, XLSX, GEOJSON), request.args.get("format"))
    asked = _asked(_ON_PAGE if choice.format is HTML else _IN_DATA)
    urls = current_release().urls
    views = asked.views(urls)
    canonical = urls.canonical(asked.address(urls))
    whole = {relation: urls.canonical(href) for relation, href in views.items()}
    if whole:
        whole["self"] = urls.canonical(_here(urls))
    response = respond(
        choice,
        {
            HTML: lambda: _html(asked),
            JSON: lambda: _json(asked),
            CSV: lambda: _csv(asked),
            XLSX: lambda: _workbook(asked),
            GEOJSON: lambda: _geojson(asked),
        },
        lambda: collection(canonical, asked.entries, asked.page.total, whole),
    )
    for relation, href in views.items():
        add_link(response, href, {"previous": "prev"}.get(relation, relation))
    return response


def _here(urls: Urls) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in {"format", LANGUAGE}]
    return urls.listing(*kept)


def _asked(default: int) -> Asked:
    index, size = current_release().index, limit(default)
    # a form sends what is left empty as well
    given = {name: [value for value in request.args.getlist(name) if value] for name in request.args}
    filters = {name: values for name, values in given.items() if name not in _OTHERS and values}
    selection = Selection(request.args.get(CLASS) or None, request.args.get("concept") or None, filters)
    if sum(len(name) + len(value) for name, values in given.items() if name != "after" for value in values) > _LONGEST:
        detail = gettext("What a list is filtered by may have %(most)s characters.", most=_LONGEST)
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    listing = _listing(selection)
    after = None
    if request.args.get("after"):
        after = index.number(request.args["after"])
        if after is None:
            detail = gettext("This release has no <%(iri)s> to go on after.", iri=request.args["after"])
            raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    part = listing.page(size, after=after, key=request.args.get("from", ""))
    as_asked = (("limit", str(size)),) if "limit" in request.args else ()
    return Asked(listing, part, index.resources(part.numbers), as_asked)


def _listing(selection: Selection) -> Listing:
    index = current_release().index
    known = [facet.name for facet in index.facets(selection.class_)] if selection.class_ else []
    for name in selection.filters:
        if name not in known:
            detail = gettext("This list has no facet '%(name)s'.", name=name)
            raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail, facets=known)
    try:
        return Listing(current_release().listable, selection)
    except KeyError as error:
        detail = gettext("The data of this release have no members of <%(iri)s>.", iri=error.args[0])
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail) from error


def _json(asked: Asked) -> str:
    selection, urls = asked.listing.selection, current_release().urls
    members = [
        entry.as_json() | {column.key: column.texts(entry.number) for column in asked.columns}
        for entry in asked.entries
    ]
    body = {
        "release": current_release().folder.id,
        "class": selection.class_,
        "concept": selection.concept,
        "filters": selection.filters,
        "unknown": [{"facet": facet.name, "value": value} for facet, value in asked.listing.unknown],
        "total": asked.page.total,
        "start": asked.page.start,
        "members": members,
        "facets": [
            {
                "name": counted.facet.name,
                "label": facet_name(counted.facet).text,
                "values": [
                    {
                        "value": choice.value.value,
                        "label": value_name(choice.value, counted.facet).text,
                        "count": choice.count,
                        "chosen": choice.is_chosen,
                    }
                    for choice in counted.values
                ],
                "isCut": counted.is_truncated,
            }
            for counted in asked.listing.counts
        ],
        **asked.views(urls),
    }
    return to_json(body)


def _csv(asked: Asked) -> str:
    """Several values of a column are separated by a bar."""
    columns = asked.columns
    rows = ((entry, [_BAR.join(column.texts(entry.number)) for column in columns]) for entry in asked.entries)
    return to_csv((column.key for column in columns), rows)


def _workbook(asked: Asked) -> bytes:
    """The table of the page, with a sheet that tells of it."""
    urls, file = current_release().urls, io.BytesIO()
    head = [gettext("Name"), gettext("Class"), *(_heading(column) for column in asked.columns), "IRI"]
    rows = (
        [
            entry.name.text,
            entry.class_.name.text if entry.class_ else None,
            *(_cell(column, entry.number) for column in asked.columns),
            Link(entry.iri),
        ]
        for entry in asked.entries
    )
    write_workbook(head, rows, of_list(cite(asked.address(urls), _title(asked))), file)
    return file.getvalue()


def _geojson(asked: Asked) -> str:
    """The members on the page and where they are; a 406 problem where no member has a place."""
    if asked.entries and not (asked.places.keys() or has_places(asked.listing)):
        raise unwritable(without_places())
    columns = asked.columns
    features = (
        feature(
            entry.iri,
            asked.places.get(entry.number),
            {
                "name": entry.name.text,
                "class": entry.class_.name.text if entry.class_ else None,
                **{column.key: _property(column, entry.number) for column in columns},
            },
        )
        for entry in asked.entries
    )
    said = of_list(cite(asked.address(current_release().urls), _title(asked)))
    return "".join(feature_collection(features, said["members"]))


def _property(column: Column, number: int) -> str | float | None:
    """The value of a cell as JSON has it: a date as text."""
    value = _cell(column, number)
    return column.texts(number)[0] if isinstance(value, date) else value


def _heading(column: Column) -> str:
    return column.name.text[:1].upper() + column.name.text[1:]


def _cell(column: Column, number: int) -> Value:
    values = column.values.get(number, ())
    if len(values) == 1 and values[0].datatype:
        return to_value(values[0].raw or values[0].name.text, values[0].datatype)
    return _BAR.join(column.texts(number)) or None


def _title(asked: Asked) -> str:
    given = (asked.listing.selection.class_, asked.listing.selection.concept)
    return " · ".join(shown(iri).name.text for iri in given if iri) or gettext("Everything")


def _view() -> str | None:
    """The chart that the list is asked for as, a key of CHARTS; None for its table."""
    view = request.args.get(VIEW) or None
    if view is not None and view not in CHARTS:
        detail = gettext("'view' has to be one of: %(views)s.", views=", ".join(CHARTS))
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    return view


def _html(asked: Asked) -> str:
    selection, urls, view = asked.listing.selection, links(), _view()
    class_, concept = (iri and shown(iri) for iri in (selection.class_, selection.concept))
    kept = [(VIEW, view)] if view else []
    listable = current_release().listable
    formats = [*certain((*OFFERS, XLSX)), *([GEOJSON] if asked.places else [])]
    return page(
        "list.html",
        title=_title(asked),
        asked=asked,
        class_=class_,
        concept=concept,
        without_concept=urls.listing(*Selection(selection.class_).parameters()),
        without_class=urls.listing(*Selection(None, selection.concept).parameters()),
        without_filters=urls.listing(*Selection(selection.class_, selection.concept).parameters(), *kept),
        filters=asked.listing.counts,
        chosen=[(one.facet, value) for one in asked.listing.counts for value in one.shown if value.is_chosen],
        names={one.facet.name: value_names(one, _MORE) for one in asked.listing.counts},
        most=_MORE,
        unknown=[
            (facet, value, [one for one in asked.listing.counts if one.facet.name == facet.name])
            for facet, value in asked.listing.unknown
        ],
        apart=[] if class_ or concept else listable.apart,
        terms=0 if class_ or concept else len(listable.terms),
        views=asked.views(urls),
        letters=_letters(asked, urls),
        view=view,
        toggled=lambda name, value: urls.listing(*selection.toggled(name, value).parameters(), *kept),
        forms=list_views(asked.listing, asked.entries, view),
        trail=trail_of_list(selection.class_) if selection.class_ else None,
        chart=list_chart(asked.listing, view) if view else None,
        formats=[(o, asked.address(urls, ("format", o.extension))) for o in formats if o is not HTML],
    )


def _letters(asked: Asked, urls: Urls) -> list[tuple[str, str | None]]:
    """For a long list, each letter with the address of the page that begins with it; None without such names."""
    if asked.page.total <= 2 * _ON_PAGE:
        return []
    return [
        (letter, asked.address(urls, ("from", letter)) if is_there else None)
        for letter, is_there in asked.listing.letters()
    ]
