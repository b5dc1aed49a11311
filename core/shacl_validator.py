"""The SHACL validator that decides: shapes are compiled once, then any number of graphs is validated by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import shacl

from core.namespaces import SH
from core.rdf import blank_nodes_in, serialize

if TYPE_CHECKING:
    from core.rdf import Term

MOST_VIOLATIONS = 10_000  # that are looked for: data with one are not published
NO_VIOLATIONS = frozenset({SH + "Warning", SH + "Info"})  # severities; all others are violations
_DATA_LABEL = "0_b"  # what the validator's labels of blank nodes of the data begin with


class Validator:
    """Compiled shapes. A ValueError says what the validator cannot do."""

    def __init__(self, shapes: str) -> None:
        """shapes: N-Triples, with blank nodes as in core/shapes_file.py."""
        self._shapes = shacl.Shapes.from_text(shapes, format="ntriples")
        quads = ox.parse(shapes.encode(), ox.RdfFormat.N_TRIPLES)
        self._offset = len({term for quad in quads for term in blank_nodes_in(quad.triple)})

    def validate(self, data: bytes) -> tuple[bytes, int]:
        """The report of data, both N-Triples, and the number of violations; the report is empty without results."""
        # warnings that are allowed do not count as what stops the run
        report = self._shapes.validate_text(
            data.decode(), format="ntriples", inference="none", max_results=MOST_VIOLATIONS, allow_warnings=True
        )
        results = report.results
        if not results:
            return b"", 0
        violations = sum(result.severity_iri not in NO_VIOLATIONS for result in results)
        return _with_labels_of(data, report.serialize("ntriples").encode(), self._offset), violations


def _with_labels_of(data: bytes, report: bytes, offset: int) -> bytes:
    """The report with the data's labels of blank nodes. The validator numbers them in their order, from the offset."""
    triples = [quad.triple for quad in ox.parse(report, ox.RdfFormat.N_TRIPLES)]
    wanted = {term.value for triple in triples for term in blank_nodes_in(triple) if term.value.startswith(_DATA_LABEL)}
    if not wanted:
        return report
    with_label = b"".join(line for line in data.splitlines(keepends=True) if b"_:" in line)
    quads = ox.parse(with_label, ox.RdfFormat.N_TRIPLES)
    labels = dict.fromkeys(term for quad in quads for term in blank_nodes_in(quad.triple))
    named: dict[Term, ox.BlankNode] = {
        ox.BlankNode(label): term
        for number, term in enumerate(labels, offset)
        if (label := f"{_DATA_LABEL}{number}") in wanted
    }
    renamed = (ox.Triple(named.get(t.subject, t.subject), t.predicate, named.get(t.object, t.object)) for t in triples)
    return serialize(renamed, ox.RdfFormat.N_TRIPLES)
