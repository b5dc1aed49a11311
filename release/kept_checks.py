"""Checks of a release: queries over its store, whose results are kept for the next build.

A check is evaluated again only if a triple that came or went can take part in its solutions (core/stars.py). One that
found nothing is evaluated over what is about the subjects that have come, where that tells (core/query_locality.py).
"""

from __future__ import annotations

import marshal
import sys
from contextlib import closing
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pyoxigraph as ox

from core.ntriples import split
from core.problems import Severity
from core.rdf import parse_term
from core.stars import Pattern, concerns
from core.validation import ValidationResult
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from core.stars import Row, Star
    from release.lines import Lines
    from release.memo import Memo
    from release.release_validation import Last

_KEY = b"checks 1"
# Bytes of lines, from which on results are kept: over a few triples a check takes less than looking at its query.
_SMALLEST = 8 << 20
_MOST_CHANGED = 20_000  # triples that came and went, up to which each is looked at
# Bytes of lines for each triple that is read beside those of subjects that have come: with more, all is read as fast.
_PER_EXCLUDED = 30_000


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
        self._nearby: dict[bytes, _Nearby] = {}  # key of a check that found nothing → where it may find something now
        self._read: Future[list[bytes]] | None = None
        self._unread: list[Check] = []  # whose dependences are not kept yet

    def start(self, lines: Lines, last: Last | None, executor: Executor) -> None:
        """Take the results that are as they were over the last release, if it is known."""
        if lines.size < _SMALLEST or not self._checks:
            return
        self._unread = [check for check in self._checks if _dependences_key(check) not in self._memo]
        if self._unread:
            self._read = executor.submit(_read_dependences, [check.query for check in self._unread])
        if last is None or (kept := self._of(last.lines)) is None:
            return
        if sum(map(len, last.difference)) > _MOST_CHANGED:
            return
        removed, added = (
            list(_changed(of, rows)) for of, rows in zip((last.lines, lines), last.difference, strict=True)
        )
        come = list(dict.fromkeys(chain.from_iterable(about for _, about in added)))
        for check in self._checks:
            if check.key not in kept:
                continue
            stars, exclusions = self._known_dependences(check)
            if stars is not None and not any(concerns(stars, row, about) for row, about in (*removed, *added)):
                self._results[check.key] = kept[check.key]
            elif (
                not kept[check.key]
                and exclusions is not None
                and not any(pattern.matches(row) for row, _ in removed for pattern in exclusions)
            ):
                self._nearby[check.key] = _Nearby(come, exclusions, lines.size // _PER_EXCLUDED)

    def run(self, store: ox.Store) -> list[ValidationResult]:
        """The results of all checks, in their order; any thread may ask."""
        for check in self._checks:
            if check.key not in self._results:
                nearby = self._nearby.get(check.key)
                nothing = nearby is not None and nearby.has_nothing(check, store)
                self._results[check.key] = [] if nothing else check.run(store)
        return [result for check in self._checks for result in self._results[check.key]]

    def keep(self, lines: Lines) -> set[bytes]:
        """Keep the results for the next build, now that their release is current; the keys of what is kept."""
        if lines.size < _SMALLEST or not self._checks:
            return set()
        if self._read is not None and self._read.exception() is None:  # else its process was killed; it is read again
            for check, dependences in zip(self._unread, self._read.result(), strict=True):
                self._memo.put(_dependences_key(check), dependences)
        results = {key: [_fields(result) for result in found] for key, found in self._results.items()}
        self._memo.put(_KEY, marshal.dumps((lines.digest, results)))
        return {_KEY, *map(_dependences_key, self._checks)}

    def _of(self, lines: Lines) -> dict[bytes, list[ValidationResult]] | None:
        """What was kept of the checks over these lines."""
        kept = self._memo.get(_KEY)
        if kept is None:
            return None
        digest, results = marshal.loads(kept)  # noqa: S302 - written by `keep`, and its digest is right
        if digest != lines.digest:
            return None
        return {key: [_result(*fields) for fields in found] for key, found in results.items()}

    def _known_dependences(self, check: Check) -> tuple[list[Star] | None, list[Pattern] | None]:
        """The stars and the exclusions of a check; None where they are not known."""
        kept = self._memo.get(_dependences_key(check))
        if kept is None:
            return None, None
        stars, exclusions = marshal.loads(kept)  # noqa: S302 - written by `_read_dependences`
        return (
            None if stars is None else [tuple(Pattern(*pattern) for pattern in star) for star in stars],
            None if exclusions is None else [Pattern(*pattern) for pattern in exclusions],
        )


class _Nearby(NamedTuple):
    """The triples among which a check finds something that found nothing: those of subjects of which triples have come.

    about: all triples of these. exclusions: the patterns of what the check takes away (core/query_locality.py), and the
    most triples that are read for them.
    """

    about: Sequence[Row]
    exclusions: Sequence[Pattern]
    most: int

    def has_nothing(self, check: Check, store: ox.Store) -> bool:
        """Whether the check surely finds nothing there; store: of the release."""
        excluded = chain.from_iterable(_matching(store, pattern) for pattern in self.exclusions)
        read = list(islice(excluded, self.most + 1))
        if len(read) > self.most:
            return False
        nearby = ox.Store()
        nearby.extend(read)
        nearby.load(b"".join(b"%b %b %b .\n" % row for row in self.about), ox.RdfFormat.N_TRIPLES)
        return not check.run(nearby)


def _matching(store: ox.Store, pattern: Pattern) -> Iterator[ox.Quad]:
    """The triples of the default graph that match a pattern."""
    nodes: list[list[Any]] = [
        [None] if terms is None else [parse_term(term.decode()) for term in terms] for terms in pattern
    ]
    for subject, predicate, value in product(*nodes):
        yield from store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph())


def _dependences_key(check: Check) -> bytes:
    return b"dependences 1 %b" % check.key


def _read_dependences(queries: Iterable[str]) -> list[bytes]:
    """The stars and the exclusions of queries, as they are kept."""
    # rdflib takes a while to import, in a process that others wait for
    from core.query_locality import read_exclusions  # noqa: PLC0415
    from core.query_relevance import read_stars  # noqa: PLC0415

    found = ((read_stars(query), read_exclusions(query)) for query in queries)
    return [
        marshal.dumps(
            (
                None if stars is None else [tuple(map(tuple, star)) for star in stars],
                None if exclusions is None else list(map(tuple, exclusions)),
            )
        )
        for stars, exclusions in found
    ]


def _changed(lines: Lines, changed: Iterable[bytes]) -> Iterator[tuple[Row, list[Row]]]:
    """Each of these lines that is a triple of the default graph, with all triples that its subject has in the lines."""
    rows = [row[:3] for row in map(split, changed) if row[3] is None]
    subjects = sorted({subject for subject, _, _ in rows})
    with closing(SortedLines(lines.path)) as content:
        found = content.each_beginning([subject + b" " for subject in subjects], sys.maxsize)
        about = {
            subject: [row[:3] for row in map(split, of_subject) if row[3] is None]
            for subject, of_subject in zip(subjects, found, strict=True)
        }
    for row in rows:
        yield row, about[row[0]]


def _fields(result: ValidationResult) -> tuple[str, str, str, str, str]:
    return result.focus, result.rule, result.severity.value, result.message, result.fix


def _result(focus: str, rule: str, severity: str, message: str, fix: str) -> ValidationResult:
    return ValidationResult(focus, rule, Severity(severity), message, fix)
