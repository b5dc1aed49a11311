"""Finds out which rules follow links from one resource, so that many articles can be evaluated at once.

Such a rule gives for several articles together what it gives for each alone, as long as none says anything about what
another speaks of: all that it matches hangs on one resource, and that is in one of them. "Two events of the same kind"
is no such rule: it would find one event in each of two articles.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import chain, product
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from core.namespaces import RDF, RDF_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

# What is matched together: the subject, predicate and object of each pattern.
Alternative: TypeAlias = "tuple[tuple[Any, Any, Any], ...]"

_OF_RECORDS = frozenset({RDF_TYPE, *(RDF + name for name in ("subject", "predicate", "object"))})


class _NotUnderstoodError(Exception):
    """A rule has what may match two resources that no links lead to from one."""


class Scope(NamedTuple):
    """Predicates of rules that follow links from one resource.

    vocabulary: those that only the vocabulary is expected to use, and about its own terms: where an article does so,
    the rules cannot be evaluated for several articles at once. joined: those of which a rule matches a triple together
    with others that articles may state; followed: those that it matches about what it is led to; later: for each rule
    those that the rules after it match; None for any.
    """

    vocabulary: frozenset[str]
    joined: frozenset[str] | None
    followed: frozenset[str] | None
    later: tuple[frozenset[str] | None, ...]


def to_bytes(found: Scope | None) -> bytes:
    """A scope, or that there is none, as JSON."""
    return json.dumps(found and (*map(_sorted, found[:3]), [*map(_sorted, found.later)])).encode()


def from_bytes(data: bytes) -> Scope | None:
    """What `to_bytes` wrote; ValueError or TypeError if it is nothing of that kind."""
    values = json.loads(data)
    if values is None:
        return None
    vocabulary, joined, followed, later = values
    return Scope(frozenset(map(str, vocabulary)), _set(joined), _set(followed), tuple(map(_set, later)))


def _sorted(iris: Collection[str] | None) -> list[str] | None:
    return None if iris is None else sorted(iris)


def _set(iris: Any) -> frozenset[str] | None:
    return None if iris is None else frozenset(map(str, iris))


@lru_cache(8)
def scope(queries: tuple[str, ...], of_records: frozenset[str]) -> Scope | None:
    """None if one of the CONSTRUCT queries may match more than what hangs on one resource.

    of_records: IRIs of the predicates that records may have. Syntax that is not known, such as that of SPARQL 1.2,
    gives None.
    """
    from pyparsing import ParseException  # noqa: PLC0415 - a third of a second, which a project without rules can save
    from rdflib.plugins.sparql.algebra import translateQuery  # noqa: PLC0415
    from rdflib.plugins.sparql.parser import parseQuery  # noqa: PLC0415

    try:
        parsed = [translateQuery(parseQuery(query)).algebra for query in queries]
        by_rule = [_alternatives(query.p) for query in parsed]
    except (ParseException, _NotUnderstoodError, RecursionError):
        return None
    alternatives = [found for of_rule in by_rule for found in of_rule]
    constructed = {str(predicate) for query in parsed for _, predicate, _ in query.template}
    used = {str(predicate) for found in alternatives for _, predicate, _ in found if _is_iri(predicate)}
    expected = used - {*_OF_RECORDS, *of_records, *constructed}
    if all(_root(found, expected) is not None or not _of_data(found, expected) for found in alternatives):
        of_things = [(_root(found, expected), _of_things(found, expected)) for found in alternatives]
        joined = [found for _, found in of_things if len(found) > 1]
        followed = [tuple(pattern for pattern in found if pattern[0] != root) for root, found in of_things]
        later = tuple(_predicates(chain.from_iterable(by_rule[number:])) for number in range(1, len(by_rule) + 1))
        return Scope(frozenset(expected), _predicates(joined), _predicates(followed), later)
    return None


def _predicates(alternatives: Iterable[Alternative]) -> frozenset[str] | None:
    """The predicates that are matched; None for any."""
    found = {predicate for patterns in alternatives for _, predicate, _ in patterns}
    return frozenset(map(str, found)) if all(_is_iri(predicate) for predicate in found) else None


def _is_iri(term: Any) -> bool:
    from rdflib.term import URIRef  # noqa: PLC0415

    return isinstance(term, URIRef)


def _of_data(found: Alternative, expected: Collection[str]) -> Alternative:
    """The patterns that may match what articles say: those about other terms than the vocabulary's."""
    terms = {subject for subject, predicate, _ in found if str(predicate) in expected}
    return tuple(pattern for pattern in found if pattern[0] not in terms)


def _of_things(found: Alternative, expected: Collection[str]) -> Alternative:
    """Those of them that are not about a term that another one has as its predicate."""
    predicates = {predicate for _, predicate, _ in found}
    return tuple(pattern for pattern in _of_data(found, expected) if pattern[0] not in predicates)


