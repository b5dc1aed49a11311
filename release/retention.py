"""Decides which releases of a folder are kept: a lease protects one in use, `prune` removes old ones.

A lease is a shared lock on the manifest (flock). A removal takes the exclusive lock, so no release that is in use on
this machine is removed.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Self

from core.errors import InputError, ReleaseError
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
            self._descriptor = os.open(manifest, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
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


def _releases(folder: Path, progress: Callable[[str], None]) -> list[Release]:
    """The readable releases of a folder, newest first; folders that only look like one are named as progress."""
    found = []
    for path in folder.iterdir():
        if IDENTITY.fullmatch(path.name) and not path.is_symlink():
            try:
                release = Release(path, Manifest.read_file(path / FILE_NAME, path.name))
                found.append((_age(release), release))
            except (ReleaseError, OSError) as error:
                progress(f"{path} stays as it is: {error}")
    return [release for _, release in sorted(found, key=itemgetter(0), reverse=True)]


def pinned(folder: Path) -> dict[str, list[str]]:
    """Id → names of the symbolic links that point to it, except `current`."""
    found: dict[str, list[str]] = {}
    for path in folder.iterdir():
        if path.is_symlink() and path.name != CURRENT:
            with suppress(OSError):  # it has gone meanwhile
                found.setdefault(path.readlink().name, []).append(path.name)
    return found


def prune(folder: Path, keep: int, progress: Callable[[str], None]) -> list[str]:
    """Remove all but the newest `keep` releases; returns the ids removed.

    The current one stays and is counted. Pinned releases, and those that a server has leased, stay and are not counted.
    The caller holds the folder's lock.
    """
    stays = {(folder / CURRENT).readlink().name, *pinned(folder)}
    others = [release for release in _releases(folder, progress) if release.id not in stays]
    gone = []
    for release in others[max(keep - 1, 0) :]:
        if _remove(folder, release):
            gone.append(release.id)
            progress(f"release {release.id} of {release.manifest.created} is removed")
        else:
            progress(f"release {release.id} is in use and stays")
    return gone


def recover(folder: Path) -> None:
    """Finish removals that were interrupted; InputError if the manifests of removed releases have no folder."""
    removed = folder / REMOVED
    if os.path.lexists(removed) and not stat.S_ISDIR(removed.lstat().st_mode):
        raise InputError(f"{removed} is no folder, or a symbolic link, which is not followed: remove it")
    for path in folder.glob(f"{_REMOVING}*"):
        identity = path.name.removeprefix(_REMOVING)
        if IDENTITY.fullmatch(identity) and stat.S_ISDIR(path.lstat().st_mode):
            _tombstone(folder, path, identity)
        else:
            remove(path)


def remove(path: Path) -> None:
    """Delete a file, a link or a folder with all that is in it; links are not followed."""
    if stat.S_ISDIR(path.lstat().st_mode):
        shutil.rmtree(path)
    else:
        path.unlink()


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
    if (going / FILE_NAME).is_file():
        (going / FILE_NAME).rename(folder / REMOVED / f"{identity}.json")
    shutil.rmtree(going)


def _age(release: Release) -> tuple[str, int]:
    """Sort key: releases by time of creation."""
    return release.manifest.created, (release.path / FILE_NAME).stat().st_mtime_ns
