"""What the shapes say about showing a resource: order, groups, names, sentences and how values are viewed.

Read once per release from the graph of the shapes; SHACL, 2.3.2 (https://www.w3.org/TR/shacl/#nonValidation),
`dash:viewer` (https://datashapes.org/forms.html), and the terms of `ui:` (docs/pages.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import DASH, RDF, RDFS, REIFICATION, SH, UI
from core.wording import DATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Viewer(StrEnum):
    """How the values of a property are shown, other than as a name that leads on.

    DETAILS: with all that is said of them, in place. QUOTATION: as words of somebody else. DOUBT: as a warning.
    COMPARISON: side by side with the resource itself.
    """

    DETAILS = DASH + "DetailsViewer"
    QUOTATION = UI + "QuotationViewer"
    DOUBT = UI + "DoubtViewer"
    COMPARISON = UI + "ComparisonViewer"


_OPENING = frozenset({Viewer.DETAILS, Viewer.COMPARISON})
_VIEWERS = {ox.NamedNode(viewer): viewer for viewer in Viewer}

_VIEWER = DASH + "viewer"
_DATATYPE, _PROPERTY = ox.NamedNode(SH + "datatype"), ox.NamedNode(SH + "property")
_BELOW = ox.NamedNode(RDFS + "subClassOf")

Shape: TypeAlias = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True)
class PropertyHint:
    """How to show one property; group is the IRI of its sh:PropertyGroup."""

    order: float = math.inf
    group: str | None = None
    names: tuple[ox.Literal, ...] = ()
    viewers: frozenset[Viewer] = frozenset()


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
    sentences: dict[str, tuple[ox.Literal, ...]] = field(default_factory=dict)  # class → its templates
    dates: tuple[str, ...] = ()  # properties whose values are dates, in the order that the shapes show them
    above: dict[str, set[str]] = field(default_factory=dict)  # class → those above it
    _by_class: dict[tuple[str, str], PropertyHint] = field(default_factory=dict)
    _by_property: dict[str, PropertyHint] = field(default_factory=dict)

    def hint(self, types: Iterable[str], predicate: str) -> PropertyHint:
        hints = [self._by_class[type_, predicate] for type_ in types if (type_, predicate) in self._by_class]
        if hints:
            return min(hints, key=lambda hint: hint.order)
        return self._by_property.get(predicate, PropertyHint())

    def opens(self, predicate: str) -> bool:
        """Whether the values of the property are shown with all that is said of them."""
        return not _OPENING.isdisjoint(self.viewers(predicate))

    @property
    def opening(self) -> Iterator[str]:
        """The properties whose values are shown so."""
        return (predicate for predicate in self._by_property if self.opens(predicate))

    def viewers(self, predicate: str) -> frozenset[Viewer]:
        hint = self._by_property.get(predicate)
        return hint.viewers if hint is not None else frozenset()

    def is_shaped(self, predicate: str) -> bool:
        """Whether any shape knows the property."""
        return predicate in self._by_property

    def backs(self, predicate: str) -> bool:
        """Whether the property leads from a statement to what backs it."""
        return (RDF + "Statement", predicate) in self._by_class and predicate not in REIFICATION

    def most_particular(self, classes: Iterable[str]) -> list[str]:
        """The classes, those before others that are below them."""
        found = [class_ for class_ in classes if class_ in self.classes]

        def key(class_: str) -> tuple[int, str]:
            return -len(self.above.get(class_, set()).intersection(found)), class_

        return sorted(found, key=key)


def read(store: ox.Store, graph: str | None) -> Model:
    """The hints of the shapes graph; none where there is no such graph."""
    model = Model()
    if graph is not None:
        reader = _Reader(store, ox.NamedNode(graph))
        reader.groups(model.groups)
        for shape, path, hint in reader.properties():
            for class_ in reader.classes(shape):
                if class_ not in model.classes:
                    model.classes.add(class_)
                    model.above[class_] = reader.above(class_)
                model._by_class.setdefault((class_, path), hint)  # noqa: SLF001 - this function is its constructor
            known = model._by_property.get(path)  # noqa: SLF001
            model._by_property[path] = hint if known is None else _merge(known, hint)  # noqa: SLF001
        dated = sorted(reader.dates(), key=lambda iri: (model._by_property[iri].order, iri))  # noqa: SLF001
        model.dates = tuple(dated)
        for shape, templates in reader.sentences():
            model.sentences.update(dict.fromkeys(reader.classes(shape), templates))
    return model


def _merge(one: PropertyHint, other: PropertyHint) -> PropertyHint:
    first = min(one, other, key=lambda hint: hint.order)
    return PropertyHint(first.order, first.group, first.names or one.names or other.names, one.viewers | other.viewers)


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
                frozenset(viewer for node, viewer in _VIEWERS.items() if node in self._objects(property_, _VIEWER)),
            )
            for path in self._objects(property_, SH + "path"):
                if isinstance(path, ox.NamedNode):
                    yield shape, path.value, hint

    def dates(self) -> set[str]:
        """The properties whose values are dates, to a precision that may differ."""
        return {
            path.value
            for datatype in DATES
            for quad in self._store.quads_for_pattern(None, _DATATYPE, ox.NamedNode(datatype), self._graph)
            if not isinstance(quad.subject, ox.Triple)
            for path in self._objects(quad.subject, SH + "path")
            if isinstance(path, ox.NamedNode)
            and next(self._store.quads_for_pattern(None, _PROPERTY, quad.subject, self._graph), None)
        }

    def sentences(self) -> Iterable[tuple[Shape, tuple[ox.Literal, ...]]]:
        quads = self._store.quads_for_pattern(None, ox.NamedNode(UI + "sentence"), None, self._graph)
        for shape in {quad.subject for quad in quads}:
            if isinstance(shape, ox.NamedNode | ox.BlankNode):
                yield shape, self._literals(shape, UI + "sentence")

    def above(self, class_: str) -> set[str]:
        """The classes that the vocabulary puts above one, over any number of steps."""
        found: set[str] = set()
        rest = [class_]
        while rest:
            node = ox.NamedNode(rest.pop())
            quads = self._store.quads_for_pattern(node, _BELOW, None, ox.DefaultGraph())
            new = {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)} - found
            found |= new
            rest += new
        return found - {class_}

    def classes(self, shape: Shape) -> list[str]:
        """The classes whose instances the shape is for, the shape itself if it is a class."""
        targets = [o.value for o in self._objects(shape, SH + "targetClass") if isinstance(o, ox.NamedNode)]
        return [*targets, shape.value] if isinstance(shape, ox.NamedNode) else targets
