"""Divides registry, gazetteer and what the editors say into units, which are mapped one by one, as articles are.

All YAML of the registry is one unit. The others are stretches of JSON Lines, and lines of entities that have several.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from core.files import read_bytes
from mapping.documents import data_files, parse_documents
from mapping.source import LARGEST, LINES_SUFFIXES, unreadable
from mapping.stretches import STRETCH, Stretches
from mapping.units import EditorialUnit, GazetteerUnit, Piece, RegistryUnit, UnitPlace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.problems import Problem
    from mapping.units import Unit

_SHARE = 4  # a unit of an article is longer by this factor: of its bytes fewer are facts
_RECORD = re.compile(rb'\{"id": ?"([a-z]+/[A-Za-z0-9._~-]+)"')


def registry_units(root: Path, folder: str) -> tuple[list[UnitPlace], list[Problem]]:
    """The places of the units of a registry, and problems of files that cannot be read."""
    stretches, yaml, problems = _divided(root, folder)
    names = [name for piece in yaml if stretches.pieces for name in _ids(piece.read().data, piece.name)]
    groups = dict.fromkeys(["", *names], yaml)
    stretches.take_out(groups)
    first, *own = {id(group): group for group in groups.values()}.values()
    pieces = [*([first] if first else []), *([piece] for piece in stretches.pieces), *_batches(own)]
    return [UnitPlace(RegistryUnit, tuple(sorted(found, key=_place))) for found in pieces], problems


def gazetteer_units(root: Path, folder: str) -> tuple[list[UnitPlace], list[Problem]]:
    """The places of the units of a gazetteer, and problems of files that cannot be read."""
    return _units(root, folder, GazetteerUnit)


def editorial_units(root: Path, folder: str) -> tuple[list[UnitPlace], list[Problem]]:
    """The places of the units of what the editors say, and problems of files that cannot be read."""
    return _units(root, folder, EditorialUnit)


def _units(root: Path, folder: str, kind: type[Unit]) -> tuple[list[UnitPlace], list[Problem]]:
    stretches, yaml, problems = _divided(root, folder)
    pieces = [*([yaml] if yaml else []), *([piece] for piece in stretches.pieces)]
    return [UnitPlace(kind, tuple(found)) for found in pieces], problems


def _divided(root: Path, folder: str) -> tuple[Stretches, list[Piece], list[Problem]]:
    stretches, yaml = Stretches(_RECORD, partial(_ids, name=LINES_SUFFIXES[0]), _SHARE), list[Piece]()
    problems: list[Problem] = []
    for path in data_files(root / folder):
        name = path.relative_to(root).as_posix()
        try:
            if name.endswith(LINES_SUFFIXES):
                stretches.read(path, name)
            else:
                yaml.append(Piece(path, name, length=len(read_bytes(path, LARGEST))))
        except (OSError, UnicodeDecodeError) as error:
            problems += unreadable(name, error).problems
    return stretches, yaml, problems


def _ids(data: bytes, name: str) -> list[str]:
    """The ids of all records in the bytes of a file of this name."""
    records = (record for document in parse_documents(data, name) for record in document.records)
    return [str(record["id"]) for record in records if "id" in record]


def _place(piece: Piece) -> tuple[str, int]:
    return piece.name, piece.offset


def _batches(groups: list[list[Piece]]) -> Iterator[list[Piece]]:
    """Groups of lines, put together to about the length of a stretch."""
    batch, length = list[Piece](), 0
    for group in groups:
        batch += group
        length += sum(piece.length for piece in group)
        if length > STRETCH // _SHARE:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch
