"""Reads the file of a saved query: its header of comments, and the query, validated; see docs/saved-queries.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import ParkGraphError
from core.files import read_bytes
from core.problems import Place, Problem, Severity
from core.query_validator import QueryProblem, SavedQueryValidator
from core.saved_queries import (
    EXTENSION,
    NAME,
    PLACES,
    VIEWS,
    Parameter,
    ParameterError,
    SavedQuery,
    Type,
    resolve,
    term,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pyoxigraph as ox

# lines without the space at their end
_LINE = re.compile(r"#[ \t]*+(?P<key>[^:]*+):(?:[ \t]++(?P<text>.*))?")
_CONTINUED = re.compile(r"#(?: {3,}|[ \t]*\t)(?P<text>\S.*)")
_KEY = re.compile(r"(?P<word>[a-z]+)(?:[ \t]+(?P<name>[^@\s]+))?(?:@(?P<language>\S+))?")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_PARAMETER_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_PARAMETER = re.compile(
    r"(?P<type>\w++)(?:\((?P<of>[^()\s]++)\))?(?P<optional>\?)?(?:\s++=\s+(?P<default>(?:\S++|\s++(?!(?:—|--)\s))*+))?"
    r"(?:\s+(?:—|--)\s+(?P<text>.*))?"
)
_HEADER = re.compile(r"\A(?:#[^\n]*(?:\n|\Z)|[ \t\r]*\n)+")
_ENGLISH = "en"
LARGEST = 1 << 20  # bytes of a file
_RESERVED = frozenset({"format", "timeout", "lang", "names"})  # parameters that every address of the kind has
_KEYS = {  # may the key have a name, and a language
    "title": (False, True),
    "description": (False, True),
    "param": (True, True),
    "example": (True, False),
    "column": (True, True),
    "view": (False, False),
    "place": (False, False),
    "group": (False, False),
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
    """The file is no saved query; `problems` has all that is wrong with it, at least one."""

    def __init__(self, name: str, problems: Iterable[QueryProblem]) -> None:
        self.problems = sorted(problems)
        first = self.problems[0]
        super().__init__(f"{name}.rq:{first.line}:{first.column}: {first.message}; {first.fix}")


@dataclass
class _Declared:
    """A parameter, with the line that declares it."""

    line: int
    type: Type
    default: str | None
    optional: bool
    descriptions: dict[str, str]
    members_of: str | None = None
    example: str | None = None


@dataclass
class _Header:
    """The entries of the leading comments, and the problems found so far."""

    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, _Declared] = field(default_factory=dict)
    column_titles: dict[str, dict[str, str]] = field(default_factory=dict)
    column_lines: dict[str, int] = field(default_factory=dict)
    view: str = "table"
    place: str | None = None
    group: str | None = None
    view_line: int = 1
    group_line: int = 1
    problems: list[QueryProblem] = field(default_factory=list)

    def report(self, line: int, message: str, fix: str, column: int = 1) -> None:
        self.problems.append(QueryProblem(line, column, message, fix))


def read_queries(
    folder: Path,
    shown: str,
    base: str,
    prefixes: Mapping[str, str],
    may_exist: Callable[[str], bool] = lambda _: True,
) -> tuple[dict[str, bytes], list[Problem]]:
    """The saved queries of a folder that are right: name → text of the file; and the problems of the others.

    shown: path of the folder in the places of problems. may_exist: whether the dataset may have a class or concept
    scheme of this IRI.
    """
    queries, problems = {}, []
    for path in sorted(folder.glob(f"*{EXTENSION}")):
        try:
            data = read_bytes(path, LARGEST)
            read(path.stem, data, base, prefixes, may_exist)
        except OSError as error:
            place = Place(f"{shown}/{path.name}")
            message, fix = f"the file cannot be read: {error.strerror}", "put a text file there"
            problems.append(Problem(place, Severity.VIOLATION, "saved-query", message, fix))
        except BrokenQueryError as error:
            for found in error.problems:
                place = Place(f"{shown}/{path.name}", found.line, found.column)
                problems.append(Problem(place, Severity.VIOLATION, "saved-query", found.message, found.fix))
        else:
            queries[path.stem] = data
    return queries, problems


def read(
    name: str,
    data: bytes,
    base: str,
    prefixes: Mapping[str, str],
    may_exist: Callable[[str], bool] = lambda _: True,
) -> SavedQuery:
    """The saved query of a file, whose name is given without its extension; BrokenQueryError has all problems.

    base, prefixes: those of the dataset, for the IRIs in the file. may_exist: as above.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BrokenQueryError(name, [QueryProblem(line, 1, "this is not UTF-8", "save the file as UTF-8")]) from error
    header = _read_header(text)
    classes = _members_of(header, base, prefixes)
    group = header.group and _resolve_class(header, header.group_line, header.group, base, prefixes)
    places = [(iri, header.parameters[parameter].line) for parameter, iri in classes.items()]
    for iri, line in [*places, *([(group, header.group_line)] if group else [])]:
        if not may_exist(iri):
            fix = "name a class or a concept scheme that the vocabulary has"
            header.report(line, f"the vocabulary has no <{iri}>", fix)
    if not NAME.fullmatch(name):
        header.report(1, f"'{name}' cannot be part of an address", "name the file by small letters, digits and hyphens")
    if not header.titles.get(_ENGLISH):
        header.report(1, "the query has no title", "begin the file with a line '# title: …'")
    parameters = tuple(
        Parameter(p, of.type, of.default, of.optional, of.example, of.descriptions, classes.get(p))
        for p, of in header.parameters.items()
    )
    samples = _samples(header, parameters, base, prefixes)
    form, columns = _validate(header, text, samples, base)
    if header.problems:
        raise BrokenQueryError(name, header.problems)
    query = _HEADER.sub("", text)
    return SavedQuery(
        name,
        header.titles,
        header.descriptions,
        parameters,
        header.view,
        header.place,
        group,
        query,
        form,
        columns,
        header.column_titles,
    )


