"""Publishes plain RDF files as a release, in one call: `publish_rdf`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError
from core.problems import Place, Problem, Severity
from core.query_files import read_queries
from core.rdf import parse_base
from core.validation import validate
from release import nquads, own_addresses, writer
from release.digests import digest
from release.manifest import Dataset
from release.plain import RdfFiles
from release.source import Source, Validated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pyoxigraph as ox

    from release.reader import Release


@dataclass(frozen=True)
class Build:
    """A release that was built and is current, and the problems that it was published with: warnings and infos."""

    release: Release
    problems: tuple[Problem, ...]


def silent(_step: str) -> None:
    """Report no progress."""


def publish_rdf(
    files: Sequence[Path],
    releases: Path,
    *,
    base: str,
    shapes: Path | None = None,
    queries: Path | None = None,
    title: str | None = None,
    keep: int | None = None,
    sign_key: Path | None = None,
    union: bool = True,
    progress: Callable[[str], None] = silent,
) -> Build:
    """Build a release of RDF files as they are, in the folder `releases`, and make it the current one.

    files: Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD by their extensions, each also with `.gz`. base: IRI of
    the dataset, and what relative IRIs are resolved against. shapes: SHACL shapes in Turtle that the data has to
    conform to. queries: folder of saved queries (docs/saved-queries.md). title: of the dataset; else the name of the
    first file. keep: number of releases that stay; None for all. sign_key: private key of OpenSSH. union: whether
    the default graph has the triples of the named graphs too. progress: called with the name of each step that begins.

    Raises ValidationError if there are violations, InputError if a file cannot be read or the folder not be written,
    BusyError if another build runs in the folder.
    """
    base = parse_base(base)
    if not files:
        raise InputError("give at least one RDF file")
    rdf = RdfFiles(files, base)
    saved, broken = read_queries(queries, str(queries), base, {}) if queries else ({}, [])
    validation = _Validation(Place(str(files[0])), base, shapes, broken)
    sources = (*files, *([shapes] if shapes else []), *sorted(queries.glob("*.rq") if queries else []))
    source = Source(
        quads=nquads.with_union(rdf.quads()) if union else rdf.quads(),
        base=base,
        dataset=Dataset(title={"en": title or files[0].name.partition(".")[0]}),
        prefixes=rdf.prefixes,
        queries=saved,
        sign_key=sign_key,
        inputs={path.name: digest(path).sha256 for path in sources if path.is_file()},
        validate=validation if shapes or broken else None,
    )
    release = writer.build(source, releases, progress, keep=keep)
    counts = release.manifest.counts
    hidden = () if counts.triples or not counts.quads else (_empty_default_graph(files[0], counts.quads),)
    shadowed = tuple(_own_address(files[0], iri) for iri in own_addresses.used(release))
    return Build(release, (*validation.problems, *hidden, *shadowed))


def _empty_default_graph(file: Path, quads: int) -> Problem:
    message = f"the default graph is empty, so pages, search and lists are; {quads} triples are in named graphs alone"
    fix = "leave --no-union away"
    return Problem(Place(str(file)), Severity.WARNING, "empty-default-graph", message, fix)


def _own_address(file: Path, iri: str) -> Problem:
    message = f"the data describe <{iri}>, where the server has pages of its own: the document is at /doc?iri={iri}"
    return Problem(Place(str(file)), Severity.WARNING, "own-address", message, "give it another IRI under the base")


class _Validation:
    """Validates by the shapes, if there are any; `problems` are those of the saved queries and of the results."""

    def __init__(self, place: Place, base: str, shapes: Path | None, problems: Sequence[Problem]) -> None:
        self._place, self._base, self._shapes = place, base, shapes
        self.problems = tuple(problems)

    def __call__(self, store: ox.Store) -> Validated:
        results = validate(store, self._shapes) if self._shapes else []
        self.problems += tuple(
            Problem(self._place, result.severity, result.rule, f"{result.focus}: {result.message}", result.fix)
            for result in results
        )
        return Validated.of(self.problems, results, self._base)
