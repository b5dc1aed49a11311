"""A description as a page shows it: what it is, what is doubtful, the facts with what backs them, what points here."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from core.labels import NAMING, Name, choose
from core.namespaces import RDF_TYPE
from server.model.description import PAGE_SIZE
from server.model.hierarchy import Hierarchy
from server.model.presentation_shapes import Viewer
from server.model.segments import segments_of
from server.model.well_known import well_known
from server.pages.backing import BackedValues
from server.pages.corrections import Corrections
from server.pages.incoming import Incoming
from server.pages.proof import Proof
from server.pages.sentences import sentence
from server.pages.values import LONG_NAME, Footnote, PropertyValues, SegmentList, ShownValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.rdf import Subject
    from server.model.description import Description
    from server.pages.incoming import NamedLinks
    from server.pages.presentation import Presenter
    from server.pages.values import Resting
    from server.releases import OpenRelease

_TYPE = ox.NamedNode(RDF_TYPE)
_SENTENCE = 40  # characters of a text that is more than a name


# Properties of which two resources have different values: each with its values here and there.
Differences: TypeAlias = list[tuple[Name, list[ShownValue], list[ShownValue]]]


class FactGroup(NamedTuple):
    """Facts under a heading; name: None for those in no group."""

    name: Name | None
    facts: list[PropertyValues]


class DocumentPage:
    """Everything that the page about one resource shows, for the reader of a presenter."""

    def __init__(
        self,
        description: Description,
        show: Presenter,
        release: OpenRelease,
        start: int = 0,
        told: Hierarchy | None = None,
    ) -> None:
        """start: the number of the first segment of a text that is shown, from 0.

        told: the properties by which a tree on the page has what is below the resource; where no shape is for its
        classes, that is not told again.
        """
        self.of, self.show, self._start = description, show, start
        self._lookups, self._store = release.lookups, release.store
        self._counts = release.manifest.counts.properties
        self._types = [type_.value for type_ in description.types]
        address = description.subject.value if isinstance(description.subject, ox.NamedNode) else ""
        self._corrections = Corrections(
            release.manifest.dataset.corrections,
            release.urls.permanent(release.urls.document(address), release.manifest.id),
            release.manifest.id,
            description.subject,
        )
        self._proof = Proof(description, show, release.lookups, self._corrections)
        self._values = BackedValues(description, show, release.lookups, self._proof, self._corrections, self.title.text)
        self._told = told if told and not self._is_shaped else Hierarchy((), ())
        self.incoming = Incoming(description, show, release.lookups, self._values.pointing_here, self._told.up)

    @cached_property
    def _is_shaped(self) -> bool:
        """Whether a shape is for one of its classes; else the page has the usual order."""
        return self.show.model.is_shaped(self._types)

    @cached_property
    def title(self) -> Name:
        """Its name; of what is quoted below it, the one that the data give, which does not begin with the quotation."""
        if self.quotations:
            return self.show.labels.name(self.of.subject, self.show.languages)
        return self.show.name(self.of.subject)

    @cached_property
    def types(self) -> list[ShownValue]:
        """Its classes, without those above others of them; of those with one name, as in two vocabularies, one."""
        iris = self.show.model.lowest(self._types) or self._types
        values = [self.show.value(ox.NamedNode(iri)) for iri in iris]
        return list({value.name.text: value for value in reversed(values)}.values())[::-1]

    @property
    def correction(self) -> str:
        """The address to report a mistake of the page at; empty if there is none."""
        return self._corrections.of_page()

    @cached_property
    def other_names(self) -> list[Name]:
        """Its names in other languages than that of the title, one for each; none beside a name by a template."""
        if self._is_named_by_template:
            return []
        found: dict[str, Name] = {}
        for name in self._names:
            found.setdefault(name.language, name)
        return [found[tag] for tag in sorted(found) if tag and found[tag].text != self.title.text]

    @cached_property
    def _names(self) -> tuple[Name, ...]:
        """What the data call it."""
        return self.show.labels.names(self.of.subject) if isinstance(self.of.subject, ox.NamedNode) else ()

    @property
    def _is_named_by_template(self) -> bool:
        return self.title not in self._names

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
        return self._proof.quotations(self.of.facts)

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
    def groups(self) -> list[FactGroup]:
        """The facts that the shapes put into groups, in their order, None for those in no group; no doubts.

        With what points here by properties for which the shapes of its classes have names. Where no shape is for its
        classes, all facts but the names and texts at the head of the page are in no group.
        """
        if not self._is_shaped:
            predicates = [predicate for predicate in self._predicates if predicate not in self._told.down]
            facts = map(self._without_head, map(self._fact, self.show.ordered(predicates, self._types)))
            return [FactGroup(None, shown)] if (shown := [fact for fact in facts if fact.values]) else []
        return [self._group(group) for group in self._by_group if not self.show.is_folded(group)]

    @cached_property
    def folded_groups(self) -> list[FactGroup]:
        """Those that a reader has to open."""
        return [self._group(group) for group in self._by_group if self._is_shaped and self.show.is_folded(group)]

    def _group(self, group: str | None) -> FactGroup:
        facts = sorted(self._by_group[group], key=itemgetter(0, 1))
        shown = [self._fact(of) if isinstance(of, ox.NamedNode) else self.incoming.by_name(of) for *_, of in facts]
        return FactGroup(self.show.group_name(group), shown)

    @cached_property
    def _by_group(self) -> dict[str | None, list[tuple[float, str, ox.NamedNode | NamedLinks]]]:
        """Group → its facts, each with its order and its IRI: own properties, and links; the groups are in order."""
        model = self.show.model
        shown_apart = {Viewer.DOUBT, Viewer.QUOTATION, Viewer.COMPARISON}
        apart = model.footnotes.union(*(model.viewed[viewer] for viewer in shown_apart))
        by_group: dict[str | None, list[tuple[float, str, ox.NamedNode | NamedLinks]]] = defaultdict(list)
        for predicate in self._predicates:
            if predicate.value in model.shaped and predicate.value not in apart and predicate not in self._headings:
                hint = model.hint(self._types, predicate.value)
                by_group[hint.group].append((hint.order, predicate.value, predicate))
        for links in self.incoming.named:
            by_group[links.shape.group].append((links.shape.order, links.property.value, links))
        return {group: by_group[group] for group in sorted(by_group, key=self.show.group_order)}

    @cached_property
    def _headings(self) -> dict[ox.NamedNode, bool]:
        """The properties all of whose values head the page already."""
        shown = self._names if self._is_named_by_template else (self.title, *self.other_names)
        whole = [name for name in shown if name == self.title or len(name.text) <= LONG_NAME]
        heads = [name.text for name in self._names if name in whole]
        found: dict[ox.NamedNode, bool] = {}
        for triple in self.of.facts:
            is_head = isinstance(triple.object, ox.Literal) and _is_head(triple.object.value, heads)
            is_told = is_head and (triple.predicate in NAMING or triple not in self.of.statements)
            found[triple.predicate] = is_told and found.get(triple.predicate, True)
        return {predicate: True for predicate, is_told in found.items() if is_told}

    @cached_property
    def further(self) -> list[PropertyValues]:
        """The facts that the shapes do not know, as those that say the same in other vocabularies.

        With the names of what goes by a template instead.
        """
        if not self._is_shaped:
            return []
        names = self._headings if self._is_named_by_template else ()
        found = [p for p in self._predicates if p in names or p.value not in self.show.model.shaped]
        return [self._fact(p) for p in self.show.ordered(found, self._types)]

    def _without_head(self, fact: PropertyValues) -> PropertyValues:
        """The fact without values that are only what the head of the page has: its names and descriptions."""
        at_head = {self.title, *self.other_names, *(value.name for value in self.descriptions)}

        def is_at_head(value: ShownValue) -> bool:
            return not value.href and value.name in at_head and not (value.notes or value.marks)

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
    def segments(self) -> SegmentList | None:
        """The segments of the text that it is, a page of them; only on the first page of the document."""
        if not self.incoming.segments or self.of.cursor is not None:
            return None
        predicate, shape = next(iter(self.incoming.segments.items()))
        property_ = ox.NamedNode(predicate)
        found = segments_of(self._store, self.of.subject, property_, self.show.model.positions)
        here = found[self._start : self._start + PAGE_SIZE]
        if not here:
            return None
        following = self._start + PAGE_SIZE
        return SegmentList(
            choose(shape.name, self.show.languages) or self.show.name(property_),
            self.show.urls.document(predicate),
            [(self._proof.segment(node, is_brief=True), self._proof.resting_on(node)) for node in here],
            len(found),
            self._start,
            self._segments_at(max(0, self._start - PAGE_SIZE)) if self._start else None,
            self._segments_at(following) if following < len(found) else None,
        )

    def _segments_at(self, start: int) -> str:
        return self.show.urls.document(self.of.subject.value, segments=start)

    @cached_property
    def resting(self) -> Resting | None:
        """What rests on it, where it is a segment: as much as this page of links has."""
        return self._proof.resting(self.incoming.resting) if self.incoming.resting else None

    @cached_property
    def footnotes(self) -> list[Footnote]:
        """What backs the resource, or a value that the page shows at once, each once, by their numbers."""
        _ = self.doubts, self.groups, self.incoming.others, self.incoming.further  # what they rest on
        footnotes = self.show.model.footnotes
        self._proof.marks_of(self.of.subject, [t.object for t in self.of.facts if t.predicate.value in footnotes])
        return self._proof.footnotes()

    @cached_property
    def folded_footnotes(self) -> list[Footnote]:
        """What backs the other values, by the numbers that follow."""
        start = len(self.footnotes)
        _ = self.folded_groups, self.further
        return self._proof.footnotes(start)

    @cached_property
    def uses(self) -> list[tuple[ShownValue | None, int, list[tuple[ShownValue, ShownValue]]]]:
        """The properties that the document is about, of which nothing else is said: how often they are used, and where.

        None stands for the property that the page is about. Uses are pairs of subject and object.
        """
        found: dict[ox.NamedNode, list[tuple[ShownValue, ShownValue]]] = defaultdict(list)
        for triple in self.of.uses:
            found[triple.predicate].append((self.show.value(triple.subject), self.show.in_words(triple.object)))
        return [
            (self.show.value(node) if node != self.of.subject else None, self._counts[node.value], pairs)
            for node, pairs in found.items()
        ]

    @cached_property
    def apart(self) -> list[ShownValue]:
        """The blank nodes that no value opens, because they are too deep in it, or it is on another page."""
        _ = self.doubts, self.groups, self.folded_groups, self.further, self.fragments, self.footnotes  # what they open
        statements = set(chain.from_iterable(self.of.statements.values()))
        return [
            self.show.opened(node, self.of.nested, ())
            for node in self.of.nested
            if isinstance(node, ox.BlankNode) and node not in statements and not self.show.is_opened(node)
        ]

    @cached_property
    def _predicates(self) -> list[ox.NamedNode]:
        """Those of its facts, without the types where these head the page whole."""
        all_shown = len(self.types) == len(self._types)
        found = dict.fromkeys(triple.predicate for triple in self.of.facts)
        return [predicate for predicate in found if predicate != _TYPE or not all_shown]

    def _fact(self, predicate: ox.NamedNode) -> PropertyValues:
        fact = self.show.fact(predicate, [], self._types)
        triples = [triple for triple in self.of.facts if triple.predicate == predicate]
        in_order = self.show.sorted_by(triples, lambda triple: self.show.in_words(triple.object))
        return fact._replace(values=[self._values.of(triple, fact.name) for triple in in_order])

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


def _is_head(text: str, heads: Iterable[str]) -> bool:
    """Whether a text heads the page: it is one of its names or, where it is a sentence, the end of one."""
    return any(head == text or (len(text) > _SENTENCE and head.endswith(text)) for head in heads)


def _by_property(triples: Iterable[ox.Triple]) -> dict[ox.NamedNode, list[Subject | ox.Literal]]:
    found: dict[ox.NamedNode, list[Subject | ox.Literal]] = defaultdict(list)
    for triple in triples:
        if triple.predicate != _TYPE:
            found[triple.predicate].append(triple.object)
    return found
