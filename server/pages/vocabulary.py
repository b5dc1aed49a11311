"""What the pages of the vocabulary show: all of it at a glance, one term, and what the shapes demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.labels import NAMING, Name, choose
from core.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS
from core.wording import gettext_noop
from server.http.context import current_release, links
from server.http.languages import gettext, languages
from server.model.urls import is_link
from server.model.vocabulary import CLASS, CONCEPT, DOMAINS, INDIVIDUAL, PROPERTY, RANGES, SCHEME, examples
from server.pages.charts import Cell, Chart
from server.pages.graphs import OFFERS, certain
from server.pages.page import presenter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.shapes import PropertyShape
    from server.model.vocabulary import VocabularyTerm
    from server.pages.values import PropertyValues, ShownValue

# What a term is, and the heading of terms of that kind.
_KINDS = {
    CLASS: (gettext_noop("Class"), gettext_noop("Classes")),
    PROPERTY: (gettext_noop("Property"), gettext_noop("Properties")),
    SCHEME: (gettext_noop("List of concepts"), gettext_noop("Lists of concepts")),
    CONCEPT: (gettext_noop("Concept"), gettext_noop("Concepts")),
    INDIVIDUAL: (gettext_noop("Individual"), gettext_noop("Individuals")),
}
# Relations between terms: a heading, the properties that say so, and those that say it the other way round.
_RELATIONS = (
    (
        gettext_noop("More general"),
        (RDFS + "subClassOf", RDFS + "subPropertyOf", SKOS + "broader"),
        (SKOS + "narrower",),
    ),
    (
        gettext_noop("More special"),
        (SKOS + "narrower",),
        (RDFS + "subClassOf", RDFS + "subPropertyOf", SKOS + "broader"),
    ),
    (gettext_noop("The other way round"), (OWL + "inverseOf",), (OWL + "inverseOf",)),
    (gettext_noop("Related"), (SKOS + "related", RDFS + "seeAlso"), (SKOS + "related",)),
    (
        gettext_noop("The same elsewhere"),
        (
            OWL + "equivalentClass",
            OWL + "equivalentProperty",
            OWL + "sameAs",
            SKOS + "exactMatch",
            SKOS + "closeMatch",
        ),
        (),
    ),
    (gettext_noop("Never together with"), (OWL + "disjointWith",), (OWL + "disjointWith",)),
    (gettext_noop("In the list"), (SKOS + "inScheme", SKOS + "topConceptOf"), ()),
)
_TRAITS = {
    OWL + "SymmetricProperty": gettext_noop("holds both ways"),
    OWL + "TransitiveProperty": gettext_noop("passes on from one to the next"),
    OWL + "FunctionalProperty": gettext_noop("has one value at most"),
    OWL + "InverseFunctionalProperty": gettext_noop("belongs to one resource at most"),
}
_DEFINITIONS = (RDFS + "comment", SKOS + "definition", DCTERMS + "description", SKOS + "scopeNote")
# What the page of a term says in words of its own, so that it is no further fact.
_SHOWN_ELSEWHERE = {
    RDF + "type",
    RDFS + "isDefinedBy",
    *_DEFINITIONS,
    *DOMAINS,
    *RANGES,
    *(naming.value for naming in NAMING),
    *(predicate for _, predicates, _ in _RELATIONS for predicate in predicates),
}
_EXAMPLES = 3


@dataclass(frozen=True)
class TermReference:
    """A term as a link: its name, its prefixed name, and the address of its page, or of its definition elsewhere."""

    name: Name
    short: str
    href: str | None


@dataclass(frozen=True)
class TermEntry:
    """A term in a list; within: those below it."""

    term: VocabularyTerm
    reference: TermReference
    definition: Name | None
    within: list[TermEntry]


@dataclass(frozen=True)
class Demand:
    """What a property shape demands, as a row of a table.

    of: the class or the property that the row is about. within: what a value has to belong to, as a list of concepts.
    allowed: the values, where they are listed. bounds: signs and numbers.
    """

    of: TermReference
    values: list[TermReference]
    within: list[TermReference]
    allowed: list[ShownValue]
    bounds: list[str]
    cardinality: str
    definition: Name | None
    message: Name | None


class VocabularyPages:
    """The values of the templates of the vocabulary, for the reader of one request."""

    def __init__(self) -> None:
        self._of, self._urls, self._languages = current_release(), links(), languages()
        self._vocabulary, self._show, self._short = self._of.vocabulary, presenter(), self._of.labels.short

    def overview(self) -> dict[str, Any]:
        """The values of ontology.html."""
        of_kind = self._vocabulary.of_kind
        rows = {kind: self._rows(of_kind(kind)) for kind in (CLASS, PROPERTY)}
        rows |= {SCHEME: self._schemes(), INDIVIDUAL: self._rows(of_kind(INDIVIDUAL))}
        about = self._vocabulary.about
        return {
            "title": self._show.name(about.node).text if about else gettext("Vocabulary"),
            "about": self._facts(about) if about else [],
            "lead": self._definition(about) if about else None,
            "sections": {_KINDS[kind][1]: _by_origin(found) for kind, found in rows.items() if found},
            "class_network": self._class_network(),
            "offers": certain(OFFERS),
        }

    def term(self, term: VocabularyTerm) -> dict[str, Any]:
        """The values of term.html."""
        name, is_property = self._show.name(term.node), term.kind == PROPERTY
        return {
            "title": name.text,
            "name": name,
            "term": term,
            "short": self._short(term.iri),
            "kind": _KINDS[term.kind][0],
            "definition": self._definition(term),
            "others": self._other_names(term),
            "traits": [text for iri, text in _TRAITS.items() if any(n.value == iri for n in term.nodes(RDF + "type"))],
            "relations": self._relations(term),
            "uses": self._uses(term),
            "list": self._urls.listing((term.kind, term.iri)) if term.kind in {CLASS, CONCEPT} else None,
            "rows": self._rows(self._members(term)) if term.kind == SCHEME else [],
            "demands": self._demands(term),
            "values": [self._reference(iri) for iri in self._vocabulary.values(term.iri)] if is_property else [],
            "incoming": self._incoming(term),
            "examples": [  # resources of the data, and of a property its values there
                (self._show.value(triple.subject), self._show.value(triple.object) if is_property else None)
                for triple in examples(self._of.store, term, _EXAMPLES)
            ],
            "facts": self._facts(term),
            "offers": certain(OFFERS),
        }

    def shapes(self) -> dict[str, Any]:
        """The values of shapes.html."""
        found = [
            (self._reference(class_), [self._demand(shape.predicate or "", shape) for shape in properties])
            for class_, properties in self._vocabulary.shapes.by_class.items()
        ]
        found.sort(key=lambda item: item[0].name.text.casefold())
        return {"title": gettext("What the data are checked by"), "shapes": found, "offers": certain(OFFERS)}

    # terms

    def _reference(self, iri: str) -> TermReference:
        term = self._vocabulary.terms.get(iri)
        name = self._show.name(ox.NamedNode(iri))
        if term is not None:
            # a name with slashes is none for a path: all that there is of such a term is in its document
            href = self._urls.document(iri) if "/" in term.anchor else self._urls.term(term.anchor)
            return TermReference(name, self._short(iri), href)
        return TermReference(name, self._short(iri), iri if is_link(iri) else None)

    def _references(self, nodes: Iterable[ox.NamedNode]) -> list[TermReference]:
        found = [self._reference(node.value) for node in dict.fromkeys(nodes)]
        return sorted(found, key=lambda reference: reference.name.text.casefold())

    def _definition(self, term: VocabularyTerm) -> Name | None:
        return choose(term.literals(*_DEFINITIONS), self._languages)

    def _row(self, term: VocabularyTerm, within: Sequence[VocabularyTerm] = ()) -> TermEntry:
        return TermEntry(term, self._reference(term.iri), self._definition(term), self._rows(within))

    def _rows(self, terms: Iterable[VocabularyTerm]) -> list[TermEntry]:
        return sorted((self._row(term) for term in terms), key=lambda row: row.reference.name.text.casefold())

    def _schemes(self) -> list[TermEntry]:
        """The lists, each with its concepts, and at the end the concepts that are in none."""
        rows = [self._row(scheme, self._members(scheme)) for scheme in self._vocabulary.of_kind(SCHEME)]
        rows.sort(key=lambda row: row.reference.name.text.casefold())
        listed = {row.term.iri for scheme in rows for row in scheme.within}
        return rows + self._rows(c for c in self._vocabulary.of_kind(CONCEPT) if c.iri not in listed)

    def _members(self, scheme: VocabularyTerm) -> list[VocabularyTerm]:
        return [self._vocabulary.terms[node.value] for node in dict.fromkeys(scheme.incoming[SKOS + "inScheme"])]

    def _other_names(self, term: VocabularyTerm) -> list[Name]:
        """The names in the languages that the reader did not ask for."""
        shown = self._show.name(term.node)
        literals = term.literals(*(naming.value for naming in NAMING))
        names = set(map(Name.of, literals))
        return sorted(names - {shown}, key=lambda name: name.language)

    def _relations(self, term: VocabularyTerm) -> list[tuple[str, list[TermReference]]]:
        found = []
        for heading, here, there in _RELATIONS:
            nodes = [*term.nodes(*here), *(node for predicate in there for node in term.incoming.get(predicate, ()))]
            if nodes:
                found.append((heading, self._references(nodes)))
        return found

    def _uses(self, term: VocabularyTerm) -> int:
        if term.kind in {CLASS, PROPERTY}:
            return term.uses
        return self._of.index.uses(CONCEPT, term.iri) if term.kind == CONCEPT else 0

    def _facts(self, term: VocabularyTerm) -> list[PropertyValues]:
        """The properties of a term that no other part of the page shows."""
        return self._show.facts(
            ox.Triple(term.node, ox.NamedNode(predicate), value)
            for predicate, values in term.values.items()
            if predicate not in _SHOWN_ELSEWHERE
            for value in values
        )

    # what the shapes demand

    def _demands(self, term: VocabularyTerm) -> list[Demand]:
        """Of a class, its properties; of a property, the classes that bear it."""
        if term.kind == CLASS:
            return [self._demand(shape.predicate or "", shape) for shape in self._vocabulary.properties(term.iri)]
        if term.kind == PROPERTY:
            found = [self._demand(class_, shape) for class_, shape in self._vocabulary.bearers(term.iri)]
            return sorted(found, key=lambda demand: demand.of.name.text.casefold())
        return []

    def _demand(self, of: str, shape: PropertyShape) -> Demand:
        vocabulary = self._vocabulary
        term = vocabulary.terms.get(of)
        types, within = vocabulary.shapes.value_types(shape), vocabulary.shapes.required(shape)
        if not (types or within or shape.in_):
            types = vocabulary.values(shape.predicate or "")
        return Demand(
            self._reference(of),
            [self._reference(type_) for type_ in types],
            self._references(within),
            [self._show.value(value) for value in shape.in_],
            _bounds(shape),
            shape.cardinality,
            self._definition(term) if term else None,
            choose(shape.message, self._languages),
        )

    def _class_network(self) -> Chart | None:
        """The classes and the properties that lead from one to another; None where no property does."""
        vocabulary = self._vocabulary
        classes = vocabulary.main_classes()
        properties: dict[tuple[str, str], list[str]] = {}
        for class_ in classes:
            for shape in vocabulary.properties(class_):
                property_ = shape.predicate or ""
                for value in vocabulary.shapes.value_types(shape) or vocabulary.values(property_):
                    if value in classes:
                        properties.setdefault((class_, value), []).append(self._reference(property_).name.text)
        rows = [
            [self._cell(source), self._cell(target), Cell(text := ", ".join(dict.fromkeys(names)), text)]
            for (source, target), names in properties.items()
        ]
        rows.sort(key=lambda row: (row[0].text.casefold(), row[1].text.casefold()))
        has_edges = any(source != target for source, target in properties)
        return Chart("network", ("source", "target", "properties"), rows, is_directed=True) if has_edges else None

    def _cell(self, class_: str) -> Cell:
        reference = self._reference(class_)
        return Cell(reference.name.text, class_, reference.name.language, reference.href)

    def _incoming(self, term: VocabularyTerm) -> list[tuple[TermReference, TermReference]]:
        pairs = dict.fromkeys(self._vocabulary.incoming(term.iri))
        found = [(self._reference(class_), self._reference(property_)) for class_, property_ in pairs]
        return sorted(found, key=lambda pair: (pair[1].name.text.casefold(), pair[0].name.text.casefold()))


def _bounds(shape: PropertyShape) -> list[str]:
    bounds = (shape.min_inclusive, shape.min_exclusive, shape.max_inclusive, shape.max_exclusive)
    return [f"{sign} {literal.value}" for sign, literals in zip("≥>≤<", bounds, strict=True) for literal in literals]


def _by_origin(rows: Sequence[TermEntry]) -> dict[str | None, list[TermEntry]]:
    """Under headings, where there are terms of the vocabulary itself and, by their prefixed names, of others."""
    own = [row for row in rows if ":" not in row.term.anchor]
    others = [row for row in rows if ":" in row.term.anchor]
    if not (own and others):
        return {None: list(rows)}
    return {gettext("Of this vocabulary"): own, gettext("Of other vocabularies"): others}
