"""Publishes plain RDF files as a release, in one call: `publish_rdf`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError, ValidationError
from core.problems import Place, Problem, Severity
from core.query_files import read_queries
from core.rdf import parse_base
from core.validation import validate
from release import changes, writer
from release.digests import digest
from release.manifest import Dataset
from release.plain import RdfFiles, distinct_names
from release.source import Source, Validated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
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
    bases: Mapping[Path, str] | None = None,
    form: str = "",
    contexts: Path | None = None,
    allow_empty: bool = False,
    shapes: Path | None = None,
    queries: Path | None = None,
    title: str | None = None,
    keep: int | None = None,
    sign_key: Path | None = None,
    progress: Callable[[str], None] = silent,
) -> Build:
    """Build a release of RDF files as they are, in the folder `releases`, and make it the current one.

    files: RDF in any format of docs/input.md, by their extensions, or all in the one that has the extension `form`.
    base: IRI of the dataset. bases: file → what its relative IRIs are resolved against (docs/input.md). contexts:
    folder of JSON-LD contexts. allow_empty: whether a file may have become empty. shapes: SHACL shapes in Turtle that
    the data has to conform to. queries: folder of saved queries (docs/saved-queries.md). title: of the dataset; else
    the name of the first file. keep: number of releases that stay; None for all. sign_key: private key of OpenSSH.
    progress: called with the name of each step that begins.

    Raises ValidationError if there are violations, InputError if a file cannot be read or the folder not be written,
    BusyError if another build runs in the folder.
    """
    base = parse_base(base)
    if not files:
        raise InputError("give at least one RDF file")
    rdf = RdfFiles(files, base, bases=bases, form=form, contexts=contexts)
    saved, broken = read_queries(queries, str(queries), base, {}) if queries else ({}, [])
    sources = (*files, *([shapes] if shapes else []), *sorted(queries.glob("*.rq") if queries else []))
    inputs = {name: digest(path).sha256 for path, name in distinct_names(sources).items() if path.is_file()}
    found: list[Problem] = []

    def quads() -> Iterator[bytes]:
        yield from rdf.quads()
        if not allow_empty:
            found.extend(_problems_of_empty_files(rdf.empty, files, inputs, changes.predecessor(releases, base)))
        if any(problem.severity is Severity.VIOLATION for problem in found):
            raise ValidationError(found)

    validation = _Validation(Place(str(files[0])), base, shapes, broken)
    source = Source(
        quads=quads(),
        base=base,
        dataset=Dataset(title={"en": title or files[0].name.partition(".")[0]}),
        prefixes=rdf.prefixes,
        queries=saved,
        sign_key=sign_key,
        inputs=inputs,
        validate=validation if shapes or broken else None,
    )
    release = writer.build(source, releases, progress, keep=keep)
    return Build(release, (*found, *validation.problems))


def _problems_of_empty_files(
    empty: Sequence[Path], files: Sequence[Path], inputs: Mapping[str, str], before: Release | None
) -> Iterator[Problem]:
    """A violation for each file without a quad that what is published was not built from, else a warning.

    inputs: names of the files → SHA-256. before: the current release.
    """
    published = before.manifest.inputs if before and before.manifest.counts.quads else {}
    names = distinct_names(files)
    for path in empty:
        name = names[path]
        replaces = published.get(name, inputs[name]) != inputs[name] or (published and len(empty) == len(files))
        severity = Severity.VIOLATION if replaces else Severity.WARNING
        message = "the file holds no statement" + (", and would replace published ones" if replaces else "")
        fix = "if the file is right, build with --allow-empty" if replaces else ""
        yield Problem(Place(str(path)), severity, "empty-input", message, fix)


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
