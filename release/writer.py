"""Writes a release beside the current one and switches to it by one rename.

Everything happens in a hidden folder next to its final place; a crash at any moment leaves the current release
whole, and the next build clears away what was left.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox

from core import __version__
from core.errors import BusyError, InputError
from release import catalog, nquads, reader
from release.manifest import FILE_NAME, Dataset, File, Manifest, Validation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_DRAFT = ".build-"
_LEVEL = 6  # gzip's own default: level 9 takes four times as long for 2 % less


@dataclass(frozen=True)
class Validated:
    """A SHACL report: how many results of each severity, and the report itself in Turtle."""

    counts: Validation
    report: bytes


@dataclass(frozen=True)
class Source:
    """What a release is made of.

    quads: canonical N-Quads lines, in any order, repeated or not; validate: judges the loaded store, and is the
    last word on whether it is published. queries: the files of saved queries, by their names without extension.
    """

    quads: Iterable[bytes]
    base: str
    dataset: Dataset
    prefixes: dict[str, str] = field(default_factory=dict)
    ontology: str | None = None
    shapes: str | None = None
    context: bytes | None = None
    queries: dict[str, bytes] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    validate: Callable[[ox.Store], Validated] | None = None


class Rejected(Exception):  # noqa: N818 - an outcome, not a fault
    """The content has violations; nothing was published."""


def build(source: Source, releases: Path, progress: Callable[[str], None]) -> reader.Release:
    """Write the release of the source into the folder `releases` and make it the current one.

    Where a release of the same content is there already it is used as it stands. Raises Rejected where validation
    finds violations, BusyError where another build runs in the folder, InputError where the folder cannot be
    written.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with _exclusive(releases), _draft(releases) as draft:
            manifest = _write(source, draft, progress)
            folder = releases / manifest.id
            if folder.exists():
                progress(f"release {manifest.id} is there already")
            else:
                _sync(draft)
                draft.rename(folder)
                _sync_folder(releases)
            _switch(releases, manifest.id)
            return reader.open_release(folder)
    except OSError as error:
        raise InputError(f"{error.filename or releases} cannot be written: {error.strerror or error}") from error


def _write(source: Source, draft: Path, progress: Callable[[str], None]) -> Manifest:
    everything, default_graph = draft / "quads.nq", draft / "default.nt"
    progress("sorting")
    nquads.sort(source.quads, everything)
    progress("writing the dumps")
    (draft / reader.NQUADS).parent.mkdir()
    scan = nquads.Scan(source.base)
    with (
        everything.open("rb") as lines,
        _gzip(draft / reader.NQUADS) as dump,
        default_graph.open("wb") as triples,
    ):
        scan.run(lines, dump, triples)
    with _gzip(draft / reader.TURTLE) as dump:
        triples_in_order = ox.parse(path=default_graph, format=ox.RdfFormat.N_TRIPLES)
        ox.serialize((quad.triple for quad in triples_in_order), dump, ox.RdfFormat.TURTLE, prefixes=source.prefixes)
    progress("loading the query store")
    store = ox.Store(str(draft / reader.STORE))
    store.bulk_load(path=everything, format=ox.RdfFormat.N_QUADS)
    store.flush()
    everything.unlink()
    default_graph.unlink()

    validation = Validation()
    if source.validate is not None:
        progress("validating")
        validated = source.validate(store)
        validation = validated.counts
        (draft / reader.REPORT).write_bytes(validated.report)
        if validation.violations:
            raise Rejected(f"{validation.violations} violations")
    del store  # closes it: only then are its files complete
    if source.context is not None:
        (draft / reader.CONTEXT).write_bytes(source.context)
    for name, text in source.queries.items():
        path = draft / reader.query_path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)

    progress("describing")
    manifest = Manifest(
        id=scan.release_id,
        base=source.base,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        software={"parkgraph": __version__, "pyoxigraph": version("pyoxigraph")},
        dataset=source.dataset,
        ontology=source.ontology,
        shapes=source.shapes,
        prefixes=source.prefixes,
        counts=scan.counts,
        validation=validation,
        inputs=source.inputs,
        files=digests(draft),
    )
    (draft / reader.CATALOG).write_bytes(catalog.turtle(manifest))
    manifest.files[reader.CATALOG] = digest(draft / reader.CATALOG)
    (draft / FILE_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def digest(path: Path) -> File:
    with path.open("rb") as file:
        return File(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def digests(folder: Path) -> dict[str, File]:
    """Every file below the folder but its manifest, by its path in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    paths = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: digest(path) for name, path in paths.items() if name != FILE_NAME}


@contextmanager
def _gzip(path: Path) -> Iterator[BinaryIO]:
    """A gzip file whose bytes depend on its content alone: no name, no time."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file:
        yield cast("BinaryIO", file)


@contextmanager
def _exclusive(releases: Path) -> Iterator[None]:
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"another build is running in {releases}") from error
        for left_over in releases.glob(f"{_DRAFT}*"):
            shutil.rmtree(left_over)
        yield


@contextmanager
def _draft(releases: Path) -> Iterator[Path]:
    draft = releases / f"{_DRAFT}{secrets.token_hex(4)}"
    draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _switch(releases: Path, release_id: str) -> None:
    """Point `current` at the release: a rename over the old link, which no reader can see half done."""
    link = releases / f"{_DRAFT}current"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    link.rename(releases / reader.CURRENT)
    _sync_folder(releases)


def _sync(folder: Path) -> None:
    """Have the disk hold every file and folder before the release gets its name."""
    for path in [*folder.rglob("*"), folder]:
        _sync_folder(path)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
