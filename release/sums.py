"""`SHA256SUMS`: digests in the format of `sha256sum`, so that everyone can check them without this program.

One stands beside the manifest, for every file of the release, and one in `dumps/`, for the downloads; each may have a
detached signature beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import ReleaseError
from release import signature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from release.manifest import File

NAME = "SHA256SUMS"
SIGNATURE = NAME + signature.ENDING
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


def write(folder: Path, files: Mapping[str, File], key: Path | None) -> None:
    """Write `SHA256SUMS` for the files, and its signature if there is a key."""
    text = "".join(f"{file.sha256}  {path}\n" for path, file in sorted(files.items())).encode()
    (folder / NAME).write_bytes(text)
    if key is not None:
        (folder / SIGNATURE).write_bytes(signature.sign(text, key))


def parse(text: bytes) -> dict[str, str]:
    """Path → SHA-256 of each line; ReleaseError if a line has another form."""
    found = {}
    lines = text.decode(errors="replace").split("\n")
    for number, line in enumerate(lines[:-1], 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ReleaseError(f"{NAME}:{number}: this is no line of 'digest  path'")
        found[match[2]] = match[1]
    if lines[-1]:
        raise ReleaseError(f"{NAME}: the last line has no end")
    return found
