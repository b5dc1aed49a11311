"""What of the data SHACL shapes read to validate one focus node, so that data are validated without holding them all.

A focus node needs the triples along the paths of its shapes, and of the value nodes what the shapes that they are held
to need in turn (https://www.w3.org/TR/shacl/#property-paths): an automaton (core/automaton.py). Where it is not known
what a shape reads, as of some queries, or where its results depend on other focus nodes, as those of a shape that leads
to itself, the shape is *unbounded*: it is validated over the triples of the properties that it names, or over all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.automaton import SUBCLASS, Automaton, UnboundedError
from core.namespaces import OWL, RDF, RDF_TYPE, RDFS, SH
from core.ntriples import TYPE, encode_iri
from core.rdf import notation, serialize
from core.shapes import path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from core.automaton import States
    from core.rdf import Term

Groups: TypeAlias = tuple[int, ...]  # numbers of groups of shapes, sorted

_MARK = "urn:x-parkgraph:focus:"
MARKS = f"<{_MARK}".encode()  # what terms begin with that mark focus nodes
MARKED = encode_iri(_MARK)  # the subject of the triples that do
_UNUSED = ox.NamedNode(_MARK + "unused")
_TRUE = ox.Literal(True)  # noqa: FBT003 - the only argument
_TARGET_OBJECTS_OF, _CLASS = ox.NamedNode(SH + "targetObjectsOf"), ox.NamedNode(RDFS + "Class")
_TARGETS = {
    SH + "targetClass": "classes",
    SH + "targetNode": "nodes",
    SH + "targetSubjectsOf": "subjects_of",
    SH + "targetObjectsOf": "objects_of",
}
_PAIRS = frozenset(SH + name for name in ("equals", "disjoint", "lessThan", "lessThanOrEquals"))
_SHAPES = frozenset(SH + name for name in ("property", "node", "not", "qualifiedValueShape"))
_LISTS_OF_SHAPES = frozenset(SH + name for name in ("and", "or", "xone"))
_REPEATED = {
    SH + "zeroOrMorePath": (True, True),
    SH + "oneOrMorePath": (False, True),
    SH + "zeroOrOnePath": (True, False),
}
# Constraints that read nothing but the value nodes, and what constrains nothing: rules are not run.
_WITHOUT_TRIPLES = frozenset(
    SH + name
    for name in (
        *("datatype", "nodeKind", "minInclusive", "minExclusive", "maxInclusive", "maxExclusive", "minLength"),
        *("maxLength", "pattern", "flags", "languageIn", "uniqueLang", "in", "hasValue", "minCount", "maxCount"),
        *("qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint", "ignoredProperties", "path"),
        *("name", "description", "order", "group", "defaultValue", "severity", "message", "deactivated", "target"),
        *("rule", "declare", "prefixes", "select", "shapesGraph", "suggestedShapesGraph"),
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"),
    )
)


@dataclass(frozen=True)
class Targets:
    """The targets of a shape (https://www.w3.org/TR/shacl/#targets), as terms of N-Triples."""

    classes: frozenset[bytes] = frozenset()
    nodes: frozenset[bytes] = frozenset()
    subjects_of: frozenset[bytes] = frozenset()
    objects_of: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class Group:
    """Shapes that have the same targets. mark: the property that marks their focus nodes in the data."""

    targets: Targets
    mark: bytes
    states: States


@dataclass(frozen=True)
class Unbounded:
    """A shape that is not validated by focus, and why. properties: whose triples it reads; None: all."""

    shape: str
    reason: str
    properties: frozenset[bytes] | None


@dataclass(frozen=True)
class Reach:
    """Shapes by what they read.

    triples: the shapes. excluded: targets whose shapes are not validated by focus, and why. groups: the shapes that
    are. by_focus: the shapes as N-Triples where the targets of the groups are the objects of their marks, and others
    have none. unbounded: the other shapes, with their own targets in `over_all`; there, shapes of groups have none.
    """

    triples: tuple[ox.Triple, ...]
    excluded: Mapping[Targets, str]
    automaton: Automaton
    groups: tuple[Group, ...]
    by_focus: str
    unbounded: tuple[Unbounded, ...]
    over_all: str

    def without(self, group: int, reason: str) -> Reach:
        """The reach where the shapes of a group are unbounded too, for a reason."""
        return read_reach(self.triples, {**self.excluded, self.groups[group].targets: reason})

    @cached_property
    def inverse(self) -> frozenset[bytes]:
        """The properties of which triples are looked up by their objects."""
        found = {predicate for group in self.groups for predicate in group.targets.objects_of}
        for number in frozenset().union(*(group.states for group in self.groups)):
            for state in self.automaton.reachable(number):
                found.update(state.inverse)
        return frozenset(found)

    def numbered(self, targets: str) -> dict[bytes, Groups]:
        """Term → the numbers of the groups that have it among their targets of a kind, a field of Targets."""
        found: dict[bytes, Groups] = {}
        for number, group in enumerate(self.groups):
            for term in getattr(group.targets, targets):
                found[term] = (*found.get(term, ()), number)
        return found

    @property
    def properties(self) -> frozenset[bytes] | None:
        """The properties whose triples the unbounded shapes read; None: all."""
        found: set[bytes] = set()
        for shape in self.unbounded:
            if shape.properties is None:
                return None
            found |= shape.properties
        return frozenset(found)


def read_reach(triples: Iterable[ox.Triple], excluded: Mapping[Targets, str] | None = None) -> Reach:
    """The reach of the shapes that the triples describe, which are well-formed.

    excluded: targets whose shapes are not to be validated by focus, and why.
    """
    return _Reader(tuple(triples)).reach(excluded or {})


class _Reader:
    def __init__(self, triples: tuple[ox.Triple, ...]) -> None:
        self._triples = triples
        self._described: dict[Term, dict[str, list[Term]]] = {}
        for triple in triples:
            self._described.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
        self._automaton = Automaton()
        self._shapes: dict[Term, int] = {}  # shape → the state of its focus nodes
        self._begun: set[Term] = set()  # shapes within which others are read
        # the parameters of constraint components of one's own
        self._parameters = {
            path.value
            for said in self._described.values()
            for parameter in said.get(SH + "parameter", ())
            for path in self._objects(parameter, SH + "path")
            if isinstance(path, ox.NamedNode)
        }

        self._of_literals = frozenset(
            notation(path).encode()
            for said in self._described.values()
            if SH + "datatype" in said
            for path in said.get(SH + "path", ())
        )

    def reach(self, excluded: Mapping[Targets, str]) -> Reach:
        groups: dict[Targets, list[Term]] = {}
        unbounded: list[Unbounded] = []
        for node in self._described:
            targets, queries = self._targets(node), self._objects(node, SH + "target")
            if targets == Targets() and not queries:
                continue
            if found := self._unbounded(node, targets, queries, excluded.get(targets)):
                unbounded.append(found)
            else:
                groups.setdefault(targets, []).append(node)
        marks = {targets: ox.NamedNode(f"{_MARK}{number}") for number, targets in enumerate(groups)}
        marked = {node: marks[targets] for targets, nodes in groups.items() for node in nodes}
        return Reach(
            self._triples,
            excluded,
            self._automaton,
            tuple(
                Group(
                    targets,
                    encode_iri(marks[targets].value),
                    self._automaton.closed(self._shape(node) for node in nodes),
                )
                for targets, nodes in groups.items()
            ),
            self._with_targets(lambda t: (_TARGET_OBJECTS_OF, marked[t.subject]) if t.subject in marked else None),
            tuple(unbounded),
            self._with_targets(lambda t: None if t.subject in marked else (t.predicate, t.object)),
        )

    def _with_targets(self, target: Callable[[ox.Triple], tuple[ox.NamedNode, Term] | None]) -> str:
        """The shapes as N-Triples, with other targets; where there is none, a triple that means nothing has its place.

        So blank nodes come in the same order, in which validators number them.
        """

        def written() -> Iterator[ox.Triple]:
            for triple in self._triples:
                if self._is_target(triple):
                    predicate, value = target(triple) or (_UNUSED, triple.object)
                    yield ox.Triple(triple.subject, predicate, value)
                else:
                    yield triple

        return serialize(written(), ox.RdfFormat.N_TRIPLES).decode()

    def _is_target(self, triple: ox.Triple) -> bool:
        if triple.predicate.value == RDF_TYPE:
            return triple.object == _CLASS and self._is_shape(triple.subject)
        return triple.predicate.value in _TARGETS or triple.predicate.value == SH + "target"

    def _is_shape(self, node: Term) -> bool:
        said = self._described[node]
        return any(predicate.startswith(SH) or predicate in self._parameters for predicate in said) or any(
            isinstance(type_, ox.NamedNode) and type_.value.startswith(SH) for type_ in said.get(RDF_TYPE, ())
        )

    def _targets(self, node: Term) -> Targets:
        found: dict[str, set[bytes]] = {name: set() for name in _TARGETS.values()}
        for predicate, name in _TARGETS.items():
            found[name].update(notation(value).encode() for value in self._objects(node, predicate))
        if _CLASS in self._objects(node, RDF_TYPE) and self._is_shape(node):
            found["classes"].add(notation(node).encode())
        return Targets(**{name: frozenset(values) for name, values in found.items()})

    def _unbounded(self, node: Term, targets: Targets, queries: list[Term], excluded: str | None) -> Unbounded | None:
        """Why a shape cannot be validated by focus; None if it can. excluded: why it is not to be."""
        states = self._automaton.reachable(self._shape(node))
        errors = [error for state in states for error in state.unbounded]
        errors += [UnboundedError("its target is a query", self._properties_of(target)) for target in queries]
        if excluded:
            errors.append(UnboundedError(excluded, frozenset()))
        if targets.nodes and any(state.zero_length for state in states):
            errors.append(UnboundedError("its query has a path of no length, and its target may not be in the data"))
        if not errors:
            return None
        if any(state.every for state in states) or any(error.properties is None for error in errors):
            return Unbounded(notation(node), str(errors[0]), None)
        properties = {*targets.subjects_of, *targets.objects_of, *([TYPE, SUBCLASS] if targets.classes else [])}
        for state in states:
            properties.update(state.forward, state.inverse)
        for error in errors:
            properties |= error.properties or frozenset()
        return Unbounded(notation(node), str(errors[0]), frozenset(properties))

    def _shape(self, node: Term) -> int:
        """The state of a focus node of the shape."""
        if node in self._shapes:
            if node in self._begun:
                # what a validator finds then depends on the other focus nodes; SHACL leaves it open (3.4.3)
                error = UnboundedError("it leads to itself", frozenset())
                self._automaton.states[self._shapes[node]].unbounded.append(error)
            return self._shapes[node]
        focus = self._shapes[node] = self._automaton.add()
        if _TRUE in self._objects(node, SH + "deactivated"):
            return focus  # everything conforms to it
        self._begun.add(node)
        paths = self._objects(node, SH + "path")
        value = self._automaton.add() if paths else focus
        for path in paths:
            self._automaton.states[focus].same.add(self._path(path, value))
        for predicate, objects in self._described.get(node, {}).items():
            self._constraint(node, predicate, objects, focus, value)
        self._begun.remove(node)
        return focus

    def _constraint(self, node: Term, predicate: str, objects: list[Term], focus: int, value: int) -> None:
        """Add what a property of a shape makes its focus node and value nodes demand."""
        state = self._automaton.states[value]
        if predicate in self._parameters:
            state.unbounded.append(UnboundedError("it has a constraint component of its own"))
        elif predicate in _PAIRS:
            for other in objects:
                self._automaton.step(focus, notation(other).encode(), self._automaton.nothing)
        elif predicate == SH + "closed":
            # of the value nodes, by the specification; the validator looks at the focus node of a property shape
            state.every.add(self._automaton.nothing)
            self._automaton.states[focus].every.add(self._automaton.nothing)
        elif predicate == SH + "sparql":
            self._queries(node, objects, focus)
        elif predicate == SH + "class":
            state.same.add(self._automaton.types)
        elif predicate in _SHAPES | _LISTS_OF_SHAPES:
            state.same.update(self._shape(shape) for shape in self._parts(node, predicate, objects))
        elif predicate.startswith(SH) and predicate not in _WITHOUT_TRIPLES:
            state.unbounded.append(UnboundedError(f"it has sh:{predicate.removeprefix(SH)}"))

    def _parts(self, node: Term, predicate: str, objects: list[Term]) -> Iterator[Term]:
        """The shapes that a property of a shape holds value nodes to."""
        for value in objects:
            yield from self._list(value) if predicate in _LISTS_OF_SHAPES else [value]
        if predicate == SH + "qualifiedValueShape":
            yield from self._siblings(node)

    def _siblings(self, shape: Term) -> Iterator[Term]:
        """The qualified value shapes of the shapes that have this one as a property shape, and their others (4.7.3)."""
        for said in self._described.values():
            properties = said.get(SH + "property", ())
            if shape in properties:
                for other in properties:
                    yield from self._objects(other, SH + "qualifiedValueShape")

    def _path(self, node: Term, end: int, *, inverse: bool = False) -> int:
        """The state of a node from which the path leads to nodes in the state `end`."""
        if members := list(self._list(node)):
            for member in members if inverse else reversed(members):
                end = self._path(member, end, inverse=inverse)
            return end
        start, state = self._automaton.add(), self._automaton.states[-1]
        said = self._described.get(node, {}) if isinstance(node, ox.BlankNode) else {}
        if alternatives := said.get(SH + "alternativePath"):
            parts = [part for head in alternatives for part in self._list(head)]
            state.same.update(self._path(part, end, inverse=inverse) for part in parts)
        elif inverted := said.get(SH + "inversePath"):
            return self._path(inverted[0], end, inverse=not inverse)
        elif repeated := [name for name in _REPEATED if name in said]:
            may_be_empty, may_repeat = _REPEATED[repeated[0]]
            last = self._automaton.add()
            self._automaton.states[last].same.add(end)
            first = self._path(said[repeated[0]][0], last, inverse=inverse)
            state.same.update({first, end} if may_be_empty else {first})
            if may_repeat:
                self._automaton.states[last].same.add(first)
        else:
            self._automaton.step(start, notation(node).encode(), end, inverse=inverse)
        return start

    def _queries(self, shape: Term, constraints: list[Term], focus: int) -> None:
        """Add what the queries of SPARQL constraints demand of their focus node, or why that is not known."""
        from core.query_reach import read_query  # noqa: PLC0415 - the parser takes half a second to import

        path = next(iter(self._objects(shape, SH + "path")), None)
        sparql_path = None if path is None else path_text(self._triples, path)
        for constraint in constraints:
            (text,) = self._objects(constraint, SH + "select")
            prefixes = self._prefixes(constraint)
            try:
                read_query(self._automaton, focus, _text(text), prefixes, sparql_path, self._of_literals)
            except UnboundedError as error:
                self._automaton.states[focus].unbounded.append(error)

    def _properties_of(self, target: Term) -> frozenset[bytes] | None:
        from core.query_reach import read_properties  # noqa: PLC0415 - as above

        (text,) = self._objects(target, SH + "select")
        return read_properties(_text(text), self._prefixes(target))

    def _prefixes(self, node: Term) -> dict[str, set[str]]:
        """Prefix → namespaces that the node has by sh:prefixes (https://www.w3.org/TR/shacl/#sparql-prefixes)."""
        waiting, seen = self._objects(node, SH + "prefixes"), set()
        found: dict[str, set[str]] = {}
        while waiting:
            owner = waiting.pop()
            if owner in seen:
                continue
            seen.add(owner)
            waiting += self._objects(owner, OWL + "imports")
            for declaration in self._objects(owner, SH + "declare"):
                for prefix in self._objects(declaration, SH + "prefix"):
                    namespaces = self._objects(declaration, SH + "namespace")
                    found.setdefault(_text(prefix), set()).update(_text(namespace) for namespace in namespaces)
        return found

    def _objects(self, node: Term, predicate: str) -> list[Term]:
        return list(self._described.get(node, {}).get(predicate, ()))

    def _list(self, head: Term) -> Iterator[Term]:
        """The members of a list; it ends where it is broken or comes back to itself."""
        seen: set[Term] = set()
        while head not in seen and (first := self._objects(head, RDF + "first")):
            seen.add(head)
            yield from first
            head = next(iter(self._objects(head, RDF + "rest")), head)


def _text(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""
