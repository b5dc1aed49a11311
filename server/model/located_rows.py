"""The places of the rows of a query result: the columns that a map of them is drawn from.

A column of points in well-known text, or one of latitudes and one of longitudes by their names, as the maps of the
pages have it (web/src/query/columns.ts); without these a column of resources that the data have a position of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import GEO, XSD
from core.wording import NUMBERS
from server.model.positions import read_wkt, to_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.rdf import Term
    from server.model.positions import Place

    Row: TypeAlias = Sequence[Term | None]

SAMPLE = 1_000  # rows that tell what columns have
_WKT = GEO + "wktLiteral"
_NUMERIC = NUMBERS | {XSD + "double", XSD + "float"}
_LATITUDE, _LONGITUDE = re.compile("lat|latitude"), re.compile("lon|long|lng|longitude")
_BETWEEN_WORDS = re.compile(r"[_.]|(?<=[a-z])(?=[A-Z])")


class LocatedRows:
    """Reads the place of each row. columns: the numbers of those with the coordinates; empty if resources have them.

    is_located: whether a row has a place at all.
    """

    def __init__(
        self, variables: Sequence[str], sample: Sequence[Row], near: Callable[[ox.NamedNode], Place | None]
    ) -> None:
        """sample: the first rows. near: the position of a resource in the data."""
        self._near = near
        self._terms = [
            [term for row in sample if (term := row[number]) is not None] for number in range(len(variables))
        ]
        self.columns = self._points() or self._pairs(variables)
        iris = [n for n, terms in enumerate(self._terms) if terms and all(isinstance(t, ox.NamedNode) for t in terms)]
        placed = None
        if not self.columns:
            placed = next((n for n in iris if any(map(self._near_of, dict.fromkeys(self._terms[n])))), None)
        item = next((number for number in iris if variables[number] == "item"), next(iter(iris), None))
        self._item = item if placed is None else placed
        self.is_located = bool(self.columns) or placed is not None
        del self._terms

    def place(self, row: Row) -> Place | None:
        """The place of a row."""
        values = [row[number] for number in self.columns]
        texts = [value.value for value in values if isinstance(value, ox.Literal)]
        if len(texts) < len(values):
            return None
        match texts:
            case [point]:
                return read_wkt(point)
            case [latitude, longitude]:
                return to_place(latitude, longitude)
        return self._near_of(self._term(row))

    def item(self, row: Row) -> str | None:
        """The IRI of what a row is about."""
        term = self._term(row)
        return term.value if isinstance(term, ox.NamedNode) else None

    def _term(self, row: Row) -> Term | None:
        return None if self._item is None else row[self._item]

    def _near_of(self, term: Term | None) -> Place | None:
        return self._near(term) if isinstance(term, ox.NamedNode) else None

    def _points(self) -> tuple[int, ...]:
        """The first column with nothing but well-known text, some of it points."""
        for number, terms in enumerate(self._terms):
            texts = [term.value for term in terms if isinstance(term, ox.Literal) and term.datatype.value == _WKT]
            if texts and len(texts) == len(terms) and any(map(read_wkt, texts)):
                return (number,)
        return ()

    def _pairs(self, variables: Sequence[str]) -> tuple[int, ...]:
        """The columns of latitudes and of longitudes."""
        numeric = {
            variables[number]: number
            for number, terms in enumerate(self._terms)
            if terms and all(isinstance(term, ox.Literal) and term.datatype.value in _NUMERIC for term in terms)
        }
        pair = _named(numeric, "lat", _LATITUDE), _named(numeric, "long", _LONGITUDE)
        return (numeric[pair[0]], numeric[pair[1]]) if pair[0] and pair[1] else ()


def _named(names: dict[str, int], role: str, wanted: re.Pattern[str]) -> str | None:
    """The name of a column in a role: the role itself, else one that means it, else one whose last word does."""
    if role in names:
        return role
    whole = (name for name in names if wanted.fullmatch(name.lower()))
    ending = (name for name in names if wanted.fullmatch(_BETWEEN_WORDS.split(name)[-1].lower()))
    return next(whole, None) or next(ending, None)
