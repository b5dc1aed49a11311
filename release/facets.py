"""Reads the facets that shapes declare for classes: `ui:facet` leads from a node shape to a property shape.

`sh:path` of the property shape, any SHACL property path (https://www.w3.org/TR/shacl/#property-paths), leads from a
member of the class to the values by which lists are filtered. `sh:datatype xsd:gYear` takes the year of each value.
A class without such a declaration gets the facets that its members suggest (release/facet_candidates.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import InputError
from core.labels import local_name
from core.namespaces import RDF, XSD

if TYPE_CHECKING:
    from core.shapes import PropertyPath, PropertyShape, Shapes

_NONE = ox.NamedNode(RDF + "nil")
_NAME = re.compile(r"[a-z][A-Za-z0-9]*")
_YEAR = re.compile(r"-?[0-9]{4,}")
RESERVED = frozenset({"after", "before", "class", "concept", "format", "from", "lang", "limit", "view"})  # of lists


@dataclass(frozen=True)
class FacetShape:
    """A facet of a class. ends: IRI of the property at the end of the path, if it is one.

    name: parameter of URLs. order: `sh:order`, infinity without one. years: whether only the year of a value counts.
    """

    class_: str
    name: str
    iri: str
    order: float
    path: PropertyPath
    ends: str | None
    years: bool

    def value(self, is_resource: bool, text: str) -> str | None:  # noqa: FBT001 - they come as a pair
        """The value for an IRI or the text of a literal; None if that is no value of this facet."""
        if not self.years:
            return text
        year = None if is_resource else _YEAR.match(text)
        return year[0] if year else None


def read(shapes: Shapes) -> list[FacetShape]:
    """All facets of the shapes, sorted by class, order and name; InputError if one is declared wrongly."""
    facets = [
        _facet(class_, shapes.property_shapes[node])
        for shape in shapes.node_shapes.values()
        for node in shape.facet
        if node != _NONE
        for class_ in shape.target_classes
    ]
    facets.sort(key=lambda facet: (facet.class_, facet.order, facet.name))
    names = [(facet.class_, facet.name) for facet in facets]
    for class_, name in names:
        if names.count((class_, name)) > 1:
            raise InputError(f"the class <{class_}> has two facets of the name '{name}': name the shapes differently")
    return facets


def declaring(shapes: Shapes) -> set[str]:
    """The classes whose shapes say which facets they have, be it by `ui:facet ()` that they have none."""
    return {class_ for shape in shapes.node_shapes.values() if shape.facet for class_ in shape.target_classes}


def _facet(class_: str, shape: PropertyShape) -> FacetShape:
    iri = shape.id.value
    name = local_name(iri).removeprefix("facet-")
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise InputError(f"the facet <{iri}> ends in '{name}', which cannot be the name of a parameter")
    if shape.path is None:
        raise InputError(f"the facet <{iri}> {shape.path_error}")
    years = XSD + "gYear" in shape.datatype
    return FacetShape(class_, name, iri, shape.order, shape.path, shape.path.last, years)
