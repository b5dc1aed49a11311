"""Reads the file of a saved query: what its leading comments say, and the query, tried; see docs/saved-queries.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import ParkGraphError
from core.problems import Place, Problem, Severity
from core.query_trial import Fault, Trial
from core.saved_queries import EXTENSION, NAME, PLACES, VIEWS, Parameter, SavedQuery, Type, ValueFault, term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pyoxigraph as ox

_LINE = re.compile(r"#[ \t]*(?P<key>[^:]*?)[ \t]*:(?:[ \t]+(?P<text>.*?))?[ \t]*")
_CONTINUED = re.compile(r"#(?: {3,}|[ \t]*\t)(?P<text>\S.*?)[ \t]*")
_KEY = re.compile(r"(?P<word>[a-z]+)(?:[ \t]+(?P<name>[^@\s]+))?(?:@(?P<language>\S+))?")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_PARAMETER_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_PARAMETER = re.compile(r"(?P<type>\w+)(?P<optional>\?)?(?:\s+=\s+(?P<default>.*?))?(?:\s+(?:—|--)\s+(?P<text>.*))?")
_BEFORE = re.compile(r"\A(?:#[^\n]*(?:\n|\Z)|[ \t\r]*\n)+")
_ENGLISH = "en"
_RESERVED = frozenset({"format", "timeout", "lang"})  # parameters that every address of the kind has
_KEYS = {  # may the key have a name, and a language
    "title": (False, True),
    "description": (False, True),
    "param": (True, True),
    "example": (True, False),
    "view": (False, False),
    "place": (False, False),
}
_SAMPLES = {
    Type.IRI: "id/x",
    Type.STRING: "x",
    Type.INTEGER: "1",
    Type.DECIMAL: "1.5",
    Type.BOOLEAN: "true",
    Type.DATE: "2000-01-01",
    Type.YEAR: "2000",
    Type.LANGUAGE: "en",
}


class BrokenQueryError(ParkGraphError):
    """The file is no saved query; `faults` has all that is wrong with it, at least one."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults)
        first = self.faults[0]
        super().__init__(f"{name}.rq:{first.line}:{first.column}: {first.message}; {first.mend}")


@dataclass
class _Declared:
    """A parameter as far as it has been read."""

    line: int
    type: Type
    default: str | None
    optional: bool
    descriptions: dict[str, str]
    example: str | None = None


@dataclass
class _Head:
    """The leading comments."""

    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, _Declared] = field(default_factory=dict)
    view: str = "table"
    place: str | None = None
    view_line: int = 1
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, message: str, mend: str, column: int = 1) -> None:
        self.faults.append(Fault(line, column, message, mend))


def read_queries(
    folder: Path, shown: str, base: str, prefixes: Mapping[str, str]
) -> tuple[dict[str, bytes], list[Problem]]:
    """The saved queries of a folder: name → text of the file, and what is wrong with them.

    shown: path of the folder in the places of problems.
    """
    queries = {path.stem: path.read_bytes() for path in sorted(folder.glob(f"*{EXTENSION}"))}
    problems = []
    for name, data in queries.items():
        try:
            read(name, data, base, prefixes)
        except BrokenQueryError as error:
            for fault in error.faults:
                place = Place(f"{shown}/{name}{EXTENSION}", fault.line, fault.column)
                problems.append(Problem(place, Severity.VIOLATION, "saved-query", fault.message, fault.mend))
    return queries, problems


