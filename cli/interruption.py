"""Signals that ask a command to end: it clears up, says so in a line, and exits with 128 and the signal's number."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Interruption(BaseException):
    """A signal has come."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Have the first of these signals end the work of the context; further ones do not interrupt what clears up.

    A signal that is ignored already, as SIGHUP under nohup, is still ignored.
    """
    received: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        received.append(number)
        for other in before:
            signal.signal(other, signal.SIG_IGN)
        raise _Interruption

    before = {number: handler for number in _SIGNALS if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    except BaseException:
        if received:  # other errors follow from it: a terminal sends its signal to all processes of a command
            click.echo(f"parkgraph: interrupted by {signal.Signals(received[0]).name}", err=True)
            _exit(128 + received[0])
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(code: int) -> None:
    """End this process without waiting for threads, which may be within a long query."""
    sys.stdout.flush()
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no public name for it
    os._exit(code)
