"""Answers in forms that can be compared: blank nodes by what is said of them, rows with how often they come.

In: the body of an answer, or the address of a file that says what the answer is. Out: an `Answer`, of which
`comparable` makes a form that is equal for equal answers.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from tests.w3c.cases import RDF, file, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.w3c.cases import Term

_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_OURS = "urn:x-answer:"
_RESULTS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Rows:
    """The solutions of a SELECT query."""

    names: frozenset[str]
    rows: tuple[dict[str, Term], ...]


@dataclass(frozen=True)
class Table:
    """The rows of a CSV result, whose values are texts."""

    rows: tuple[dict[str, str], ...]


Answer: TypeAlias = bool | Rows | Table | frozenset[ox.Triple]


def expected(address: str) -> Answer:
    """What a result file of the suite says."""
    path = file(address)
    if path.suffix == ".csv":
        return table(path.read_bytes())
    if path.suffix in _RESULTS:
        return results(path.read_bytes(), _RESULTS[path.suffix])
    triples = [quad.triple for quad in parse(address)]
    sets = [
        t.subject for t in triples if t.predicate.value == RDF + "type" and t.object == ox.NamedNode(_RS + "ResultSet")
    ]
    return _result_set(triples, sets[0]) if sets else frozenset(triples)


def results(body: bytes, format_: ox.QueryResultsFormat) -> Answer:
    parsed = ox.parse_query_results(body, format_)
    if isinstance(parsed, ox.QueryBoolean):
        return bool(parsed)
    names = [variable.value for variable in parsed.variables]
    rows = ({name: row[name] for name in names if row[name] is not None} for row in parsed)
    return Rows(frozenset(names), tuple(rows))


def graph(body: bytes) -> Answer:
    return frozenset(quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES))


def table(body: bytes) -> Answer:
    return Table(tuple(csv.DictReader(io.StringIO(body.decode()))))


def comparable(answer: Answer, *, ordered: bool, counted: bool, by_value: bool) -> object:
    """A form that is equal for equal answers.

    ordered: by the order of rows too. counted: by how often a row comes. by_value: by the values of literals, where
    the engine writes a value of the same datatype in another form.
    """
    if isinstance(answer, bool):
        return answer
    if isinstance(answer, Table):
        cells = [sorted((name, _cell(value, by_value=by_value)) for name, value in row.items()) for row in answer.rows]
        return cells if ordered else sorted(cells)
    if isinstance(answer, Rows):
        rows = [{name: _term(value, by_value=by_value) for name, value in row.items()} for row in answer.rows]
        if not counted:
            rows = list({tuple(sorted(row.items(), key=str)): row for row in rows}.values())
        return sorted(answer.names), len(rows), _canonical(_as_triples(rows, ordered=ordered))
    return _canonical(ox.Triple(t.subject, t.predicate, _term(t.object, by_value=by_value)) for t in answer)


def _cell(value: str, *, by_value: bool) -> str:
    """A value in CSV; what a blank node is called is no part of it."""
    if value.startswith("_:"):
        return "_:"
    return repr(float(value)) if by_value and _NUMBER.fullmatch(value) else value


def _term(term: Term, *, by_value: bool) -> Term:
    """The term, as the engine stores it if its datatype stays what it is."""
    if not by_value or not isinstance(term, ox.Literal | ox.Triple):
        return term
    if isinstance(term, ox.Triple):
        return ox.Triple(term.subject, term.predicate, _term(term.object, by_value=True))
    node = ox.NamedNode(_OURS)
    store = ox.Store()
    store.add(ox.Quad(node, node, term))
    stored = next(iter(store)).object
    return stored if isinstance(stored, ox.Literal) and stored.datatype == term.datatype else term


def _result_set(triples: list[ox.Triple], node: ox.NamedNode | ox.BlankNode | ox.Triple) -> Answer:
    """A result in the vocabulary that the first working group had for them."""
    said: dict[object, dict[str, list[Term]]] = {}
    for triple in triples:
        name = triple.predicate.value.removeprefix(_RS)
        said.setdefault(triple.subject, {}).setdefault(name, []).append(triple.object)
    if "boolean" in said[node]:
        return _text(said[node]["boolean"][0]) == "true"
    names = frozenset(_text(variable) for variable in said[node].get("resultVariable", []))
    solutions = [said.get(solution, {}) for solution in said[node].get("solution", [])]
    solutions.sort(key=lambda solution: int(_text(solution["index"][0])) if "index" in solution else 0)
    return Rows(
        names,
        tuple(
            {_text(said[binding]["variable"][0]): said[binding]["value"][0] for binding in solution.get("binding", [])}
            for solution in solutions
        ),
    )


def _text(term: Term) -> str:
    assert isinstance(term, ox.Literal)
    return term.value


def _as_triples(rows: list[dict[str, Term]], *, ordered: bool) -> Iterator[ox.Triple]:
    """Each row as a blank node, which makes equal rows several and lets blank nodes be compared over all rows."""
    for number, row in enumerate(rows):
        node = ox.BlankNode()
        yield ox.Triple(node, ox.NamedNode(_OURS + "place"), ox.Literal(number if ordered else 0))
        for name, value in row.items():
            yield ox.Triple(node, ox.NamedNode(_OURS + name), value)


def _canonical(triples: Iterable[ox.Triple]) -> frozenset[str]:
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(str(quad) for quad in dataset)
