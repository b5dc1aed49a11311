"""The vocabulary, the concepts and the shapes: complete, in three languages, and at one with the context."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS, Graph, Literal, Namespace, URIRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

ROOT = Path(__file__).parents[1]
PG = Namespace("https://w3id.org/parkgraph/ontology#")
SCHEMA = Namespace("https://schema.org/")
UI = Namespace("https://w3id.org/parkgraph/ui#")
ONTOLOGY = URIRef("https://w3id.org/parkgraph/ontology")
LANGUAGES = ["de", "en", "zh"]

VOCABULARY = Graph().parse(ROOT / "ontology/vocabulary.ttl")
CONCEPTS = Graph().parse(ROOT / "ontology/concepts.ttl")
SHAPES = Graph().parse(ROOT / "ontology/shapes.ttl")
CONTEXT = json.loads((ROOT / "mapping/context.jsonld").read_text(encoding="utf-8"))["@context"]


def _context_terms() -> dict[str, URIRef]:
    """Key of the context → IRI, prefixes and keywords left out."""
    prefixes = {key: value for key, value in CONTEXT.items() if isinstance(value, str) and value[-1] in "#/"}
    terms = {}
    for key, definition in CONTEXT.items():
        iri = definition.get("@id") if isinstance(definition, dict) else definition
        if key not in prefixes and key[0] != "@" and isinstance(iri, str) and iri[0] != "@":
            prefix, _, local = iri.partition(":")
            terms[key] = URIRef(prefixes[prefix] + local)
    return terms


TERMS = _context_terms()


def named(graph: Graph, predicate: URIRef, value: URIRef) -> list[URIRef]:
    """The subjects that have an IRI, sorted."""
    return sorted(s for s in graph.subjects(predicate, value) if isinstance(s, URIRef))


OWN = [term for term in named(VOCABULARY, RDFS.isDefinedBy, ONTOLOGY) if term.startswith(PG)]
SCHEMES = named(CONCEPTS, RDF.type, SKOS.ConceptScheme)
LISTED = named(CONCEPTS, RDF.type, SKOS.Concept)
CLASSES = dict(SHAPES.subject_objects(SH.targetClass))
PROPERTIES = sorted({p for shape in CLASSES for p in SHAPES.objects(shape, SH.property) if isinstance(p, URIRef)})
INCOMING = [shape for shape in PROPERTIES if SHAPES.value(SHAPES.value(shape, SH.path), SH.inversePath)]
SHOWN = [shape for shape in PROPERTIES if shape not in INCOMING]


def languages(graph: Graph, subject: Node, predicate: URIRef) -> list[str]:
    return sorted(str(text.language) for text in graph.objects(subject, predicate) if isinstance(text, Literal))


def test_ontology_says_what_it_is() -> None:
    assert (ONTOLOGY, RDF.type, OWL.Ontology) in VOCABULARY
    for predicate in (DCTERMS.license, DCTERMS.creator, DCTERMS.title, OWL.versionInfo, OWL.versionIRI):
        assert VOCABULARY.value(ONTOLOGY, predicate, any=True) is not None, predicate


@pytest.mark.parametrize("term", OWN)
def test_own_term_is_labelled_and_explained(term: URIRef) -> None:
    assert languages(VOCABULARY, term, RDFS.label) == LANGUAGES
    assert languages(VOCABULARY, term, RDFS.comment) == LANGUAGES


def test_every_term_is_labelled() -> None:
    """Those of other vocabularies too: a server takes all its words from the data."""
    graph = VOCABULARY + CONCEPTS
    described = set(VOCABULARY.subjects()) | set(graph.predicates()) | set(graph.objects(None, RDF.type))
    terms = described | set(TERMS.values())
    assert {term for term in terms if languages(VOCABULARY, term, RDFS.label) != LANGUAGES} == set()


def test_context_and_vocabulary_agree() -> None:
    assert {iri for iri in TERMS.values() if iri.startswith(PG)} == set(OWN)


def test_alignments_have_labels() -> None:
    aligned = (RDFS.subClassOf, RDFS.subPropertyOf, OWL.inverseOf, SCHEMA.domainIncludes, SCHEMA.rangeIncludes)
    named = {other for predicate in aligned for other in VOCABULARY.objects(None, predicate)}
    datatypes = {other for other in named if str(other).rpartition("/")[2].startswith(("XMLSchema#", "EDTF"))}
    assert named - datatypes - {RDF.langString} <= set(VOCABULARY.subjects(RDFS.label))


@pytest.mark.parametrize("concept", LISTED)
def test_concept(concept: URIRef) -> None:
    assert languages(CONCEPTS, concept, SKOS.prefLabel) == LANGUAGES
    assert "en" in languages(CONCEPTS, concept, SKOS.definition)
    schemes = list(CONCEPTS.objects(concept, SKOS.inScheme))
    assert len(schemes) == 1
    assert schemes[0] in SCHEMES
    broader = list(CONCEPTS.objects(concept, SKOS.broader))
    assert list(CONCEPTS.objects(concept, SKOS.topConceptOf)) == ([] if broader else schemes)
    assert all(list(CONCEPTS.objects(above, SKOS.inScheme)) == schemes for above in broader)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_scheme(scheme: URIRef) -> None:
    assert languages(CONCEPTS, scheme, SKOS.prefLabel) == LANGUAGES
    assert next(CONCEPTS.subjects(SKOS.inScheme, scheme), None) is not None
    assert next(SHAPES.subjects(SH.hasValue, scheme), None) is not None, "no shape holds values to this scheme"


def test_concepts_are_no_keys() -> None:
    """The context's keys win over concepts where a value is read, so a concept of that name could never be meant."""
    names = {str(concept).removeprefix(PG) for concept in [*LISTED, *SCHEMES]}
    assert names & set(CONTEXT) == set()
    assert {PG[name] for name in names} & set(OWN) == set()


