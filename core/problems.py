"""Problems of the input, as a compiler reports them: place, message and fix."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHOWN = 20  # warnings of one code; a large dataset has thousands, which hide the rest


class Severity(StrEnum):
    """The severities of SHACL (https://www.w3.org/TR/shacl/#severity), by their plain names."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, order=True)
class Place:
    """A file and a position in it; lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One problem of the input.

    code: name of the rule that it breaks: a word of the code, a shape or a check. fix: what to do about it, or empty.
    """

    place: Place
    severity: Severity
    code: str
    message: str
    fix: str

    def __str__(self) -> str:
        fix = f"\n    {self.fix}" if self.fix else ""
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]{fix}"


def nearest(word: str, known: Iterable[str]) -> str:
    """'did you mean …?' with up to three known words similar to the one given; empty if none is."""
    similar = nearest_of(word, known)
    return f"did you mean {' or '.join(similar)}?" if similar else ""


def nearest_of(word: str, known: Iterable[str]) -> list[str]:
    """Up to three known words similar to the one given, the most similar first."""
    return difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)


def as_text(problems: Sequence[Problem]) -> str:
    """For each problem a line with place and message, and one with the fix.

    Of warnings and remarks of one code the first ones alone, and a line with the number of the others.
    """
    counts, rows = Counter[str](), []
    for problem in problems:
        less = problem.severity != Severity.VIOLATION
        counts[problem.code] += less
        if not less or counts[problem.code] <= _SHOWN:
            rows.append(f"{problem}\n")
    rows += [
        f"{count - _SHOWN} more like these [{code}]; --format json lists all\n"
        for code, count in counts.items()
        if count > _SHOWN
    ]
    return "".join(rows)


def as_rows(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """For JSON: objects with file, line, column, severity, code, message and fix."""
    return [
        {
            "file": problem.place.file,
            "line": problem.place.line,
            "column": problem.place.column,
            "severity": problem.severity,
            "code": problem.code,
            "message": problem.message,
            "fix": problem.fix,
        }
        for problem in problems
    ]
