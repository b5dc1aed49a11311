"""`build --shapes` passes the W3C's tests of SHACL (https://w3c.github.io/data-shapes/data-shapes-test-suite/).

In: each test's data and shapes. Out: the validation report, equal to the expected one but for the names of blank nodes
and for messages that no shape gives; exit code 1 for violations, 0 for warnings, 3 where the suite expects a failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import url2pathname

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from cli.main import main
from core.namespaces import RDF, RDF_TYPE, SH
from core.rdf import nquads
from core.reach import read_reach
from core.shacl_validator import Validator
from core.shapes_file import ShapesFile
from core.validation import described, in_order, read_results
from release.shacl_process import reports
from tests.conftest import parkgraph
from tests.w3c.archives import SHACL_TESTS, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.rdf import Term

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
BASE = "http://example.org/"
# the properties of results by which reports are compared, and those by which paths are described
OF_RESULTS = {
    SH + name
    for name in ("focusNode", "resultPath", "resultSeverity", "value", "sourceConstraintComponent", "sourceShape")
}
# tests of what is not validated by focus: constraint components of one's own, and a query over the shapes
UNBOUNDED = ("sparql/component/", "sparql/pre-binding/shapesGraph")
IN_PROCESSES = ("core/complex/personexample", "core/misc/severity-002", "sparql/pre-binding/unsupported-sparql-004")


@dataclass(frozen=True)
class Case:
    """One test. report: the triples of the file that has the expected report, and its node; None: a failure."""

    name: str
    data: Path
    shapes: Path
    report: tuple[list[ox.Triple], Term] | None


def read(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.rglob("*.ttl")):
        triples = [quad.triple for quad in ox.parse(path=path, base_iri=path.as_uri())]
        for test in subjects(triples, RDF_TYPE, ox.NamedNode(SHT + "Validate")):
            (action,), (result,) = objects(triples, test, MF + "action"), objects(triples, test, MF + "result")
            data, shapes = (
                Path(url2pathname(iri.value.removeprefix("file://")))
                for part in ("dataGraph", "shapesGraph")
                for iri in objects(triples, action, SHT + part)
                if isinstance(iri, ox.NamedNode)
            )
            name = path.relative_to(folder).with_suffix("").as_posix()
            yield Case(name, data, shapes, None if result == ox.NamedNode(SHT + "Failure") else (triples, result))


def subjects(triples: list[ox.Triple], predicate: str, value: Term) -> list[Term]:
    return [t.subject for t in triples if t.predicate.value == predicate and t.object == value]


def objects(triples: list[ox.Triple], subject: Term, predicate: str) -> list[Term]:
    return [t.object for t in triples if t.subject == subject and t.predicate.value == predicate]


CASES = list(read(unpacked(SHACL_TESTS) / "data-shapes-test-suite" / "tests"))


def test_there_are_as_many_as_the_w3c_counts() -> None:
    assert len(CASES) == 121


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_is_as_expected(case: Case, tmp_path: Path) -> None:
    report = tmp_path / "report.ttl"
    arguments = ["build", "--quiet", "--rdf", case.data, "--shapes", case.shapes, "--base", BASE]
    arguments += ["--releases", tmp_path / "releases", "--report", report, "--second-opinion", 0]
    if case.name in IN_PROCESSES:
        done = parkgraph(*arguments, check=False)
        exit_code, output, errors = done.returncode, done.stdout, done.stderr
    else:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        exit_code, output, errors = result.exit_code, result.stdout, result.stderr
    if case.report is None:
        assert (exit_code, output, errors.count("\n")) == (3, "", 1)
        assert not (tmp_path / "releases" / "current").exists()
        return
    assert "Traceback" not in errors
    triples = [quad.triple for quad in ox.parse(path=report)]
    (node,) = subjects(triples, RDF_TYPE, ox.NamedNode(SH + "ValidationReport"))
    assert compared(triples, node) == compared(*case.report)
    severities = {t.object for t in triples if t.predicate.value == SH + "resultSeverity"}
    blocking = severities - {ox.NamedNode(SH + "Warning"), ox.NamedNode(SH + "Info")}
    assert exit_code == bool(blocking)
    assert (tmp_path / "releases" / "current").exists() == (not blocking)


@pytest.mark.parametrize("case", [case for case in CASES if case.report], ids=lambda case: case.name)
def test_subject_by_subject_finds_the_same(case: Case, tmp_path: Path) -> None:
    """In: blocks of one subject each. Out: the results of one run over the whole data."""
    shapes = ShapesFile.read(case.shapes, BASE)
    quads = ox.parse(path=case.data, base_iri=case.data.as_uri())
    data = tmp_path / "data.nt"
    data.write_bytes(b"".join(sorted(set(nquads(quads).splitlines(keepends=True)))))
    whole, _ = Validator(shapes.ntriples()).validate(data.read_bytes())
    described_shapes = described(shapes.ntriples())
    parts = [part["report"] for part in reports(shapes, data, size=1) if "report" in part]
    found = in_order(result for part in parts for result in read_results(part, described_shapes))
    assert found == in_order(read_results(whole.decode(), described_shapes))
    bounded = not read_reach(shapes.triples).unbounded
    assert bounded or case.name.startswith(UNBOUNDED)


def compared(triples: list[ox.Triple], report: Term) -> frozenset[str]:
    """A report without messages and without the names of its results and of blank nodes."""
    dataset = ox.Dataset()
    (conforms,) = objects(triples, report, SH + "conforms")
    dataset.add(ox.Quad(ox.NamedNode("urn:report"), ox.NamedNode(SH + "conforms"), conforms))
    for node in objects(triples, report, SH + "result"):
        result = ox.BlankNode()
        for triple in triples:
            if triple.subject == node and triple.predicate.value in OF_RESULTS:
                dataset.add(ox.Quad(result, triple.predicate, triple.object))
        for path in objects(triples, node, SH + "resultPath"):
            for triple in about(triples, path):
                dataset.add(ox.Quad(*triple))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(str(quad) for quad in dataset)


def about(triples: list[ox.Triple], node: Term) -> Iterator[ox.Triple]:
    """The triples of a path that is a blank node."""
    if isinstance(node, ox.BlankNode):
        for triple in triples:
            if triple.subject == node and triple.predicate.value.startswith((SH, RDF)):
                yield triple
                yield from about(triples, triple.object)
