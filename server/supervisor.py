"""The process that the web processes are forked from: it replaces those that end, and stops them all in the end.

granian has both, but it ends the server when one web process ends twice within seconds, and it may miss one of two that
end at once. https://github.com/emmett-framework/granian, granian/server/common.py
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from granian.server.mp import MPServer, WorkerProcess

from server import signals

if TYPE_CHECKING:
    from collections.abc import Callable

_SOON = 2.0  # seconds; a web process that ends sooner has not come up
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds before it is started again; twice as long after each failure
_ONE_STOP = 0.02  # seconds within which two signals are one: `timeout` sends it to the process and to its group
_SIGNALS = 512  # bytes, more than signals come between two reads


@dataclass
class _Place:
    """One of the web processes, whichever runs there at the moment."""

    failures: int = 0  # starts in a row that failed
    due: float | None = None  # when the next one is to be started, in monotonic seconds; None while one runs


class Supervisor(MPServer):
    """Stops at SIGTERM and SIGINT: web processes take no more requests, and end when those under way have ended.

    They are killed after `workers_kill_timeout` seconds, or by a second signal.
    """

    def __init__(self, target: str, **options: Any) -> None:
        super().__init__(target, **options)
        self._places = [_Place() for _ in range(self.workers)]
        self._stop_asked: float | None = None

    def signal_handler_interrupt(self, *_signal: object) -> None:
        now = time.monotonic()
        if self._stop_asked is None:
            self._stop_asked = now
        elif now - self._stop_asked > _ONE_STOP:
            for worker in self.wrks:
                worker.kill()
        self.interrupt_signal = True

    def signal_handler_reload(self, *_signal: object) -> None:
        """SIGHUP: nothing has to be read again; releases and log files are followed without being told."""

    def _spawn_worker(  # type: ignore[override]
        self, idx: int, target: Callable[..., None], callback_loader: Callable[..., Any]
    ) -> WorkerProcess:
        """A web process, which is told its number."""
        return super()._spawn_worker(idx, target, partial(callback_loader, idx))

    def _spawn_workers(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        with signals.blocked():
            super()._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)  # it gets a byte with each signal, and ends the wait
        while not self.interrupt_signal:
            pause = self._replace_ended(spawn_target, target_loader)
            # every one that was alive a moment ago: the end of one that is not any more is told at once
            running = [
                worker.inner.sentinel for place, worker in zip(self._places, self.wrks, strict=True) if not place.due
            ]
            if reader in wait([reader, *running], pause):
                os.read(reader, _SIGNALS)
        signal.set_wakeup_fd(-1)

    def _replace_ended(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> float | None:
        """Start web processes in place of those that have ended; the seconds until the next is due, if any is."""
        now = time.monotonic()
        for number, (place, worker) in enumerate(zip(self._places, self.wrks, strict=True)):
            if worker.is_alive():
                continue
            if place.due is None:
                place.failures = _failures(place.failures, now - worker.birth, worker.inner.exitcode)
                place.due = now + _pause(place.failures)
            if place.due > now:
                continue
            try:
                with signals.blocked():
                    started = self._spawn_worker(number, spawn_target, target_loader)
                    started.start()
            except OSError as error:  # no process or descriptor is to be had
                place.failures += 1
                place.due = now + _pause(place.failures)
                sys.stderr.write(f"a web process does not start: {error}\n")
                continue
            place.due, self.wrks[number] = None, started
        return min((place.due - now for place in self._places if place.due is not None), default=None)

    def _stop_workers(self) -> None:
        super()._stop_workers()  # type: ignore[no-untyped-call]
        self.interrupt_children.clear()  # those that a signal reached before this process: no failure


def _failures(before: int, seconds: float, code: int) -> int:
    """How many starts in a row have failed, after one that ended so; a kill is no reason to wait longer."""
    if seconds > _SOON:
        return 0
    return 1 if code < 0 else before + 1


def _pause(failures: int) -> float:
    return min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE) if failures else 0.0
