"""Kills builds of a project that changes, again and again, and looks what is left.

    python bench/killed_builds.py FOLDER [--articles 300] [--kills 200]

An article is changed, a build begins, and after a random time all its processes, or its first one alone, get SIGKILL.
The current release has to be whole each time. Every tenth build is left to end, and has to give the same files as a
full build in another folder; in the end nothing of the killed ones may be left.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bench.build import build, change, differences
from release.reader import open_release
from release.verify import verify

ROOT = Path(__file__).resolve().parent
_LEFT_TO_END = 10
_PATIENCE = 10.0  # seconds for the other processes of a build whose first one was killed


def start(project: Path, releases: Path) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("parkgraph")
    where = ["--project", project, "--releases", releases, "--allow-missing", "--quiet"]
    return subprocess.Popen(
        [program, "build", *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    )


def kill(process: subprocess.Popen[bytes], *, first_alone: bool) -> bool:
    """Kill a build; whether it was running, and has left no process behind."""
    was_running = process.poll() is None
    with suppress(ProcessLookupError):
        (os.kill if first_alone else os.killpg)(process.pid, signal.SIGKILL)
    process.wait()
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return was_running
        time.sleep(0.05)
    raise SystemExit("processes of a killed build are still there")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    project, releases, full = (given.folder / name for name in ("project", "releases", "full"))
    for folder in (project, releases, full):
        shutil.rmtree(folder, ignore_errors=True)
    generate = [sys.executable, ROOT / "generate.py", project, "--articles", str(given.articles)]
    subprocess.run(generate, check=True)
    build(project, releases, [])
    change(project, 0)
    usual = build(project, releases, []).seconds
    randomly, counts = random.Random(given.seed), Counter[str]()  # noqa: S311 - moments, not secrets
    while counts["killed"] < given.kills:
        counts["builds"] += 1
        change(project, counts["builds"])
        process = start(project, releases)
        if not counts["builds"] % _LEFT_TO_END:
            if process.wait():
                raise SystemExit("a build after killed ones failed")
            shutil.rmtree(full, ignore_errors=True)
            build(project, full, ["--full"])
            if found := differences(releases, full):
                raise SystemExit(f"a build after killed ones differs: {' '.join(found)}")
            counts["compared"] += 1
        else:
            time.sleep(randomly.uniform(0, usual))
            counts["killed"] += kill(process, first_alone=randomly.random() < 0.5)  # noqa: PLR2004 - half of them
        if found := list(verify(open_release(releases))):
            raise SystemExit(f"the current release is damaged: {found[:3]}")
    build(project, releases, ["--keep", "1"])
    left = sorted(path.name for path in releases.iterdir())
    print(f"{counts['killed']} builds killed, {counts['compared']} compared with full ones; left: {' '.join(left)}")


if __name__ == "__main__":
    main()
