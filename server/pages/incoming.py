"""What points to a resource, as its page shows it: by the names that the shapes have for it, and all else."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.labels import Name, choose, choose_name
from release.links import Link
from server.model.description import format_cursor
from server.model.well_known import well_known
from server.pages.presentation import PropertyValues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from core.rdf import Node
    from core.shapes import PropertyShape
    from server.model.description import Description, Subject
    from server.pages.presentation import Presenter, ShownValue

_MUCH = 10  # that points to a resource; of more each kind is folded


class IncomingLinks:
    """The links to the resource of a description, on this page of it and on others."""

    def __init__(
        self,
        description: Description,
        show: Presenter,
        classes: Callable[[Subject], set[str]],
        backed: Callable[[ox.Triple], dict[str, Any]],
    ) -> None:
        """classes: of another resource. backed: what statements about a triple say, as fields of a shown value."""
        self.of, self.show, self._classes, self._backed = description, show, classes, backed
        types = [type_.value for type_ in description.types]
        self._shapes = show.model.incoming(types)
        self._is_shaped = show.model.is_shaped(types)

    @cached_property
    def triples(self) -> list[ox.Triple]:
        """What points here, but not what is told already: by a symmetric property, or an inverse that is not folded.

        What statements are about is told all the same, with what they say.
        """
        told = {(t.predicate.value, t.object) for t in self.of.facts}
        model = self.show.model

        def is_told(triple: ox.Triple) -> bool:
            inverses = set() if triple in self.of.statements else model.inverses(triple.predicate.value)
            open_ = inverses & model.shaped if self._is_shaped else inverses
            return any((iri, triple.subject) in told for iri in (triple.predicate.value, *open_))

        return [triple for triple in self.of.incoming if not is_told(triple)]

    @cached_property
    def _named(self) -> dict[Node, tuple[PropertyShape, list[ox.Triple]]]:
        """What points here and has a name by the shapes of its classes: shape → it, and the triples."""
        found: dict[Node, tuple[PropertyShape, list[ox.Triple]]] = {}
        for triple in self.triples:
            if shapes := self._shapes.get(triple.predicate.value):
                shape = self.show.model.incoming_hint(shapes, partial(self._classes, triple.subject))
                if shape is not None:
                    found.setdefault(shape.id, (shape, []))[1].append(triple)
        return found

    @cached_property
    def _others(self) -> dict[ox.NamedNode, list[ox.Triple]]:
        """What points here without such a name, by property; none where there is more of one on other pages."""
        named = set(chain.from_iterable(triples for _, triples in self._named.values()))
        found: dict[ox.NamedNode, list[ox.Triple]] = {}
        for triple in self.triples:
            if triple not in named:
                found.setdefault(triple.predicate, []).append(triple)
            elif self._more(triple.predicate):
                found.setdefault(triple.predicate, [])
        return found

    @property
    def by_name(self) -> Iterator[tuple[PropertyShape, Callable[[], PropertyValues]]]:
        """The shapes with names for what points here, each with what makes the values."""
        for shape, triples in self._named.values():
            yield shape, partial(self._by_name, shape, triples)

    @property
    def has_names(self) -> bool:
        return bool(self._named)

    @cached_property
    def number_of_others(self) -> int:
        """How much points here, on all pages, without what this one tells by its name alone."""
        return sum(fact.total for fact in chain(self.known, self.further, self.elsewhere))

    @cached_property
    def known(self) -> list[PropertyValues]:
        """What else points here by properties that the shapes know; the values are the resources that do."""
        return [self._incoming(p) for p in self._properties if p.value in self.show.model.shaped]

    @cached_property
    def further(self) -> list[PropertyValues]:
        """What else points here by other properties; where the shapes know none of them that is all there is."""
        return [self._incoming(p) for p in self._properties if p.value not in self.show.model.shaped]

    @cached_property
    def folded(self) -> list[PropertyValues]:
        """All of `known` and `further`, by the classes of the values as well, if it is much.

        Empty if it is not, if the shapes know the class of the resource, or if the page is one of links alone.
        """
        if self._is_shaped or isinstance(self.of.cursor, Link) or self.number_of_others <= _MUCH:
            return []
        return [part for fact in chain(self.known, self.further) for part in self._by_class(fact)]

    @cached_property
    def elsewhere(self) -> list[PropertyValues]:
        """Properties by which others point here, though none on this page of them, with their number and their page."""
        here = {predicate.value for predicate in self._here}
        return [
            PropertyValues(name, self.show.urls.document(iri), [], total, more, is_incoming=is_incoming)
            for iri, total in self.of.totals.items()
            if iri not in here and (more := self._page_of(iri))
            for name, is_incoming in [self._name(iri)]
        ]

    @cached_property
    def _properties(self) -> list[ox.NamedNode]:
        return self.show.ordered(self._others, [])

    def _incoming(self, predicate: ox.NamedNode) -> PropertyValues:
        values, more = self._sources(self._others[predicate]), self._more(predicate)
        total = self.of.totals[predicate.value] if more else len(values)
        name, is_incoming = self._name_of_others(predicate)
        fact = self.show.fact(predicate, values, [])
        return fact._replace(name=name, total=total, more=more, is_incoming=is_incoming)

    def _by_name(self, shape: PropertyShape, triples: list[ox.Triple]) -> PropertyValues:
        values, predicate = self._sources(triples), triples[0].predicate
        shown = self.show.fact(predicate, values, [])
        name = choose(shape.name, self.show.languages) or shown.name
        return shown._replace(name=name, total=0 if self._more(predicate) else len(values))

    def _by_class(self, fact: PropertyValues) -> list[PropertyValues]:
        """The fact as one for each class of its values, by the first of several; as it is if there is one or more."""
        parts: dict[str, list[ShownValue]] = {}
        for value in fact.values:
            classes = self._classes(value.node) if value.node is not None else set()
            parts.setdefault(min(classes, default=""), []).append(value)
        if len(parts) <= 1 or fact.more:
            return [fact]
        return [
            fact._replace(values=parts[iri], total=len(parts[iri]), class_=self._class_name(iri))
            for iri in sorted(parts, key=lambda iri: (-len(parts[iri]), iri))
        ]

    def _class_name(self, iri: str) -> Name | None:
        return self.show.name(ox.NamedNode(iri)) if iri else None

    def _sources(self, triples: Iterable[ox.Triple]) -> list[ShownValue]:
        """The resources that point here, with what the statements about that say."""
        return [
            self.show.value(triple.subject)._replace(node=triple.subject, **self._backed(triple)) for triple in triples
        ]

    def _more(self, predicate: ox.NamedNode) -> str | None:
        """The page of all that points here by the property, where this one has a part."""
        is_part = self.of.totals.get(predicate.value, 0) > self._here[predicate]
        return self._page_of(predicate.value) if is_part else None

    @cached_property
    def _here(self) -> Counter[ox.NamedNode]:
        return Counter(triple.predicate for triple in self.of.incoming)

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
