"""The access log: a line of JSON for each request, whole even where several processes write."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

STDOUT = "-"
LINE = 4096  # bytes; what a pipe takes in one piece (PIPE_BUF)
_LONGEST = {"path": 1200, "query": 1000, "user_agent": 400, "referer": 600}  # bytes of a text, escaped
_OTHERS = 150
_LOOK_AGAIN = 1.0  # seconds, after which a file that was renamed or removed is made anew
_MODE = 0o640


class AccessLog:
    """Writes lines to a file or to the standard output; any thread may call it.

    A log that takes no more stops nobody: lines are lost, and the standard error says so once.
    """

    def __init__(self, path: str) -> None:
        """path: of a file that is made if it is not there, or `-`. InputError if it cannot be written."""
        self._path = None if path == STDOUT else Path(path)
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._is_failing = self._is_cut = False
        try:
            self._descriptor = _standard_output() if self._path is None else _open(self._path)
        except OSError as error:
            raise InputError(f"cannot write the access log {path}: {error.strerror}") from error

    def write(self, members: Mapping[str, object]) -> None:
        """Write a line: texts are cut where they are long, and escaped."""
        shown = (f"{json.dumps(name)}:{_value(name, value)}" for name, value in members.items() if value is not None)
        line = f"{{{','.join(shown)}}}\n".encode()
        self._follow()
        try:
            written = os.write(self._descriptor, b"\n" + line if self._is_cut else line)
        except OSError as error:
            self._fail(str(error.strerror))
            return
        self._is_cut = written < len(line)
        if self._is_cut:
            self._fail("no space for a whole line")
        else:
            self._is_failing = False

    def _follow(self) -> None:
        """Open the file again if another has its name by now."""
        now = time.monotonic()
        if self._path is None or now - self._looked < _LOOK_AGAIN or not self._lock.acquire(blocking=False):
            return
        try:
            self._looked = now
            if not self._is_current(self._path):
                following = _open(self._path)
                os.dup2(following, self._descriptor, inheritable=False)  # in one step: other threads are writing
                os.close(following)
        except OSError as error:
            self._fail(str(error.strerror))
        finally:
            self._lock.release()

    def _is_current(self, path: Path) -> bool:
        try:
            return os.path.samestat(path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def _fail(self, reason: str) -> None:
        if not self._is_failing:
            self._is_failing = True
            sys.stderr.write(f"the access log is not written: {reason}; requests are answered all the same\n")


def now() -> str:
    """The time in the form of RFC 3339, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _value(name: str, value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    longest = _LONGEST.get(name, _OTHERS)
    text = value[:longest]
    while len(escaped := json.dumps(text)) > longest:
        text = text[: len(text) * longest // len(escaped)]
    return escaped


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)


def _standard_output() -> int:
    """A descriptor of it that never waits for a reader, where it is a pipe."""
    number = 1
    if stat.S_ISFIFO(os.fstat(number).st_mode):
        return os.open(f"/proc/self/fd/{number}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    return os.dup(number)
