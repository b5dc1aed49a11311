"""Reads the index of one release (release/index_writer.py): names, terms and their members, facets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyroaring import BitMap

from release.database import ReadOnlyDatabase
from release.property_uses import ANY, UNLISTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_LAST_CHARACTER = "\U0010ffff"
_MAPPED = 1 << 30  # bytes of the file that are read by mapping it


@dataclass(frozen=True)
class Resource:
    """One resource: its number, IRI, and the number of the class that says best what it is, if it has one."""

    id: int
    iri: str
    class_: int | None


@dataclass(frozen=True)
class IndexedTerm:
    """A class, property or concept; uses: instances, triples, or resources that refer to it.

    shown: a shape is for this class. part: its instances are shown within others.
    """

    id: int
    iri: str
    uses: int
    shown: bool
    part: bool


@dataclass(frozen=True)
class IndexedFacet:
    """A facet of a class; ends: the property that its path ends with; size: the number of its values."""

    id: int
    name: str
    iri: str
    ends: str | None
    size: int


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet: an IRI or a text, and the members of the class that have it."""

    value: str
    is_resource: bool
    members: BitMap


@dataclass(frozen=True)
class NameRow:
    """A name as the full-text table finds it; ids are in the order of weight."""

    id: int
    resource: int
    text: str
    language: str


