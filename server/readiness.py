"""Tells, once, that the server is up, or why it does not come up.

The first web process that listens does it. The process that starts them cannot: a thread of its own that waited for
that moment could hold a lock while it forks, and the web processes would never get that lock.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, NoReturn

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.errors import ParkGraphError
    from server.settings import Settings

# Names a file. The process that manages to remove it announces the server; those that fail before add why to it.
_TOKEN = "_PARKGRAPH_ANNOUNCE"  # noqa: S105 - no password
_END = "\0"  # of what one process writes
_PAUSE = 0.005  # seconds
_STOP_SECONDS = 60  # in which the server has long ended its web processes


@contextmanager
def announcement() -> Iterator[None]:
    """Web processes that start in this context announce themselves; InputError if they could not start."""
    descriptor, name = tempfile.mkstemp(prefix="parkgraph-")
    os.close(descriptor)
    os.environ[_TOKEN] = name
    token = Path(name)
    try:
        yield
    finally:
        reason = token.read_text(encoding="utf-8").partition(_END)[0] if token.exists() else ""
        token.unlink(missing_ok=True)
        if reason:
            raise InputError(reason)


def fail_startup(error: ParkGraphError) -> NoReturn:
    """End this process; where the server is not up yet, end it too: other web processes would fail alike.

    The server is told to stop, and ends this process: one that ended by itself would be an unexpected exit.
    """
    token = os.environ.get(_TOKEN)
    if token is not None:
        with suppress(FileNotFoundError):
            _append(token, f"{error}{_END}")
            os.kill(os.getppid(), signal.SIGTERM)
            Event().wait(_STOP_SECONDS)
    raise SystemExit(1)


def _append(path: str, text: str) -> None:
    """Add to a file that is there, in one piece: web processes fail, and are ended, at the same time."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def announce_when_up(settings: Settings) -> None:
    """Print the address of the server, in the background, as soon as it listens."""
    token = os.environ.get(_TOKEN)
    if token is not None:
        Thread(target=_wait_and_tell, args=(settings, Path(token)), daemon=True).start()


def _wait_and_tell(settings: Settings, token: Path) -> None:
    pause = Event()
    while not _listens(settings):
        pause.wait(_PAUSE)
    try:
        token.unlink()
    except FileNotFoundError:
        return
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    sys.stdout.write(f"ParkGraph serves http://{host}:{settings.port}/\n")
    sys.stdout.flush()


def _listens(settings: Settings) -> bool:
    try:
        socket.create_connection((settings.host, settings.port), timeout=1).close()
    except OSError:
        return False
    return True
