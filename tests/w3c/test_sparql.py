"""The endpoint passes the W3C's tests of SPARQL 1.0, 1.1 and 1.2 queries, but for those named with their cause.

In: the archive of the suites. Each dataset of theirs is built as a release of its own, with no other graphs, and one
server has them all below `/release/<id>/`; queries come to it over HTTP and name no dataset. `deviations.tsv` names
what does not pass, or passes by a laxer comparison, and why; what is better than it says there fails the run.
"""

from __future__ import annotations

import csv
import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
import pytest

from core.rdf import serialize
from release import writer
from release.manifest import Dataset as Description
from release.source import Source
from tests.conftest import PATIENCE, ROOT
from tests.server.conftest import serving, silent
from tests.w3c import answers, cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.w3c.answers import Answer
    from tests.w3c.cases import Case, Dataset

PASSED, BY_VALUE, FAILED = "passed", "by value", "failed"
CASES = cases.read()
with (Path(__file__).parent / "deviations.tsv").open(encoding="utf-8") as lines:
    DEVIATIONS = {row["test"]: row for row in csv.DictReader(lines, delimiter="\t")}
_SHOWN = 2000  # characters of what is not equal
_ORDER_BY = re.compile(r"\bORDER\s+BY\b[^}]*\Z", re.IGNORECASE)


class Reply(NamedTuple):
    """The answer to one request."""

    status: int
    media_type: str
    body: bytes


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Dataset, str]]:
    """The address of the endpoint over each dataset."""
    folder = tmp_path_factory.mktemp("w3c")
    datasets = dict.fromkeys(case.dataset for case in CASES)
    releases = {dataset: build(dataset, folder, number) for number, dataset in enumerate(datasets)}
    with serving(folder, workers=1) as service:
        yield {dataset: f"{service.url}/release/{release}/sparql" for dataset, release in releases.items()}


def build(dataset: Dataset, folder: Path, number: int) -> str:
    """The id of a release of the dataset."""
    graphs: list[tuple[ox.NamedNode | ox.DefaultGraph, str]] = [(ox.DefaultGraph(), file) for file in dataset.default]
    graphs += [(ox.NamedNode(name), address) for name, address in dataset.named]
    quads = [quad for graph, address in graphs for quad in read_graph(graph, address)]
    description = Description({"en": "A dataset of the tests"})
    source = Source([serialize(quads, ox.RdfFormat.N_QUADS)], f"http://data.example/{number}/", description)
    return writer.build(source, folder, silent).id


def read_graph(graph: ox.NamedNode | ox.DefaultGraph, address: str) -> Iterator[ox.Quad]:
    """The triples of a file, with blank nodes of its own, and the named graphs that it has itself."""
    text = ox.serialize(cases.parse(address), format=ox.RdfFormat.N_QUADS)
    assert text is not None
    for quad in ox.parse(text, ox.RdfFormat.N_QUADS, rename_blank_nodes=True):
        in_default = isinstance(quad.graph_name, ox.DefaultGraph)
        yield ox.Quad(quad.subject, quad.predicate, quad.object, graph if in_default else quad.graph_name)


def test_deviations_are_of_the_suites() -> None:
    assert DEVIATIONS.keys() <= {case.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_query(endpoints: dict[Dataset, str], case: Case) -> None:
    known = DEVIATIONS.get(case.name, {"outcome": PASSED, "cause": ""})
    text = cases.file(case.query).read_bytes()
    if case.result is None:
        reply = ask(endpoints[case.dataset], text, "*/*")
        assert reply.status in {200, 400}, reply
        outcome, shown = PASSED if (reply.status == 200) == case.is_right else FAILED, str(reply)[:_SHOWN]
    else:
        outcome, shown = evaluate(endpoints[case.dataset], text, case)
    assert outcome == known["outcome"], shown
    if outcome == FAILED:
        pytest.xfail(known["cause"])


def evaluate(endpoint: str, text: bytes, case: Case) -> tuple[str, str]:
    """How the answer to a query compares, and what is to be seen of it."""
    assert case.result is not None
    suffix = Path(case.result).suffix
    accept = {".csv": "text/csv", ".tsv": "text/tab-separated-values"}.get(suffix)
    # a file's own address is its base
    base = f"BASE <{case.query}>\n".encode()
    reply = ask(endpoint, base + text, accept or "application/sparql-results+json, application/n-triples")
    if reply.status != 200:
        return FAILED, str(reply)
    given, expected = parsed(reply), answers.expected(case.result)
    ordered, counted = _ORDER_BY.search(text.decode()) is not None, not case.is_lax
    outcome = FAILED
    for way in (BY_VALUE, PASSED):
        one, other = (
            answers.comparable(answer, ordered=ordered, counted=counted, by_value=way == BY_VALUE)
            for answer in (given, expected)
        )
        outcome = way if one == other else outcome
    return outcome, f"{given}\nexpected: {expected}"[:_SHOWN]


def parsed(reply: Reply) -> Answer:
    if reply.media_type == "application/n-triples":
        return answers.graph(reply.body)
    if reply.media_type == "text/csv":
        return answers.table(reply.body)
    json_, tsv = ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.TSV
    return answers.results(reply.body, json_ if "json" in reply.media_type else tsv)


def ask(endpoint: str, query: bytes, accept: str) -> Reply:
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    try:
        with urllib.request.urlopen(urllib.request.Request(endpoint, query, headers), timeout=PATIENCE) as response:
            return Reply(response.status, response.headers.get_content_type(), response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers.get_content_type(), error.read())


def test_the_table_of_conformance_tells_the_figures() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| SPARQL (1\.\d) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    told = {f"sparql{version.replace('.', '')}": tuple(map(int, counts)) for version, *counts in rows}
    every = Counter(case.name.partition("/")[0] for case in CASES)
    of = Counter((name.partition("/")[0], row["outcome"]) for name, row in DEVIATIONS.items())
    assert told == {name: (n, n - of[name, FAILED], of[name, BY_VALUE], of[name, FAILED]) for name, n in every.items()}
