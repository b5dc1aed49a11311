"""Writes `changes.rdfp.gz`: the RDF Patch from the release that was current at the time of the build."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import ReleaseError
from release import patch
from release.manifest import Changes
from release.reader import CHANGES, RELEASE, open_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from release.manifest import Manifest
    from release.reader import Release

_LEVEL = 6


def predecessor(releases: Path, base: str) -> Release | None:
    """The current release of the folder if it has this base IRI, else None: with another base nearly every quad
    differs.
    """
    try:
        release = open_release(releases)
    except ReleaseError:  # there is none, or it is damaged, or of a layout that only an older version reads
        return None
    return release if release.base == base else None


def write(rows: Iterable[patch.PatchRow], before: Release, manifest: Manifest, folder: Path) -> Manifest:
    """Write the patch from release `before` into the folder; the manifest with predecessor and counts.

    rows: what came and went since then, sorted. If they cannot be read, as where `before` is damaged, no patch is
    written and the manifest is returned unchanged.
    """
    count = _RowCounter()
    try:
        with (folder / CHANGES).open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file:
            this, previous = (f"{manifest.base}{RELEASE}{identity}" for identity in (manifest.id, before.id))
            file.writelines(patch.write(count.each(rows), this, previous))
    except ReleaseError:
        (folder / CHANGES).unlink()
        return manifest
    return replace(manifest, predecessor=before.id, changes=Changes(count.added, count.removed))


class _RowCounter:
    """Counts added and removed rows while they pass through `each`."""

    def __init__(self) -> None:
        self.added = self.removed = 0

    def each(self, rows: Iterable[patch.PatchRow]) -> Iterator[patch.PatchRow]:
        """Yields the rows unchanged; `added` and `removed` grow as they are read."""
        for row in rows:
            if row.added:
                self.added += 1
            else:
                self.removed += 1
            yield row
