"""Tells, once, that the server is up, or why it does not come up.

The first web process that listens does it. The process that starts them cannot: a thread of its own that waited for
that moment could hold a lock while it forks, and the web processes would never get that lock.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, NoReturn

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.errors import ParkGraphError
    from server.settings import Settings

_PAUSE = 0.005  # seconds
_STOP_SECONDS = 60  # in which the server has long ended its web processes
_REASON = 1 << 16  # bytes


class Announcement:
    """What web processes share, by fork, to speak once: whoever takes the turn announces the server, or its failure."""

    def __init__(self) -> None:
        self._turn = os.eventfd(1, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._reason = os.memfd_create("reason")

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Raises InputError in the end if the web processes that were started in this context could not start."""
        try:
            yield
        finally:
            reason = os.pread(self._reason, _REASON, 0).decode()
            os.close(self._turn)
            os.close(self._reason)
            if reason:
                raise InputError(reason)

    def fail(self, error: ParkGraphError) -> NoReturn:
        """End this process; where the server is not up yet, end it too: other web processes would fail alike.

        The server is told to stop, and ends this process: one that ended by itself would be started again.
        """
        if self._take_turn():
            os.pwrite(self._reason, str(error).encode()[:_REASON], 0)
            os.kill(os.getppid(), signal.SIGTERM)
        if os.fstat(self._reason).st_size:
            Event().wait(_STOP_SECONDS)
        raise SystemExit(1)

    def tell_when_up(self, settings: Settings) -> None:
        """Print the address of the server, in the background, as soon as it listens."""
        Thread(target=self._wait_and_tell, args=(settings,), daemon=True).start()

    def _wait_and_tell(self, settings: Settings) -> None:
        pause = Event()
        while not _listens(settings):
            pause.wait(_PAUSE)
        if self._take_turn():
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            sys.stdout.write(f"ParkGraph serves http://{host}:{settings.port}/\n")
            sys.stdout.flush()

    def _take_turn(self) -> bool:
        try:
            os.eventfd_read(self._turn)
        except BlockingIOError:
            return False
        return True


def _listens(settings: Settings) -> bool:
    try:
        socket.create_connection((settings.host, settings.port), timeout=1).close()
    except OSError:
        return False
    return True
