"""Kills processes of a running server under load, again and again, and says how long it did not answer.

    python bench/kills.py RELEASES [COUNT [SECONDS]]

Each time one of them gets SIGKILL: the first process (which is then started again on the same port), a web process, a
fork server or a query process. In the end the server is stopped, and no process and no file in TMPDIR may be left.
Exit status 1 where it was not so, or where there was no answer for more than so many seconds.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

_SECONDS = 3.0  # without an answer
_PATIENCE = 120.0  # seconds for an answer, on a machine that is busy with something else
_CLIENTS = 6
_KINDS = ("first", "web", "forkserver", "query")
_QUERIES = ("ASK {}", "SELECT * { ?s ?p ?o } LIMIT 50", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }")


class Server:
    """The server under test, on one port for good."""

    def __init__(self, releases: str, folder: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environment = {"TMPDIR": folder, "PARKGRAPH_PORT": str(port), "PARKGRAPH_RELEASES": releases}
        self._environment = {**os.environ, **environment}
        self.seen: set[int] = set()
        self.start()

    def start(self) -> None:
        program = Path(sys.executable).with_name("parkgraph")
        self.process = subprocess.Popen(
            [program, "serve"], env=self._environment, stdout=subprocess.DEVNULL, process_group=0
        )

    def processes(self, kind: str) -> list[int]:
        """Those of a kind that run now."""
        found = [self.process.pid]
        for _ in range(_KINDS.index(kind)):
            found = [child for pid in found for child in children(pid)]
        self.seen.update(found)
        return found

    def answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=_SECONDS) as response:
            return response.status == HTTPStatus.OK
        return False


def children(pid: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]
    return []


def runs(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    return False


def load(server: Server, stop: threading.Event) -> None:
    """Ask one query after the other, each with an address of its own, so that it is run."""
    while not stop.is_set():
        query = random.choice(_QUERIES)  # noqa: S311 - a load, no secret
        address = f"{server.url}/sparql?{urlencode({'query': query, 'timeout': '1', 'n': random.random()})}"  # noqa: S311
        with suppress(OSError, ValueError):
            urllib.request.urlopen(address, timeout=_SECONDS).close()
        stop.wait(0.05)


def kill(server: Server, kind: str) -> float:
    """Kill one, and return the seconds until the server answers."""
    for known in _KINDS:
        server.processes(known)
    victims = server.processes(kind)
    if not victims:
        return 0.0
    began = time.monotonic()
    with suppress(ProcessLookupError):
        os.kill(random.choice(victims), signal.SIGKILL)  # noqa: S311
    if kind == "first":
        server.process.wait()
        server.start()
    while not server.answers() and time.monotonic() - began < _PATIENCE:
        time.sleep(0.01)
    return time.monotonic() - began


def main(releases: str, count: str = "100", longest: str = str(_SECONDS)) -> bool:
    """Whether it always answered in time, and nothing is left."""
    with tempfile.TemporaryDirectory() as folder:
        server, stop = Server(releases, folder), threading.Event()
        threads = [threading.Thread(target=load, args=(server, stop), daemon=True) for _ in range(_CLIENTS)]
        try:
            while not server.answers():
                time.sleep(0.05)
            for thread in threads:
                thread.start()
            times: dict[str, list[float]] = {kind: [] for kind in _KINDS}
            for _, kind in zip(range(int(count)), cycle(_KINDS), strict=False):
                times[kind].append(kill(server, kind))
        finally:
            stop.set()
            server.process.terminate()
            status = server.process.wait()
        for kind, seconds in times.items():
            print(f"{kind:11} {len(seconds):4} killed, longest {max(seconds, default=0.0):.2f} s until an answer")
        time.sleep(0.5)
        processes, files = [*filter(runs, server.seen)], os.listdir(folder)  # noqa: PTH208
        print(f"exit status {status}; left: processes {processes}, files {files}")
        slowest = max(second for seconds in times.values() for second in seconds)
        return status == 0 and not processes and not files and slowest <= float(longest)


if __name__ == "__main__":
    sys.exit(not main(*sys.argv[1:]))
