"""A query process: opens the store of one release and answers one query after the other, confined.

It is forked from the fork server and talks over one connection. For each request, a JSON object, it sends one reply: a
line of JSON, and after it the body, in the same message or, where it is large, as the descriptor of a file.
Results are created, serialised and dropped in the one thread of the process: the engine wants it so.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from typing import Any

from core.errors import QuerySyntaxError
from core.evaluation import explain
from release.reader import open_release
from server.model.serialization import UnwritableError
from server.query import sandbox
from server.query.engine import Engine, GraphRequest, Request, from_bytes
from server.query.errors import ResultSizeError, ServiceError
from server.query.writing import INLINE, Spool
from server.temporary import TemporaryFileError


@dataclass(frozen=True)
class Confinement:
    """The release and the limits of a query process; sizes in MiB."""

    release: str
    memory: int
    result: int
    require_sandbox: bool


def run(descriptor: int, confinement: Confinement, forkserver: int) -> None:
    """Serve the connection until its other end is closed."""
    connection = Connection(descriptor)
    sandbox.die_with_parent(forkserver)
    sandbox.no_core_file()
    handshake: dict[str, Any] = {"ready": True}
    try:
        # before the stores are opened: the threads that the engine starts inherit it
        sandbox.deny_network()
    except sandbox.SandboxError as error:
        handshake = {"ready": not confinement.require_sandbox, "sandbox": str(error)}
    engine = Engine(open_release(confinement.release))
    sandbox.limit_memory(confinement.memory)
    handshake["pid"] = os.getpid()
    _send(connection, handshake)
    pidfd = os.pidfd_open(os.getpid())
    send_handle(connection, pidfd, None)
    os.close(pidfd)
    while True:
        try:
            request = from_bytes(connection.recv_bytes())
        except (EOFError, ConnectionError):
            return
        _answer(connection, engine, request, confinement.result << 20)


def _answer(connection: Connection, engine: Engine, request: Request | GraphRequest, limit: int) -> None:
    spool = Spool(limit)
    try:
        outcome = engine.answer(request, spool)
        spool.rewind()
    except (
        QuerySyntaxError,
        ValueError,
        MemoryError,
        ServiceError,
        ResultSizeError,
        UnwritableError,
        TemporaryFileError,
        OSError,
        RuntimeError,
    ) as error:
        _send(connection, _to_reply(error))
        return
    if outcome.format is None:
        _send(connection, {"error": "format", "form": "graph" if outcome.form == "graph" else "results"})
        return
    inline = spool.size <= INLINE
    reply = {"form": outcome.form, "format": outcome.format.extension, "truncated": outcome.truncated}
    reply["version"] = spool.version
    _send(connection, {**reply, "size": spool.size, "inline": inline}, spool.file.read() if inline else b"")
    if not inline:
        send_handle(connection, spool.file.fileno(), None)
    spool.file.close()


def _to_reply(error: Exception) -> dict[str, Any]:
    text = str(error)
    match error:
        case QuerySyntaxError():
            return {"error": "syntax", "detail": error.reason, "line": error.line, "column": error.column}
        case ValueError():  # an IRI that is none, among the graphs of the request
            return {"error": "syntax", "detail": text}
        case RuntimeError():
            return {"error": "evaluation", "detail": explain(error)}
        case TemporaryFileError() | OSError():  # of a result, or of the store
            return {"error": "file", "detail": text}
    kinds = {ServiceError: "service", UnwritableError: "unwritable", MemoryError: "memory", ResultSizeError: "size"}
    return {"error": kinds[type(error)], "detail": text}


def _send(connection: Connection, message: dict[str, Any], body: bytes = b"") -> None:
    connection.send_bytes(json.dumps(message).encode() + b"\n" + body)
