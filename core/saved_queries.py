"""Saved queries: SPARQL with a title, parameters and a place in the pages; docs/saved-queries.md tells how.

A value is put where a terminal of the query is the variable of its parameter, as a whole RDF term and never as text:
so it also holds in sub-queries, aggregates and paths, on any engine, and cannot become anything else than one term.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pyoxigraph as ox

from core.errors import ParkGraphError
from core.lexer import TokenKind, tokenize
from core.namespaces import XSD, compact
from core.wording import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTENSION = ".rq"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PLACES = frozenset({"home", "network"})
# The columns that each view draws; those before the bar are needed.
VIEWS = {
    "table": ((), ()),
    "network": (("source", "target"), ("sourceLabel", "targetLabel", "kind", "kindLabel", "year", "tie", "tieLabel")),
    "timeline": (("item", "start"), ("itemLabel", "end")),
    "map": (("item", "lat", "long"), ("itemLabel",)),
    "chart": (("label", "value"), ("valueUnit",)),
}


class Type(StrEnum):
    """The type of the values of a parameter."""

    IRI = "iri"
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    YEAR = "gYear"
    LANGUAGE = "language"


_PATTERNS = {
    Type.INTEGER: re.compile(r"[+-]?\d{1,18}", re.ASCII),
    Type.DECIMAL: re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})", re.ASCII),
    Type.BOOLEAN: re.compile(r"true|false"),
    Type.YEAR: re.compile(r"-?(?:[1-9]\d{3,8}|0\d{3})", re.ASCII),
    Type.LANGUAGE: re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*"),
}
_FIXES = {
    Type.IRI: gettext_noop("give an IRI, as %(base)sid/x or id/x"),
    Type.INTEGER: gettext_noop("give a whole number, as 12"),
    Type.DECIMAL: gettext_noop("give a number, as 12 or 1.5"),
    Type.BOOLEAN: gettext_noop("give true or false"),
    Type.DATE: gettext_noop("give a day, as 2016-01-31"),
    Type.YEAR: gettext_noop("give a year of four digits, as 2016"),
    Type.LANGUAGE: gettext_noop("give a language tag, as en or zh-Hant"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PREFIXED = re.compile(r"([A-Za-z][\w.-]*|):([^/].*|)", re.DOTALL)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class ParameterError(ParkGraphError):
    """The value of a parameter is missing, or is none of its type; `parameter` names it, `fix` says what would do.

    message, fix: with the variables as `%(name)s`, so that they can be translated.
    """

    def __init__(self, parameter: str, message: str, fix: str, **variables: str | int) -> None:
        self.parameter, self.message, self.fix = parameter, message, fix
        self.variables = {"parameter": parameter, **variables}
        super().__init__(message % self.variables)


@dataclass(frozen=True)
class Parameter:
    """One parameter: `default` and `example` as they stand in the file; without a default it may still be `optional`.

    One that is optional and has no value leaves its variable free. members_of: IRI of the class or the concept scheme
    whose members are its values, None where any IRI is one.
    """

    name: str
    type: Type
    default: str | None
    optional: bool
    example: str | None
    descriptions: Mapping[str, str]
    members_of: str | None = None

    @property
    def required(self) -> bool:
        return self.default is None and not self.optional


@dataclass(frozen=True)
class SavedQuery:
    """One saved query; titles and descriptions are language tag → text.

    group: the IRI of the class that it is listed under. text: the query itself, without what its file says in front.
    form: `results`, `boolean` or `graph`. columns: the variables of a SELECT. column_titles: column → language tag →
    title, of those that have one.
    """

    name: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    view: str
    place: str | None
    group: str | None
    text: str
    form: str
    columns: tuple[str, ...]
    column_titles: Mapping[str, Mapping[str, str]]


def term(parameter: Parameter, value: str, base: str, prefixes: Mapping[str, str]) -> ox.NamedNode | ox.Literal:
    """The value as an RDF term; ParameterError if it is none of the parameter's type.

    An IRI may be absolute, relative to base, or a name with one of the prefixes.
    """
    if len(value) > _LONGEST:
        raise _error(parameter, value, gettext_noop("give at most %(most)s characters"), most=_LONGEST)
    if parameter.type is Type.IRI:
        return _iri(parameter, value, base, prefixes)
    if parameter.type is Type.DATE:
        return _date(parameter, value)
    if parameter.type is not Type.STRING and not _PATTERNS[parameter.type].fullmatch(value):
        raise _error(parameter, value)
    if parameter.type in {Type.STRING, Type.LANGUAGE}:
        return ox.Literal(value)
    return ox.Literal(value, datatype=ox.NamedNode(XSD + parameter.type))


def _iri(parameter: Parameter, value: str, base: str, prefixes: Mapping[str, str]) -> ox.NamedNode:
    try:
        return resolve(value, base, prefixes)
    except ValueError as error:
        raise _error(parameter, value, base=base) from error


def resolve(value: str, base: str, prefixes: Mapping[str, str]) -> ox.NamedNode:
    """The IRI that is absolute, relative to base, or a name with one of the prefixes; ValueError if it is none."""
    prefixed = _PREFIXED.fullmatch(value)
    if prefixed and prefixed[1] in prefixes:
        return ox.NamedNode(prefixes[prefixed[1]] + prefixed[2])
    return ox.NamedNode(value if is_absolute(value) else urljoin(base, value))


def shortest(iri: str, base: str, prefixes: Mapping[str, str]) -> str:
    """The value that `resolve` makes this IRI of: relative to base or a name with a prefix, where that leads back."""
    for value in (iri.removeprefix(base), compact(iri, prefixes)):
        try:
            if value and value != iri and resolve(value, base, prefixes).value == iri:
                return value
        except ValueError:
            continue
    return iri


def is_absolute(value: str) -> bool:
    """Whether the text begins as an absolute IRI or a name with a prefix does."""
    return _ABSOLUTE.match(value) is not None


def _date(parameter: Parameter, value: str) -> ox.Literal:
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        raise _error(parameter, value)
    return ox.Literal(day.isoformat(), datatype=ox.NamedNode(XSD + "date"))


def _error(parameter: Parameter, value: str, fix: str = "", **variables: str | int) -> ParameterError:
    """fix: else that of the parameter's type."""
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    message = gettext_noop("the value %(value)s of '%(parameter)s' is no %(type)s")
    fix = fix or _FIXES[parameter.type]
    return ParameterError(parameter.name, message, fix, value=repr(shown), type=parameter.type, **variables)


