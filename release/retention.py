"""Decides which releases of a folder are kept: a lease protects one in use, `prune` removes old ones.

A lease is a shared lock on the manifest (flock). A removal takes the exclusive lock, so no release that is in use on
this machine is removed.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from typing import TYPE_CHECKING, Self

from core.errors import ReleaseError
from release.manifest import FILE_NAME, Manifest
from release.reader import CURRENT, Release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IDENTITY = re.compile(r"[0-9a-f]{16}")
REMOVED = ".removed"  # the manifests of releases that are gone, by their id
_REMOVING = ".removing-"


class Lease:
    """Protects the folder of a release from being removed until it is closed or garbage-collected."""

    def __init__(self, release: Release) -> None:
        """Take the shared lock; ReleaseError if the release was removed or is being removed."""
        manifest = release.path / FILE_NAME
        try:
            self._descriptor = os.open(manifest, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ReleaseError(f"release {release.id} is gone") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            manifest.stat()  # it may have been renamed before the lock was there
        except OSError as error:
            self.close()
            raise ReleaseError(f"release {release.id} is being removed") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Give up the lock. Can be called twice."""
        descriptor, self._descriptor = getattr(self, "_descriptor", -1), -1
        if descriptor >= 0:
            os.close(descriptor)


def releases_of(folder: Path) -> list[Release]:
    """The readable releases of a folder, newest first."""
    found = []
    for path in folder.iterdir():
        if IDENTITY.fullmatch(path.name) and not path.is_symlink():
            try:
                found.append(Release(path, Manifest.read(path)))
            except ReleaseError:
                continue
    return sorted(found, key=_age, reverse=True)


def pinned(folder: Path) -> dict[str, list[str]]:
    """Id → names of the symbolic links that point to it, except `current`."""
    found: dict[str, list[str]] = {}
    for path in folder.iterdir():
        if path.is_symlink() and path.name != CURRENT:
            found.setdefault(path.readlink().name, []).append(path.name)
    return found


def prune(folder: Path, keep: int, progress: Callable[[str], None]) -> list[str]:
    """Remove all but the newest `keep` releases; returns the ids removed.

    The current one stays and is counted. Pinned releases, and those that a server has leased, stay and are not counted.
    The caller holds the folder's lock.
    """
    stays = {(folder / CURRENT).readlink().name, *pinned(folder)}
    others = [release for release in releases_of(folder) if release.id not in stays]
    gone = []
    for release in others[max(keep - 1, 0) :]:
        if _remove(folder, release):
            gone.append(release.id)
            progress(f"release {release.id} of {release.manifest.created} is removed")
        else:
            progress(f"release {release.id} is in use and stays")
    return gone


def recover(folder: Path) -> None:
    """Finish removals that were interrupted."""
    for path in folder.glob(f"{_REMOVING}*"):
        _tombstone(folder, path, path.name.removeprefix(_REMOVING))


def _remove(folder: Path, release: Release) -> bool:
    """Rename the release, then delete it; False if it is leased."""
    with (release.path / FILE_NAME).open("rb") as manifest:
        try:
            fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        going = folder / f"{_REMOVING}{release.id}"
        release.path.rename(going)
    _tombstone(folder, going, release.id)
    return True


def _tombstone(folder: Path, going: Path, identity: str) -> None:
    """Move the manifest to `.removed/`, which tells a removed id from an unknown one, and delete the rest."""
    (folder / REMOVED).mkdir(exist_ok=True)
    if (going / FILE_NAME).exists():
        (going / FILE_NAME).rename(folder / REMOVED / f"{identity}.json")
    shutil.rmtree(going)


def _age(release: Release) -> tuple[str, int]:
    """Sort key: releases by time of creation."""
    return release.manifest.created, (release.path / FILE_NAME).stat().st_mtime_ns
