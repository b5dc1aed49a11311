"""Answers in a form that can be compared: blank nodes by what is said of them, rows with how often they come."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tests.w3c.cases import RDF, file, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.w3c.cases import Term

_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_OURS = "urn:x-answer:"
_FORMATS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}


def expected(address: str, *, ordered: bool) -> object:
    """What a result file of the suite says."""
    path = file(address)
    if path.suffix == ".csv":
        return table(path.read_bytes())
    if path.suffix in _FORMATS:
        return results(path.read_bytes(), _FORMATS[path.suffix], ordered=ordered)
    store = ox.Store()
    triples = [quad.triple for quad in parse(address)]
    store.extend(ox.Quad(*triple) for triple in triples)
    sets = list(store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(_RS + "ResultSet")))
    return _result_set(triples, sets[0].subject, ordered=ordered) if sets else graph(triples)


def distinct(answer: object) -> object:
    """An answer to SELECT without how often its rows come: rows are blank nodes, so equal ones differ in name."""
    assert isinstance(answer, tuple)
    names, _, quads = answer
    rows: dict[str, set[str]] = {}
    for quad in quads:
        node, said = quad.split(" ", 1)
        rows.setdefault(node, set()).add(said)
    return names, {frozenset(said) for said in rows.values()}


def results(body: bytes, format_: ox.QueryResultsFormat, *, ordered: bool) -> object:
    parsed = ox.parse_query_results(body, format_)
    if isinstance(parsed, ox.QueryBoolean):
        return bool(parsed)
    names = [variable.value for variable in parsed.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in parsed]
    return _rows(names, rows, ordered=ordered)


def graph(triples: Iterable[ox.Triple]) -> object:
    return _canonical(triples)


def table(body: bytes) -> object:
    """A CSV result; what a blank node is called is no part of it."""
    rows = csv.DictReader(io.StringIO(body.decode()))
    return sorted(
        sorted((name, value[:2] if value.startswith("_:") else value) for name, value in row.items()) for row in rows
    )


def _result_set(triples: list[ox.Triple], node: ox.NamedNode | ox.BlankNode | ox.Triple, *, ordered: bool) -> object:
    """A result in the vocabulary that the first working group had for them."""
    said: dict[object, dict[str, list[Term]]] = {}
    for triple in triples:
        name = triple.predicate.value.removeprefix(_RS)
        said.setdefault(triple.subject, {}).setdefault(name, []).append(triple.object)
    if "boolean" in said[node]:
        return _text(said[node]["boolean"][0]) == "true"
    names = [_text(variable) for variable in said[node].get("resultVariable", [])]
    solutions = [said[solution] for solution in said[node].get("solution", [])]
    ordered = ordered and all("index" in solution for solution in solutions)
    if ordered:
        solutions.sort(key=lambda solution: int(_text(solution["index"][0])))
    rows = [
        {_text(said[binding]["variable"][0]): said[binding]["value"][0] for binding in solution.get("binding", [])}
        for solution in solutions
    ]
    return _rows(names, rows, ordered=ordered)


def _text(term: Term) -> str:
    assert isinstance(term, ox.Literal)
    return term.value


def _rows(names: list[str], rows: list[dict[str, Term]], *, ordered: bool) -> object:
    """Each row as a blank node, which makes equal rows several and lets blank nodes be compared over all rows."""

    def triples() -> Iterator[ox.Triple]:
        for number, row in enumerate(rows):
            node = ox.BlankNode()
            place = ox.Literal(number if ordered else 0)
            yield ox.Triple(node, ox.NamedNode(_OURS + "place"), place)
            for name, value in row.items():
                yield ox.Triple(node, ox.NamedNode(_OURS + name), value)

    return sorted(names), len(rows), _canonical(triples())


def _canonical(triples: Iterable[ox.Triple]) -> frozenset[str]:
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(str(quad) for quad in dataset)
