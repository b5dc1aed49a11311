"""How the shapes have a resource shown: order, groups, names, sentences and viewers.

SHACL, 2.3.2 (https://www.w3.org/TR/shacl/#nonValidation), `dash:viewer` (https://datashapes.org/forms.html), and the
terms of `ui:` (docs/pages.md).
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import OWL, RDF, RDFS, REIFICATION, UI
from core.shapes import DETAILS_VIEWER, NO_SHAPES, PropertyShape
from core.wording import DATES
from server.model.well_known import well_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from core.rdf import Term
    from core.shapes import Shapes


class Viewer(StrEnum):
    """How the values of a property are shown, other than as a name that leads on.

    DETAILS: with all that is said of them, in place. QUOTATION: as words of somebody else. DOUBT: as a warning.
    COMPARISON: side by side with the resource itself. BREADCRUMBS: as what stands above it. ATTRIBUTION: beside
    segments of texts, as who says it. SEGMENTS: in their order, with what rests on them. POSITION: gives that order.
    """

    DETAILS = DETAILS_VIEWER
    QUOTATION = UI + "QuotationViewer"
    DOUBT = UI + "DoubtViewer"
    COMPARISON = UI + "ComparisonViewer"
    BREADCRUMBS = UI + "BreadcrumbsViewer"
    ATTRIBUTION = UI + "AttributionViewer"
    SEGMENTS = UI + "SegmentsViewer"
    POSITION = UI + "PositionViewer"


STATEMENT = RDF + "Statement"
_KEPT = 10_000  # sets of classes whose order is remembered
_BELOW = ox.NamedNode(RDFS + "subClassOf")
_INVERSE = ox.NamedNode(OWL + "inverseOf")
_SUBPROPERTY = ox.NamedNode(RDFS + "subPropertyOf")
_UNSHAPED = PropertyShape(id=ox.BlankNode())


class Model:
    """Property shapes by class and property; those of a class win over those that any shape has for the property."""

    def __init__(
        self,
        shapes: Shapes = NO_SHAPES,
        superclasses: Mapping[str, set[str]] | None = None,
        inverses: Mapping[str, set[str]] | None = None,
        subclasses: Mapping[str, set[str]] | None = None,
        superproperties: Mapping[str, set[str]] | None = None,
    ) -> None:
        """superclasses, subclasses, superproperties: class or property → those above or below it, over all steps.

        inverses: property → its inverse ones.
        """
        self.groups = shapes.groups
        self.classes = frozenset(shapes.by_class)  # those that a shape is for
        self._targets = shapes.target_classes
        self._superclasses = superclasses or {}
        self._by_class = {
            (class_, property_.predicate): property_
            for class_, properties in shapes.by_class.items()
            for property_ in reversed(properties)
        }
        self._incoming = shapes.incoming
        # shape of what leads to a resource → the classes that it tells from others; none where it is about all
        below = subclasses or {}
        self._wanted = {
            shape.id: wanted.union(*(below.get(class_, ()) for class_ in wanted))
            for found in shapes.incoming.values()
            for shape in found
            if (wanted := shapes.qualified_classes(shape))
        }
        self._by_property = {predicate: _merged(found) for predicate, found in shapes.by_predicate.items()}
        self.shaped = self._by_property.keys()  # properties that any shape knows
        self._inverses = inverses or {}
        self._in_order: dict[frozenset[str], tuple[str, ...]] = {}  # what `most_particular` has found
        # property without a shape → those below it with one, which tell what it repeats
        self.narrower: dict[str, set[str]] = {}
        for property_, others in (superproperties or {}).items():
            for other in others - self.shaped:
                self.narrower.setdefault(other, set()).add(property_)
        # viewer → properties whose values are shown by it
        self.viewed = {
            viewer: frozenset(p for p, shape in self._by_property.items() if viewer in shape.viewer)
            for viewer in Viewer
        }
        # properties whose values are shown with all that is said of them
        self.expanded = self.viewed[Viewer.DETAILS] | self.viewed[Viewer.COMPARISON]
        # properties that lead from a statement to what backs it
        self.provenance = {p for class_, p in self._by_class if class_ == STATEMENT and p}.difference(REIFICATION)
        # those of them whose values are shown in place: what they lead to is a footnote of the page, told once
        self.footnotes = self.provenance & self.expanded
        # class → its templates of each kind
        node_shapes = [(class_, shape) for shape in shapes.node_shapes.values() for class_ in shape.target_classes]
        self.sentences = {class_: shape.sentence for class_, shape in node_shapes if shape.sentence}
        self.names = {class_: shape.name for class_, shape in node_shapes if shape.name}
        self.summaries = {class_: shape.summary for class_, shape in node_shapes if shape.summary}
        # properties that lead from segments to their text
        inverse = (shape for found in shapes.incoming.values() for shape in found if Viewer.SEGMENTS in shape.viewer)
        self.texts = frozenset(ox.NamedNode(shape.inverse) for shape in inverse if shape.inverse)
        # properties by whose values segments of one text are in order, the first one first
        self.positions = sorted(self.viewed[Viewer.POSITION], key=lambda p: (self._by_property[p].order, p))
        # properties whose values are dates, in the order that the shapes show them
        dated = {p for p, found in shapes.by_predicate.items() if any(DATES.intersection(s.datatype) for s in found)}
        self.dates = tuple(sorted(dated, key=lambda predicate: (self._by_property[predicate].order, predicate)))

    def hint(self, types: Iterable[str], predicate: str) -> PropertyShape:
        """The shape that says how to show a property of a resource of these classes."""
        best = None
        for type_ in types:
            hint = self._by_class.get((type_, predicate))
            if hint is not None and (best is None or hint.order < best.order):
                best = hint
        return best or self._by_property.get(predicate, _UNSHAPED)

    def is_shaped(self, types: Iterable[str]) -> bool:
        """Whether a shape is for one of the classes; else pages have the usual order."""
        return not self._targets.isdisjoint(types)

    def place(self, types: Iterable[str], predicate: str) -> tuple[float, float, str]:
        """Key that sorts the properties of a resource of these classes: as the shapes say, else as usual."""
        return self.hint(types, predicate).order, well_known().order(predicate), predicate

    def inverses(self, predicate: str) -> set[str]:
        """The inverse properties that the data, or else usual vocabularies, give a property."""
        return self._inverses.get(predicate) or well_known().inverses.get(predicate, set())

    def incoming(self, types: Iterable[str]) -> dict[str, list[PropertyShape]]:
        """Property → the shapes with names for what leads by it to a resource of these classes, in their order."""
        shapes = {shape.id: shape for type_ in types for shape in self._incoming.get(type_, ()) if shape.name}
        found: dict[str, list[PropertyShape]] = {}
        for shape in sorted(shapes.values(), key=lambda shape: (shape.order, str(shape.id))):
            found.setdefault(shape.inverse or "", []).append(shape)
        return found

    def incoming_hint(
        self, shapes: Iterable[PropertyShape], types: Callable[[], AbstractSet[str]]
    ) -> PropertyShape | None:
        """Of the shapes of what leads somewhere by a property, the one for a resource of these classes that does.

        Those that tell resources of a class (sh:qualifiedValueShape) come before those that are about all.
        """
        about_all = None
        for shape in shapes:
            if shape.id not in self._wanted:
                about_all = about_all or shape
            elif not self._wanted[shape.id].isdisjoint(types()):
                return shape
        return about_all

    def most_particular(self, classes: Iterable[str]) -> tuple[str, ...]:
        """The classes that a shape is for, those before others that are below them."""
        found = self.classes.intersection(classes)
        in_order = self._in_order.get(found)
        if in_order is None:
            above = self._superclasses
            in_order = tuple(sorted(found, key=lambda class_: (-len(above.get(class_, set()) & found), class_)))
            if len(self._in_order) >= _KEPT:
                self._in_order.clear()
            self._in_order[found] = in_order
        return in_order

    def lowest(self, classes: Iterable[str]) -> list[str]:
        """The classes that a shape is for, without those that others of them are below."""
        found = self.most_particular(classes)
        above = set[str]().union(*(self._superclasses.get(class_, ()) for class_ in found))
        return [class_ for class_ in found if class_ not in above]

    def template(
        self, templates: Mapping[str, tuple[ox.Literal, ...]], classes: Iterable[str]
    ) -> tuple[ox.Literal, ...]:
        """Of templates by class those of the most particular class that has any."""
        return next((templates[class_] for class_ in self.most_particular(classes) if class_ in templates), ())


def read(store: ox.Store, shapes: Shapes) -> Model:
    """The model of the shapes, with the classes and inverse properties that the default graph of the store has."""
    qualified = {c for found in shapes.incoming.values() for shape in found for c in shapes.qualified_classes(shape)}
    return Model(
        shapes,
        {class_: _superclasses(store, class_) for class_ in shapes.by_class},
        _inverses(store),
        {class_: _subclasses(store, class_) for class_ in qualified},
        {property_: _superproperties(store, property_) for property_ in shapes.by_predicate},
    )


def _merged(shapes: Iterable[PropertyShape]) -> PropertyShape:
    """The first shape, with the viewers of all, and a name from another where it has none."""
    first, *others = shapes
    name = next((shape.name for shape in (first, *others) if shape.name), ())
    return replace(first, name=name, viewer=first.viewer.union(*(shape.viewer for shape in others)))


def _inverses(store: ox.Store) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, _INVERSE, None, ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            found.setdefault(quad.subject.value, set()).add(quad.object.value)
            found.setdefault(quad.object.value, set()).add(quad.subject.value)
    return found


def _superclasses(store: ox.Store, class_: str) -> set[str]:
    return _reached(class_, lambda c: (q.object for q in store.quads_for_pattern(c, _BELOW, None, ox.DefaultGraph())))


def _superproperties(store: ox.Store, property_: str) -> set[str]:
    find = store.quads_for_pattern
    return _reached(property_, lambda p: (q.object for q in find(p, _SUBPROPERTY, None, ox.DefaultGraph())))


def _subclasses(store: ox.Store, class_: str) -> set[str]:
    return _reached(class_, lambda c: (q.subject for q in store.quads_for_pattern(None, _BELOW, c, ox.DefaultGraph())))


def _reached(class_: str, step: Callable[[ox.NamedNode], Iterable[Term]]) -> set[str]:
    """The other classes that steps from one lead to, over any number of them."""
    found: set[str] = set()
    rest = [class_]
    while rest:
        new = {node.value for node in step(ox.NamedNode(rest.pop())) if isinstance(node, ox.NamedNode)} - found
        found |= new
        rest += new
    return found - {class_}
