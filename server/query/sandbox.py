"""Confines a query process: a limit of memory, no core files, no new sockets.

Linux only: prctl(2), seccomp(2) with a classic BPF program, getrlimit(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from pathlib import Path
from typing import Any, NamedTuple

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2

# BPF: load a word, jump if equal, jump if greater or equal, return; see linux/filter.h and linux/seccomp.h.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EACCES
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4  # offsets in struct seccomp_data


class _Machine(NamedTuple):
    """Numbers of one architecture: its audit constant, and of the system calls socket, connect, io_uring_setup."""

    architecture: int
    calls: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(0xC000003E, (41, 42, 425)),
    "aarch64": _Machine(0xC00000B7, (198, 203, 425)),
}
_X32 = 0x40000000  # from this number on x86_64 has the calls of another ABI once more


class SandboxError(Exception):
    """The kernel does not let this process be confined."""


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call above
        os._exit(0)


def enter(parent: int, *, is_required: bool) -> dict[str, Any]:
    """Confine this process, before it opens stores, whose threads inherit that: what it tells its parent of it.

    parent: the process with which it ends. is_required: whether it is not `ready` where `sandbox` says what failed.
    """
    die_with_parent(parent)
    no_core_file()
    try:
        deny_network()
    except SandboxError as error:
        return {"ready": not is_required, "sandbox": str(error)}
    return {"ready": True}


def deny_network() -> None:
    """Make socket(2), connect(2) and io_uring_setup(2) fail with EACCES in this thread and all it starts.

    Nothing undoes it. Raises SandboxError where the kernel or the architecture does not have it.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise SandboxError(f"there is no system call filter for {platform.machine()}")
    code = ctypes.create_string_buffer(_program(machine))
    # struct sock_fprog: the number of instructions, and where they are
    program = struct.pack("HxxxxxxP", len(code.raw) // 8, ctypes.addressof(code))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program)


def _program(machine: _Machine) -> bytes:
    """The filter: another architecture or ABI than the expected one is denied, as are the calls named."""
    checks = [(_IF_AT_LEAST, _X32), *((_IF_EQUAL, call) for call in machine.calls)]
    count = len(checks)
    code = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_IF_EQUAL, 0, count + 2, machine.architecture),
        (_LOAD, 0, 0, _NUMBER_AT),
        *((kind, count - place, 0, value) for place, (kind, value) in enumerate(checks)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def limit_memory(mebibytes: int) -> None:
    """Let the process take so much more address space than it has now; an allocation beyond fails."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + (mebibytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def return_memory() -> None:
    """Give memory that is free again back to the system (malloc_trim(3), which glibc has); takes milliseconds."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def no_core_file() -> None:
    """A process that dies of a limit leaves no file behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _prctl(option: int, *arguments: int | bytes) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    values = [a if isinstance(a, bytes) else ctypes.c_ulong(a) for a in arguments]
    values += [ctypes.c_ulong(0)] * (4 - len(values))
    if libc.prctl(option, *values) != 0:
        raise SandboxError(f"prctl {option}: {os.strerror(ctypes.get_errno())}")
