"""The list of the dumps of a release, `dumps/index.json`: which file holds what, in which format and compression."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "dumps"
INDEX = f"{FOLDER}/index.json"
TABLES = "tables"  # the folder of the tables, below that of the dumps
METADATA = f"{TABLES}/csv-metadata.json"  # the description of all tables


class DumpContent(StrEnum):
    """The part of the release that a dump holds."""

    DATASET = "dataset"  # every quad: the default graph and all named graphs
    DEFAULT_GRAPH = "default-graph"  # every triple once
    REIFIERS = "default-graph-with-reifiers"  # the same, and rdf:Statements reify their triples too (RDF 1.2)
    TABLE = "table"  # the instances of a class as rows; without a class it is the description of all tables


@dataclass(frozen=True)
class Dump:
    """One file.

    extension: of the format; coding: of the compression (`gz`, `zst` or None); classes: IRIs, of a table; items:
    triples, quads or rows; text_size: bytes before compression; left_out: triples or quads of the content that the
    format cannot hold.
    """

    content: DumpContent
    extension: str
    path: str
    classes: tuple[str, ...] = ()
    coding: str | None = None
    items: int = 0
    text_size: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class DumpIndex:
    """Dumps, by path; classes: IRI → the names of the tables that hold its instances."""

    dumps: tuple[Dump, ...] = ()
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def text_size(self, path: str) -> int:
        """Bytes that a file below the release's folder unpacks to; 0 if it is no dump."""
        return next((d.text_size for d in self.dumps if f"{FOLDER}/{d.path}" == path), 0)

    def to_json(self) -> bytes:
        """The index as it stands in its file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def from_json(cls, text: bytes) -> DumpIndex:
        raw = json.loads(text)
        return cls(tuple(map(_dump, raw["dumps"])), {k: tuple(v) for k, v in raw["classes"].items()})

    def write(self, folder: Path) -> None:
        (folder / INDEX).write_bytes(self.to_json())

    @classmethod
    def read(cls, folder: Path) -> DumpIndex:
        return cls.from_json((folder / INDEX).read_bytes())


def _dump(row: dict[str, Any]) -> Dump:
    return Dump(**row | {"content": DumpContent(row["content"]), "classes": tuple(row["classes"])})
