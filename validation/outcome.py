"""What a validation found, as a SHACL validation report, as text for people, or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from core.formats import RDF_XML, by_extension
from core.namespaces import RDF, RDF_TYPE, SH, XSD
from core.problems import Severity, as_rows, as_text
from core.rdf import notation, serialize
from core.validation import ValidationResult, report_triples
from server.model.serialization import CheckedTriples, checked_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.problems import Problem
    from core.rdf import Term

TEXT, JSON = "txt", "json"  # forms of an answer besides the extensions of RDF formats
_PREFIXES = {"sh": SH, "xsd": XSD, "rdf": RDF}


@dataclass(frozen=True)
class Outcome:
    """Problems in the order of their places, each with the result of SHACL or of a check that it tells, if it is one.

    base: IRI that those of the report begin with.
    """

    base: str
    found: tuple[tuple[Problem, ValidationResult | None], ...]

    @classmethod
    def of(cls, base: str, found: Mapping[Problem, ValidationResult | None]) -> Outcome:
        return cls(base, tuple(sorted(found.items(), key=lambda pair: pair[0].place)))

    @property
    def violations(self) -> int:
        return sum(problem.severity is Severity.VIOLATION for problem, _ in self.found)

    def write(self, form: str) -> bytes:
        """In a form, TEXT, JSON or the extension of an RDF format; UnwritableError where that cannot hold it."""
        problems = [problem for problem, _ in self.found]
        if form == TEXT:
            return as_text(problems).encode()
        if form == JSON:
            return json.dumps(as_rows(problems), ensure_ascii=False).encode()
        format_ = by_extension(form)
        assert format_ is not None  # noqa: S101 - the server has negotiated it
        results = [result or self._result(problem) for problem, result in self.found]
        triples = report_triples(results, self.base)
        report = triples[0].subject
        checked = CheckedTriples(sorted(triples, key=lambda triple: triple.subject != report), format_)
        data = serialize(checked, format_.rdf, _PREFIXES)
        return checked_xml(data) if format_ is RDF_XML else data

    def _result(self, problem: Problem) -> ValidationResult:
        """What the report says of a problem of reading: its focus node is the file, its message has the place in it."""
        file = ox.NamedNode(f"{self.base}validate#{quote(problem.place.file)}")
        message = ox.Literal(str(problem))
        severity = ox.NamedNode(SH + problem.severity.capitalize())
        said: dict[str, Term] = {
            RDF_TYPE: ox.NamedNode(SH + "ValidationResult"),
            SH + "focusNode": file,
            SH + "resultSeverity": severity,
            SH + "resultMessage": message,
        }
        return ValidationResult(
            notation(file), problem.code, problem.severity, message.value, properties=tuple(said.items())
        )
