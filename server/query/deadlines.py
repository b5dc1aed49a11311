"""The time that one query has, and sockets that keep to it."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

from server.query.errors import QueryTimeoutError

_SOON = 0.001  # seconds; a timeout of 0 would mean not to wait at all


class Deadline:
    """The moment so many seconds from now; `at` is that moment in monotonic seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; not above zero when it is over."""
        return self.at - time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds since it was set."""
        return self.seconds - self.left

    def check(self) -> None:
        """Raise the error if it is over."""
        if self.left <= 0:
            raise self.error()

    def error(self) -> QueryTimeoutError:
        """The error of a query that has no answer by then."""
        return QueryTimeoutError(f"the query took longer than {self.seconds:g} seconds")


class _Socket(socket.socket):
    """A socket that is read until its deadline, even if single bytes keep coming; then TimeoutError."""

    deadline: Deadline

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(max(self.deadline.left, _SOON))
        return super().recv_into(*arguments)


class PlainSocket(_Socket):
    pass


class SecureSocket(_Socket, ssl.SSLSocket):
    pass
