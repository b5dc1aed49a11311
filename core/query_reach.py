"""What the query of a SPARQL constraint reads of the data, from the focus node on (core/automaton.py).

A variable is *anchored* if every solution binds it to a node that the patterns lead to from $this, step by step. The
triples of a pattern are then all read, if one of its ends is anchored: by anchored patterns alone, a query has the same
solutions over what is read as over all data. Operators of the algebra (https://www.w3.org/TR/sparql11-query/#sparqlAlgebra)
are taken one by one, with the variables that are anchored in all solutions which theirs are joined with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from rdflib import BNode, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from core.automaton import UnboundedError
from core.lexer import Edit, TokenKind, edited, tokenize
from core.namespaces import XSD
from core.ntriples import encode_iri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.automaton import Automaton

Anchored: TypeAlias = frozenset[Any]  # variables, and blank nodes, which are variables too

_THIS = Variable("this")
EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")


def read_query(
    automaton: Automaton,
    focus: int,
    text: str,
    prefixes: Mapping[str, set[str]],
    path: str | None = None,
    of_literals: frozenset[bytes] = frozenset(),
) -> None:
    """Let the automaton demand in the state `focus` what the query reads where $this is a node in that state.

    prefixes: prefix → its namespaces. path: what $PATH stands for. of_literals: properties whose values are literals,
    which are likely to be shared by many subjects. UnboundedError if it is not known what the query reads.
    """
    algebra = _algebra(text, prefixes, path)
    try:
        _Reader(automaton, focus, of_literals).read(algebra.p, frozenset({_THIS}))
    except UnboundedError as error:
        raise UnboundedError(str(error), _properties(algebra)) from error


def read_properties(text: str, prefixes: Mapping[str, set[str]]) -> frozenset[bytes] | None:
    """The properties whose triples the query reads, as terms of N-Triples; None if these are not known."""
    try:
        return _properties(_algebra(text, prefixes, None))
    except UnboundedError:
        return None


def read_algebra(text: str) -> CompValue:
    """The algebra of a query; UnboundedError if it is not understood."""
    return _algebra(text, {}, None)


def read_calls(algebra: CompValue) -> bool:
    """Whether it calls functions that may read data themselves."""
    return any(map(_is_function, walk(algebra)))


def _algebra(text: str, prefixes: Mapping[str, set[str]], path: str | None) -> CompValue:
    tokens = list(tokenize(text))
    escaped = any("\\" in token.text for token in tokens if token.kind is not TokenKind.TEXT)
    if escaped or any(len(namespaces) > 1 for namespaces in prefixes.values()):
        raise UnboundedError("its query has names that may be read in several ways")
    places = [token for token in tokens if token.kind is TokenKind.VARIABLE and token.text[1:] == "PATH"]
    text = edited(text, [Edit(token.start, token.end, path or token.text) for token in places])
    head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, (namespace,) in prefixes.items())
    try:
        algebra: CompValue = translateQuery(parseQuery(head + text)).algebra
    except Exception as error:
        raise UnboundedError("its query is not understood") from error
    return algebra


class _Reader:
    def __init__(self, automaton: Automaton, focus: int, of_literals: frozenset[bytes]) -> None:
        self._automaton = automaton
        self._focus = focus
        self._of_literals = of_literals
        self._states: dict[Any, int] = {_THIS: focus}
        self._operators = {
            "BGP": self._basic_graph_pattern,
            "Join": self._join,
            "LeftJoin": self._left_join,
            "Union": self._union,
            "Filter": self._with_expression,
            "OrderBy": self._with_expression,
            "Extend": self._extend,
            "AggregateJoin": self._aggregate,
            "Distinct": self._same_solutions,
            "Reduced": self._same_solutions,
            "ToMultiSet": self._same_solutions,
            "Project": self._project,
        }

    def read(self, part: Any, anchored: Anchored) -> Anchored:
        """Read a part of the algebra; the variables that are anchored and that all its solutions bind.

        anchored: variables that all solutions bind with which those of the part are joined.
        """
        name = getattr(part, "name", None)
        if name not in self._operators:
            raise UnboundedError(f"its query has {_in_words(name)}")
        return self._operators[name](part, anchored)

    def _basic_graph_pattern(self, part: Any, anchored: Anchored) -> Anchored:
        rest, known = list(part.triples), set(anchored)
        variables = {term for triple in rest for term in (triple[0], triple[2]) if isinstance(term, Variable | BNode)}
        while rest:
            subject, predicate, value = triple = self._next(rest, known)
            rest.remove(triple)
            if subject in known or (value not in known and isinstance(subject, URIRef)):
                self._step(subject, predicate, value)
                known.add(value)
            elif value in known:
                self._step(value, predicate, subject, inverse=True)
                known.add(subject)
            else:
                raise UnboundedError("its query has a pattern that nothing connects with $this")
        return frozenset(known & variables)

    def _join(self, part: Any, anchored: Anchored) -> Anchored:
        """Read what is joined in an order in which the parts before anchor what those after need."""
        operands = list(_operands(part))
        found: Anchored = frozenset()
        while operands:
            later, error = [], None
            for operand in operands:
                try:
                    found |= self.read(operand, anchored | found)
                except UnboundedError as unbounded:
                    later.append(operand)
                    error = error or unbounded
            if error and len(later) == len(operands):
                raise error
            operands = later
        return found

    def _left_join(self, part: Any, anchored: Anchored) -> Anchored:
        found = self.read(part.p1, anchored)
        # whether there is a solution of the right side is asked for each of the left, whatever these are joined with
        optional = self.read(part.p2, found | {_THIS})
        self._expression(part.expr, found | optional)
        return found

    def _union(self, part: Any, anchored: Anchored) -> Anchored:
        return self.read(part.p1, anchored) & self.read(part.p2, anchored)

    def _with_expression(self, part: Any, anchored: Anchored) -> Anchored:
        found = self.read(part.p, anchored)
        self._expression(part.expr, found)
        return found

    def _extend(self, part: Any, anchored: Anchored) -> Anchored:
        found = self._with_expression(part, anchored)
        if isinstance(part.expr, Variable) and part.expr in found | {_THIS}:
            self._automaton.states[self._state(part.expr)].same.add(self._state(part.var))
            return found | {part.var}
        return found

    def _aggregate(self, part: Any, _: Anchored) -> Anchored:
        keys = part.p.expr or []
        if _THIS not in keys:
            raise UnboundedError("its query has groups that are not by $this")
        found = self.read(part.p.p, frozenset({_THIS}))
        self._expression([*part.A, *keys], found)
        return found & frozenset(key for key in keys if isinstance(key, Variable))

    def _same_solutions(self, part: Any, anchored: Anchored) -> Anchored:
        return self.read(part.p, anchored)

    def _project(self, part: Any, anchored: Anchored) -> Anchored:
        visible = frozenset(part.PV)
        return self.read(part.p, (anchored & visible) | {_THIS}) & visible

    def _expression(self, expression: Any, anchored: Anchored) -> None:
        """Read the patterns of EXISTS in an expression, which has values for the variables."""
        for value in walk(expression, into_patterns=False):
            if value.name in EXISTS:
                self.read(value.graph, anchored | {_THIS})
            elif _is_function(value):
                raise UnboundedError("its query calls a function")

    def _next(self, patterns: list[tuple[Any, Any, Any]], known: set[Any]) -> tuple[Any, Any, Any]:
        """The pattern to read next: from its subject, else from its object, else from a constant.

        Of objects, literals come last, because many subjects may have the same.
        """

        def rank(triple: tuple[Any, Any, Any]) -> int:
            subject, predicate, value = triple
            if subject in known:
                return 0
            if value in known:
                return 2 if isinstance(predicate, URIRef) and encode_iri(str(predicate)) in self._of_literals else 1
            return 3 if isinstance(subject, URIRef) else 4

        return min(patterns, key=rank)

    def _step(self, start: Any, predicate: Any, end: Any, *, inverse: bool = False) -> None:
        last = self._state(end) if isinstance(end, Variable | BNode) else self._automaton.nothing
        first = self._path(predicate, last, inverse=inverse)
        if isinstance(start, URIRef):
            if any(state.zero_length for state in self._automaton.reachable(first)):
                raise UnboundedError("its query has a path of no length from a constant")
            self._automaton.states[self._focus].constants.add((encode_iri(str(start)), first))
        else:
            self._automaton.states[self._state(start)].same.add(first)

    def _path(self, path: Any, end: int, *, inverse: bool) -> int:
        """The state of a node from which the path leads to nodes in the state `end`."""
        if isinstance(path, SequencePath):
            for part in path.args if inverse else reversed(path.args):
                end = self._path(part, end, inverse=inverse)
            return end
        if isinstance(path, InvPath):
            return self._path(path.arg, end, inverse=not inverse)
        start = self._automaton.add()
        state = self._automaton.states[start]
        if isinstance(path, URIRef):
            self._automaton.step(start, encode_iri(str(path)), end, inverse=inverse)
        elif isinstance(path, AlternativePath):
            state.same.update(self._path(part, end, inverse=inverse) for part in path.args)
        elif isinstance(path, MulPath) and path.mod in {"*", "+", "?"}:
            last = self._automaton.add()
            self._automaton.states[last].same.add(end)
            first = self._path(path.path, last, inverse=inverse)
            state.zero_length = path.mod != "+"
            state.same.update({first, end} if state.zero_length else {first})
            if path.mod != "?":
                self._automaton.states[last].same.add(first)
        elif not inverse and (isinstance(path, Variable) or _is_negated(path)):
            state.every.add(end)
        else:
            raise UnboundedError("its query reads triples of any property by their objects")
        return start

    def _state(self, variable: Any) -> int:
        if variable not in self._states:
            self._states[variable] = self._automaton.add()
        return self._states[variable]


def _operands(part: Any) -> Iterator[Any]:
    """The operands of a join, and of those that it is made of."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if getattr(part, "name", None) == "Join":
            waiting += [part.p2, part.p1]
        else:
            yield part


