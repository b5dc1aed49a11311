"""The values of a page with what backs them: notes, the numbers of footnotes, and where to report that one is wrong."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.labels import Name
from core.namespaces import RDF_TYPE
from core.reification import REIFIES
from server.model.description import REIFICATION
from server.pages.codes import code_in_words

if TYPE_CHECKING:
    from core.rdf import Subject
    from server.model.description import Description
    from server.model.lookups import Lookups
    from server.pages.corrections import Corrections
    from server.pages.presentation import Presenter
    from server.pages.proof import Proof
    from server.pages.values import PropertyValues, ShownValue

_TYPE = ox.NamedNode(RDF_TYPE)
_ABOUT = REIFICATION | {REIFIES, _TYPE}  # what statements and reifiers say that is no note


class _Backing(NamedTuple):
    """The notes about a triple, the numbers of the footnotes that back it, its statements, and its segments."""

    notes: list[PropertyValues]
    marks: list[int]
    statements: list[Subject]
    segments: list[Subject | ox.Literal]


class BackedValues:
    """The values of a description, and what points to its resource."""

    def __init__(
        self,
        description: Description,
        show: Presenter,
        lookups: Lookups,
        proof: Proof,
        corrections: Corrections,
        title: str,
    ) -> None:
        """title: of the page."""
        self._of, self._show, self._lookups = description, show, lookups
        self._proof, self._corrections, self._title = proof, corrections, title

    def of(self, triple: ox.Triple, name: Name) -> ShownValue:
        """The value of a triple with the resource as subject, with what backs it; name: of its property."""
        model, predicate, backing = self._show.model, triple.predicate, self._backed(triple)
        is_plain = predicate.value in model.shaped and predicate.value not in model.expanded and predicate not in _ABOUT
        if not backing.marks and is_plain and predicate in self._stated:
            marks = self._proof.marks_of(self._of.subject, self._own_segments)
            backing = backing._replace(marks=marks, segments=self._own_segments)
        value = self._show.opened(triple.object, self._of.nested, (self._of.subject,))
        if is_plain and isinstance(triple.object, ox.Literal):
            words = code_in_words(predicate.value, triple.object.value)
            if words != triple.object.value:
                value = value._replace(name=Name(words), element="data", raw=triple.object.value)
        return self._with_backing(value, triple, backing, (self._title, name.text, value.name.text))

    def pointing_here(self, triple: ox.Triple, name: Name) -> ShownValue:
        """The subject of a triple with the resource as object, with what backs it; name: of the property here."""
        backing = self._backed(triple)
        if not backing.marks:
            segments = self._proof.stating(triple)
            backing = backing._replace(marks=self._proof.marks_of(triple.subject, segments), segments=segments)
        value = self._show.value(triple.subject)
        value = value._replace(summary=self._show.summary(triple.subject, self._of.subject))
        return self._with_backing(value, triple, backing, (self._title, name.text, value.name.text))

    def _with_backing(
        self, value: ShownValue, triple: ox.Triple, backing: _Backing, words: tuple[str, ...]
    ) -> ShownValue:
        correction = self._corrections.of_value(triple, backing.statements, backing.segments, words)
        return value._replace(notes=backing.notes, marks=backing.marks, correction=correction)

    def _backed(self, triple: ox.Triple) -> _Backing:
        """What the statements about the triple say, and what backs them."""
        model, found = self._show.model, _Backing([], [], [], [])
        marks = set[int]()
        for node in self._of.statements.get(triple, ()):
            parts = [t for t in self._of.nested.get(node, ()) if t.predicate not in _ABOUT]
            backing = [t for t in parts if t.predicate.value in model.provenance]
            others = [t for t in parts if t.predicate.value not in model.provenance]
            found.notes.extend(self._show.nested(others, self._of.nested, (self._of.subject, node)))
            found.statements.append(node)
            found.segments.extend(t.object for t in backing if t.predicate.value in model.footnotes)
            marks.update(self._proof.marks(backing))
        return found._replace(marks=sorted(marks))

    @cached_property
    def _own_segments(self) -> list[Subject | ox.Literal]:
        """What backs all that is stated of the resource, where its facts have no statements that tell it one by one."""
        if any(triple.subject == self._of.subject for triple in self._of.statements):
            return []
        return [triple.object for triple in self._of.facts if triple.predicate.value in self._show.model.footnotes]

    @cached_property
    def _stated(self) -> set[ox.NamedNode]:
        """The properties that were stated with that, and not derived elsewhere."""
        return self._lookups.stated_with(self._of.subject, self._proof.backing) if self._own_segments else set()
