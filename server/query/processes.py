"""The web process's side of query processes: they are forked on request, asked, paused, killed."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol

from core.errors import ParkGraphError
from server import cores, signals
from server.query.channel import Channel

_START_SECONDS, _END_SECONDS = 10.0, 1.0
_NICE = 10
# The engine allocates much that is small and frees it in another order: more of it is kept at hand, in large pages.
_TUNABLES = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=200:glibc.malloc.hugetlb=1"}  # a tenth less time
_CPUCLOCK_SCHED = 2  # with the pid, the clock that clock_getcpuclockid(3) gives: the processor time of a process


class QueryProcessError(ParkGraphError):
    """A query process did not start, or ended before it answered."""


class Confined(Protocol):
    """What a new process is told: a data class, whose fields are JSON."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class ForkServer:
    """A process that forks others (server/query/forkserver.py); it is started at once, and again if it has ended."""

    def __init__(self, module: str = "server.query.worker") -> None:
        """module: runs as that process."""
        self._module = module
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # A process group of its own, and signals to stop blocked: those meant for the server are not for it, nor for
        # queries that requests still wait for; it ends when the socket closes, which the kernel does in any case.
        # No session: to each the kernel gives the same share of time, whatever the priorities of its processes.
        command = [sys.executable, "-P", "-m", self._module, str(theirs.fileno())]
        with signals.blocked():
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,
                env={**_TUNABLES, **os.environ, "RUST_BACKTRACE": "0"},  # a query out of memory is no crash to explain
            )
        theirs.close()

    def fork(self, confinement: Confined) -> QueryProcess:
        """Ask for a process; it is usable when `QueryProcess.wait_until_ready` returns."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        message = json.dumps(asdict(confinement)).encode()
        with theirs, self._lock:
            try:
                socket.send_fds(self._control, [message], [theirs.fileno()])
            except OSError:
                self._control.close()
                self._process.wait()
                self._start()
                socket.send_fds(self._control, [message], [theirs.fileno()])
        return QueryProcess(Channel(ours))

    @property
    def children(self) -> int:
        """How many query processes there are at the moment."""
        try:
            return len(Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_bytes().split())
        except OSError:
            return 0

    def close(self) -> None:
        """End it, and with it every process that it has forked."""
        self._control.close()
        self._process.wait()


class QueryProcess:
    """One query process, used by one thread at a time."""

    regains_priority = True  # whether one that lost its priority can have it again, until the system has refused that

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._poll = select.poll()
        self._poll.register(channel.fileno(), select.POLLIN)
        self._pidfd = -1
        self._pid = 0
        self._has_priority = True
        self._has_all_cores = False
        self.sandbox_error: str | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request: it has not ended, and has nothing to say that was not asked."""
        return self._pidfd >= 0 and not self._poll.poll(0)

    def wait_until_ready(self) -> None:
        """Return when it has opened its store; QueryProcessError if it cannot."""
        if self._pidfd >= 0:
            return
        try:
            if not self.answered(_START_SECONDS):
                raise QueryProcessError("a query process did not start in time")
            message, pidfd = self._channel.receive()
        except (EOFError, OSError) as error:
            raise QueryProcessError("a query process ended while it started") from error
        handshake = json.loads(message)
        assert pidfd is not None  # noqa: S101 - the worker sends it
        self._pidfd = pidfd
        self._pid = handshake["pid"]
        self.sandbox_error = handshake.get("sandbox")
        if not handshake["ready"]:
            raise QueryProcessError(
                f"query processes cannot be kept from the network here ({self.sandbox_error}); "
                "PARKGRAPH_REQUIRE_SANDBOX=false serves all the same"
            )

    @property
    def processor_seconds(self) -> float:
        """The processor time that it has used so far, 0 if it has ended."""
        try:
            return time.clock_gettime(~self._pid << 3 | _CPUCLOCK_SCHED)
        except OSError:
            return 0.0

    def ask(self, request: bytes) -> None:
        try:
            self._channel.send(request)
        except OSError as error:
            raise QueryProcessError("the query process has ended") from error

    def answered(self, seconds: float) -> bool:
        """Wait for the beginning of the answer, or the end of the process; False if the time is over before."""
        return bool(self._poll.poll(max(0.0, seconds) * 1000))

    def receive(self) -> tuple[dict[str, Any], bytes | int]:
        """The reply, and the body or the descriptor of a file that holds it; QueryProcessError if it has ended."""
        try:
            message, descriptor = self._channel.receive()
        except (EOFError, OSError) as error:
            raise QueryProcessError("the query process has ended") from error
        head, _, body = message.partition(b"\n")
        return json.loads(head), body if descriptor is None else descriptor

    def take_all_cores(self) -> None:
        if not self._has_all_cores:
            self._has_all_cores = True
            cores.give_all(self._pid)

    def leave_cores(self) -> None:
        """Go back to those of this web process."""
        if self._has_all_cores:
            self._has_all_cores = False
            cores.give_share(self._pid)

    def lower_priority(self) -> None:
        self._has_priority = False
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self._pid, _NICE)

    def restore_priority(self) -> bool:
        """Whether it has the priority that it began with, or is given it again, which takes CAP_SYS_NICE."""
        if not self._has_priority:
            try:
                with contextlib.suppress(ProcessLookupError):
                    os.setpriority(os.PRIO_PROCESS, self._pid, os.getpriority(os.PRIO_PROCESS, 0))
                    self._has_priority = True
            except PermissionError:
                QueryProcess.regains_priority = False
        return self._has_priority

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it now, whatever it is doing; a second call does nothing."""
        self._signal(signal.SIGKILL)
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        self._channel.close()

    def end(self) -> None:
        """End it, and wait until it is gone: what it has started goes with it."""
        self._signal(signal.SIGKILL)
        if self._pidfd >= 0:
            ended = select.poll()
            ended.register(self._pidfd, select.POLLIN)
            ended.poll(_END_SECONDS * 1000)
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)
