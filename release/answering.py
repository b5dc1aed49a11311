"""Evaluates queries over a store in a process of its own: `python -m release.answering`, the task on standard input.

The engine cannot be interrupted, and may take all memory: a query that takes more than its share ends the process and
not the build, and those behind it are given to another one. The task is a JSON object with `store`, `base` and
`queries`; standard output gets a JSON object for each query, one a line: an Answer, or null if there is none.
"""

from __future__ import annotations

import io
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from core import with_parent
from core.errors import ParkGraphError
from core.evaluation import evaluate
from core.limits import limit_memory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECONDS = 10  # of processor time that a query has
LARGEST = 4 << 20  # bytes of an answer


@dataclass(frozen=True)
class Answer:
    """The answer to a query.

    form: `results`, `boolean` or `graph`. columns: the variables of the results. body: lines of SPARQL Results in TSV,
    without the first; `true` or `false`; or lines of N-Triples.
    """

    form: str
    columns: list[str]
    body: str


class Answering:
    """A process that evaluates queries."""

    def __init__(self, store: Path, base: str, queries: Sequence[str]) -> None:
        """store: folder of a query store that nothing writes to. base: for relative IRIs."""
        self._task = {"store": str(store), "base": base}
        self._queries = queries
        self._start(0)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._output.close()

    def answers(self) -> list[Answer | None]:
        """Wait for the answers; None where a query took too much, its answer is too large, or it failed."""
        found: list[Answer | None] = []
        again = -1  # number of the query that is asked for the second time
        while True:
            self._process.wait()
            self._output.seek(0)
            lines = [line for line in self._output if line.endswith(b"\n")]
            found += [parsed and Answer(**parsed) for parsed in map(json.loads, lines)]
            self._output.close()
            if self._process.returncode == -signal.SIGKILL and again != len(found) < len(self._queries):
                again = len(found)  # somebody has killed the process: it may not be for the query
            elif len(found) < len(self._queries):
                found.append(None)  # the process did not survive it
            if len(found) == len(self._queries):
                return found
            self._start(len(found))

    def _start(self, number: int) -> None:
        """Start the process with the queries from that one on."""
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been read
        self._process = subprocess.Popen(
            with_parent.command(sys.executable, "-P", "-m", __name__),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        with suppress(BrokenPipeError), self._process.stdin as stdin:  # it was killed
            stdin.write(json.dumps(self._task | {"queries": self._queries[number:]}).encode())


class _TooLargeError(Exception):
    """An answer has more than LARGEST bytes."""


class _Output(io.RawIOBase):
    """Takes LARGEST bytes at most."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if len(self.data) + len(data) > LARGEST:
            raise _TooLargeError
        self.data += data
        return len(data)


def _answer(store: ox.Store, query: str, base: str) -> Answer | None:
    output = _Output()
    file = cast("IO[bytes]", output)
    try:
        result = evaluate(store, query, base_iri=base)
        if isinstance(result, ox.QueryBoolean):
            return Answer("boolean", [], "true" if result else "false")
        if isinstance(result, ox.QueryTriples):
            ox.serialize(result, file, format=ox.RdfFormat.N_TRIPLES)
            return Answer("graph", [], output.data.decode())
        columns = [variable.value for variable in result.variables]
        result.serialize(file, format=ox.QueryResultsFormat.TSV)
        return Answer("results", columns, output.data.decode().partition("\n")[2])
    except (_TooLargeError, ParkGraphError, MemoryError, OSError, RuntimeError):
        return None


def main() -> None:
    """Answer the queries of the task."""
    task = json.load(sys.stdin)
    limit_memory()
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    store = ox.Store.read_only(task["store"])
    for query in task["queries"]:
        limit = int(time.process_time()) + 1 + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
        answer = _answer(store, query, task["base"])
        sys.stdout.write(f"{json.dumps(answer and asdict(answer))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
