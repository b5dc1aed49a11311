"""Reads the facets that shapes declare for classes: `ui:facet` leads from a node shape to a property shape.

`sh:path` of the property shape, any SHACL property path (https://www.w3.org/TR/shacl/#property-paths), leads from a
member of the class to the values by which lists are filtered. `sh:datatype xsd:gYear` takes the year of each value.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.errors import InputError
from core.namespaces import RDF, SH, UI, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator

Node: TypeAlias = ox.NamedNode | ox.BlankNode

_FIRST, _REST, _NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
_SUFFIXES = {SH + "zeroOrMorePath": "*", SH + "oneOrMorePath": "+", SH + "zeroOrOnePath": "?"}
_NAME = re.compile(r"[a-z][A-Za-z0-9]*")
_YEAR = re.compile(r"-?[0-9]{4,}")
RESERVED = frozenset({"after", "before", "class", "concept", "format", "from", "lang", "limit"})  # of lists


@dataclass(frozen=True)
class Facet:
    """A facet of a class. path: SPARQL property path. ends: IRI of the property at the end of the path, if it is one.

    name: parameter of URLs. order: `sh:order`, infinity without one. years: whether only the year of a value counts.
    """

    class_: str
    name: str
    iri: str
    order: float
    path: str
    ends: str | None
    years: bool

    def value(self, term: object) -> tuple[bool, str] | None:
        """(whether it is a resource, its text) for an RDF term; None if the term is no value of this facet."""
        if isinstance(term, ox.NamedNode):
            return (True, term.value) if not self.years else None
        if not isinstance(term, ox.Literal):
            return None
        if not self.years:
            return False, term.value
        year = _YEAR.match(term.value)
        return (False, year[0]) if year else None


def read(store: ox.Store, graph: str | None) -> list[Facet]:
    """All facets in the graph of the shapes, sorted by class, order and name; InputError if one is declared wrongly."""
    if graph is None:
        return []
    reader = _Reader(store, ox.NamedNode(graph))
    facets = sorted(reader.facets(), key=lambda facet: (facet.class_, facet.order, facet.name))
    names = [(facet.class_, facet.name) for facet in facets]
    for class_, name in names:
        if names.count((class_, name)) > 1:
            raise InputError(f"the class <{class_}> has two facets of the name '{name}': name the shapes differently")
    return facets


class _Reader:
    """Reads facets and their paths from one graph of a store."""

    def __init__(self, store: ox.Store, graph: ox.NamedNode) -> None:
        self._store, self._graph = store, graph

    def facets(self) -> Iterator[Facet]:
        """The facets of each class that a shape targets."""
        for quad in self._store.quads_for_pattern(None, ox.NamedNode(UI + "facet"), None, self._graph):
            shape, facet = quad.subject, quad.object
            if isinstance(facet, ox.NamedNode) and not isinstance(shape, ox.Triple):
                for class_ in self._objects(shape, SH + "targetClass"):
                    if isinstance(class_, ox.NamedNode):
                        yield self._facet(class_.value, facet)

    def _facet(self, class_: str, facet: ox.NamedNode) -> Facet:
        name = facet.value.replace("#", "/").rpartition("/")[2].removeprefix("facet-")
        if not _NAME.fullmatch(name) or name in RESERVED:
            raise InputError(f"the facet <{facet.value}> ends in '{name}', which cannot be the name of a parameter")
        paths = self._objects(facet, SH + "path")
        if len(paths) != 1:
            raise InputError(f"the facet <{facet.value}> needs exactly one sh:path, and has {len(paths)}")
        order = next(
            (float(o.value) for o in self._objects(facet, SH + "order") if isinstance(o, ox.Literal)), math.inf
        )
        return Facet(
            class_,
            name,
            facet.value,
            order,
            self._path(paths[0]),
            self._end(paths[0]),
            ox.NamedNode(XSD + "gYear") in self._objects(facet, SH + "datatype"),
        )

    def _objects(self, subject: Node, predicate: str) -> list[object]:
        quads = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None, self._graph)
        return sorted((quad.object for quad in quads), key=str)

    def _path(self, node: object) -> str:
        """The SHACL path as a SPARQL property path (https://www.w3.org/TR/sparql11-query/#propertypaths)."""
        if not isinstance(node, ox.NamedNode | ox.BlankNode):
            raise InputError(f"{node} is no property path")
        if members := self._list(node):
            return f"({'/'.join(map(self._path, members))})"
        for alternatives in self._objects(node, SH + "alternativePath"):
            if isinstance(alternatives, ox.NamedNode | ox.BlankNode):
                return f"({'|'.join(map(self._path, self._list(alternatives)))})"
        for inverse in self._objects(node, SH + "inversePath"):
            return f"(^{self._path(inverse)})"
        for predicate, suffix in _SUFFIXES.items():
            for repeated in self._objects(node, predicate):
                return f"({self._path(repeated)}){suffix}"
        if isinstance(node, ox.NamedNode):
            return str(node)
        raise InputError(f"{node} is no property path")

    def _end(self, node: object) -> str | None:
        """IRI of the property that a path ends with; None if the path ends otherwise."""
        if not isinstance(node, ox.NamedNode | ox.BlankNode):
            return None
        if members := self._list(node):
            return self._end(members[-1])
        is_path = any(
            self._objects(node, predicate) for predicate in (SH + "alternativePath", SH + "inversePath", *_SUFFIXES)
        )
        return node.value if isinstance(node, ox.NamedNode) and not is_path else None

    def _list(self, node: Node) -> list[object]:
        """Members of an RDF list; empty if the node is none."""
        members: list[object] = []
        while node != _NIL:
            first, rest = self._objects(node, _FIRST.value), self._objects(node, _REST.value)
            if len(first) != 1 or len(rest) != 1 or not isinstance(rest[0], ox.NamedNode | ox.BlankNode):
                return []
            members.append(first[0])
            node = rest[0]
        return members
