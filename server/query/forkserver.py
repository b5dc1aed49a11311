"""A process from which others are forked: one thread, everything imported, no store ever opened.

It reads requests from a socket: a JSON object, with it the descriptor of the connection that the new process shall
serve. It ends when the socket is closed, and the kernel then ends the processes forked from it.
`python -m server.query.worker FD` is the one of query processes.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Run = Callable[[int, Mapping[str, Any], int], None]

MESSAGE = 16384  # bytes; more than any request takes


def serve(descriptor: int, run: Run) -> None:
    """Fork for every request until the other end is closed.

    run: what a new process does, given the descriptor of its connection, the request and the id of this process.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children
    tempfile.gettempdir()  # found out while it can be written to; each process would look for one again, and elsewhere
    gc.freeze()  # what is loaded now is never collected, so its pages stay shared
    with socket.socket(fileno=descriptor) as control:
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, MESSAGE, 1)
            if not message:
                return
            parent = os.getpid()
            if os.fork() == 0:
                _child(control, message, descriptors[0], parent, run)
            os.close(descriptors[0])


def _child(control: socket.socket, message: bytes, descriptor: int, parent: int, run: Run) -> None:
    """Become the new process; never comes back."""
    code = 1
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        run(descriptor, json.loads(message), parent)
        code = 0
    except (BrokenPipeError, ConnectionResetError, EOFError):
        pass  # the web process that asked is gone
    except (OSError, MemoryError) as error:
        sys.stderr.write(f"forked process: {error}\n")
    finally:
        os._exit(code)
