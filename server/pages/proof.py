"""Proof of the values of a page: segments and decisions, each told once and numbered, and what rests on them."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

import pyoxigraph as ox

from core.labels import ALTERNATIVE, NAMING, Name
from core.namespaces import RDF_TYPE
from server.model.presentation_shapes import Viewer
from server.pages.values import Footnote, Resting, Segment, ShownValue, StatedFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.rdf import Subject, Term
    from server.model.description import Description
    from server.model.lookups import Lookups
    from server.pages.corrections import Corrections
    from server.pages.presentation import Presenter
    from server.pages.values import PropertyValues

_NAMES = frozenset({*NAMING, *ALTERNATIVE})
_DECISION = ox.BlankNode("decision")  # what facts about a decision are shown as those of
_MOST = 20  # of what rests on a segment, where the page is not about it
_RESTATEMENTS = 2

# What a footnote is about: a segment, or what statements say of a decision.
Source: TypeAlias = "Term | frozenset[tuple[ox.NamedNode, Term]]"


class Proof:
    """The footnotes of one page, numbered as the page comes to speak of them."""

    def __init__(self, description: Description, show: Presenter, lookups: Lookups, corrections: Corrections) -> None:
        self._of, self._show, self._lookups, self._corrections = description, show, lookups, corrections
        self._model = show.model
        self._linking = self._model.shaped - {RDF_TYPE}  # properties that lead from a segment to a text
        self._numbers: dict[Source, int] = {}
        self._resting: dict[Term, set[Subject]] = {}  # segment → what rests on it as a whole and the page tells of
        self.backing = [ox.NamedNode(iri) for iri in sorted(self._model.footnotes)]
        self._attributing = [ox.NamedNode(iri) for iri in sorted(self._model.viewed[Viewer.ATTRIBUTION])]

    def marks(self, triples: Iterable[ox.Triple]) -> list[int]:
        """The numbers of what triples of one statement lead to by properties of provenance.

        Each segment is a footnote; all else that the statement says of a decision is one together.
        """
        decision = {(t.predicate, t.object) for t in triples if t.predicate.value not in self._model.footnotes}
        sources: list[Source] = [t.object for t in triples if t.predicate.value in self._model.footnotes]
        return sorted({self._number(source) for source in (*sources, *([frozenset(decision)] if decision else ()))})

    def marks_of(self, node: Subject, segments: Iterable[Term]) -> list[int]:
        """The numbers of the segments on which a resource rests as a whole."""
        for segment in segments:
            self._resting.setdefault(segment, set()).add(node)
        return sorted({self._number(segment) for segment in segments})

    def _number(self, source: Source) -> int:
        return self._numbers.setdefault(source, len(self._numbers) + 1)

    def footnotes(self, start: int = 0) -> list[Footnote]:
        """All that were numbered after the first ones, in order."""
        return [self._footnote(source) for source in islice(self._numbers, start, None)]

    def _footnote(self, source: Source) -> Footnote:
        if isinstance(source, frozenset):
            return Footnote(None, facts=self._show.facts([ox.Triple(_DECISION, *said) for said in source]))
        segment = self.segment(source)
        resting = sorted(self._resting.get(source, ()), key=str)
        attributed = dict.fromkeys(chain.from_iterable(map(self._authors, resting)))
        authors = [self._show.value(author) for author in attributed if author != self._of.subject]
        restatements = [] if segment.quotations else self._restatements(source)
        return Footnote(segment, authors, restatements)

    def stating(self, triple: ox.Triple) -> list[Term]:
        """The segments on which a triple between two resources rests with all that is said of its subject."""
        remembered = self._show.remembered.stating
        found = remembered.get(triple)
        if found is None:
            found = remembered[triple] = self._lookups.segments_stating(triple, self.backing)
        return found

    def _authors(self, node: Subject) -> list[Term]:
        """The values of the properties that attribute what a resource tells."""
        remembered = self._show.remembered.authors
        found = remembered.get(node)
        if found is None:
            values = (self._lookups.objects(node, predicate) for predicate in self._attributing)
            found = remembered[node] = list(chain.from_iterable(values))
        return found

    def _restatements(self, segment: Term) -> list[ShownValue]:
        """The first of what rests on a segment as a whole."""
        remembered = self._show.remembered.resting
        whole = remembered.get(segment)
        if whole is None:
            found = (node for node in self._subjects_on(segment) if self._lookups.stated(node) is None)
            whole = remembered[segment] = list(islice(found, _RESTATEMENTS + 1))
        others = (node for node in whole if node != self._of.subject)
        return [self._show.value(node) for node in islice(others, _RESTATEMENTS)]

    def segment(self, node: Term, *, is_brief: bool = False) -> Segment:
        """is_brief: without the texts that it is a part of.

        Its details are those that the document has too; the others are on its own page.
        """
        remembered = self._show.remembered.segments
        found = remembered.get(node)
        if found is None:
            found = remembered[node] = self._segment(node)
        return found._replace(
            texts=[] if is_brief else found.texts,
            details=[] if is_brief else self._details(node),
            correction=self._corrections.of_segment(node),
        )

    def _details(self, segment: Term) -> list[PropertyValues]:
        """What the document says of a segment beside its words and its text."""
        nested = [] if isinstance(segment, ox.Literal) else self._of.nested.get(segment, [])
        told = self._model.viewed[Viewer.QUOTATION]
        details = [t for t in nested if t.predicate.value not in told and not self._is_text(t)]
        return self._show.facts(details) if details else []

    def _segment(self, node: Term) -> Segment:
        """The segment without details."""
        show, model = self._show, self._model
        known = [] if isinstance(node, ox.Literal) else self._lookups.facts(node)
        quotations = self.quotations(known)
        position = "" if quotations else self._position(known)
        classes = [] if isinstance(node, ox.Literal) else model.lowest(self._lookups.types(node))
        kind = show.name(ox.NamedNode(classes[0])) if classes else None
        texts = [t.object for t in known if self._is_text(t)]
        return Segment(
            None if kind and (quotations or position) else show.in_words(node).name,
            show.urls.document(node.value) if _is_iri(node) else None,
            kind,
            position,
            quotations,
            [show.value(text)._replace(summary=show.summary(text)) for text in texts if _is_iri(text)],
        )

    def _is_text(self, triple: ox.Triple) -> bool:
        """Whether it leads from a segment to what that is a part of, or to what else the shapes know."""
        return triple.predicate.value in self._linking and isinstance(triple.object, ox.NamedNode)

    def _position(self, triples: Iterable[ox.Triple]) -> str:
        values = {t.predicate.value: t.object for t in triples}
        known = [values[iri] for iri in self._model.positions if iri in values]
        return "\N{EN DASH}".join(self._show.in_words(value).name.text for value in known)

    def quotations(self, triples: Iterable[ox.Triple]) -> list[Name]:
        """The literals of properties with the viewer for quotations."""
        quoted = (t.object for t in triples if t.predicate.value in self._model.viewed[Viewer.QUOTATION])
        return [Name.of(text) for text in quoted if isinstance(text, ox.Literal)]

    def resting_on(self, segment: Term) -> Resting:
        """What rests on a segment, or the first of it."""
        subjects = [node for node in self._subjects_on(segment) if node != self._of.subject]
        return self.resting(subjects[:_MOST], is_part=len(subjects) > _MOST)

    def _subjects_on(self, segment: Term) -> list[Subject]:
        """The resources and statements that rest on a segment, one more than are told."""
        found = (self._lookups.subjects(predicate, segment, _MOST + 1) for predicate in self.backing)
        return sorted(set(chain.from_iterable(found)), key=str)

    def resting(self, subjects: Sequence[Subject], *, is_part: bool = False) -> Resting:
        """Resources and statements as what rests on a segment, each fact once."""
        stated = {subject: self._lookups.stated(subject) for subject in subjects}
        about = {triple.subject for triple in stated.values() if triple is not None}
        triples = {triple: node for node, triple in stated.items() if triple is not None}
        whole = [node for node, triple in stated.items() if triple is None and node not in about]
        show = self._show
        return Resting(
            show.sorted([self._resource(node) for node in whole]),
            sorted((self._fact(t, node) for t, node in triples.items() if t.predicate not in _NAMES), key=_text),
            show.sorted(_unique(self._name(t) for t in triples if t.predicate in _NAMES)),
            is_part,
        )

    def _resource(self, node: Subject) -> ShownValue:
        return self._show.value(node)._replace(summary=self._show.summary(node, self._of.subject))

    def _fact(self, triple: ox.Triple, statement: Subject) -> StatedFact:
        show = self._show
        types = sorted(self._lookups.types(triple.subject))
        named = show.fact(triple.predicate, [], types)
        return StatedFact(
            show.value(triple.subject),
            ShownValue(named.name, named.href),
            show.in_words(triple.object),
            show.value(statement).href,
        )

    def _name(self, triple: ox.Triple) -> ShownValue:
        """The name itself, which leads to what bears it."""
        return self._show.value(triple.object)._replace(href=self._show.value(triple.subject).href)


def _is_iri(term: Term) -> TypeGuard[ox.NamedNode]:
    return isinstance(term, ox.NamedNode)


def _unique(values: Iterable[ShownValue]) -> list[ShownValue]:
    return list({(value.name, value.href): value for value in values}.values())


def _text(fact: StatedFact) -> tuple[str, str, str]:
    return fact.subject.name.text, fact.property.name.text, fact.value.name.text
