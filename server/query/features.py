"""Rows of a query result as GeoJSON (RFC 7946): a feature for each row."""

from __future__ import annotations

from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.rdf import notation
from server.model.geojson import feature, feature_collection, without_places
from server.model.located_rows import SAMPLE, LocatedRows
from server.query.spreadsheets import LABEL, to_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from core.rdf import Term
    from server.query.spreadsheets import Namer, Table


def write_features(result: ox.QuerySolutions | ox.QueryBoolean, table: Table, file: BinaryIO) -> None:
    """Write rows; UnwritableError where none of the first ones has a place."""
    if isinstance(result, ox.QueryBoolean):
        raise without_places()
    variables, rows = [variable.value for variable in result.variables], iter(result)
    first = [[*row] for row in islice(rows, SAMPLE)]
    located = LocatedRows(variables, first, table.place)
    if first and not located.is_located:
        raise without_places()
    kept = [(name, number) for number, name in enumerate(variables) if number not in located.columns]
    name = table.name if table.presentation["names"] else None
    features = (
        feature(located.item(row), located.place(row), _properties(row, kept, name))
        for row in chain(first, ([*row] for row in rows))
    )
    file.writelines(text.encode() for text in feature_collection(features, table.presentation["members"]))


def _properties(row: Sequence[Term | None], columns: Sequence[tuple[str, int]], name: Namer | None) -> dict[str, Any]:
    """The values by the names of their columns; of a resource `x` its IRI, and as `xLabel` its name."""
    made: dict[str, Any] = {}
    for variable, number in columns:
        term = row[number]
        made[variable] = _value(term)
        if name and isinstance(term, ox.NamedNode):
            made.setdefault(variable + LABEL, name(term).text)
    return made


def _value(term: Term | None) -> str | int | float | bool | None:
    match term:
        case None:
            return None
        case ox.NamedNode():
            return term.value
        case ox.Literal():
            value = to_value(term.value, term.datatype.value)
            return term.value if isinstance(value, date) else value
    return notation(term)
