"""What the last build in a folder of releases leaves for the next one: the lines of its release, and their runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from release.blocks import Block
from release.lines import Lines
from release.manifest import FILE_NAME, FORMAT
from release.reader import QUADS, STORE

if TYPE_CHECKING:
    from release.manifest import File
    from release.memo import Memo
    from release.reader import Release

_KEY = b"last build %d" % FORMAT


@dataclass(frozen=True)
class LastBuild:
    """A release that is there. runs: the keys of the runs that its lines are made of; empty if they have none."""

    release: Release
    lines: Lines
    runs: tuple[bytes, ...]

    @property
    def store_files(self) -> dict[str, File]:
        """Path in the release → digest of each file of its query store."""
        files = self.release.manifest.files.items()
        return {path: file for path, file in files if path.startswith(f"{STORE}/")}

    def has_untouched_store(self) -> bool:
        """Whether the files of the query store have their sizes, and nothing was written to them after the manifest."""
        path = self.release.path
        try:
            written = (path / FILE_NAME).stat().st_mtime_ns
            found = {name: (path / name).stat() for name in self.store_files}
        except OSError:
            return False
        sizes = all(found[name].st_size == file.size for name, file in self.store_files.items())
        return sizes and all(status.st_mtime_ns <= written for status in found.values())

    @classmethod
    def read(cls, memo: Memo, current: Release | None) -> LastBuild | None:
        """What was kept, if it is of the current release."""
        kept = memo.get(_KEY)
        if kept is None or current is None:
            return None
        content = current.manifest.content
        try:
            digest, blocks, repeated, runs = json.loads(kept)
            if digest != content:
                return None
            found = tuple(Block(int(start), int(end), bytes.fromhex(of), bool(more)) for start, end, of, more in blocks)
            counts = {line.encode(): int(count) for line, count in repeated.items()}
            keys = tuple(map(bytes.fromhex, runs))
        except (AttributeError, RecursionError, TypeError, ValueError):  # it is not what `keep` writes
            return None
        return cls(current, Lines(current.path / QUADS, content, found, counts), keys)


def keep(memo: Memo, lines: Lines, runs: tuple[bytes, ...]) -> bytes:
    """Keep the lines of the release that has become the current one; the key that they are kept by."""
    blocks = [(block.start, block.end, block.digest.hex(), block.continues) for block in lines.blocks]
    repeated = {line.decode(): count for line, count in lines.repeated.items()}
    memo.put(_KEY, json.dumps((lines.digest, blocks, repeated, [key.hex() for key in runs])).encode())
    return _KEY