def read(name: str, data: bytes, base: str, prefixes: Mapping[str, str]) -> SavedQuery:
    """The saved query of a file, whose name is given without its extension; BrokenQueryError names all its faults.

    base, prefixes: those of the dataset, for the IRIs in the file.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BrokenQueryError(name, [Fault(line, 1, "this is not UTF-8", "save the file as UTF-8")]) from error
    head = _head(text)
    if not NAME.fullmatch(name):
        head.fault(1, f"'{name}' cannot be part of an address", "name the file by small letters, digits and hyphens")
    if not head.titles.get(_ENGLISH):
        head.fault(1, "the query has no title", "begin the file with a line '# title: …'")
    parameters = tuple(
        Parameter(p, of.type, of.default, of.optional, of.example, of.descriptions) for p, of in head.parameters.items()
    )
    samples = _samples(head, parameters, base, prefixes)
    form, columns = _try(head, text, samples, base)
    if head.faults:
        raise BrokenQueryError(name, head.faults)
    query = _BEFORE.sub("", text)
    return SavedQuery(name, head.titles, head.descriptions, parameters, head.view, head.place, query, form, columns)


def _head(text: str) -> _Head:
    head = _Head()
    seen: set[str] = set()
    for number, key, value in _entries(text, head):
        if key in seen:
            head.fault(number, f"'{key}' is said twice", "leave one of the two")
        seen.add(key)
        match = _KEY.fullmatch(key)
        allowed = _KEYS.get(match["word"]) if match else None
        if match is None or allowed is None:
            known = "title, description, param NAME, example NAME, view, place"
            head.fault(
                number, f"'{key}' is not known here", f"use one of {known}; other comments go below the first line"
            )
        elif bool(match["name"]) != allowed[0] or (match["language"] and not allowed[1]):
            head.fault(
                number, f"'{key}' is not written so", "as title, title@de, param NAME, param NAME@de, example NAME"
            )
        elif match["language"] and not _LANGUAGE.fullmatch(match["language"]):
            head.fault(number, f"'{match['language']}' is no language tag", "write one such as de or zh-Hant")
        elif not value:
            head.fault(number, f"'{key}' says nothing", "write its text behind the colon")
        else:
            _take(head, number, match, value)
    return head


def _entries(text: str, head: _Head) -> list[tuple[int, str, str]]:
    """Line number, key and text of each entry, with the lines that continue it."""
    entries: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith("#"):
            break
        continued, match = _CONTINUED.fullmatch(line.rstrip()), _LINE.fullmatch(line.rstrip())
        if continued and entries:
            last, key, before = entries[-1]
            entries[-1] = (last, key, f"{before} {continued['text']}".strip())
        elif match:
            entries.append((number, match["key"], match["text"] or ""))
        else:
            mend = "write '# key: text', or put a comment below the first line of the query"
            head.fault(number, "this is no entry", mend)
    return entries


def _take(head: _Head, number: int, match: re.Match[str], value: str) -> None:
    language = match["language"] or _ENGLISH
    match match["word"]:
        case "title":
            head.titles[language] = value
        case "description":
            head.descriptions[language] = value
        case "param" if match["language"]:
            _of_parameter(head, number, match["name"], lambda of: of.descriptions.update({language: value}))
        case "param":
            _parameter(head, number, match["name"], value)
        case "example":
            _of_parameter(head, number, match["name"], lambda of: setattr(of, "example", value))
        case "view" if value in VIEWS:
            head.view, head.view_line = value, number
        case "view":
            head.fault(number, f"there is no view '{value}'", f"use one of {', '.join(VIEWS)}")
        case "place" if value in PLACES:
            head.place = value
        case "place":
            head.fault(number, f"there is no place '{value}'", f"use one of {', '.join(sorted(PLACES))}")


def _of_parameter(head: _Head, number: int, name: str, change: Callable[[_Declared], None]) -> None:
    of = head.parameters.get(name)
    if of is None:
        head.fault(number, f"no parameter '{name}' is declared above", f"write '# param {name}: TYPE' before this line")
    else:
        change(of)


def _parameter(head: _Head, number: int, name: str, value: str) -> None:
    match = _PARAMETER.fullmatch(value)
    if not _PARAMETER_NAME.fullmatch(name) or name in _RESERVED:
        mend = f"letters, digits and _, and none of {', '.join(sorted(_RESERVED))}"
        head.fault(number, f"'{name}' cannot be the name of a parameter", mend)
    elif match is None:
        mend = "write TYPE, TYPE? for one that may be left out, or TYPE = DEFAULT, and behind a dash what it is"
        head.fault(number, f"'{name}' is not declared so", mend)
    elif match["type"] not in set(Type):
        head.fault(number, f"there is no type '{match['type']}'", f"use one of {', '.join(Type)}")
    elif match["optional"] and match["default"] is not None:
        head.fault(number, f"'{name}' has a default, so it may be left out anyway", "take the question mark away")
    else:
        descriptions = {_ENGLISH: match["text"]} if match["text"] else {}
        of = _Declared(number, Type(match["type"]), match["default"], bool(match["optional"]), descriptions)
        head.parameters[name] = of


def _samples(
    head: _Head, parameters: Iterable[Parameter], base: str, prefixes: Mapping[str, str]
) -> dict[str, ox.NamedNode | ox.Literal]:
    """A value for each parameter, to try the query with; defaults and examples have to be of their types."""
    samples = {}
    for parameter in parameters:
        line = head.parameters[parameter.name].line
        if parameter.required and parameter.example is None:
            mend = f"write '# example {parameter.name}: …', or give it a default"
            head.fault(line, f"'{parameter.name}' has to be given, and nothing says what it could be", mend)
        for value in (_SAMPLES[parameter.type], parameter.default, parameter.example):
            if value is not None:
                try:
                    samples[parameter.name] = term(parameter, value, base, prefixes)
                except ValueFault as error:
                    head.fault(line, str(error), error.mend)
    return samples


def _try(
    head: _Head, text: str, samples: dict[str, ox.NamedNode | ox.Literal], base: str
) -> tuple[str, tuple[str, ...]]:
    """The form of the query and its columns; all that is wrong with it joins the faults of its head."""
    trial = Trial(text, base)
    trial.look()
    for name in head.parameters.keys() - trial.variables:
        head.fault(head.parameters[name].line, f"the query has no variable ?{name}", "use it, or leave it out here")
    needed = {name: value for name, value in samples.items() if not head.parameters[name].optional}
    if all(trial.run(terms) for terms in ({}, needed, samples)):
        missing = [column for column in VIEWS[head.view][0] if column not in trial.columns]
        if missing:
            what = f"the view {head.view} needs {', '.join(f'?{column}' for column in missing)}"
            head.fault(head.view_line, what, "select it, or leave the view out")
    head.faults += trial.faults
    return trial.form, trial.columns
