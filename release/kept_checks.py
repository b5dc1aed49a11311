"""Checks of a release: queries over its store, whose results are kept for the next build.

A check is evaluated again only if a triple that came or went can take part in its solutions (core/stars.py).
"""

from __future__ import annotations

import marshal
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from core.ntriples import split
from core.problems import Severity
from core.stars import Pattern, concerns
from core.validation import ValidationResult
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    import pyoxigraph as ox

    from core.stars import Row, Star
    from release.lines import Lines
    from release.memo import Memo
    from release.release_validation import Last

_KEY = b"checks 1"
# Bytes of lines, from which on results are kept: over a few triples a check takes less than looking at its query.
_SMALLEST = 8 << 20
_MOST_CHANGED = 20_000  # triples that came and went, up to which each is looked at


class Check(Protocol):
    """A query that finds what breaks a rule. key: what its results depend on besides the data."""

    @property
    def key(self) -> bytes: ...

    @property
    def query(self) -> str: ...

    def run(self, store: ox.Store) -> list[ValidationResult]:
        """The results over the default graph of the store."""


class KeptChecks:
    """The checks of one release: they are started, evaluated, and kept, in this order."""

    def __init__(self, checks: Sequence[Check], memo: Memo) -> None:
        self._checks, self._memo = checks, memo
        self._results: dict[bytes, list[ValidationResult]] = {}  # key of a check → its results
        self._stars: Future[list[bytes]] | None = None
        self._unread: list[Check] = []  # whose stars are not kept yet

    def start(self, lines: Lines, last: Last | None, executor: Executor) -> None:
        """Take the results that are as they were over the last release, if it is known."""
        if lines.size < _SMALLEST or not self._checks:
            return
        self._unread = [check for check in self._checks if _stars_key(check) not in self._memo]
        if self._unread:
            self._stars = executor.submit(_read_stars, [check.query for check in self._unread])
        if last is None or (kept := self._of(last.lines)) is None:
            return
        if sum(map(len, last.difference)) > _MOST_CHANGED:
            return
        changed = list(_changed(lines, last))
        for check in self._checks:
            stars = self._known_stars(check) if check.key in kept else None
            if stars is not None and not any(concerns(stars, row, about) for row, about in changed):
                self._results[check.key] = kept[check.key]

    def run(self, store: ox.Store) -> list[ValidationResult]:
        """The results of all checks, in their order; any thread may ask."""
        for check in self._checks:
            if check.key not in self._results:
                self._results[check.key] = check.run(store)
        return [result for check in self._checks for result in self._results[check.key]]

    def keep(self, lines: Lines) -> set[bytes]:
        """Keep the results for the next build, now that their release is current; the keys of what is kept."""
        if lines.size < _SMALLEST or not self._checks:
            return set()
        if self._stars is not None:
            for check, stars in zip(self._unread, self._stars.result(), strict=True):
                self._memo.put(_stars_key(check), stars)
        results = {key: [_fields(result) for result in found] for key, found in self._results.items()}
        self._memo.put(_KEY, marshal.dumps((lines.digest, results)))
        return {_KEY, *map(_stars_key, self._checks)}

    def _of(self, lines: Lines) -> dict[bytes, list[ValidationResult]] | None:
        """What was kept of the checks over these lines."""
        kept = self._memo.get(_KEY)
        if kept is None:
            return None
        digest, results = marshal.loads(kept)  # noqa: S302 - written by `keep`, and its digest is right
        if digest != lines.digest:
            return None
        return {key: [_result(*fields) for fields in found] for key, found in results.items()}

    def _known_stars(self, check: Check) -> list[Star] | None:
        kept = self._memo.get(_stars_key(check))
        stars = None if kept is None else marshal.loads(kept)  # noqa: S302 - written by `_read_stars`
        return None if stars is None else [tuple(Pattern(*pattern) for pattern in star) for star in stars]


def _stars_key(check: Check) -> bytes:
    return b"stars 1 %b" % check.key


def _read_stars(queries: Iterable[str]) -> list[bytes]:
    """The stars of queries, as they are kept."""
    from core.query_relevance import read_stars  # noqa: PLC0415 - rdflib takes a while, in a process that others wait for

    return [marshal.dumps(stars and [tuple(map(tuple, star)) for star in stars]) for stars in map(read_stars, queries)]


def _changed(lines: Lines, last: Last) -> Iterator[tuple[Row, list[Row]]]:
    """Each triple of the default graph that came or went, with all that its subject had beside it."""
    for of, rows in ((last.lines, last.difference.removed), (lines, last.difference.added)):
        changed = [row[:3] for row in map(split, rows) if row[3] is None]
        subjects = sorted({subject for subject, _, _ in changed})
        with closing(SortedLines(of.path)) as content:
            found = content.each_beginning([subject + b" " for subject in subjects], sys.maxsize)
            about = {
                subject: [row[:3] for row in map(split, of_subject) if row[3] is None]
                for subject, of_subject in zip(subjects, found, strict=True)
            }
        for row in changed:
            yield row, about[row[0]]


def _fields(result: ValidationResult) -> tuple[str, str, str, str, str]:
    return result.focus, result.rule, result.severity.value, result.message, result.fix


def _result(focus: str, rule: str, severity: str, message: str, fix: str) -> ValidationResult:
    return ValidationResult(focus, rule, Severity(severity), message, fix)
