"""Judges the merged data: SHACL shapes, and the checks of `ontology/checks/`, which are one SELECT each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
from shacl import Shapes

from core.errors import InputError
from core.namespaces import RDF_TYPE, SH, XSD
from core.rdf import serialize
from mapping.problems import Severity

if TYPE_CHECKING:
    from pathlib import Path

_SEVERITIES = {"Violation": Severity.VIOLATION, "Warning": Severity.WARNING, "Info": Severity.INFO}
_HEADER = re.compile(r"#\s*(title|severity|message|mend):\s*(.+)")
_PLACEHOLDER = re.compile(r"\{\?(\w+)\}")


@dataclass(frozen=True)
class Result:
    """One validation result: the resource it is about, the rule, and what it says; terms are in N-Triples syntax."""

    focus: str
    rule: str
    severity: Severity
    message: str
    mend: str = ""
    path: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Check:
    """A rule about the dataset as one query, which selects the resources that break it as ?this."""

    path: Path
    query: str
    title: str
    severity: Severity
    message: str
    mend: str

    @property
    def name(self) -> str:
        return self.path.stem

    @classmethod
    def read(cls, path: Path) -> Check:
        """Read a check and its header; InputError if the header lacks a line or has an unknown severity."""
        query = path.read_text(encoding="utf-8")
        header = dict(_HEADER.findall(query))
        try:
            severity = Severity(header["severity"])
            return cls(path, query, header["title"], severity, header["message"], header["mend"])
        except (KeyError, ValueError) as error:
            raise InputError(
                f"{path}: the header lines title, severity, message and mend are needed: {error}"
            ) from error

    def run(self, store: ox.Store) -> list[Result]:
        """The results over the default graph; InputError if the file is not a SELECT query with ?this."""
        try:
            rows = store.query(self.query)
        except SyntaxError as error:
            raise InputError(f"{self.path}:{error.lineno}:{error.offset}: {error.msg}") from error
        if not isinstance(rows, ox.QuerySolutions) or ox.Variable("this") not in rows.variables:
            raise InputError(f"{self.path}: a check is a SELECT query with the variable ?this")
        return [
            Result(str(row["this"]), self.name, self.severity, self._fill(row), self.mend)
            for row in rows
            if row["this"] is not None
        ]

    def _fill(self, row: ox.QuerySolution) -> str:
        def text(match: re.Match[str]) -> str:
            term = row[match[1]]
            return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)

        return _PLACEHOLDER.sub(text, self.message)


def checks(folder: Path) -> list[Check]:
    return [Check.read(path) for path in sorted(folder.glob("*.rq"))]


def shacl(store: ox.Store, shapes: Path) -> list[Result]:
    """The results of the shapes over the default graph (https://www.w3.org/TR/shacl/#validation).

    InputError if the shapes are not SHACL in Turtle. Memory grows with the default graph.
    """
    data = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
    try:
        compiled = Shapes.from_file(str(shapes))
    except ValueError as error:
        raise InputError(f"{shapes}: {error}") from error
    found = compiled.validate_text(data.decode(), format="ntriples", inference="none")
    return [
        Result(
            focus=result.focus_node,
            rule=(result.source_shape or result.component_iri).strip("<>"),
            severity=_SEVERITIES[result.severity],
            message=result.message or result.component,
            path=result.path,
            value=result.value,
        )
        for result in found.results
    ]


def report(results: list[Result], base: str) -> bytes:
    """A SHACL validation report in Turtle (https://www.w3.org/TR/shacl/#validation-report), every node with an IRI."""
    this, node = f"{base}report", ox.NamedNode
    conforms = not any(result.severity is Severity.VIOLATION for result in results)
    boolean = ox.Literal(str(conforms).lower(), datatype=node(XSD + "boolean"))
    triples = [
        ox.Triple(node(this), node(RDF_TYPE), node(SH + "ValidationReport")),
        ox.Triple(node(this), node(SH + "conforms"), boolean),
    ]
    for number, result in enumerate(sorted(results, key=lambda r: (r.severity, r.rule, r.focus, r.message)), 1):
        entry = node(f"{this}#{number}")
        rows: list[tuple[str, ox.NamedNode | ox.Literal]] = [
            (RDF_TYPE, node(SH + "ValidationResult")),
            (SH + "resultSeverity", node(SH + result.severity.capitalize())),
            (SH + "resultMessage", ox.Literal(result.message)),
            (SH + "focusNode", node(result.focus.strip("<>"))),
        ]
        if ":" in result.rule:
            rows.append((SH + "sourceShape", node(result.rule)))
        triples.append(ox.Triple(node(this), node(SH + "result"), entry))
        triples += [ox.Triple(entry, node(predicate), value) for predicate, value in rows]
    return serialize(triples, ox.RdfFormat.TURTLE, {"sh": SH, "xsd": XSD})
