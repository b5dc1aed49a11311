"""On which cores the processes of the server run.

A web process and its query processes share cores of their own: to wake a process on another core takes several times as
long as on the same one, and small answers take little more than that. What takes longer has all cores.
"""

from __future__ import annotations

import os
from contextlib import suppress

_ALL = os.sched_getaffinity(0)  # that the server was started with


def take_share(number: int, processes: int) -> None:
    """Keep this process, and those that it starts, to the share of one web process of so many."""
    cores = sorted(_ALL)
    _run_on(0, set(cores[number % len(cores) :: processes]))


def give_all(pid: int) -> None:
    """Let another process run on all cores."""
    _run_on(pid, _ALL)


def give_share(pid: int) -> None:
    """Keep another process to the share of this one."""
    _run_on(pid, os.sched_getaffinity(0))


def _run_on(pid: int, cores: set[int]) -> None:
    with suppress(OSError):  # it has ended, or the system does not allow it: then it runs where it may
        os.sched_setaffinity(pid, cores)
