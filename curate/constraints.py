"""Reads what shapes, vocabulary and concepts say of the properties of each class, for the JSON Schema of records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.namespaces import RDF, RDFS, SH, SKOS

if TYPE_CHECKING:
    from mapping.ontology import Ontology

_SHAPES = f"""
PREFIX rdf: <{RDF}>
PREFIX rdfs: <{RDFS}>
PREFIX sh: <{SH}>
PREFIX skos: <{SKOS}>
SELECT ?class ?path ?name ?message ?pattern ?least ?most ?count ?scheme WHERE {{
  ?shape sh:targetClass ?class ; sh:property ?property .
  ?property sh:path ?path .
  OPTIONAL {{ ?property sh:name ?name FILTER(LANG(?name) = "en") }}
  OPTIONAL {{ ?property sh:message ?message FILTER(LANG(?message) IN ("", "en")) }}
  OPTIONAL {{ ?property sh:pattern ?pattern }}
  OPTIONAL {{ ?property sh:minInclusive ?least }}
  OPTIONAL {{ ?property sh:maxInclusive ?most }}
  OPTIONAL {{ ?property sh:maxCount ?count }}
  OPTIONAL {{ ?property sh:node/sh:property [ sh:path skos:inScheme ; sh:hasValue ?scheme ] }}
  OPTIONAL {{
    ?rule sh:targetClass ?class ; sh:or/rdf:rest*/rdf:first/sh:property ?choice .
    ?choice sh:path ?path ; sh:node/sh:property [ sh:path skos:inScheme ; sh:hasValue ?scheme ] .
  }}
}} ORDER BY ?class ?path ?message
"""
_CLASSES = f"""
SELECT ?class ?text WHERE {{
  ?shape <{SH}targetClass> ?class ; <{RDFS}label> ?label FILTER(LANG(?label) = "en")
  OPTIONAL {{ ?class <{RDFS}comment> ?comment FILTER(LANG(?comment) = "en") }}
  BIND(COALESCE(?comment, ?label) AS ?text)
}} ORDER BY ?class ?text
"""
_COMMENTS = f'SELECT ?term ?text WHERE {{ ?term <{RDFS}comment> ?text FILTER(LANG(?text) = "en") }}'
_CONCEPTS = f"""
PREFIX skos: <{SKOS}>
SELECT ?scheme ?concept (SAMPLE(?definition) AS ?text) WHERE {{
  ?concept skos:inScheme ?scheme .
  OPTIONAL {{ ?concept skos:definition ?definition FILTER(LANG(?definition) = "en") }}
}} GROUP BY ?scheme ?concept ORDER BY ?scheme ?concept
"""


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
        store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in (*ontology.terms, *ontology.shapes))
        rows = {query: _rows(store, query) for query in (_SHAPES, _CLASSES, _COMMENTS, _CONCEPTS)}
        comments = {row["term"]: row["text"] for row in rows[_COMMENTS]}
        found = cls(classes={row["class"]: row["text"] for row in rows[_CLASSES]})
        for row in rows[_SHAPES]:
            found.properties.setdefault(row["class"], {}).setdefault(row["path"], _constraint(row, comments))
        for row in rows[_CONCEPTS]:
            found.concepts.setdefault(row["scheme"], {})[row["concept"]] = row.get("text", "")
        return found


def _rows(store: ox.Store, query: str) -> list[dict[str, str]]:
    solutions: Any = store.query(query)
    names = [variable.value for variable in solutions.variables]
    return [{name: row[name].value for name in names if row[name] is not None} for row in solutions]


def _constraint(row: dict[str, str], comments: dict[str, str]) -> Constraint:
    meaning = comments.get(row["path"]) or row.get("name", "")
    return Constraint(
        help="\n\n".join(text for text in (meaning, row.get("message")) if text),
        scheme=row.get("scheme"),
        pattern=row.get("pattern"),
        least=float(row["least"]) if "least" in row else None,
        most=float(row["most"]) if "most" in row else None,
        count=int(row["count"]) if "count" in row else None,
    )
