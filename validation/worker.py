"""A validation process: validates what one client has sent, confined, and ends.

`python -m validation.worker FD` forks them (server/query/forkserver.py). The request is a line of JSON, a Task, and
after it the data. The reply is a line of JSON and after it the outcome in the form that is asked for: `violations`, or
instead `problem`, a word of the server's for why there is no outcome, with what it is `about`.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.memory import collect_rarely
from release.reader import open_release
from server.model.serialization import UnwritableError
from server.query import forkserver, sandbox
from server.query.channel import Channel
from validation.rdf import MOST_CHECKED, NoShapesError, RdfValidation
from validation.records import check_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph as ox

    from release.reader import Release
    from validation.outcome import Outcome

_RECORDS = {"yaml": ".yaml", "jsonl": ".jsonl"}


@dataclass(frozen=True)
class Confinement:
    """Folders that a process reads, and its limits in MiB; project: may be empty."""

    releases: str
    release: str
    project: str
    memory: int
    files: int
    require_sandbox: bool


@dataclass(frozen=True)
class Task:
    """Data to validate in a format, `yaml`, `jsonl` or the extension of an RDF format.

    form: of the outcome (validation/outcome.py). file: name in the project, or empty. work: an empty folder.
    """

    format: str
    form: str
    file: str
    work: str


def run(descriptor: int, request: Mapping[str, Any], parent: int) -> None:
    """Answer one request over the channel. request: the fields of a Confinement."""
    confinement = Confinement(**request)
    channel = Channel(socket.socket(fileno=descriptor))
    handshake = sandbox.enter(parent, is_required=confinement.require_sandbox) | {"pid": os.getpid()}
    release = open_release(confinement.release)
    store = release.open_store()  # the limit is of memory beyond what it takes
    sandbox.limit_memory(confinement.memory)
    resource.setrlimit(resource.RLIMIT_FSIZE, (confinement.files << 20, confinement.files << 20))
    pidfd = os.pidfd_open(os.getpid())
    channel.send(json.dumps(handshake).encode(), pidfd)
    os.close(pidfd)
    head, _, data = channel.receive()[0].partition(b"\n")
    task = Task(**json.loads(head))
    tempfile.tempdir = task.work
    collect_rarely()
    reply, body = _answer(_Validation(release, store, confinement), task, data)
    channel.send(json.dumps(reply).encode() + b"\n" + body)


class _TooLargeError(Exception):
    """The project has so many records that checking them all, as records have to be, takes longer than there is."""


class _Validation:
    """Validates data by what there is here."""

    def __init__(self, release: Release, store: ox.Store, confinement: Confinement) -> None:
        self._release, self._store, self._releases = release, store, Path(confinement.releases)
        self._project = Path(confinement.project) if confinement.project else None

    def outcome(self, task: Task, data: bytes) -> Outcome:
        base, work = self._release.base, Path(task.work)
        if suffix := _RECORDS.get(task.format):
            assert self._project is not None  # noqa: S101 - the server refuses records without a project
            if self._release.manifest.counts.triples > MOST_CHECKED:
                raise _TooLargeError
            return check_records(self._project, self._releases, base, data, task.file, suffix, work)
        return RdfValidation(self._release.manifest, self._store, self._project, work).outcome(data, task.format)


def _answer(validation: _Validation, task: Task, data: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        outcome = validation.outcome(task, data)
        return {"violations": outcome.violations}, outcome.write(task.form)
    except (NoShapesError, _TooLargeError) as error:
        return {"problem": "shapes" if isinstance(error, NoShapesError) else "size"}, b""
    except UnwritableError as error:
        return {"problem": "unwritable", "about": str(error)}, b""
    except ValueError as error:
        return {"problem": "file", "about": str(error)}, b""
    except (InputError, OSError) as error:  # of the project, the shapes, or temporary files: the server's keeper knows
        return {"problem": "server", "about": str(error)}, b""
    except (MemoryError, RecursionError):
        return {"problem": "memory"}, b""


if __name__ == "__main__":
    forkserver.serve(int(sys.argv[1]), run)
