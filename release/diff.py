"""Compares two releases by their sorted quads, in one pass and constant memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.ntriples import split
from release import patch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release


class Change(NamedTuple):
    """A triple or quad that only one of two releases has, as N-Triples terms; graph: None for the default graph."""

    added: bool
    subject: str
    predicate: str
    object: str
    graph: str | None


def rows(old: Release, new: Release) -> Iterator[patch.PatchRow]:
    """The quads that only one of the releases has, as patch rows, sorted by line: by subject, then predicate."""
    return iter(()) if old.id == new.id else patch.differences(old.lines(), new.lines())


def diff(old: Release, new: Release) -> Iterator[Change]:
    """The differences of `rows` as `Change`s, with separate terms."""
    return (change(row) for row in rows(old, new))


def change(row: patch.PatchRow) -> Change:
    """The terms of one patch row."""
    subject, predicate, value, graph = split(row.line)
    return Change(row.added, subject.decode(), predicate.decode(), value.decode(), graph.decode() if graph else None)
