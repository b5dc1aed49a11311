"""The vocabulary of a release: its terms, how they hang together, and what the shapes demand of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import CLASS_TYPES, OWL, PROPERTY_TYPES, RDF, RDFS, SCHEMA, SKOS, compact
from core.shapes import PropertyPath, PropertyShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.rdf import Term
    from core.shapes import Shapes
    from release.manifest import Manifest

CLASS, PROPERTY, SCHEME, CONCEPT, INDIVIDUAL = "class", "property", "scheme", "concept", "individual"

# What a term is: the first that fits.
_KINDS = {
    CLASS: CLASS_TYPES,
    PROPERTY: PROPERTY_TYPES,
    SCHEME: {SKOS + "ConceptScheme"},
    CONCEPT: {SKOS + "Concept"},
    INDIVIDUAL: {OWL + "NamedIndividual"},
}
DOMAINS = (RDFS + "domain", SCHEMA + "domainIncludes")
RANGES = (RDFS + "range", SCHEMA + "rangeIncludes")
_TYPE = ox.NamedNode(RDF + "type")


@dataclass
class VocabularyTerm:
    """One term; anchor: its name on the page of the vocabulary; uses: in the data, as class or property.

    values: objects of its triples, by predicate. incoming: terms that refer to it, by predicate.
    """

    node: ox.NamedNode
    kind: str
    anchor: str
    uses: int
    values: dict[str, list[Term]]
    incoming: dict[str, list[ox.NamedNode]] = field(default_factory=lambda: defaultdict(list))

    @property
    def iri(self) -> str:
        return self.node.value

    def nodes(self, *predicates: str) -> list[ox.NamedNode]:
        """The resources that it names by these properties, each once."""
        found = (o for predicate in predicates for o in self.values.get(predicate, ()) if isinstance(o, ox.NamedNode))
        return sorted(dict.fromkeys(found), key=str)

    def literals(self, *predicates: str) -> list[ox.Literal]:
        """The texts of the first of these properties that it has."""
        for predicate in predicates:
            texts = [o for o in self.values.get(predicate, ()) if isinstance(o, ox.Literal)]
            if texts:
                return texts
        return []


class Vocabulary:
    """The terms in the graph of the vocabulary, none where there is no such graph, and the shapes."""

    def __init__(self, store: ox.Store, manifest: Manifest, shapes: Shapes) -> None:
        self.terms: dict[str, VocabularyTerm] = {}
        self.by_anchor: dict[str, VocabularyTerm] = {}
        self.about: VocabularyTerm | None = None  # the vocabulary itself
        self.shapes = shapes
        if manifest.ontology is not None:
            self._read(store, manifest.ontology, manifest)
        self._bearers: dict[str, list[tuple[str, PropertyShape]]] = defaultdict(list)
        for class_, properties in shapes.by_class.items():
            for shape in properties:
                self._bearers[shape.predicate or ""].append((class_, shape))

    @property
    def iris(self) -> list[str]:
        """The IRIs of all terms and of the vocabulary itself."""
        return [*self.terms, *([self.about.iri] if self.about else ())]

    def of_kind(self, kind: str) -> list[VocabularyTerm]:
        return [term for term in self.terms.values() if term.kind == kind]

    def properties(self, class_: str) -> Sequence[PropertyShape]:
        """The property shapes of the class, in their order; without shapes, what the properties' domains say."""
        if class_ in self.shapes.by_class:
            return self.shapes.by_class[class_]
        own = [term for term in self.of_kind(PROPERTY) if class_ in (n.value for n in term.nodes(*DOMAINS))]
        return [_from_ranges(term) for term in own]

    def bearers(self, property_: str) -> list[tuple[str, PropertyShape]]:
        """The classes that may bear the property, each with the shape for it."""
        if property_ in self._bearers:
            return self._bearers[property_]
        term = self.terms.get(property_)
        return [(n.value, _from_ranges(term)) for n in term.nodes(*DOMAINS)] if term else []

    def values(self, property_: str) -> list[str]:
        """The classes and datatypes that values of the property are of: by its definition, else by the shapes."""
        term = self.terms.get(property_)
        defined = [node.value for node in term.nodes(*RANGES)] if term else []
        shapes = (shape for _, shape in self.bearers(property_))
        return defined or list(dict.fromkeys(type_ for shape in shapes for type_ in self.shapes.value_types(shape)))

    def incoming(self, class_: str) -> list[tuple[str, str]]:
        """Classes and their properties whose values may be of the class."""
        return [
            (bearer, shape.predicate or "")
            for bearer, properties in self.shapes.by_class.items()
            for shape in properties
            if class_ in self.shapes.value_types(shape)
        ]

    def main_classes(self) -> list[str]:
        """The classes that there are shapes for; without shapes, those that the vocabulary defines."""
        return list(self.shapes.by_class) or [term.iri for term in self.of_kind(CLASS)]

    def _read(self, store: ox.Store, graph: str, manifest: Manifest) -> None:
        values: dict[ox.NamedNode, dict[str, list[Term]]] = {}
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
            if isinstance(quad.subject, ox.NamedNode):
                values.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)
        counts = manifest.counts
        for node in sorted(values, key=str):
            types = {o.value for o in values[node].get(RDF + "type", ()) if isinstance(o, ox.NamedNode)}
            kind = next((kind for kind, classes in _KINDS.items() if types & classes), None)
            if OWL + "Ontology" in types and self.about is None:
                self.about = VocabularyTerm(node, "", "", 0, values[node])
            elif kind is not None:
                uses = counts.classes.get(node.value, 0) + counts.properties.get(node.value, 0)
                names = _anchors(node.value, graph, manifest.prefixes)
                anchor = next(name for name in names if name not in self.by_anchor)
                term = VocabularyTerm(node, kind, anchor, uses, values[node])
                self.terms[node.value] = self.by_anchor[anchor] = term
        for term in self.terms.values():
            for predicate, objects in term.values.items():
                for other in (o.value for o in objects if isinstance(o, ox.NamedNode)):
                    if other in self.terms:
                        self.terms[other].incoming[predicate].append(term.node)


