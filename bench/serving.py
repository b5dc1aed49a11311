"""What the benches of the server share: synthetic data, ParkGraph over them, programs that are started and stopped."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import string
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from load import Load, send

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROGRAMS = Path(sys.executable).parent
PARKGRAPH = PROGRAMS / "parkgraph"
GENERATE = Path(__file__).with_name("generate.py")
BASE = "http://localhost:8000/"
TERMS = "https://w3id.org/parkgraph/ontology#"
NGINX = Path(__file__).parent.parent / "deploy" / "nginx.conf"
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"
NGINX_MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes auto;
events {{ worker_connections 512; }}
http {{ access_log off; keepalive_requests 1000000; sendfile on; include {folder}/parkgraph.conf; }}
"""
WORKERS, THREADS = 2, 61  # as ParkGraph has them
_SECONDS = 60  # for a server to start


@dataclass(frozen=True)
class Data:
    """A release folder with synthetic data."""

    releases: Path

    @property
    def current(self) -> Path:
        return (self.releases / "current").resolve()


def options(description: str | None) -> argparse.ArgumentParser:
    """The options that each bench has."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument(
        "--articles", type=int, default=2000, help="how many synthetic articles; 10000: 2 million triples"
    )
    parser.add_argument("--releases", type=Path, help="a folder of releases of synthetic articles, to use again")
    return parser


@contextlib.contextmanager
def data(given: argparse.Namespace) -> Iterator[Data]:
    """The releases that the options name, or new ones in a temporary folder."""
    if given.releases and (given.releases / "current").exists():
        yield Data(given.releases)
        return
    with tempfile.TemporaryDirectory() as temporary:
        project, releases = Path(temporary) / "project", given.releases or Path(temporary) / "releases"
        subprocess.run([sys.executable, GENERATE, project, "--articles", str(given.articles)], check=True)
        build = [PARKGRAPH, "build", "--quiet", "--project", project, "--releases", releases]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        yield Data(releases)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(*command: object, url: str, seconds: float = _SECONDS, **environment: object) -> Iterator[str]:
    """A server from its start, when it answers at the address, to its end."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PARKGRAPH_")}
    variables |= {name: str(value) for name, value in environment.items()}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([str(part) for part in command], env=variables, stdout=log, stderr=log)
        try:
            _wait(process, url, seconds)
            yield url
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace"))
            raise
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server has ended")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except HTTPError:
            return  # that, too, is an answer
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server does not answer")


@contextlib.contextmanager
def parkgraph(releases: Path, *, cache: bool, **settings: object) -> Iterator[str]:
    """ParkGraph with its defaults, with or without its cache; gives its address without a slash at the end."""
    url = f"http://127.0.0.1:{free_port()}"
    given = settings if cache else {"cache_memory": 0, **settings}
    variables = {f"PARKGRAPH_{name.upper()}": value for name, value in given.items()}
    command = [PARKGRAPH, "serve", "--releases", releases, "--port", url.rpartition(":")[2]]
    with running(*command, url=f"{url}/health", **variables):
        yield url


@contextlib.contextmanager
def behind_nginx(releases: Path) -> Iterator[str]:
    """ParkGraph with the nginx configuration that is shipped in front of it."""
    port = free_port()
    settings = {"nginx_files": "/files/", "trusted_proxies": 1}
    with tempfile.TemporaryDirectory() as name, parkgraph(releases, cache=True, **settings) as upstream:
        folder = Path(name)
        folder.chmod(0o755)
        given = {"LISTEN": f"127.0.0.1:{port}", "UPSTREAM": upstream.removeprefix("http://")}
        given |= {"RELEASES": str(releases.resolve()), "CACHE": str(folder / "cache")}
        text = string.Template(NGINX.read_text(encoding="utf-8")).safe_substitute(given)
        (folder / "parkgraph.conf").write_text(text, encoding="utf-8")
        (folder / "nginx.conf").write_text(NGINX_MAIN.format(folder=folder), encoding="utf-8")
        command = [shutil.which("nginx", path=SYSTEM), "-e", folder / "error.log", "-c", folder / "nginx.conf"]
        url = f"http://127.0.0.1:{port}"
        with running(*command, url=f"{url}/health"):
            yield url


def hello(connections: Iterable[int], seconds: float) -> dict[int, Load]:
    """What granian itself can do, with the settings of ParkGraph, over so many connections."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [PROGRAMS / "granian", "--interface", "wsgi", "--workers", WORKERS, "--blocking-threads", THREADS]
    command += ["--port", port, "--no-ws", "--working-dir", Path(__file__).parent, "hello:application"]
    with running(*command, url=url):
        return {number: send(url, "/", number, seconds, "*/*") for number in connections}


def median(values: list[float]) -> float:
    return percentile(values, 50)


def percentile(values: list[float], percent: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]