def _is_negated(path: Any) -> bool:
    """Whether it is a negated property set without inverse properties."""
    return isinstance(path, NegatedPath) and all(isinstance(part, URIRef) for part in path.args)


def _is_function(value: CompValue) -> bool:
    """Whether it calls a function that may read data itself: not those of SPARQL, nor a datatype."""
    return value.name == "Function" and not str(value.iri).startswith(XSD)


def _properties(algebra: Any) -> frozenset[bytes] | None:
    found: set[bytes] = set()
    for part in walk(algebra):
        if part.name in {"Graph", "ServiceGraphPattern"} or _is_function(part):
            return None
        for _, predicate, _ in part.triples if part.name == "BGP" else ():
            waiting = [predicate]
            while waiting:
                path = waiting.pop()
                if isinstance(path, URIRef):
                    found.add(encode_iri(str(path)))
                elif isinstance(path, InvPath):
                    waiting.append(path.arg)
                elif isinstance(path, MulPath) and path.mod == "+":
                    waiting.append(path.path)
                elif isinstance(path, SequencePath | AlternativePath):
                    waiting += path.args
                else:  # any property, or a path of no length, which begins at every node
                    return None
    return frozenset(found)


def walk(value: Any, *, into_patterns: bool = True) -> Iterator[CompValue]:
    """All parts of the algebra in a value. into_patterns: those of EXISTS too, which stand in an attribute."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, CompValue):
            yield value
            if value.name not in EXISTS:
                waiting += value.values()
            elif into_patterns:
                waiting.append(value.graph)
        elif isinstance(value, list | tuple):
            waiting += value


def _in_words(name: str | None) -> str:
    return {"Slice": "a LIMIT", "Graph": "GRAPH"}.get(name or "", f"what cannot be read from $this on: {name}")
