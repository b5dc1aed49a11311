"""The vocabulary of the release, whole at `/ontology`, and each of its terms below that address."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML
from core.namespaces import OWL, RDF, RDF_TYPE, RDFS, SKOS
from server.graphs import OFFERS, graph_answer, subjects_page
from server.languages import gettext
from server.pages import page, presenter, publication
from server.problems import Problem
from server.web import chosen, see_other

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.labels import Name
    from server.presentation import Fact

blueprint = Blueprint("ontology", __name__)

# What a term is, and under which heading it is listed; the first that fits.
_KINDS = {
    "Classes": (OWL + "Class", RDFS + "Class"),
    "Properties": (
        RDF + "Property",
        OWL + "ObjectProperty",
        OWL + "DatatypeProperty",
        OWL + "AnnotationProperty",
    ),
    "Concept schemes": (SKOS + "ConceptScheme",),
    "Concepts": (SKOS + "Concept",),
    "Individuals": (OWL + "NamedIndividual",),
}


@dataclass(frozen=True)
class Term:
    """One term of the vocabulary as the page shows it; uses: how often it is a class or property in the data."""

    anchor: str
    iri: str
    name: Name
    facts: list[Fact]
    uses: int


@blueprint.get("/ontology")
def ontology() -> Response:
    graph = publication().manifest.ontology
    if graph is None:
        raise Problem(HTTPStatus.NOT_FOUND, gettext("This release has no vocabulary of its own."))
    triples = _triples(graph)
    return graph_answer(lambda: triples, lambda: _html(triples), "ontology")


@blueprint.get("/ontology/shapes")
def shapes() -> Response:
    graph = publication().manifest.shapes
    if graph is None:
        raise Problem(HTTPStatus.NOT_FOUND, gettext("This release has no shapes."))
    triples = _triples(graph)
    return graph_answer(lambda: triples, lambda: subjects_page("Shapes", triples), "ontology/shapes")


@blueprint.get("/ontology/<path:term>")
def term(term: str) -> Response:
    """303 to the term's place on the page for readers, to the document about it for machines."""
    of = publication()
    for triple in _triples(of.manifest.ontology) if of.manifest.ontology else ():
        node = triple.subject
        if isinstance(node, ox.NamedNode) and anchor(node.value) == term:
            on_page = chosen(OFFERS).format is HTML
            response = see_other(of.urls.path(f"ontology#{term}") if on_page else of.urls.document(node.value))
            response.vary.add("Accept")
            return response
    raise Problem(HTTPStatus.NOT_FOUND, gettext("The vocabulary has no term '%(term)s'.", term=term))


def anchor(iri: str) -> str:
    """The local name of a term: what follows the last # or /."""
    return iri.replace("#", "/").rpartition("/")[2]


def _triples(graph: str) -> list[ox.Triple]:
    return [quad.triple for quad in publication().store.quads_for_pattern(None, None, None, ox.NamedNode(graph))]


def _html(triples: Sequence[ox.Triple]) -> str:
    of = publication()
    show = presenter()
    by_subject: dict[ox.NamedNode, list[ox.Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode):
            by_subject.setdefault(triple.subject, []).append(triple)
    kinds: dict[str, list[Term]] = {heading: [] for heading in _KINDS}
    about: list[Fact] = []
    for node, own in by_subject.items():
        types = {t.object.value for t in own if t.predicate.value == RDF_TYPE and isinstance(t.object, ox.NamedNode)}
        if OWL + "Ontology" in types:
            about += show.facts(own)
        heading = next((kind for kind, classes in _KINDS.items() if types.intersection(classes)), None)
        if heading is not None:
            uses = of.manifest.counts.classes.get(node.value, 0) + of.manifest.counts.properties.get(node.value, 0)
            name = show.name(node)
            kinds[heading].append(Term(anchor(node.value), node.value, name, show.facts(own), uses))
    for terms in kinds.values():
        terms.sort(key=lambda term: (term.name.text.casefold(), term.iri))
    shown = {kind: terms for kind, terms in kinds.items() if terms}
    return page("ontology.html", title="Vocabulary", about=about, kinds=shown, offers=OFFERS)