_LONGEST = 2000  # characters of a value
_SHOWN = 60  # characters of a wrong value that an error message repeats


def values(
    query: SavedQuery, given: Mapping[str, str], base: str, prefixes: Mapping[str, str]
) -> dict[str, ox.NamedNode | ox.Literal]:
    """The term for each parameter that has a value, given or by default; ParameterError if one is missing or wrong."""
    terms = {}
    for parameter in query.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is not None:
            terms[parameter.name] = term(parameter, value, base, prefixes)
        elif parameter.required:
            fix = gettext_noop("give a value of type %(type)s")
            if parameter.example:
                fix = gettext_noop("give a value of type %(type)s, as %(example)s")
            message = gettext_noop("'%(parameter)s' has no value")
            example = parameter.example or ""
            raise ParameterError(parameter.name, message, fix, type=parameter.type, example=example)
    return terms


def bind(text: str, terms: Mapping[str, ox.NamedNode | ox.Literal]) -> str:
    """The query in which each of the variables is replaced by its term, wherever it stands as a variable."""
    pieces, done = [], 0
    for token in tokenize(text):
        if token.kind is TokenKind.VARIABLE and token.text[1:] in terms:
            # spaces, so that what stands beside it stays a terminal of its own: ?a<?b
            pieces += [text[done : token.start], " ", to_sparql(terms[token.text[1:]]), " "]
            done = token.end
    return "".join([*pieces, text[done:]])


def to_sparql(value: ox.NamedNode | ox.Literal) -> str:
    """The term in the syntax of SPARQL.

    An engine may replace code point escapes before it looks for texts (19.2) or within them: `u` behind a backslash is
    written as an escape itself, which is the same for both.
    """
    if isinstance(value, ox.NamedNode):
        return str(value)
    text = _ESCAPED.sub(lambda match: _ESCAPES[match[0]], value.value)
    datatype = "" if value.datatype.value == XSD + "string" else f"^^{value.datatype}"
    return f'"{text}"{datatype}'


_ESCAPES = {
    "\\u": r"\\\u0075",
    "\\U": r"\\\u0055",
    "\\": r"\\",
    '"': r"\"",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\b": r"\b",
    "\f": r"\f",
}
_ESCAPED = re.compile(r'\\[uU]?|["\n\r\t\b\f]')
