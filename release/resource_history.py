"""What releases say of one resource, and in which of them that differs.

The lines of each release are sorted, so those of a resource are found by a few reads, and any two releases can be
compared, whatever came between them. Compared are the quads with the resource, or its IRI with a fragment, as subject,
and the links to it; a document also repeats things of others, such as their names, and these do not count.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from core.errors import ReleaseError
from core.ntriples import encode_iri
from release import patch
from release.links import Link, LinkIndex
from release.reader import LINKS, QUADS
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from release.history import Version

LINES = 5_000  # of a resource, and as many links to it, that are compared; of the rest only the number of links
_BYTES = 4 << 20  # of these lines
_FIRST = Link("", "")  # before all links


class State(NamedTuple):
    """What a release says of a resource, in short: a digest, and how many lines there are, 0 for none."""

    digest: bytes
    lines: int


class Moment(NamedTuple):
    """A release from which on other things are said of a resource than in the one before.

    before: the one before of those that are kept, and what it says; None: `version` is the oldest.
    """

    version: Version
    state: State
    before: Version | None
    state_before: State | None


def lines_of(release: Path, iri: str) -> list[bytes]:
    """The canonical N-Quads of the resource, and the links to it, sorted; ReleaseError if they cannot be read."""
    return _read(release, iri)[0]


def state_of(release: Path, iri: str) -> State:
    """What the release in this folder says of the resource; ReleaseError if that cannot be read."""
    lines, links = _read(release, iri)
    digest = hashlib.blake2b(str(links).encode(), digest_size=16)
    for line in lines:
        digest.update(line)
    return State(digest.digest(), len(lines))


def moments(versions: Sequence[Version], state: Callable[[Version], State | None]) -> Iterator[Moment]:
    """The moments of a resource, newest first.

    versions: newest first. state: what a version says of it; None if it cannot be read, which leaves the version out.
    """
    known = ((version, found) for version in versions if (found := state(version)) is not None)
    newer = next(known, None)
    while newer is not None:
        older = next(known, None)
        if older is None:
            if newer[1].lines:
                yield Moment(*newer, None, None)
        elif newer[1].digest != older[1].digest:
            yield Moment(*newer, *older)
        newer = older


def rows(old: Path, new: Path, iri: str) -> list[patch.PatchRow]:
    """What came and went from one release to another, sorted by line; ReleaseError if they cannot be read."""
    return list(patch.differences(lines_of(old, iri), lines_of(new, iri)))


def _read(release: Path, iri: str) -> tuple[list[bytes], int]:
    """The lines, and the number of links, which may be more than those among the lines."""
    try:
        node = encode_iri(iri)
        with closing(SortedLines(release / QUADS)) as lines, closing(LinkIndex(release / LINKS, lines)) as index:
            own = chain(lines.beginning(node + b" "), lines.beginning(node[:-1] + b"#"))
            links = [
                b"%s %s %s .\n" % (_node(link.source), encode_iri(link.property), node)
                for link in index.after(iri, _FIRST, LINES)
            ]
            return sorted({*_bounded(own), *_bounded(links)}), sum(index.totals(iri).values())
    except OSError as error:
        raise ReleaseError(f"{release} cannot be read: {error}") from error


def _bounded(lines: Iterator[bytes] | Sequence[bytes]) -> Iterator[bytes]:
    """The first lines."""
    size = 0
    for number, line in enumerate(lines):
        size += len(line)
        if number == LINES or size > _BYTES:
            return
        yield line


def _node(source: str) -> bytes:
    return source.encode() if source.startswith("_:") else encode_iri(source)
