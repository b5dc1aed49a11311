"""Bounds of the memory of processes that run what others have written: parsers and validators."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from pathlib import Path

_GROUPS, _CGROUP = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def memory_here() -> int:
    """The memory of this machine, or of the control group that this process is in if that may take less, in bytes.

    https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
    """
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError):
        groups = _GROUPS.read_text().splitlines()
        folders = (_CGROUP / line.removeprefix("0::/") for line in groups if line.startswith("0::/"))
        for folder in folders:
            for group in (folder, *folder.parents):
                with suppress(OSError, ValueError):  # there is no limit, or it is `max`
                    found = min(found, int((group / "memory.max").read_text()))
    return found


def half_of_memory() -> int:
    """Half of this machine's memory, in bytes."""
    return memory_here() // 2


def limit_memory() -> None:
    """Let this process have half of the memory as its address space, or less where its limit is lower already.

    If it dies of that, it leaves no file behind.
    """
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = half_of_memory() if most == resource.RLIM_INFINITY else min(half_of_memory(), most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
