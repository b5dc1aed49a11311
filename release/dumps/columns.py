"""The columns of a class's table: one for each property and kind of value, found by what is noted of the values.

Kinds are IRIs, each language, and each datatype. A value that its column cannot hold without loss or harm (an empty
text, a number that is none, text with a direction, a triple, a text that spreadsheets run as a formula) stands in a
column of its own, in N-Triples notation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from core.formulas import is_formula, is_number
from core.labels import local_name
from core.namespaces import RDF_TYPE, XSD
from core.ntriples import STRING, decode_iri, unescape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

IRI, NOTATION = "iri", "rdf"  # kinds beside datatypes and languages, which begin with @
SEPARATORS = ("|", ";", "‖", "␟")  # between several values; the first that no value of the column has
_SEPARATOR = re.compile(f"[{''.join(SEPARATORS)}]")
_SPECIAL = re.compile(r"[\r\x00-\x08␟]")  # what readers of CSV change or refuse
_INT64 = 1 << 63
_DIGITS = 18  # of decimals that a table's number type is made for
# What a note says of a value: that its cell has several, or its form (neither of a typed column, of one, or the digits
# of a decimal before and behind the point) and the separators in it.
SEVERAL = "several"
_UNTYPED, _TYPED = "-", "+"
_FORM = re.compile(r"(-|\+|(?P<whole>\d+)\.(?P<part>\d+))(?P<separators>.*)", re.DOTALL)
_NAME = re.compile(r"[^A-Za-z0-9_]+")
_DAY = r"(?P<day>-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))"
_ZONE = r"(Z|[+-]\d\d:\d\d)?"
_LEXICAL = {
    XSD + "integer": re.compile(r"[+-]?\d+", re.ASCII),
    XSD + "decimal": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII),
    XSD + "boolean": re.compile(r"true|false|0|1"),
    XSD + "date": re.compile(rf"{_DAY}{_ZONE}", re.ASCII),
    XSD + "dateTime": re.compile(rf"{_DAY}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?{_ZONE}", re.ASCII),
    XSD + "gYear": re.compile(rf"-?\d{{4,}}{_ZONE}", re.ASCII),
    XSD + "double": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-?INF|NaN", re.ASCII),
    XSD + "float": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-?INF|NaN", re.ASCII),
}
# forms that come back the same from a typed column
_CANONICAL_INTEGER = re.compile(r"0|-?[1-9]\d{0,18}", re.ASCII)
_CANONICAL_DECIMAL = re.compile(r"(?!-0$)-?(?P<whole>0|[1-9]\d*)(\.(?P<part>\d*[1-9]))?", re.ASCII)
_CANONICAL_DATE = re.compile(r"[1-9]\d{3}-\d\d-\d\d", re.ASCII)


class Note(NamedTuple):
    """What was seen of values of one kind that a property has. The notes of several blocks are their union."""

    iri: str
    kind: str
    said: str


@dataclass(frozen=True)
class TableColumn:
    """A property, by its IRI, with one kind of value.

    separator: between several values in CSV; is_canonical: every value comes back the same from a typed column; whole,
    part: digits of decimals.
    """

    iri: str
    kind: str
    name: str
    is_list: bool
    separator: str
    is_canonical: bool
    whole: int
    part: int

    @property
    def language(self) -> str | None:
        return self.kind[1:] if self.kind.startswith("@") else None

    @property
    def datatype(self) -> str | None:
        """The datatype's IRI, of texts without language too; None for the other kinds."""
        return None if self.kind in {IRI, NOTATION} or self.language else self.kind


def _column(iri: str, kind: str, name: str, said: Iterable[str]) -> TableColumn:
    """The column of which that is noted."""
    is_list, is_canonical, whole, part = False, True, 1, 0
    seen: set[str] = set()
    for text in said:
        found = _FORM.fullmatch(text)
        if found is None:
            is_list = True
            continue
        seen.update(found["separators"])
        is_canonical &= found[1] != _UNTYPED
        whole, part = max(whole, int(found["whole"] or 0)), max(part, int(found["part"] or 0))
    separator = next((s for s in SEPARATORS if s not in seen), SEPARATORS[-1])
    return TableColumn(iri, kind, name, is_list, separator, is_canonical and whole + part <= _DIGITS, whole, part)


