"""How a process has ended that is no child of this one, as far as the kernel tells: ioctl_pidfd(2), Linux 6.15."""

from __future__ import annotations

import fcntl
import os
import select
import struct

_EXIT = 1 << 3  # PIDFD_INFO_EXIT: what is asked for, and whether it was told
_SIZE, _STATUS_AT = 64, 60  # of struct pidfd_info as it was first, and its exit_code
_GET_INFO = 3 << 30 | _SIZE << 16 | 0xFF << 8 | 11  # PIDFD_GET_INFO
_SOON = 5000  # milliseconds


def signal_that_ended(pidfd: int) -> int | None:
    """The number of the signal; None if there was none, or nobody tells."""
    if pidfd < 0:
        return None
    try:
        status = _exit_status(pidfd)
        if status is None:  # its connection has closed a little earlier: wait until it is gone for good
            gone = select.poll()
            gone.register(pidfd, 0)  # POLLHUP, which comes unasked
            gone.poll(_SOON)
            status = _exit_status(pidfd)
    except OSError:  # a kernel that does not tell
        return None
    return os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else None


def _exit_status(pidfd: int) -> int | None:
    """As wait(2) has it; None as long as it runs."""
    info = bytearray(struct.pack("Q", _EXIT).ljust(_SIZE, b"\0"))
    fcntl.ioctl(pidfd, _GET_INFO, info)
    told = struct.unpack_from("Q", info)[0] & _EXIT
    return int(struct.unpack_from("i", info, _STATUS_AT)[0]) if told else None
