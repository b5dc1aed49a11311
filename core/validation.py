"""Validation of RDF by SHACL (https://www.w3.org/TR/shacl/): its results, and the report of them.

Two validators: `shacl` decides; `pyshacl` gives a second opinion, and what only one of them finds is told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.labels import local_name
from core.namespaces import RDF, RDF_TYPE, SH, XSD
from core.problems import Problem, Severity
from core.rdf import parse_term, serialize
from core.shapes import path_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from core.rdf import Term

    Described: TypeAlias = Mapping[Term, Mapping[str, list[Term]]]  # subject → predicate → objects

SECOND_OPINION = 100_000  # triples, up to which pyshacl is asked as well
_SEVERITIES = {SH + "Violation": Severity.VIOLATION, SH + "Warning": Severity.WARNING, SH + "Info": Severity.INFO}
_ONLY_OURS = "shacl finds this, and pyshacl does not"
_DIFFERENCES = 10  # that are told of each validator
_LONGEST = 200  # characters of a value in a problem


@dataclass(frozen=True)
class ValidationResult:
    """One validation result: focus node, rule and message; terms are in N-Triples syntax, paths in SPARQL's.

    rule: IRI of the shape, or name of the check, that the focus node does not conform to; if the shape is a blank node,
    the IRI of the constraint component. severity: a violation where the shape has a severity of its own. component: IRI
    of the constraint component. properties: predicate and object of all that the report says of it; described: triples
    about the blank nodes among these.
    """

    focus: str
    rule: str
    severity: Severity
    message: str
    fix: str = ""
    path: str | None = None
    value: str | None = None
    component: str | None = None
    properties: tuple[tuple[str, Term], ...] = field(default=(), compare=False)
    described: tuple[ox.Triple, ...] = field(default=(), compare=False)

    def text(self, subject: str) -> str:
        """The result in one line: subject, path, value, message, component, and a severity of the shape's own."""
        path = f", path {self.path}" if self.path else ""
        value = f", value {shortened(self.value)}" if self.value and self.value != self.focus else ""
        component = f" ({_prefixed(self.component)})" if self.component and self.component != self.rule else ""
        own = (term for name, term in self.properties if name == SH + "resultSeverity")
        component += "".join(f" of severity {term}" for term in own if getattr(term, "value", "") not in _SEVERITIES)
        about = f"{shortened(subject)}{path}{value}: " if subject else ""
        return f"{about}{self.message}{component}"


@dataclass(frozen=True)
class ShaclOutcome:
    """The results of the validator that decides, and what is no part of the report.

    remarks: about differences between the validators; the focus is empty if it is about no node. problems: of the
    shapes, which leave something out that they seem to ask for.
    """

    results: tuple[ValidationResult, ...] = ()
    remarks: tuple[ValidationResult, ...] = ()
    problems: tuple[Problem, ...] = ()


def report(results: Iterable[ValidationResult], base: str) -> bytes:
    """The report of `report_triples` in Turtle."""
    return serialize(report_triples(results, base), ox.RdfFormat.TURTLE, {"sh": SH, "xsd": XSD, "rdf": RDF})


def report_triples(results: Iterable[ValidationResult], base: str) -> list[ox.Triple]:
    """A SHACL validation report (https://www.w3.org/TR/shacl/#validation-report); its results have IRIs.

    base: that their IRIs begin with. The results of checks have no constraint component and no shape.
    """
    ordered = sorted(results, key=lambda result: (result.severity, result.rule, result.focus, result.message))
    this, node = f"{base}report", ox.NamedNode
    conforms = ox.Literal(str(not ordered).lower(), datatype=node(XSD + "boolean"))
    triples = {
        ox.Triple(node(this), node(RDF_TYPE), node(SH + "ValidationReport")): None,
        ox.Triple(node(this), node(SH + "conforms"), conforms): None,
    }
    for number, result in enumerate(ordered, 1):
        entry = node(f"{this}#{number}")
        triples[ox.Triple(node(this), node(SH + "result"), entry)] = None
        # labels of the nodes of a path are those of one run of the validator
        parts = dict.fromkeys(triple.subject for triple in result.described)
        named: dict[Term, Term] = {part: ox.BlankNode(f"path{number}_{place}") for place, part in enumerate(parts)}
        for predicate, value in result.properties or _properties(result):
            triples[ox.Triple(entry, node(predicate), named.get(value, value))] = None
        for triple in result.described:
            subject, value = (named.get(term, term) for term in (triple.subject, triple.object))
            triples[ox.Triple(subject, triple.predicate, value)] = None  # type: ignore[arg-type]
    return list(triples)


def _properties(result: ValidationResult) -> Iterator[tuple[str, Term]]:
    """What the report says of the result of a check."""
    yield RDF_TYPE, ox.NamedNode(SH + "ValidationResult")
    yield SH + "resultSeverity", ox.NamedNode(SH + result.severity.capitalize())
    yield SH + "resultMessage", ox.Literal(result.message)
    yield SH + "focusNode", parse_term(result.focus)


def described(ntriples: str) -> Described:
    """What N-Triples say of each subject."""
    found: dict[Term, dict[str, list[Term]]] = {}
    for quad in ox.parse(ntriples.encode(), ox.RdfFormat.N_TRIPLES):
        triple = quad.triple
        found.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    return found


