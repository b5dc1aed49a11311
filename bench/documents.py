"""Entity documents per second (HTML, Turtle, JSON-LD), beside nginx serving the same bytes as files.

`.venv/bin/python bench/documents.py [--articles 2000] [--seconds 4]` prints requests per second and latencies, cold (no
cache) and repeated, at 1, 8 and 32 connections, straight and behind the nginx that is shipped, and how long the page of
a hub takes, the one that every article speaks of.
"""

from __future__ import annotations

import contextlib
import http.client
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import serving
from load import Load, send

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

CONNECTIONS = (1, 8, 32)
FORMATS = {
    "HTML": ("html", "text/html"),
    "Turtle": ("ttl", "text/turtle"),
    "JSON-LD": ("jsonld", "application/ld+json"),
}
ONE = "/doc/person/person-1"
DIFFERENT = "/doc/person/person-{m}"
HUB = "/doc/park/park-0"
COLD_TURTLE_GOAL, HELLO_GOAL, FILES_GOAL, PAGE_GOAL = 1500.0, 0.8, 0.6, 30.0
HUB_RUNS = 20

Results = dict[tuple[str, str, int], Load]


def measure(given: argparse.Namespace, name: str, url: str, path: str) -> Results:
    results = {}
    for format_, (_, media_type) in FORMATS.items():
        for connections in CONNECTIONS:
            loaded = send(url, path, connections, given.seconds, media_type, different=given.articles // 5)
            results[name, format_, connections] = loaded
            print(f"{name:22} {format_:8} {connections:3} connections {loaded}", flush=True)
    return results


def files(given: argparse.Namespace, url: str) -> Results:
    """nginx with the bytes of the documents as files."""
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for extension, media_type in FORMATS.values():
            (folder / f"one.{extension}").write_bytes(fetch(url, ONE, media_type)[1])
        with static(folder) as files_url:
            for format_, (extension, media_type) in FORMATS.items():
                for connections in CONNECTIONS:
                    loaded = send(files_url, f"/one.{extension}", connections, given.seconds, media_type)
                    results["files", format_, connections] = loaded
                    print(f"{'nginx, files':22} {format_:8} {connections:3} connections {loaded}", flush=True)
    return results


@contextlib.contextmanager
def static(folder: Path) -> Iterator[str]:
    port = serving.free_port()
    (folder / "parkgraph.conf").write_text(f"server {{ listen 127.0.0.1:{port}; root {folder}; }}", encoding="utf-8")
    (folder / "nginx.conf").write_text(serving.NGINX_MAIN.format(folder=folder), encoding="utf-8")
    nginx = shutil.which("nginx", path=serving.SYSTEM)
    command = [nginx, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    with serving.running(*command, url=f"http://127.0.0.1:{port}/one.ttl"):
        yield f"http://127.0.0.1:{port}"


def fetch(url: str, path: str, accept: str) -> tuple[float, bytes]:
    """Milliseconds and bytes of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 80, timeout=60)
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept": accept})
    response = connection.getresponse()
    body = response.read()
    taken = (time.perf_counter() - start) * 1000
    connection.close()
    if response.status != http.client.OK:
        raise RuntimeError(f"{path} was answered with {response.status}")
    return taken, body


def hub(url: str) -> None:
    fetch(url, HUB, "text/html")
    times = [fetch(url, HUB, "text/html")[0] for _ in range(HUB_RUNS)]
    worst = max(times)
    print(f"page of the hub, cold: median {serving.median(times):.1f} ms, worst {worst:.1f} ms; goal {PAGE_GOAL:g} ms")


def main() -> None:
    parser = serving.options(__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    given = parser.parse_args()
    results: Results = {}
    with serving.data(given) as data:
        with serving.parkgraph(data.releases, cache=False) as url:
            results |= measure(given, "cold", url, DIFFERENT)
            hub(url)
        for connections, loaded in serving.hello(CONNECTIONS, given.seconds).items():
            results["hello", "", connections] = loaded
            print(f"{'granian, hello':22} {'':8} {connections:3} connections {loaded}", flush=True)
        with serving.parkgraph(data.releases, cache=True) as url:
            results |= measure(given, "repeated", url, ONE)
            if shutil.which("nginx", path=serving.SYSTEM):
                results |= files(given, url)
        if shutil.which("nginx", path=serving.SYSTEM):
            with serving.behind_nginx(data.releases) as url:
                results |= measure(given, "repeated behind nginx", url, ONE)
    summary(results)


def summary(results: Results) -> None:
    """The ratios of the rates, beside the goals."""
    print("\n                                  1      8     32 connections")
    cold = " ".join(f"{results['cold', 'Turtle', c].rate:6.0f}" for c in CONNECTIONS)
    print(f"{'cold Turtle, a second':30} {cold}  goal {COLD_TURTLE_GOAL:.0f}")
    for format_ in FORMATS:
        row(f"repeated {format_} to hello", HELLO_GOAL, results, ("repeated", format_), ("hello", ""))
        row(
            f"behind nginx {format_} to files",
            FILES_GOAL,
            results,
            ("repeated behind nginx", format_),
            ("files", format_),
        )


def row(title: str, goal: float, results: Results, ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    pairs = [(results.get((*ours, c)), results.get((*theirs, c))) for c in CONNECTIONS]
    ratios = [a.rate / b.rate for a, b in pairs if a and b and b.rate]
    if ratios:
        print(f"{title:30} {' '.join(f'{ratio:6.2f}' for ratio in ratios)}  goal {goal:.2f}")


if __name__ == "__main__":
    main()