def _anchors(iri: str, own: str, prefixes: dict[str, str]) -> Iterator[str]:
    """Names of a term on a page: the local one in the vocabulary's own namespace, else the prefixed one; or the IRI."""
    local = next((iri.removeprefix(begin) for begin in (f"{own}#", f"{own}/", own) if iri.startswith(begin)), None)
    yield from filter(None, (compact(iri, prefixes) if local is None else local, iri))


def _from_ranges(term: VocabularyTerm) -> PropertyShape:
    """A shape for a property that has none: any number of values of its ranges."""
    ranges = tuple(node.value for node in term.nodes(*RANGES))
    return PropertyShape(id=term.node, path=PropertyPath.of(term.iri), class_=ranges)


def examples(store: ox.Store, term: VocabularyTerm, most: int) -> list[ox.Triple]:
    """Up to so many triples of the data that use the term: as class, as property, or as value."""
    patterns: dict[str, tuple[ox.NamedNode | None, ox.NamedNode | None]] = {
        CLASS: (_TYPE, term.node),
        PROPERTY: (term.node, None),
    }
    predicate, value = patterns.get(term.kind, (None, term.node))
    found: dict[object, ox.Triple] = {}
    for quad in store.quads_for_pattern(None, predicate, value, ox.DefaultGraph()):
        # of a concept, what the vocabulary itself says of it is no example
        if isinstance(quad.subject, ox.NamedNode) and not (
            term.kind not in {CLASS, PROPERTY} and quad.predicate.value.startswith(SKOS)
        ):
            found.setdefault(quad.subject, quad.triple)
            if len(found) == most:
                break
    return list(found.values())
