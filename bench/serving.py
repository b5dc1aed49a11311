"""What the load tests share: checkouts of ParkGraph, synthetic releases, and servers that are started and stopped."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
BASE = "http://localhost:8000/"
TERMS = "https://w3id.org/parkgraph/ontology#"
_SETTINGS = "from server.settings import Settings; print(*Settings.__dataclass_fields__)"
_SECONDS = 60  # for a server to start


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
        if not (self.releases / "current").exists():
            self.build_another(articles)

    def build_another(self, articles: int) -> None:
        """Build a release of so many synthetic articles, which is the current one then."""
        with tempfile.TemporaryDirectory() as project:
            generate = [self.programs / "python", self.root / "bench" / "generate.py", project]
            subprocess.run([*generate, "--articles", str(articles)], check=True)
            build = [self.programs / "parkgraph", "build", "--quiet", "--project", project, "--releases", self.releases]
            subprocess.run(build, check=True, stdout=subprocess.DEVNULL, cwd=self.root)

    @contextlib.contextmanager
    def serve(self, *, cache: bool) -> Iterator[Server]:
        """A running server with default settings, with or without its cache."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with tempfile.TemporaryDirectory() as folder:
            wanted = {"cache_folder": folder} if cache else {"cache_memory": "0", "cache_disk": "0"}
            asked = [self.programs / "python", "-c", _SETTINGS]
            known = subprocess.run(asked, cwd=self.root, check=True, capture_output=True, text=True).stdout.split()
            settings = {f"PARKGRAPH_{name.upper()}": value for name, value in wanted.items() if name in known}
            command = [
                self.programs / "parkgraph",
                "serve",
                "--releases",
                self.releases,
                "--port",
                url.rsplit(":", maxsplit=1)[-1],
            ]
            with running(*command, url=f"{url}/health", **settings) as process:
                yield Server(url, process.pid)


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
def serve_all(found: list[Checkout], *, cache: bool) -> Iterator[dict[str, str]]:
    """The URL of a server of each checkout, by its name."""
    with contextlib.ExitStack() as stack:
        yield {checkout.name: stack.enter_context(checkout.serve(cache=cache)).url for checkout in found}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    *command: object, url: str, seconds: float = _SECONDS, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A server from its start, when it answers at the URL, to its end, which is that of all its processes."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PARKGRAPH_")} | environment
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(part) for part in command], env=variables, stdout=log, stderr=log, process_group=0
        )
        try:
            _wait(process, url, seconds)
            yield process
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
