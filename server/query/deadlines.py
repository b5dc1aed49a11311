"""HTTP connections whose waiting ends at its deadline, even if single bytes keep coming."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def ending(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    """Call `end` from another thread, if this lasts longer."""

    def call() -> None:
        with suppress(OSError, ValueError, RuntimeError):
            end()

    timer = threading.Timer(max(0.0, seconds), call)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _Bounded:
    """A connection whose wait for the head of an answer ends in time, even if single bytes keep coming."""

    sock: socket.socket | None
    timeout: float | None

    def getresponse(self) -> Any:
        with ending(self.timeout or 0.0, self._shut):
            return super().getresponse()  # type: ignore[misc]

    def _shut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _PlainConnection(_Bounded, HTTPConnection):
    pass


class _SecureConnection(_Bounded, HTTPSConnection):
    pass


class PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
