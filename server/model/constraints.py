"""What the shapes demand of each class, for people to read: properties, their values, and how many.

SHACL Core (https://www.w3.org/TR/shacl/#core-components); what is not understood here is left to the shape's message.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import RDF, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node: TypeAlias = ox.NamedNode | ox.BlankNode
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_ALTERNATIVES = (SH + "or", SH + "xone")
_BOUNDS = {
    SH + "minInclusive": "≥",
    SH + "minExclusive": ">",
    SH + "maxInclusive": "≤",
    SH + "maxExclusive": "<",
}
_DEEPEST = 3  # shapes within shapes


@dataclass(frozen=True)
class Rule:
    """What a shape says of one property.

    kinds: classes and datatypes that a value is of. within: what a value has to belong to, as a list of concepts.
    values: those that are allowed, where they are listed. bounds: signs and numbers. least, most: how many values.
    """

    path: str
    names: tuple[ox.Literal, ...]
    messages: tuple[ox.Literal, ...]
    order: float
    kinds: tuple[str, ...]
    within: tuple[ox.NamedNode, ...]
    values: tuple[ox.NamedNode | ox.Literal, ...]
    bounds: tuple[str, ...]
    least: int
    most: int | None

    @property
    def cardinality(self) -> str:
        """How many values there are, as UML writes it."""
        if self.most == self.least:
            return str(self.least)
        return f"{self.least}..{'*' if self.most is None else self.most}"


@dataclass(frozen=True)
class Shape:
    """A node shape with its rules in their order; targets: the classes that it is for."""

    node: ox.NamedNode
    names: tuple[ox.Literal, ...]
    targets: tuple[str, ...]
    rules: tuple[Rule, ...]


def read(store: ox.Store, graph: str | None) -> list[Shape]:
    """The node shapes of the graph that have an IRI, a class and rules, by IRI."""
    if graph is None:
        return []
    return list(_Reader(store, graph).shapes())


class _Reader:
    def __init__(self, store: ox.Store, graph: str) -> None:
        self._said: dict[Node | ox.Triple, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
            self._said[quad.subject][quad.predicate.value].append(quad.object)

    def _objects(self, node: Node, predicate: str) -> list[Term]:
        if node not in self._said:
            return []
        return sorted(self._said[node].get(predicate, ()), key=str)

    def _nodes(self, node: Node, predicate: str) -> list[Node]:
        return [o for o in self._objects(node, predicate) if isinstance(o, ox.NamedNode | ox.BlankNode)]

    def _iris(self, node: Node, predicate: str) -> list[str]:
        return [o.value for o in self._objects(node, predicate) if isinstance(o, ox.NamedNode)]

    def _literals(self, node: Node, predicate: str) -> tuple[ox.Literal, ...]:
        return tuple(o for o in self._objects(node, predicate) if isinstance(o, ox.Literal))

    def _number(self, node: Node, predicate: str) -> float | None:
        for literal in self._literals(node, predicate):
            try:
                return float(literal.value)
            except ValueError:
                continue
        return None

    def _list(self, head: Term) -> Iterator[Term]:
        """The members of an RDF list; it ends where it is broken or comes back to itself."""
        seen: set[Term] = set()
        while isinstance(head, ox.NamedNode | ox.BlankNode) and head.value != RDF + "nil" and head not in seen:
            seen.add(head)
            yield from self._objects(head, RDF + "first")
            head = next(iter(self._objects(head, RDF + "rest")), ox.NamedNode(RDF + "nil"))

    def shapes(self) -> Iterator[Shape]:
        for node in sorted((n for n in list(self._said) if isinstance(n, ox.NamedNode)), key=str):
            targets = self._iris(node, SH + "targetClass")
            if RDFS + "Class" in self._iris(node, RDF + "type"):
                targets.append(node.value)
            rules = [rule for part in self._nodes(node, SH + "property") for rule in self._rules(part)]
            if targets and rules:
                rules.sort(key=lambda rule: (rule.order, rule.path))
                yield Shape(node, self._literals(node, RDFS + "label"), tuple(targets), tuple(rules))

    def _rules(self, shape: Node) -> Iterator[Rule]:
        order, least, most = (self._number(shape, SH + name) for name in ("order", "minCount", "maxCount"))
        members = [member for head in self._objects(shape, SH + "in") for member in self._list(head)]
        for path in self._iris(shape, SH + "path"):
            yield Rule(
                path,
                self._literals(shape, SH + "name"),
                self._literals(shape, SH + "message"),
                math.inf if order is None else order,
                tuple(dict.fromkeys(self._kinds(shape))),
                tuple(dict.fromkeys(self._within(shape))),
                tuple(m for m in members if isinstance(m, ox.NamedNode | ox.Literal)),
                tuple(f"{sign} {n.value}" for name, sign in _BOUNDS.items() for n in self._literals(shape, name)),
                int(least or 0),
                None if most is None else int(most),
            )

    def _kinds(self, shape: Node, depth: int = 0) -> Iterator[str]:
        """Classes and datatypes, also those of alternatives."""
        yield from self._iris(shape, SH + "class")
        yield from self._iris(shape, SH + "datatype")
        if depth < _DEEPEST:
            for alternative in self._alternatives(shape):
                yield from self._kinds(alternative, depth + 1)

    def _within(self, shape: Node, depth: int = 0) -> Iterator[ox.NamedNode]:
        """What another shape says that a value has to have."""
        for other in self._nodes(shape, SH + "node"):
            for part in self._nodes(other, SH + "property"):
                yield from (v for v in self._objects(part, SH + "hasValue") if isinstance(v, ox.NamedNode))
        if depth < _DEEPEST:
            for alternative in self._alternatives(shape):
                yield from self._within(alternative, depth + 1)

    def _alternatives(self, shape: Node) -> Iterable[Node]:
        heads = [head for predicate in _ALTERNATIVES for head in self._objects(shape, predicate)]
        members = [member for head in heads for member in self._list(head)]
        return [member for member in members if isinstance(member, ox.NamedNode | ox.BlankNode)]
