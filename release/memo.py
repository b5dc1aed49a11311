"""Results of functions, kept from build to build by what they were made of: `Memo`.

A key names a function, its version, and everything that its result depends on. Without the file a build takes longer
and gives the same. A value that is not as it was written counts as missing.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import quote
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_COMMITTED = 32 << 20  # bytes of values, after which they are committed
_PAGE = 64 << 10  # bytes of a page, of a new file; most values have several, and less is written of fewer, larger ones
_SCHEMA = "CREATE TABLE IF NOT EXISTS result (key BLOB PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL)"


class Memo:
    """A file of results. One process writes; others may read beside it what was committed. Used by one thread."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file, which is made if it is missing, and made anew if it is no such file."""
        self.path = path
        self._uncommitted = 0  # bytes of values
        if read_only:
            self._database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
            return
        if path.is_symlink():
            path.unlink()  # what writes follows no link
        try:
            self._database = _open(path)
        except sqlite3.DatabaseError:
            remove(path)
            self._database = _open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(sqlite3.Error):  # as where the disk is full; what was not committed is lost
            self._database.commit()
        self._database.close()

    def __contains__(self, key: bytes) -> bool:
        return self._database.execute("SELECT 1 FROM result WHERE key = ?", (key,)).fetchone() is not None

    def get(self, key: bytes) -> bytes | None:
        """The value, or None if there is none."""
        row = self._database.execute("SELECT value, crc FROM result WHERE key = ?", (key,)).fetchone()
        return row[0] if row is not None and crc32(row[0]) == row[1] else None

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value, in place of one that the key had; a killed build loses the last ones."""
        self._database.execute("INSERT OR REPLACE INTO result VALUES (?, ?, ?)", (key, value, crc32(value)))
        self._uncommitted += len(value)
        if self._uncommitted > _COMMITTED:
            self.commit()

    def commit(self) -> None:
        """Make what was put visible to other processes."""
        self._database.commit()
        self._uncommitted = 0

    def forget_others(self, used: Callable[[], Iterable[bytes]]) -> None:
        """Remove the values of all keys but those that `used` gives, where they are more than half of all.

        Memory does not grow with the number of keys.
        """
        (kept,) = self._database.execute("SELECT count(*) FROM result").fetchone()
        if kept > 2 * sum(1 for _ in used()):
            self._database.execute("PRAGMA temp_store = FILE")
            self._database.execute("CREATE TEMP TABLE used (key BLOB PRIMARY KEY)")
            self._database.executemany("INSERT OR IGNORE INTO used VALUES (?)", ((key,) for key in used()))
            self._database.execute("DELETE FROM result WHERE key NOT IN (SELECT key FROM used)")
            self._database.execute("DROP TABLE used")
        self._database.commit()


class Overlay:
    """A memo that has besides its own results those of another one, which it leaves as it is."""

    def __init__(self, own: Memo, other: Memo) -> None:
        self._own, self._other = own, other

    def __contains__(self, key: bytes) -> bool:
        return self.get(key) is not None

    def get(self, key: bytes) -> bytes | None:
        """The value, or None if there is none; also where the other memo is damaged."""
        value = self._own.get(key)
        if value is None:
            with suppress(sqlite3.Error):
                return self._other.get(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value in the own one."""
        self._own.put(key, value)

    def commit(self) -> None:
        """Have what was put stay in the own one, and be seen by other processes."""
        self._own.commit()


def remove(path: Path) -> None:
    """Remove the file of a memo, and those beside it that a killed build may have left and that belong to it alone."""
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA page_size = {_PAGE}")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")  # what a crash of the system leaves behind is found by its checksum
    database.execute(_SCHEMA)
    return database
