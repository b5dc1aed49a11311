"""The columns of a class's table: one for each property and kind of value, found in a first pass over the instances.

Kinds are IRIs, each language, and each datatype. A value that its column cannot hold without loss (an empty text, a
number that is none, text with a direction, a triple) stands in a column of its own, in N-Triples notation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from core.labels import local_name
from core.namespaces import RDF_TYPE, XSD
from core.ntriples import decode_iri, decode_literal, is_literal, is_triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.ntriples import Pairs

IRI, NOTATION = "iri", "rdf"  # kinds beside datatypes and languages, which begin with @
SEPARATORS = ("|", ";", "‖", "␟")  # between several values; the first that no value of the column has
_SPECIAL = re.compile(r"[\r\x00-\x08␟]")  # what readers of CSV change or refuse
_INT64 = 1 << 63
_DIGITS = 18  # of decimals that a table's number type is made for
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


@dataclass
class TableColumn:
    """A property, by its IRI, with one kind of value. What has been seen of the values is kept for the second pass."""

    iri: str
    kind: str
    name: str = ""
    is_list: bool = False
    seen: set[str] = field(default_factory=set)  # separators in values
    is_canonical: bool = True  # every value comes back the same from a typed column
    whole: int = 1  # digits of decimals
    part: int = 0

    @property
    def separator(self) -> str:
        return next((s for s in SEPARATORS if s not in self.seen), SEPARATORS[-1])

    @property
    def language(self) -> str | None:
        return self.kind[1:] if self.kind.startswith("@") else None

    @property
    def datatype(self) -> str | None:
        """The datatype's IRI, of texts without language too; None for the other kinds."""
        return None if self.kind in {IRI, NOTATION} or self.language else self.kind

    def note(self, values: Sequence[str]) -> None:
        """See what a row has in the column."""
        self.is_list |= len(values) > 1
        for value in values:
            self.seen.update(separator for separator in SEPARATORS if separator in value)
            if self.is_canonical:
                self._judge(value)

    def _judge(self, value: str) -> None:
        match self.kind.removeprefix(XSD):
            case "integer":
                fits = _CANONICAL_INTEGER.fullmatch(value) is not None and -_INT64 <= int(value) < _INT64
            case "decimal":
                found = _CANONICAL_DECIMAL.fullmatch(value)
                fits = found is not None
                if found is not None:
                    self.whole = max(self.whole, len(found["whole"]))
                    self.part = max(self.part, len(found["part"] or ""))
                    fits = self.whole + self.part <= _DIGITS
            case "boolean":
                fits = value in {"true", "false"}
            case "date":
                fits = _CANONICAL_DATE.fullmatch(value) is not None and _is_day(value)
            case _:
                fits = False
        self.is_canonical = fits


def row(pairs: Pairs) -> dict[tuple[str, str], list[str]]:
    """(property, kind) → values, of one subject."""
    cells: dict[tuple[str, str], list[str]] = {}
    for predicate, value in pairs:
        kind, text = _classify(value)
        cells.setdefault((decode_iri(predicate), kind), []).append(text)
    return cells


def _classify(term: bytes) -> tuple[str, str]:
    if not is_literal(term):
        return (NOTATION, notation(term)) if is_triple(term) else (IRI, decode_iri(term))
    value, datatype, language = decode_literal(term)
    is_plain = value and "--" not in (language or "") and not _SPECIAL.search(value)
    if not is_plain or not _is_lexical(value, datatype):
        return NOTATION, notation(term)
    return f"@{language}" if language else datatype, value


def _is_lexical(value: str, datatype: str) -> bool:
    """Whether the text is one of the datatype, as far as readers of tables judge it."""
    pattern = _LEXICAL.get(datatype)
    if pattern is None:
        return True
    found = pattern.fullmatch(value)
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


class Columns:
    """Collects the columns of a table."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], TableColumn] = {}

    def note(self, cells: Mapping[tuple[str, str], Sequence[str]]) -> None:
        for key, values in cells.items():
            column = self._columns.get(key)
            if column is None:
                column = self._columns[key] = TableColumn(*key)
            column.note(values)

    def named(self, order: Mapping[str, float], names: Mapping[str, str]) -> list[TableColumn]:
        """The columns in their order, with names that differ, also without regard to case.

        order: property → its place, where the shapes give it one; names: property → its short name.
        """
        columns = sorted(self._columns.values(), key=lambda c: _place(c, order, names))
        kinds: dict[str, set[str]] = {}
        for column in columns:
            if not column.language:
                kinds.setdefault(column.iri, set()).add(column.kind)
        taken = {"id"}
        for column in columns:
            short = names[column.iri]
            if column.language:
                short = f"{short}_{column.language}"
            elif column.kind == NOTATION or len(kinds[column.iri] - {NOTATION}) > 1:
                short = f"{short}_{local_name(column.kind)}"
            name, number = _NAME.sub("_", short), 2
            while name.lower() in taken:
                name, number = f"{_NAME.sub('_', short)}_{number}", number + 1
            taken.add(name.lower())
            column.name = name
        return columns


def _place(column: TableColumn, order: Mapping[str, float], names: Mapping[str, str]) -> tuple[object, ...]:
    first = column.iri != RDF_TYPE
    place = order.get(column.iri, float("inf"))
    return first, place, names[column.iri], column.iri, column.kind == NOTATION, column.kind


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
