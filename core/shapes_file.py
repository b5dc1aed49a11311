"""Reads a file of SHACL shapes, and refuses what is ill-formed or what is not offered, so that nothing is ignored.

By the syntax rules of https://www.w3.org/TR/shacl/#syntax-rules: most are checked by the SHACL shapes for shapes
(Appendix C), which pyshacl brings; those of queries (5.2.1, 5.3.1, Appendix A) are checked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pyoxigraph as ox
import shacl

from core.errors import InputError
from core.files import open_regular
from core.labels import local_name
from core.lexer import TokenKind, find_query_form, tokenize, unescape
from core.line_numbers import numbered_quads
from core.namespaces import OWL, RDF, RDF_TYPE, RDFS, SH
from core.problems import Place, Problem, Severity
from core.rdf import serialize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from core.lexer import Token
    from core.rdf import Term

_SHAPE_TYPES = frozenset({SH + "NodeShape", SH + "PropertyShape"})
_LEAD_TO_SHAPES = frozenset(SH + name for name in ("property", "node", "not", "qualifiedValueShape"))
_LISTS_OF_SHAPES = frozenset(SH + name for name in ("and", "or", "xone"))
_OF_PROPERTY_SHAPES = ("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape")
_UNARY_PATHS = ("inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")
_VALIDATORS = frozenset(SH + name for name in ("validator", "nodeValidator", "propertyValidator"))
_FORBIDDEN = ("MINUS", "VALUES", "SERVICE")


@dataclass(frozen=True)
class ShapesFile:
    """The triples of a file of shapes; blank nodes are numbered as they come, so that equal files give equal triples.

    lines: subject → the line that it is first described in.
    """

    path: Path
    triples: tuple[ox.Triple, ...]
    lines: dict[Term, int]

    @classmethod
    def read(cls, path: Path, base: str) -> ShapesFile:
        """Read and check the shapes, Turtle or what the extension says; InputError names what is wrong, and its line.

        base: IRI that relative IRIs are resolved against.
        """
        rdf_format = ox.RdfFormat.from_extension(path.suffix.removeprefix(".")) or ox.RdfFormat.TURTLE
        labels: dict[str, ox.BlankNode] = {}
        triples: dict[ox.Triple, None] = {}
        lines: dict[Term, int] = {}
        try:
            with open_regular(path) as file:
                for quad, numbered in numbered_quads(file, rdf_format, base):
                    triple = _relabelled(quad.triple, labels)
                    triples[triple] = None
                    if triple.subject not in lines:
                        lines[triple.subject] = numbered.line_of(quad.subject)
        except SyntaxError as error:
            raise InputError(f"{path}:{error.lineno}:{error.offset}: {error.msg}") from error
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}") from error
        shapes = cls(path, tuple(triples), lines)
        _Checker(shapes).check()
        return shapes

    @property
    def problems(self) -> list[Problem]:
        """Warnings about what is not validated although the file seems to ask for it."""
        return [
            Problem(Place(str(self.path), self.lines[node]), Severity.WARNING, code, message, fix)
            for node, code, message, fix in (*self._imports(), *self._unused())
        ]

    def _imports(self) -> Iterator[tuple[Term, str, str, str]]:
        """The graphs that owl:imports names and that the file says nothing of."""
        for triple in self.triples:
            if triple.predicate.value == OWL + "imports" and triple.object not in self.lines:
                fix = "give one file that has all shapes"
                yield triple.subject, "imports", f"{triple.object} is imported, and not read", fix

    def _unused(self) -> Iterator[tuple[Term, str, str, str]]:
        """The shapes that have no target (2.1.3) and that no other shape names."""
        used = {triple.object for triple in self.triples if triple.subject != triple.object}
        used |= {triple.subject for triple in self.triples if _is_target(triple)}
        for triple in self.triples:
            node, is_type = triple.subject, triple.predicate.value == RDF_TYPE
            if is_type and getattr(triple.object, "value", "") in _SHAPE_TYPES and node not in used:
                message = f"nothing is held to the shape {node}: it has no target, and no shape leads to it"
                yield node, "unused", message, "give it a target such as sh:targetClass; an owl:Class is none by itself"

    def ntriples(self) -> str:
        return serialize(self.triples, ox.RdfFormat.N_TRIPLES).decode()


def _is_target(triple: ox.Triple) -> bool:
    is_class = triple.predicate.value == RDF_TYPE and triple.object == ox.NamedNode(RDFS + "Class")
    return is_class or triple.predicate.value.startswith(SH + "target")


def _relabelled(triple: ox.Triple, labels: dict[str, ox.BlankNode]) -> ox.Triple:
    """The triple with blank nodes that are named by their order, as the validator names those of shapes in reports."""

    def relabel(term: Term) -> Term:
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term.value, ox.BlankNode(f"1_b{len(labels)}"))
        return _relabelled(term, labels) if isinstance(term, ox.Triple) else term

    return ox.Triple(relabel(triple.subject), triple.predicate, relabel(triple.object))  # type: ignore[arg-type]


class _Checker:
    """Refuses triples that are no well-formed shapes, by an InputError with the line of the shape."""

    def __init__(self, shapes: ShapesFile) -> None:
        self._shapes = shapes
        self._described: dict[Term, dict[str, list[Term]]] = {}  # subject → predicate → objects
        for triple in shapes.triples:
            objects = self._described.setdefault(triple.subject, {}).setdefault(triple.predicate.value, [])
            objects.append(triple.object)

    def check(self) -> None:
        shapes = self._find_shapes()
        if not shapes:
            raise InputError(f"{self._shapes.path}: there is no SHACL shape in it")
        for node in self._described:
            if node in shapes or isinstance(node, ox.BlankNode):
                self._check_terms(node)
            self._check_features(node)
        self._check_syntax_rules()
        for node in self._described:
            self._check_queries(node)

    def _find_shapes(self) -> set[Term]:
        """The nodes that are shapes (https://www.w3.org/TR/shacl/#shapes)."""
        found: set[Term] = set()
        for node, described in self._described.items():
            if not _SHAPE_TYPES.isdisjoint(self._types(node)) or not _shape_predicates().isdisjoint(described):
                found.add(node)
            for predicate in _LEAD_TO_SHAPES:
                found.update(self._objects(node, predicate))
            for predicate in _LISTS_OF_SHAPES:
                for head in self._objects(node, predicate):
                    found.update(self._list(head))
        return found

    def _check_terms(self, node: Term) -> None:
        """Refuse what SHACL's namespace does not have: typing errors, and terms of later versions."""
        for iri in (*self._described[node], *self._types(node)):
            if iri.startswith(SH) and iri not in _vocabulary():
                self._refuse(node, f"sh:{iri.removeprefix(SH)} is no term of SHACL 1.0")

    def _check_features(self, node: Term) -> None:
        if self._objects(node, SH + "entailment"):
            self._refuse(node, "sh:entailment is not offered: add the triples to the data")
        if any(iri.startswith(SH + "js") for iri in self._described[node]):
            self._refuse(node, "constraints in JavaScript (sh:js) are not run")
        for target in self._objects(node, SH + "target"):
            if not self._objects(target, SH + "select"):
                self._refuse(node, "of sh:target only a sh:SPARQLTarget with its sh:select is offered")

    def _check_syntax_rules(self) -> None:
        """Refuse what the SHACL shapes for shapes find."""
        found = _shapes_for_shapes().validate_text(self._shapes.ntriples(), format="ntriples", inference="none").results
        # results that name a parameter come first: they say more than that a shape is neither of the two kinds
        for result in sorted(found, key=lambda result: (result.path is None, result.focus_node)):
            node = self._node(result.focus_node)
            if error := self._syntax_error(node, result):
                self._refuse(node, f"the shape is ill-formed: {error}")

    def _node(self, label: str) -> Term | None:
        """The node that the validator names so, who numbers blank nodes after those of the shapes for shapes."""
        if label.startswith("_:0_b"):
            label = f"_:1_b{int(label[5:]) - _blank_nodes_of_shapes_for_shapes()}"
        return next((node for node in self._described if str(node) == label), None)

    def _syntax_error(self, node: Term | None, result: shacl.Result) -> str:
        """The error that a result of the shapes for shapes is about; empty if there is none: they refuse some paths."""
        paths = self._objects(node, SH + "path")
        predicate = (result.path or "").strip("<>")
        if predicate in {"", SH + "path"}:
            misplaced = [name for name in _OF_PROPERTY_SHAPES if self._objects(node, SH + name)]
            if misplaced and not paths:
                return f"sh:{misplaced[0]} needs an sh:path beside it"
            if len(paths) == 1 and not self._is_path(paths[0]):
                return "its sh:path is no property path"
            return "" if len(paths) == 1 else f"a property shape has one sh:path, and it has {len(paths)}"
        name, values = f"sh:{predicate.removeprefix(SH)}", self._objects(node, predicate)
        if result.component.startswith("MaxCount"):
            return f"it has {len(values)} values of {name}"
        value = result.value or next(iter(values), "")
        return f"{name} may not be {value}" if not str(value).startswith("_:") else f"{name} is not well-formed"

    def _is_path(self, node: Term, within: tuple[Term, ...] = ()) -> bool:
        """Whether exactly one form of paths (2.3.1) describes the node; within: the paths that it is a part of."""
        if not isinstance(node, ox.BlankNode) or node in within:
            return isinstance(node, ox.NamedNode)

        def are_paths(nodes: list[Term], least: int) -> bool:
            return len(nodes) >= least and all(self._is_path(part, (*within, node)) for part in nodes)

        alternatives = self._objects(node, SH + "alternativePath")
        forms = [are_paths(list(self._list(node)), 2)]
        forms += [are_paths(list(self._list(head)), 2) for head in alternatives]
        forms += [are_paths(self._objects(node, SH + name), 1) for name in _UNARY_PATHS]
        return forms.count(True) == 1

    def _check_queries(self, node: Term) -> None:
        """Check the queries of constraints, targets and validators that the node has."""
        is_property_shape = bool(self._objects(node, SH + "path"))
        for constraint in self._objects(node, SH + "sparql"):
            self._check_query(constraint, "select", {"this"}, has_path=is_property_shape)
        for target in self._objects(node, SH + "target"):
            self._check_query(target, "select", set(), has_path=False)
        parameters = {
            local_name(path.value)
            for parameter in self._objects(node, SH + "parameter")
            for path in self._objects(parameter, SH + "path")
            if isinstance(path, ox.NamedNode)
        }
        for predicate in _VALIDATORS:
            for validator in self._objects(node, predicate):
                form = "ask" if self._objects(validator, SH + "ask") else "select"
                bound = {"this", *parameters, *(["value"] if form == "ask" else [])}
                self._check_query(validator, form, bound, has_path=predicate == SH + "propertyValidator")

    def _check_query(self, node: Term, form: str, bound: Collection[str], *, has_path: bool) -> None:
        """bound: names of the variables that have values before the query runs."""
        texts = self._objects(node, SH + form)
        if len(texts) != 1 or not isinstance(texts[0], ox.Literal):
            self._refuse(node, f"it needs one text as sh:{form}")
        terminals = list(tokenize(unescape(texts[0].value)))
        for error in _query_errors(terminals, form.upper(), bound, has_path=has_path):
            self._refuse(node, f"the query of sh:{form} {error}")

    def _objects(self, node: Term | None, predicate: str) -> list[Term]:
        return self._described.get(node, {}).get(predicate, []) if node is not None else []

    def _types(self, node: Term) -> list[str]:
        return [term.value for term in self._objects(node, RDF_TYPE) if isinstance(term, ox.NamedNode)]

    def _list(self, head: Term) -> Iterator[Term]:
        """The members of a list; it ends where it is broken or comes back to itself."""
        seen: set[Term] = set()
        while head in self._described and head not in seen:
            seen.add(head)
            yield from self._objects(head, RDF + "first")
            head = next(iter(self._objects(head, RDF + "rest")), head)

    def _refuse(self, node: Term | None, message: str) -> NoReturn:
        line = 1 if node is None else self._shapes.lines.get(node, 1)
        named = f"{node}: " if isinstance(node, ox.NamedNode) else ""
        raise InputError(f"{self._shapes.path}:{line}:1: {named}{message}")


def _query_errors(terminals: Sequence[Token], form: str, bound: Collection[str], *, has_path: bool) -> Iterator[str]:
    """What forbids to run the query with values for the variables (Appendix A)."""
    start = find_query_form(terminals)
    if start == len(terminals) or not terminals[start].is_word(form):
        yield f"is no {form} query"
    elif form == "SELECT" and not {"*", "this"} & set(_projection(terminals, start)):
        yield "does not select $this"
    for place, token in enumerate(terminals):
        following = terminals[place + 1].text if place + 1 < len(terminals) else ""
        word = token.text.upper() if token.kind is TokenKind.WORD else ""
        if word in _FORBIDDEN and bound:
            yield f"has {word}, which values given beforehand do not allow"
        if word == "AS" and following[1:] in bound:
            yield f"binds {following}, which has a value already"
        if word == "FROM" or (word == "GRAPH" and following[1:] != "shapesGraph"):
            yield f"has {word}: shapes are about one graph, which has no others in it"
        if word == "SELECT" and place > start:
            missing = set(bound) - set(_projection(terminals, place))
            yield from (f"has a sub-query that does not select ${name}" for name in sorted(missing))
        if not has_path and token.kind is TokenKind.VARIABLE and token.text[1:] == "PATH":
            yield "has $PATH, which only property shapes have"


def _projection(terminals: Sequence[Token], place: int) -> Iterator[str]:
    """The names of the variables that the SELECT at this place selects as they are, and `*`."""
    depth = 0
    for token in terminals[place + 1 :]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "{" or token.is_word("WHERE") or token.is_word("FROM"):
            return
        if not depth and token.kind is TokenKind.VARIABLE:
            yield token.text[1:]
        elif not depth and token.text == "*":
            yield "*"


@cache
def _asset(name: str) -> Path:
    """A file that pyshacl brings, found without importing it."""
    spec = find_spec("pyshacl")
    if spec is None or spec.origin is None:
        raise InputError("the package pyshacl is not installed")
    return Path(spec.origin).parent / "assets" / name


@cache
def _vocabulary() -> frozenset[str]:
    """The IRIs that SHACL and its Advanced Features define."""
    subjects = {quad.subject for quad in ox.parse(path=_asset("shacl.ttl"))}
    return frozenset(subject.value for subject in subjects if isinstance(subject, ox.NamedNode))


@cache
def _shapes_for_shapes() -> shacl.Shapes:
    return shacl.Shapes.from_file(str(_asset("shacl-shacl.ttl")))


@cache
def _blank_nodes_of_shapes_for_shapes() -> int:
    quads = list(ox.parse(path=_asset("shacl-shacl.ttl")))
    return len({term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, ox.BlankNode)})


@cache
def _shape_predicates() -> frozenset[str]:
    """Predicates whose subjects are shapes."""
    subjects_of = ox.NamedNode(SH + "targetSubjectsOf")
    found = (quad.object for quad in ox.parse(path=_asset("shacl-shacl.ttl")) if quad.predicate == subjects_of)
    return frozenset({SH + "path", SH + "target", *(iri.value for iri in found if isinstance(iri, ox.NamedNode))})
