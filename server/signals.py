"""Signals that ask the server to stop."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


@contextmanager
def blocked() -> Iterator[None]:
    """Block them for this thread; a process that is started meanwhile has them blocked too.

    So none is lost to a handler that the new process has from its parent, and a process that never unblocks them
    outlives a signal that is sent to all.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def receive_in_thread() -> None:
    """Call the handler of the first that comes, in a thread of its own, or end the process if there is none.

    They have to be blocked already. A handler in the main thread would wait until that runs Python again, which a
    signal that the kernel delivers to another thread does not bring about. SIGHUP does nothing.
    """
    signal.set_wakeup_fd(-1)
    for number in STOP:
        signal.signal(number, signal.SIG_DFL)
    Thread(target=_receive, daemon=True).start()


def _receive() -> None:
    while (number := signal.sigwait(STOP)) == signal.SIGHUP:
        pass
    handler = signal.getsignal(number)
    if not callable(handler):
        os._exit(0)
    handler(number, None)