class SearchIndex(ReadOnlyDatabase):
    """The index of one release; any thread may ask."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _MAPPED)

    def open(self) -> None:
        """Map the file in this thread; whether it is whole shows when it is asked."""
        self._rows("PRAGMA schema_version")

    # resources

    @cached_property
    def size(self) -> int:
        """The number of resources."""
        return int(str(self._rows("SELECT coalesce(max(id) + 1, 0) FROM resource")[0][0]))

    def number(self, iri: str) -> int | None:
        rows = self._rows("SELECT id FROM resource WHERE iri = ?", iri)
        return int(str(rows[0][0])) if rows else None

    def numbers(self, iris: Iterable[str]) -> dict[str, int]:
        """The numbers of those of the IRIs that are described, by IRI."""
        wanted = json.dumps([*iris])
        rows = self._rows("SELECT iri, id FROM resource WHERE iri IN (SELECT value FROM json_each(?))", wanted)
        return {str(iri): int(str(number)) for iri, number in rows}

    def resources(self, numbers: Iterable[int]) -> list[Resource]:
        """The resources with these numbers, in the order of their names."""
        wanted = sorted(numbers)
        signs = ", ".join("?" * len(wanted))
        rows = self._rows(f"SELECT id, iri, class FROM resource WHERE id IN ({signs}) ORDER BY id", *wanted)  # noqa: S608
        return [Resource(*row) for row in rows]

    def iris(self, first: int, end: int) -> list[str]:
        """The IRIs of the resources with the numbers from `first` to before `end`."""
        return [str(row[0]) for row in self._rows("SELECT iri FROM resource WHERE id >= ? AND id < ?", first, end)]

    def seek(self, key: str) -> int:
        """The number of the first resource whose name is not before the key; the number of all where none is."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            if str(self._rows("SELECT key FROM resource WHERE id = ?", middle)[0][0]) < key:
                low = middle + 1
            else:
                high = middle
        return low

    # terms

    def terms(self, kind: str) -> list[IndexedTerm]:
        """Every class, property or concept that the data use: parts of others last, else the most used first."""
        rows = self._rows(
            "SELECT id, iri, uses, shown, part FROM term WHERE kind = ? ORDER BY part, uses DESC, iri", kind
        )
        return [
            IndexedTerm(int(str(row[0])), str(row[1]), int(str(row[2])), bool(row[3]), bool(row[4])) for row in rows
        ]

    @cached_property
    def classes(self) -> dict[int, IndexedTerm]:
        """The classes by their numbers."""
        return {term.id: term for term in self.terms("class")}

    @cached_property
    def main_classes(self) -> list[IndexedTerm]:
        """The classes that the shapes are for, in the order of `terms`; all where they are for none."""
        return [term for term in self.classes.values() if term.shown] or list(self.classes.values())

    def uses(self, kind: str, iri: str) -> int:
        """The number of uses of a class, property or concept; 0 if it is not used."""
        rows = self._rows("SELECT uses FROM term WHERE kind = ? AND iri = ?", kind, iri)
        return int(str(rows[0][0])) if rows else 0

    def members(self, kind: str, iri: str) -> BitMap | None:
        """The instances of a class, or the resources that refer to a concept; None if there are none."""
        rows = self._rows("SELECT members FROM term WHERE kind = ? AND iri = ?", kind, iri)
        return _bitmap(rows[0][0]) if rows else None

    # uses of properties (release/property_uses.py); class and property: numbers of terms, ANY for subjects of any class

    def term(self, kind: str, iri: str) -> int | None:
        """The number of a class or property that the data use."""
        rows = self._rows("SELECT id FROM term WHERE kind = ? AND iri = ?", kind, iri)
        return int(str(rows[0][0])) if rows else None

    def class_number(self, iri: str) -> int | None:
        """The number of a class that the data use, also of one whose instances are all blank nodes."""
        number = self.term("class", iri)
        return self.term(UNLISTED, iri) if number is None else number

    def properties_of(self, class_: int) -> list[tuple[str, int]]:
        """The properties that the instances of a class have, and how many triples; the most used first."""
        return self._counted(
            "SELECT iri, class_property.uses FROM class_property JOIN term ON term.id = property WHERE class = ?"
            " ORDER BY class_property.uses DESC, iri",
            class_,
        )

    def classes_with(self, property_: int) -> list[tuple[str, int]]:
        """The classes whose instances have a property."""
        return self._counted(
            "SELECT iri, class_property.uses FROM class_property JOIN term ON term.id = class WHERE property = ?"
            " ORDER BY class_property.uses DESC, iri",
            property_,
        )

    def values_of(self, class_: int, property_: int) -> list[tuple[str, int]]:
        """The resources that instances of a class have most often as values of a property."""
        return self._counted(
            "SELECT iri, uses FROM property_value JOIN resource ON resource.id = value"
            " WHERE property_value.class = ? AND property = ? ORDER BY uses DESC, key, iri",
            class_,
            property_,
        )

    def classes_of_values(self, class_: int, property_: int) -> list[tuple[str, int]]:
        """The classes of the values that instances of a class have of a property."""
        return self._counted(
            "SELECT iri, property_class.uses FROM property_class JOIN term ON term.id = target"
            " WHERE class = ? AND property = ? ORDER BY property_class.uses DESC, iri",
            class_,
            property_,
        )

    def datatypes_of_values(self, class_: int, property_: int) -> list[tuple[str, int]]:
        """The datatypes of the literals that instances of a class have as values of a property."""
        return self._counted(
            "SELECT datatype, uses FROM property_datatype WHERE class = ? AND property = ?"
            " ORDER BY uses DESC, datatype",
            class_,
            property_,
        )

    def properties_to(self, class_: int) -> list[tuple[str, int]]:
        """The properties that lead to instances of a class."""
        return self._counted(
            "SELECT iri, property_class.uses FROM property_class JOIN term ON term.id = property"
            " WHERE class = ? AND target = ? ORDER BY property_class.uses DESC, iri",
            ANY,
            class_,
        )

    def _counted(self, select: str, *values: int) -> list[tuple[str, int]]:
        return [(str(iri), int(str(uses))) for iri, uses in self._rows(select, *values)]

    # facets

    def facets(self, class_: str) -> list[IndexedFacet]:
        """The facets of a class, in their order."""
        rows = self._rows("SELECT id, name, iri, ends, values_ FROM facet WHERE class = ? ORDER BY id", class_)
        return [IndexedFacet(*row) for row in rows]

    def values(self, facet: IndexedFacet, count: int) -> list[FacetValue]:
        """The values with the most members, at most so many."""
        rows = self._rows(
            "SELECT value, is_resource, members FROM facet_value WHERE facet = ? ORDER BY size DESC, value LIMIT ?",
            facet.id,
            count,
        )
        return [_value(row) for row in rows]

    def value(self, facet: IndexedFacet, value: str) -> FacetValue | None:
        rows = self._rows(
            "SELECT value, is_resource, members FROM facet_value WHERE facet = ? AND value = ?", facet.id, value
        )
        return _value(rows[0]) if rows else None

    # names

    def matching(self, query: str, count: int) -> list[int]:
        """The ids of the first names, by weight, that a query of the full-text table finds."""
        rows = self._rows("SELECT rowid FROM name_text WHERE name_text MATCH ? ORDER BY rowid LIMIT ?", query, count)
        return [int(str(row[0])) for row in rows]

    def names(self, ids: Sequence[int]) -> list[NameRow]:
        """The names with these ids, in the order of the ids."""
        signs = ", ".join("?" * len(ids))
        select = f"SELECT id, resource, text, language FROM name WHERE id IN ({signs}) ORDER BY id"  # noqa: S608
        return [NameRow(*row) for row in self._rows(select, *ids)]

    def by_weight(self, first: int, count: int) -> list[Resource]:
        """The resources of a part of the names, which are in the order of their weight; empty behind the last name."""
        rows = self._rows("SELECT resource FROM name ORDER BY id LIMIT ? OFFSET ?", count, first)
        numbers = [int(str(row[0])) for row in rows]
        found = {resource.id: resource for resource in self.resources(set(numbers))}
        return [found[number] for number in dict.fromkeys(numbers)]

    def match(self, query: str, count: int) -> list[NameRow]:
        """The first names, by weight, that a query of the full-text table finds."""
        rows = self._rows(
            "SELECT name.id, resource, name.text, language FROM name_text JOIN name ON name.id = name_text.rowid"
            " WHERE name_text MATCH ? ORDER BY name_text.rowid LIMIT ?",
            query,
            count,
        )
        return [NameRow(*row) for row in rows]

    def texts(self, query: str, count: int) -> list[NameRow]:
        """The first texts, by the weight of what they are about, that a query of their full-text table finds."""
        rows = self._rows(
            "SELECT text.id, resource, text.text, language FROM text_words JOIN text ON text.id = text_words.rowid"
            " WHERE text_words MATCH ? ORDER BY text_words.rowid LIMIT ?",
            query,
            count,
        )
        return [NameRow(*row) for row in rows]

    def words_like(self, trigrams: Iterable[str], each: int, count: int) -> list[str]:
        """The words that share the most of these trigrams; of each the most frequent so many are looked at."""
        quoted = [f'"{trigram}"' for trigram in dict.fromkeys(trigrams)]
        part = "SELECT * FROM (SELECT rowid FROM word_text WHERE word_text MATCH ? ORDER BY rowid LIMIT ?)"
        union = " UNION ALL ".join([part] * len(quoted))
        rows = self._rows(
            "SELECT word.text FROM ("  # noqa: S608 - signs only
            f"SELECT rowid, count(*) AS shared FROM ({union}) GROUP BY rowid ORDER BY shared DESC, rowid LIMIT ?"
            ") AS found JOIN word ON word.id = found.rowid ORDER BY shared DESC, found.rowid",
            *(value for trigram in quoted for value in (trigram, each)),
            count,
        )
        return [str(row[0]) for row in rows]

    def words_from(self, beginning: str, count: int) -> list[str]:
        """The words that begin so, the most frequent first."""
        rows = self._rows(
            "SELECT text FROM word WHERE text >= ? AND text < ? ORDER BY id LIMIT ?",
            beginning,
            beginning + _LAST_CHARACTER,
            count,
        )
        return [str(row[0]) for row in rows]

    def words_with(self, part: str, count: int) -> list[str]:
        """The words that have three characters or more in them, the most frequent first."""
        rows = self._rows(
            "SELECT word.text FROM word_text JOIN word ON word.id = word_text.rowid"
            " WHERE word_text MATCH ? ORDER BY word_text.rowid LIMIT ?",
            f'"{part}"',
            count,
        )
        return [str(row[0]) for row in rows]

    def has_word(self, word: str) -> bool:
        return bool(self._rows("SELECT 1 FROM word WHERE text = ?", word))


def _bitmap(blob: object) -> BitMap | None:
    return BitMap.deserialize(blob) if isinstance(blob, bytes) else None


def _value(row: tuple[object, ...]) -> FacetValue:
    value, is_resource, members = row
    return FacetValue(str(value), bool(is_resource), _bitmap(members) or BitMap())
