"""Units of the data, which are mapped one by one: the bytes of some documents, and how these are read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Protocol

from core.files import open_regular
from mapping.documents import Document, parse_documents
from mapping.editorial import editorial_facts
from mapping.gazetteer import gazetteer_facts
from mapping.joining import join_documents, join_registry
from mapping.source import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from mapping.documents import ArticleText
    from mapping.mapper import Fact, Mapper


@dataclass(frozen=True)
class Part:
    """Bytes of a data file: a whole one, or lines of JSON Lines, of which the first has the number `line`."""

    name: str
    data: bytes
    line: int = 1


@dataclass(frozen=True)
class Unit:
    """Bytes of the documents of articles.

    is_looked_up: whether others look up what it says. is_counted: whether its records are counted.
    others: the articles outside of it that its evidence is known to speak of. similar: names of passages to suggest
    where it speaks of an article that there is not. complete: whether others has all that there are.
    """

    is_looked_up: ClassVar[bool] = False
    is_counted: ClassVar[bool] = True
    parts: tuple[Part, ...]
    others: tuple[ArticleText, ...] = ()
    similar: tuple[str, ...] = ()
    complete: bool = False

    def documents(self) -> list[Document]:
        """One document for each article."""
        return join_documents(self.parsed())

    def digest(self) -> bytes:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(b"".join(hashlib.sha256(part.data).digest() for part in self.parts)).digest()

    def facts(self, document: Document, mapper: Mapper) -> list[Fact]:
        """The facts of one of its documents."""
        return mapper.facts(document)

    def entities(self) -> dict[str, str | None]:
        """The ids of entities that facts may be about, each with its class if it has one."""
        return {}

    def is_derived_from(self, document: Document) -> bool:  # noqa: ARG002 - others look at it
        """Whether rules are evaluated for one of its documents."""
        return True

    def parsed(self) -> Iterator[Document]:
        """The documents as they stand in the files."""
        return (document for part in self.parts for document in parse_documents(part.data, part.name, part.line))


@dataclass(frozen=True)
class RegistryUnit(Unit):
    """Bytes of records of the registry."""

    is_looked_up: ClassVar[bool] = True

    def documents(self) -> list[Document]:
        """One document for each entity, and one for the problems of reading them."""
        return _entities(self.parts)

    def entities(self) -> dict[str, str | None]:
        """The ids of all records."""
        records = [record for document in self.documents() for record in document.records if "id" in record]
        classes = {str(record["id"]): str(record["type"]) for record in records if "type" in record}
        return {str(record["id"]): None for record in records} | classes


@dataclass(frozen=True)
class GazetteerUnit(Unit):
    """Bytes of records of the gazetteer."""

    is_looked_up: ClassVar[bool] = True
    is_counted: ClassVar[bool] = False

    def documents(self) -> list[Document]:
        """One document for each record, and one for the problems of reading them."""
        return _one_by_one(self.parsed())

    def facts(self, document: Document, mapper: Mapper) -> list[Fact]:
        """The fact that a record states."""
        return gazetteer_facts(document, mapper)

    def is_derived_from(self, document: Document) -> bool:
        """What it says of others is seen where these are described, and what follows with it."""
        return any("type" in record for record in document.records)


@dataclass(frozen=True)
class EditorialUnit(GazetteerUnit):
    """Bytes of records of the editors."""

    def entities(self) -> dict[str, str | None]:
        """The ids of what the editors introduce, which has a type."""
        records = (record for document in self.parsed() for record in document.records)
        return {str(record["id"]): str(record["type"]) for record in records if "id" in record and "type" in record}

    def facts(self, document: Document, mapper: Mapper) -> list[Fact]:
        """The facts that a record states."""
        return editorial_facts(document, mapper)


@lru_cache(1)
def _entities(parts: tuple[Part, ...]) -> list[Document]:
    """Read twice where there is one unit: to know of what it speaks, and to map it."""
    return _one_by_one(join_registry(Unit(parts).parsed()))


def _one_by_one(documents: Iterable[Document]) -> list[Document]:
    documents = list(documents)
    problems = [replace(document, records=[]) for document in documents if document.problems]
    records = ((document, record) for document in documents for record in document.records)
    return [*(replace(document, records=[record], problems=()) for document, record in records), *problems]


@dataclass
class Piece:
    """The place of a part. without: numbers of lines that are left out of it, for they are in other units."""

    path: Path
    name: str
    offset: int = 0
    length: int = LARGEST
    line: int = 1
    without: set[int] = field(default_factory=set)

    def read(self, read: Callable[[Piece], bytes] | None = None) -> Part:
        """The part. read: gives the bytes of the piece, from a copy of the file elsewhere."""
        data = (read or _read_file)(self)
        if self.without:
            lines = data.split(b"\n")
            for number in self.without:
                lines[number - self.line] = b""
            data = b"\n".join(lines)
        return Part(self.name, data, self.line)


def _read_file(piece: Piece) -> bytes:
    with open_regular(piece.path) as file:
        file.seek(piece.offset)
        return file.read(piece.length)


class Keys(Protocol):
    """What units are kept by."""

    def key(self, unit: Unit) -> bytes:
        """The key of a unit."""


@dataclass(frozen=True)
class UnitPlace:
    """The places of the parts of a unit. kind: of the unit; others, similar, complete: what it is given."""

    kind: type[Unit]
    pieces: tuple[Piece, ...]
    others: tuple[ArticleText, ...] = ()
    similar: tuple[str, ...] = ()
    complete: bool = False

    def read(self, read: Callable[[Piece], bytes] | None = None) -> Unit:
        """The unit. read: as for `Piece.read`."""
        return self.kind(tuple(piece.read(read) for piece in self.pieces), self.others, self.similar, self.complete)

    def key(self, kept: Keys) -> bytes:
        """What the unit is kept by."""
        return kept.key(self.read())

    def resolved(self) -> UnitPlace:
        """This place, which has all that it is given."""
        return self

    @property
    def line(self) -> int:
        """The number of its first line."""
        return self.pieces[0].line
