"""Facets for pages and data: named in the reader's language, and columns of lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyoxigraph as ox
from pyroaring import BitMap

from core.labels import Name, choose, local_name
from core.namespaces import SKOS
from core.wording import NUMBERS
from server.http.context import current_release
from server.http.languages import gettext, languages
from server.model.lists import CLASS
from server.model.paths import follow
from server.pages.codes import boolean_in_words, code_in_words
from server.pages.page import names_apart, presenter, shown
from server.pages.values import ShownValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.shapes import PropertyShape
    from release.search_index import FacetValue, IndexedFacet, Resource
    from server.model.lists import FacetCounts, Listing

_COLUMNS, _FOUND_COLUMNS = 5, 3  # of facets that shapes declare, and of others, which nobody chose
_KEYS = frozenset({"iri", "label", "language", "class", "classLabel", "href"})  # that every entry has
_TOP_CONCEPT = SKOS + "hasTopConcept"


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
    return Name(boolean_in_words(code_in_words(facet.ends, value.value)))


def value_names(counted: FacetCounts, more: int) -> dict[str, Name]:
    """The names of values of a facet, those of resources told apart: of the shown ones, and of `more` of the rest."""
    values = [choice.value for choice in (*counted.shown, *counted.rest[:more])]
    names = names_apart(value.value for value in values if value.is_resource)
    return names | {value.value: value_name(value, counted.facet) for value in values if not value.is_resource}


@dataclass(frozen=True)
class Column:
    """A column of a list. key: its name for programs. values: of each resource that has one, by its number."""

    key: str
    name: Name
    values: Mapping[int, Sequence[ShownValue]]

    @property
    def is_numeric(self) -> bool:
        """Whether it has nothing but numbers."""
        found = [value.datatype in NUMBERS for values in self.values.values() for value in values]
        return bool(found) and all(found)

    def texts(self, number: int) -> list[str]:
        """The values of a resource as they stand: names of resources, numbers and dates not in words."""
        return [value.raw or value.name.text for value in self.values.get(number, ())]


def columns_of(listing: Listing, resources: Iterable[Resource]) -> list[Column]:
    """The columns that the shapes declare for the class, else its first facets, for the resources on a page."""
    declared, facets = _declared(listing.selection.class_), {counted.facet.iri: counted for counted in listing.counts}
    resources = list(resources)
    page = BitMap(resource.id for resource in resources)
    if not declared:
        whole = [counted for counted in facets.values() if listing.selection.class_ and not counted.is_truncated]
        most = _FOUND_COLUMNS if whole and _is_found(whole[0].facet) else _COLUMNS
        return [_of_facet(counted, page) for counted in whole[:most]]
    columns: list[Column] = []
    for shape in declared:
        counted = facets.get(_iri(shape))
        is_whole = counted and not counted.is_truncated
        column = _of_facet(counted, page) if counted and is_whole else _of_path(shape, resources)
        if column.key in {*_KEYS, *(other.key for other in columns)}:
            column = replace(column, key=local_name(_iri(shape)))
        columns.append(column)
    return columns


def _iri(shape: PropertyShape) -> str:
    return shape.id.value


def _declared(class_: str | None) -> list[PropertyShape]:
    """The shapes of the columns of a class, in their order."""
    shapes = current_release().shapes
    nodes = {node for shape in shapes.node_shapes.values() if class_ in shape.target_classes for node in shape.column}
    found = [shape for node in nodes if (shape := shapes.property_shapes[node]).path]
    return sorted(found, key=lambda shape: (shape.order, str(shape.id)))


def _of_facet(counted: FacetCounts, page: BitMap) -> Column:
    values: dict[int, list[ShownValue]] = {}
    for value in counted.values:
        if here := page & value.value.members:
            name = ShownValue(value_name(value.value, counted.facet))
            for number in here:
                values.setdefault(number, []).append(name)
    return Column(counted.facet.name, facet_name(counted.facet), values)


def _of_path(shape: PropertyShape, resources: Iterable[Resource]) -> Column:
    """The values that the path of a property shape leads to."""
    path, show, store = shape.path, presenter(), current_release().store
    assert path is not None  # noqa: S101 - of those that have one
    found = {one.id: list(follow(store, path, ox.NamedNode(one.iri))) for one in resources}
    key = local_name(path.predicate or _iri(shape)).removeprefix("facet-")
    name = choose(shape.name, languages()) or (shown(path.last).name if path.last else Name(key))
    values = {number: show.sorted([show.in_result(term) for term in terms]) for number, terms in found.items() if terms}
    return Column(key, name, values)
