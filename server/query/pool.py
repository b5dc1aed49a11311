"""Runs queries in query processes within limits of time, memory, size and number.

A query starts in the fast queue, on the cores of this web process. After a moment it has all cores, and one that has
used a processor for a moment loses priority, where its process can have that again afterwards. Later it moves to the
slow queue: it gives its place to others, loses priority in any case and, where the slow queue is full, is paused until
there is a place. So short queries never wait behind long ones. What counts is processor time, whoever else the machine
is busy with.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from server.query.answers import QueryResponse
from server.query.deadlines import Deadline
from server.query.errors import QueryStoppedError
from server.query.evaluator import Limits
from server.query.guard import LONGEST
from server.query.processes import ForkServer, QueryProcess, QueryProcessError
from server.query.requests import to_bytes
from server.query.worker import Confinement
from server.semantics.problem import HTTPProblem
from server.shares import FairQueue, WaitingRoom
from server.temporary import TemporaryFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.reader import Release
    from server.query.requests import Asked
    from server.settings import Settings

MOMENT, SLOW_AFTER = 0.02, 0.1  # seconds: of any time, and of processor time


class _Watch(Deadline):
    """The time that one query has, and the seconds that it has waited."""

    waited = 0.0


class Queues(NamedTuple):
    """The two queues of one web process, which all releases that it serves share."""

    fast: FairQueue
    slow: FairQueue


def new_queues(settings: Settings) -> Queues:
    """The queues, with one room to wait."""
    room, places, limit = WaitingRoom(settings.query_queue), settings.query_slow, settings.client_slow
    return Queues(
        FairQueue(settings.query_fast, room, "queries"),
        FairQueue(places, room, "long queries", client_places=places, client_limit=limit),
    )


class Pool:
    """Query processes of one release; any thread may call it."""

    follows_release = True

    def __init__(self, forkserver: ForkServer, release: Release, settings: Settings, queues: Queues) -> None:
        self._forkserver = forkserver
        self._settings = settings
        self.limits = Limits.of(settings, settings.query_memory)
        self._confinement = Confinement(
            str(release.path), settings.query_memory, settings.query_result, settings.require_sandbox
        )
        self._queues = queues
        self._lock = threading.Lock()
        self._idle: deque[QueryProcess] = deque([forkserver.fork(self._confinement)])
        self._closed = False

    def wait_until_ready(self) -> str | None:
        """Return when the first process can answer, with what is wrong with its sandbox if that is tolerated."""
        process = self._take()
        self._give_back(process)
        return process.sandbox_error

    def respond(
        self, environ: Mapping[str, str], asked: Asked, client: str = "", seconds: float | None = None
    ) -> QueryResponse:
        """Answer the request of a client; raises HTTPProblem, a QueryError, ServerBusyError or ClientQuotaError.

        seconds: the time it has, waiting included, if that is less than the limit and than what it asks for itself.
        """
        watch, message = _Watch(min(seconds or math.inf, self._settings.query_seconds)), to_bytes(environ, asked)
        queue: FairQueue | None = self._enter_first(len(message), client, watch)
        process: QueryProcess | None = None
        try:
            process = self._take()
            watch.waited = watch.passed
            used = process.processor_seconds
            process.ask(message)
            reply: dict[str, Any] = {"seconds": math.inf}
            body: bytes | int = b""
            while "seconds" in reply:
                watch.shorten(reply["seconds"])
                if not self._is_answered_fast(process, used, watch):
                    process.lower_priority()
                    if queue is self._queues.fast:
                        queue = None
                        self._move(process, client, watch)
                        queue = self._queues.slow
                if not process.answered(watch.left):
                    raise watch.error()
                reply, body = self._receive(process)
            if _is_harmless(reply) and process.restore_priority():
                self._give_back(process)
                process = None
            return self._read(reply, body, watch)
        finally:
            if process is not None:  # failed, or it has lost its priority: others shall not suffer from that
                process.kill()
                self._keep_one_ready()
            if queue is not None:
                queue.leave(client)

    def close(self) -> None:
        """End the processes; nobody runs a query any more."""
        with self._lock:
            self._closed = True
            processes, self._idle = self._idle, deque()
        for process in processes:
            process.kill()

    def _is_answered_fast(self, process: QueryProcess, used: float, watch: _Watch) -> bool:
        """Wait for what the process says; False when it has become slow, or its time is over.

        used: the processor time that the process had used before.
        """
        while not process.answered(min(MOMENT, watch.left)):
            process.take_all_cores()
            seconds = process.processor_seconds - used
            if seconds >= MOMENT and process.regains_priority:
                process.lower_priority()
            if watch.left <= 0 or seconds >= SLOW_AFTER:
                return False
        return True

    def _enter_first(self, length: int, client: str, watch: _Watch) -> FairQueue:
        """Wait for a place in the queue that the query belongs to, before anything else is known of it.

        A long text takes long to be read. A client that has slow queries under way has one place for others.
        """
        fast, slow = self._queues
        if length > LONGEST:
            self._enter(slow, client, watch)
            return slow
        self._enter(fast, client, watch, 1 if slow.has(client) else None)
        return fast

    def _enter(self, queue: FairQueue, client: str, watch: _Watch, places: int | None = None) -> None:
        """Wait for a place in the queue."""
        began = time.monotonic()
        queue.enter(client, watch.at, places)
        watch.waited += time.monotonic() - began

    def _move(self, process: QueryProcess, client: str, watch: _Watch) -> None:
        """From the fast queue, whose place is given up in any case, to the slow one."""
        try:
            if self._queues.slow.try_enter(client):
                return
            process.pause()
        finally:
            self._queues.fast.leave(client)
            self._keep_one_ready()
        self._enter(self._queues.slow, client, watch)
        process.resume()

    def _receive(self, process: QueryProcess) -> tuple[dict[str, Any], bytes | int]:
        """What the query process says, and the body of the answer or its descriptor."""
        try:
            return process.receive()
        except QueryProcessError as error:
            raise QueryStoppedError(
                "the query was stopped: it is nested too deeply, or needs more memory than the "
                f"{self._settings.query_memory} MiB a query has, or its process was killed"
            ) from error

    def _read(self, reply: dict[str, Any], body: bytes | int, watch: _Watch) -> QueryResponse:
        if "file" in reply:
            raise TemporaryFileError(reply["file"])
        if "problem" in reply:
            problem = reply["problem"]
            status, members = HTTPStatus(problem.pop("status")), problem.pop("members")
            raise HTTPProblem(status, **problem, **members)
        reply["parameters"] = tuple(map(tuple, reply["parameters"]))
        response = QueryResponse(body=body, **reply)
        response.tell_time(watch.waited, watch.passed)
        return response

    def _take(self) -> QueryProcess:
        """A process that waits for a request: one at hand, or a new one."""
        while True:
            with self._lock:
                current = self._idle.popleft() if self._idle else None
            process = current or self._forkserver.fork(self._confinement)
            try:
                process.wait_until_ready()
            except QueryProcessError:
                process.kill()
                if current is None:
                    raise
                continue
            if process.is_idle:
                return process
            process.kill()

    def _give_back(self, process: QueryProcess) -> None:
        process.leave_cores()
        with self._lock:
            if not self._closed:
                self._idle.appendleft(process)
                return
        process.kill()

    def _keep_one_ready(self) -> None:
        with self._lock:
            if not self._idle and not self._closed:
                self._idle.append(self._forkserver.fork(self._confinement))


def _is_harmless(reply: Mapping[str, Any]) -> bool:
    """Whether a query process has a response or refuses the request, and goes on with the next one."""
    return "file" not in reply and (
        "problem" not in reply or reply["problem"]["status"] < HTTPStatus.INTERNAL_SERVER_ERROR
    )
