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


def digests(folder: Path, known: Iterable[str] = ()) -> dict[str, File]:
    """Path → digest of each file below the folder, except the paths in `known`."""
    leave = set(known)
    return {path: digest(folder / path) for path in paths(folder) if path not in leave}
