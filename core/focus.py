"""Validates data by SHACL block by block: each focus node with what its shapes reach, whatever the size of the data.

In: the sorted triples of some subjects, and a way to look up those of other nodes. Out: the results about these
subjects, as over the whole data, and which other nodes were looked up.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol, TypeAlias

from core.automaton import SUBCLASS
from core.errors import InputError
from core.ntriples import TYPE, is_literal, is_triple
from core.reach import MARKED, MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.automaton import Automaton, Demand, States
    from core.reach import Groups, Reach
    from core.shacl_validator import Validator

    Described: TypeAlias = dict[bytes, list[tuple[bytes, bytes, bytes]]]  # subject → predicates, objects and lines

MOST_READ = 50_000  # triples that are read beside a block
_DIGEST_SIZE = 8  # bytes of the digest of a node
_KEPT = 20_000  # answers to look-ups that are kept, of at most so many lines:
_LONGEST_KEPT = 16


class Lines(Protocol):
    """Lines in the order of their bytes, of which those that begin with given bytes are found."""

    def each_beginning(self, prefixes: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
        """For each of the sorted prefixes the first `most` lines that begin with it, without line feeds."""


@dataclass(frozen=True)
class BlockOutcome:
    """What the validation of a block gives.

    reports: N-Triples; none without results. violations: how many results are such. read: digests of what was looked
    up, sorted, eight bytes each: nodes outside of the block, whether anything is said of them, and what inverse lines
    begin with (`inverse_prefix`). While there come and go no triples of these nodes, of the block's own, and with such
    beginnings, the outcome is the same.
    excess: a group whose shapes read too much for one focus node, if there is one, and in words what; then nothing else
    of the outcome counts (Reach.without).
    """

    reports: tuple[bytes, ...] = ()
    violations: int = 0
    read: bytes = b""
    excess: tuple[int, str] | None = None


class FocusValidator:
    """The shapes of a reach that are validated by focus; made once, for any number of blocks."""

    def __init__(
        self, reach: Reach, validator: Validator, triples: Lines, inverse: Lines, most_read: int = MOST_READ
    ) -> None:
        """validator: of the reach's `by_focus`. triples: all, sorted. inverse: what `inverse_lines` gives, sorted.

        most_read: triples that are read beside those of a block.
        """
        self._reach = reach
        self._validator = validator
        self._triples = _Kept(triples)
        self._inverse = _Kept(inverse)
        self._most_read = most_read
        self._by_class = reach.numbered("classes")
        self._by_node = reach.numbered("nodes")
        self._by_subject_of = reach.numbered("subjects_of")
        self._by_object_of = reach.numbered("objects_of")
        self._superclasses: dict[bytes, frozenset[bytes]] = {}
        self._of_types: dict[tuple[bytes, ...], tuple[Groups, frozenset[bytes]]] = {}
        self._starts: dict[Groups, States] = {}

    def validate_block(self, block: Iterable[bytes], *, begun: bool = False, unfinished: bool = False) -> BlockOutcome:
        """The outcome of the triples of subjects that are focus nodes here and nowhere else.

        block: their lines, without line feeds. begun: whether triples of the first subject are in a block before, where
        it is a focus node. unfinished: whether triples of the last one are in a block behind.
        """
        described = self._describe(block)
        if begun and described:
            del described[next(iter(described))]
        if unfinished and described:
            last = next(reversed(described))
            (lines,) = self._triples.look_up([last + b" "], sys.maxsize)
            described |= self._describe(lines)
        read: set[bytes] = set()
        return self._validate(described, self._focus_nodes(described, read), read)

    def validate_nodes(self, nodes: Mapping[bytes, Groups]) -> BlockOutcome:
        """The outcome of focus nodes that are no subjects, with the numbers of the groups whose targets they are."""
        return self._validate({}, dict(nodes), set())

    @staticmethod
    def _describe(block: Iterable[bytes]) -> Described:
        """The triples of each subject."""
        found: Described = {}
        previous = b""
        triples: list[tuple[bytes, bytes, bytes]] = []
        for line in block:
            subject, predicate, value = line.split(b" ", 2)
            if subject != previous:
                previous, triples = subject, []
                found[subject] = triples
            triples.append((predicate, value[:-2], line))
            if MARKS in line:
                kept = MARKS.decode()[1:]
                raise InputError(f"IRIs that begin with {kept} are kept for validation: rename those of the data")
        return found

    def _focus_nodes(self, described: Described, read: set[bytes]) -> dict[bytes, Groups]:
        """The subjects that are targets, with the numbers of the groups; what was looked up is added to `read`."""
        found: dict[bytes, Groups] = {}
        objects = self._objects(described, read) if self._by_object_of else {}
        for subject, triples in described.items():
            types = tuple([value for predicate, value, _ in triples if predicate == TYPE])
            if types not in self._of_types:
                classes = frozenset(chain.from_iterable(self._classes(type_) for type_ in types))
                numbers = {number for class_ in classes for number in self._by_class.get(class_, ())}
                self._of_types[types] = tuple(sorted(numbers)), classes
            groups, classes = self._of_types[types]
            read |= classes
            more = {*self._by_node.get(subject, ()), *objects.get(subject, ())}
            if self._by_subject_of:
                more.update(*(self._by_subject_of.get(predicate, ()) for predicate, _, _ in triples))
            if more:
                groups = tuple(sorted({*groups, *more}))
            if groups:
                found[subject] = groups
        return found

    def _objects(self, described: Described, read: set[bytes]) -> dict[bytes, set[int]]:
        """The subjects that are objects of the properties of sh:targetObjectsOf, with the numbers of the groups."""
        found: dict[bytes, set[int]] = {}
        wanted = {
            inverse_prefix(subject, predicate): (subject, groups)
            for subject in described
            for predicate, groups in self._by_object_of.items()
        }
        read.update(wanted)
        prefixes = sorted(wanted)
        for prefix, lines in zip(prefixes, self._inverse.look_up(prefixes, 1), strict=True):
            if lines:
                subject, groups = wanted[prefix]
                found.setdefault(subject, set()).update(groups)
        return found

    def _classes(self, class_: bytes) -> frozenset[bytes]:
        """The class and its superclasses."""
        if class_ not in self._superclasses:
            found, waiting = {class_}, [class_]
            while waiting:
                prefixes = sorted(b"%b %b " % (node, SUBCLASS) for node in waiting if not is_literal(node))
                lines = chain.from_iterable(self._triples.look_up(prefixes, sys.maxsize))
                waiting = list({line.split(b" ", 2)[2][:-2] for line in lines} - found)
                found.update(waiting)
            self._superclasses[class_] = frozenset(found)
        return self._superclasses[class_]

    def _validate(self, described: Described, focus_nodes: dict[bytes, Groups], read: set[bytes]) -> BlockOutcome:
        reports, violations = [], 0
        waiting = [focus_nodes] if focus_nodes else []
        while waiting:
            nodes = waiting.pop()
            try:
                lines = self._gather(described, nodes, read)
            except _TooMuchError as error:
                parts = _halves(nodes)
                if not parts:
                    ((node, (number,)),) = nodes.items()
                    reason = f"{node.decode()} reaches more than {self._most_read} triples, by {error} at last"
                    return BlockOutcome(excess=(number, reason))
                waiting += parts
                continue
            marks = (
                b"%b %b %b .\n" % (MARKED, self._reach.groups[number].mark, node)
                for node, numbers in nodes.items()
                for number in numbers
            )
            data = (b"%b\n" % line for line in lines)
            report, found = self._validator.validate(b"".join(chain(data, marks)))
            if report:
                reports.append(report)
            violations += found
        digests = sorted(digest(node) for node in read if node not in described)
        return BlockOutcome(tuple(reports), violations, b"".join(digests))

    def _gather(self, described: Described, focus_nodes: Mapping[bytes, Groups], read: set[bytes]) -> Iterable[bytes]:
        """The triples that the shapes of the focus nodes read, as lines; other nodes that were looked up are read."""
        reading = _Reading(self._reach.automaton, described, read)
        for node, groups in focus_nodes.items():
            reading.reach(node, self._start(groups))
        while asked := reading.next_look_ups():
            for lines, answers, take in (
                (self._triples, asked.forward, reading.take),
                (self._inverse, asked.inverse, reading.take_inverse),
            ):
                prefixes = sorted(answers)
                for prefix, group in zip(prefixes, lines.look_up(prefixes, self._most_read + 1), strict=True):
                    take(prefix, group, answers[prefix])
                    if len(group) > self._most_read or len(reading.lines) > self._most_read:
                        raise _TooMuchError(prefix.decode().strip())
        return chain(reading.own, reading.lines)

    def _start(self, groups: Groups) -> States:
        """The states of a focus node of the groups."""
        if groups not in self._starts:
            self._starts[groups] = frozenset().union(*(self._reach.groups[number].states for number in groups))
        return self._starts[groups]


@dataclass
class _LookUps:
    """Look-ups of one round: what lines begin with → the nodes and states that demand it."""

    forward: dict[bytes, list[tuple[bytes, States]]] = field(default_factory=dict)
    inverse: dict[bytes, list[tuple[bytes, States]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.forward or self.inverse)


class _Reading:
    """Follows from focus nodes what their shapes read.

    own: the triples of the block that are read. lines: those of other subjects. read: what was looked up (see
    BlockOutcome).
    """

    def __init__(self, automaton: Automaton, described: Described, read: set[bytes]) -> None:
        self.own: dict[bytes, None] = {}
        self.lines: dict[bytes, None] = {}
        self._automaton = automaton
        self._described = described
        self._read = read
        self._waiting: list[tuple[bytes, States]] = []
        self._seen: set[tuple[bytes, States]] = set()

    def reach(self, node: bytes, states: States) -> None:
        """Let a node be in states of the automaton."""
        if states and (node, states) not in self._seen:
            self._seen.add((node, states))
            self._waiting.append((node, states))

    def next_look_ups(self) -> _LookUps:
        """What the nodes that were reached demand and the block does not have."""
        asked = _LookUps()
        while self._waiting:
            node, states = self._waiting.pop()
            demand = self._automaton.demand(states)
            for constant, of_constant in demand.constants:
                self.reach(constant, of_constant)
            for predicate in demand.inverse:
                prefix = inverse_prefix(node, predicate)
                self._read.add(prefix)
                asked.inverse.setdefault(prefix, []).append((node, states))
            if node in self._described:
                self._take_own(self._described[node], demand)
            elif not is_literal(node) and not is_triple(node):
                self._read.add(node)
                for predicate in demand.forward if demand.every is None else ():
                    asked.forward.setdefault(b"%b %b " % (node, predicate), []).append((node, states))
                if demand.every is not None:
                    asked.forward.setdefault(node + b" ", []).append((node, states))
        return asked

    def _take_own(self, triples: Iterable[tuple[bytes, bytes, bytes]], demand: Demand) -> None:
        """Take what a node of the block demands of its triples."""
        for predicate, value, line in triples:
            if demand.every is not None or predicate in demand.forward:
                self.own[line] = None
                self._follow(demand, predicate, value)

    def take(self, _prefix: bytes, lines: Iterable[bytes], demanded: Iterable[tuple[bytes, States]]) -> None:
        """Take triples of a node that was looked up, as lines."""
        demands = [self._automaton.demand(states) for _, states in demanded]
        for line in lines:
            self.lines[line] = None
            _, predicate, value = line.split(b" ", 2)
            for demand in demands:
                self._follow(demand, predicate, value[:-2])

    def take_inverse(self, prefix: bytes, lines: Iterable[bytes], demanded: Sequence[tuple[bytes, States]]) -> None:
        """Take triples that were looked up by their object, as lines of object, property and subject."""
        node = demanded[0][0]
        predicate = prefix[len(node) + 1 : -1]
        for line in lines:
            subject = line[len(prefix) : -2]
            found = self.own if subject in self._described else self.lines
            found[b"%b %b %b ." % (subject, predicate, node)] = None
            for _, states in demanded:
                self.reach(subject, self._automaton.demand(states).inverse[predicate])

    def _follow(self, demand: Demand, predicate: bytes, value: bytes) -> None:
        if states := demand.forward.get(predicate):
            self.reach(value, states)
        if demand.every:
            self.reach(value, demand.every)


class _TooMuchError(Exception):
    """More triples are reached than may be read; the message is the node and property that lead to the last."""


class _Kept:
    """Lines of which the short answers to look-ups are kept, because many nodes refer to the same few."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._kept: dict[bytes, list[bytes]] = {}

    def look_up(self, prefixes: list[bytes], most: int) -> Iterator[list[bytes]]:
        """For each of the sorted prefixes the lines that begin with it: all, or the first `most`."""
        if len(self._kept) > _KEPT:
            self._kept.clear()
        known = [self._kept.get(prefix) for prefix in prefixes]
        missing = (prefix for prefix, lines in zip(prefixes, known, strict=True) if lines is None)
        found = self._lines.each_beginning(missing, most)
        for prefix, lines in zip(prefixes, known, strict=True):
            if lines is None:
                lines = next(found)  # noqa: PLW2901 - the answer that was missing
                if len(lines) < min(most, _LONGEST_KEPT):
                    self._kept[prefix] = lines
            yield lines


