"""The tables of a release, one for the members of a class: found, read as columns, and given names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_INDEX = "dumps/index.json"
_ID = "id"
_AT_ONCE = 300  # IRIs that a query asks the names of
# Properties of names, the preferred one first.
_NAMES = (
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "https://schema.org/name",
    "http://purl.org/dc/terms/title",
    "http://xmlns.com/foaf/0.1/name",
)


@dataclass(frozen=True)
class Table:
    """The path of a table in Parquet, in its release."""

    path: str

    def iri_columns(self, file: Path) -> list[str]:
        """The names of the columns with IRIs, by the description in the file, but not the one of the members."""
        from arro3.io import read_parquet

        described = json.loads((read_parquet(file).schema.metadata_str or {}).get("csvw", "{}"))
        columns = described.get("tableSchema", {}).get("columns", ())
        return [c["name"] for c in columns if c.get("datatype") == "anyURI" and c["name"] not in {_ID, "type"}]


def find_table(file: Callable[[str], Path], class_: str, prefixes: Mapping[str, str]) -> Table:
    """The table of a class: its IRI, a name with a prefix, or the name of the table; InputError if there is none.

    file: gives a file of the release by its path.
    """
    from core.problems import nearest

    classes: dict[str, list[str]] = json.loads(file(_INDEX).read_bytes())["classes"]
    prefix, colon, local = class_.partition(":")
    iri = f"{prefixes[prefix]}{local}" if colon and prefix in prefixes else class_
    tables = {name for names in classes.values() for name in names}
    found = classes.get(iri) or ([class_] if class_ in tables else [])
    if len(found) != 1:
        if found:
            raise InputError(f"the members of '{class_}' are in several tables: take one of {', '.join(found)}")
        fix = nearest(class_, tables) or f"there are {', '.join(sorted(tables))}"
        raise InputError(f"there is no table of '{class_}'; {fix}")
    return Table(f"dumps/tables/{found[0]}.parquet")


def read_columns(file: Path) -> dict[str, Sequence[Any]]:
    """Column → values of a table, None where there is none."""
    from arro3.io import read_parquet

    table = read_parquet(file).read_all()
    return {name: cast("list[Any]", table.column(name).to_pylist()) for name in table.schema.names}


def name_columns(
    columns: Mapping[str, Sequence[Any]], of_iris: Iterable[str], language: str, ask: Callable[[str], Any]
) -> dict[str, Sequence[Any]]:
    """The columns, and behind each of those with IRIs one with their names in the language, or else in none.

    ask: gives the answer to a query.
    """
    wanted = [name for name in of_iris if name in columns]
    iris = sorted({iri for name in wanted for value in columns[name] for iri in _each(value)})
    names: dict[str, str] = {}
    for start in range(0, len(iris), _AT_ONCE):
        names |= _names(iris[start : start + _AT_ONCE], language, ask)

    def named(value: Any) -> Any:
        return [names.get(iri, iri) for iri in value] if isinstance(value, list) else names.get(value, value)

    found: dict[str, Sequence[Any]] = {}
    for name, values in columns.items():
        found[name] = values
        if name in wanted:
            found[f"{name}_name"] = [None if value is None else named(value) for value in values]
    return found


def _names(iris: Sequence[str], language: str, ask: Callable[[str], Any]) -> dict[str, str]:
    values = " ".join(f"<{iri}>" for iri in iris)
    properties = " ".join(f"(<{name}> {place})" for place, name in enumerate(_NAMES))
    answer = ask(
        f"SELECT ?iri ?place ?name {{ VALUES ?iri {{ {values} }} VALUES (?property ?place) {{ {properties} }} "
        f"?iri ?property ?name }}"
    )
    found: dict[str, tuple[bool, int, str]] = {}
    for iri, place, name in answer:
        tag = (name.language or "").lower()
        if tag in {"", language.lower()}:
            key = (not tag, int(place), str(name))
            found[str(iri)] = min(found.get(str(iri), key), key)
    return {iri: name for iri, (_, _, name) in found.items()}


def _each(value: Any) -> Iterable[str]:
    return value if isinstance(value, list) else () if value is None else (value,)
