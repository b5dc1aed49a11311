"""What the load tests share: synthetic releases, and servers over them, of ParkGraph and of others."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
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

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOT = Path(__file__).resolve().parent.parent
BASE = "http://localhost:8000/"
TERMS = "https://w3id.org/parkgraph/ontology#"
_SETTINGS = "from server.settings import Settings; print(*Settings.__dataclass_fields__)"
_SECONDS = 60  # for a server to start
_LOADING_SECONDS = 900  # for one that reads the data as it starts
_PAUSE = 0.2
_WORKERS, _THREADS = 2, 61  # processes and threads of the hello application
_NGINX = """
{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes auto;
events {{ worker_connections 512; }}
http {{ access_log off; keepalive_requests 1000000; include {folder}/parkgraph.conf; }}
"""


@dataclass(frozen=True)
class Server:
    """A running server: its URL, without a slash at the end, and its first process."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def descriptors(self) -> int:
        """Open files of all its processes."""
        found = 0
        for pid in descendants(self.pid):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                found += len(list(Path(f"/proc/{pid}/fd").iterdir()))
        return found

    def memory(self) -> float:
        """MiB of all its processes, what they share counted once (PSS of proc_pid_smaps(5))."""
        kibibytes = 0
        for pid in descendants(self.pid):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
                kibibytes += int(rollup.partition("\nPss:")[2].split()[0])
        return kibibytes / 1024

    def processor_seconds(self) -> float:
        """Of all its processes that live."""
        seconds = 0.0
        for pid in descendants(self.pid):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                seconds += processor_seconds(pid)
        return seconds

    def wait_until_idle(self) -> None:
        """Until it does nothing more, as for requests that their clients have given up."""
        before = -1.0
        while (used := self.processor_seconds()) != before:
            before = used
            time.sleep(_PAUSE)


def processor_seconds(pid: int) -> float:
    """That a process has used, by proc_pid_stat(5)."""
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


@dataclass(frozen=True)
class Checkout:
    """A checkout of ParkGraph that is set up (`make setup`), and the folder of its releases."""

    name: str
    root: Path
    releases: Path

    @property
    def programs(self) -> Path:
        return self.root / ".venv" / "bin"

    def build(self, articles: int) -> None:
        """Build a release of so many synthetic articles, unless there is one."""
        if (self.releases / "current").exists():
            return
        with tempfile.TemporaryDirectory() as project:
            generate = [self.programs / "python", self.root / "bench" / "generate.py", project]
            subprocess.run([*generate, "--articles", str(articles)], check=True)
            build = [self.programs / "parkgraph", "build", "--quiet", "--project", project, "--releases", self.releases]
            subprocess.run(build, check=True, stdout=subprocess.DEVNULL, cwd=self.root)

    @contextlib.contextmanager
    def serve(self, *, cache: bool, **settings: str) -> Iterator[Server]:
        """A running server with or without its cache, and with default settings but for those given."""
        url = free_url()
        with tempfile.TemporaryDirectory() as folder:
            wanted = settings | ({"cache_folder": folder} if cache else {"cache_memory": "0", "cache_disk": "0"})
            asked = [self.programs / "python", "-c", _SETTINGS]
            known = subprocess.run(asked, cwd=self.root, check=True, capture_output=True, text=True).stdout.split()
            variables = {f"PARKGRAPH_{name.upper()}": value for name, value in wanted.items() if name in known}
            command = [
                self.programs / "parkgraph",
                "serve",
                "--releases",
                self.releases,
                "--port",
                url.rpartition(":")[2],
            ]
            with running(*command, url=url, path="/health", **variables) as server:
                yield server


def options(description: str | None, *, articles: int = 2000, seconds: int = 4) -> argparse.ArgumentParser:
    """The options of every load test, with the defaults of this one."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=articles, help="synthetic articles; 10000: 2 million triples")
    parser.add_argument("--seconds", type=int, default=seconds, help="of each measurement")
    parser.add_argument("--before", type=Path, help="another checkout, set up, that is measured in turn with this one")
    parser.add_argument("--releases", type=Path, help="a folder for the synthetic releases, to be used again")
    return parser


@contextlib.contextmanager
def checkouts(given: argparse.Namespace) -> Iterator[list[Checkout]]:
    """This checkout and the one before, each with its release."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.releases or Path(temporary)
        found = [Checkout("now", ROOT, folder / "now")]
        if given.before:
            found.append(Checkout("before", given.before.resolve(), folder / "before"))
        for checkout in found:
            checkout.build(given.articles)
        yield found


@contextlib.contextmanager
def serve_all(found: list[Checkout], *, cache: bool) -> Iterator[dict[str, Server]]:
    """A server of each checkout, by its name."""
    with contextlib.ExitStack() as stack:
        yield {checkout.name: stack.enter_context(checkout.serve(cache=cache)) for checkout in found}


@contextlib.contextmanager
def default_graph(checkout: Checkout) -> Iterator[Path]:
    """The default graph of its release as N-Triples."""
    with tempfile.TemporaryDirectory() as folder:
        triples = Path(folder) / "data.nt"
        store = ox.Store.read_only(str(checkout.releases.resolve() / "current" / "store"))
        store.dump(str(triples), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        yield triples


@contextlib.contextmanager
def oxigraph(program: Path, triples: Path) -> Iterator[Server]:
    """Oxigraph's own server."""
    with tempfile.TemporaryDirectory() as location:
        load = [program, "load", "--location", location, "--file", triples]
        subprocess.run(load, check=True, stderr=subprocess.DEVNULL)
        url = free_url()
        command = [program, "serve-read-only", "--location", location, "--bind", url.removeprefix("http://")]
        with running(*command, url=url) as server:
            yield server


@contextlib.contextmanager
def rdflib_endpoint(program: Path | None, triples: Path) -> Iterator[Server]:
    """rdflib-endpoint with the store in memory that it has by default; without a program it is installed for now."""
    with tempfile.TemporaryDirectory() as folder:
        if program is None:
            program = Path(folder) / "bin" / "rdflib-endpoint"
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([program.with_name("pip"), "install", "--quiet", "rdflib-endpoint[cli]"], check=True)
        url = free_url()
        command = [program, "serve", "--host", "127.0.0.1", "--port", url.rpartition(":")[2], triples]
        with running(*command, url=url, seconds=_LOADING_SECONDS) as server:
            yield server


def hello(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The least that an application does, so that what remains is the application server."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "14")])
    return [b"Hello, world!\n"]


@contextlib.contextmanager
def hello_server(checkout: Checkout) -> Iterator[Server]:
    """The application `hello` under granian, which is what ParkGraph runs under."""
    url = free_url()
    command = [checkout.programs / "granian", "--interface", "wsgi", "--no-ws", "--port", url.rpartition(":")[2]]
    command += ["--workers", _WORKERS, "--blocking-threads", _THREADS, "--working-dir", ROOT / "bench", "serving:hello"]
    with running(*command, url=url) as server:
        yield server


@contextlib.contextmanager
def behind_nginx(checkout: Checkout) -> Iterator[Server]:
    """ParkGraph behind nginx as `deploy/nginx.conf` has it, without limits of one client, which sends all the load."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if program is None:
        raise SystemExit("nginx is not installed (Debian: apt-get install nginx-light)")
    settings = {"nginx_files": "/files/", "trusted_proxies": "1"}
    url = free_url()
    with tempfile.TemporaryDirectory() as name, checkout.serve(cache=True, **settings) as upstream:
        folder = Path(name)
        folder.chmod(0o755)
        given = {"LISTEN": url.removeprefix("http://"), "UPSTREAM": upstream.url.removeprefix("http://")}
        given |= {"RELEASES": str(checkout.releases.resolve()), "CACHE": str(folder / "cache")}
        shipped = string.Template((checkout.root / "deploy" / "nginx.conf").read_text(encoding="utf-8"))
        configuration = re.sub(r"(?m)^ *limit_(?:conn|req) .*$", "", shipped.safe_substitute(given))
        (folder / "parkgraph.conf").write_text(configuration, encoding="utf-8")
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(_NGINX.format(user=user, folder=folder), encoding="utf-8")
        command = [program, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
        with running(*command, url=url, path="/health") as server:
            yield server


def free_url() -> str:
    return f"http://127.0.0.1:{free_port()}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    *command: object, url: str, path: str = "/", seconds: float = _SECONDS, **environment: str
) -> Iterator[Server]:
    """A server from its start, when it answers at the path, to its end, which is that of all its processes."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PARKGRAPH_")} | environment
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(part) for part in command], env=variables, stdout=log, stderr=log, process_group=0
        )
        try:
            _wait(process, url + path, seconds)
            yield Server(url, process.pid)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace"))
            raise
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
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


def percentile(values: list[float], percent: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]
