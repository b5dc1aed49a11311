"""Size and SHA-256 of the files of a release."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from release.manifest import File

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def digest(path: Path) -> File:
    with path.open("rb") as file:
        return File(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def paths(folder: Path) -> list[str]:
    """Every file below the folder, by its path in the folder, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def digests(folder: Path, known: Iterable[str] = ()) -> dict[str, File]:
    """The files below the folder but those that are known already, by their paths in the folder."""
    leave = set(known)
    return {path: digest(folder / path) for path in paths(folder) if path not in leave}
