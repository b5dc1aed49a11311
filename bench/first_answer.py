"""From a small RDF file to the first answer: ParkGraph (build and serve) beside `oxigraph` (load and serve-read-only).

`.venv/bin/python bench/first_answer.py [--runs 5] [--oxigraph PATH]` prints the median seconds of each, the two in
turn, and their ratio. Whole processes are timed, from the first command to the first SPARQL answer.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = "?query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"
PARKGRAPH = Path(sys.executable).parent / "parkgraph"


@contextlib.contextmanager
def serving(*command: object) -> Iterator[None]:
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def first_answer(url: str) -> None:
    while True:
        with contextlib.suppress(URLError, ConnectionError), urllib.request.urlopen(url) as answer:
            answer.read()
            return
        time.sleep(0.005)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parkgraph(data: Path, folder: Path) -> float:
    port = free_port()
    start = time.perf_counter()
    build = [PARKGRAPH, "build", "--quiet", "--rdf", data, "--releases", folder]
    subprocess.run(build, check=True, capture_output=True)
    with serving(PARKGRAPH, "serve", "--releases", folder, "--port", port):
        first_answer(f"http://127.0.0.1:{port}/sparql{QUERY}")
        return time.perf_counter() - start


def oxigraph(program: str, data: Path, folder: Path) -> float:
    port = free_port()
    start = time.perf_counter()
    subprocess.run([program, "load", "--location", folder, "--file", data], check=True, capture_output=True)
    with serving(program, "serve-read-only", "--location", folder, "--bind", f"127.0.0.1:{port}"):
        first_answer(f"http://127.0.0.1:{port}/query{QUERY}")
        return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--triples", type=int, default=1000)
    options.add_argument("--oxigraph", default=shutil.which("oxigraph", path=str(PARKGRAPH.parent)) or "oxigraph")
    given = options.parse_args()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "small.nt"
        rows = (f'<http://example.org/s{n}> <http://example.org/p> "{n}" .\n' for n in range(given.triples))
        data.write_text("".join(rows), encoding="utf-8")
        for run in range(given.runs):
            ours.append(parkgraph(data, Path(temporary) / f"releases-{run}"))
            if shutil.which(given.oxigraph):
                theirs.append(oxigraph(given.oxigraph, data, Path(temporary) / f"store-{run}"))
    print(f"parkgraph build + serve to the first answer: {statistics.median(ours):.2f} s (of {given.runs})")
    if theirs:
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(f"oxigraph load + serve to the first answer:   {statistics.median(theirs):.2f} s; ratio {ratio:.2f}")
    else:
        print("oxigraph is not installed: pip install oxigraph to compare")


if __name__ == "__main__":
    main()
