"""What changed between two releases, from their sorted dumps, in one pass and constant memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from release.nquads import split

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


def diff(old: Release, new: Release) -> Iterator[Change]:
    """The quads of one release that the other lacks, in the order of their lines: by subject, then predicate."""
    if old.id == new.id:
        return
    old_lines, new_lines = old.lines(), new.lines()
    before, after = next(old_lines, None), next(new_lines, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before < after):
            assert before is not None  # noqa: S101 - one of the two is left
            yield _change(before, added=False)
            before = next(old_lines, None)
        elif before is None or after < before:
            yield _change(after, added=True)
            after = next(new_lines, None)
        else:
            before, after = next(old_lines, None), next(new_lines, None)


def _change(line: bytes, *, added: bool) -> Change:
    subject, predicate, value, graph = split(line)
    return Change(added, subject.decode(), predicate.decode(), value.decode(), graph.decode() if graph else None)
