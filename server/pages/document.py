"""A description as a page shows it: what it is, what is doubtful, the facts with what backs them, what points here."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, cached_property, partial
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from core.labels import Name, choose
from core.namespaces import RDF_TYPE
from core.reification import REIFIES
from server.model.description import REIFICATION
from server.model.presentation_shapes import STATEMENT, Viewer
from server.model.well_known import well_known
from server.pages.incoming import IncomingLinks
from server.pages.presentation import Footnote, PropertyValues, Provenance, ShownValue
from server.pages.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from server.model.description import Description, Subject
    from server.pages.presentation import Presenter

_TYPE = ox.NamedNode(RDF_TYPE)
_ABOUT = REIFICATION | {REIFIES, _TYPE}  # what statements and reifiers say that is no note


# Properties of which two resources have different values: each with its values here and there.
Differences: TypeAlias = list[tuple[Name, list[ShownValue], list[ShownValue]]]


class _Backing(NamedTuple):
    """The notes about a triple, what backs it, and the numbers of the footnotes that do."""

    notes: list[PropertyValues]
    sources: list[Provenance]
    marks: list[int]


class DocumentPage:
    """Everything that the page about one resource shows, for the reader of a presenter."""

    def __init__(
        self,
        description: Description,
        show: Presenter,
        counts: Mapping[str, int],
        classes: Callable[[Subject], set[str]],
    ) -> None:
        """counts: property → number of its triples. classes: the classes of another resource."""
        self.of, self.show, self.counts, self._classes = description, show, counts, cache(classes)
        self._types = [type_.value for type_ in description.types]
        self._footnotes: dict[Subject | ox.Literal, int] = {}  # by their numbers, as the page comes to speak of them

    @cached_property
    def _is_shaped(self) -> bool:
        """Whether a shape is for one of its classes; else the page has the usual order."""
        return self.show.model.is_shaped(self._types)

    @cached_property
    def title(self) -> Name:
        return self.show.name(self.of.subject)

    @cached_property
    def types(self) -> list[ShownValue]:
        """Its classes, the most particular first; of those with one name, as in two vocabularies, one."""
        iris = self.show.model.most_particular(self._types) or self._types
        values = [self.show.value(ox.NamedNode(iri)) for iri in iris]
        return list({value.name.text: value for value in reversed(values)}.values())[::-1]

    @cached_property
    def other_names(self) -> list[Name]:
        """Its names in other languages than that of the title, one for each."""
        found: dict[str, Name] = {}
        if isinstance(self.of.subject, ox.NamedNode):
            for name in self.show.labels.names(self.of.subject):
                found.setdefault(name.language, name)
        return [found[tag] for tag in sorted(found) if tag and found[tag].text != self.title.text]

    @cached_property
    def sentence(self) -> list[ShownValue]:
        return sentence(self.of, self.show)

    @cached_property
    def descriptions(self) -> list[ShownValue]:
        """What no shape has an order for says of itself in texts, each in the reader's language."""
        found: list[ShownValue] = []
        if not self._is_shaped:
            for predicate in self.show.ordered(self._predicates, self._types):
                values = [t.object for t in self.of.facts if t.predicate == predicate]
                texts = [text for text in values if isinstance(text, ox.Literal) and text.value.strip()]
                if well_known().is_description(predicate.value) and (name := choose(texts, self.show.languages)):
                    found.append(ShownValue(name))
        return list(dict.fromkeys(found))

    @cached_property
    def quotations(self) -> list[Name]:
        """Its own words, where it is somebody's."""
        return self._words(self.of.facts)

    @cached_property
    def doubts(self) -> list[PropertyValues]:
        """What the data say to be doubtful."""
        return [self._fact(p) for p in self._predicates if p.value in self.show.model.viewed[Viewer.DOUBT]]

    @cached_property
    def comparisons(self) -> list[tuple[Name, ShownValue, Differences]]:
        """What contradicts it, side by side: what ties the two, the other one, and in what they differ."""
        return [
            (self.show.property_name(triple.predicate, self._types), self.show.value(node), self._compare(node))
            for triple in self.of.facts
            if triple.predicate.value in self.show.model.viewed[Viewer.COMPARISON]
            and isinstance(node := triple.object, ox.NamedNode)
        ]

    @cached_property
    def groups(self) -> list[tuple[Name | None, list[PropertyValues]]]:
        """The facts that the shapes put into groups, in their order, None for those in no group; no doubts.

        With what points here by properties for which the shapes of its classes have names. Where no shape is for its
        classes, all facts but the names and texts at the head of the page are in no group.
        """
        model = self.show.model
        if not self._is_shaped:
            facts = map(self._without_head, map(self._fact, self.show.ordered(self._predicates, self._types)))
            return [(None, shown)] if (shown := [fact for fact in facts if fact.values]) else []
        by_group: dict[str | None, list[tuple[float, str, Callable[[], PropertyValues]]]] = defaultdict(list)
        for predicate in self._predicates:
            if (
                predicate.value in model.shaped
                and predicate.value not in model.viewed[Viewer.DOUBT]
                and predicate.value not in model.footnotes
            ):
                hint = model.hint(self._types, predicate.value)
                by_group[hint.group].append((hint.order, predicate.value, partial(self._fact, predicate)))
        for shape, make in self.links.by_name:
            by_group[shape.group].append((shape.order, shape.inverse or "", make))
        return [
            (self.show.group_name(group), [make() for *_, make in sorted(by_group[group], key=itemgetter(0, 1))])
            for group in sorted(by_group, key=self.show.group_order)
        ]

    @cached_property
    def further(self) -> list[PropertyValues]:
        """The facts that the shapes do not know, as those that say the same in other vocabularies."""
        if not self._is_shaped:
            return []
        unknown = [p for p in self._predicates if p.value not in self.show.model.shaped]
        return [self._fact(p) for p in self.show.ordered(unknown, self._types)]

    def _without_head(self, fact: PropertyValues) -> PropertyValues:
        """The fact without values that are only what the head of the page has: its names and descriptions."""
        at_head = {self.title, *self.other_names, *(value.name for value in self.descriptions)}

        def is_at_head(value: ShownValue) -> bool:
            return not value.href and value.name in at_head and not (value.notes or value.sources or value.marks)

        return fact._replace(values=[value for value in fact.values if not is_at_head(value)])

    @cached_property
    def fragments(self) -> list[tuple[ShownValue, list[ShownValue], list[PropertyValues]]]:
        """What the document is about beside its own IRI: its IRI with fragments, each with its classes and facts."""
        return [
            (
                self.show.value(node),
                [self.show.value(t.object) for t in triples if t.predicate == _TYPE],
                self.show.nested(triples, self.of.nested, (self.of.subject, node)),
            )
            for node, triples in self.of.fragments.items()
        ]

    @cached_property
    def footnotes(self) -> list[Footnote]:
        """What backs the resource, or a value that the page shows, each once, by their numbers."""
        _ = self.doubts, self.groups, self.further, self.links.known, self.links.further  # what they rest on
        for triple in self.of.facts:
            if triple.predicate.value in self.show.model.footnotes:
                self._number(triple.object)
        return [self._footnote(node) for node in self._footnotes]

    @cached_property
    def uses(self) -> list[tuple[ShownValue | None, int, list[tuple[ShownValue, ShownValue]]]]:
        """The properties that the document is about, of which nothing else is said: how often they are used, and where.

        None stands for the property that the page is about. Uses are pairs of subject and object.
        """
        found: dict[ox.NamedNode, list[tuple[ShownValue, ShownValue]]] = defaultdict(list)
        for triple in self.of.uses:
            found[triple.predicate].append((self.show.value(triple.subject), self.show.in_words(triple.object)))
        return [
            (self.show.value(node) if node != self.of.subject else None, self.counts[node.value], pairs)
            for node, pairs in found.items()
        ]

    @cached_property
    def apart(self) -> list[ShownValue]:
        """The blank nodes that no value opens, because they are too deep in it, or it is on another page."""
        _ = self.doubts, self.groups, self.further, self.fragments, self.footnotes  # what they open
        statements = set(chain.from_iterable(self.of.statements.values()))
        return [
            self.show.opened(node, self.of.nested, ())
            for node in self.of.nested
            if isinstance(node, ox.BlankNode) and node not in statements and not self.show.is_opened(node)
        ]

    @cached_property
    def links(self) -> IncomingLinks:
        """What points here."""
        return IncomingLinks(self.of, self.show, self._classes, lambda triple: self._backed(triple)._asdict())

    @cached_property
    def _predicates(self) -> list[ox.NamedNode]:
        """Those of its facts, without the types where these head the page whole."""
        all_shown = len(self.types) == len(self._types)
        found = dict.fromkeys(triple.predicate for triple in self.of.facts)
        return [predicate for predicate in found if predicate != _TYPE or not all_shown]

    @cached_property
    def _own_backing(self) -> _Backing:
        """What backs all that is stated of the resource, where its facts have no statements that tell it one by one."""
        if any(triple.subject == self.of.subject for triple in self.of.statements):
            return _Backing([], [], [])
        model = self.show.model
        return self._backing([], [triple for triple in self.of.facts if triple.predicate.value in model.provenance])

    def _fact(self, predicate: ox.NamedNode) -> PropertyValues:
        values = []
        model = self.show.model
        is_expanded, is_shaped = predicate.value in model.expanded, predicate.value in model.shaped
        for triple in self.of.facts:
            if triple.predicate == predicate:
                backing = self._backed(triple)
                is_backed = backing.sources or backing.marks
                if not is_backed and is_shaped and not is_expanded and predicate != _TYPE:
                    backing = self._own_backing._replace(notes=backing.notes)
                value = self.show.opened(triple.object, self.of.nested, (self.of.subject,))
                values.append(value._replace(**backing._asdict()))
        return self.show.fact(predicate, values, self._types)

    def _backed(self, triple: ox.Triple) -> _Backing:
        """What the statements about the triple say, and what backs them."""
        model, notes, backing = self.show.model, list[PropertyValues](), list[ox.Triple]()
        for node in self.of.statements.get(triple, ()):
            parts = [t for t in self.of.nested.get(node, ()) if t.predicate not in _ABOUT]
            backing += [t for t in parts if t.predicate.value in model.provenance]
            others = [t for t in parts if t.predicate.value not in model.provenance]
            notes += self.show.nested(others, self.of.nested, (self.of.subject, node))
        return self._backing(notes, backing)

    def _words(self, triples: Iterable[ox.Triple]) -> list[Name]:
        """The literals of properties with the viewer for quotations."""
        quoted = (t.object for t in triples if t.predicate.value in self.show.model.viewed[Viewer.QUOTATION])
        return [Name.of(text) for text in quoted if isinstance(text, ox.Literal)]

    def _backing(self, notes: list[PropertyValues], triples: Iterable[ox.Triple]) -> _Backing:
        """What these triples lead to, each once, in the order of the shapes; footnotes by their numbers."""
        model, sources, marks = self.show.model, [], list[int]()
        for node, predicate in {triple.object: triple.predicate for triple in triples}.items():
            if predicate.value in model.footnotes:
                marks.append(self._number(node))
            else:
                place = model.hint((STATEMENT,), predicate.value).order
                sources.append((place, Provenance(self.show.property_name(predicate, ()), self.show.in_words(node))))
        sources.sort(key=lambda source: (source[0], source[1].value.name.text, source[1].value.href or ""))
        return _Backing(notes, [source for _, source in sources], sorted(marks))

    def _number(self, node: Subject | ox.Literal) -> int:
        return self._footnotes.setdefault(node, len(self._footnotes) + 1)

    def _footnote(self, node: Subject | ox.Literal) -> Footnote:
        model = self.show.model
        triples = self.of.nested.get(node, []) if not isinstance(node, ox.Literal) else []
        leading = [t for t in triples if t.predicate.value in model.shaped and isinstance(t.object, ox.NamedNode)]
        links = [self.show.value(t.object) for t in leading if t.predicate != _TYPE]
        value = self.show.opened(node, self.of.nested, (self.of.subject,))
        open_already = {self.show.urls.document(iri) for iri in model.viewed[Viewer.QUOTATION]}
        open_already |= {self.show.urls.document(t.predicate.value) for t in leading}
        details = [fact for fact in value.nested if fact.href not in open_already]
        return Footnote(value, self._words(triples), links, details)

    def _compare(self, other: ox.NamedNode) -> Differences:
        """The properties of the shapes in which the two differ, in their order: those that both have, if any."""
        mine, theirs = _by_property(self.of.facts), _by_property(self.of.nested.get(other, ()))
        model = self.show.model
        differing = [
            predicate
            for predicate in dict.fromkeys(chain(mine, theirs))
            if predicate.value in model.shaped
            and predicate.value not in model.expanded
            and set(mine.get(predicate, ())) != set(theirs.get(predicate, ()))
        ]
        shared = [predicate for predicate in differing if predicate in mine and predicate in theirs]
        return [
            (
                self.show.property_name(predicate, self._types),
                self.show.sorted([self.show.in_words(term) for term in mine.get(predicate, ())]),
                self.show.sorted([self.show.in_words(term) for term in theirs.get(predicate, ())]),
            )
            for predicate in self.show.ordered(shared or differing, self._types)
        ]


def _by_property(triples: Iterable[ox.Triple]) -> dict[ox.NamedNode, list[Subject | ox.Literal]]:
    found: dict[ox.NamedNode, list[Subject | ox.Literal]] = defaultdict(list)
    for triple in triples:
        if triple.predicate != _TYPE:
            found[triple.predicate].append(triple.object)
    return found
