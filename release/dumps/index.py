"""The list of the dumps of a release, `dumps/index.json`: what each file holds, and for which need it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER = "dumps"
INDEX = f"{FOLDER}/index.json"


class Extent(StrEnum):
    """How much of the release a dump holds."""

    EVERYTHING = "everything"  # every quad: the default graph and all named graphs
    MERGED = "merged"  # the default graph: every triple once
    COLLECTION = "collection"  # some named graphs together, by a name
    GRAPHS = "graphs"  # each named graph, found by an index
    CLASS = "class"  # the instances of a class, with all triples about them
    TABLE = "table"  # the same, as rows


@dataclass(frozen=True)
class Dump:
    """One file, or one part of a file that is in several.

    extent, of: what it holds, `of` being the name of the collection or the IRIs of the classes; extension: of the
    format, coding: of the compression (`gz`, `zst` or none); number, parts: 2 of 5, say; items: triples, quads or
    rows; text_size: bytes before compression.
    """

    extent: Extent
    extension: str
    of: tuple[str, ...] = ()
    coding: str | None = None
    path: str = ""
    number: int = 1
    parts: int = 1
    items: int = 0
    text_size: int = 0

    def part(self, **values: object) -> Dump:
        return replace(self, **values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Index:
    """All dumps of a release; classes: IRI → the names of the files that hold its instances."""

    dumps: tuple[Dump, ...] = ()
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def text_size(self, path: str) -> int:
        """Bytes that a file below the release unpacks to; 0 where it is no dump."""
        return next((d.text_size for d in self.dumps if f"{FOLDER}/{d.path}" == path), 0)

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"
        (folder / INDEX).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Index:
        raw = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        return cls(tuple(_dump(row) for row in raw["dumps"]), {k: tuple(v) for k, v in raw["classes"].items()})


def _dump(row: dict[str, object]) -> Dump:
    of = row["of"]
    values = row | {"extent": Extent(str(row["extent"])), "of": tuple(of) if isinstance(of, list) else ()}
    return Dump(**values)  # type: ignore[arg-type]


def in_order(dumps: Iterable[Dump]) -> tuple[Dump, ...]:
    return tuple(sorted(dumps, key=lambda dump: dump.path))
