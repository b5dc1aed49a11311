"""Verifies a release: the digest of every file, the release id, and the signatures. Links in it are not followed."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zlib
from itertools import chain
from typing import TYPE_CHECKING

from core.errors import InputError, ParkGraphError, ReleaseError
from core.files import open_regular, read_bytes
from release import reader, signature, sums
from release.digests import digest
from release.dumps.index import FOLDER as DUMPS
from release.manifest import FILE_NAME, LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from release.manifest import Manifest
    from release.reader import Release

_ROOT = (FILE_NAME, sums.NAME, sums.SIGNATURE)  # what the manifest does not list
_BLOCK = 1 << 20  # bytes that are unpacked at once
_SHOWN = 200  # characters of a path in an error message
_FILE, _FOLDER = "a file", "a folder"
_KINDS = {
    stat.S_IFREG: _FILE,
    stat.S_IFDIR: _FOLDER,
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def verify(release: Release, key: Path | None = None) -> Iterator[str]:
    """A sentence for each difference between the release and its manifest; none if it is intact.

    key: file with the publisher's public key; with it, signatures have to exist and to be made by that key.
    """
    kinds = dict(_walk(release.path))
    yield from _tree(release.manifest, kinds)
    yield from _digests(release, kinds)
    yield from signatures(_small(release.path, kinds), key)
    if all(kinds.get(path) == _FILE for path in release.manifest.files) and set(kinds.values()) == {_FILE, _FOLDER}:
        yield from _content(release)
    yield from identity(release.manifest)
    if release.path.name != release.id:
        yield f"{shown(str(release.path))}: the folder is not named after its release, {release.id}"


def is_whole(folder: Path, release_id: str) -> bool:
    """Whether the folder is the release of that id, no link, has every file as it was written, no other, and opens."""
    if folder.is_symlink():
        return False
    try:
        release = reader.open_whole(folder)
        kinds = dict(_walk(folder))
        findings = (_tree(release.manifest, kinds), _digests(release, kinds), identity(release.manifest))
        return release.id == release_id and not any(chain(*findings))
    except (ReleaseError, InputError, OSError):  # the last two: something is not to be read
        return False


def shown(path: str) -> str:
    """A path as it may be printed: line breaks, control characters and what is not Unicode are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in path)


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
            yield f"{sums.NAME}: it has another digest of {shown(path)} than the manifest"


def _tree(manifest: Manifest, kinds: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each file or folder that is missing, is too much, or is of another kind. kinds: those of _walk."""
    files = {*manifest.files, FILE_NAME, sums.NAME}
    folders = {parent for path in files for parent in _parents(path)}
    for path in sorted(kinds.keys() | files):
        kind = kinds.get(path)
        wanted = _FILE if path in files or path == sums.SIGNATURE else _FOLDER if path in folders else None
        if kind is None:
            yield f"{shown(path)}: the file is missing"
        elif wanted is None:
            what = "this file" if kind == _FILE else kind
            yield f"{shown(path)}: the manifest does not list {what}"
        elif kind != wanted:
            yield f"{shown(path)}: this is {kind}, not {wanted}"


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Path, relative to the release, and kind of everything below the folder; links are not followed.

    InputError if a folder cannot be read.
    """
    to_read = [""]
    while to_read:
        above = to_read.pop()
        try:
            with os.scandir(folder / above) as entries:
                kinds = [(entry.name, stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)) for entry in entries]
        except OSError as error:
            raise InputError(f"{shown(above[:_SHOWN]) or folder} cannot be read: {error.strerror}") from error
        for name, kind in kinds:
            yield f"{above}{name}", _KINDS.get(kind, "no file")
            if kind == stat.S_IFDIR:
                to_read.append(f"{above}{name}/")


def _parents(path: str) -> Iterator[str]:
    """The folders that a path leads through."""
    while path := path.rpartition("/")[0]:
        yield path


def _digests(release: Release, kinds: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each file that is there and has another digest than the manifest or `SHA256SUMS` says."""
    for path, written in sorted(release.manifest.files.items()):
        if kinds.get(path) != _FILE:
            continue
        try:
            found = digest(release.path / path)
        except OSError as error:
            yield f"{shown(path)}: it cannot be read: {error.strerror}"
            continue
        if found != written:
            yield f"{shown(path)}: SHA-256 is {found.sha256}, the manifest says {written.sha256}"
    if kinds.get(sums.NAME) == _FILE and kinds.get(FILE_NAME) == _FILE:
        text = read_bytes(release.path / sums.NAME, LARGEST)
        yield from listed(text, release.manifest, digest(release.path / FILE_NAME).sha256)


def _small(folder: Path, kinds: Mapping[str, str]) -> dict[str, bytes]:
    paths = [f"{place}{name}" for place in ("", f"{DUMPS}/") for name in (sums.NAME, sums.SIGNATURE)]
    return {path: read_bytes(folder / path, LARGEST) for path in paths if kinds.get(path) == _FILE}


def _content(release: Release) -> Iterator[str]:
    content = hashlib.sha256()
    quads = 0
    try:
        with open_regular(release.path / reader.NQUADS) as file, gzip.open(file) as dump:
            while block := dump.read(_BLOCK):
                content.update(block)
                quads += block.count(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        yield f"{reader.NQUADS}: it cannot be read: {error}"
        return
    expected = release.manifest.content
    if content.hexdigest() != expected:
        yield f"{reader.NQUADS}: SHA-256 of its content is {content.hexdigest()}, the manifest says {expected}"
    if quads != release.manifest.counts.quads:
        yield f"{reader.NQUADS}: it has {quads} quads, the manifest says {release.manifest.counts.quads}"
    stored, described = release.manifest.stored.quads, release.manifest.catalog + release.manifest.schema_card
    for name, open_store, number in (
        (reader.STORE, release.open_store, stored),
        (reader.DESCRIBED_STORE, release.open_described_store, stored + described),
    ):
        try:
            held = len(open_store())
        except (ParkGraphError, RuntimeError) as error:  # RuntimeError: the engine has come upon the damage
            yield f"{name}: {error}"
        else:
            if held != number:
                yield f"{name}: it holds {held} quads, the manifest says {number}"
