"""Runs queries in query processes within limits of time, memory, size and number.

A query starts in the light lane. One that takes longer than a moment moves to the heavy lane: it gives its place to
others, loses priority and, where the heavy lane is full, is paused until there is a place. So short queries never
wait behind long ones.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, NoReturn

from core.formats import by_extension
from server.query.answers import Answer
from server.query.errors import (
    BusyFault,
    EvaluationFault,
    FormatFault,
    KilledFault,
    MemoryFault,
    ServiceFault,
    ShareFault,
    SizeFault,
    SyntaxFault,
    TimeFault,
    UnwritableFault,
)
from server.query.evaluator import Limits
from server.query.processes import QueryProcess, WorkerFailedError, Zygote
from server.query.queues import Lane, Lanes, LaneSizes, QueueFullError, ShareTakenError
from server.query.worker import Confinement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.reader import Release
    from server.query.engine import GraphRequest, Request
    from server.settings import Settings

HEAVY_AFTER = 0.1  # seconds


class _Watch:
    """The time that one query has, and what it has spent in waiting, in seconds."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self.deadline = self._began + seconds
        self.waited = 0.0

    @property
    def passed(self) -> float:
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()


def new_lanes(settings: Settings) -> Lanes:
    """The lanes of one web process: all releases that it serves share them."""
    return Lanes(LaneSizes(settings.query_light, settings.query_heavy, settings.query_queue, settings.client_heavy))


class Pool:
    """Query processes of one release; any thread may call it."""

    follows_release = True

    def __init__(self, zygote: Zygote, release: Release, settings: Settings, lanes: Lanes) -> None:
        self._zygote = zygote
        self._settings = settings
        self._confinement = Confinement(
            str(release.path), settings.query_memory, settings.query_result, settings.require_sandbox
        )
        self._lanes = lanes
        self._lock = threading.Lock()
        self._idle: deque[QueryProcess] = deque([zygote.fork(self._confinement)])
        self._closed = False

    @property
    def limits(self) -> Limits:
        """What holds for every query."""
        of = self._settings
        return Limits(
            of.query_seconds, of.query_memory, of.query_result, of.query_length, of.client_queries, of.client_heavy
        )

    @property
    def query_length(self) -> int:
        """How many bytes a query may have."""
        return self._settings.query_length << 20

    def wait_until_ready(self) -> str | None:
        """Return when the first process can answer, with what is wrong with its sandbox if that is tolerated."""
        process = self._take()
        self._give_back(process)
        return process.sandbox_fault

    def run(self, request: Request | GraphRequest, client: str = "", seconds: float | None = None) -> Answer:
        """Answer the request of a client; raises one of the QueryErrors.

        seconds: the time it has, waiting included, if that is less than the limit.
        """
        limit = min(seconds or math.inf, self._settings.query_seconds)
        watch = _Watch(limit)
        self._enter(Lane.LIGHT, client, watch)
        lane: Lane | None = Lane.LIGHT
        process: QueryProcess | None = None
        try:
            process = self._take()
            process.ask(request)
            if not process.answered(min(HEAVY_AFTER, watch.left)):
                lane = None
                self._move(process, client, watch)
                lane = Lane.HEAVY
                if not process.answered(watch.left):
                    raise TimeFault(f"the query took longer than {limit:g} seconds")
            answer = self._receive(process, watch)
            if lane is Lane.LIGHT:
                self._give_back(process)
                process = None
            return answer
        finally:
            if process is not None:  # failed, or it has lost its priority: others shall not suffer from that
                process.kill()
                self._keep_one_ready()
            if lane is not None:
                self._lanes.leave(lane, client)

    def close(self) -> None:
        """End the processes; nobody runs a query any more."""
        with self._lock:
            self._closed = True
            processes, self._idle = self._idle, deque()
        for process in processes:
            process.kill()

    def _enter(self, lane: Lane, client: str, watch: _Watch) -> None:
        """Wait for a place in the lane."""
        queries = "queries" if lane is Lane.LIGHT else "long queries"
        began = time.monotonic()
        try:
            entered = self._lanes.enter(lane, client, watch.deadline)
        except QueueFullError as error:
            raise BusyFault(f"the server is busy with other {queries}") from error
        except ShareTakenError as error:
            raise ShareFault(
                f"this client has {self._settings.client_heavy} long queries under way already; wait for one to end"
            ) from error
        watch.waited += time.monotonic() - began
        if not entered:
            raise BusyFault(f"the server is busy with other {queries}")

    def _move(self, process: QueryProcess, client: str, watch: _Watch) -> None:
        """From the light lane, whose place is given up in any case, to the heavy one."""
        try:
            process.lower_priority()
            if self._lanes.try_enter(Lane.HEAVY, client):
                return
            process.pause()
        finally:
            self._lanes.leave(Lane.LIGHT, client)
            self._keep_one_ready()
        self._enter(Lane.HEAVY, client, watch)
        process.resume()

    def _receive(self, process: QueryProcess, watch: _Watch) -> Answer:
        try:
            reply, body = process.receive(watch.deadline)
        except WorkerFailedError as error:
            if process.was_killed:
                raise KilledFault("the process that ran the query was killed") from error
            raise MemoryFault(
                "the query was stopped: it is nested too deeply, or needs more memory than the "
                f"{self._settings.query_memory} MiB a query has"
            ) from error
        if "error" in reply:
            self._fail(reply)
        format_ = by_extension(reply["format"])
        if format_ is None:
            raise EvaluationFault("the answer is in an unknown format")
        ran = watch.passed - watch.waited
        return Answer(format_, reply["size"], body, reply["form"], reply["cut"], watch.waited, ran)

    def _fail(self, reply: Mapping[str, Any]) -> NoReturn:
        """Raise what a query process tells instead of an answer (server/query/worker.py)."""
        match reply["error"]:
            case "syntax":
                raise SyntaxFault(reply["detail"], reply.get("line"), reply.get("column"))
            case "format":
                raise FormatFault(reply["form"])
            case "unwritable":
                raise UnwritableFault(reply["detail"])
            case "service":
                raise ServiceFault("this endpoint queries its own data alone: SERVICE is not allowed")
            case "memory":
                memory = self._settings.query_memory
                raise MemoryFault(f"the query was stopped: it needs more memory than the {memory} MiB a query has")
            case "size":
                raise SizeFault(f"the result is larger than {self._settings.query_result} MiB")
            case _:
                raise EvaluationFault("the engine could not evaluate the query")

    def _take(self) -> QueryProcess:
        """A process that waits for a request: one at hand, or a new one."""
        while True:
            with self._lock:
                current = self._idle.popleft() if self._idle else None
            process = current or self._zygote.fork(self._confinement)
            try:
                process.wait_until_ready()
            except WorkerFailedError:
                process.kill()
                if current is None:
                    raise
                continue
            if process.is_idle:
                return process
            process.kill()

    def _give_back(self, process: QueryProcess) -> None:
        with self._lock:
            if not self._closed:
                self._idle.appendleft(process)
                return
        process.kill()

    def _keep_one_ready(self) -> None:
        with self._lock:
            if not self._idle and not self._closed:
                self._idle.append(self._zygote.fork(self._confinement))
