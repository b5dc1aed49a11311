"""The input of release.writer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.problems import Severity
from core.validation import report
from release.manifest import Validation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pyoxigraph as ox

    from core.problems import Problem
    from core.validation import ValidationResult
    from release.manifest import Dataset


@dataclass(frozen=True)
class Validated:
    """The outcome of a validation: how many problems of each severity, the SHACL report in Turtle, and the problems."""

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
    """What a release is made of.

    quads: canonical N-Quads lines, in any order, repeated or not. prefixes: read when the quads have been. queries:
    saved queries, name → text. collections: named sets of graphs that get a dump each: name → IRIs, a final slash for
    all that begin so. sign_key: of OpenSSH, signs the release. inputs: path → SHA-256 of what the release was made
    from. validate: called with the loaded store; nothing is published if it finds violations.
    """

    quads: Iterable[bytes]
    base: str
    dataset: Dataset
    prefixes: dict[str, str] = field(default_factory=dict)
    ontology: str | None = None
    shapes: str | None = None
    context: bytes | None = None
    queries: dict[str, bytes] = field(default_factory=dict)
    sign_key: Path | None = None
    collections: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    validate: Callable[[ox.Store], Validated] | None = None
