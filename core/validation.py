"""Validation of a dataset by SHACL (https://www.w3.org/TR/shacl/): its results, and the report of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
from shacl import Shapes

from core.errors import InputError
from core.files import open_regular
from core.namespaces import RDF_TYPE, SH, XSD
from core.problems import Severity
from core.rdf import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from core.rdf import Term

_SEVERITIES = {"Violation": Severity.VIOLATION, "Warning": Severity.WARNING, "Info": Severity.INFO}


@dataclass(frozen=True)
class ValidationResult:
    """One validation result: focus node, rule and message; terms are in N-Triples syntax.

    rule: IRI of the shape, or name of the check, that the focus node does not conform to; if the shape is a blank node,
    the IRI of the constraint component.
    """

    focus: str
    rule: str
    severity: Severity
    message: str
    fix: str = ""
    path: str | None = None
    value: str | None = None


def validate(store: ox.Store, shapes: Path) -> list[ValidationResult]:
    """The results of the shapes over the default graph (https://www.w3.org/TR/shacl/#validation).

    InputError if the shapes are not SHACL in Turtle, or a query in them fails. Memory grows with the default graph.
    """
    data = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
    try:
        open_regular(shapes).close()
        found = Shapes.from_file(str(shapes)).validate_text(data.decode(), format="ntriples", inference="none")
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{shapes}: {error}") from error
    except OSError as error:
        raise InputError(f"{shapes}: {error.strerror or error}") from error
    return [
        ValidationResult(
            focus=result.focus_node,
            rule=_iri(result.source_shape) or result.component_iri,
            severity=_SEVERITIES[result.severity],
            message=result.message or result.component,
            path=result.path,
            value=result.value,
        )
        for result in found.results
    ]


def report(results: Iterable[ValidationResult], base: str) -> bytes:
    """A SHACL validation report in Turtle (https://www.w3.org/TR/shacl/#validation-report); its results have IRIs.

    base: that their IRIs begin with.
    """
    ordered = sorted(results, key=lambda result: (result.severity, result.rule, result.focus, result.message))
    this, node = f"{base}report", ox.NamedNode
    conforms = not any(result.severity is Severity.VIOLATION for result in ordered)
    boolean = ox.Literal(str(conforms).lower(), datatype=node(XSD + "boolean"))
    triples = [
        ox.Triple(node(this), node(RDF_TYPE), node(SH + "ValidationReport")),
        ox.Triple(node(this), node(SH + "conforms"), boolean),
    ]
    for number, result in enumerate(ordered, 1):
        entry = node(f"{this}#{number}")
        rows: list[tuple[str, Term]] = [
            (RDF_TYPE, node(SH + "ValidationResult")),
            (SH + "resultSeverity", node(SH + result.severity.capitalize())),
            (SH + "resultMessage", ox.Literal(result.message)),
            (SH + "focusNode", _term(result.focus)),
        ]
        if ":" in result.rule:
            source = "sourceConstraintComponent" if result.rule.startswith(SH) else "sourceShape"
            rows.append((SH + source, node(result.rule)))
        triples.append(ox.Triple(node(this), node(SH + "result"), entry))
        triples += [ox.Triple(entry, node(predicate), value) for predicate, value in rows]
    return serialize(triples, ox.RdfFormat.TURTLE, {"sh": SH, "xsd": XSD})


def _iri(term: str | None) -> str | None:
    """The IRI that a term in N-Triples syntax is; None for a blank node."""
    return term.strip("<>") if term and term.startswith("<") else None


def _term(text: str) -> Term:
    """Parse a term in N-Triples syntax."""
    term: Term = next(iter(ox.parse(f"<urn:s> <urn:p> {text} .", ox.RdfFormat.N_TRIPLES))).object
    return term
