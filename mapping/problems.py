"""What is wrong with the input, said as a compiler would: where, what, and how to mend it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    """One finding. `code` names the rule: a fixed word of this package, a shape or a check."""

    place: Place
    severity: Severity
    code: str
    message: str
    mend: str

    def __str__(self) -> str:
        mend = f"\n    {self.mend}" if self.mend else ""
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]{mend}"


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known words nearest to a misspelt one, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else ""
