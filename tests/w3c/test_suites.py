"""The endpoint passes the W3C's tests of SPARQL 1.0 and 1.1 queries, but for those that are named with their reason.

One release holds every file of the suites as a graph of its own; each query names its dataset by the protocol.
"""

from __future__ import annotations

import csv
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.rdf import serialize
from tests.conftest import PATIENCE, ROOT, parkgraph
from tests.server.conftest import serving
from tests.w3c import answers, cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Service
    from tests.w3c.cases import Case

CASES = cases.read()
NO_GRAPH = "urn:x-empty"
with (Path(__file__).parent / "deviations.tsv").open(encoding="utf-8") as lines:
    DEVIATIONS = {row["test"]: row["reason"] for row in csv.DictReader(lines, delimiter="\t")}

if not CASES:
    pytest.skip("the suites are not at hand: `make test` brings them", allow_module_level=True)


def test_deviations_are_of_the_suites() -> None:
    assert DEVIATIONS.keys() <= {case.name for case in CASES}


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("w3c")
    files = {address for case in CASES for address in (*case.default_graphs, *case.named_graphs)}
    files |= {address for case in CASES if case.result for address in _from(case)}
    quads = [quad for address in sorted(files) for quad in _graph(address)]
    (folder / "all.nq").write_bytes(serialize(quads, ox.RdfFormat.N_QUADS))
    parkgraph("build", "--quiet", "--rdf", folder / "all.nq", "--releases", folder / "releases")
    with serving(folder / "releases") as service:
        yield service


def _from(case: Case) -> list[str]:
    """The files that a query names itself, as far as they are there."""
    named = re.findall(r"FROM\s+(?:NAMED\s+)?<([^>]*)>", cases.file(case.query).read_text(encoding="utf-8"))
    found = [urllib.parse.urljoin(case.query, name) for name in named]
    return [address for address in found if address.startswith("http://www.w3.org/") and cases.file(address).exists()]


def _graph(address: str) -> Iterator[ox.Quad]:
    names: dict[ox.BlankNode, ox.BlankNode] = {}  # of this file alone

    for quad in cases.parse(address):
        subject, value = (
            names.setdefault(node, ox.BlankNode()) if isinstance(node, ox.BlankNode) else node
            for node in (quad.subject, quad.object)
        )
        assert not isinstance(subject, ox.Literal)
        yield ox.Quad(subject, quad.predicate, value, ox.NamedNode(address))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_query(suites: Service, case: Case, request: pytest.FixtureRequest) -> None:
    if case.name in DEVIATIONS:
        request.applymarker(pytest.mark.xfail(reason=DEVIATIONS[case.name], raises=AssertionError, strict=True))
    text = cases.file(case.query).read_bytes()
    if case.result is None:
        status, body, _ = _ask(suites, text, "*/*", [])
        assert (status == 200) == case.is_right, body[:500]
        assert status in {200, 400}
        return
    # a file's own address is its base; what the query says of its dataset holds where the manifest says nothing
    base = b"BASE <" + case.query.encode() + b">\n"
    graphs = [("default-graph-uri", address) for address in case.default_graphs]
    graphs += [("named-graph-uri", address) for address in case.named_graphs]
    if not graphs and not _from(case):
        graphs = [("default-graph-uri", NO_GRAPH)]
    suffix = Path(case.result).suffix
    accept = {".csv": "text/csv", ".tsv": "text/tab-separated-values"}.get(suffix)
    accept = accept or "application/sparql-results+json, application/n-triples"
    status, body, media_type = _ask(suites, base + text, accept, graphs)
    assert status == 200, body[:500]
    ordered = bool(re.search(rb"\bORDER\s+BY\b", text, re.IGNORECASE))
    given, expected = _read(body, media_type, ordered=ordered), answers.expected(case.result, ordered=ordered)
    if case.is_lax:
        given, expected = answers.distinct(given), answers.distinct(expected)
    assert given == expected


def _read(body: bytes, media_type: str, *, ordered: bool) -> object:
    if media_type == "application/n-triples":
        return answers.graph(quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES))
    if media_type == "text/csv":
        return answers.table(body)
    json_, tsv = ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.TSV
    return answers.results(body, json_ if "json" in media_type else tsv, ordered=ordered)


def _ask(service: Service, query: bytes, accept: str, graphs: list[tuple[str, str]]) -> tuple[int, bytes, str]:
    address = f"{service.url}/sparql?{urllib.parse.urlencode(graphs)}"
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, query, headers), timeout=PATIENCE) as response:
            return response.status, response.read(), response.headers.get_content_type()
    except urllib.error.HTTPError as error:
        with error:
            problem = json.load(error)
            return error.code, json.dumps(problem).encode(), "application/problem+json"


def test_the_table_of_conformance_tells_the_figures() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| SPARQL (1\.\d) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    suites = {f"sparql{version.replace('.', '')}": tuple(map(int, counts)) for version, *counts in rows}
    every = Counter(case.name.partition("/")[0] for case in CASES)
    failing = Counter(name.partition("/")[0] for name in DEVIATIONS)
    assert suites == {name: (n, n - failing[name], failing[name]) for name, n in every.items()}
