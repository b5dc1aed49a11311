"""SHACL shapes (https://www.w3.org/TR/shacl/), read once from a graph; fields bear SHACL's names.

A field with several values has them sorted. Shapes refer to one another by their nodes, so one that contains itself
does no harm. What only a validator needs is left out.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.namespaces import CLASS_TYPES, DASH, RDF, RDF_TYPE, RDFS, SH, UI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from core.rdf import Node, Term

DETAILS_VIEWER = DASH + "DetailsViewer"
_ALTERNATIVES = (SH + "or", SH + "xone")
_REPEATED = {SH + "zeroOrMorePath": "*", SH + "oneOrMorePath": "+", SH + "zeroOrOnePath": "?"}
# By one of these a node is known to be a node shape; property shapes are what sh:property, ui:facet, ui:column lead to.
_OF_NODE_SHAPES = frozenset(
    {
        *(SH + name for name in ("targetClass", "property", "node", "class", "datatype", "or", "xone")),
        *(UI + name for name in ("facet", "column", "sentence", "name", "summary")),
    }
)
_DEEPEST = 3  # alternatives within alternatives
_NIL = ox.NamedNode(RDF + "nil")


@dataclass(frozen=True)
class PropertyPath:
    """A path (2.3.1) as SPARQL writes it.

    predicate: the property, where the path is nothing else. last: the property that it ends with, if there is one.
    operator: the sign of SPARQL for what is made of the parts: one of / | ^ * + ?, or empty for a predicate.
    """

    sparql: str
    predicate: str | None = None
    last: str | None = None
    operator: str = ""
    parts: tuple[PropertyPath, ...] = ()

    @classmethod
    def of(cls, predicate: str) -> PropertyPath:
        return cls(f"<{predicate}>", predicate, predicate)

    @property
    def inverse(self) -> str | None:
        """The property that is followed from object to subject, where the path is nothing else (2.3.1.4)."""
        return self.parts[0].predicate if self.operator == "^" else None


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What node shapes and property shapes have in common; alternatives: the members of sh:or and sh:xone."""

    id: Node
    class_: tuple[str, ...] = ()
    datatype: tuple[str, ...] = ()
    node: tuple[Node, ...] = ()
    property: tuple[Node, ...] = ()
    alternatives: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NodeShape(Shape):
    """A node shape; target_classes: those of sh:targetClass, and the shape itself if it is a class (2.1.3.3).

    aside: whether the members are left out of lists of no class. name, summary, sentence: templates (docs/pages.md).
    """

    label: tuple[ox.Literal, ...] = ()
    target_classes: tuple[str, ...] = ()
    facet: tuple[ox.NamedNode, ...] = ()
    column: tuple[ox.NamedNode, ...] = ()
    aside: bool = False
    name: tuple[ox.Literal, ...] = ()
    summary: tuple[ox.Literal, ...] = ()
    sentence: tuple[ox.Literal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PropertyShape(Shape):
    """A property shape; order: infinite where it has none. path_error: says why there is no path."""

    path: PropertyPath | None = None
    path_error: str = ""
    name: tuple[ox.Literal, ...] = ()
    message: tuple[ox.Literal, ...] = ()
    order: float = math.inf
    group: str | None = None
    viewer: frozenset[str] = frozenset()
    in_: tuple[ox.NamedNode | ox.Literal, ...] = ()
    has_value: tuple[Term, ...] = ()
    qualified_value_shape: tuple[Node, ...] = ()
    pattern: tuple[str, ...] = ()
    min_count: int = 0
    max_count: int | None = None
    min_inclusive: tuple[ox.Literal, ...] = ()
    min_exclusive: tuple[ox.Literal, ...] = ()
    max_inclusive: tuple[ox.Literal, ...] = ()
    max_exclusive: tuple[ox.Literal, ...] = ()

    @property
    def predicate(self) -> str | None:
        """The property that the shape is about, where its path is nothing else."""
        return self.path.predicate if self.path else None

    @property
    def inverse(self) -> str | None:
        """The property whose subjects the shape is about, where its path is nothing else."""
        return self.path.inverse if self.path else None

    @property
    def cardinality(self) -> str:
        """How many values there are, as UML writes it."""
        if self.max_count == self.min_count:
            return str(self.min_count)
        return f"{self.min_count}..{'*' if self.max_count is None else self.max_count}"


@dataclass(frozen=True)
class PropertyGroup:
    """A heading under which properties are shown (2.3.2.3); is_folded: until the reader opens it."""

    iri: str
    label: tuple[ox.Literal, ...]
    order: float
    is_folded: bool


@dataclass(frozen=True)
class Shapes:
    """The shapes of a graph by their nodes, and the groups by their IRIs, each sorted."""

    node_shapes: dict[Node, NodeShape]
    property_shapes: dict[Node, PropertyShape]
    groups: dict[str, PropertyGroup]

    @cached_property
    def target_classes(self) -> set[str]:
        """The classes that there is a shape for."""
        return {class_ for shape in self.node_shapes.values() for class_ in shape.target_classes}

    @cached_property
    def by_class(self) -> dict[str, tuple[PropertyShape, ...]]:
        """Target class → the shapes of its properties, in their order; classes without any are left out."""
        return self._by_class(self.properties)

    @cached_property
    def incoming(self) -> dict[str, tuple[PropertyShape, ...]]:
        """Target class → the shapes of what leads to its members, in their order; classes without any are left out."""
        return self._by_class(lambda shape: [p for p in self._properties(shape) if p.inverse is not None])

    def _by_class(self, properties: Callable[[Shape], list[PropertyShape]]) -> dict[str, tuple[PropertyShape, ...]]:
        found: dict[str, list[PropertyShape]] = {}
        for shape in self.node_shapes.values():
            if chosen := properties(shape):
                for class_ in shape.target_classes:
                    found.setdefault(class_, []).extend(chosen)
        return {class_: tuple(sorted(shapes, key=_place)) for class_, shapes in found.items()}

    @cached_property
    def by_predicate(self) -> dict[str, tuple[PropertyShape, ...]]:
        """Property → the shapes that any other shape has for it, in their order."""
        found: dict[str, dict[Node, PropertyShape]] = {}
        for shape in (*self.node_shapes.values(), *self.property_shapes.values()):
            for property_ in self.properties(shape):
                if property_.predicate is not None:
                    found.setdefault(property_.predicate, {})[property_.id] = property_
        return {predicate: tuple(sorted(shapes.values(), key=_place)) for predicate, shapes in found.items()}

    def properties(self, shape: Shape) -> list[PropertyShape]:
        """What sh:property leads to, if its path is a single property; in their order."""
        return sorted((p for p in self._properties(shape) if p.predicate is not None), key=_place)

    def _properties(self, shape: Shape) -> list[PropertyShape]:
        return [self.property_shapes[node] for node in shape.property]

    def predicates(self, class_: str) -> set[str]:
        """The properties that the shapes of a class name, and the shapes that these lead to by sh:node."""
        rest: list[Shape] = [shape for shape in self.node_shapes.values() if class_ in shape.target_classes]
        seen: dict[Node, Shape] = {}
        while rest:
            shape = rest.pop()
            if shape.id not in seen:
                seen[shape.id] = shape
                rest += self._found(shape.node)
        return {p.predicate for shape in seen.values() for p in self.properties(shape) if p.predicate is not None}

    def orders(self, classes: Iterable[str]) -> dict[str, float]:
        """Property → its order: the least that the shapes of the classes give it, or else any shape."""
        orders = {predicate: shapes[0].order for predicate, shapes in self.by_predicate.items()}
        for class_ in classes:
            own = reversed(self.by_class.get(class_, ()))
            orders |= {shape.predicate: shape.order for shape in own if shape.predicate is not None}
        return orders

    def value_types(self, shape: Shape) -> list[str]:
        """The classes and datatypes that a value may be of, also those of alternatives, each once."""
        choices = self.with_alternatives(shape)
        return list(dict.fromkeys(type_ for choice in choices for type_ in (*choice.class_, *choice.datatype)))

    def qualified_classes(self, shape: PropertyShape) -> frozenset[str]:
        """The classes of the values that a shape tells from others by sh:qualifiedValueShape (4.7.3)."""
        return frozenset(class_ for other in self._found(shape.qualified_value_shape) for class_ in other.class_)

    def required(self, shape: Shape, predicate: str | None = None) -> list[ox.NamedNode]:
        """The resources that a value has to have (sh:node to a shape with sh:hasValue), by one property or by any."""
        others = chain.from_iterable(self._found(choice.node) for choice in self.with_alternatives(shape))
        parts = (self.property_shapes[node] for other in others for node in other.property)
        values = chain.from_iterable(part.has_value for part in parts if predicate in {None, part.predicate})
        return list(dict.fromkeys(value for value in values if isinstance(value, ox.NamedNode)))

    def with_alternatives(self, shape: Shape, depth: int = 0) -> Iterator[Shape]:
        """The shape, and the members of its sh:or and sh:xone, and theirs."""
        yield shape
        if depth < _DEEPEST:
            for alternative in self._found(shape.alternatives):
                yield from self.with_alternatives(alternative, depth + 1)

    def _found(self, nodes: Iterable[Node]) -> list[Shape]:
        found = (self.node_shapes.get(node) or self.property_shapes.get(node) for node in nodes)
        return [shape for shape in found if shape is not None]


NO_SHAPES = Shapes({}, {}, {})


def read(quads: Iterable[ox.Quad]) -> Shapes:
    """The shapes among the quads, which may also say of IRIs that they are classes; their graphs make no difference."""
    return _Reader(quads).shapes()


def read_graph(store: ox.Store, graph: str | None) -> Shapes:
    """The shapes of a named graph, with the classes of the default graph; none where graph is None."""
    return (
        NO_SHAPES if graph is None else read_for(store, store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
    )


def read_for(store: ox.Store, quads: Iterable[ox.Quad]) -> Shapes:
    """The shapes among the quads, with the classes of the default graph of the store."""
    find, default = store.quads_for_pattern, ox.DefaultGraph()
    classes = (find(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(class_), default) for class_ in sorted(CLASS_TYPES))
    return read(chain(quads, *classes))


def path_text(triples: Iterable[ox.Triple], node: Term) -> str:
    """The path that the triples describe from the node on, as SPARQL writes it; the node if it is no path."""
    try:
        return _Reader(triples).path(node).sparql
    except _PathError:
        return str(node)


def _place(shape: PropertyShape) -> tuple[float, str]:
    return shape.order, shape.predicate or shape.inverse or ""


class _PathError(Exception):
    """A node that is no property path."""


class _Reader:
    def __init__(self, quads: Iterable[ox.Quad | ox.Triple]) -> None:
        self._triples: dict[Node, dict[str, list[Term]]] = {}
        for quad in quads:
            if not isinstance(quad.subject, ox.Triple):
                objects = self._triples.setdefault(quad.subject, {}).setdefault(quad.predicate.value, [])
                objects.append(quad.object)

    def shapes(self) -> Shapes:
        nodes = sorted(self._triples, key=str)
        leading = (SH + "property", UI + "facet", UI + "column")
        properties = {p for node in nodes for predicate in leading for p in self._nodes(node, predicate)}
        properties |= {node for node in nodes if SH + "path" in self._triples[node]}
        properties.discard(ox.NamedNode(RDF + "nil"))  # of `ui:facet ()`
        groups = {group for node in nodes for group in self._iris(node, SH + "group")}
        return Shapes(
            {
                node: self._node_shape(node)
                for node in nodes
                if node not in properties and not _OF_NODE_SHAPES.isdisjoint(self._triples[node])
            },
            {node: self._property_shape(node) for node in sorted(properties, key=str)},
            {group: self._group(ox.NamedNode(group)) for group in sorted(groups)},
        )

    def _node_shape(self, node: Node) -> NodeShape:
        targets = self._iris(node, SH + "targetClass")
        if isinstance(node, ox.NamedNode) and not CLASS_TYPES.isdisjoint(self._iris(node, RDF_TYPE)):
            targets.append(node.value)
        return NodeShape(
            **self._shape(node),
            label=self._literals(node, RDFS + "label"),
            target_classes=tuple(dict.fromkeys(targets)),
            facet=tuple(o for o in self._objects(node, UI + "facet") if isinstance(o, ox.NamedNode)),
            column=tuple(o for o in self._objects(node, UI + "column") if isinstance(o, ox.NamedNode)),
            aside=any(literal.value in {"true", "1"} for literal in self._literals(node, UI + "aside")),
            name=self._literals(node, UI + "name"),
            summary=self._literals(node, UI + "summary"),
            sentence=self._literals(node, UI + "sentence"),
        )

    def _property_shape(self, node: Node) -> PropertyShape:
        path, path_error = self._path_of(node)
        order, least, most = (self._number(node, SH + name) for name in ("order", "minCount", "maxCount"))
        return PropertyShape(
            **self._shape(node),
            path=path,
            path_error=path_error,
            name=self._literals(node, SH + "name"),
            message=self._literals(node, SH + "message"),
            order=math.inf if order is None else order,
            group=next(iter(self._iris(node, SH + "group")), None),
            viewer=frozenset(self._iris(node, DASH + "viewer")),
            in_=tuple(m for m in self._members(node, SH + "in") if isinstance(m, ox.NamedNode | ox.Literal)),
            has_value=tuple(self._objects(node, SH + "hasValue")),
            qualified_value_shape=tuple(self._nodes(node, SH + "qualifiedValueShape")),
            pattern=tuple(literal.value for literal in self._literals(node, SH + "pattern")),
            min_count=int(least or 0),
            max_count=None if most is None else int(most),
            min_inclusive=self._literals(node, SH + "minInclusive"),
            min_exclusive=self._literals(node, SH + "minExclusive"),
            max_inclusive=self._literals(node, SH + "maxInclusive"),
            max_exclusive=self._literals(node, SH + "maxExclusive"),
        )

    def _shape(self, node: Node) -> dict[str, Any]:
        """The fields of any shape."""
        alternatives = [member for predicate in _ALTERNATIVES for member in self._members(node, predicate)]
        return {
            "id": node,
            "class_": tuple(self._iris(node, SH + "class")),
            "datatype": tuple(self._iris(node, SH + "datatype")),
            "node": tuple(self._nodes(node, SH + "node")),
            "property": tuple(self._nodes(node, SH + "property")),
            "alternatives": tuple(m for m in alternatives if isinstance(m, ox.NamedNode | ox.BlankNode)),
        }

    def _group(self, node: ox.NamedNode) -> PropertyGroup:
        order = self._number(node, SH + "order")
        is_folded = any(literal.value in {"true", "1"} for literal in self._literals(node, UI + "folded"))
        return PropertyGroup(
            node.value, self._literals(node, RDFS + "label"), math.inf if order is None else order, is_folded
        )

    def _path_of(self, node: Node) -> tuple[PropertyPath | None, str]:
        """The path of a shape, or what is wrong with it."""
        paths = self._objects(node, SH + "path")
        if len(paths) != 1:
            return None, f"needs exactly one sh:path, and has {len(paths)}"
        try:
            return self.path(paths[0]), ""
        except _PathError as error:
            return None, str(error)

    def path(self, node: Term, within: tuple[Term, ...] = ()) -> PropertyPath:
        """A path; within: the nodes of those that it is a part of."""
        if not isinstance(node, ox.NamedNode | ox.BlankNode) or node in within:
            raise _PathError(f"has the sh:path {node}, which is no property path")

        def parts(terms: Iterable[Term]) -> list[PropertyPath]:
            return [self.path(term, (*within, node)) for term in terms]

        if members := parts(self._list(node)):
            text = f"({'/'.join(part.sparql for part in members)})"
            return PropertyPath(text, None, members[-1].last, "/", tuple(members))
        if members := parts(self._members(node, SH + "alternativePath")):
            text = f"({'|'.join(part.sparql for part in members)})"
            return PropertyPath(text, None, None, "|", tuple(members))
        if members := parts(self._objects(node, SH + "inversePath")):
            return PropertyPath(f"(^{members[0].sparql})", None, None, "^", (members[0],))
        for predicate, suffix in _REPEATED.items():
            if members := parts(self._objects(node, predicate)):
                return PropertyPath(f"({members[0].sparql}){suffix}", None, None, suffix, (members[0],))
        if isinstance(node, ox.NamedNode):
            return PropertyPath.of(node.value)
        raise _PathError(f"has the sh:path {node}, which is no property path")

    def _objects(self, node: Node, predicate: str) -> list[Term]:
        return sorted(self._triples.get(node, {}).get(predicate, ()), key=str)

    def _nodes(self, node: Node, predicate: str) -> list[Node]:
        return [o for o in self._objects(node, predicate) if isinstance(o, ox.NamedNode | ox.BlankNode)]

    def _iris(self, node: Node, predicate: str) -> list[str]:
        return [o.value for o in self._objects(node, predicate) if isinstance(o, ox.NamedNode)]

    def _literals(self, node: Node, predicate: str) -> tuple[ox.Literal, ...]:
        return tuple(o for o in self._objects(node, predicate) if isinstance(o, ox.Literal))

    def _number(self, node: Node, predicate: str) -> float | None:
        """The first finite number; what is none is passed over."""
        for literal in self._literals(node, predicate):
            with suppress(ValueError):
                number = float(literal.value)
                if math.isfinite(number):
                    return number
        return None

    def _members(self, node: Node, predicate: str) -> list[Term]:
        """The members of the lists that a property leads to."""
        return [member for head in self._objects(node, predicate) for member in self._list(head)]

    def _list(self, head: Term) -> Iterator[Term]:
        """The members of an RDF list; it ends where it is broken or comes back to itself."""
        seen: set[Term] = set()
        while isinstance(head, ox.NamedNode | ox.BlankNode) and head != _NIL and head not in seen:
            seen.add(head)
            yield from self._objects(head, RDF + "first")
            head = next(iter(self._objects(head, RDF + "rest")), _NIL)