def digest(looked_up: bytes) -> bytes:
    """What a node, or the beginning of inverse lines, is known by in the outcomes of blocks."""
    return hashlib.blake2b(looked_up, digest_size=_DIGEST_SIZE).digest()


def inverse_prefix(node: bytes, predicate: bytes) -> bytes:
    """What the inverse lines of the triples begin with that have the node as their object."""
    return b"%b %b " % (node, predicate)


def inverse_lines(triples: Iterable[bytes], properties: frozenset[bytes]) -> Iterator[bytes]:
    """The triples that are looked up by their objects, as lines with subject and object exchanged and a line feed.

    triples: lines without line feeds. properties: of such triples, `Reach.inverse`.
    """
    for line in triples if properties else ():
        subject, predicate, value = line.split(b" ", 2)
        if predicate in properties:
            yield b"%b%b .\n" % (inverse_prefix(value[:-2], predicate), subject)


def targets_without_triples(reach: Reach, triples: Lines, inverse: Iterable[bytes]) -> Iterator[tuple[bytes, Groups]]:
    """The targets that are subjects of no triple, and the numbers of the groups whose targets they are.

    inverse: sorted, what `inverse_lines` gives.
    """
    targets = reach.numbered("nodes")
    if by_property := reach.numbered("objects_of"):
        rows = (line[:-3].rsplit(b" ", 2) for line in inverse)
        for node, group in groupby(rows, key=itemgetter(0)):
            groups = {number for _, predicate, _ in group for number in by_property.get(predicate, ())}
            if groups and not _is_subject(node, triples):
                yield node, tuple(sorted({*groups, *targets.pop(node, ())}))
    yield from ((node, groups) for node, groups in targets.items() if not _is_subject(node, triples))


def _is_subject(node: bytes, triples: Lines) -> bool:
    return not is_literal(node) and not is_triple(node) and any(next(iter(triples.each_beginning([node + b" "], 1))))


def _halves(nodes: dict[bytes, Groups]) -> list[dict[bytes, Groups]]:
    """The focus nodes in two parts, or the groups of a single one; none if it is one node of one group."""
    if len(nodes) > 1:
        items = list(nodes.items())
        half = len(items) // 2
        return [dict(items[half:]), dict(items[:half])]
    ((node, groups),) = nodes.items()
    return [{node: (number,)} for number in reversed(groups)] if len(groups) > 1 else []