def _form(kind: str, value: str) -> str:
    match kind.removeprefix(XSD):
        case "integer":
            is_typed = _CANONICAL_INTEGER.fullmatch(value) is not None and -_INT64 <= int(value) < _INT64
        case "decimal":
            found = _CANONICAL_DECIMAL.fullmatch(value)
            return f"{len(found['whole'])}.{len(found['part'] or '')}" if found else _UNTYPED
        case "boolean":
            is_typed = value in {"true", "false"}
        case "date":
            is_typed = _CANONICAL_DATE.fullmatch(value) is not None and _is_day(value)
        case _:
            is_typed = False
    return _TYPED if is_typed else _UNTYPED


def classify(term: bytes) -> tuple[str, str, str]:
    """An object as a table has it: its kind, its text, and what a `Note` says of it."""
    form = _UNTYPED
    if term[:1] == b'"':
        text_of, _, suffix = term.rpartition(b'"')
        kind, text = _kind(suffix), unescape(text_of[1:].decode())
        is_held = kind and text and not _SPECIAL.search(text)
        if is_held and kind in _LEXICAL:
            form = _form(kind, text)
            is_held = form != _UNTYPED or _is_lexical(text, kind)
        elif is_held:
            is_held = not is_formula(text) or is_number(text)
    else:
        is_held = term[:2] != b"<<"
        kind, text = IRI, decode_iri(term)
    if not is_held:
        kind, text, form = NOTATION, notation(term), _UNTYPED
    if _SEPARATOR.search(text):
        form += "".join([separator for separator in SEPARATORS if separator in text])
    return kind, text, form


@lru_cache(1024)
def _kind(suffix: bytes) -> str:
    """Language or datatype, by what follows the closing quote; empty for text with a direction."""
    text = suffix.decode()
    if text.startswith("@"):
        return "" if "--" in text else text
    return unescape(text[3:-1]) if text else STRING


def _is_lexical(value: str, datatype: str) -> bool:
    """Whether the text is one of the datatype, which is in _LEXICAL, as far as readers of tables judge it."""
    found = _LEXICAL[datatype].fullmatch(value)
    if found is None:
        return False
    day = found.groupdict().get("day")
    return day is None or not _CANONICAL_DATE.fullmatch(day) or _is_day(day)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def notation(term: bytes) -> str:
    """A term in N-Triples, which no cell's separator occurs in."""
    text = term.decode()
    for separator in SEPARATORS:
        text = text.replace(separator, f"\\u{ord(separator):04X}")
    return text


def columns(notes: Iterable[Note], order: Mapping[str, float], names: Mapping[str, str]) -> list[TableColumn]:
    """The columns in their order, with names that differ, also without regard to case.

    order: property → its place, where the shapes give it one; names: property → its short name.
    """
    noted: dict[tuple[str, str], set[str]] = {}
    for iri, kind, said in notes:
        noted.setdefault((iri, kind), set()).add(said)
    kinds: dict[str, set[str]] = {}
    for iri, kind in noted:
        if not kind.startswith("@"):
            kinds.setdefault(iri, set()).add(kind)
    found, taken = [], {"id"}
    for iri, kind in sorted(noted, key=partial(_place, order=order, names=names)):
        short = names[iri]
        if kind.startswith("@"):
            short = f"{short}_{kind[1:]}"
        elif kind == NOTATION or len(kinds[iri] - {NOTATION}) > 1:
            short = f"{short}_{local_name(kind)}"
        name, number = _NAME.sub("_", short), 2
        while name.lower() in taken:
            name, number = f"{_NAME.sub('_', short)}_{number}", number + 1
        taken.add(name.lower())
        found.append(_column(iri, kind, name, noted[iri, kind]))
    return found


def _place(column: tuple[str, str], order: Mapping[str, float], names: Mapping[str, str]) -> tuple[object, ...]:
    iri, kind = column
    return iri != RDF_TYPE, order.get(iri, float("inf")), names[iri], iri, kind == NOTATION, kind


def short_names(properties: Iterable[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Property → its local name, with the prefix of its namespace before it where two share the local name."""
    local = {property_: local_name(property_) for property_ in properties}
    shared: dict[str, set[str]] = {}
    for property_, name in local.items():
        shared.setdefault(name.lower(), set()).add(property_)
    by_namespace = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
    names = {}
    for property_, name in local.items():
        prefix = by_namespace.get(property_[: len(property_) - len(name)])
        names[property_] = f"{prefix}_{name}" if prefix and len(shared[name.lower()]) > 1 else name
    return names