@pytest.mark.parametrize("shape", SHOWN)
def test_property_shape_can_be_shown(shape: URIRef) -> None:
    assert isinstance(shape, URIRef)
    assert isinstance(SHAPES.value(shape, SH.path), URIRef)
    assert languages(SHAPES, shape, SH.name) == LANGUAGES
    assert languages(SHAPES, shape, SH.message) == ["en"]
    assert SHAPES.value(shape, SH.severity) in (SH.Violation, SH.Warning)
    group = SHAPES.value(shape, SH.group)
    assert group is not None
    assert languages(SHAPES, group, RDFS.label) == LANGUAGES
    assert SHAPES.value(group, SH.order) is not None


@pytest.mark.parametrize("shape", INCOMING)
def test_what_refers_to_a_resource_can_be_shown(shape: URIRef) -> None:
    """Under a name of its own, of classes that have the property; no validator follows the links for that."""
    property_ = SHAPES.value(SHAPES.value(shape, SH.path), SH.inversePath)
    assert languages(SHAPES, shape, SH.name) == LANGUAGES
    group = SHAPES.value(shape, SH.group)
    assert group is not None
    assert languages(SHAPES, group, RDFS.label) == LANGUAGES
    assert SHAPES.value(shape, SH.deactivated) == Literal(True)  # noqa: FBT003
    bearers = {
        CLASSES[node]
        for node in CLASSES
        for p in SHAPES.objects(node, SH.property)
        if SHAPES.value(p, SH.path) == property_
    }
    assert bearers
    told = {SHAPES.value(value, SH["class"]) for value in SHAPES.objects(shape, SH.qualifiedValueShape)}
    assert told <= bearers


def path_terms(path: Node | None) -> Iterator[URIRef]:
    """The properties of a SHACL path, however they are put together."""
    if isinstance(path, URIRef):
        yield from [path] if path != RDF.nil else []
    else:
        for part in SHAPES.objects(path):
            yield from path_terms(part)


def test_facets_can_be_shown() -> None:
    """What lists are filtered by: named in three languages, each for a class, by paths of terms that there are."""
    facets = set(SHAPES.objects(None, UI.facet))
    assert len(facets) == 13
    assert {shape for shape, _ in SHAPES.subject_objects(UI.facet)} <= set(CLASSES)
    known = set(TERMS.values()) | set(VOCABULARY.subjects())
    for facet in facets:
        assert languages(SHAPES, facet, SH.name) == LANGUAGES
        assert SHAPES.value(facet, SH.order) is not None
        terms = set(path_terms(SHAPES.value(facet, SH.path)))
        assert terms
        assert terms <= known


def test_order_is_unambiguous() -> None:
    orders = [SHAPES.value(shape, SH.order) for shape in PROPERTIES]
    assert len(set(orders)) == len(PROPERTIES)


def test_shapes_cover_the_context() -> None:
    """Each class has its shape, and each property a class that may bear it; none is outside of the context."""
    targets = set(CLASSES.values())
    paths = {SHAPES.value(shape, SH.path) for shape in SHOWN}
    assert targets | paths == set(TERMS.values())


def test_shapes_expect_what_the_vocabulary_says() -> None:
    for shape in SHOWN:
        path = SHAPES.value(shape, SH.path)
        members = [item for head in SHAPES.objects(shape, SH["or"]) for item in SHAPES.items(head)]
        classes = {SHAPES.value(member, SH["class"]) for member in [shape, *members]} - {None}
        if path in OWN and classes and path != PG.kind:
            assert classes == set(VOCABULARY.objects(path, SCHEMA.rangeIncludes)), shape
