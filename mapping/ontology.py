"""Reads the `ontology/` folder: its quads, its concepts, and the properties that a class may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core import shapes
from core.errors import InputError
from core.files import read_text
from core.namespaces import OWL, RDF_TYPE, SKOS

if TYPE_CHECKING:
    from pathlib import Path

    from core.shapes import Shapes

VOCABULARY, CONCEPTS, SHAPES = "vocabulary.ttl", "concepts.ttl", "shapes.ttl"


@dataclass(frozen=True)
class Ontology:
    """Vocabulary, concepts and shapes, each file optional.

    iri: of the vocabulary, which also names its graph; terms, shapes: quads in that graph and in the shapes'
    graph, without blank nodes; concepts: IRIs of all skos:Concept.
    """

    folder: Path
    iri: str | None = None
    terms: list[ox.Quad] = field(default_factory=list)
    shapes: list[ox.Quad] = field(default_factory=list)
    concepts: set[str] = field(default_factory=set)

    @cached_property
    def shacl(self) -> Shapes:
        """The shapes, as far as they are read here."""
        return shapes.read((*self.terms, *self.shapes))

    @cached_property
    def properties(self) -> dict[str, set[str]]:
        """Class → the properties that its shapes name."""
        return {class_: self.shacl.predicates(class_) for class_ in self.shacl.target_classes}

    def may_define(self, iri: str) -> bool:
        """Whether the IRI is none of the vocabulary's namespace, or one that the vocabulary has."""
        return not self.iri or not iri.startswith(f"{self.iri}#") or iri in self._defined

    @cached_property
    def _defined(self) -> set[str]:
        return {quad.subject.value for quad in self.terms if isinstance(quad.subject, ox.NamedNode)}

    @property
    def shapes_iri(self) -> str | None:
        return f"{self.iri}/shapes" if self.iri and self.shapes else None

    @classmethod
    def read(cls, folder: Path, base: str) -> Ontology:
        """Read the folder; InputError names file, line and column of what is not Turtle, or a missing owl:Ontology."""
        terms = _parse(folder / VOCABULARY, folder / CONCEPTS)
        iri = _ontology_iri(terms, folder) if len(terms) else None
        if iri is None:
            return cls(folder)
        concepts = {
            quad.subject.value
            for quad in terms.quads_for_predicate(ox.NamedNode(RDF_TYPE))
            if quad.object == ox.NamedNode(SKOS + "Concept") and isinstance(quad.subject, ox.NamedNode)
        }
        return cls(
            folder,
            iri,
            _named(terms, iri, base),
            _named(_parse(folder / SHAPES), f"{iri}/shapes", base),
            concepts,
        )


def _parse(*paths: Path) -> ox.Dataset:
    dataset = ox.Dataset()
    for path in paths:
        if not path.exists():
            continue
        try:
            text = read_text(path)
            for quad in ox.parse(text, ox.RdfFormat.TURTLE, rename_blank_nodes=True):
                dataset.add(quad)
        except MemoryError as error:
            raise InputError(f"{path}: a term or a comment is longer than the parser reads") from error
        except SyntaxError as error:
            raise InputError(f"{path}:{error.lineno}:{error.offset}: {error.msg}") from error
    return dataset


def _ontology_iri(terms: ox.Dataset, folder: Path) -> str:
    for quad in terms.quads_for_object(ox.NamedNode(OWL + "Ontology")):
        if isinstance(quad.subject, ox.NamedNode):
            return quad.subject.value
    raise InputError(f"{folder / VOCABULARY}: no owl:Ontology; declare the IRI of the vocabulary")


def _named(dataset: ox.Dataset, graph: str, base: str) -> list[ox.Quad]:
    """The quads in a named graph, without blank nodes (https://www.w3.org/TR/rdf11-concepts/#section-skolemization)."""
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    kind = graph.rpartition("/")[2]

    def skolem(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return ox.NamedNode(f"{base}.well-known/genid/{kind}-{term.value}")
        return term

    name = ox.NamedNode(graph)
    return [ox.Quad(skolem(q.subject), q.predicate, skolem(q.object), name) for q in dataset]
