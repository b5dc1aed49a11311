"""A query process: opens the store of one release and answers one query after the other, confined.

It is forked from the fork server and talks over one channel. For each request it sends one reply: a line of JSON,
and after it the body or, where it is large, the descriptor of a file that has it. Instead of a response it may be
`{"problem": …}`, or `{"file": …}` with what is wrong with a file of the server. Where the request names its own limit
of time, it sends that before: `{"seconds": 2.5}`.
Results are created, serialised and dropped in the one thread of the process: the engine wants it so.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import QueryError
from core.formats import RESULTS_JSON
from release.reader import open_release
from server.query import forkserver, sandbox
from server.query.answers import Answer
from server.query.channel import Channel
from server.query.engine import Engine
from server.query.errors import QueryStoppedError, to_problem
from server.query.requests import Operation, from_bytes
from server.query.responder import Responder
from server.query.writing import Spool
from server.semantics.problem import HTTPProblem
from server.temporary import TemporaryFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.query.requests import Asked, GraphRequest, Request


_LONG = 0.05  # seconds of processor time after which a query may have taken much memory
_IDLE = 0.5  # seconds without a request after which there is time to give it back
_FIRST = {
    "REQUEST_METHOD": "GET",
    "QUERY_STRING": "query=SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",  # a release has the answer, and it is small
    "HTTP_ACCEPT": RESULTS_JSON.media_type,
}


@dataclass(frozen=True)
class Confinement:
    """The release and the limits of a query process; sizes in MiB."""

    release: str
    memory: int
    result: int
    require_sandbox: bool


def run(descriptor: int, request: Mapping[str, Any], parent: int) -> None:
    """Serve the channel until its other end is closed. request: the fields of a Confinement."""
    confinement = Confinement(**request)
    channel = Channel(socket.socket(fileno=descriptor))
    handshake = sandbox.enter(parent, is_required=confinement.require_sandbox)
    engine = Engine(open_release(confinement.release))
    confined = _Worker(channel, engine, confinement)
    confined.respond(_FIRST, Operation(b""))  # the first response takes longer than others
    sandbox.limit_memory(confinement.memory)
    handshake["pid"] = os.getpid()
    pidfd = os.pidfd_open(os.getpid())
    channel.send(json.dumps(handshake).encode(), pidfd)
    os.close(pidfd)
    while True:
        try:
            environ, asked = from_bytes(channel.receive()[0])
        except (EOFError, ConnectionError):
            return
        began = time.process_time()
        confined.answer(environ, asked)
        if time.process_time() - began > _LONG and not select.select([channel], [], [], _IDLE)[0]:
            sandbox.return_memory()


class _Worker:
    """Answers over a channel."""

    def __init__(self, channel: Channel, engine: Engine, confinement: Confinement) -> None:
        self._channel, self._engine, self._memory = channel, engine, confinement.memory
        self._limit = confinement.result << 20
        self.respond = Responder(engine.manifest, self._evaluate, follows_release=True).respond

    def answer(self, environ: dict[str, str], asked: Asked) -> None:
        body: bytes | int = b""
        try:
            reply = dict(vars(self.respond(environ, asked)))
            body = reply.pop("body")
        except (TemporaryFileError, OSError) as error:  # of a result, or of the store
            reply = {"file": str(error)}
        except (HTTPProblem, QueryError, ValueError, RuntimeError) as error:
            reply = {"problem": vars(to_problem(error))}
        except MemoryError:
            stopped = f"the query was stopped: it needs more memory than the {self._memory} MiB a query has"
            reply = {"problem": vars(to_problem(QueryStoppedError(stopped)))}
        if isinstance(body, bytes):
            self._send(reply, body)
        else:
            self._send(reply, descriptor=body)
            os.close(body)

    def _evaluate(self, request: Request | GraphRequest, seconds: float | None) -> Answer:
        if seconds is not None:
            self._send({"seconds": seconds})
        with Spool(self._limit) as spool:
            outcome = self._engine.answer(request, spool)
            return Answer(
                outcome.format,
                spool.size,
                spool.body(),
                outcome.form,
                outcome.truncated,
                spool.version,
                evaluated=outcome.evaluated,
                writing=spool.seconds,
            )

    def _send(self, head: dict[str, Any], body: bytes = b"", descriptor: int | None = None) -> None:
        self._channel.send(json.dumps(head).encode() + b"\n" + body, descriptor)


if __name__ == "__main__":
    forkserver.serve(int(sys.argv[1]), run)
