"""Runs a command that is killed when the process that started it has ended, however that was.

    python -IS with_parent.py PID COMMAND ...

PID: of the process that starts this one. The kernel sees to it on Linux (prctl(2), PR_SET_PDEATHSIG); elsewhere the
command runs to its end. `command` gives the whole command line.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def command(*words: str) -> list[str]:
    """The command line that runs a command so, started by this process."""
    return [sys.executable, "-IS", __file__, str(os.getpid()), *words]


def _main(parent: str, *words: str) -> str:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it ended before the call above
            return "its parent has ended"
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and the command would too
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(words[0], words)  # noqa: S606 - as it came
    except OSError as error:
        return f"{words[0]}: {error.strerror}"


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
