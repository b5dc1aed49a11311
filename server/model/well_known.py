"""What pages know of the terms of usual vocabularies where the data and the shapes say nothing: `well_known.ttl`.

Their names in the languages of the pages, which property is the inverse of which, what leads to a resource by a
property, and the order of the properties of one resource.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pyoxigraph as ox

from core.labels import Name
from core.namespaces import OWL, RDFS, SCHEMA, SCHEMA_HTTP, SH

if TYPE_CHECKING:
    from collections.abc import Mapping

_Value = TypeVar("_Value")
PATH = Path(__file__).with_suffix(".ttl")
# By sh:order: texts that say what a resource is, and all that has no place, before contacts and links to elsewhere.
_FIRST_TEXT, _LAST_TEXT, _OTHERS = 100, 120, 699.5
_LABEL, _ORDER, _INVERSE = (ox.NamedNode(iri) for iri in (RDFS + "label", SH + "order", OWL + "inverseOf"))


@dataclass(frozen=True)
class WellKnown:
    """names: term → its names. inverses: property → its inverse ones.

    incoming: property → names of what leads by it to a resource. orders: property → its place among others.
    """

    names: dict[str, list[Name]] = field(default_factory=dict)
    incoming: dict[str, list[Name]] = field(default_factory=dict)
    inverses: dict[str, set[str]] = field(default_factory=dict)
    orders: dict[str, float] = field(default_factory=dict)

    def order(self, iri: str) -> float:
        """The place of a property among those of a resource; that of others is before contacts and links."""
        return self.orders.get(iri, _OTHERS)

    def is_description(self, iri: str) -> bool:
        """Whether the property says in a text what a resource is."""
        return _FIRST_TEXT <= self.order(iri) <= _LAST_TEXT


@cache
def well_known() -> WellKnown:
    """What the file says; of schema.org in both of its namespaces."""
    found = WellKnown()
    unnamed: dict[ox.BlankNode, list[Name]] = {}
    quads = list(ox.parse(path=PATH))
    for quad in quads:
        if quad.predicate == _LABEL:
            if isinstance(quad.subject, ox.BlankNode):
                unnamed.setdefault(quad.subject, []).append(Name.of(quad.object))
            else:
                found.names.setdefault(quad.subject.value, []).append(Name.of(quad.object))
        elif quad.predicate == _ORDER:
            found.orders[quad.subject.value] = float(quad.object.value)
    for quad in quads:
        if quad.predicate == _INVERSE:
            if isinstance(quad.subject, ox.BlankNode):
                found.incoming[quad.object.value] = unnamed[quad.subject]
                continue
            for one, other in ((quad.subject.value, quad.object.value), (quad.object.value, quad.subject.value)):
                found.inverses.setdefault(one, set()).add(other)
                found.incoming[one] = found.names[other]
    found.names.update(_in_http(found.names))
    found.incoming.update(_in_http(found.incoming))
    found.orders.update(_in_http(found.orders))
    inverses = _in_http(found.inverses).items()
    found.inverses.update({iri: {other.replace(SCHEMA, SCHEMA_HTTP) for other in others} for iri, others in inverses})
    return found


def _in_http(table: Mapping[str, _Value]) -> dict[str, _Value]:
    """What a table says of terms of schema.org, by their IRIs in the other namespace."""
    return {iri.replace(SCHEMA, SCHEMA_HTTP): value for iri, value in table.items() if iri.startswith(SCHEMA)}
