"""The manifest of a release: docs/release-format.md, as types."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from core.errors import ReleaseError
from core.files import read_bytes
from release.corrections import corrections_template

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 9
FILE_NAME = "manifest.json"
LARGEST = 64 << 20  # bytes of a manifest, and of a list of digests
GIVEN = ("context.jsonld", "shapes.nt", "queries/")  # files that are published as they were given
_PATH = re.compile(r"[^/\x00]+(/[^/\x00]+)*")
_IDENTITY = ("format", "content", "base", "ontology", "shapes", "prefixes")


@dataclass(frozen=True)
class Dataset:
    """What the publisher says of the dataset; texts are language tag → text.

    license: an IRI. rights: what is allowed, in words. keywords: language tag → words. themes: IRIs of a taxonomy.
    contact: an IRI, of mail or of a page. creators: names. version, date: as the publisher writes them. homepage: the
    address of a page. corrections: a URI template of where to report a mistake (release/corrections.py);
    UriTemplateError if it is none.
    """

    title: dict[str, str]
    description: dict[str, str] = field(default_factory=dict)
    license: str | None = None
    publisher: dict[str, str] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    keywords: dict[str, list[str]] = field(default_factory=dict)
    themes: list[str] = field(default_factory=list)
    contact: str | None = None
    rights: dict[str, str] = field(default_factory=dict)
    creators: list[str] = field(default_factory=list)
    version: str | None = None
    date: str | None = None
    homepage: str | None = None
    corrections: str | None = None

    def __post_init__(self) -> None:
        if self.corrections is not None:
            corrections_template(self.corrections)

    def given(self) -> dict[str, Any]:
        """Its fields by their names; without `corrections`, which came later, where there are none."""
        return {name: value for name, value in asdict(self).items() if name != "corrections" or value is not None}


@dataclass(frozen=True)
class Counts:
    """How much there is: distinct triples of the default graph, quads of all graphs, and their parts.

    entities: the IRIs that triples of the default graph have as subjects.
    """

    triples: int
    quads: int
    entities: int
    graphs: dict[str, int]
    classes: dict[str, int]
    properties: dict[str, int]

    @property
    def vocabularies(self) -> list[str]:
        """The namespaces of all classes and properties."""
        return sorted({namespace(iri) for iri in (*self.classes, *self.properties)})


@dataclass(frozen=True)
class Validation:
    """How many results of each severity the validation report holds."""

    violations: int = 0
    warnings: int = 0
    infos: int = 0


@dataclass(frozen=True)
class Changes:
    """How many quads came and went since the release before."""

    added: int
    removed: int


@dataclass(frozen=True)
class BoundingBox:
    """The smallest box that holds all positions, in degrees of WGS 84, as decimal numbers."""

    west: str
    south: str
    east: str
    north: str


@dataclass(frozen=True)
class LinkCount:
    """How many triples lead by a property to IRIs that begin with `target`: a scheme and a host."""

    predicate: str
    target: str
    triples: int


@dataclass(frozen=True)
class Statistics:
    """Figures of the default graph, from one pass over it.

    subjects, objects: how many different ones; earliest, latest: of all dates in statements about entities of the
    dataset, as precise as they are written; languages: tag → literals; licences: graph → licences, of the graphs that
    hold data under others than the dataset's; features: of terms in any graph, that not every format can hold
    (core/ntriples.py).
    """

    subjects: int = 0
    objects: int = 0
    earliest: str | None = None
    latest: str | None = None
    box: BoundingBox | None = None
    languages: dict[str, int] = field(default_factory=dict)
    links: list[LinkCount] = field(default_factory=list)
    licences: dict[str, list[str]] = field(default_factory=dict)
    features: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LiteralForm:
    """A literal as it was published, and as queries give it back; both as N-Triples, a long one cut."""

    published: str
    queried: str


@dataclass(frozen=True)
class StoredContent:
    """What the query store makes of the content: it keeps numbers, dates and durations by value (release/stored.py).

    triples, quads: how many it holds, of the default graph and in all; less than the counts where literals of equal
    value are one. literals, changed: triples with a literal, each once, and those of them that queries give in another
    form. examples: of these.
    """

    triples: int
    quads: int
    literals: int
    changed: int
    examples: list[LiteralForm]


@dataclass(frozen=True)
class File:
    """Size in bytes and SHA-256, in hexadecimal, of one file of the release."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Everything a server has to know of a release, and the digest of every other file in it.

    content: SHA-256, in hexadecimal, of the sorted canonical N-Quads of all quads.
    catalog, schema_card: triples of these, which are no part of the content.
    predecessor: id of the release that was current when this one was built, with what changed since; else null.
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
    stored: StoredContent
    statistics: Statistics
    validation: Validation
    inputs: dict[str, str]
    files: dict[str, File]
    catalog: int = 0
    schema_card: int = 0
    predecessor: str | None = None
    changes: Changes | None = None
    format: int = FORMAT

    @property
    def catalog_graph(self) -> str:
        """The IRI of the catalog, and of its graph for the queries that name it."""
        return catalog_graph(self.base)

    @property
    def schema_card_graph(self) -> str:
        """The IRI of the schema card, and of its graph for the queries that name it."""
        return schema_card_graph(self.base)

    @property
    def description_graphs(self) -> tuple[str, str]:
        """The graphs that are no part of the dataset, for the queries that name one of them."""
        return description_graphs(self.base)

    @property
    def licences(self) -> list[str]:
        """The licences of the whole dataset, its own first."""
        others = {licence for licences in self.statistics.licences.values() for licence in licences}
        return self._own_licence + sorted(others - set(self._own_licence))

    def licences_of(self, graph: str) -> list[str]:
        """The licences of a named graph."""
        return self.statistics.licences.get(graph, self._own_licence)

    @property
    def _own_licence(self) -> list[str]:
        return [self.dataset.license] if self.dataset.license else []

    def identity(self) -> str:
        """The id that a release of this content has: made of all that it was given, see docs/release-format.md."""
        given = {path: file.sha256 for path, file in self.files.items() if path.startswith(GIVEN)}
        identity = {name: getattr(self, name) for name in _IDENTITY} | {"dataset": self.dataset.given(), "given": given}
        text = json.dumps(identity, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"dataset": self.dataset.given()}, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest; ReleaseError if it is not one, or of a layout that this version does not know."""
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw["format"] != FORMAT:
                raise ReleaseError(
                    f"the release has layout {raw['format']}, this version reads layout {FORMAT}: build it again"
                )
            manifest: Manifest = _typed({name: raw[name] for name in (f.name for f in fields(cls))}, cls, "it")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ReleaseError(f"the manifest is damaged: {error}") from error
        for path in manifest.files:
            if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
                raise ReleaseError(f"the manifest is damaged: the path {path!r} leads out of the release")
        return manifest

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        try:
            return cls.from_json(read_bytes(folder / FILE_NAME, LARGEST).decode("utf-8"))
        except OSError as error:
            raise ReleaseError(f"no release at {folder}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ReleaseError(f"the manifest is damaged: {error}") from error

    @classmethod
    def read_file(cls, path: Path, identity: str) -> Manifest:
        """The manifest of the release with that id; ReleaseError if it cannot be read, or is another's."""
        try:
            manifest = cls.from_json(read_bytes(path, LARGEST).decode("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ReleaseError(f"the manifest cannot be read: {error}") from error
        if manifest.id != identity:
            raise ReleaseError(f"the manifest is that of release {manifest.id}")
        return manifest


def catalog_graph(base: str) -> str:
    """The IRI of the catalog of a dataset with this base IRI."""
    return f"{base}catalog"


def schema_card_graph(base: str) -> str:
    """The IRI of the schema card of a dataset with this base IRI."""
    return f"{base}schema-card"


def description_graphs(base: str) -> tuple[str, str]:
    """The IRIs of the graphs that describe a dataset with this base IRI, and are no part of it."""
    return catalog_graph(base), schema_card_graph(base)


def namespace(iri: str) -> str:
    """An IRI up to its last hash, or else its last slash."""
    head, separator, _ = iri.rpartition("#" if "#" in iri else "/")
    return head + separator or iri


def _typed(value: Any, kind: Any, name: str) -> Any:
    """The value of JSON as an object of the annotated type `kind`; TypeError, with its name, if it is of another."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:  # all of them are optional
        return None if value is None else _typed(value, inner[0], name)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        parts = {key: _typed(part, hints[key], key) for key, part in _typed(value, dict[str, Any], name).items()}
        return kind(**parts)
    if kind is Any:
        return value
    if type(value) is not (origin or kind):
        raise TypeError(f"'{name}' is of another type")
    if origin is dict:
        return {key: _typed(part, inner[1], name) for key, part in value.items()}
    if origin is list:
        return [_typed(part, inner[0], name) for part in value]
    return value
