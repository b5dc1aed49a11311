"""Recomputes every digest of a release, and its id from its content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from core.errors import ParkGraphError
from release import reader
from release.digests import digests
from release.manifest import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release


def verify(release: Release) -> Iterator[str]:
    """A sentence for each file that is not as it was written, and for content that does not give the release's id."""
    written, found = release.manifest.files, digests(release.path, {FILE_NAME})
    for path in sorted(written.keys() | found.keys()):
        if path not in found:
            yield f"{path}: the file is missing"
        elif path not in written:
            yield f"{path}: the manifest does not list this file"
        elif found[path] != written[path]:
            yield f"{path}: SHA-256 is {found[path].sha256}, the manifest says {written[path].sha256}"
    try:
        content = hashlib.sha256()
        quads = 0
        for line in release.lines():
            content.update(line)
            quads += 1
        if content.hexdigest() != release.manifest.content:
            said = release.manifest.content
            yield f"{reader.NQUADS}: SHA-256 of its content is {content.hexdigest()}, the manifest says {said}"
        stored = len(release.open_store())
        if stored != quads:
            yield f"{reader.STORE}: it holds {stored} quads, {reader.NQUADS} has {quads}"
    except ParkGraphError as error:
        yield str(error)
    if release.manifest.identity() != release.id:
        yield f"{FILE_NAME}: what it says gives the id {release.manifest.identity()}, not {release.id}"
    if release.path.name != release.id:
        yield f"{release.path}: the folder is not named after its release, {release.id}"
