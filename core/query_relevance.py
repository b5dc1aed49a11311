"""Which changes of the data can change the result of a query: its `stars`.

A result depends on the data by the solutions of triple patterns alone. A triple takes part in one only if it matches a
pattern, and if its subject has triples for the other patterns with the same subject which that one is joined with:
together they are a star. Operators of the algebra (https://www.w3.org/TR/sparql11-query/#sparqlAlgebra) are read one by
one, with the patterns that hold in all solutions which theirs are joined with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rdflib import BNode, Literal, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath

from core.automaton import UnboundedError
from core.ntriples import encode_iri
from core.query_reach import EXISTS, read_algebra, read_calls, walk
from core.stars import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from core.stars import Star, Terms

    Triple: TypeAlias = tuple[Any, Any, Any]
    # a variable by a name that no variable of another scope has
    Scope: TypeAlias = Callable[[Any], object]

_VOLATILE = frozenset(f"Builtin_{name}" for name in ("NOW", "RAND", "UUID", "STRUUID", "BNODE"))
SAME_SOLUTIONS = frozenset({"Filter", "OrderBy", "Extend", "Distinct", "Reduced", "ToMultiSet", "Project"})


def read_stars(query: str) -> tuple[Star, ...] | None:
    """The stars of a query over the default graph; None if what it depends on is not known."""
    try:
        algebra = read_algebra(query)
        if not is_stable(algebra):
            return None
        reader = _Reader()
        reader.read(algebra.p, _Joined((), {}), lambda variable: variable)
    except (UnboundedError, RecursionError):
        return None
    return tuple(sorted(reader.stars, key=repr))


def is_stable(algebra: Any) -> bool:
    """Whether a query is about the default graph, and has the same result each time over the same data."""
    volatile = any(part.name in _VOLATILE for part in walk(algebra))
    return not (volatile or algebra.datasetClause or read_calls(algebra))


class _Joined(NamedTuple):
    """What holds in all solutions of a part. patterns: subject, predicate and object. values: variable → its values."""

    patterns: tuple[Triple, ...]
    values: Mapping[object, Terms]

    def __add__(self, other: Any) -> _Joined:
        return _Joined((*self.patterns, *other.patterns), {**self.values, **other.values})


_NOTHING = _Joined((), {})


class _Reader:
    """Collects the stars of all patterns."""

    def __init__(self) -> None:
        self.stars: set[Star] = set()

    def read(self, part: Any, joined: _Joined, scope: Scope) -> None:
        """Read a part of the algebra. joined: what holds in all solutions that those of the part are joined with.

        Of what is optional, or taken away, that is what it is optional to: a solution of it may undo a join.
        """
        if part.name == "BGP":
            found = [step for triple in part.triples for step in steps(*scoped(triple, scope))]
            own = joined + _Joined(tuple(triple for triple, certain in found if certain), {})
            for triple, _ in found:
                self._add(triple, own)
        elif part.name in {"Join", "Union"}:
            both = part.name == "Join"
            self.read(part.p1, joined + _required(part.p2, scope) if both else joined, scope)
            self.read(part.p2, joined + _required(part.p1, scope) if both else joined, scope)
        elif part.name in {"LeftJoin", "Minus"}:
            self.read(part.p1, joined, scope)
            self.read(part.p2, _required(part.p1, scope), scope)
        elif part.name == "AggregateJoin":
            self.read(part.p.p, _NOTHING, hidden(part, frozenset(), scope))
            self._exists([part.A, part.p.expr], _NOTHING, scope)
        elif part.name in SAME_SOLUTIONS:
            inner = hidden(part, frozenset(part.PV), scope) if part.name == "Project" else scope
            self.read(part.p, joined, inner)
        elif part.name == "Slice":
            self.read(part.p, _NOTHING, scope)
        elif part.name != "values":
            raise UnboundedError(f"it is not known what {part.name} depends on")
        if part.expr:
            self._exists(part.expr, _required(part.p or part.p1, scope), scope)

    def _exists(self, expression: Any, joined: _Joined, scope: Scope) -> None:
        for value in walk(expression, into_patterns=False):
            if value.name in EXISTS:
                self.read(value.graph, joined, scope)

    def _add(self, triple: Triple, joined: _Joined) -> None:
        others = {other for other in joined.patterns if other[0] == triple[0] and other != triple}
        patterns = {pattern_of(other, joined.values) for other in others}
        own = pattern_of(triple, joined.values)
        self.stars.add((own, *sorted(patterns - {own}, key=repr)))


def _required(part: Any, scope: Scope) -> _Joined:
    """What holds in all solutions of a part, as far as it is told."""
    if part.name == "BGP":
        found = (step for triple in part.triples for step in steps(*scoped(triple, scope)))
        return _Joined(tuple(triple for triple, certain in found if certain), {})
    if part.name == "Join":
        return _required(part.p1, scope) + _required(part.p2, scope)
    if part.name in {"LeftJoin", "Minus"}:
        return _required(part.p1, scope)
    if part.name == "Project":
        return _required(part.p, hidden(part, frozenset(part.PV), scope))
    if part.name in SAME_SOLUTIONS:
        return _required(part.p, scope)
    return _Joined((), _values(part.res, scope)) if part.name == "values" else _NOTHING


def _values(rows: list[Mapping[Any, Any]], scope: Scope) -> dict[object, Terms]:
    """The variables that have an IRI in each row, and these."""
    found: dict[object, Terms] = {}
    for variable in rows[0] if rows else ():
        terms = [row.get(variable) for row in rows]
        if all(isinstance(term, URIRef) for term in terms):
            found[scope(variable)] = frozenset(encode_iri(str(term)) for term in terms)
    return found


def hidden(part: Any, visible: frozenset[Any], scope: Scope) -> Scope:
    """The scope within a part of which these variables are visible outside."""
    return lambda variable: scope(variable) if variable in visible else (id(part), variable)


def scoped(triple: Triple, scope: Scope) -> Triple:
    subject, predicate, value = (scope(term) if isinstance(term, Variable) else term for term in triple)
    return subject, predicate, value


def steps(subject: Any, path: Any, value: Any) -> Iterator[tuple[Triple, bool]]:
    """The patterns without paths that one with a path stands for, and whether each holds in all its solutions."""
    if isinstance(path, InvPath):
        yield from steps(value, path.arg, subject)
    elif isinstance(path, SequencePath):
        nodes = [subject, *(BNode() for _ in path.args[1:]), value]
        for number, part in enumerate(path.args):
            yield from steps(nodes[number], part, nodes[number + 1])
    elif isinstance(path, AlternativePath):
        if all(isinstance(part, URIRef) for part in path.args):
            yield (subject, tuple(path.args), value), True
        else:
            parts = (step for part in path.args for step in steps(subject, part, value))
            yield from ((step, False) for step, _ in parts)
    elif isinstance(path, MulPath) and path.mod == "+":
        yield from ((step, False) for step, _ in steps(BNode(), path.path, BNode()))
    elif isinstance(path, MulPath):
        raise UnboundedError("a path of no length begins at every node")
    elif isinstance(path, NegatedPath):
        yield (subject, None, value), False
        yield (value, None, subject), False
    else:
        yield (subject, path, value), True


def pattern_of(triple: Triple, values: Mapping[object, Terms]) -> Pattern:
    return Pattern(*(_terms(term, values) for term in triple))


def _terms(term: Any, values: Mapping[object, Terms]) -> Terms:
    """What may stand in the place of a term; literals are equal by their values, so that others count too."""
    if isinstance(term, URIRef):
        return frozenset({encode_iri(str(term))})
    if isinstance(term, tuple) and all(isinstance(part, URIRef) for part in term):
        return frozenset(encode_iri(str(part)) for part in term)
    return None if isinstance(term, Literal) else values.get(term)
