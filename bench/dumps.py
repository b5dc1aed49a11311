"""Dumps: build time and peak memory per million triples, and the download rate beside nginx.

`.venv/bin/python bench/dumps.py build [--articles 500 1000 2000]` builds a release of synthetic articles of each size
and writes its dumps once more, alone, in a process of its own: seconds and peak memory of the whole build and of the
dumps, and how many bytes these have. The peak of the dumps shall not grow with the size.

`.venv/bin/python bench/dumps.py rate [--size MiB] [--runs 5]` downloads one file of that size from ParkGraph and from
nginx in turn, with curl, and prints the median rates and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BENCH = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
MILLION = 1_000_000
NGINX = """
{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
worker_processes 1;
events {{}}
http {{
  access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def measured(*command: object) -> tuple[float, float]:
    """Seconds and peak resident memory, in MiB, of a command and what it starts."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, cwd=BENCH.parent)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def write_dumps(release: Path, folder: Path) -> None:
    """Write the dumps of a release anew, into a folder, as the build does."""
    sys.path.insert(0, str(BENCH.parent))
    from release import nquads  # noqa: PLC0415 - only here is it needed
    from release.dumps.writer import write  # noqa: PLC0415
    from release.reader import open_release  # noqa: PLC0415
    from release.source import Source  # noqa: PLC0415

    opened = open_release(release)
    manifest = opened.manifest
    source = Source(
        quads=opened.lines(),
        base=opened.base,
        dataset=manifest.dataset,
        prefixes=manifest.prefixes,
        ontology=manifest.ontology,
        shapes=manifest.shapes,
    )
    content = nquads.sorted_content(source.quads, source.base, folder)
    start = time.perf_counter()
    write(content, source, opened.open_store(), folder)
    (folder / "seconds").write_text(str(time.perf_counter() - start), encoding="utf-8")


def build(sizes: list[int]) -> None:
    names = ("articles", "triples", "build s", "MiB", "dumps s", "MiB", "s/million", "bytes")
    print("".join(f"{name:>12}" for name in names))
    for articles in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            measured(sys.executable, BENCH / "generate.py", folder / "project", "--articles", articles)
            command = ["build", "--quiet", "--project", folder / "project", "--releases", folder / "releases"]
            seconds, memory = measured(BIN / "parkgraph", *command)
            release = (folder / "releases" / "current").resolve()
            counts = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["counts"]
            (folder / "dumps").mkdir()
            _, dump_memory = measured(sys.executable, __file__, "write", release, folder / "dumps")
            dump_seconds = float((folder / "dumps" / "seconds").read_text(encoding="utf-8"))
            size = sum(path.stat().st_size for path in (folder / "dumps" / "dumps").rglob("*") if path.is_file())
            million = counts["triples"] / MILLION
            rest = (dump_seconds, dump_memory, dump_seconds / million)
            figures = (f"{seconds:.1f}", f"{memory:.0f}", *(f"{figure:.1f}" for figure in rest), size)
            print("".join(f"{figure:>12}" for figure in (articles, counts["triples"], *figures)))


def rate(size: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        data = folder / "one.nt"
        data.write_text('<http://example.org/s> <http://example.org/p> "1" .\n', encoding="utf-8")
        measured(BIN / "parkgraph", "build", "--quiet", "--rdf", data, "--releases", folder / "releases")
        release = (folder / "releases" / "current").resolve()
        large = _large_dump(release, size)
        command = [str(BIN / "parkgraph"), "serve", "--port", "0", "--releases", str(folder / "releases")]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        nginx = None
        try:
            assert server.stdout is not None  # noqa: S101 - it is a pipe
            ours = f"{server.stdout.readline().split()[-1]}release/{release.name}/{large}"
            nginx, theirs = _nginx(folder, release, large)
            rates = [(_rate(ours, size), _rate(theirs, size)) for _ in range(runs)]
        finally:
            for process in (server, nginx):
                if process is not None:
                    process.terminate()
                    process.wait()
    own, other = (statistics.median(column) for column in zip(*rates, strict=True))
    ratio = statistics.median(a / b for a, b in rates)
    print(f"ParkGraph {own:.0f} MiB/s, nginx {other:.0f} MiB/s, ratio {ratio:.2f} (median of {runs}, {size} MiB)")


def _large_dump(release: Path, size: int) -> str:
    """Put a file of so many MiB in the place of a dump; the manifest is made to agree."""
    name = "dumps/parkgraph.nq.gz"
    with (release / name).open("wb") as file:
        for _ in range(size):
            file.write(os.urandom(1 << 20))
    manifest: dict[str, Any] = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name]["size"] = size << 20
    (release / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return name


def _nginx(folder: Path, release: Path, large: str) -> tuple[subprocess.Popen[bytes], str]:
    from first_answer import first_answer, free_port  # noqa: PLC0415 - beside this file

    port = free_port()
    user = "" if os.geteuid() else "user root;"  # who may read the folder
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(user=user, folder=folder, port=port, root=release), encoding="utf-8")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-c", str(configuration), "-p", str(folder)], stderr=subprocess.DEVNULL)
    first_answer(f"http://127.0.0.1:{port}/manifest.json")
    return process, f"http://127.0.0.1:{port}/{large}"


def _rate(url: str, size: int) -> float:
    done = subprocess.run(
        ["curl", "-sS", "-f", "-o", "/dev/null", "-w", "%{size_download} %{time_total}", url],
        capture_output=True,
        text=True,
        check=True,
    )
    octets, seconds = done.stdout.split()
    if int(octets) != size << 20:
        raise SystemExit(f"{url} gave {octets} bytes")
    return size / float(seconds)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = options.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build")
    building.add_argument("--articles", type=int, nargs="+", default=[500, 1000, 2000])
    rating = commands.add_parser("rate")
    rating.add_argument("--size", type=int, default=512)
    rating.add_argument("--runs", type=int, default=5)
    writing = commands.add_parser("write")
    writing.add_argument("release", type=Path)
    writing.add_argument("folder", type=Path)
    given = options.parse_args()
    runs: dict[str, Callable[[], None]] = {
        "build": lambda: build(given.articles),
        "rate": lambda: rate(given.size, given.runs),
        "write": lambda: write_dumps(given.release, given.folder),
    }
    runs[given.command]()


if __name__ == "__main__":
    main()
