"""Has data of clients validated, each by a process of its own, among the long queries of this web process.

What validates is another program (validation/worker.py), which the server knows by its name alone.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from server.query.deadlines import Deadline
from server.query.errors import ClientGoneError, QueryStoppedError, QueryTimeoutError
from server.query.processes import ForkServer, QueryProcessError

if TYPE_CHECKING:
    from collections.abc import Callable

    from release.reader import Release
    from server.query.pool import Queues
    from server.settings import Settings

_MODULE = "validation.worker"
_LOOK = 0.25  # seconds between two looks whether the client is there


@dataclass(frozen=True)
class _Confinement:
    """The Confinement of validation/worker.py."""

    releases: str
    release: str
    project: str
    memory: int
    files: int
    require_sandbox: bool


class _Watch(Deadline):
    def error(self) -> QueryTimeoutError:
        return QueryTimeoutError(f"the validation took longer than {self.seconds:g} seconds")


class Validator:
    """Validates data; any thread may call it. The process that forks others starts with the first data."""

    def __init__(self, settings: Settings, queues: Queues) -> None:
        self._settings, self._queues = settings, queues
        self._lock = threading.Lock()
        self._forkserver: ForkServer | None = None

    @property
    def has_project(self) -> bool:
        """Whether there is a project, whose records can be checked."""
        return bool(self._settings.project)

    def validate(
        self, release: Release, task: dict[str, str], data: bytes, client: str, is_there: Callable[[], bool]
    ) -> tuple[dict[str, Any], bytes]:
        """The reply to a task (validation/worker.py), and the outcome.

        is_there: whether the client is seen to have a connection; when it is no more, the validation ends.

        Raises a QueryError, ServerBusyError, ClientQuotaError or QueryProcessError. Nothing is kept of the data.
        """
        watch, queue = _Watch(self._settings.query_seconds), self._queues.slow
        queue.enter(client, watch.at)
        try:
            with TemporaryDirectory(prefix="parkgraph-", ignore_cleanup_errors=True) as work:
                return self._ask(release, task | {"work": work}, data, watch, is_there)
        finally:
            queue.leave(client)

    def _ask(
        self, release: Release, task: dict[str, str], data: bytes, watch: _Watch, is_there: Callable[[], bool]
    ) -> tuple[dict[str, Any], bytes]:
        process = self._forks().fork(self._confinement(release))
        try:
            process.wait_until_ready()
            process.ask(json.dumps(task).encode() + b"\n" + data)  # which it reads at once, and so with priority
            process.lower_priority()
            was_there = is_there()
            while not process.answered(min(_LOOK, watch.left)):
                if watch.left <= 0:
                    raise watch.error()
                if was_there and not is_there():
                    raise ClientGoneError
                was_there = was_there or is_there()
            try:
                reply, body = process.receive()
            except QueryProcessError as error:
                raise QueryStoppedError(
                    "the validation was stopped: the data are nested too deeply, or need more memory than the "
                    f"{self._settings.query_memory} MiB that there are for it, or its process was killed"
                ) from error
        finally:
            process.end()
        assert isinstance(body, bytes)  # noqa: S101 - it sends no file
        return reply, body

    def _confinement(self, release: Release) -> _Confinement:
        settings = self._settings
        return _Confinement(
            str(settings.releases.resolve()),
            str(release.path.resolve()),
            settings.project,
            settings.query_memory,
            settings.query_result,
            settings.require_sandbox,
        )

    def _forks(self) -> ForkServer:
        with self._lock:
            if self._forkserver is None:
                self._forkserver = ForkServer(_MODULE)
            return self._forkserver

    @property
    def processes(self) -> int:
        """How many data are being validated."""
        return self._forkserver.children if self._forkserver is not None else 0

    def close(self) -> None:
        """End its processes."""
        with self._lock:
            if self._forkserver is not None:
                self._forkserver.close()
