"""A description as a page shows it: facts named, grouped and ordered by the shapes, each value with what backs it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import RDF_TYPE, XSD
from server.description import REIFICATION
from server.labels import Name, choose
from server.urls import is_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server.description import Description, Node
    from server.labels import Labels
    from server.model import GroupHint, Model
    from server.urls import Urls

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_PLAIN = frozenset({XSD + "string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"})
_DIGITS = re.compile(r"([0-9]{1,18})")
_TYPE = ox.NamedNode(RDF_TYPE)


@dataclass(frozen=True)
class Value:
    """One value: its text, where it leads, what is said of it in place, and what the statements about it say.

    href: a page here. link: an address elsewhere. datatype: IRI, None for plain text.
    """

    name: Name
    href: str | None = None
    link: str | None = None
    datatype: str | None = None
    inner: list[Fact] = field(default_factory=list)
    notes: list[Fact] = field(default_factory=list)


@dataclass(frozen=True)
class Fact:
    """One property and its values."""

    name: Name
    href: str
    values: list[Value]


@dataclass(frozen=True)
class Group:
    """Facts that belong together; the name is None for those in no group."""

    name: Name | None
    facts: list[Fact]


class Presenter:
    """Turns descriptions into pages for a reader of the given languages."""

    def __init__(self, model: Model, labels: Labels, urls: Urls, languages: Sequence[str]) -> None:
        self._model, self._labels, self._urls, self._languages = model, labels, urls, languages

    def name(self, node: ox.NamedNode | ox.BlankNode) -> Name:
        return self._labels.name(node, self._languages)

    def value(self, term: Term) -> Value:
        return self._value(term)

    def main_classes(self, iris: Iterable[str]) -> list[str]:
        """Of several classes those that the shapes are for, or all where they are for none."""
        iris = list(iris)
        return [iri for iri in iris if iri in self._model.classes] or iris

    def groups(self, description: Description) -> list[Group]:
        """The facts without the types that head the page; groups by their order, those in none at the end."""
        types = [type_.value for type_ in description.types]
        by_group: dict[str | None, list[ox.NamedNode]] = defaultdict(list)
        all_shown = len(self.main_classes(types)) == len(types)
        for predicate in dict.fromkeys(t.predicate for t in description.facts):
            if predicate == _TYPE and all_shown:
                continue
            by_group[self._model.hint(types, predicate.value).group].append(predicate)
        return [
            Group(
                self._group_name(group),
                [self._fact(p, description, types) for p in self._ordered(predicates, types)],
            )
            for group, predicates in sorted(by_group.items(), key=self._group_order)
        ]

    def inverse(self, description: Description) -> list[Fact]:
        """What points here, by property; the values are the resources that do."""
        facts: dict[ox.NamedNode, list[Value]] = defaultdict(list)
        for triple in description.inverse:
            notes = self._notes(triple, description)
            facts[triple.predicate].append(self._value(triple.subject, notes=notes))
        return [
            Fact(self._property_name(p, []), self._urls.document(p.value), facts[p]) for p in self._ordered(facts, [])
        ]

    def facts(self, triples: Iterable[ox.Triple]) -> list[Fact]:
        """Triples of one subject, without regard to anything around them."""
        return self._inner(list(triples), {}, ())

    def _fact(self, predicate: ox.NamedNode, description: Description, types: Sequence[str]) -> Fact:
        values = [
            self._value(t.object, self._inside(t, description), self._notes(t, description))
            for t in description.facts
            if t.predicate == predicate
        ]
        return Fact(self._property_name(predicate, types), self._urls.document(predicate.value), self._sorted(values))

    def _inside(self, triple: ox.Triple, description: Description) -> list[Fact]:
        node = triple.object
        if not isinstance(node, ox.NamedNode | ox.BlankNode) or node not in description.inner:
            return []
        return self._inner(description.inner[node], description.inner, (description.subject, node))

    def _notes(self, triple: ox.Triple, description: Description) -> list[Fact]:
        notes: list[Fact] = []
        for node in description.statements.get(triple, ()):
            parts = [t for t in description.inner[node] if t.predicate not in REIFICATION and t.predicate != _TYPE]
            notes += self._inner(parts, description.inner, (description.subject, node))
        return notes

    def _inner(
        self,
        triples: list[ox.Triple],
        inner: dict[Node, list[ox.Triple]],
        above: tuple[Term, ...],
    ) -> list[Fact]:
        """Facts of a value; `above` holds the resources that enclose it, which are not opened once more."""
        types = [t.object.value for t in triples if t.predicate == _TYPE and isinstance(t.object, ox.NamedNode)]
        values: dict[ox.NamedNode, list[Value]] = defaultdict(list)
        for triple in triples:
            node = triple.object
            if triple.predicate == _TYPE or node in above[:1]:
                continue
            deeper: list[Fact] = []
            if isinstance(node, ox.NamedNode | ox.BlankNode) and node in inner and node not in above:
                deeper = self._inner(inner[node], inner, (*above, node))
            values[triple.predicate].append(self._value(node, deeper))
        return [
            Fact(self._property_name(p, types), self._urls.document(p.value), self._sorted(values[p]))
            for p in self._ordered(values, types)
        ]

    def _value(self, term: Term, inner: list[Fact] | None = None, notes: list[Fact] | None = None) -> Value:
        inner, notes = inner or [], notes or []
        if isinstance(term, ox.NamedNode):
            link = term.value if is_link(term.value) and not term.value.startswith(self._urls.base) else None
            return Value(self.name(term), self._urls.document(term.value), link, None, inner, notes)
        if isinstance(term, ox.Literal):
            datatype = None if term.datatype.value in _PLAIN else term.datatype.value
            link = term.value if datatype == XSD + "anyURI" and is_link(term.value) else None
            return Value(Name(term.value, term.language or ""), None, link, datatype, inner, notes)
        return Value(Name(str(term)), None, None, None, inner, notes)

    def _sorted(self, values: list[Value]) -> list[Value]:
        """The reader's language first, then by text."""
        preferred = choose_language([value.name.language for value in values], self._languages)
        return sorted(
            values,
            key=lambda v: (v.name.language != preferred, v.name.language, _natural(v.name.text), v.href or ""),
        )

    def _property_name(self, predicate: ox.NamedNode, types: Sequence[str]) -> Name:
        return choose(self._model.hint(types, predicate.value).names, self._languages) or self.name(predicate)

    def _ordered(self, predicates: Iterable[ox.NamedNode], types: Sequence[str]) -> list[ox.NamedNode]:
        return sorted(predicates, key=lambda p: (self._model.hint(types, p.value).order, p.value))

    def _group_order(self, item: tuple[str | None, object]) -> tuple[float, str]:
        group = self._group(item[0])
        return (group.order, item[0] or "") if group else (math.inf, "")

    def _group(self, iri: str | None) -> GroupHint | None:
        return self._model.groups.get(iri) if iri else None

    def _group_name(self, iri: str | None) -> Name | None:
        group = self._group(iri)
        if group is None or iri is None:
            return None
        return choose(group.names, self._languages) or Name(self._labels.short(iri))


def _natural(text: str) -> list[tuple[int, str]]:
    """Key by which `9 to 10` comes before `10 to 12`."""
    parts = _DIGITS.split(text)
    return [(int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts)]


def choose_language(present: Sequence[str], languages: Sequence[str]) -> str:
    """The first language of the reader that is present, else the empty one."""
    for wanted in languages:
        for language in present:
            if language and language.split("-")[0].lower() == wanted.split("-")[0].lower():
                return language
    return ""
