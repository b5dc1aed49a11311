"""Values, facts and names as pages show them: named, grouped and ordered by the shapes, in the reader's language."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from textwrap import shorten
from typing import TYPE_CHECKING, TypeVar

import pyoxigraph as ox

from core.labels import NAMING, Name, choose, choose_name, named, primary_subtag
from core.namespaces import RDF, RDF_TYPE, XSD
from core.rdf import notation
from core.wording import DATES, NUMBERS, date_in_words, number_in_words
from server.http.languages import language
from server.model.urls import is_link
from server.pages.codes import boolean_in_words
from server.pages.remembered import Remembered
from server.pages.sentences import Slot, fill
from server.pages.values import PropertyValues, ShownValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.rdf import Node, Subject, Term
    from core.shapes import PropertyGroup
    from server.model.description import Nested
    from server.model.labels import Labels
    from server.model.lookups import Lookups
    from server.model.presentation_shapes import Model
    from server.model.urls import Urls

_Item = TypeVar("_Item")

_PLAIN = frozenset({XSD + "string", RDF + "langString", RDF + "dirLangString"})
_DIGITS = re.compile(r"([0-9]{1,18})")
# What an HTML time element can hold (https://html.spec.whatwg.org/multipage/text-level-semantics.html#datetime-value).
_TIME = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9:.]{1,40}(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?")
_TYPE = ox.NamedNode(RDF_TYPE)
_FIRST, _REST, _NIL, _LIST = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil", "List"))
_PERHAPS_A_YEAR = re.compile(r"[0-9]{4}")
_DEEPEST = 20  # values within each other, in place
_FEW = 4  # facts of a blank node that are shown without being asked for
_LENGTH = 90  # characters of a text in a name
_MOST = 20  # values of a property that templates ask for, where it is not the page's own resource
_SEPARATORS = " ·"  # at the beginning of a summary


class Presenter:
    """Shows what a release says to a reader of the given languages."""

    def __init__(
        self,
        model: Model,
        labels: Labels,
        urls: Urls,
        languages: Sequence[str],
        lookups: Lookups,
        known: Remembered | None = None,
    ) -> None:
        """known: what such readers were shown on other pages of the release, to which this one adds."""
        self.model, self.labels, self.urls, self.languages, self._lookups = model, labels, urls, languages, lookups
        self.language = language()  # of the interface
        self.remembered = known or Remembered()
        # what comes again and again on one page
        self._values: dict[Term, ShownValue] = {}
        self._in_words: dict[Term, ShownValue] = {}
        self._opened: set[Term] = set()  # blank nodes that the page shows in full

    def name(self, node: Node) -> Name:
        """By the template of its class, where there is one that can be filled, or else as the data call it."""
        name = self.remembered.names.get(node)
        if name is None:
            name = self._name_by_template(node) or self.labels.name(node, self.languages)
            self.remembered.names[node] = name
        return name

    def _name_by_template(self, node: Node) -> Name | None:
        templates = self.model.names and self.model.template(self.model.names, self._lookups.types(node))
        text = "".join(piece.name.text for piece in self._filled(templates or (), node, self._in_name))
        return Name(text) if text else None

    def _in_name(self, term: Term) -> ShownValue:
        """A term as a part of a name: named by the data alone, and not too long."""
        if isinstance(term, ox.NamedNode):
            is_property = term.value in self.model.shaped
            return ShownValue(self.property_name(term, ()) if is_property else self.labels.name(term, self.languages))
        name = self.in_words(term).name
        return ShownValue(name._replace(text=shorten(name.text, _LENGTH, placeholder=" …") or name.text[:_LENGTH]))

    def summary(self, node: Subject, of: Term | None = None) -> list[ShownValue]:
        """What its class has told beside its name where it is told of another resource, in pieces."""
        if not self.model.summaries:
            return []
        known = self.remembered.summaries.get((node, of))
        if known is None:
            known = self.remembered.summaries[node, of] = self._summary(node, of)
        return known

    def _summary(self, node: Subject, of: Term | None) -> list[ShownValue]:
        templates = self.model.template(self.model.summaries, self._lookups.types(node))
        pieces = self._filled(templates, node, self.in_words, of)
        if pieces and pieces[0].name.text.startswith(tuple(_SEPARATORS)):
            first = pieces[0].name
            pieces[0] = pieces[0]._replace(name=first._replace(text=first.text.lstrip(_SEPARATORS)))
        return [piece for piece in pieces if piece.name.text]

    def _filled(
        self,
        templates: Iterable[ox.Literal],
        node: Subject,
        shown: Callable[[Term], ShownValue],
        without: Term | None = None,
    ) -> list[ShownValue]:
        """A template in pieces, with what the data say of the node, but for one resource."""

        def terms(slot: Slot) -> list[Term]:
            try:
                property_ = ox.NamedNode(slot.property)
            except ValueError:
                return []
            values: Iterable[Term] = (
                self._lookups.subjects(property_, node, _MOST)
                if slot.incoming
                else self._lookups.objects(node, property_)[:_MOST]
            )
            return [term for term in values if term != without]

        return fill(templates, terms, self, shown)

    def value(self, term: Term) -> ShownValue:
        """The term as it stands."""
        kept = self.remembered.values if isinstance(term, ox.NamedNode) else self._values
        value = kept.get(term)
        if value is None:
            value = kept[term] = self._value(term)
        return value

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
        if isinstance(term, ox.NamedNode):
            return self.value(term)
        found = self._in_words.get(term)
        if found is None:
            found = self._in_words[term] = self._written_out(term)
        return found

    def _written_out(self, term: Term) -> ShownValue:
        value = self.value(term)
        text, element = value.name.text, "data"
        if value.datatype in DATES:
            words = date_in_words(text, self.language)
            element = "time" if _TIME.fullmatch(text) else "data"
        elif value.datatype in NUMBERS:
            words = number_in_words(text, self.language)
        elif value.datatype == XSD + "boolean":
            words = boolean_in_words({"1": "true", "0": "false"}.get(text, text))  # XML Schema 1.1-2, 3.3.2.2
        else:
            return value
        if element == "data" and words == text:  # what the language has no words for is a text as any other
            return value
        return value._replace(name=Name(words), element=element, raw=text)

    def in_result(self, term: Term) -> ShownValue:
        """The term as `in_words` has it, with its IRI; a number of four digits, which may be a year, as it stands."""
        if isinstance(term, ox.NamedNode):
            return self.value(term)._replace(tooltip=term.value)
        if isinstance(term, ox.Literal) and term.datatype.value in NUMBERS and _PERHAPS_A_YEAR.fullmatch(term.value):
            return self.value(term)
        return self.in_words(term)

    def raw(self, term: Term) -> ShownValue:
        """The term by its IRI or its lexical form, whatever the reader's language."""
        if isinstance(term, ox.NamedNode):
            return ShownValue(Name(term.value), self.urls.document(term.value))
        return self.value(term)

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
        nested: Nested,
        above: tuple[Term, ...],
    ) -> list[PropertyValues]:
        """Facts of a value; `above` holds the resources that enclose it, which are not opened once more."""
        types = [t.object.value for t in triples if t.predicate == _TYPE and isinstance(t.object, ox.NamedNode)]
        values: dict[ox.NamedNode, list[ShownValue]] = defaultdict(list)
        for triple in triples:
            if triple.predicate != _TYPE and triple.object not in above[:1]:
                values[triple.predicate].append(self.opened(triple.object, nested, above))
        return [self.fact(predicate, values[predicate], types) for predicate in self.ordered(values, types)]

    def opened(self, term: Term, nested: Nested, above: tuple[Term, ...]) -> ShownValue:
        """The value with all that is said of it, or, if it is a list, with its members; `above` as for `nested`.

        Each blank node is opened once; elsewhere, and where it is too deep in others, its label leads to that place.
        """
        value = self.in_words(term)
        if isinstance(term, ox.NamedNode):
            is_opened = term in nested and term not in above
            return value._replace(nested=self.nested(nested[term], nested, (*above, term))) if is_opened else value
        if not isinstance(term, ox.BlankNode) or term not in nested:
            return value
        anchor = f"node-{term.value}"
        if term in self._opened or len(above) >= _DEEPEST:
            return value._replace(href=f"#{anchor}")
        if items := self._items(term, nested, above):
            return value._replace(anchor=anchor, items=items)
        self._opened.add(term)
        facts = self.nested(nested[term], nested, (*above, term))
        name = self._name_within(nested[term]) or value.name
        is_short = len(facts) <= _FEW and not any(inner.nested for fact in facts for inner in fact.values)
        return value._replace(name=name, anchor=anchor, nested=facts, is_open=is_short)

    def _name_within(self, triples: Iterable[ox.Triple]) -> Name | None:
        """What a blank node with these triples is called: its name, else its class, else the first of its texts."""
        triples = list(triples)
        names = [t for property_ in NAMING for t in triples if t.predicate == property_]
        classes = [t.object for t in triples if t.predicate == _TYPE and isinstance(t.object, ox.NamedNode)]
        named_class = Name(self.name(min(classes, key=str)).text) if classes else None
        texts: dict[ox.NamedNode, str] = {}
        for triple in triples:
            if triple.predicate == _FIRST:  # a cell of a list is not called by its member
                continue
            if isinstance(triple.object, ox.Literal) and triple.object.datatype.value in _PLAIN:
                texts.setdefault(triple.predicate, triple.object.value)
        first = [texts[property_] for property_ in self.ordered(texts, ())][:_FEW]
        described = Name(shorten(", ".join(first), _LENGTH, placeholder=" …")) if first else None
        return choose_name(named(names), self.languages) or named_class or described

    def is_opened(self, node: Subject) -> bool:
        """Whether the page shows this blank node in full already."""
        return node in self._opened

    def _items(self, term: Term, nested: Nested, above: tuple[Term, ...]) -> list[ShownValue]:
        """The members of the RDF list that begins with a node, and what it ends with unless that is rdf:nil."""
        members: list[Term] = []
        rest = term
        while isinstance(rest, ox.BlankNode) and rest not in self._opened and (cell := _cell(nested.get(rest, ()))):
            self._opened.add(rest)
            member, rest = cell
            members.append(member)
        if members and rest != _NIL:
            members.append(rest)
        return [self.opened(member, nested, (*above, term)) for member in members]

    def fact(self, predicate: ox.NamedNode, values: list[ShownValue], types: Sequence[str]) -> PropertyValues:
        return PropertyValues(*self._property(predicate, types), self.sorted(values))

    def sorted(self, values: list[ShownValue]) -> list[ShownValue]:
        """The reader's language first, then by text."""
        return self.sorted_by(values, lambda value: value)

    def sorted_by(self, items: Iterable[_Item], shown: Callable[[_Item], ShownValue]) -> list[_Item]:
        """Items in the order of what is shown of them."""
        pairs = [(shown(item), item) for item in items]
        if len(pairs) == 1:
            return [pairs[0][1]]
        preferred = choose_language([value.name.language for value, _ in pairs], self.languages)

        def key(pair: tuple[ShownValue, _Item]) -> tuple[bool, str, list[tuple[int, str]], str]:
            value, _ = pair
            text = value.raw or value.name.text
            return value.name.language != preferred, value.name.language, _natural(text), value.href or ""

        return [item for _, item in sorted(pairs, key=key)]

    def property_name(self, predicate: ox.NamedNode, types: Sequence[str]) -> Name:
        name, _ = self._property(predicate, types)
        return name

    def _property(self, predicate: ox.NamedNode, types: Sequence[str]) -> tuple[Name, str]:
        """The name of a property of a resource of these classes, and the address of its page."""
        key = predicate, tuple(types)
        found = self.remembered.properties.get(key)
        if found is None:
            name = choose(self.model.hint(types, predicate.value).name, self.languages) or self.name(predicate)
            found = self.remembered.properties[key] = name, self.urls.document(predicate.value)
        return found

    def ordered(self, predicates: Iterable[ox.NamedNode], types: Sequence[str]) -> list[ox.NamedNode]:
        """As the shapes say, else in the usual order, and those that have none by their names."""

        def key(predicate: ox.NamedNode) -> tuple[float, float, str, str]:
            order, usual, iri = self.model.place(types, predicate.value)
            name = self.property_name(predicate, types).text.casefold() if order == math.inf else ""
            return order, usual, name, iri

        return sorted(predicates, key=key)

    def group_order(self, iri: str | None) -> tuple[float, str]:
        group = self._group(iri)
        return (group.order, iri or "") if group else (math.inf, "")

    def group_name(self, iri: str | None) -> Name | None:
        group = self._group(iri)
        if group is None or iri is None:
            return None
        return choose(group.label, self.languages) or Name(self.labels.short(iri))

    def is_folded(self, iri: str | None) -> bool:
        group = self._group(iri)
        return group is not None and group.is_folded

    def _group(self, iri: str | None) -> PropertyGroup | None:
        return self.model.groups.get(iri) if iri else None


def _cell(triples: Iterable[ox.Triple]) -> tuple[Term, Term] | None:
    """The member and the rest of a list that a node with these triples stands for, if it is well formed."""
    said = {(t.predicate, t.object) for t in triples} - {(_TYPE, _LIST)}
    values = dict(said)
    is_cell = len(said) == len(values) and values.keys() == {_FIRST, _REST}
    return (values[_FIRST], values[_REST]) if is_cell else None


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