def _read_header(text: str) -> _Header:
    header = _Header()
    seen: set[str] = set()
    for number, key, value in _entries(text, header):
        if key in seen:
            header.report(number, f"'{key}' stands twice", "leave one of the two")
        seen.add(key)
        match = _KEY.fullmatch(key)
        allowed = _KEYS.get(match["word"]) if match else None
        if match is None or allowed is None:
            known = "title, description, param NAME, example NAME, column NAME, view, place, group"
            header.report(
                number, f"'{key}' is not known here", f"use one of {known}; other comments go below the first line"
            )
        elif bool(match["name"]) != allowed[0] or (match["language"] and not allowed[1]):
            header.report(
                number, f"'{key}' is not written so", "as title, title@de, param NAME, param NAME@de, example NAME"
            )
        elif match["language"] and not _LANGUAGE.fullmatch(match["language"]):
            header.report(number, f"'{match['language']}' is no language tag", "write one such as de or zh-Hant")
        elif not value:
            header.report(number, f"'{key}' says nothing", "write its text behind the colon")
        else:
            _apply(header, number, match, value)
    return header


def _entries(text: str, header: _Header) -> list[tuple[int, str, str]]:
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
            entries.append((number, match["key"].rstrip(), match["text"] or ""))
        else:
            fix = "write '# key: text', or put a comment below the first line of the query"
            header.report(number, "this is no entry", fix)
    return entries


def _apply(header: _Header, number: int, match: re.Match[str], value: str) -> None:
    language = match["language"] or _ENGLISH
    match match["word"]:
        case "title" | "description" as word:
            {"title": header.titles, "description": header.descriptions}[word][language] = value
        case "param" if match["language"]:
            _extend_parameter(header, number, match["name"], lambda of: of.descriptions.update({language: value}))
        case "param":
            _parameter(header, number, match["name"], value)
        case "example":
            _extend_parameter(header, number, match["name"], lambda of: setattr(of, "example", value))
        case "column":
            header.column_titles.setdefault(match["name"], {})[language] = value
            header.column_lines.setdefault(match["name"], number)
        case "view" | "place" | "group" as word:
            _arrange(header, number, word, value)


def _arrange(header: _Header, number: int, word: str, value: str) -> None:
    known = {"view": list(VIEWS), "place": sorted(PLACES)}.get(word)
    if known and value not in known:
        header.report(number, f"there is no {word} '{value}'", f"use one of {', '.join(known)}")
    elif word == "view":
        header.view, header.view_line = value, number
    elif word == "place":
        header.place = value
    else:
        header.group, header.group_line = value, number


def _extend_parameter(header: _Header, number: int, name: str, change: Callable[[_Declared], None]) -> None:
    of = header.parameters.get(name)
    if of is None:
        header.report(
            number, f"no parameter '{name}' is declared above", f"write '# param {name}: TYPE' before this line"
        )
    else:
        change(of)


