"""The unit for systemd, by systemd's own checks."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from server.settings import Settings
from tests.conftest import PROGRAM, ROOT

if TYPE_CHECKING:
    from pathlib import Path

UNIT = ROOT / "deploy" / "parkgraph.service"
EXPOSURE = 1.5  # of 10; systemd calls up to 2 "OK", and a service without any option is at 9.6


@pytest.fixture(scope="module")
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    return program


def options() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_systemd_takes_it(analyze: str, tmp_path: Path) -> None:
    """With the program of this environment in the place of the installed one, which systemd looks for."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    assert "ExecStart=/opt/parkgraph/bin/parkgraph serve\n" in text
    unit.write_text(text.replace("/opt/parkgraph/bin/parkgraph", PROGRAM), encoding="utf-8")
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_exposed_to_little(analyze: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", f"--threshold={round(EXPOSURE * 10)}", UNIT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout


def test_a_stop_waits_longer_than_a_query() -> None:
    assert int(options()["TimeoutStopSec"][0]) > Settings.query_seconds


def test_query_processes_can_limit_themselves() -> None:
    """They set limits and priorities, which is @resources, and a filter of their own; nothing takes these back."""
    filters = options()["SystemCallFilter"]
    assert filters[0] == "@system-service"
    assert not [line for line in filters[1:] if "@resources" in line or "seccomp" in line or "prctl" in line]
