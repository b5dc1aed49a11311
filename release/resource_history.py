"""What releases say of one resource, and in which of them that differs.

The lines of each release are sorted, so those of a resource are found by a few reads, and any two releases can be
compared, whatever came between them. Compared are the quads with the resource, or its IRI with a fragment, as subject,
and the links to it; a document also repeats things of others, such as their names, and these do not count.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from itertools import chain, islice
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

_LINES = 5_000  # of a resource that are compared
_LINKS = 1_000  # links to it that are compared, each read by itself; of the rest only their number
_BYTES = 4 << 20  # of these lines
_FIRST = Link("", "")  # before all links


class State(NamedTuple):
    """What a release says of a resource, in short: a digest, and how many lines there are, 0 for none.

    is_whole: whether these are all; else the digest is that of the first ones.
    """

    digest: bytes
    lines: int
    is_whole: bool


class Moment(NamedTuple):
    """A release from which on other things are said of a resource than in the one before.

    before: the one before of those that are kept, and what it says; None: `version` is the oldest.
    """

    version: Version
    state: State
    before: Version | None
    state_before: State | None


class _Reading(NamedTuple):
    """Sorted canonical N-Quads of a resource and of the links to it; links: how many there are in all."""

    lines: list[bytes]
    links: int
    is_whole: bool


def state_of(release: Path, iri: str) -> State:
    """What the release in this folder says of the resource; ReleaseError if that cannot be read."""
    found = _read(release, iri)
    digest = hashlib.blake2b(str(found.links).encode(), digest_size=16)
    for line in found.lines:
        digest.update(line)
    return State(digest.digest(), len(found.lines), found.is_whole)


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
    return list(patch.differences(_read(old, iri).lines, _read(new, iri).lines))


def _read(release: Path, iri: str) -> _Reading:
    node = encode_iri(iri)
    try:
        with closing(SortedLines(release / QUADS)) as lines, closing(LinkIndex(release / LINKS, lines)) as index:
            own = _bounded(chain(lines.beginning(node + b" "), lines.beginning(node[:-1] + b"#")))
            links = index.after(iri, _FIRST, _LINKS)
            total = sum(index.totals(iri).values())
    except OSError as error:
        raise ReleaseError(f"{release} cannot be read: {error}") from error
    incoming = [b"%s %s %s .\n" % (_node(link.source), encode_iri(link.property), node) for link in links]
    is_whole = len(own) < _LINES and sum(map(len, own)) < _BYTES and total <= _LINKS
    return _Reading(sorted({*own, *incoming}), total, is_whole)


def _bounded(lines: Iterator[bytes]) -> list[bytes]:
    """The first lines; the last may be beyond the bytes."""
    found, size = [], 0
    for line in islice(lines, _LINES):
        found.append(line)
        size += len(line)
        if size >= _BYTES:
            break
    return found


def _node(source: str) -> bytes:
    return source.encode() if source.startswith("_:") else encode_iri(source)
