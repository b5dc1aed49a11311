"""Sends requests by `wrk` (Debian's package) and tells how many were answered in a second, and how fast."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True)
class Load:
    """What came of it: requests a second, milliseconds, and how many failed."""

    rate: float
    p50: float
    p95: float
    p99: float
    errors: int

    def __str__(self) -> str:
        failed = f" {self.errors} failed" if self.errors else ""
        return f"{self.rate:9.1f}/s  p50 {self.p50:8.2f}  p95 {self.p95:8.2f}  p99 {self.p99:8.2f} ms{failed}"


def send(url: str, path: str, connections: int, seconds: float, accept: str, different: int = 0) -> Load:
    """Ask for a path over so many connections at once.

    `{n}` in the path is a number that is never the same, `{m}` one below `different`, each in its turn.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        is_varied = "{n}" in path or "{m}" in path
        varied = _SCRIPT % (json.dumps(path), _first(), different or 1) if is_varied else ""
        script.write_text(varied + _DONE, encoding="utf-8")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", _TIMEOUT, "-s", script]
        command += ["-H", f"Accept: {accept}", url if is_varied else url + path]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("JSON "))
    told = json.loads(line.removeprefix("JSON "))
    return Load(
        told["requests"] / told["micros"] * 1e6, told["p50"] / 1e3, told["p95"] / 1e3, told["p99"] / 1e3, told["errors"]
    )


_used = [0]


def _first() -> int:
    """Index of this run's first number, after those of all other runs."""
    _used[0] += 10_000_000
    return _used[0]
