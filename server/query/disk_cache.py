"""Answers kept in a folder: shared by all processes, there again after a restart, never larger than allowed.

One file each, named by its key: a line of JSON with the digest of all that follows, a line of JSON about the answer,
and the body. It is written beside its place and renamed, and is believed only where its digest is right, so neither a
crash nor a damaged disk makes a wrong answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

IN_MEMORY = 1 << 20  # bytes; a larger body is handed out as a file
_PIECE = 1 << 18  # bytes
_LARGEST = 8  # one answer may have this part of all
_FULL, _KEPT = 0.75, 0.5  # beyond the first part of the limit the least used go, down to the second
_LOOKS = 16  # a process looks at the folder each time it has written this part of the limit
_LINE = 1 << 16  # bytes; no line of JSON is longer


class Found(NamedTuple):
    """What is known about an answer, and its body: the bytes, or the descriptor of a file that stands there."""

    about: dict[str, Any]
    body: bytes | int
    size: int


class Disk:
    """A folder with answers; any thread of any process may use it. It never raises: what fails is not kept."""

    def __init__(self, folder: Path, limit: int, processes: int = 1) -> None:
        """limit: bytes; processes: how many write to the folder. ParkGraph makes the folder, for its user alone."""
        self._folder, self._limit = folder, limit
        self._look_after = limit // (_LOOKS * processes)
        self._written = self._look_after  # look at once: another limit may have held before
        self._lock = threading.Lock()

    def get(self, key: str) -> Found | None:
        path = self._path(key)
        try:
            with path.open("rb") as file:
                found = _read(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            found = None
        with contextlib.suppress(OSError):
            if found is None:
                path.unlink()
            else:
                os.utime(path)  # the least used go first
        return found

    def put(self, key: str, about: dict[str, Any], body: Iterable[bytes], size: int) -> None:
        """Keep a body of so many bytes, if it is not too large."""
        if size > self._limit // _LARGEST:
            return
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, about, body)
            self._count(size)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _count(self, size: int) -> None:
        with self._lock:
            self._written += size
            if self._written < self._look_after:
                return
            self._written = 0
        self._evict()

    def _evict(self) -> None:
        files = []
        for entry in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                status = entry.stat()
                files.append((status.st_mtime_ns, status.st_size, entry))
        total = sum(size for _, size, _ in files)
        if total <= self._limit * _FULL:
            return
        for _, size, path in sorted(files):
            if total <= self._limit * _KEPT:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size


def private_folder(wanted: str) -> Path | None:
    """The folder for a setting, made for this user alone; None where there is none that only this user can write to.

    Without a setting: `parkgraph` in the user's folder for caches (https://specifications.freedesktop.org/basedir/),
    else one with the user's number in the folder for temporary files.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    temporary = Path(tempfile.gettempdir()) / f"parkgraph-{os.getuid()}"
    for folder in [Path(wanted)] if wanted else [caches / "parkgraph", temporary]:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = folder.stat()
            if status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return folder
    return None


def _write(path: Path, about: dict[str, Any], body: Iterable[bytes]) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            line = json.dumps(about).encode() + b"\n"
            digest = hashlib.sha256(line)
            file.write(_head(digest))  # its place is kept until the digest is known
            file.write(line)
            for piece in body:
                digest.update(piece)
                file.write(piece)
            file.seek(0)
            file.write(_head(digest))
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _head(digest: Any) -> bytes:
    return json.dumps({"sha256": digest.hexdigest()}).encode() + b"\n"


def _read(file: IO[bytes]) -> Found | None:
    """None where it is not what was written."""
    expected = json.loads(file.readline(_LINE))["sha256"]
    line = file.readline(_LINE)
    begin = file.tell()
    size = os.fstat(file.fileno()).st_size - begin
    digest = hashlib.sha256(line)
    small = file.read() if size <= IN_MEMORY else b""
    digest.update(small)
    while piece := file.read(_PIECE):
        digest.update(piece)
    if digest.hexdigest() != expected:
        return None
    return Found(json.loads(line), small if size <= IN_MEMORY else _at(file, begin), size)


def _at(file: IO[bytes], place: int) -> int:
    descriptor = os.dup(file.fileno())
    os.lseek(descriptor, place, os.SEEK_SET)
    return descriptor
