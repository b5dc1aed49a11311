"""How a process has ended that is no child of this one, as far as the kernel tells: ioctl_pidfd(2), Linux 6.15."""

from __future__ import annotations

import fcntl
import os
import select
import struct

_EXIT = 1 << 3  # PIDFD_INFO_EXIT: what is asked for, and whether it was told
_SIZE, _STATUS_AT = 64, 60  # of struct pidfd_info as it was first, and its exit_code
_GET_INFO = 3 << 30 | _SIZE << 16 | 0xFF << 8 | 11  # PIDFD_GET_INFO
_SOON = 1000  # milliseconds


def signal_that_ended(pidfd: int) -> int | None:
    """The number of the signal; None if there was none, or nobody tells."""
    if pidfd < 0:
        return None
    ended = select.poll()
    ended.register(pidfd, select.POLLIN)
    ended.poll(_SOON)  # its connection closes a little earlier
    info = bytearray(struct.pack("Q", _EXIT).ljust(_SIZE, b"\0"))
    try:
        fcntl.ioctl(pidfd, _GET_INFO, info)
    except OSError:
        return None
    if not struct.unpack_from("Q", info)[0] & _EXIT:
        return None
    (status,) = struct.unpack_from("i", info, _STATUS_AT)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
