"""Whether new solutions of a query are found about one subject at a time, and what they are compared with.

A query is *local* if each of its solutions rests on triples of one subject, beside what it takes away by MINUS and
FILTER NOT EXISTS, and does not depend on how many solutions there are. If a local query has no solution, and nothing
goes that it takes away, then a solution comes only about a subject of which triples come: it is there over the triples
of these subjects and all those that match the patterns of what is taken away.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from rdflib import URIRef, Variable

from core.automaton import UnboundedError
from core.query_reach import EXISTS, read_algebra, walk
from core.query_relevance import SAME_SOLUTIONS, hidden, is_stable, pattern_of, scoped, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.query_relevance import Scope
    from core.stars import Pattern

    # for each alternative of a part the subjects of its patterns
    Subjects = list[frozenset[Any]]


def read_exclusions(query: str) -> tuple[Pattern, ...] | None:
    """The patterns of what a local query over the default graph takes away; None if it is not known to be local."""
    try:
        algebra = read_algebra(query)
        if not is_stable(algebra):
            return None
        reader = _Reader(_counted(algebra.p))
        alternatives = reader.read(algebra.p, lambda variable: variable)
    except (UnboundedError, RecursionError):
        return None
    is_local = all(len(subjects) <= 1 for subjects in alternatives)
    return tuple(sorted(reader.exclusions, key=repr)) if is_local else None


class _Reader:
    """Reads the subjects of a query, and collects the patterns of what it takes away."""

    def __init__(self, counted: frozenset[Any]) -> None:
        """counted: variables whose values depend on several solutions."""
        self.exclusions: set[Pattern] = set()
        self._counted = counted

    def read(self, part: Any, scope: Scope) -> Subjects:
        """The subjects of a part of the algebra; UnboundedError if its solutions are not told one by one."""
        name, first, inner = part.name, part.p1 or part.p, scope
        if name == "BGP":
            return [_subjects(part, scope, self._counted)]
        if name == "values":
            return [frozenset()]
        if name in {"Join", "Union"}:
            one, other = self.read(part.p1, scope), self.read(part.p2, scope)
            return one + other if name == "Union" else [left | right for left, right in product(one, other)]
        if name == "Minus":
            self._exclude(part.p2)
        elif name == "AggregateJoin":
            if not part.p.expr or not all(isinstance(key, Variable) for key in part.p.expr):
                raise UnboundedError("its groups are not by variables")
            first, inner = part.p.p, hidden(part, frozenset(), scope)
        elif name not in SAME_SOLUTIONS:
            raise UnboundedError(f"it is not known what solutions {name} gives")
        elif name == "Project":
            inner = hidden(part, frozenset(part.PV), scope)
        for condition in _conditions(part.expr) if name == "Filter" else [part.expr]:
            self._condition(condition, name)
        return self.read(first, inner)

    def _condition(self, condition: Any, operator: str) -> None:
        if operator == "Filter" and getattr(condition, "name", "") == "Builtin_NOTEXISTS":
            self._exclude(condition.graph)
            return
        if any(value.name in EXISTS for value in walk(condition)):
            raise UnboundedError("it has EXISTS in an expression")
        if operator == "Filter" and self._counted & _variables(condition):
            raise UnboundedError("a condition depends on several solutions")

    def _exclude(self, part: Any) -> None:
        """Collect the patterns of a part of which more solutions take more away."""
        for inner in walk(part):
            if inner.name in {"LeftJoin", "Minus", "AggregateJoin", "Slice", "Graph", "ServiceGraphPattern", *EXISTS}:
                raise UnboundedError(f"it takes away what {inner.name} gives")
            if self._counted & _variables(inner.expr):
                raise UnboundedError("what it takes away depends on several solutions")
            for triple in inner.triples if inner.name == "BGP" else ():
                if self._counted.intersection(triple):
                    raise UnboundedError("what it takes away depends on several solutions")
                for step, _ in steps(*triple):
                    pattern = pattern_of(step, {})
                    if pattern.subjects is pattern.predicates is pattern.objects is None:
                        raise UnboundedError("it takes away what any triple gives")
                    self.exclusions.add(pattern)


def _subjects(part: Any, scope: Scope, counted: frozenset[Any]) -> frozenset[Any]:
    """The subjects of a basic graph pattern."""
    if any(counted.intersection(triple) for triple in part.triples):
        raise UnboundedError("a pattern depends on several solutions")
    found = [step for triple in part.triples for step in steps(*scoped(triple, scope))]
    if not all(certain for _, certain in found):
        raise UnboundedError("a path leads through several subjects")
    return frozenset(subject for (subject, _, _), _ in found)


def _conditions(expression: Any) -> Iterator[Any]:
    """The expressions that all have to be true."""
    if getattr(expression, "name", "") == "ConditionalAndExpression":
        for part in (expression.expr, *expression.other):
            yield from _conditions(part)
    else:
        yield expression


def _counted(algebra: Any) -> frozenset[Any]:
    """The variables whose values come from aggregates, but for those that groups are made by."""
    parts = list(walk(algebra))
    found = {
        aggregate.res
        for part in parts
        if part.name == "AggregateJoin"
        for aggregate in part.A
        if not (aggregate.name == "Aggregate_Sample" and aggregate.vars in (part.p.expr or ()))
    }
    extended = [(part.var, _variables(part.expr)) for part in parts if part.name == "Extend"]
    while more := {variable for variable, used in extended if used & found} - found:
        found |= more
    return frozenset(found)


def _variables(expression: Any) -> frozenset[Any]:
    """The variables in an expression."""
    if isinstance(expression, Variable):
        return frozenset({expression})
    if isinstance(expression, URIRef | str):
        return frozenset()
    values = (
        expression.values() if hasattr(expression, "values") else expression if isinstance(expression, list) else ()
    )
    return frozenset().union(*map(_variables, values))
