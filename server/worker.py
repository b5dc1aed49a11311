"""A query process: opens the store of one release and answers one query after the other, confined.

It is forked from the zygote and talks over one connection. For each request, a JSON object, it sends one reply: a
JSON object, and after it the body, as a message of its own or, where it is large, as the descriptor of a file.
Results are created, serialised and dropped in the one thread of the process: the engine wants it so.
"""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from core.formats import by_extension
from server import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.formats import Format

INLINE = 1 << 20  # bytes; a larger body is handed over as a file
_PLACE = re.compile(r"error at (\d+):(\d+)")


@dataclass(frozen=True)
class Confinement:
    """How a query process is started; sizes in MiB."""

    store: str
    memory: int
    result: int
    require_sandbox: bool


@dataclass(frozen=True)
class Request:
    """One query; formats are given by extension, None where the client accepts none of that kind.

    The graphs are those of the protocol request, which replace FROM and FROM NAMED; None leaves these in force.
    """

    query: str
    base: str
    results: str | None
    graph: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


class _TooLargeError(Exception):
    """The result is larger than it may be."""


class _Spool(io.RawIOBase):
    """Takes what a serialiser writes: in memory while it is small, else in a file without a name."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.size = 0
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(INLINE)  # noqa: SIM115 - handed on, then closed

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        if self.size > self._limit:
            raise _TooLargeError
        return self.file.write(data)


def run(descriptor: int, confinement: Confinement, zygote: int) -> None:
    """Serve the connection until its other end is closed."""
    connection = Connection(descriptor)
    sandbox.die_with_parent(zygote)
    sandbox.no_core_file()
    greeting: dict[str, Any] = {"ready": True}
    try:
        # before the store is opened: the threads that the engine starts inherit it
        sandbox.deny_network()
    except sandbox.SandboxError as error:
        greeting = {"ready": not confinement.require_sandbox, "sandbox": str(error)}
    store = ox.Store.read_only(confinement.store)
    sandbox.limit_memory(confinement.memory)
    greeting["pid"] = os.getpid()
    _send(connection, greeting)
    pidfd = os.pidfd_open(os.getpid())
    send_handle(connection, pidfd, None)
    os.close(pidfd)
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except (EOFError, ConnectionError):
            return
        _answer(connection, store, Request(**request), confinement.result << 20)


def _answer(connection: Connection, store: ox.Store, request: Request, limit: int) -> None:
    spool = _Spool(limit)
    try:
        form, format_ = _evaluate(store, request, spool)
    except (SyntaxError, ValueError, MemoryError, _TooLargeError, OSError, RuntimeError) as error:
        _send(connection, _fault(error))
        return
    if format_ is None:
        _send(connection, {"error": "format", "form": form})
        return
    inline = spool.size <= INLINE
    _send(connection, {"form": form, "format": format_.extension, "size": spool.size, "inline": inline})
    spool.file.seek(0)
    if inline:
        connection.send_bytes(spool.file.read())
    else:
        send_handle(connection, spool.file.fileno(), None)
    spool.file.close()


def _fault(error: Exception) -> dict[str, Any]:
    match error:
        case SyntaxError():
            place = _PLACE.search(str(error.msg))
            where = {"line": int(place[1]), "column": int(place[2])} if place else {}
            return {"error": "syntax", "detail": str(error.msg), **where}
        case ValueError():  # an IRI that is none, among the graphs of the request
            return {"error": "syntax", "detail": str(error)}
        case MemoryError():
            return {"error": "memory"}
        case _TooLargeError():
            return {"error": "size"}
        case _:
            return {"error": "evaluation"}


def _evaluate(store: ox.Store, request: Request, spool: _Spool) -> tuple[str, Format | None]:
    """Write the result into the spool; says whether it is a graph or results, and the format, None where none fits."""
    result = store.query(
        request.query,
        base_iri=request.base,
        default_graph=_nodes(request.default_graphs),
        named_graphs=_nodes(request.named_graphs),
    )
    form = "graph" if isinstance(result, ox.QueryTriples) else "results"
    extension = request.graph if form == "graph" else request.results
    format_ = by_extension(extension) if extension else None
    if format_ is not None:
        output = cast("IO[bytes]", spool)
        if isinstance(result, ox.QueryTriples):
            result.serialize(output, format=format_.rdf)
        else:
            result.serialize(output, format=format_.results)
    return form, format_


def _nodes(iris: Iterable[str] | None) -> list[Any] | None:
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]


def _send(connection: Connection, message: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps(message).encode())
