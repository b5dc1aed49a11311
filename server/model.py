"""What the shapes say about showing a resource: order, groups, names and which values open in place.

Read once per release from the graph of the shapes; SHACL, 2.3.2 (https://www.w3.org/TR/shacl/#nonValidation), and
`dash:viewer` (https://datashapes.org/forms.html).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import DASH, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterable

_DETAILS = ox.NamedNode(DASH + "DetailsViewer")

Shape: TypeAlias = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True)
class PropertyHint:
    """How to show one property; group is the IRI of its sh:PropertyGroup."""

    order: float = math.inf
    group: str | None = None
    names: tuple[ox.Literal, ...] = ()
    opens: bool = False


@dataclass(frozen=True)
class GroupHint:
    """How to show one sh:PropertyGroup."""

    order: float
    names: tuple[ox.Literal, ...]


@dataclass
class Model:
    """Hints by class and property; those of a class win over those that any shape gives for the property."""

    groups: dict[str, GroupHint] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)  # those that a shape is for
    _by_class: dict[tuple[str, str], PropertyHint] = field(default_factory=dict)
    _by_property: dict[str, PropertyHint] = field(default_factory=dict)

    def hint(self, types: Iterable[str], predicate: str) -> PropertyHint:
        hints = [self._by_class[type_, predicate] for type_ in types if (type_, predicate) in self._by_class]
        if hints:
            return min(hints, key=lambda hint: hint.order)
        return self._by_property.get(predicate, PropertyHint())

    def opens(self, predicate: str) -> bool:
        """Whether the values of the property are shown with all that is said of them."""
        hint = self._by_property.get(predicate)
        return hint is not None and hint.opens


def read(store: ox.Store, graph: str | None) -> Model:
    """The hints of the shapes graph; none where there is no such graph."""
    model = Model()
    if graph is not None:
        reader = _Reader(store, ox.NamedNode(graph))
        reader.groups(model.groups)
        for shape, path, hint in reader.properties():
            for class_ in reader.classes(shape):
                model.classes.add(class_)
                model._by_class.setdefault((class_, path), hint)  # noqa: SLF001 - this function is its constructor
            known = model._by_property.get(path)  # noqa: SLF001
            model._by_property[path] = hint if known is None else _merge(known, hint)  # noqa: SLF001
    return model


def _merge(one: PropertyHint, other: PropertyHint) -> PropertyHint:
    first = min(one, other, key=lambda hint: hint.order)
    return PropertyHint(first.order, first.group, first.names or one.names or other.names, one.opens or other.opens)


class _Reader:
    def __init__(self, store: ox.Store, graph: ox.NamedNode) -> None:
        self._store, self._graph = store, graph

    def _objects(self, subject: Shape, predicate: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]:
        quads = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None, self._graph)
        return sorted((quad.object for quad in quads), key=str)

    def _literals(self, subject: Shape, predicate: str) -> tuple[ox.Literal, ...]:
        return tuple(o for o in self._objects(subject, predicate) if isinstance(o, ox.Literal))

    def _order(self, subject: Shape) -> float:
        for literal in self._literals(subject, SH + "order"):
            try:
                return float(literal.value)
            except ValueError:
                continue
        return math.inf

    def groups(self, groups: dict[str, GroupHint]) -> None:
        for quad in self._store.quads_for_pattern(None, ox.NamedNode(SH + "group"), None, self._graph):
            group = quad.object
            if isinstance(group, ox.NamedNode) and group.value not in groups:
                groups[group.value] = GroupHint(self._order(group), self._literals(group, RDFS + "label"))

    def properties(self) -> Iterable[tuple[Shape, str, PropertyHint]]:
        """Each node shape with the path of one of its properties, and the hint."""
        quads = self._store.quads_for_pattern(None, ox.NamedNode(SH + "property"), None, self._graph)
        for quad in sorted(quads, key=str):
            shape, property_ = quad.subject, quad.object
            if not isinstance(property_, ox.NamedNode | ox.BlankNode) or isinstance(shape, ox.Triple):
                continue
            group = next((o.value for o in self._objects(property_, SH + "group") if isinstance(o, ox.NamedNode)), None)
            hint = PropertyHint(
                self._order(property_),
                group,
                self._literals(property_, SH + "name"),
                _DETAILS in self._objects(property_, DASH + "viewer"),
            )
            for path in self._objects(property_, SH + "path"):
                if isinstance(path, ox.NamedNode):
                    yield shape, path.value, hint

    def classes(self, shape: Shape) -> list[str]:
        """The classes whose instances the shape is for, the shape itself if it is a class."""
        targets = [o.value for o in self._objects(shape, SH + "targetClass") if isinstance(o, ox.NamedNode)]
        return [*targets, shape.value] if isinstance(shape, ox.NamedNode) else targets
