"""A finite automaton over properties: which triples are read from a node on, and then from the nodes they lead to.

A node is in states, as many as ways lead to it; a `Demand` is what these read of it together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from core.namespaces import RDFS
from core.ntriples import TYPE, encode_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

States: TypeAlias = frozenset[int]

SUBCLASS = encode_iri(RDFS + "subClassOf")


class UnboundedError(Exception):
    """What a shape reads cannot be told from its focus node on. properties: those whose triples it reads; None: all."""

    def __init__(self, reason: str, properties: frozenset[bytes] | None = None) -> None:
        super().__init__(reason)
        self.properties = properties


@dataclass
class Demand:
    """Which triples of a node are read: property → the demand of the nodes that they lead to, by its states.

    Properties are in the syntax of N-Triples. forward: of triples that have the node as subject; inverse: as object.
    every: the demand of the objects of all properties, if all triples are read. constants: nodes that are read beside
    it, and their demands.
    """

    forward: dict[bytes, States] = field(default_factory=dict)
    inverse: dict[bytes, States] = field(default_factory=dict)
    every: States | None = None
    constants: tuple[tuple[bytes, States], ...] = ()


@dataclass
class State:
    """A state of the automaton, and where a triple leads from it.

    same: states that a node is in too. zero_length: whether a path of no length may begin here in SPARQL, which depends
    on whether the data have the node at all. unbounded: why it is not known what is read.
    """

    forward: dict[bytes, set[int]] = field(default_factory=dict)
    inverse: dict[bytes, set[int]] = field(default_factory=dict)
    every: set[int] = field(default_factory=set)
    same: set[int] = field(default_factory=set)
    constants: set[tuple[bytes, int]] = field(default_factory=set)
    zero_length: bool = False
    unbounded: list[UnboundedError] = field(default_factory=list)

    def next(self) -> Iterator[int]:
        for steps in (self.forward, self.inverse):
            for states in steps.values():
                yield from states
        yield from self.every
        yield from self.same
        yield from (state for _, state in self.constants)


class Automaton:
    """States that are linked as shapes and queries are read, and the demands that they make together."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.nothing = self.add()
        self.types, classes = self.add(), self.add()
        self.states[self.types].forward[TYPE] = {classes}
        self.states[classes].forward[SUBCLASS] = {classes}
        self._demands: dict[States, Demand] = {}

    def add(self) -> int:
        self.states.append(State())
        return len(self.states) - 1

    def step(self, start: int, predicate: bytes, end: int, *, inverse: bool = False) -> None:
        """Let the triples of a property lead from a state to another."""
        state = self.states[start]
        (state.inverse if inverse else state.forward).setdefault(predicate, set()).add(end)

    def demand(self, states: States) -> Demand:
        """What a node in these states demands; the states are those of `closed`."""
        if states not in self._demands:
            found = [self.states[number] for number in states]

            def steps(maps: Iterable[dict[bytes, set[int]]]) -> dict[bytes, States]:
                united: dict[bytes, set[int]] = {}
                for next_ in maps:
                    for predicate, ends in next_.items():
                        united.setdefault(predicate, set()).update(ends)
                return {predicate: self.closed(ends) for predicate, ends in united.items()}

            every = set().union(*(state.every for state in found))
            constants = {pair for state in found for pair in state.constants}
            self._demands[states] = Demand(
                steps(state.forward for state in found),
                steps(state.inverse for state in found),
                self.closed(every) if every else None,
                tuple((node, self.closed({state})) for node, state in sorted(constants)),
            )
        return self._demands[states]

    def closed(self, states: Iterable[int]) -> States:
        """The states with those that a node is in too, without those that demand nothing."""
        waiting, found = list(states), set()
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += self.states[number].same
        return frozenset(number for number in found if self._demands_something(self.states[number]))

    def reachable(self, start: int) -> list[State]:
        """All states that a node in this one leads to."""
        waiting, found = [start], set()
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += self.states[number].next()
        return [self.states[number] for number in sorted(found)]

    @staticmethod
    def _demands_something(state: State) -> bool:
        return bool(state.forward or state.inverse or state.every or state.constants)
