"""The work of a worker of a cluster: it maps a unit that it reads from a shared folder, and writes its run to another.

A worker is used if it has the version of what builds, code and libraries, for equal input has to give equal bytes.
"""

from __future__ import annotations

import hashlib
import pickle
import platform
import threading
from functools import cache
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, NamedTuple

from core import __version__
from core.errors import InputError
from mapping.kept import code_digest, text_digest
from mapping.shared_folder import SharedFolder
from mapping.unit_mapping import MappedUnit, map_unit

if TYPE_CHECKING:
    from pathlib import Path

    from mapping.articles import UnitPlace
    from mapping.unit_mapping import Knowledge

_local = threading.local()  # what a thread has read last: a database of it belongs to one thread
_ONE = threading.Lock()  # threads map one after the other; they read and write side by side


class Version(NamedTuple):
    """Versions that the result of a unit depends on. code: digest of ParkGraph's code."""

    parkgraph: str
    code: str
    pyoxigraph: str
    python: str

    def __str__(self) -> str:
        return f"parkgraph {self.parkgraph} (code {self.code[:12]}), pyoxigraph {self.pyoxigraph}, Python {self.python}"


@cache
def version() -> Version:
    """The version of this process."""
    return Version(__version__, code_digest(), version_of("pyoxigraph"), platform.python_version())


class Job(NamedTuple):
    """All that the units of a build have in common.

    data, runs: path or URL of the project, and of the folder for the runs. knowledge: name of a file there, which is
    its digest. texts: folder of the articles' texts.
    """

    version: Version
    data: str
    runs: str
    knowledge: str
    texts: Path | None


class Done(NamedTuple):
    """The result for a unit; its run is in the folder. texts: name → digest of each text that was looked up."""

    worker: str
    mapped: MappedUnit
    texts: dict[str, bytes]


def work(job: Job, place: UnitPlace, digest: bytes) -> Done:
    """Map a unit. digest: of its bytes. InputError if anything here is not as it is for the process that builds."""
    from distributed import get_worker  # noqa: PLC0415 - a worker has it

    worker = get_worker().address
    if version() != job.version:
        raise InputError(other_version(worker, str(version()), job.version))
    try:
        mapped = _map(job, place, digest)
    except InputError as error:
        raise InputError(f"the worker {worker}: {error}") from error
    return Done(worker, mapped, {name: text_digest(job.texts, name) for name in mapped.needed.texts})


def _map(job: Job, place: UnitPlace, digest: bytes) -> MappedUnit:
    runs, data = SharedFolder(job.runs), SharedFolder(job.data)
    knowledge = _knowledge(job)
    unit = place.read(lambda piece: data.read(piece.name, piece.offset, piece.offset + piece.length))
    if unit.digest() != digest:
        raise InputError(f"{data}/{unit.parts[0].name} is not as the machine that builds has read it")
    with _ONE:
        mapped = map_unit(knowledge, unit)
    if mapped.run:
        name = hashlib.sha256(mapped.run).hexdigest()
        runs.write(name, mapped.run)
        mapped.run_key, mapped.run = bytes.fromhex(name), b""
    return mapped


def other_version(worker: str, theirs: str, ours: Version) -> str:
    """A sentence on a worker of another version."""
    return (
        f"the worker {worker} has another version: {theirs}; this machine has {ours}:"
        " install the same on all machines, and start the worker again"
    )


def _knowledge(job: Job) -> Knowledge:
    """The knowledge of a job, which a thread reads once."""
    found: tuple[Job, Knowledge] | None = getattr(_local, "found", None)
    if found is None or found[0] != job:
        data = SharedFolder(job.runs).read(job.knowledge)
        if hashlib.sha256(data).hexdigest() != job.knowledge:
            raise InputError(f"{job.runs}/{job.knowledge} is not as it was written")
        found = _local.found = job, pickle.loads(data)  # noqa: S301 - its digest says that the build has written it
    return found[1]
