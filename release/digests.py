"""Size and SHA-256 of the files of a release."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from core.files import open_regular
from release.manifest import File

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def digest(path: Path) -> File:
    """Size in bytes and SHA-256 of a file."""
    with open_regular(path) as file:
        return File(os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest())


def paths(folder: Path) -> list[str]:
    """The files below the folder, as sorted POSIX paths relative to it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class Digests:
    """Digests of files, each read once. Links to one file on the disk have one digest."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], File] = {}  # device and inode → digest

    def note(self, path: Path, known: File) -> None:
        """Take the digest of a file that is there as known, if it has that size."""
        found = path.stat()
        if found.st_size == known.size:
            self._known[found.st_dev, found.st_ino] = known

    def of(self, folder: Path, leave: Iterable[str] = ()) -> dict[str, File]:
        """Path → digest of each file below the folder, except the paths to leave out."""
        left_out = set(leave)
        return {path: self._of_file(folder / path) for path in paths(folder) if path not in left_out}

    def _of_file(self, path: Path) -> File:
        found = path.stat()
        place = found.st_dev, found.st_ino
        if place not in self._known:
            self._known[place] = digest(path)
        return self._known[place]
