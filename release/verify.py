"""Recomputes every digest of a release, its id from what it was given, and checks its signature."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from core.errors import ParkGraphError
from release import reader, signature, sums
from release.digests import digest, digests
from release.dumps.index import FOLDER as DUMPS
from release.manifest import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from release.manifest import Manifest
    from release.reader import Release

_ROOT = (FILE_NAME, sums.NAME, sums.SIGNATURE)  # what the manifest does not list


def verify(release: Release, key: Path | None = None) -> Iterator[str]:
    """A sentence for each file that is not as it was written, and for content that does not give the release's id.

    key: a file with the publisher's public key; then a signature has to be there, and be made with it.
    """
    yield from _files(release)
    yield from _sums(release)
    yield from signatures(_small(release.path), key)
    yield from _content(release)
    yield from identity(release.manifest)
    if release.path.name != release.id:
        yield f"{release.path}: the folder is not named after its release, {release.id}"


def identity(manifest: Manifest) -> Iterator[str]:
    if manifest.identity() != manifest.id:
        yield f"{FILE_NAME}: what it says gives the id {manifest.identity()}, not {manifest.id}"


def signatures(files: Mapping[str, bytes], key: Path | None) -> Iterator[str]:
    """What is wrong with the signatures of the sums, of which there may be none without a key.

    files: path in the release → bytes, of the sums and signatures that are there.
    """
    for path in (sums.NAME, f"{DUMPS}/{sums.NAME}"):
        signed = f"{path}{signature.ENDING}"
        if signed not in files:
            if key is not None:
                yield f"{signed}: the release is not signed"
        elif path in files and (fault := signature.fault(files[path], files[signed], key)) is not None:
            yield f"{signed}: the signature is refused: {fault}"


def listed(text: bytes, manifest: Manifest, manifest_digest: str) -> Iterator[str]:
    """Where the sums of the whole release say something else than the manifest, or about it."""
    try:
        told = sums.parse(text)
    except ParkGraphError as error:
        yield str(error)
        return
    written = {path: file.sha256 for path, file in manifest.files.items()}
    for path in sorted(told.keys() | written.keys() | {FILE_NAME}):
        if path == FILE_NAME:
            if told.get(path) != manifest_digest:
                yield f"{FILE_NAME}: SHA-256 is {manifest_digest}, {sums.NAME} says {told.get(path, 'nothing')}"
        elif told.get(path) != written.get(path):
            yield f"{sums.NAME}: it has another digest of {path} than the manifest"


def _files(release: Release) -> Iterator[str]:
    written, found = release.manifest.files, digests(release.path, _ROOT)
    for path in sorted(written.keys() | found.keys()):
        if path not in found:
            yield f"{path}: the file is missing"
        elif path not in written:
            yield f"{path}: the manifest does not list this file"
        elif found[path] != written[path]:
            yield f"{path}: SHA-256 is {found[path].sha256}, the manifest says {written[path].sha256}"


def _sums(release: Release) -> Iterator[str]:
    path = release.path / sums.NAME
    if not path.exists():
        yield f"{sums.NAME}: the file is missing"
        return
    yield from listed(path.read_bytes(), release.manifest, digest(release.path / FILE_NAME).sha256)


def _small(folder: Path) -> dict[str, bytes]:
    paths = [f"{place}{name}" for place in ("", f"{DUMPS}/") for name in (sums.NAME, sums.SIGNATURE)]
    return {path: (folder / path).read_bytes() for path in paths if (folder / path).exists()}


def _content(release: Release) -> Iterator[str]:
    content = hashlib.sha256()
    quads = 0
    try:
        for line in release.lines():
            content.update(line)
            quads += 1
    except ParkGraphError as error:
        yield str(error)
        return
    said = release.manifest.content
    if content.hexdigest() != said:
        yield f"{reader.NQUADS}: SHA-256 of its content is {content.hexdigest()}, the manifest says {said}"
    catalog = release.manifest.catalog
    try:
        stored = len(release.open_store())
    except (ParkGraphError, RuntimeError) as error:  # RuntimeError: the engine has come upon the damage
        yield f"{reader.STORE}: {error}"
    else:
        if stored != quads + catalog:
            told = f"{quads} of {reader.NQUADS} and {catalog} of the catalogue"
            yield f"{reader.STORE}: it holds {stored} quads, not {told}"
