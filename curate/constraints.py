"""Reads what shapes, vocabulary and concepts say of the properties of each class, for the JSON Schema of records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.namespaces import RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.shapes import PropertyShape, Shapes
    from mapping.ontology import Ontology

_COMMENTS = f'SELECT ?term ?text WHERE {{ ?term <{RDFS}comment> ?text FILTER(LANG(?text) = "en") }}'
_CONCEPTS = f"""
PREFIX skos: <{SKOS}>
SELECT ?scheme ?concept (SAMPLE(?definition) AS ?text) WHERE {{
  ?concept skos:inScheme ?scheme .
  OPTIONAL {{ ?concept skos:definition ?definition FILTER(LANG(?definition) = "en") }}
}} GROUP BY ?scheme ?concept ORDER BY ?scheme ?concept
"""
_IN_SCHEME = SKOS + "inScheme"


@dataclass(frozen=True)
class Constraint:
    """The constraints of one property in the shape of a class.

    help: definition and messages, for people. scheme: IRI of the concept scheme of its values. pattern: regular
    expression. least, most: bounds of numbers. count: `sh:maxCount`. None: not constrained.
    """

    help: str
    scheme: str | None = None
    pattern: str | None = None
    least: float | None = None
    most: float | None = None
    count: int | None = None


@dataclass(frozen=True)
class Constraints:
    """properties: class → property → constraint. classes: class → meaning. concepts: scheme → concept → meaning."""

    properties: dict[str, dict[str, Constraint]] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    concepts: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, ontology: Ontology) -> Constraints:
        """The constraints of an ontology, with texts in English."""
        store = ox.Store()
        store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in ontology.terms)
        comments = {row["term"]: row["text"] for row in _rows(store, _COMMENTS)}
        found = cls()
        for shape in ontology.shacl.node_shapes.values():
            for class_ in shape.target_classes:
                if text := _text(shape.label, "en"):
                    found.classes.setdefault(class_, comments.get(class_) or text)
        for class_, properties in ontology.shacl.by_class.items():
            for property_ in properties:
                iri = property_.predicate or ""
                constraint = _constraint(property_, comments.get(iri, ""), _scheme(class_, property_, ontology.shacl))
                found.properties.setdefault(class_, {}).setdefault(iri, constraint)
        for row in _rows(store, _CONCEPTS):
            found.concepts.setdefault(row["scheme"], {})[row["concept"]] = row.get("text", "")
        return found


def _rows(store: ox.Store, query: str) -> list[dict[str, str]]:
    solutions: Any = store.query(query)
    names = [variable.value for variable in solutions.variables]
    return [{name: row[name].value for name in names if row[name] is not None} for row in solutions]


def _text(literals: Iterable[ox.Literal], *languages: str) -> str:
    """The first text in one of the languages; none is one."""
    return next((literal.value for literal in literals if (literal.language or "") in languages), "")


def _scheme(class_: str, property_: PropertyShape, shapes: Shapes) -> str | None:
    """The concept scheme that the values are from: as the property's shape says, or an alternative for the class."""
    alternatives = (
        part
        for shape in shapes.node_shapes.values()
        if class_ in shape.target_classes
        for alternative in shapes.with_alternatives(shape)
        for part in shapes.properties(alternative)
        if part.predicate == property_.predicate
    )
    schemes = (scheme.value for shape in (property_, *alternatives) for scheme in shapes.required(shape, _IN_SCHEME))
    return next(schemes, None)


def _constraint(shape: PropertyShape, comment: str, scheme: str | None) -> Constraint:
    meaning, message = comment or _text(shape.name, "en"), _text(shape.message, "", "en")
    return Constraint(
        help="\n\n".join(text for text in (meaning, message) if text),
        scheme=scheme,
        pattern=next(iter(shape.pattern), None),
        least=next((float(bound.value) for bound in shape.min_inclusive), None),
        most=next((float(bound.value) for bound in shape.max_inclusive), None),
        count=shape.max_count,
    )
