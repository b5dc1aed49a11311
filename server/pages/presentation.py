"""Values, facts and names as pages show them: named, grouped and ordered by the shapes, in the reader's language."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.labels import Name, choose, primary_subtag
from core.namespaces import RDF, RDF_TYPE, XSD
from core.rdf import notation
from core.wording import DATES, NUMBERS, date_in_words, number_in_words
from server.http.languages import language
from server.model.urls import is_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.rdf import Node, Term
    from core.shapes import PropertyGroup
    from server.model.description import Subject
    from server.model.labels import Labels
    from server.model.presentation_shapes import Model
    from server.model.urls import Urls

_PLAIN = frozenset({XSD + "string", RDF + "langString", RDF + "dirLangString"})
_DIGITS = re.compile(r"([0-9]{1,18})")
# What an HTML time element can hold (https://html.spec.whatwg.org/multipage/text-level-semantics.html#datetime-value).
_TIME = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?")
_TYPE = ox.NamedNode(RDF_TYPE)


@dataclass(frozen=True)
class Provenance:
    """What backs a value: how, the resource that says where it is from, its words, if at hand, and its facts."""

    name: Name
    value: ShownValue
    quotations: list[Name]
    facts: list[PropertyValues]


@dataclass(frozen=True)
class ShownValue:
    """One value: its text, where it leads, what is said of it in place, and what backs it.

    href: a page here. link: an address elsewhere. datatype: IRI, None for plain text. element: of HTML that holds the
    value for machines, `time` or `data`, where `name` says `raw` in words.
    """

    name: Name
    href: str | None = None
    link: str | None = None
    datatype: str | None = None
    element: str = ""
    raw: str = ""
    nested: list[PropertyValues] = field(default_factory=list)
    notes: list[PropertyValues] = field(default_factory=list)
    sources: list[Provenance] = field(default_factory=list)


@dataclass(frozen=True)
class PropertyValues:
    """One property and its values; total: how many there are in all, where these are a part; more: their own page."""

    name: Name
    href: str
    values: list[ShownValue]
    total: int = 0
    more: str | None = None


class Presenter:
    """Shows what a release says to a reader of the given languages."""

    def __init__(self, model: Model, labels: Labels, urls: Urls, languages: Sequence[str]) -> None:
        self.model, self.labels, self.urls, self.languages = model, labels, urls, languages
        # what comes again and again on one page
        self._values: dict[Term, ShownValue] = {}
        self._in_words: dict[Term, ShownValue] = {}
        self._properties: dict[tuple[ox.NamedNode, tuple[str, ...]], tuple[Name, str]] = {}

    def name(self, node: Node) -> Name:
        return self.labels.name(node, self.languages)

    def value(self, term: Term) -> ShownValue:
        """The term as it stands."""
        if term not in self._values:
            self._values[term] = self._value(term)
        return self._values[term]

    def _value(self, term: Term) -> ShownValue:
        if isinstance(term, ox.NamedNode):
            link = term.value if not term.value.startswith(self.urls.base) and is_link(term.value) else None
            return ShownValue(self.name(term), self.urls.document(term.value), link)
        if isinstance(term, ox.Literal):
            datatype = None if term.datatype.value in _PLAIN else term.datatype.value
            link = term.value if datatype == XSD + "anyURI" and is_link(term.value) else None
            return ShownValue(Name.of(term), None, link, datatype)
        return ShownValue(Name(notation(term)))

    def in_words(self, term: Term) -> ShownValue:
        """The term with numbers and dates as the reader's language writes them."""
        if term not in self._in_words:
            self._in_words[term] = self._written_out(term)
        return self._in_words[term]

    def _written_out(self, term: Term) -> ShownValue:
        value = self.value(term)
        if value.datatype in DATES:
            words = date_in_words(value.name.text, language())
            element = "time" if _TIME.fullmatch(value.name.text) else "data"
        elif value.datatype in NUMBERS and (words := number_in_words(value.name.text, language())) != value.name.text:
            element = "data"
        else:
            return value
        return replace(value, name=Name(words), element=element, raw=value.name.text)

    def main_classes(self, iris: Iterable[str]) -> list[str]:
        """Of several classes those that the shapes are for, or all where they are for none."""
        iris = list(iris)
        return [iri for iri in iris if iri in self.model.classes] or iris

    def facts(self, triples: Iterable[ox.Triple]) -> list[PropertyValues]:
        """Triples of one subject, without regard to anything around them."""
        return self.nested(list(triples), {}, ())

    def nested(
        self,
        triples: list[ox.Triple],
        nested: dict[Subject, list[ox.Triple]],
        above: tuple[Term, ...],
    ) -> list[PropertyValues]:
        """Facts of a value; `above` holds the resources that enclose it, which are not opened once more."""
        types = [t.object.value for t in triples if t.predicate == _TYPE and isinstance(t.object, ox.NamedNode)]
        values: dict[ox.NamedNode, list[ShownValue]] = defaultdict(list)
        for triple in triples:
            node = triple.object
            if triple.predicate == _TYPE or node in above[:1]:
                continue
            deeper: list[PropertyValues] = []
            if isinstance(node, ox.NamedNode | ox.BlankNode) and node in nested and node not in above:
                deeper = self.nested(nested[node], nested, (*above, node))
            values[triple.predicate].append(replace(self.in_words(node), nested=deeper))
        return [self.fact(predicate, values[predicate], types) for predicate in self.ordered(values, types)]

    def fact(self, predicate: ox.NamedNode, values: list[ShownValue], types: Sequence[str]) -> PropertyValues:
        key = predicate, tuple(types)
        if key not in self._properties:
            self._properties[key] = self.property_name(predicate, types), self.urls.document(predicate.value)
        return PropertyValues(*self._properties[key], self.sorted(values))

    def sorted(self, values: list[ShownValue]) -> list[ShownValue]:
        """The reader's language first, then by text."""
        if len(values) == 1:
            return values
        preferred = choose_language([value.name.language for value in values], self.languages)

        def key(value: ShownValue) -> tuple[bool, str, list[tuple[int, str]], str]:
            text = value.raw or value.name.text
            return value.name.language != preferred, value.name.language, _natural(text), value.href or ""

        return sorted(values, key=key)

    def property_name(self, predicate: ox.NamedNode, types: Sequence[str]) -> Name:
        return choose(self.model.hint(types, predicate.value).name, self.languages) or self.name(predicate)

    def ordered(self, predicates: Iterable[ox.NamedNode], types: Sequence[str]) -> list[ox.NamedNode]:
        return sorted(predicates, key=lambda p: (self.model.hint(types, p.value).order, p.value))

    def group_order(self, iri: str | None) -> tuple[float, str]:
        group = self._group(iri)
        return (group.order, iri or "") if group else (math.inf, "")

    def group_name(self, iri: str | None) -> Name | None:
        group = self._group(iri)
        if group is None or iri is None:
            return None
        return choose(group.label, self.languages) or Name(self.labels.short(iri))

    def _group(self, iri: str | None) -> PropertyGroup | None:
        return self.model.groups.get(iri) if iri else None


def _natural(text: str) -> list[tuple[int, str]]:
    """Key by which `9 to 10` comes before `10 to 12`."""
    parts = _DIGITS.split(text)
    return [(int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts)]


def choose_language(present: Sequence[str], languages: Sequence[str]) -> str:
    """The first language of the reader that is present, else the empty one."""
    for wanted in languages:
        for tag in present:
            if tag and primary_subtag(tag) == primary_subtag(wanted):
                return tag
    return ""
