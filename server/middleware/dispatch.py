"""How requests come from granian to the application: what is kept is answered at once, all else in threads of its own.

granian has threads for requests, but adds one only if it has not added one in the last third of a millisecond, and
looks at that only when a request comes. After a burst, a request can find every thread taken by long ones and wait for
the first to end, although more threads are allowed. So granian's threads do not wait here for anything but the body of
a request, which is cut off as soon as they return.
"""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from granian.server import mp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from server.middleware.cache import CacheMiddleware

_WRAPPER = "_wsgi_call_wrap"  # makes of an application what granian calls with each request
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})

_log = logging.getLogger(__name__)


def install(front: CacheMiddleware, threads: int) -> None:
    """Stand between granian and the application in this process, before granian looks for the latter."""
    wrap = getattr(mp, _WRAPPER)

    def wrap_and_dispatch(*arguments: Any, **options: Any) -> Dispatcher:
        return Dispatcher(wrap(*arguments, **options), front, threads)

    setattr(mp, _WRAPPER, wrap_and_dispatch)


class Dispatcher:
    """What granian calls with each request: its protocol, by which any thread may answer, and what WSGI says of it."""

    def __init__(self, run: Callable[[Any, dict[str, Any]], object], front: CacheMiddleware, threads: int) -> None:
        """run: has the application answer; raises what that raises."""
        self._run, self._recall = run, front.recall
        self._requests: SimpleQueue[tuple[Any, dict[str, Any], _Body | None]] = SimpleQueue()
        for _ in range(threads):
            threading.Thread(target=self._work, daemon=True).start()

    def __call__(self, protocol: Any, scope: dict[str, Any]) -> int:
        if scope["REQUEST_METHOD"] not in _WITHOUT_BODY:
            body = scope["wsgi.input"] = _Body(scope["wsgi.input"])
            self._requests.put((protocol, scope, body))
            body.ended.wait()
            return 0
        kept = self._recall(scope)
        if kept is None:
            self._requests.put((protocol, scope, None))
            return 0
        protocol.response_bytes(kept.code, kept.headers, kept.body[0])
        return kept.code

    def _work(self) -> None:
        while True:
            protocol, scope, body = self._requests.get()
            try:
                self._run(protocol, scope)
            except Exception:  # noqa: BLE001 - whatever it is, the thread goes on
                _log.exception("a request failed")
                protocol.response_bytes(500, [], b"")
            finally:
                if body is not None:
                    body.ended.set()
            del protocol, scope, body  # the end of the last one shall not wait for the next


class _Body:
    """The body of a request (PEP 3333), and whether it has been read, or nobody will read it any more."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self.ended = threading.Event()

    def read(self, size: int | None = None) -> bytes:
        data: bytes = self._body.read() if size is None else self._body.read(size)
        if size is None or len(data) < size:
            self.ended.set()
        return data

    def readline(self) -> bytes:
        line: bytes = self._body.readline()
        return line

    def readlines(self, hint: int | None = None) -> list[bytes]:
        lines: list[bytes] = self._body.readlines(hint)
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)
