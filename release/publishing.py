"""Publishes a release in a folder of releases: it is written under a hidden name, then renamed, then made current.

A crash at any moment leaves the current release whole, and the next build removes what was left behind.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import BusyError
from release.reader import CURRENT
from release.retention import recover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DRAFT = ".build-"
_SYNC_THREADS = 16


@contextmanager
def exclusive(releases: Path) -> Iterator[None]:
    """Lock the folder and remove what an interrupted build left in it; BusyError if another build has the lock."""
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"another build is running in {releases}") from error
        for left_over in releases.glob(f"{_DRAFT}*"):
            if left_over.is_dir() and not left_over.is_symlink():
                shutil.rmtree(left_over)
            else:
                left_over.unlink()
        recover(releases)
        yield


@contextmanager
def draft(releases: Path) -> Iterator[Path]:
    """A hidden folder to write in, which is removed at the end unless it was published."""
    folder = releases / f"{_DRAFT}{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(written: Path, folder: Path) -> None:
    """Write every file through to the disk (fsync), then rename the folder."""
    with ThreadPoolExecutor(_SYNC_THREADS) as pool:  # a disk syncs many files in the time of one
        for _ in pool.map(_sync, [*written.rglob("*"), written]):
            pass
    written.rename(folder)
    _sync(folder.parent)


def switch(releases: Path, release_id: str) -> None:
    """Point the link `current` to the release, by one rename over the old link."""
    link = releases / f"{_DRAFT}current"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    link.rename(releases / CURRENT)
    _sync(releases)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
