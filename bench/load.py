"""Sends requests by `wrk` (Debian's package) and tells how many were answered in a second, and how fast."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping

    from serving import Server

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
    summary.requests - summary.errors.status, summary.duration,
    summary.errors.status + summary.errors.timeout + summary.errors.read,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
"""
_TIMEOUT = "60s"
_FIRST = count(0, 10_000_000)  # where the numbers of a run begin: after those of all others


@dataclass(frozen=True)
class Load:
    """A measurement: requests per second that did not fail, latencies in milliseconds, and how many failed."""

    rate: float
    p50: float
    p95: float
    p99: float
    errors: int

    def __str__(self) -> str:
        failed = f" {self.errors} failed" if self.errors else ""
        return f"{self.rate:9.1f}/s  p50 {self.p50:8.2f}  p95 {self.p95:8.2f}  p99 {self.p99:8.2f} ms{failed}"


def send(url: str, connections: int, seconds: int, accept: str, different: int = 0) -> Load:
    """Ask for a URL over so many connections at once.

    `{n}` in its path is a number that is never the same, `{m}` one below `different`, each in its turn.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    server = f"http://{urlsplit(url).netloc}"
    path = url.removeprefix(server)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        is_varied = "{n}" in path or "{m}" in path
        varied = _SCRIPT % (json.dumps(path), next(_FIRST), different or 1) if is_varied else ""
        script.write_text(varied + _DONE, encoding="utf-8")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", _TIMEOUT, "-s", script]
        command += ["-H", f"Accept: {accept}", server if is_varied else url]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("JSON "))
    summary = json.loads(line.removeprefix("JSON "))
    latencies = (summary[percentile] / 1e3 for percentile in ("p50", "p95", "p99"))
    return Load(summary["requests"] / summary["micros"] * 1e6, *latencies, summary["errors"])


@dataclass
class Goals:
    """Figures beside what they are to be, printed as a table in the end."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def at_least(self, what: str, value: float, goal: float) -> None:
        self._add(what, f"{value:.2f}", f">= {goal:g}", is_reached=value >= goal)

    def below(self, what: str, value: float, goal: float) -> None:
        self._add(what, f"{value:.2f}", f"< {goal:g}", is_reached=value < goal)

    def ratio(self, what: str, ours: Load, theirs: Load, goal: float) -> None:
        """Of the rates, if the other one answered at all within the time of a run."""
        if theirs.rate:
            self.at_least(what, ours.rate / theirs.rate, goal)
        else:
            self.rows.append((what, "-", f">= {goal:g}", "the other one gave no answer in time"))

    def _add(self, what: str, value: str, goal: str, *, is_reached: bool) -> None:
        self.rows.append((what, value, goal, "reached" if is_reached else "NOT REACHED"))

    def print(self) -> None:
        print(f"\n{'':56} {'measured':>9}  {'goal':>7}")
        for what, value, goal, verdict in self.rows:
            print(f"{what:56} {value:>9}  {goal:>7}  {verdict}", flush=True)


def options(parser: ArgumentParser) -> None:
    """Add the options of load tests that call `compare`."""
    parser.add_argument("--connections", type=_numbers, default=(1, 8, 32), help="at once, as 1,8,32")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured, in turn with the others")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


@dataclass(frozen=True)
class Runs:
    """How servers are measured: so many times each, for so many seconds, with so many different requests."""

    rounds: int
    seconds: int
    different: int


def compare(
    title: str, servers: Mapping[str, Server], paths: Mapping[str, str], accept: str, connections: int, runs: Runs
) -> dict[str, Load]:
    """Measure the servers in turn; print and return the run of each that has the median rate.

    servers, paths: by the names of the servers. Ratios that are printed are those of the first to the others.
    """
    loads: dict[str, list[Load]] = {name: [] for name in servers}
    for _ in range(runs.rounds):
        for name, server in servers.items():
            loads[name].append(send(server.url + paths[name], connections, runs.seconds, accept, runs.different))
            server.wait_until_idle()  # else it works on what nobody waits for while the next one is measured
    medians = {name: sorted(found, key=lambda load: load.rate)[len(found) // 2] for name, found in loads.items()}
    first = next(iter(medians.values()))
    for name, load in medians.items():
        ratio = f"  ratio {first.rate / load.rate:6.2f}" if load is not first and load.rate else ""
        print(f"{title:22} {connections:3} connections  {name:15} {load}{ratio}", flush=True)
    return medians