def _root(found: Alternative, expected: Collection[str]) -> Any:
    """The term from which links lead to the subject of each pattern that may match an article; None if there is none.

    A link leads from a subject to the object, and to the property.
    """
    subjects = {subject for subject, _, _ in _of_data(found, expected)}
    for root in subjects:
        reached, new = {root}, {root}
        while new:
            new = {t for s, p, o in found if s in new for t in (p, o)} - reached
            reached |= new
        if subjects <= reached:
            return root
    return None


def _alternatives(node: Any) -> list[Alternative]:
    """What a graph pattern of rdflib's algebra may match together."""
    read = _ALGEBRA.get(node.name)
    if read is None:
        raise _NotUnderstoodError
    return read(node)


def _basic(node: Any) -> list[Alternative]:
    return [sum(parts, ()) for parts in product(*(list(_pattern(*triple)) for triple in node.triples))]


def _joined(first: list[Alternative], second: list[Alternative]) -> list[Alternative]:
    return [(*one, *other) for one in first for other in second]


def _with_optional(given: list[Alternative], optional: list[Alternative]) -> list[Alternative]:
    """Alternatives with and without what may be there; not understood if nothing is matched beside it."""
    if () in given and any(optional):
        raise _NotUnderstoodError
    return [*given, *_joined(given, optional)]


def _filtered(given: list[Alternative], expression: Any) -> list[Alternative]:
    for graph in _graphs_in(expression):
        given = _with_optional(given, _alternatives(graph))
    return given


def _graphs_in(expression: Any) -> Iterator[Any]:
    """The graph patterns of EXISTS and NOT EXISTS in an expression."""
    from rdflib.plugins.sparql.algebra import translateGroupGraphPattern  # noqa: PLC0415
    from rdflib.plugins.sparql.parserutils import CompValue  # noqa: PLC0415

    if isinstance(expression, list):
        for part in expression:
            yield from _graphs_in(part)
    elif isinstance(expression, CompValue):
        if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            graph = expression.graph
            yield translateGroupGraphPattern(graph) if graph.name == "GroupGraphPatternSub" else graph
        else:
            for part in expression.values():
                yield from _graphs_in(part)


def _grouped(group: Any) -> list[Alternative]:
    """The alternatives of a group, which has to be about one resource; several of its solutions go together."""
    found = _alternatives(group.p)
    if not all(_root(alternative, ()) in (group.expr or ()) for alternative in found):
        raise _NotUnderstoodError
    return [(*alternative, *alternative) for alternative in found]


_ALGEBRA: dict[str, Callable[[Any], list[Alternative]]] = {
    "BGP": _basic,
    "Join": lambda node: _joined(_alternatives(node.p1), _alternatives(node.p2)),
    "Union": lambda node: [*_alternatives(node.p1), *_alternatives(node.p2)],
    "LeftJoin": lambda node: _with_optional(_alternatives(node.p1), _filtered(_alternatives(node.p2), node.expr)),
    "Minus": lambda node: _with_optional(_alternatives(node.p1), _alternatives(node.p2)),
    "Filter": lambda node: _filtered(_alternatives(node.p), node.expr),
    "Extend": lambda node: _filtered(_alternatives(node.p), node.expr),
    "AggregateJoin": lambda node: _grouped(node.p),
    "Project": lambda node: [_local(found, set(node.PV)) for found in _alternatives(node.p)],
    "values": lambda _: [()],
    **dict.fromkeys(("ToMultiSet", "Distinct", "Reduced", "OrderBy"), lambda node: _alternatives(node.p)),
}


class _Local:
    """A variable of a sub-query or a place within a path, which no other pattern has."""


def _local(found: Alternative, visible: set[Any]) -> Alternative:
    """The patterns with variables that are not visible outside replaced."""
    from rdflib.term import Variable  # noqa: PLC0415

    names = {t for s, p, o in found for t in (s, p, o) if isinstance(t, Variable) and t not in visible}
    local = {name: _Local() for name in names}
    return tuple((local.get(s, s), local.get(p, p), local.get(o, o)) for s, p, o in found)


def _pattern(subject: Any, path: Any, value: Any) -> Iterator[Alternative]:
    """What a triple pattern with a path may match together (SPARQL 1.1 Query, 9.3)."""
    from rdflib import paths  # noqa: PLC0415

    match path:
        case paths.InvPath():
            yield from _pattern(value, path.arg, subject)
        case paths.AlternativePath():
            for part in path.args:
                yield from _pattern(subject, part, value)
        case paths.SequencePath():
            nodes = [subject, *(_Local() for _ in path.args[1:]), value]
            steps = zip(nodes, path.args, nodes[1:], strict=False)
            yield from (sum(parts, ()) for parts in product(*(list(_pattern(*step)) for step in steps)))
        case paths.MulPath() if not isinstance(path.path, paths.Path):
            between = _Local()
            yield ((subject, path.path, between), (between, path.path, value))
        case paths.Path():
            raise _NotUnderstoodError
        case _:
            yield ((subject, path, value),)
