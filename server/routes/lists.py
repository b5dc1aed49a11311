"""Lists of the members of a class or a concept, filtered by facets: `/list?class=<IRI>&<facet>=<value>`."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.formats import CSV, HTML, JSON
from server.http.context import current_release, links
from server.http.languages import gettext
from server.http.responses import add_link, chosen_or_named, to_json
from server.model.lists import CLASS, Listing, Selection
from server.model.urls import LANGUAGE
from server.pages.facets import columns_of, facet_name, value_name
from server.pages.graphs import certain
from server.pages.list_views import CHARTS, VIEW, list_chart, list_views
from server.pages.page import page, shown
from server.pages.resource_list import OFFERS, ResourceEntry, collection, entries, limit, respond, to_csv
from server.pages.trees import trail_of_list
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from core.labels import Name
    from server.model.lists import Page
    from server.model.urls import Urls

blueprint = Blueprint("lists", __name__)

_ON_PAGE, _IN_DATA = 50, 100  # entries, if nothing else is asked for
_MORE = 40  # values of a facet that a page has beside those it shows at once
_LONGEST = 2000  # characters of what a list is filtered by, which its pages repeat many times
_OTHERS = (CLASS, "concept", "after", "from", "limit", "format", VIEW, LANGUAGE)


@dataclass(frozen=True)
class Asked:
    """A list, the page of it that was asked for, and the entries on that page."""

    listing: Listing
    page: Page
    entries: list[ResourceEntry]
    limit: tuple[tuple[str, str], ...]

    def columns(self) -> dict[str, dict[int, list[Name]]]:
        return columns_of(self.listing, self.page.numbers)

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
    choice = chosen_or_named(OFFERS, request.args.get("format"))
    asked = _asked(_ON_PAGE if choice.format is HTML else _IN_DATA)
    urls = current_release().urls
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
    return Asked(listing, part, entries(index.resources(part.numbers)), as_asked)


def _listing(selection: Selection) -> Listing:
    index = current_release().index
    known = [facet.name for facet in index.facets(selection.class_)] if selection.class_ else []
    for name in selection.filters:
        if name not in known:
            detail = gettext("This list has no facet '%(name)s'.", name=name)
            raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail, facets=known)
    try:
        return Listing(index, selection)
    except KeyError as error:
        detail = gettext("The data of this release have no members of <%(iri)s>.", iri=error.args[0])
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail) from error


def _json(asked: Asked) -> str:
    selection, columns, urls = asked.listing.selection, asked.columns(), current_release().urls
    members = []
    for entry in asked.entries:
        more = {key: [name.text for name in column.get(entry.number, [])] for key, column in columns.items()}
        members.append(entry.as_json() | more)
    body = {
        "release": current_release().folder.id,
        "class": selection.class_,
        "concept": selection.concept,
        "filters": selection.filters,
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
    """Several values of a facet are separated by a bar."""
    columns = asked.columns()
    rows = (
        (entry, [" | ".join(name.text for name in column.get(entry.number, [])) for column in columns.values()])
        for entry in asked.entries
    )
    return to_csv(columns, rows)


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
    heads = [value.name.text for value in (class_, concept) if value]
    return page(
        "list.html",
        title=" · ".join(heads) if heads else gettext("Everything"),
        asked=asked,
        class_=class_,
        concept=concept,
        without_concept=urls.listing(*Selection(selection.class_).parameters()),
        without_class=urls.listing(*Selection(None, selection.concept).parameters()),
        without_filters=urls.listing(*Selection(selection.class_, selection.concept).parameters(), *kept),
        filters=asked.listing.counts,
        chosen=[(one.facet, value) for one in asked.listing.counts for value in one.shown if value.is_chosen],
        most=_MORE,
        columns=asked.columns(),
        views=asked.views(urls),
        letters=_letters(asked, urls),
        view=view,
        toggled=lambda name, value: urls.listing(*selection.toggled(name, value).parameters(), *kept),
        forms=list_views(asked.listing, asked.entries, view),
        trail=trail_of_list(selection.class_) if selection.class_ else None,
        chart=list_chart(asked.listing, view) if view else None,
        formats=[(o, asked.address(urls, ("format", o.extension))) for o in certain(OFFERS) if o is not HTML],
    )


def _letters(asked: Asked, urls: Urls) -> list[tuple[str, str | None]]:
    """For a long list, each letter with the address of the page that begins with it; None without such names."""
    if asked.page.total <= 2 * _ON_PAGE:
        return []
    return [
        (letter, asked.address(urls, ("from", letter)) if is_there else None)
        for letter, is_there in asked.listing.letters()
    ]
