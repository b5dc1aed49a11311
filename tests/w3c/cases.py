"""The test cases of the W3C for SPARQL 1.0, 1.1 and 1.2 queries, as their manifests list them.

In: the archive of w3c/rdf-tests. Out: a `Case` for each test of evaluation, of syntax and of a format of results.
https://w3c.github.io/rdf-tests/sparql/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin

import pyoxigraph as ox

from tests.w3c.archives import RDF_TESTS, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

SUITES = ("sparql10", "sparql11", "sparql12")
_BASE = "https://w3c.github.io/rdf-tests/"  # the address of the archive's files
# Entailment is not offered, SERVICE is refused; the others are not about queries, or in words alone.
_LEFT_OUT = {
    *("entailment", "service", "syntax-fed"),
    *("protocol", "service-description", "graph-store-protocol", "http-rdf-update"),
}

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_FROM = re.compile(r"FROM\s+(?:NAMED\s+)?<([^>]*)>")
_EVALUATION = {MF + "QueryEvaluationTest", MF + "CSVResultFormatTest"}
_POSITIVE = {MF + "PositiveSyntaxTest", MF + "PositiveSyntaxTest11"}
_NEGATIVE = {MF + "NegativeSyntaxTest", MF + "NegativeSyntaxTest11"}


@dataclass(frozen=True, order=True)
class Dataset:
    """The graphs that a query is asked over: files of the default graph, and names with files of named graphs."""

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Case:
    """One test; files are addresses, `result` is None for a test of syntax."""

    name: str
    query: str
    is_right: bool
    dataset: Dataset = Dataset()
    result: str | None = None
    is_lax: bool = False  # REDUCED: how often a row comes is left open


def file(address: str) -> Path:
    """Path of the file with this address."""
    return unpacked(RDF_TESTS) / address.removeprefix(_BASE)


def parse(address: str) -> Iterator[ox.Quad]:
    """The triples of a file, with its own address as base."""
    path = file(address)
    format_ = ox.RdfFormat.from_extension(path.suffix[1:])
    assert format_ is not None, path
    return ox.parse(path.read_bytes(), format_, base_iri=address)


def read() -> list[Case]:
    """All cases about queries, those over one dataset beside each other."""
    found = [case for suite in SUITES for manifest in _manifests(suite) for case in _cases(suite, manifest)]
    return sorted(found, key=lambda case: (case.dataset, case.name))


def manifest_address(suite: str, part: str) -> str:
    """The address of the manifest of a part of a suite."""
    return f"{_BASE}sparql/{suite}/{part}/manifest.ttl"


def _manifests(suite: str) -> list[str]:
    parts = {path.parent.name for path in (unpacked(RDF_TESTS) / "sparql" / suite).glob("*/manifest.ttl")}
    return [manifest_address(suite, part) for part in sorted(parts - _LEFT_OUT)]


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
        query = _address(action)
        return Case(name, query, type_ in _POSITIVE) if query.endswith(".rq") else None
    if type_ not in _EVALUATION:
        return None
    assert isinstance(action, ox.BlankNode)
    query = urljoin(manifest, _address(_value(store, action, QT + "query")))
    default = [_address(node) for node in _values(store, action, QT + "data")]
    named = [_named_graph(store, node) for node in _values(store, action, QT + "graphData")]
    if not default and not named:
        named = [(address, address) for address in dict.fromkeys(_from(query))]
    return Case(
        name,
        query,
        is_right=True,
        dataset=Dataset(tuple(sorted(default)), tuple(sorted(named))),
        result=_address(result),
        is_lax=_value(store, test, MF + "resultCardinality") == ox.NamedNode(MF + "LaxCardinality"),
    )


def _named_graph(store: ox.Store, node: Term) -> tuple[str, str]:
    """The name of a graph and its file, which is its name unless the manifest tells one."""
    if isinstance(node, ox.NamedNode):
        return node.value, node.value
    label = _value(store, node, RDFS + "label")
    assert isinstance(label, ox.Literal)
    return label.value, _address(_value(store, node, QT + "graph"))


def _from(query: str) -> list[str]:
    """The files that a query names as its dataset."""
    named = _FROM.findall(file(query).read_text(encoding="utf-8"))
    found = [urljoin(query, name) for name in named]
    return [address for address in found if address.startswith(_BASE) and file(address).exists()]


def _value(store: ox.Store, subject: Term, predicate: str) -> Term | None:
    return next(_values(store, subject, predicate), None)


def _values(store: ox.Store, subject: Term, predicate: str) -> Iterator[Term]:
    assert isinstance(subject, ox.NamedNode | ox.BlankNode)
    return (quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None))


def _address(term: Term | None) -> str:
    assert isinstance(term, ox.NamedNode), term
    return term.value
