"""Publishes a release in a folder of releases: it is written under a hidden name, then renamed, then made current.

A crash at any moment leaves the current release whole, and the next build removes what was left behind. No link in the
folder is followed by what writes or removes.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import secrets
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from core.errors import BusyError, InputError
from release.reader import CURRENT
from release.retention import recover, remove

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DRAFT = ".build-"
_SYNC_THREADS = 16
_FULL = re.compile("No space left on device|disk is full|Disk quota exceeded")
_BLOCK = 512  # bytes of st_blocks
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


@contextmanager
def exclusive(releases: Path) -> Iterator[None]:
    """Lock the folder and remove what an interrupted build left in it; BusyError if another build has the lock."""
    lock = _open_lock(releases / ".lock")
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"another build is running in {releases}") from error
        for left_over in releases.glob(f"{_DRAFT}*"):
            remove(left_over)
        recover(releases)
        current = releases / CURRENT
        if os.path.lexists(current) and not current.is_symlink():
            raise InputError(f"{current} is no symbolic link to a release: move it away")
        yield
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int:
    """A descriptor of the file, which is made if it is missing and else left as it is; InputError if it is a link."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise InputError(f"{path} is a symbolic link, which is not followed: remove it") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError(f"{path} is no regular file: remove it")
    return descriptor


def is_of_full_disk(error: Exception) -> bool:
    """Whether a library says by this error that there is no room."""
    return _FULL.search(str(error)) is not None


@contextmanager
def draft(releases: Path) -> Iterator[Path]:
    """A hidden folder to write in, which is removed at the end unless it was published.

    InputError if the disk is full, whichever library came upon it.
    """
    folder = releases / f"{_DRAFT}{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    except (OSError, RuntimeError, sqlite3.Error, InputError) as error:
        if not is_of_full_disk(error):
            raise
        written = sum(path.lstat().st_blocks * _BLOCK for path in folder.rglob("*")) >> 20
        message = f"the disk of {releases} is full: the build needs more than the {written} MiB that it has written"
        raise InputError(f"{message}; the current release stays as it is") from error
    finally:
        with suppress(OSError):
            remove(folder)


def publish(written: Path, folder: Path) -> None:
    """Write every file through to the disk (fsync), then rename the folder; `written` is then what stood there before.

    The two are exchanged in one step where the system can do that.
    """
    with ThreadPoolExecutor(_SYNC_THREADS) as pool:  # a disk syncs many files in the time of one
        for _ in pool.map(sync, [*written.rglob("*"), written]):
            pass
    if not os.path.lexists(folder):
        written.rename(folder)
    elif not _exchange(written, folder):
        aside = written.with_name(f"{_DRAFT}{secrets.token_hex(4)}")
        folder.rename(aside)
        written.rename(folder)
        aside.rename(written)
    sync(folder.parent)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names by renameat2(2), without following links; False where there is no such call, or it fails."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    names = [os.fsencode(first), os.fsencode(second)]
    return rename is not None and rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0


def switch(releases: Path, release_id: str) -> None:
    """Point the link `current` to the release, by one rename over the old link."""
    link = releases / f"{_DRAFT}{secrets.token_hex(4)}"
    link.symlink_to(release_id)
    try:
        link.rename(releases / CURRENT)
    except OSError:
        link.unlink()
        raise
    sync(releases)


def sync(path: Path) -> None:
    """Write a file, or the names in a folder, through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
