"""What is kept of answers: in the memory of each web process, and on a disk that all share.

An answer is a function of the release and the request alone, so it is right as long as the release is served; keys
begin with the release, the version of this server included. Two ask it: the pool, for answers to queries, and the
front, for whole responses.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from server.query.disk_cache import IN_MEMORY, Disk, Found, private_folder
from server.query.memory_cache import Memory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from release.manifest import Manifest
    from server.settings import Settings

WORTH = 0.002  # seconds; what is made faster than that is as soon made again as read from the disk
KEPT_KEY = "parkgraph.kept"  # in the environ: the answer is on the disk already, as an answer to a query
_ROOMS = ("core", "release", "server")


class Cache:
    """The memory and the disk of one web process; any thread may use it."""

    def __init__(self, settings: Settings) -> None:
        self.memory: Memory[Any] = Memory(settings.cache_memory << 20)
        folder = private_folder(settings.cache_folder) if settings.cache_disk else None
        self._disk = Disk(folder, settings.cache_disk << 20, settings.workers) if folder else None

    def find(self, key: str) -> Found | None:
        """What was kept on the disk under a key."""
        return self._disk.get(key) if self._disk else None

    def keep(self, key: str, about: dict[str, Any], body: Iterable[bytes], size: int) -> None:
        """Keep an answer on the disk."""
        if self._disk:
            self._disk.put(key, about, body, size)


def key(manifest: Manifest, *parts: object) -> str:
    """The name of an answer: of the release, of the code that makes it, and of what was asked."""
    text = json.dumps([manifest.id, manifest.created, manifest.base, __version__, _code(), *parts])
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _code() -> str:
    """A digest of names, sizes and times of the files of this server: a changed one may answer otherwise."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                status = path.stat()
                digest.update(f"{path.relative_to(root)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def pieces(body: bytes | int) -> Iterable[bytes]:
    """A body, piece by piece; a file from where it stands, and it stays there."""
    if isinstance(body, bytes):
        yield body
        return
    place = os.lseek(body, 0, os.SEEK_CUR)
    while piece := os.pread(body, IN_MEMORY, place):
        yield piece
        place += len(piece)
