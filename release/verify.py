"""Verifies a release: the digest of every file, the release id, and the signatures."""

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
    """A sentence for each difference between the release and its manifest; none if it is intact.

    key: file with the publisher's public key; with it, signatures have to exist and to be made by that key.
    """
    yield from _files(release)
    yield from _sums(release)
    yield from signatures(_small(release.path), key)
    yield from _content(release)
    yield from identity(release.manifest)
    if release.path.name != release.id:
        yield f"{release.path}: the folder is not named after its release, {release.id}"


def identity(manifest: Manifest) -> Iterator[str]:
    """A sentence if the manifest's input does not give its release id."""
    if manifest.identity() != manifest.id:
        yield f"{FILE_NAME}: what it says gives the id {manifest.identity()}, not {manifest.id}"


def signatures(files: Mapping[str, bytes], key: Path | None) -> Iterator[str]:
    """A sentence for each invalid signature, and for each missing one if there is a key.

    files: path in the release → bytes, of the existing `SHA256SUMS` and their signatures.
    """
    for path in (sums.NAME, f"{DUMPS}/{sums.NAME}"):
        signed = f"{path}{signature.ENDING}"
        if signed not in files:
            if key is not None:
                yield f"{signed}: the release is not signed"
        elif path in files and (reason := signature.verify(files[path], files[signed], key)) is not None:
            yield f"{signed}: the signature is refused: {reason}"


def listed(text: bytes, manifest: Manifest, manifest_digest: str) -> Iterator[str]:
    """A sentence for each difference between the release's `SHA256SUMS` (`text`) and the manifest, or its digest."""
    try:
        sums_by_path = sums.parse(text)
    except ParkGraphError as error:
        yield str(error)
        return
    written = {path: file.sha256 for path, file in manifest.files.items()}
    for path in sorted(sums_by_path.keys() | written.keys() | {FILE_NAME}):
        if path == FILE_NAME:
            if sums_by_path.get(path) != manifest_digest:
                listed_digest = sums_by_path.get(path, "nothing")
                yield f"{FILE_NAME}: SHA-256 is {manifest_digest}, {sums.NAME} says {listed_digest}"
        elif sums_by_path.get(path) != written.get(path):
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
    expected = release.manifest.content
    if content.hexdigest() != expected:
        yield f"{reader.NQUADS}: SHA-256 of its content is {content.hexdigest()}, the manifest says {expected}"
    catalog = release.manifest.catalog
    try:
        stored = len(release.open_store())
    except (ParkGraphError, RuntimeError) as error:  # RuntimeError: the engine has come upon the damage
        yield f"{reader.STORE}: {error}"
    else:
        if stored != quads + catalog:
            parts = f"{quads} of {reader.NQUADS} and {catalog} of the catalog"
            yield f"{reader.STORE}: it holds {stored} quads, not {parts}"
