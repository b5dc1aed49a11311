"""The releases of a folder as versions of one dataset, and the changes between any two of them."""

from __future__ import annotations

import gzip
import logging
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ReleaseError
from core.files import open_regular
from release import patch
from release.manifest import FILE_NAME, Manifest
from release.reader import CHANGES, CURRENT
from release.retention import IDENTITY, REMOVED, pinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from release.manifest import Changes

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Version:
    """One release of the folder, from its manifest.

    predecessor: id of the release that was current when this one was built. changes: counts of quads added and removed
    since then. kept: False if the release was removed and only its manifest remains.
    """

    id: str
    base: str
    created: str
    triples: int
    entities: int
    predecessor: str | None
    changes: Changes | None
    kept: bool


@dataclass(frozen=True)
class Versions:
    """All versions at one moment, newest first.

    names: id → names of the symbolic links that pin it. switched: the time, in seconds since 1970, from which on
    `current` has been so.
    """

    all: tuple[Version, ...]
    current: str | None
    names: Mapping[str, tuple[str, ...]]
    switched: float = 0.0

    def kept(self, identity: str) -> bool:
        """Whether there is a release of this id."""
        return any(version.id == identity and version.kept for version in self.all)

    def removed(self, identity: str) -> bool:
        """Whether a release of this id was removed."""
        return any(version.id == identity and not version.kept for version in self.all)


class History:
    """Reads the versions of a folder, each manifest once. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[tuple[str, bool, int], Version | None] = {}

    def versions(self) -> Versions:
        """The versions now; folders that are no release, which the log names, or are being removed are left out."""
        kept = [path for path in self.folder.iterdir() if IDENTITY.fullmatch(path.name) and not path.is_symlink()]
        found = [(path.name, path / FILE_NAME, True) for path in kept]
        here = {path.name for path in kept}
        tombs = (path for path in (self.folder / REMOVED).glob("*.json") if IDENTITY.fullmatch(path.stem))
        found += [(path.stem, path, False) for path in tombs if path.stem not in here]
        dated = []
        for identity, path, is_kept in found:
            try:
                changed = path.stat().st_mtime_ns if path.exists() else 0
            except OSError:
                continue  # it is being removed
            version = self._version(identity, path, kept=is_kept, changed=changed)
            if version is not None:
                dated.append((version.created, changed, version))
        dated.sort(key=lambda row: row[:2], reverse=True)
        current, switched = self._current()
        names = {identity: tuple(sorted(links)) for identity, links in pinned(self.folder).items()}
        return Versions(tuple(version for _, _, version in dated), current, names, switched)

    def _current(self) -> tuple[str | None, float]:
        """The id of the current release, and since when it has been that."""
        link = self.folder / CURRENT
        try:
            return link.readlink().name, link.lstat().st_mtime
        except OSError:
            return None, 0.0

    def _version(self, identity: str, path: Path, *, kept: bool, changed: int) -> Version | None:
        key = (identity, kept, changed)
        if key not in self._known:
            try:
                self._known[key] = _version(Manifest.read_file(path, identity), kept=kept)
            except ReleaseError as error:
                self._known[key] = None
                _log.warning("%s is left out of the releases: %s", path, error)
        return self._known[key]


def _version(manifest: Manifest, *, kept: bool) -> Version:
    return Version(
        id=manifest.id,
        base=manifest.base,
        created=manifest.created,
        triples=manifest.counts.triples,
        entities=manifest.counts.entities,
        predecessor=manifest.predecessor,
        changes=manifest.changes,
        kept=kept,
    )


@dataclass(frozen=True)
class PatchStep:
    """The patch of one release, applied forwards or undone."""

    release: str
    forward: bool


def patch_path(versions: Versions, old: str, new: str) -> list[PatchStep] | None:
    """The patches to apply for getting from release `old` to `new`; None if one was removed with its release."""
    by_id = {version.id: version for version in versions.all}
    back, ahead = _lineage(by_id, old), _lineage(by_id, new)
    common = next((identity for identity in ahead if identity in back), None)
    if common is None:
        return None
    steps = [PatchStep(identity, forward=False) for identity in back[: back.index(common)]]
    steps += [PatchStep(identity, forward=True) for identity in reversed(ahead[: ahead.index(common)])]
    return steps if all(by_id[step.release].kept for step in steps) else None


def rows(folder: Path, steps: list[PatchStep]) -> Iterator[patch.PatchRow]:
    """The net changes of the steps, sorted by quad; ReleaseError if a patch cannot be read."""
    return patch.joined([_rows(folder / step.release, forward=step.forward) for step in steps])


def _rows(release: Path, *, forward: bool) -> Iterator[patch.PatchRow]:
    try:
        with open_regular(release / CHANGES) as raw, gzip.open(raw) as file:
            found = patch.read(file)
            yield from found if forward else patch.inverse(found)
    except (OSError, EOFError, zlib.error) as error:
        raise ReleaseError(f"{release / CHANGES} cannot be read: {error}") from error


def _lineage(by_id: Mapping[str, Version], identity: str) -> list[str]:
    """The id, its predecessor's, and so on, as far as known."""
    line: list[str] = []
    following: str | None = identity
    while following is not None and following not in line:
        line.append(following)
        version = by_id.get(following)
        following = version.predecessor if version else None
    return line
