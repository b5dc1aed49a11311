"""What a release is made of, as the writer is given it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pyoxigraph as ox

    from release.manifest import Dataset, Validation


@dataclass(frozen=True)
class Validated:
    """A SHACL report: how many results of each severity, and the report itself in Turtle."""

    counts: Validation
    report: bytes


@dataclass(frozen=True)
class Source:
    """What a release is made of.

    quads: canonical N-Quads lines, in any order, repeated or not; queries: saved queries, name → text; sign_key: of
    OpenSSH, signs the release; validate: judges the loaded store, and is the last word on whether it is published.
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
    inputs: dict[str, str] = field(default_factory=dict)
    validate: Callable[[ox.Store], Validated] | None = None