def read_results(report: str, shapes: Described) -> list[ValidationResult]:
    """The results of a report in N-Triples; the shapes give a message to those that have none."""
    said = described(report)
    nodes = (node for of_subject in said.values() for node in of_subject.get(SH + "result", ()))
    return [_result(said[node], said, shapes) for node in nodes]


def in_order(results: Iterable[ValidationResult]) -> list[ValidationResult]:
    """The results in the one order that they are told in, however they were found: by focus node, rule and path."""

    def key(result: ValidationResult) -> tuple[str, ...]:
        place = (result.focus, result.rule, result.path, result.value, result.component, result.message)
        said = sorted(f"{name} {term}" for name, term in result.properties if name != SH + "resultPath")
        return *(part or "" for part in place), *said

    return sorted(results, key=key)


def _result(said: Mapping[str, list[Term]], report: Described, shapes: Described) -> ValidationResult:
    def first(name: str) -> Term | None:
        return next(iter(said.get(SH + name, ())), None)

    shape, component, severity = first("sourceShape"), first("sourceConstraintComponent"), first("resultSeverity")
    path, value = first("resultPath"), first("value")
    about_path = list(_closure(path, report)) if isinstance(path, ox.BlankNode) else []
    messages = said.get(SH + "resultMessage", [])
    properties = [(predicate, term) for predicate, terms in said.items() for term in terms]
    message = _preferred(messages) or _default_message(shape, component, shapes)
    if not messages:
        properties.append((SH + "resultMessage", ox.Literal(message)))
    return ValidationResult(
        focus=_ntriples(focus) if (focus := first("focusNode")) else "",
        rule=next((term.value for term in (shape, component) if isinstance(term, ox.NamedNode)), ""),
        severity=_SEVERITIES.get(getattr(severity, "value", ""), Severity.VIOLATION),
        message=message,
        path=None if path is None else path_text(about_path, path),
        value=None if value is None else _ntriples(value),
        component=getattr(component, "value", None),
        properties=tuple(properties),
        described=tuple(about_path),
    )


def _closure(node: Term, said: Described) -> Iterator[ox.Triple]:
    """The triples about a blank node, and about those that they lead to."""
    waiting, seen = [node], {node}
    while waiting:
        subject = waiting.pop()
        for predicate, terms in said.get(subject, {}).items():
            for term in terms:
                yield ox.Triple(subject, ox.NamedNode(predicate), term)  # type: ignore[arg-type]
                if isinstance(term, ox.BlankNode) and term not in seen:
                    seen.add(term)
                    waiting.append(term)


def _preferred(messages: Iterable[Term]) -> str:
    """The message in English, or else in no language, or else the first; empty if there is none."""
    literals = [message for message in messages if isinstance(message, ox.Literal)]
    ordered = sorted(literals, key=lambda text: (not (text.language or "").startswith("en"), text.language or ""))
    return " ".join(ordered[0].value.split()) if ordered else ""


def _default_message(shape: Term | None, component: Term | None, shapes: Described) -> str:
    """What the shape asks for by the component, such as 'does not conform to sh:minCount 1'."""
    if not isinstance(component, ox.NamedNode):
        return "does not conform to the shape"
    name = local_name(component.value).removesuffix("ConstraintComponent")
    parameter = SH + name[:1].lower() + name[1:]
    values = shapes.get(shape, {}).get(parameter, []) if shape is not None else []
    shown = [_plain(value) for value in values if not isinstance(value, ox.BlankNode)]
    return " ".join(["does not conform to", _prefixed(parameter if values else component.value), *shown[:1]])


def differences(
    found: Mapping[str, list[ValidationResult]], judged: Mapping[str, list[ValidationResult]]
) -> Iterator[ValidationResult]:
    """What only one of the validators finds; found: graph → results of the one that decides, judged: of pyshacl."""

    def keys(results: Mapping[str, list[ValidationResult]]) -> Counter[tuple[str, ...]]:
        # blank nodes have other names in each, and pyshacl tells no value of a component that is not SHACL's own
        return Counter(
            tuple("_:" if (part or "").startswith("_:") else part or "" for part in (*key, graph))
            for graph, group in results.items()
            for result in group
            for value in [result.value if (result.component or "").startswith(SH) else None]
            for key in [(result.focus, result.path, value, result.component)]
        )

    ours, theirs = keys(found), keys(judged)
    for more, said in ((theirs - ours, "pyshacl finds this, and shacl does not"), (ours - theirs, _ONLY_OURS)):
        for number, (focus, path, value, component, _) in enumerate(more):
            if number == _DIFFERENCES:
                message = f"{said}, {len(more) - number} more times"
                yield ValidationResult("", "second-opinion", Severity.WARNING, message)
                break
            yield ValidationResult(
                focus,
                "second-opinion",
                Severity.WARNING,
                said,
                path=path or None,
                value=value or None,
                component=component or None,
            )


def _ntriples(term: Term) -> str:
    return f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The text, or its beginning if it has more characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _plain(term: Term) -> str:
    """A value of a parameter, without the datatype of a number."""
    if isinstance(term, ox.Literal) and term.datatype.value != XSD + "string" and term.datatype.value.startswith(XSD):
        return term.value
    return _prefixed(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _prefixed(iri: str) -> str:
    for prefix, namespace in (("sh", SH), ("xsd", XSD)):
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return f"<{iri}>"
