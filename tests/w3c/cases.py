"""The test cases of the W3C for SPARQL 1.0 and 1.1 queries, as their manifests list them.

https://www.w3.org/2001/sw/DataAccess/tests/README.html
https://www.w3.org/2009/sparql/docs/tests/README.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin

import pyoxigraph as ox

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

SUITES = ROOT / ".venv" / "suites"
# Each suite: its folder, the address that its files have, and its list of manifests.
_ROOTS = {
    "sparql10": ("dawg-data-r2", "http://www.w3.org/2001/sw/DataAccess/tests/data-r2/"),
    "sparql11": ("sparql11", "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"),
}
# Updates are refused, entailment is not offered, SERVICE is refused; the last two manifests are descriptions alone.
_LEFT_OUT = frozenset({"entailment", "http-rdf-update", "service", "protocol", "service-description"})

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_FORMATS = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".rdf": ox.RdfFormat.RDF_XML}
_EVALUATION = {MF + "QueryEvaluationTest", MF + "CSVResultFormatTest"}
_POSITIVE = {MF + "PositiveSyntaxTest", MF + "PositiveSyntaxTest11"}
_NEGATIVE = {MF + "NegativeSyntaxTest", MF + "NegativeSyntaxTest11"}


@dataclass(frozen=True)
class Case:
    """One test; files are addresses within its suite, `result` is None for a test of syntax."""

    name: str
    query: str
    is_right: bool
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    result: str | None = None
    is_lax: bool = False  # REDUCED: how often a row comes is left open


def file(address: str) -> Path:
    """Path of the file with this address."""
    for folder, base in _ROOTS.values():
        if address.startswith(base):
            return SUITES / folder / address.removeprefix(base)
    raise ValueError(address)


def parse(address: str) -> Iterator[ox.Quad]:
    """The triples of a file, with its own address as base."""
    path = file(address)
    return ox.parse(path.read_bytes(), _FORMATS[path.suffix], base_iri=address)


def read() -> list[Case]:
    """All cases about queries; none where the suites are not at hand."""
    return [case for suite in _ROOTS for manifest in _manifests(suite) for case in _cases(suite, manifest)]


def _manifests(suite: str) -> list[str]:
    folder, base = _ROOTS[suite]
    paths = sorted((SUITES / folder).glob("*/manifest.ttl"))
    return [f"{base}{path.parent.name}/manifest.ttl" for path in paths if path.parent.name not in _LEFT_OUT]


def _cases(suite: str, manifest: str) -> Iterator[Case]:
    store = ox.Store()
    store.extend(parse(manifest))
    part = manifest.rsplit("/", 2)[1]
    for entries in store.quads_for_pattern(None, ox.NamedNode(MF + "entries"), None):
        for test in _items(store, entries.object):
            case = _case(store, f"{suite}/{part}", test, manifest)
            if case is not None:
                yield case


def _items(store: ox.Store, head: Term) -> Iterator[ox.NamedNode]:
    while isinstance(head, ox.BlankNode):
        first = _value(store, head, RDF + "first")
        assert isinstance(first, ox.NamedNode)
        yield first
        rest = _value(store, head, RDF + "rest")
        assert rest is not None
        head = rest


def _case(store: ox.Store, part: str, test: ox.NamedNode, manifest: str) -> Case | None:
    type_ = _address(_value(store, test, RDF + "type"))
    action, result = _value(store, test, MF + "action"), _value(store, test, MF + "result")
    name = f"{part}/{test.value.rpartition('#')[2]}"
    if type_ in _POSITIVE | _NEGATIVE:
        return Case(name, _address(action), type_ in _POSITIVE)
    if type_ not in _EVALUATION or isinstance(action, ox.NamedNode | None) or result is None:
        return None
    graphs = {kind: tuple(_all(store, action, QT + kind)) for kind in ("data", "graphData")}
    query = urljoin(manifest, _address(_value(store, action, QT + "query")))
    is_lax = _value(store, test, MF + "resultCardinality") == ox.NamedNode(MF + "LaxCardinality")
    return Case(
        name,
        query,
        is_right=True,
        default_graphs=graphs["data"],
        named_graphs=graphs["graphData"],
        result=_address(result),
        is_lax=is_lax,
    )


def _value(store: ox.Store, subject: Term, predicate: str) -> Term | None:
    assert isinstance(subject, ox.NamedNode | ox.BlankNode)
    quad = next(store.quads_for_pattern(subject, ox.NamedNode(predicate), None), None)
    return quad.object if quad else None


def _all(store: ox.Store, subject: Term, predicate: str) -> Iterator[str]:
    assert isinstance(subject, ox.NamedNode | ox.BlankNode)
    for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None):
        yield _address(quad.object)


def _address(term: Term | None) -> str:
    assert isinstance(term, ox.NamedNode), term
    return term.value
