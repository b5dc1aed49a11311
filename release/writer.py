"""Writes a release: each part by a module of its own, into a draft folder that is published when it is complete.

A part gets the draft folder and the results of the parts before it: the sorted quads, the open store, the manifest. It
writes its own files there; the manifest lists all files at the end.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core import __version__, query_files
from core.errors import InputError, ValidationError
from core.ntriples import with_xsd_prefix
from core.shapes import read_graph
from release import (
    catalog,
    changes,
    known_queries,
    licences,
    nquads,
    reader,
    retention,
    statistics,
    stored,
    sums,
)
from release.blocks import Block, BlockLines, divide, subject_of_last
from release.counts import CountsPart, Tally
from release.digests import digest, digests, paths
from release.dumps import writer as dumps
from release.dumps.index import FOLDER as DUMPS
from release.figures import Figures
from release.index_writer import IndexPart
from release.known_answers import KnownQueries
from release.links_writer import LinksPart
from release.manifest import FILE_NAME, Manifest, Validation, catalog_graph
from release.publishing import draft, exclusive, publish, switch
from release.statistics import StatisticsPart
from release.stored import StoredPart
from release.verify import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from release.manifest import Statistics, StoredContent
    from release.parts import Part
    from release.source import Source

_LOADED_AT_ONCE = 32 << 20  # bytes of quads
_READ_AT_ONCE = 1 << 20  # bytes
_BLANK_NODE = b"_:"  # what the label of one begins with; in a text it may mean nothing
_TOOLS = ("arro3-io", "pyoxigraph", "zstandard")  # whose versions the bytes of a release may depend on


def build(
    source: Source, releases: Path, progress: Callable[[str], None], *, keep: int | None = None
) -> reader.Release:
    """Write the release of the source into the folder `releases`, and make it the current one.

    keep: how many releases to keep (release/retention.py); None keeps all. An existing release with the same id is used
    unchanged if every file of it is as it was written, and replaced if not. ValidationError if there are violations,
    BusyError if another build runs in the folder, InputError if the folder cannot be written.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with exclusive(releases), draft(releases) as folder:
            manifest = _write(source, folder, changes.predecessor(releases, source.base), progress)
            place = releases / manifest.id
            if is_whole(place, manifest.id):
                progress(f"release {manifest.id} is there already")
            else:
                reader.open_whole(folder)
                if os.path.lexists(place):
                    progress(f"release {manifest.id} is damaged and is replaced")
                publish(folder, place)
            release = reader.open_whole(place)
            switch(releases, release.id)
            if keep is not None:
                retention.prune(releases, keep, progress)
            return release
    except OSError as error:
        raise InputError(f"{error.filename or releases} cannot be written: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise InputError(f"the indexes in {releases} cannot be written: {error}") from error


def _write(source: Source, folder: Path, before: reader.Release | None, progress: Callable[[str], None]) -> Manifest:
    progress("reading and sorting")
    content = nquads.sorted_content(source.quads, source.base, folder)
    progress("loading the query store")
    store = _store(content, folder)
    validation = _validate(source, content, store, folder, progress)
    _copy_input(source, folder)
    progress("indexing")
    shapes = read_graph(store, source.shapes)
    parts = (CountsPart(source.base), StatisticsPart(source.base), StoredPart(), LinksPart(), IndexPart(shapes))
    counted, *described, _, _ = _make(parts, content.quads, folder)
    tally, found = Tally.from_bytes(counted), statistics.described(described[0])
    kept = stored.survey(described[1], content.counts.triples, content.counts.quads)
    figures = Figures.of(tally, kept, found.stored_objects)
    with _known_queries(source, content, store, figures) as known:
        progress("writing the dumps")
        dumped = dumps.write(content, source, store, folder)
        sums.write(folder / DUMPS, digests(folder / DUMPS), source.sign_key)
        progress("describing")
        licensed = licences.read(store, content.counts.graphs, source.dataset.license)
        told = replace(
            found.statistics, subjects=tally.subjects.total(), licences=licensed, features=sorted(tally.features)
        )
        manifest = _manifest(source, content, validation, (kept, told), folder)
        for sentence in _changed_literals(manifest):
            progress(sentence)
        if before is not None and before.id != manifest.id:
            progress(f"comparing with release {before.id}")
            manifest = changes.write(content, before, manifest, folder)
        progress("writing the answers to what is asked first")
        known.write(folder / reader.ANSWERS)
    content.quads.rename(folder / reader.QUADS)
    content.remove()
    triples = catalog.write(catalog.CatalogInput(manifest, dumped.dumps), store, folder)
    manifest = replace(manifest, catalog=triples)
    del store  # closes it: only then are its files complete
    manifest.files.update(digests(folder, manifest.files))
    (folder / FILE_NAME).write_text(manifest.to_json(), encoding="utf-8")
    sums.write(folder, manifest.files | {FILE_NAME: digest(folder / FILE_NAME)}, source.sign_key)
    return manifest


def _store(content: nquads.Content, folder: Path) -> ox.Store:
    """Load the store in bounded pieces, because the engine takes ten times the memory of its input.

    Blank nodes keep their labels, so that those of query results are those of documents and downloads. Where the engine
    reads a file itself it gives them others.
    """
    store = ox.Store(str(folder / reader.STORE))
    with content.quads.open("rb") as lines:
        while piece := b"".join(lines.readlines(_LOADED_AT_ONCE)):
            if _BLANK_NODE in piece:
                store.bulk_extend(cast("Iterable[ox.Quad]", ox.parse(piece, ox.RdfFormat.N_QUADS)))
            else:
                store.bulk_load(piece, ox.RdfFormat.N_QUADS)
    store.flush()
    return store


def _validate(
    source: Source, content: nquads.Content, store: ox.Store, folder: Path, progress: Callable[[str], None]
) -> Validation:
    if source.validate is None:
        return Validation()
    progress("validating")
    validated = source.validate(content, store)
    (folder / reader.REPORT).write_bytes(validated.report)
    if validated.counts.violations:
        raise ValidationError(validated.problems, validated.report)
    return validated.counts


def _changed_literals(manifest: Manifest) -> Iterator[str]:
    """Sentences for the user: how many literals queries give in another form, and how many triples they find."""
    stored, counts = manifest.stored, manifest.counts
    if stored.changed:
        pairs = ((with_xsd_prefix(form.published), with_xsd_prefix(form.queried)) for form in stored.examples)
        examples = ", ".join(f"{published} as {queried}" for published, queried in pairs)
        yield f"{stored.changed} of {stored.literals} literals come back from queries in another form: {examples}"
    if stored.triples < counts.triples:
        yield f"queries find {stored.triples} of {counts.triples} triples: those with literals of equal value are one"


def _make(parts: Sequence[Part], lines: Path, folder: Path) -> list[bytes]:
    """Make the parts of the blocks of a file of sorted lines; what each returns."""
    made: list[list[tuple[Block, bytes]]] = [[] for _ in parts]
    start, last = 0, b""
    with lines.open("rb") as file:
        for data in divide(iter(lambda: file.read(_READ_AT_ONCE), b"")):
            block = Block(start, start + len(data), b"", data.startswith(last + b" "))
            of_block = BlockLines(data, continues=block.continues)
            for part, results in zip(parts, made, strict=True):
                results.append((block, part.of_block(of_block)))
            start, last = block.end, subject_of_last(data)
    return [part.write(results, folder) for part, results in zip(parts, made, strict=True)]


def _known_queries(source: Source, content: nquads.Content, store: ox.Store, figures: Figures | None) -> KnownQueries:
    """Begin to evaluate what is asked first, over a checkpoint of the store, which the engine may still rearrange."""
    checkpoint = content.quads.with_name(reader.STORE)
    store.backup(str(checkpoint))
    saved = [
        query_files.read(name, text, source.base, source.prefixes) for name, text in sorted(source.queries.items())
    ]
    groups = known_queries.groups(saved, source.base, source.prefixes, figures)
    return KnownQueries(groups, checkpoint, source.base, catalog_graph(source.base))


def _copy_input(source: Source, folder: Path) -> None:
    """Write the input that is published unchanged: the JSON-LD context and the saved queries."""
    if source.context is not None:
        (folder / reader.CONTEXT).write_bytes(source.context)
    for name, text in source.queries.items():
        path = folder / reader.query_path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)


def _manifest(
    source: Source,
    content: nquads.Content,
    validation: Validation,
    described: tuple[StoredContent, Statistics],
    folder: Path,
) -> Manifest:
    """The manifest with the files written so far, without the store\'s, which is still open."""
    not_yet = (f"{reader.STORE}/", f"{content.quads.parent.name}/")
    leave = {path for path in paths(folder) if path.startswith(not_yet)}
    manifest = Manifest(
        id="",
        content=content.digest,
        base=source.base,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        software={name: version(name) for name in _TOOLS} | {"parkgraph": __version__},
        dataset=source.dataset,
        ontology=source.ontology,
        shapes=source.shapes,
        prefixes=source.prefixes,
        counts=content.counts,
        stored=described[0],
        statistics=described[1],
        validation=validation,
        inputs=source.inputs,
        files=digests(folder, leave),
    )
    return replace(manifest, id=manifest.identity())
