"""Bounds of the memory of processes that run what others have written: parsers and validators."""

from __future__ import annotations

import os
import resource


def half_of_memory() -> int:
    """Half of this machine's memory, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def limit_memory() -> None:
    """Let this process have half of the memory as its address space, or less where its limit is lower already.

    If it dies of that, it leaves no file behind.
    """
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = half_of_memory() if most == resource.RLIM_INFINITY else min(half_of_memory(), most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
