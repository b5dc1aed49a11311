"""Runs queries in query processes within limits of time, memory, size and number.

A query starts in the light lane. One that takes longer than a moment moves to the heavy lane: it gives its place to
others, loses priority and, where the heavy lane is full, is paused until there is a place. So short queries never
wait behind long ones.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ParkGraphError
from core.formats import Format, by_extension
from server.lanes import Lane, Lanes, LaneSizes, QueueFullError
from server.processes import QueryProcess, WorkerFailedError, Zygote
from server.worker import Confinement, Request

if TYPE_CHECKING:
    from pathlib import Path

    from server.settings import Settings

HEAVY_AFTER = 0.1  # seconds


class QueryError(ParkGraphError):
    """A query has no answer.

    QueryError
    ├── SyntaxFault         it is not SPARQL; `line` and `column` say where, where the engine told
    ├── FormatFault         its form (`results` or `graph`) comes in none of the formats asked for
    ├── EvaluationFault     the engine could not evaluate it
    ├── TimeFault           it took longer than it may
    ├── MemoryFault         it needed more memory than it may
    ├── SizeFault           its result is larger than it may be
    └── BusyFault           too many queries run and wait already
    """


class SyntaxFault(QueryError):  # noqa: N818 - a kind of QueryError
    def __init__(self, message: str, line: int | None, column: int | None) -> None:
        super().__init__(message)
        self.line, self.column = line, column


class FormatFault(QueryError):  # noqa: N818 - a kind of QueryError
    def __init__(self, form: str) -> None:
        super().__init__(f"a result of the form '{form}' comes in none of the formats asked for")
        self.form = form


class EvaluationFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class TimeFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class MemoryFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class SizeFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class BusyFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


@dataclass(frozen=True)
class Answer:
    """The whole answer to a query: its format, its size in bytes, and it itself, or the descriptor of its file."""

    format: Format
    size: int
    body: bytes | int


class Pool:
    """Query processes of one release; any thread may call it."""

    def __init__(self, zygote: Zygote, store: Path, settings: Settings) -> None:
        self._zygote = zygote
        self._settings = settings
        self._confinement = Confinement(
            str(store), settings.query_memory, settings.query_result, settings.require_sandbox
        )
        self._lanes = Lanes(LaneSizes(settings.query_light, settings.query_heavy, settings.query_queue))
        self._lock = threading.Lock()
        self._idle: deque[QueryProcess] = deque([zygote.fork(self._confinement)])
        self._closed = False

    @property
    def query_length(self) -> int:
        """How many bytes a query may have."""
        return self._settings.query_length << 20

    def wait_until_ready(self) -> str | None:
        """Return when the first process can answer, with what is wrong with its sandbox if that is tolerated."""
        process = self._take()
        self._give_back(process)
        return process.sandbox_fault

    def run(self, request: Request) -> Answer:
        """Answer the query; raises one of the QueryErrors."""
        deadline = time.monotonic() + self._settings.query_seconds
        try:
            if not self._lanes.enter(Lane.LIGHT, deadline):
                raise BusyFault("the server is busy with other queries")
        except QueueFullError as error:
            raise BusyFault("the server is busy with other queries") from error
        lane: Lane | None = Lane.LIGHT
        process: QueryProcess | None = None
        try:
            process = self._take()
            process.ask(request)
            if not process.answered(min(HEAVY_AFTER, deadline - time.monotonic())):
                lane = None
                self._move(process, deadline)
                lane = Lane.HEAVY
                if not process.answered(deadline - time.monotonic()):
                    raise TimeFault(f"the query took longer than {self._settings.query_seconds:g} seconds")
            answer = self._receive(process, deadline)
            if lane is Lane.LIGHT:
                self._give_back(process)
                process = None
            return answer
        finally:
            if process is not None:  # failed, or it has lost its priority: others shall not suffer from that
                process.kill()
                self._keep_one_ready()
            if lane is not None:
                self._lanes.leave(lane)

    def close(self) -> None:
        """End the processes; nobody runs a query any more."""
        with self._lock:
            self._closed = True
            processes, self._idle = self._idle, deque()
        for process in processes:
            process.kill()

    def _move(self, process: QueryProcess, deadline: float) -> None:
        """From the light lane, whose place is given up in any case, to the heavy one."""
        try:
            process.lower_priority()
            if self._lanes.try_enter(Lane.HEAVY):
                return
            process.pause()
        finally:
            self._lanes.leave(Lane.LIGHT)
            self._keep_one_ready()
        try:
            if not self._lanes.enter(Lane.HEAVY, deadline):
                raise BusyFault("the server is busy with other long queries")
        except QueueFullError as error:
            raise BusyFault("the server is busy with other long queries") from error
        process.resume()

    def _receive(self, process: QueryProcess, deadline: float) -> Answer:
        try:
            reply, body = process.receive(deadline)
        except WorkerFailedError as error:
            raise self._out_of_memory() from error
        match reply.get("error"):
            case None:
                format_ = by_extension(reply["format"])
                if format_ is None:
                    raise EvaluationFault("the answer is in an unknown format")
                return Answer(format_, reply["size"], body)
            case "syntax":
                raise SyntaxFault(reply["detail"], reply.get("line"), reply.get("column"))
            case "format":
                raise FormatFault(reply["form"])
            case "memory":
                raise self._out_of_memory()
            case "size":
                raise SizeFault(f"the result is larger than {self._settings.query_result} MiB")
            case _:
                raise EvaluationFault("the engine could not evaluate the query")

    def _out_of_memory(self) -> MemoryFault:
        return MemoryFault(
            f"the query was stopped: it needs more memory than the {self._settings.query_memory} MiB a query has"
        )

    def _take(self) -> QueryProcess:
        """A process that waits for a request: one at hand, or a new one."""
        while True:
            with self._lock:
                process = self._idle.popleft() if self._idle else None
            if process is None:
                process = self._zygote.fork(self._confinement)
            try:
                process.wait_until_ready()
            except WorkerFailedError:
                process.kill()
                raise
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
