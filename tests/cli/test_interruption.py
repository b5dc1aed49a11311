"""Signals to a build by the command line, while it maps and validates: one line, and 128 and the signal's number.

In: a project of some articles, and a signal to the first process or to all, as a terminal sends it. Out: no process, no
draft, no release; what was made until then is kept for the next build.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PATIENCE, PROGRAM, ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLES = 120  # more than are mapped by one process


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    subprocess.run([sys.executable, ROOT / "bench/generate.py", folder, "--articles", str(ARTICLES)], check=True)
    return folder


def processes_of(group: int) -> list[int]:
    """Those that run."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            state, _, of_group = (process / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state not in "ZX":
                found.append(int(process.name))
    return found


def is_mapping(build: subprocess.Popen[str]) -> None:
    """Wait until a process maps: the first one, one that counts what is shared, one that starts others, and that."""
    wait_until(lambda: len(processes_of(build.pid)) > 3)


def is_validating(build: subprocess.Popen[str]) -> None:
    assert build.stderr is not None
    assert any("validating" in line for line in build.stderr)


def is_asking_again(build: subprocess.Popen[str]) -> None:
    assert build.stderr is not None
    assert any("asking pyshacl" in line for line in build.stderr)


@pytest.mark.parametrize(
    ("wait", "number", "to_all"),
    [
        (is_mapping, signal.SIGINT, True),
        (is_mapping, signal.SIGTERM, False),
        (is_validating, signal.SIGTERM, True),
        (is_asking_again, signal.SIGINT, False),
    ],
)
def test_an_interrupted_build_leaves_nothing_behind(
    project: Path,
    tmp_path: Path,
    wait: Callable[[subprocess.Popen[str]], None],
    number: signal.Signals,
    *,
    to_all: bool,
) -> None:
    where: list[str | Path] = ["--project", project, "--releases", tmp_path, "--allow-missing"]
    command = [PROGRAM, "build", *where, "--second-opinion", "1000000"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, process_group=0
    ) as build:
        wait(build)
        (os.killpg if to_all else os.kill)(build.pid, number)
        assert build.stderr is not None
        said = build.stderr.read()
        assert build.wait(PATIENCE) == 128 + number
    wait_until(lambda: not processes_of(build.pid))
    assert said.splitlines()[-1] == f"parkgraph: interrupted by {number.name}"
    assert said.count("interrupted") == 1
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", ".memo"]
    with closing(sqlite3.connect(tmp_path / ".memo")) as kept:
        assert kept.execute("SELECT count(*) FROM result").fetchone() > (0,)


def test_what_validates_ends_with_a_killed_build(project: Path, tmp_path: Path) -> None:
    command: list[str | Path] = [
        PROGRAM,
        "build",
        "--project",
        project,
        "--releases",
        tmp_path,
        "--second-opinion",
        "1000000",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, process_group=0
    ) as build:
        is_asking_again(build)
        build.kill()
    wait_until(lambda: not processes_of(build.pid))
