"""Facets for pages and data: named in the reader's language, and their values as columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from babel import Locale
from pyroaring import BitMap

from core.labels import Name, choose
from core.namespaces import DCTERMS, SCHEMA, SKOS
from server.http.context import current_release
from server.http.languages import gettext, language, languages
from server.model.lists import CLASS
from server.pages.page import presenter, shown
from server.semantics.problem import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release.search_index import FacetValue, IndexedFacet
    from server.model.lists import Listing

_COLUMNS, _FOUND_COLUMNS = 5, 3  # of facets that shapes declare, and of others, which nobody chose
# Properties whose values are codes: ISO 3166-1 of countries, BCP 47 of languages.
_COUNTRIES = frozenset({"http://www.geonames.org/ontology#countryCode", SCHEMA + "addressCountry"})
_TONGUES = frozenset({SCHEMA + "inLanguage", DCTERMS + "language", "http://purl.org/dc/elements/1.1/language"})
_TOP_CONCEPT = SKOS + "hasTopConcept"
_BOOLEANS = {"true": gettext_noop("yes"), "false": gettext_noop("no")}


def facet_name(facet: IndexedFacet) -> Name:
    """The name that the shape gives the facet, else that of the property, in the reader's language."""
    if facet.name == CLASS:
        return Name(gettext("Class"))
    if facet.ends == _TOP_CONCEPT and _is_found(facet):
        return Name(gettext("Top concept"))
    if _is_found(facet):
        return presenter().property_name(ox.NamedNode(facet.iri), ())
    shape = current_release().shapes.property_shapes.get(ox.NamedNode(facet.iri))
    return choose(shape.name if shape else (), languages()) or Name(facet.name)


def _is_found(facet: IndexedFacet) -> bool:
    """Whether no shape declares the facet: it is that of a property."""
    return facet.iri == facet.ends


def value_name(value: FacetValue, facet: IndexedFacet) -> Name:
    """The name of a resource; codes of countries and languages as names in the reader's language."""
    if value.is_resource:
        return shown(value.value).name
    if facet.ends in _COUNTRIES:
        return Name(Locale.parse(language()).territories.get(value.value, value.value))
    if facet.ends in _TONGUES:
        return Name(Locale.parse(language()).languages.get(value.value.replace("-", "_"), value.value))
    if value.value in _BOOLEANS:
        return Name(gettext(_BOOLEANS[value.value]))
    return Name(value.value)


def columns_of(listing: Listing, numbers: Sequence[int]) -> dict[str, dict[int, list[Name]]]:
    """For a few facets of a class, the names of the values of each resource on a page, by the resource's number."""
    page, columns = BitMap(numbers), dict[str, dict[int, list[Name]]]()
    whole = [counted for counted in listing.counts if listing.selection.class_ and not counted.is_truncated]
    for counted in whole[: _FOUND_COLUMNS if whole and _is_found(whole[0].facet) else _COLUMNS]:
        column = columns.setdefault(counted.facet.name, {})
        for value in counted.values:
            if here := page & value.value.members:
                name = value_name(value.value, counted.facet)
                for number in here:
                    column.setdefault(number, []).append(name)
    return columns
