"""The input from which a release is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.problems import Severity
from core.validation import report
from release.manifest import Validation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pyoxigraph as ox

    from core.problems import Problem
    from core.validation import ShaclOutcome, ValidationResult
    from release.kept_checks import Check
    from release.lines import Lines
    from release.manifest import Dataset
    from release.memo import Memo
    from release.release_validation import Shacl


@dataclass(frozen=True)
class Validated:
    """The outcome of a validation: the number of problems of each severity, a SHACL report in Turtle, the problems."""

    counts: Validation
    report: bytes
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, problems: Iterable[Problem], results: Iterable[ValidationResult], base: str) -> Validated:
        """The outcome with these problems, and a report of the results whose IRIs begin with the base."""
        problems = tuple(problems)
        found = [problem.severity for problem in problems]
        counts = Validation(
            violations=found.count(Severity.VIOLATION),
            warnings=found.count(Severity.WARNING),
            infos=found.count(Severity.INFO),
        )
        return cls(counts, report(results, base), problems)


@dataclass(frozen=True)
class Source:
    """The input of a release.

    quads: canonical N-Quads lines, in any order, duplicates allowed. runs: has the runs of the content in the memo
    (core/runs.py), and gives their keys; kept: gets the keys of all else there that the next build can use.
    dataset: what the publisher says of it, or a function that reads it from the query store of the release.
    prefixes: may be incomplete until quads and runs have been read. queries: saved queries, name → text. sign_key:
    OpenSSH key that signs the release. inputs: path → SHA-256 of the files that the release is made from. shacl: what
    the content is validated by. shown_by: a file of shapes that say how pages show plain RDF. checks: queries that find
    more. validate: called with the outcome of both, and the lines; violations prevent the release.
    """

    quads: Iterable[bytes]
    base: str
    dataset: Dataset | Callable[[ox.Store], Dataset]
    prefixes: dict[str, str] = field(default_factory=dict)
    ontology: str | None = None
    shapes: str | None = None
    context: bytes | None = None
    queries: dict[str, bytes] = field(default_factory=dict)
    sign_key: Path | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    runs: Callable[[Memo], Iterable[bytes]] | None = None
    kept: set[bytes] = field(default_factory=set)
    shacl: Shacl | None = None
    shown_by: Path | None = None
    checks: Sequence[Check] = ()
    validate: Callable[[ShaclOutcome, list[ValidationResult], Lines], Validated] | None = None
