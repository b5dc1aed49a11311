"""Maps units on other machines: on the workers of Dask's distributed scheduler (docs/scale.md)."""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import pickle
import time
import warnings
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from core.errors import InputError
from core.files import file_digest
from mapping import cluster_worker
from mapping.cluster_worker import Job, other_version
from mapping.kept import text_digest
from mapping.shared_folder import PACKAGES, SharedFolder, reason
from mapping.unit_mapping import MappedUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from distributed import Client, Future

    from mapping.unit_mapping import Knowledge
    from mapping.units import Unit, UnitPlace

Result = TypeVar("Result")
_CONNECT = 10  # seconds in which a scheduler answers
_PATIENCE = 60  # seconds in which a first worker comes, or another one after all have gone
_LOOK = 2  # seconds after which it is looked whether there are workers
_AHEAD = 4  # units that are given out at a time for each thread of the workers
_SCHEMES = ("tcp", "tls")
_TLS = (
    "set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and"
    " DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY to their files"
)


@dataclass(frozen=True)
class Cluster:
    """A cluster to map units on.

    address: of its scheduler. project: path or URL of the project, and runs: of a folder for what is mapped, as the
    workers see them.
    """

    address: str
    project: str
    runs: str

    @contextmanager
    def connect(self) -> Iterator[Workers]:
        """Its workers, each of which has the version of this process; InputError if there is none, or another."""
        logger = logging.getLogger("distributed")
        level = logger.level
        logger.setLevel(logging.CRITICAL)  # what it would say is said in an InputError
        try:
            with _client(self.address) as client:
                runs = SharedFolder(self.runs).under(uuid4().hex)
                workers = Workers(client, self, runs)
                workers.check()
                try:
                    yield workers
                finally:
                    with suppress(InputError):  # of a store that is lost, which is said already
                        runs.remove()
        finally:
            logger.setLevel(level)


def _client(address: str) -> Client:
    """A client of the scheduler; InputError if there is none at the address."""
    try:
        from distributed import Client  # noqa: PLC0415 - builds without other machines do without it
    except ImportError as error:
        raise InputError(f"--cluster needs packages that are not installed ({error}): {PACKAGES}") from error
    try:
        _check_address(address)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are compared here
            return Client(address, timeout=_CONNECT, set_as_default=False, name="parkgraph")
    except (OSError, ValueError) as error:
        raise InputError(
            f"no scheduler of Dask answers at {address}: {reason(error)}; start it with 'dask scheduler',"
            " and give its address, such as tcp://host:8786"
        ) from error


def _check_address(address: str) -> None:
    """OSError or ValueError if it is no address of a scheduler; InputError if it needs settings that are missing."""
    from distributed.comm.addressing import resolve_address  # noqa: PLC0415
    from distributed.security import Security  # noqa: PLC0415

    scheme = resolve_address(address).partition("://")[0]
    if scheme not in _SCHEMES:
        raise ValueError(f"an address begins with {' or '.join(_SCHEMES)}")
    if scheme == "tls" and Security().get_connection_args("client")["ssl_context"] is None:
        raise InputError(f"--cluster {address} needs certificates: {_TLS}")


class Workers:
    """The workers of a cluster, for one build. runs: a folder of this build."""

    def __init__(self, client: Client, cluster: Cluster, runs: SharedFolder) -> None:
        self._client, self._cluster, self._runs = client, cluster, runs
        self._seen = time.monotonic()  # when there was a worker

    def check(self) -> None:
        """InputError if no worker comes, or one has another version."""
        while not self._threads():
            self._wait_for_workers()
            time.sleep(_LOOK)
        self._compare_versions()

    def map(
        self, function: Callable[[Knowledge, Unit], Result], knowledge: Knowledge, places: Iterable[UnitPlace]
    ) -> Iterator[Result]:
        """What the function gives of each unit, in their order.

        InputError if that cannot be had, as when all workers have gone for a while.
        """
        job = self._share(function, knowledge)
        tasks = (self._submit(job, place) for place in places)
        running = deque(islice(tasks, _AHEAD * self._threads()))
        while running:
            done = self._wait(running.popleft())
            running.extend(islice(tasks, max(_AHEAD * self._threads() - len(running), 1)))
            for name, digest in done.texts.items():
                if text_digest(job.texts, name) != digest:
                    raise InputError(f"the worker {done.worker} has another text {name} than this machine")
            if isinstance(done.result, MappedUnit) and done.result.run_key:
                done.result.run, done.result.run_key = self._run(done.result.run_key.hex()), b""
            result: Result = done.result
            yield result

    def _share(self, function: Callable[[Knowledge, Unit], Any], knowledge: Knowledge) -> Job:
        """Put the knowledge where workers read it."""
        data, path = pickle.dumps(knowledge), knowledge.known.path
        name, known = hashlib.sha256(data).hexdigest(), file_digest(path) if path else ""
        self._runs.write(name, data)
        if path:
            self._runs.send(path, known)
        version = cluster_worker.version()
        return Job(function, version, self._cluster.project, self._runs.url, name, known, knowledge.texts)

    def _submit(self, job: Job, place: UnitPlace) -> Future[cluster_worker.Done]:
        return self._client.submit(cluster_worker.work, job, place, place.read().digest(), pure=False)

    def _run(self, name: str) -> bytes:
        run = self._runs.read(name)
        if hashlib.sha256(run).hexdigest() != name:
            raise InputError(f"{self._runs}/{name} is not as a worker has written it: build again")
        return run

    def _wait(self, future: Future[cluster_worker.Done]) -> cluster_worker.Done:
        from distributed.client import FutureCancelledError  # noqa: PLC0415
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        while True:
            try:
                done: cluster_worker.Done = future.result(timeout=_LOOK)
            except TimeoutError:
                self._wait_for_workers()
            except FutureCancelledError as error:
                raise self._lost(error) from error
            except KilledWorker as error:
                message = f"{error.allowed_failures + 1} workers were killed while they mapped a unit, the last of them"
                raise InputError(f"{message} {error.last_worker.address}, perhaps for lack of memory") from error
            except InputError:
                raise
            except Exception:  # of a worker that has no, or another, version of what it is to do
                self._compare_versions()
                raise
            else:
                self._seen = time.monotonic()
                return done

    def _wait_for_workers(self) -> None:
        """InputError if there has been no worker for a while."""
        if self._threads():
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > _PATIENCE:
            message = f"no worker has been connected to the scheduler {self._cluster.address} for {_PATIENCE} seconds"
            raise InputError(f"{message}: start some with 'dask worker {self._cluster.address}', and build again")

    def _threads(self) -> int:
        """The number of threads of all workers."""
        try:
            return sum(self._client.nthreads().values())
        except Exception as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> InputError:
        return InputError(
            f"the connection to the scheduler {self._cluster.address} is lost: {reason(error)}; what was mapped is"
            " kept: build again when it is back"
        )

    def _compare_versions(self) -> None:
        ours = cluster_worker.version()
        try:
            theirs = self._client.run(cluster_worker.version, on_error="return")
        except Exception as error:
            raise self._lost(error) from error
        for worker, found in theirs.items():
            if isinstance(found, OSError):
                continue  # it has gone
            if found != ours:
                raise InputError(other_version(worker, self._describe(worker, found), ours))

    def _describe(self, worker: str, found: object) -> str:
        """The version of a worker, as far as it can be known, that could not tell it as this process does."""
        if not isinstance(found, Exception):
            return str(found)
        version = self._client.run(importlib.metadata.version, "parkgraph", workers=[worker], on_error="return")[worker]
        return "no parkgraph" if isinstance(version, Exception) else f"parkgraph {version}"
