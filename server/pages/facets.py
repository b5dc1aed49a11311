"""Facets for pages and data: named in the reader's language, and their values as columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from pyroaring import BitMap

from core.labels import Name, choose
from server.http.context import current_release
from server.http.languages import gettext, languages
from server.model.lists import CLASS
from server.pages.codes import code_in_words
from server.pages.page import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release.search_index import FacetValue, IndexedFacet
    from server.model.lists import Listing

_COLUMNS = 5


def facet_name(facet: IndexedFacet) -> Name:
    """The name that the shape gives the facet, in the reader's language."""
    if facet.name == CLASS:
        return Name(gettext("Class"))
    shape = current_release().shapes.property_shapes.get(ox.NamedNode(facet.iri))
    return choose(shape.name if shape else (), languages()) or Name(facet.name)


def value_name(value: FacetValue, facet: IndexedFacet) -> Name:
    """The name of a resource; codes of countries and languages as names in the reader's language."""
    if value.is_resource:
        return shown(value.value).name
    return Name(code_in_words(facet.ends, value.value))


def columns_of(listing: Listing, numbers: Sequence[int]) -> dict[str, dict[int, list[Name]]]:
    """For a few facets of a class, the names of the values of each resource on a page, by the resource's number."""
    page, columns = BitMap(numbers), dict[str, dict[int, list[Name]]]()
    whole = [counted for counted in listing.counts if listing.selection.class_ and not counted.is_truncated]
    for counted in whole[:_COLUMNS]:
        column = columns.setdefault(counted.facet.name, {})
        for value in counted.values:
            if here := page & value.value.members:
                name = value_name(value.value, counted.facet)
                for number in here:
                    column.setdefault(number, []).append(name)
    return columns
