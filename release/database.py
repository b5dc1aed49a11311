"""SQLite files of a release, which never change: a connection for each thread that reads."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path


class ReadOnlyDatabase:
    """One file; any thread may ask."""

    def __init__(self, path: Path, mapped: int = 0) -> None:
        """mapped: bytes of the file that are read by mapping it. The file is opened when it is first asked."""
        self._uri, self._mapped = f"file:{quote(str(path))}?mode=ro&immutable=1", mapped
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close the connections of all threads; no method may be called afterwards."""
        while self._open:
            self._open.pop().close()

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds; sqlite3.Error if the file cannot be read."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
            connection.execute(f"PRAGMA mmap_size = {self._mapped}")
            self._local.connection = connection
            self._open.append(connection)
        return connection.execute(query, values).fetchall()
