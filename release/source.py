"""The input from which a release is written."""

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
    """A SHACL report in Turtle, and its number of results of each severity."""

    counts: Validation
    report: bytes


@dataclass(frozen=True)
class Source:
    """The input of a release.

    quads: canonical N-Quads lines, in any order, duplicates allowed. queries: saved queries, name → text. sign_key:
    OpenSSH key that signs the release. validate: called with the loaded store; violations prevent the release.
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
