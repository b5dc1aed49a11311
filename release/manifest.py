"""The manifest of a release, see docs/release-format.md."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from core.errors import ReleaseError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 2
FILE_NAME = "manifest.json"
GIVEN = ("context.jsonld", "queries/")  # files that are published without change
_IDENTITY = ("format", "content", "base", "ontology", "shapes", "prefixes")


@dataclass(frozen=True)
class Dataset:
    """The publisher's description of the dataset; texts are language tag → text.

    keywords: language tag → words. themes: IRIs of a taxonomy. contact: an IRI, of mail or of a page.
    """

    title: dict[str, str]
    description: dict[str, str] = field(default_factory=dict)
    license: str | None = None
    publisher: dict[str, str] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    keywords: dict[str, list[str]] = field(default_factory=dict)
    themes: list[str] = field(default_factory=list)
    contact: str | None = None


@dataclass(frozen=True)
class Counts:
    """Numbers of distinct triples of the default graph and of quads of all graphs, and of their parts."""

    triples: int
    quads: int
    entities: int
    graphs: dict[str, int]
    classes: dict[str, int]
    properties: dict[str, int]


@dataclass(frozen=True)
class Validation:
    """How many problems of each severity the build found."""

    violations: int = 0
    warnings: int = 0
    infos: int = 0


@dataclass(frozen=True)
class Changes:
    """How many quads were added and removed since the predecessor."""

    added: int
    removed: int


@dataclass(frozen=True)
class File:
    """Size in bytes and SHA-256, in hexadecimal, of one file of the release."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Everything that a server needs to know about a release, and the digest of every other file in it.

    content: SHA-256, in hexadecimal, of the canonical N-Quads of all quads (https://www.w3.org/TR/rdf-canon/).
    inputs: path → SHA-256 of every file that it was built from. catalog: number of triples of the catalog, which is a
    graph of the store and no part of the content. predecessor: id of the release that was current when this one was
    built, if it has the same base IRI; changes: since that one.
    """

    id: str
    content: str
    base: str
    created: str
    software: dict[str, str]
    dataset: Dataset
    ontology: str | None
    shapes: str | None
    prefixes: dict[str, str]
    counts: Counts
    validation: Validation
    inputs: dict[str, str]
    files: dict[str, File]
    catalog: int = 0
    predecessor: str | None = None
    changes: Changes | None = None
    format: int = FORMAT

    @property
    def catalog_graph(self) -> str:
        """The IRI of the catalog, and of its graph in the store."""
        return f"{self.base}catalog"

    @property
    def graphs(self) -> dict[str, int]:
        """Named graph of the store → number of its triples, the graph of the catalog included."""
        return self.counts.graphs | ({self.catalog_graph: self.catalog} if self.catalog else {})

    def identity(self) -> str:
        """The id of the release: a digest of its content and of everything published as it was given."""
        given = {path: file.sha256 for path, file in self.files.items() if path.startswith(GIVEN)}
        identity = {name: getattr(self, name) for name in _IDENTITY} | {"dataset": asdict(self.dataset), "given": given}
        text = json.dumps(identity, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest; ReleaseError if it is not one, or of a layout that this version does not know."""
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw["format"] != FORMAT:
                raise ReleaseError(
                    f"the release has layout {raw['format']}, this version reads layout {FORMAT}: build it again"
                )
            parts = {name: raw[name] for name in (f.name for f in fields(cls))}
            parts["dataset"] = Dataset(**raw["dataset"])
            parts["counts"] = Counts(**raw["counts"])
            parts["validation"] = Validation(**raw["validation"])
            parts["changes"] = Changes(**raw["changes"]) if raw["changes"] else None
            parts["files"] = {path: File(**entry) for path, entry in raw["files"].items()}
            return cls(**parts)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReleaseError(f"the manifest is damaged: {error}") from error

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        try:
            return cls.from_json((folder / FILE_NAME).read_text(encoding="utf-8"))
        except OSError as error:
            raise ReleaseError(f"no release at {folder}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ReleaseError(f"the manifest is damaged: {error}") from error
