"""What changed between two releases, from their sorted dumps, in one pass and constant memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.ntriples import split
from release import patch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release


class Change(NamedTuple):
    """A triple or quad that is only in one of two releases, in N-Triples terms; graph is None in the default graph."""

    added: bool
    subject: str
    predicate: str
    object: str
    graph: str | None


def rows(old: Release, new: Release) -> Iterator[patch.Row]:
    """The quads of one release that the other lacks, in the order of their lines: by subject, then predicate."""
    return iter(()) if old.id == new.id else patch.differences(old.lines(), new.lines())


def diff(old: Release, new: Release) -> Iterator[Change]:
    """The same, taken apart."""
    return (change(row) for row in rows(old, new))


def change(row: patch.Row) -> Change:
    subject, predicate, value, graph = split(row.line)
    return Change(row.added, subject.decode(), predicate.decode(), value.decode(), graph.decode() if graph else None)
