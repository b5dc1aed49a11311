"""What points to a resource, as its page shows it: under the names that the shapes have for it, and the rest."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.labels import choose, choose_name
from release.links import Link
from server.model.description import format_cursor
from server.model.presentation_shapes import Viewer
from server.model.well_known import well_known
from server.pages.values import PropertyValues

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from core.labels import Name
    from core.rdf import Node, Subject
    from core.shapes import PropertyShape
    from server.model.description import Description
    from server.model.lookups import Lookups
    from server.pages.presentation import Presenter
    from server.pages.values import ShownValue

_MUCH = 10  # that points to a resource; of more each kind is folded


class NamedLinks(NamedTuple):
    """Links by one property for which a shape has a name."""

    shape: PropertyShape
    property: ox.NamedNode
    triples: list[ox.Triple]


class Incoming:
    """The links to a resource that a page of its document has."""

    def __init__(
        self,
        description: Description,
        show: Presenter,
        lookups: Lookups,
        shown: Callable[[ox.Triple, Name], ShownValue],
        told: Collection[ox.NamedNode] = (),
    ) -> None:
        """shown: the subject of a triple, with what backs that; the name is that of the property here.

        told: properties of which the page tells elsewhere from where they lead here.
        """
        self.of, self.show, self._lookups, self._shown, self._told = description, show, lookups, shown, told
        types = [type_.value for type_ in description.types]
        self._shapes = show.model.incoming(types)
        self._is_shaped = show.model.is_shaped(types)

    @cached_property
    def segments(self) -> dict[str, PropertyShape]:
        """The properties by which the segments of a text lead here, with their shapes."""
        shapes = chain.from_iterable(self._shapes.values())
        return {shape.inverse: shape for shape in shapes if shape.inverse and Viewer.SEGMENTS in shape.viewer}

    @cached_property
    def resting(self) -> list[Subject]:
        """What rests on it, where it is a segment."""
        footnotes = self.show.model.footnotes
        return list(dict.fromkeys(t.subject for t in self.of.incoming if t.predicate.value in footnotes))

    @cached_property
    def others(self) -> list[PropertyValues]:
        """What else points here by properties that the shapes know; the values are the resources that do."""
        return [self._by_property(p) for p in self._properties if p.value in self.show.model.shaped]

    @cached_property
    def further(self) -> list[PropertyValues]:
        """What else points here by other properties; where the shapes know none of them that is all there is."""
        return [self._by_property(p) for p in self._properties if p.value not in self.show.model.shaped]

    @cached_property
    def folded(self) -> list[PropertyValues]:
        """All of `others` and `further`, by the classes of the values as well, if it is much.

        Empty if it is not, if a shape is for a class of the resource, or if the page is one of links alone.
        """
        if self._is_shaped or isinstance(self.of.cursor, Link) or self.number_of_others <= _MUCH:
            return []
        return [part for fact in chain(self.others, self.further) for part in self._by_class(fact)]

    @cached_property
    def elsewhere(self) -> list[PropertyValues]:
        """Properties by which others point here, though none on this page of them, with their number and their page."""
        return [
            PropertyValues(name, self.show.urls.document(iri), [], total, more, is_incoming=is_incoming)
            for iri, total in self.of.totals.items()
            if iri not in self._here and not self._is_told_apart(iri) and (more := self._page_of(iri))
            for name, is_incoming in [self._name(iri)]
        ]

    @cached_property
    def number_of_others(self) -> int:
        """How much points here, on all pages, without what this one tells by its name alone."""
        return sum(fact.total for fact in chain(self.others, self.further, self.elsewhere))

    @cached_property
    def goes_on(self) -> bool:
        """Whether another page has links that are not told apart from the others."""
        totals = self.of.totals.items()
        return any(total > self._here[iri] and not self._is_told_apart(iri) for iri, total in totals)

    def _is_told_apart(self, iri: str) -> bool:
        """Whether what points here by a property is shown as segments, or says what these say."""
        narrower = self.show.model.narrower.get(iri, ())
        return iri in self.segments or any(
            other in self.segments and self.of.totals.get(other) == self.of.totals.get(iri) for other in narrower
        )

    @cached_property
    def pointing(self) -> list[ox.Triple]:
        """What points here, but not what is told already.

        That is what a symmetric property says, an inverse that is not folded, or a property below it; segments and what
        rests on them. What statements are about is told all the same, with what they say.
        """
        told = {(t.predicate.value, t.object) for t in self.of.facts}
        model = self.show.model
        apart = {*self.segments, *model.footnotes}

        def is_told(triple: ox.Triple) -> bool:
            if triple.predicate in self._told or triple.predicate.value in apart or self._is_repeated(triple):
                return True
            inverses = set() if triple in self.of.statements else model.inverses(triple.predicate.value)
            open_ = inverses & model.shaped if self._is_shaped else inverses
            return any((iri, triple.subject) in told for iri in (triple.predicate.value, *open_))

        return [triple for triple in self.of.incoming if not is_told(triple)]

    def _is_repeated(self, triple: ox.Triple) -> bool:
        """Whether the same resource leads here by a property below this one that shapes know."""
        narrower = self.show.model.narrower.get(triple.predicate.value, ())
        return any(
            self._lookups.states(ox.Triple(triple.subject, ox.NamedNode(iri), triple.object)) for iri in narrower
        )

    @cached_property
    def _by_shape(self) -> dict[Node, tuple[PropertyShape, list[ox.Triple]]]:
        """What points here and has a name by the shapes of its classes: shape → it, and the triples."""
        found: dict[Node, tuple[PropertyShape, list[ox.Triple]]] = {}
        for triple in self.pointing:
            if shapes := self._shapes.get(triple.predicate.value):
                shape = self.show.model.incoming_hint(shapes, partial(self._lookups.types, triple.subject))
                if shape is not None:
                    found.setdefault(shape.id, (shape, []))[1].append(triple)
        return found

    @cached_property
    def named(self) -> list[NamedLinks]:
        """What the shapes have names for, in order; what leads here by several of a group is under the first."""
        told: set[tuple[str, Subject]] = set()
        found = []
        for shape, triples in sorted(self._by_shape.values(), key=lambda one: (one[0].order, str(one[0].id))):
            group = shape.group or str(shape.id)
            first = [triple for triple in triples if (group, triple.subject) not in told]
            told |= {(group, triple.subject) for triple in first}
            if first:
                found.append(NamedLinks(shape, first[0].predicate, first))
        return found

    @cached_property
    def _others(self) -> dict[ox.NamedNode, list[ox.Triple]]:
        """What points here without such a name, by property; none where there is more of one on other pages."""
        named = set(chain.from_iterable(triples for _, triples in self._by_shape.values()))
        found: dict[ox.NamedNode, list[ox.Triple]] = {}
        for triple in self.pointing:
            if triple not in named:
                found.setdefault(triple.predicate, []).append(triple)
            elif self._more(triple.predicate):
                found.setdefault(triple.predicate, [])
        return found

    @cached_property
    def _properties(self) -> Sequence[ox.NamedNode]:
        return self.show.ordered(self._others, [])

    def _by_property(self, predicate: ox.NamedNode) -> PropertyValues:
        name, is_incoming = self._name_of_others(predicate)
        values, more = self._values(self._others[predicate], name), self._more(predicate)
        total = self.of.totals[predicate.value] if more else len(values)
        fact = self.show.fact(predicate, values, [])
        return fact._replace(name=name, total=total, more=more, is_incoming=is_incoming)

    def by_name(self, links: NamedLinks) -> PropertyValues:
        """Links under the name of their shape."""
        fact = self.show.fact(links.property, [], [])
        name = choose(links.shape.name, self.show.languages) or fact.name
        values = self._values(links.triples, name)
        return fact._replace(name=name, values=values, total=0 if self._more(links.property) else len(values))

    def _by_class(self, fact: PropertyValues) -> list[PropertyValues]:
        """The fact as one for each class of its values, by the first of several; as it is if there is one or more."""
        parts: dict[str, list[ShownValue]] = {}
        for value in fact.values:
            classes = self._lookups.types(value.node) if value.node is not None else ()
            parts.setdefault(min(classes, default=""), []).append(value)
        if len(parts) <= 1 or fact.more:
            return [fact]
        return [
            fact._replace(values=parts[iri], total=len(parts[iri]), class_=self._class_name(iri))
            for iri in sorted(parts, key=lambda iri: (-len(parts[iri]), iri))
        ]

    def _class_name(self, iri: str) -> Name | None:
        return self.show.name(ox.NamedNode(iri)) if iri else None

    def _values(self, triples: Iterable[ox.Triple], name: Name) -> list[ShownValue]:
        in_order = self.show.sorted_by(triples, lambda triple: self.show.value(triple.subject))
        return [self._shown(triple, name)._replace(node=triple.subject) for triple in in_order]

    def _more(self, predicate: ox.NamedNode) -> str | None:
        """The page of all that points here by the property, where this one has a part."""
        is_part = self.of.totals.get(predicate.value, 0) > self._here[predicate.value]
        return self._page_of(predicate.value) if is_part else None

    @cached_property
    def _here(self) -> Counter[str]:
        return Counter(triple.predicate.value for triple in self.of.incoming)

    def _page_of(self, iri: str) -> str | None:
        if not isinstance(self.of.subject, ox.NamedNode):
            return None
        return self.show.urls.document(self.of.subject.value, "html", format_cursor(Link(iri, "")))

    def _name(self, iri: str) -> tuple[Name, bool]:
        """The names that the shapes of its classes have for what points here by a property, or as for others."""
        names = [choose(shape.name, self.show.languages) for shape in self._shapes.get(iri, ())]
        found = [name for name in names if name is not None]
        if not found:
            return self._name_of_others(ox.NamedNode(iri))
        return found[0]._replace(text=", ".join(name.text for name in found)), True

    def _name_of_others(self, predicate: ox.NamedNode) -> tuple[Name, bool]:
        """What points here by a property is called by its inverse, or as usual, else by it; and whether that is so."""
        if inverse := min(self.show.model.inverses(predicate.value), default=None):
            return self.show.property_name(ox.NamedNode(inverse), []), False
        usual = () if predicate.value in self.show.model.shaped else well_known().incoming.get(predicate.value, ())
        name = choose_name(usual, self.show.languages)
        return (name, False) if name else (self.show.property_name(predicate, []), True)
