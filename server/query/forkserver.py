"""The process from which query processes are forked: one thread, the engine imported, no store ever opened.

`python -m server.query.forkserver FD` reads requests from the socket with that descriptor: a JSON object (a
Confinement), with it the descriptor of the connection that the new process shall serve. It ends when the socket is
closed, and the kernel then ends the processes forked from it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import tempfile

from server.query import worker

MESSAGE = 16384  # bytes; more than any request takes


def main(descriptor: int) -> None:
    """Fork for every request until the other end is closed."""
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
                _child(control, message, descriptors[0], parent)
            os.close(descriptors[0])


def _child(control: socket.socket, message: bytes, descriptor: int, parent: int) -> None:
    """Become a query process; never comes back."""
    code = 1
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        worker.run(descriptor, worker.Confinement(**json.loads(message)), parent)
        code = 0
    except (BrokenPipeError, ConnectionResetError, EOFError):
        pass  # the web process that asked is gone
    except (OSError, MemoryError) as error:
        sys.stderr.write(f"query process: {error}\n")
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
