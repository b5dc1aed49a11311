"""Sends requests by `wrk` (Debian's package) and tells how many were answered in a second, and how fast."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

# `{n}` in the path is another number in each request, so that no request comes twice.
_SCRIPT = """
local path, n = %s, %d
request = function()
  n = n + 1
  return wrk.format("GET", (path:gsub("{n}", tostring(n)):gsub("{m}", tostring(n %% %d))))
end
"""
_DONE = """
done = function(summary, latency)
  io.write(string.format('\\nJSON {"requests": %d, "micros": %d, "errors": %d, "p50": %f, "p95": %f, "p99": %f}\\n',
    summary.requests, summary.duration, summary.errors.status + summary.errors.timeout + summary.errors.read,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
"""
_TIMEOUT = "60s"
_CONNECTIONS = (1, 8, 32)
_FIRST = count(0, 10_000_000)  # where the numbers of a run begin: after those of all others


@dataclass(frozen=True)
class Load:
    """A measurement: requests per second, latencies in milliseconds, and how many requests failed."""

    rate: float
    p50: float
    p95: float
    p99: float
    errors: int

    def __str__(self) -> str:
        failed = f" {self.errors} failed" if self.errors else ""
        return f"{self.rate:9.1f}/s  p50 {self.p50:8.2f}  p95 {self.p95:8.2f}  p99 {self.p99:8.2f} ms{failed}"


def send(url: str, path: str, connections: int, seconds: float, accept: str, different: int = 0) -> Load:
    """Ask for a path, which is appended to the URL, over so many connections at once.

    `{n}` in the path is a number that is never the same, `{m}` one below `different`, each in its turn.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    server, path = f"http://{urlsplit(url).netloc}", urlsplit(url).path + path
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        is_varied = "{n}" in path or "{m}" in path
        varied = _SCRIPT % (json.dumps(path), next(_FIRST), different or 1) if is_varied else ""
        script.write_text(varied + _DONE, encoding="utf-8")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", _TIMEOUT, "-s", script]
        command += ["-H", f"Accept: {accept}", server if is_varied else server + path]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("JSON "))
    summary = json.loads(line.removeprefix("JSON "))
    latencies = (summary[percentile] / 1e3 for percentile in ("p50", "p95", "p99"))
    return Load(summary["requests"] / summary["micros"] * 1e6, *latencies, summary["errors"])


def compare(title: str, urls: Mapping[str, str], path: str, accept: str, seconds: float, different: int) -> None:
    """Measure the servers in turn, twice; print the better run of each, and the ratios of the rates to the first.

    urls: by the names of the servers; the path, as `send` takes it, is appended to each.
    """
    for connections in _CONNECTIONS:
        runs = [
            {name: send(url, path, connections, seconds, accept, different) for name, url in urls.items()}
            for _ in range(2)
        ]
        best = {name: max((run[name] for run in runs), key=lambda load: load.rate) for name in urls}
        first = next(iter(best.values()))
        for name, load in best.items():
            ratio = "" if load is first else f"  ratio {first.rate / load.rate:5.2f}" if load.rate else ""
            print(f"{title:22} {connections:3} connections  {name:9} {load}{ratio}", flush=True)
