"""Facets for pages and data: named in the reader's language, each value with the address of its list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
from babel import Locale

from core.labels import Name, choose
from core.namespaces import DCTERMS, SCHEMA
from server.http.context import current_release, links
from server.http.languages import gettext, language, languages
from server.model.lists import MOST_VALUES, Selection
from server.pages.page import presenter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release.search_index import FacetValue, IndexedFacet
    from server.model.lists import Counted, FacetCounts, Listing

# Properties whose values are codes: ISO 3166-1 of countries, BCP 47 of languages.
_COUNTRIES = frozenset({"http://www.geonames.org/ontology#countryCode", SCHEMA + "addressCountry"})
_TONGUES = frozenset({SCHEMA + "inLanguage", DCTERMS + "language", "http://purl.org/dc/elements/1.1/language"})


@dataclass(frozen=True)
class FacetOption:
    """A value of a facet: its name, how many members have it, and the address of the list with it toggled."""

    name: Name
    value: str
    count: int | None
    is_chosen: bool
    href: str


@dataclass(frozen=True)
class FacetFilter:
    """A facet as a page offers it: those of its values that are shown at once, and the others."""

    key: str
    name: Name
    choices: list[FacetOption]
    rest: list[FacetOption]
    is_truncated: bool


def _facet_name(facet: IndexedFacet) -> Name:
    """The name that the shape gives the facet, in the reader's language."""
    shape = current_release().shapes.property_shapes.get(ox.NamedNode(facet.iri))
    return choose(shape.name if shape else (), languages()) or Name(facet.name)


def _value_name(facet: IndexedFacet, value: FacetValue) -> Name:
    """The name of a resource; codes of countries and languages as names in the reader's language."""
    if value.is_resource:
        return presenter().value(ox.NamedNode(value.value)).name
    locale = Locale.parse(language())
    if facet.ends in _COUNTRIES:
        return Name(locale.territories.get(value.value, value.value))
    if facet.ends in _TONGUES:
        return Name(locale.languages.get(value.value.replace("-", "_"), value.value))
    return Name(value.value)


def _filter(selection: Selection, counted: FacetCounts, most: int) -> FacetFilter:
    def offered(values: Sequence[Counted]) -> list[FacetOption]:
        return [
            FacetOption(
                _value_name(counted.facet, value.value),
                value.value.value,
                value.count,
                value.is_chosen,
                links().listing(*selection.toggled(counted.facet.name, value.value.value).parameters()),
            )
            for value in values
        ]

    shown, rest = offered(counted.shown), offered(counted.rest[:most])
    if all(choice.value.isdecimal() for choice in shown):
        shown.sort(key=lambda choice: _in_order(choice.value))  # years read better in their order
    is_truncated = counted.is_truncated or len(counted.rest) > most
    return FacetFilter(counted.facet.name, _facet_name(counted.facet), shown, rest, is_truncated)


def _in_order(digits: str) -> tuple[int, str]:
    """Key that sorts numbers of any length by their value."""
    significant = digits.lstrip("0")
    return len(significant), significant


def filters_of(listing: Listing, counts: Sequence[FacetCounts], most: int = MOST_VALUES) -> list[FacetFilter]:
    """The facets of the class; where the list is of no class, the classes that its members have.

    most: how many values of each facet there are beside the first ones.
    """
    selection = listing.selection
    if selection.class_:
        return [_filter(selection, counted, most) for counted in counts]
    choices = []
    for term, count in listing.classes():
        href = links().listing(*Selection(term.iri, selection.concept).parameters())
        choices.append(FacetOption(presenter().name(ox.NamedNode(term.iri)), term.iri, count, False, href))  # noqa: FBT003
    return [FacetFilter("class", Name(gettext("Class")), choices, [], False)] if choices else []  # noqa: FBT003


def columns_of(
    listing: Listing, counts: Sequence[FacetCounts], numbers: Sequence[int]
) -> dict[str, dict[int, list[Name]]]:
    """The names of values by facet and by the number of the resource."""
    facets = {counted.facet.name: counted.facet for counted in counts}
    columns = listing.columns(counts, numbers)
    names: dict[tuple[str, str], Name] = {}

    def name(key: str, value: FacetValue) -> Name:
        if (key, value.value) not in names:
            names[key, value.value] = _value_name(facets[key], value)
        return names[key, value.value]

    return {
        key: {number: [name(key, value) for value in values] for number, values in column.items()}
        for key, column in columns.items()
    }
