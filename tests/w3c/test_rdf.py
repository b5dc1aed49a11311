"""The W3C's tests of RDF 1.1 and 1.2: Turtle, TriG, N-Triples, N-Quads and RDF/XML, as published RDF files.

In: every test of the manifests. Out: the quads that the reader of RDF files gives for it, compared with the expected
ones or, for wrong files, a refusal with line and column. Some go through a whole build as well.
"""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.errors import InputError
from release.rdf_reader import FileEnd, RdfFile, read
from release.reader import NQUADS, open_release
from tests.conftest import parkgraph
from tests.w3c.archives import RDF_TESTS, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUITES = unpacked(RDF_TESTS)
ADDRESS = "https://w3c.github.io/rdf-tests/"  # of the folder of the suites
PARTS = (
    *(f"rdf/rdf11/rdf-{name}" for name in ("turtle", "trig", "n-triples", "n-quads", "xml")),
    *(f"rdf/rdf12/rdf-{name}" for name in ("turtle/eval", "turtle/syntax", "trig/eval", "trig/syntax", "xml/eval")),
    *(f"rdf/rdf12/rdf-{name}" for name in ("n-triples/syntax", "n-triples/c14n", "n-quads/syntax", "n-quads/c14n")),
)
TESTS = 1324
# What is not passed, and why.
DEVIATIONS = {
    **{
        f"rdf/rdf12/rdf-{name}/c14n/{test}": "tags keep their case"
        for name in ("n-triples", "n-quads")
        for test in ("langtagged_string", "dirlangtagged_string")
    },
    "rdf/rdf12/rdf-n-triples/c14n/triple-term-02": "blank nodes get names of their own",
    "rdf/rdf12/rdf-n-quads/c14n/triple-term-02": "blank nodes get names of their own",
}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"


@dataclass(frozen=True)
class Case:
    """One test. kind: Eval, PositiveSyntax, NegativeSyntax or PositiveC14N; result: None for tests of syntax."""

    name: str
    kind: str
    action: str
    result: str | None

    @property
    def file(self) -> RdfFile:
        """The file to read, whose own address is its base."""
        return RdfFile(path(self.action), self.action)


def path(address: str) -> Path:
    return SUITES / address.removeprefix(ADDRESS)


def cases(part: str) -> list[Case]:
    manifest = f"{ADDRESS}{part}/manifest.ttl"
    store = ox.Store()
    store.load(path=path(manifest), format=ox.RdfFormat.TURTLE, base_iri=manifest)
    return list(_cases(store, part))


def _cases(store: ox.Store, part: str) -> Iterator[Case]:
    kinds = "(Eval|PositiveSyntax|NegativeSyntax|PositiveC14N)$"
    rows = store.query(
        f"PREFIX mf: <{MF}> SELECT ?test ?type ?action ?result {{ ?test a ?type ; mf:action ?action"
        f" FILTER REGEX(STR(?type), '{kinds}') OPTIONAL {{ ?test mf:result ?result }} }} ORDER BY ?test"
    )
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        test, type_, action, result = (row[name] for name in ("test", "type", "action", "result"))
        assert isinstance(test, ox.NamedNode)
        assert isinstance(type_, ox.NamedNode)
        assert isinstance(action, ox.NamedNode)
        assert isinstance(result, ox.NamedNode | None)
        kind = next(kind for kind in kinds.strip("()$").split("|") if type_.value.endswith(kind))
        name = f"{part}/{test.value.rpartition('#')[2]}"
        yield Case(name, kind, action.value, result.value if result else None)


def lines(case: Case) -> bytes:
    return b"".join(part for part in read([case.file]) if not isinstance(part, FileEnd))


def dataset(data: bytes, extension: str) -> ox.Dataset:
    rdf_format = ox.RdfFormat.from_extension(extension)
    assert rdf_format
    found = ox.Dataset(ox.parse(data, rdf_format))
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def failure(case: Case) -> str:
    """Why the test is not passed; empty if it is."""
    try:
        found = lines(case)
    except InputError as error:
        place = str(error).removeprefix(str(path(case.action))).split(":")
        has_place = place[0] == "" and place[1].isdecimal() and place[2].isdecimal()
        return "" if case.kind == "NegativeSyntax" and has_place else str(error)
    if case.kind == "NegativeSyntax":
        return "it is not refused"
    if case.result is None:
        return ""
    expected = path(case.result).read_bytes()
    if case.kind == "PositiveC14N":
        return "" if sorted(found.splitlines()) == sorted(expected.splitlines()) else "other lines"
    same = dataset(found, "nq") == dataset(expected, case.result.rpartition(".")[2])
    return "" if same else "other quads"


@pytest.mark.parametrize("part", PARTS)
def test_files_are_read_as_the_suite_says(part: str) -> None:
    found = {case.name: why for case in cases(part) if (why := failure(case))}
    assert found.keys() == {name for name in DEVIATIONS if name.startswith(part)}, found


def test_every_test_is_run() -> None:
    names = Counter(f"{case.kind} {case.name}" for part in PARTS for case in cases(part))
    assert names.total() == TESTS


@pytest.mark.parametrize(
    "name",
    [
        "rdf/rdf11/rdf-turtle/turtle-subm-27",
        "rdf/rdf11/rdf-trig/alternating_bnode_graphs",
        "rdf/rdf11/rdf-xml/xml-canon-test001",
    ],
)
def test_a_build_publishes_what_the_suite_says(name: str, tmp_path: Path) -> None:
    (case,) = (case for case in cases(name.rpartition("/")[0]) if case.name == name and case.kind == "Eval")
    base_of = f"{path(case.action)}={case.action}"
    parkgraph(
        "build", "--quiet", "--no-union", "--rdf", path(case.action), "--base-of", base_of, "--releases", tmp_path
    )
    published = gzip.decompress((open_release(tmp_path).path / NQUADS).read_bytes())
    assert case.result
    expected = dataset(path(case.result).read_bytes(), case.result.rpartition(".")[2])
    assert dataset(published, "nq") == expected
