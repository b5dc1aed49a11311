"""The work of a worker of a cluster: it maps a unit that it reads from a shared folder, and writes its run to another.

A worker is used if it has the version of what builds, code and libraries, for equal input has to give equal bytes.
"""

from __future__ import annotations

import hashlib
import pickle
import platform
import threading
from dataclasses import replace
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from core import __version__
from core.errors import InputError
from core.files import file_digest
from mapping.kept import code_digest, text_digest
from mapping.known import Known
from mapping.shared_folder import SharedFolder
from mapping.unit_mapping import MappedUnit

if TYPE_CHECKING:
    from collections.abc import Callable

    from mapping.unit_mapping import Knowledge
    from mapping.units import Unit, UnitPlace

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

    function: what is done with each. data, runs: path or URL of the project, and of the folder for the runs. knowledge,
    known: names of files there, which are their digests; known: of what is looked up, if there is such a file. texts:
    folder of the articles' texts.
    """

    function: Callable[[Knowledge, Unit], Any]
    version: Version
    data: str
    runs: str
    knowledge: str
    known: str
    texts: Path | None


class Done(NamedTuple):
    """The result for a unit; its run is in the folder. texts: name → digest of each text that was looked up."""

    worker: str
    result: Any
    texts: dict[str, bytes]


def work(job: Job, place: UnitPlace, digest: bytes) -> Done:
    """Map a unit. digest: of its bytes. InputError if anything here is not as it is for the process that builds."""
    from distributed import get_worker  # noqa: PLC0415 - a worker has it

    worker = get_worker().address
    if version() != job.version:
        raise InputError(other_version(worker, str(version()), job.version))
    try:
        result = _map(job, place, digest)
    except InputError as error:
        raise InputError(f"the worker {worker}: {error}") from error
    texts = result.needed.texts if isinstance(result, MappedUnit) else ()
    return Done(worker, result, {name: text_digest(job.texts, name) for name in texts})


def _map(job: Job, place: UnitPlace, digest: bytes) -> Any:
    runs, data = SharedFolder(job.runs), SharedFolder(job.data)
    unit = place.read(lambda piece: data.read(piece.name, piece.offset, piece.offset + piece.length))
    if unit.digest() != digest:
        raise InputError(f"{data}/{unit.parts[0].name} is not as the machine that builds has read it")
    knowledge = _knowledge(job.runs, job.knowledge, job.known)
    with _ONE:
        result = job.function(knowledge, unit)
    if isinstance(result, MappedUnit) and result.run:
        name = hashlib.sha256(result.run).hexdigest()
        runs.write(name, result.run)
        result.run_key, result.run = bytes.fromhex(name), b""
    return result


def other_version(worker: str, theirs: str, ours: Version) -> str:
    """A sentence on a worker of another version."""
    return (
        f"the worker {worker} has another version: {theirs}; this machine has {ours}:"
        " install the same on all machines, and start the worker again"
    )


def _knowledge(*source: str) -> Knowledge:
    """The knowledge that a folder has under two names, which a thread reads once."""
    if getattr(_local, "source", None) != source:
        folder, name, known = SharedFolder(source[0]), *source[1:]
        data = folder.read(name)
        if hashlib.sha256(data).hexdigest() != name:
            raise InputError(f"{folder}/{name} is not as it was written")
        knowledge: Knowledge = pickle.loads(data)  # noqa: S301 - its digest says that the build has written it
        if known:
            copy = _copy(folder, known)
            knowledge = replace(knowledge, known=Known(knowledge.known.ids, copy))
        _local.source, _local.knowledge = source, knowledge
    found: Knowledge = _local.knowledge
    return found


def _copy(folder: SharedFolder, name: str) -> Path:
    """A copy of a file in a folder of this thread, in place of the last one."""
    if not hasattr(_local, "copies"):
        _local.copies = TemporaryDirectory(prefix="parkgraph-")
    for old in Path(_local.copies.name).iterdir():
        old.unlink()
    copy = Path(_local.copies.name) / name
    folder.fetch(name, copy)
    if file_digest(copy) != name:
        raise InputError(f"{folder}/{name} is not as it was written")
    return copy