def _parameter(header: _Header, number: int, name: str, value: str) -> None:
    match = _PARAMETER.fullmatch(value)
    if not _PARAMETER_NAME.fullmatch(name) or name in _RESERVED:
        fix = f"letters, digits and _, and none of {', '.join(sorted(_RESERVED))}"
        header.report(number, f"'{name}' cannot be the name of a parameter", fix)
    elif match is None:
        fix = (
            "write TYPE, TYPE? for one that may be left out, or TYPE = DEFAULT, and behind a dash what it is; "
            "iri(CLASS) for the members of a class or a concept scheme"
        )
        header.report(number, f"'{name}' is not declared so", fix)
    elif match["type"] not in set(Type):
        header.report(number, f"there is no type '{match['type']}'", f"use one of {', '.join(Type)}")
    elif match["of"] and match["type"] != Type.IRI:
        header.report(number, f"values of type {match['type']} are no members of a class", "write iri(CLASS)")
    elif match["optional"] and match["default"] is not None:
        header.report(number, f"'{name}' has a default, so it may be left out anyway", "take the question mark away")
    else:
        descriptions = {_ENGLISH: match["text"]} if match["text"] else {}
        of = _Declared(
            number, Type(match["type"]), match["default"], bool(match["optional"]), descriptions, match["of"]
        )
        header.parameters[name] = of


def _members_of(header: _Header, base: str, prefixes: Mapping[str, str]) -> dict[str, str]:
    """The IRI of the class or concept scheme of each parameter that has one; reports what is no IRI."""
    found = {
        name: _resolve_class(header, of.line, of.members_of, base, prefixes)
        for name, of in header.parameters.items()
        if of.members_of is not None
    }
    return {name: iri for name, iri in found.items() if iri}


def _resolve_class(header: _Header, line: int, name: str, base: str, prefixes: Mapping[str, str]) -> str | None:
    """The IRI of a class or concept scheme in the header; reports what is none."""
    prefix, colon, local = name.partition(":")
    if colon and not prefix.startswith("<") and not local.startswith("/") and prefix not in prefixes:
        fix = f"use one of {', '.join(sorted(prefixes))}" if prefixes else "write the whole IRI"
        header.report(line, f"there is no prefix '{prefix}'", fix)
        return None
    try:
        return resolve(name, base, prefixes).value
    except ValueError:
        fix = "write a name with a prefix of the dataset, or an IRI without brackets"
        header.report(line, f"'{name}' is no IRI of a class or a concept scheme", fix)
        return None


def _samples(
    header: _Header, parameters: Iterable[Parameter], base: str, prefixes: Mapping[str, str]
) -> dict[str, ox.NamedNode | ox.Literal]:
    """A value for each parameter, to execute the query with; reports defaults and examples of a wrong type."""
    samples = {}
    for parameter in parameters:
        line = header.parameters[parameter.name].line
        if parameter.required and parameter.example is None:
            fix = f"write '# example {parameter.name}: …', or give it a default"
            header.report(line, f"'{parameter.name}' has to be given, and nothing says what it could be", fix)
        for value in (_SAMPLES[parameter.type], parameter.default, parameter.example):
            if value is not None:
                try:
                    samples[parameter.name] = term(parameter, value, base, prefixes)
                except ParameterError as error:
                    header.report(line, str(error), error.fix % error.variables)
    return samples


def _validate(
    header: _Header, text: str, samples: dict[str, ox.NamedNode | ox.Literal], base: str
) -> tuple[str, tuple[str, ...]]:
    """The form of the query and its columns; its problems are added to those of the header."""
    validator = SavedQueryValidator(text, base)
    validator.scan()
    for name in header.parameters.keys() - validator.variables:
        header.report(
            header.parameters[name].line, f"the query has no variable ?{name}", "use it, or leave it out here"
        )
    needed = {name: value for name, value in samples.items() if not header.parameters[name].optional}
    if all(validator.execute(terms) for terms in ({}, needed, samples)):
        missing = [column for column in VIEWS[header.view][0] if column not in validator.columns]
        if missing:
            what = f"the view {header.view} needs {', '.join(f'?{column}' for column in missing)}"
            header.report(header.view_line, what, "select it, or leave the view out")
        for column in header.column_titles.keys() - set(validator.columns):
            what = f"the query has no column '{column}'"
            header.report(header.column_lines[column], what, "name one that it selects, or leave its title out")
    header.problems += validator.problems
    return validator.form, validator.columns
