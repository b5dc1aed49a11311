"""The time that one query has."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from server.query.errors import QueryTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Deadline:
    """The moment so many seconds from now; `at` is that moment in monotonic seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds

    @property
    def passed(self) -> float:
        """Seconds since it was set."""
        return self.seconds - self.left

    @property
    def left(self) -> float:
        """Seconds; not above zero when it is over."""
        return self.at - time.monotonic()

    def check(self) -> None:
        """Raise the error if it is over."""
        if self.left <= 0:
            raise self.error()

    def error(self) -> QueryTimeoutError:
        """The error of a query that has no answer by then."""
        return QueryTimeoutError(f"the query took longer than {self.seconds:g} seconds")

    @contextmanager
    def shutting_down(self, connection: socket.socket) -> Iterator[None]:
        """Shut the connection down when it is over: a wait for it ends then, even if single bytes keep coming."""

        def shut_down() -> None:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # without the farewell of TLS

        timer = threading.Timer(max(0.0, self.left), shut_down)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
