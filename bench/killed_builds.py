"""Kills builds of a project that changes, again and again, and looks what is left.

    python bench/killed_builds.py FOLDER [--articles 150] [--kills 200] [--trials 2] [--seed 1]

An article is changed, or not, a build begins, in one of five cases without what was kept, and after a random time
something of it gets SIGKILL: all its processes, its first one, or one of those that work for it (a process of the pool,
sort, the validator, the one that answers queries). The current release has to be whole each time. A build of which only
such a process was killed has to fail with a sentence, or to give what it gives otherwise; no process may outlive a
build. Every tenth build is left to end, and has to give the same files as a full build in another folder; in the end
nothing of the killed ones may be left. So many trials go on at a time, each with a project of its own: a small build
does not keep two cores busy.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from bench.build import build, change, differences, family
from release.reader import open_release
from release.verify import verify

ROOT = Path(__file__).resolve().parent
_LEFT_TO_END = 10
_PATIENCE = 10.0  # seconds for the other processes of a build whose first one was killed
_LONGEST = 600.0  # seconds for a build that has lost a process
_FAILED = 3
_CHANGED, _WHOLE = 0.5, 0.2  # of the builds: those of a changed article, and those without what was kept
_OPTIONS = ["--second-opinion", "0"]  # which takes longer than all the rest
# What is killed, and a word of the command line of processes that work for the first one.
_KINDS = {
    "all": "",
    "first": "",
    "pool": "multiprocessing.forkserver",
    "sort": "sort",
    "validator": "shacl_process",
    "answers": "answering",
}
_WEIGHTS = (4, 4, 4, 2, 2, 1)  # how often each is killed
_FIRST = {"all", "first"}


class Build:
    """A build under way, in a group of processes of its own."""

    def __init__(self, project: Path, releases: Path, chance: random.Random, *, full: bool) -> None:
        self._chance = chance
        program = Path(sys.executable).with_name("parkgraph")
        command = [program, "build", "--project", project, "--releases", releases, "--allow-missing", "--quiet"]
        command += [*_OPTIONS, *(["--full"] if full else [])]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self._errors, process_group=0)

    def kill(self, kind: str, after: float) -> bool:
        """Kill something of it after so many seconds, or as soon as there is such a process; whether that came about.

        Whatever is left ends within some seconds.
        """
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(after)
        was_running = False
        while self._process.poll() is None and not was_running:
            was_running = self._kill(kind)
        if kind not in _FIRST:
            self._end()
        self._process.wait()
        until = time.monotonic() + _PATIENCE
        while left := self._running():
            if time.monotonic() > until:
                raise SystemExit(f"processes are left of a build: {left}")
            time.sleep(0.05)
        return was_running

    def end(self) -> str:
        """Wait for its end; what it says, which is nothing if it has not failed."""
        self._end()
        self._errors.seek(0)
        said = self._errors.read().decode()
        if self._process.returncode not in {0, _FAILED} or said.count("\n") != bool(self._process.returncode):
            raise SystemExit(f"exit code {self._process.returncode}: {said}")
        return said

    def _end(self) -> None:
        try:
            self._process.wait(_LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            raise SystemExit("a build that has lost a process does not end") from None

    def _kill(self, kind: str) -> bool:
        with suppress(ProcessLookupError):
            if kind == "all":
                os.killpg(self._process.pid, signal.SIGKILL)
                return True
            if kind == "first":
                self._process.kill()
                return True
            processes = family(self._process.pid)[1:]
            for pid in self._chance.sample(processes, len(processes)):
                if any(_KINDS[kind] in word for word in _words(pid)):
                    os.kill(pid, signal.SIGKILL)
                    return True
        return False

    def _running(self) -> list[str]:
        """The command lines of its processes."""
        found = []
        for process in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                state, _, group = (process / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(group) == self._process.pid and state not in "ZX":
                    found.append(" ".join(_words(int(process.name)))[:200])
        return found


def _words(pid: int) -> list[str]:
    """The command line of a process; empty if it has ended."""
    with suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_text().split("\0")
    return []


class Trial:
    """A project and its releases, of which builds are killed."""

    def __init__(self, folder: Path, articles: int, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - moments, not secrets
        self.project, self.releases, self._full = (folder / name for name in ("project", "releases", "full"))
        for place in (self.project, self.releases, self._full):
            shutil.rmtree(place, ignore_errors=True)
        generate = [sys.executable, ROOT / "generate.py", self.project, "--articles", str(articles)]
        subprocess.run(generate, check=True)
        self._usual = {True: self._build()}
        change(self.project, 0)
        self._usual[False] = self._build()
        self._compared = -1  # number of the change after which the full build was made
        self.killed, self.counts, self.said = Counter[str](), Counter[str](), Counter[str]()

    def _build(self, *options: str) -> float:
        """Build without a kill; the seconds that it takes."""
        return build(self.project, self.releases, [*_OPTIONS, *options]).seconds

    def run(self) -> None:
        """Begin a build and kill something of it, or let it end; exit if something is wrong then."""
        self.counts["builds"] += 1
        if self._chance.random() < _CHANGED:
            self.counts["changed"] += 1
            change(self.project, self.counts["changed"])
        full = self._chance.random() < _WHOLE
        current = Build(self.project, self.releases, self._chance, full=full)
        if not self.counts["builds"] % _LEFT_TO_END:
            if said := current.end():
                raise SystemExit(f"a build after killed ones failed: {said}")
            self._compare()
        else:
            (kind,) = self._chance.choices(list(_KINDS), _WEIGHTS)
            if current.kill(kind, self._chance.uniform(0, self._usual[full])):
                self.killed[kind] += 1
                if kind not in _FIRST:
                    said = current.end().strip()
                    self.said[f"{kind}: {said or 'went on'}"] += 1
                    if not said:
                        self._compare()
        if found := list(verify(open_release(self.releases))):
            raise SystemExit(f"the current release is damaged: {found[:3]}")

    def _compare(self) -> None:
        """Exit if the current release differs from a full build."""
        self.counts["compared"] += 1
        if self._compared != self.counts["changed"]:  # else that is what the project gives
            self._compared = self.counts["changed"]
            shutil.rmtree(self._full, ignore_errors=True)
            build(self.project, self._full, [*_OPTIONS, "--full"])
        if found := differences(self.releases, self._full):
            raise SystemExit(f"a build after killed ones differs: {' '.join(found)}")

    def left(self) -> list[str]:
        """The names of all in the folder of releases, after a build that keeps one."""
        self._build("--keep", "1")
        return sorted(path.name for path in self.releases.iterdir())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=150)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--trials", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    trials: list[Trial] = []
    stopped = threading.Event()

    def run(number: int) -> None:
        try:
            trial = Trial(given.folder / f"{number}", given.articles, given.seed + number)
            trials.append(trial)
            while not stopped.is_set() and sum(each.killed.total() for each in trials) < given.kills:
                trial.run()
                print(f"killed: {dict(trial.killed)}; {dict(trial.counts)}", file=sys.stderr)
        except BaseException:
            stopped.set()
            raise

    with ThreadPoolExecutor(given.trials) as executor:
        list(executor.map(run, range(given.trials)))
    said = sum((trial.said for trial in trials), Counter[str]())
    for sentence, count in said.most_common():
        print(f"{count:4} {sentence}")
    for trial in trials:
        print(f"killed: {dict(trial.killed)}; {dict(trial.counts)}; left: {' '.join(trial.left())}")


if __name__ == "__main__":
    main()
