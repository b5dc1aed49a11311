"""Validation of RDF by SHACL (https://www.w3.org/TR/shacl/): its results, and the report of them.

Two validators: `shacl` decides; `pyshacl` gives a second opinion, and what only one of them finds is told.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import pyoxigraph as ox

from core import shacl_process
from core.errors import InputError
from core.labels import local_name
from core.limits import half_of_memory
from core.namespaces import RDF, RDF_TYPE, SH, XSD
from core.problems import Place, Problem, Severity
from core.rdf import parse_term, serialize
from core.shapes import path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from core.rdf import Term

    Described: TypeAlias = Mapping[Term, Mapping[str, list[Term]]]  # subject → predicate → objects

SECOND_OPINION = 100_000  # triples, up to which pyshacl is asked as well
# of memory, beside copies of the file: measured up to 630, with a million blank nodes and the most violations
_BYTES_PER_TRIPLE, _COPIES = 700, 3
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
        value = f", value {_shortened(self.value)}" if self.value and self.value != self.focus else ""
        component = f" ({_prefixed(self.component)})" if self.component and self.component != self.rule else ""
        own = (term for name, term in self.properties if name == SH + "resultSeverity")
        component += "".join(f" of severity {term}" for term in own if getattr(term, "value", "") not in _SEVERITIES)
        about = f"{_shortened(subject)}{path}{value}: " if subject else ""
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


def validate(
    data: Path,
    shapes: Path,
    base: str,
    progress: Callable[[str], None],
    *,
    second_opinion: int = SECOND_OPINION,
    by_graph: bool = False,
) -> ShaclOutcome:
    """Validate data by shapes (https://www.w3.org/TR/shacl/#validation).

    data: N-Triples; with by_graph, lines of the name of a graph, a tab and a triple, sorted by the names: each graph is
    validated by itself. base: IRI that relative IRIs of the shapes are resolved against. progress: called with the name
    of each step that begins. second_opinion: pyshacl is asked too, if there are at most so many triples.

    InputError if the shapes are ill-formed or ask for what is not offered, or the validator needs too much memory.
    """
    triples = _count_lines(data)
    if not by_graph:
        progress(f"validating {triples} triples in at most {max(1, _memory(data, triples) >> 20)} MiB of memory")
    read, *reports = _run("shacl", shapes, base, data, by_graph=by_graph)
    described = _described(_parse(read["shapes"]))
    found = {report["graph"]: _results(report["report"], described) for report in reports}
    results = tuple(result for group in found.values() for result in group)
    remarks: list[ValidationResult] = []
    if sum(result.severity is Severity.VIOLATION for result in results) >= shacl_process.MOST_VIOLATIONS:
        message = f"validation ended with {shacl_process.MOST_VIOLATIONS} violations: there may be more"
        remarks.append(ValidationResult("", "more", Severity.INFO, message))
    elif second_opinion and triples <= second_opinion:
        progress("asking pyshacl for a second opinion")
        try:
            _, *others = _run("pyshacl", shapes, base, data, by_graph=by_graph)
        except InputError as error:
            message = f"pyshacl has no opinion: {error}"
            remarks.append(ValidationResult("", "second-opinion", Severity.INFO, message))
        else:
            judged = {report["graph"]: _results(report["report"], described) for report in others}
            remarks += _differences(found, judged)
    return ShaclOutcome(results, tuple(remarks), tuple(_problem(**fields) for fields in read["problems"]))


def _problem(place: dict[str, Any], severity: str, **fields: Any) -> Problem:
    return Problem(Place(**place), Severity(severity), **fields)


def report(results: Iterable[ValidationResult], base: str) -> bytes:
    """A SHACL validation report in Turtle (https://www.w3.org/TR/shacl/#validation-report); its results have IRIs.

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
        for predicate, value in result.properties or _properties(result):
            triples[ox.Triple(entry, node(predicate), value)] = None
        triples |= dict.fromkeys(result.described)
    return serialize(triples, ox.RdfFormat.TURTLE, {"sh": SH, "xsd": XSD, "rdf": RDF})


def _properties(result: ValidationResult) -> Iterator[tuple[str, Term]]:
    """What the report says of the result of a check."""
    yield RDF_TYPE, ox.NamedNode(SH + "ValidationResult")
    yield SH + "resultSeverity", ox.NamedNode(SH + result.severity.capitalize())
    yield SH + "resultMessage", ox.Literal(result.message)
    yield SH + "focusNode", parse_term(result.focus)


def _memory(data: Path, triples: int) -> int:
    """Bytes of memory that the validation of a file takes, at most; InputError if there are not so many for it."""
    needed, allowed = triples * _BYTES_PER_TRIPLE + data.stat().st_size * _COPIES, half_of_memory()
    if needed > allowed:
        raise InputError(
            f"validation by SHACL may take {needed / 1e9:.1f} GB of memory for {triples} triples, and half of this "
            f"machine's is {allowed / 1e9:.1f} GB: validate on a larger machine, or each graph by itself"
        )
    return needed


def _count_lines(data: Path) -> int:
    with data.open("rb") as lines:
        return sum(1 for _ in lines)


def _run(validator: str, shapes: Path, base: str, data: Path, *, by_graph: bool) -> list[dict[str, Any]]:
    """What the process of a validator writes (core/shacl_process.py): the shapes, and the report of each graph."""
    command = [sys.executable, "-P", "-m", shacl_process.__name__, validator, str(shapes), base, str(data)]
    if by_graph:
        command.append("by-graph")
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            lines = process.stdout.readlines()
        finally:
            process.kill()
        error = _error(process.wait(), errors, shapes)
    if error:
        raise InputError(error)
    return [json.loads(line) for line in lines]


def _error(code: int, errors: IO[bytes], shapes: Path) -> str:
    """Why a validator failed, in one line; empty if it did not."""
    if code == -signal.SIGXCPU:
        return f"{shapes}: validation takes longer than {shacl_process.PYSHACL_SECONDS} s"
    if code < 0:
        return f"{shapes}: validation takes more than half of this machine's memory, or recurs without end"
    errors.seek(0)
    last = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
    try:
        error = str(json.loads(last)["error"])
    except (ValueError, KeyError, TypeError):
        error = f"{shapes}: {last or f'exit code {code}'}"
    return _shortened(" ".join(error.split()), 400)


def _parse(ntriples: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(ntriples.encode(), ox.RdfFormat.N_TRIPLES)]


def _described(triples: Iterable[ox.Triple]) -> Described:
    found: dict[Term, dict[str, list[Term]]] = {}
    for triple in triples:
        found.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    return found


def _results(report: str, shapes: Described) -> list[ValidationResult]:
    """The results of a report in N-Triples; the shapes give a message to those that have none."""
    described = _described(_parse(report))
    nodes = (node for said in described.values() for node in said.get(SH + "result", ()))
    return [_result(described[node], described, shapes) for node in nodes]


def _result(said: Mapping[str, list[Term]], described: Described, shapes: Described) -> ValidationResult:
    def first(name: str) -> Term | None:
        return next(iter(said.get(SH + name, ())), None)

    shape, component, severity = first("sourceShape"), first("sourceConstraintComponent"), first("resultSeverity")
    path, value = first("resultPath"), first("value")
    about_path = list(_closure(path, described)) if isinstance(path, ox.BlankNode) else []
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


def _closure(node: Term, described: Described) -> Iterator[ox.Triple]:
    """The triples about a blank node, and about those that they lead to."""
    waiting, seen = [node], {node}
    while waiting:
        subject = waiting.pop()
        for predicate, terms in described.get(subject, {}).items():
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


def _differences(
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


def _shortened(text: str, longest: int = _LONGEST) -> str:
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
