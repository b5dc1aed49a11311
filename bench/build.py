"""Builds a project of synthetic articles, and beside it has the engine alone load the same quads, in one run.

    python bench/build.py FOLDER [--articles 3000 10000] [--rounds 2] [--changes 3] [-- OPTIONS OF BUILD]

For each number of articles, `parkgraph build` without anything kept and the engine's own bulk load (one process, from
the file of sorted quads) take turns; the ratio is that of their least times. Then single articles are changed: how long
the next build takes, and whether it gives the files that a full build gives. Memory is the proportional set size of all
processes together, at its highest. FOLDER gets projects and releases, and has to have room for them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from prettytable import PrettyTable

from release.reader import QUADS, open_release

ROOT = Path(__file__).resolve().parent
LOAD = """
import sys, pyoxigraph
store = pyoxigraph.Store(sys.argv[2])
store.bulk_load(path=sys.argv[1], format=pyoxigraph.RdfFormat.N_QUADS)
store.flush()
"""
_PAUSE = 1.0  # seconds between two looks at the memory, which walk the pages of all processes and take time from them
# What has a time in it, or is made by the engine.
_OWN = (
    "manifest.json",
    "SHA256SUMS",
    "catalog.ttl",
    "changes.rdfp.gz",
    "store/",
    "schema-card.ttl",
    "store-described/",
)


class Run:
    """A command, run to its end: seconds, and MiB of memory of all its processes together at most."""

    def __init__(self, *command: str | Path) -> None:
        begun = time.monotonic()
        self.memory = 0.0
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            watch = threading.Thread(target=self._watch, args=[process])
            watch.start()
            process.wait()
            self.seconds = time.monotonic() - begun
            watch.join()
        if process.returncode:
            raise SystemExit(f"exit code {process.returncode}: {' '.join(map(str, command))}")

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            self.memory = max(self.memory, sum(map(_memory, family(process.pid))) / 1024)
            time.sleep(_PAUSE)


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _memory(pid: int) -> int:
    """KiB of proportional set size; 0 if the process has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def build(project: Path, releases: Path, options: list[str]) -> Run:
    program = Path(sys.executable).with_name("parkgraph")
    where = ["--project", project, "--releases", releases, "--allow-missing"]
    return Run(program, "build", "--quiet", *where, *options)


def change(project: Path, number: int) -> None:
    """Change the title and a date of one article."""
    path = project / "data/articles/articles.jsonl"
    rows = path.read_text().splitlines(keepends=True)
    place = number * 7919 % len(rows)
    article = json.loads(rows[place])
    article["facts"][0]["title"] = {"en": f"Changed {number}"}
    article["facts"][0]["date"] = f"20{10 + number % 10}-03"
    rows[place] = json.dumps(article) + "\n"
    path.write_text("".join(rows))


def differences(one: Path, other: Path) -> list[str]:
    """The files that are not the same in both releases."""
    files = {name for release in (one, other) for name in open_release(release).manifest.files}
    kept = sorted(name for name in files if not name.startswith(_OWN))
    return [name for name in kept if not _same(one / "current" / name, other / "current" / name)]


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and not subprocess.run(["cmp", "-s", one, other], check=False).returncode


def measure(folder: Path, articles: int, rounds: int, changes: int, options: list[str]) -> list[str]:
    project, releases, full = folder / f"{articles}", folder / f"{articles}-releases", folder / f"{articles}-full"
    shutil.rmtree(project, ignore_errors=True)
    generate = [sys.executable, ROOT / "generate.py", project, "--articles", str(articles)]
    subprocess.run(generate, check=True)
    builds, loads = [], []
    for _ in range(rounds):
        shutil.rmtree(releases, ignore_errors=True)
        builds.append(build(project, releases, options))
        store = folder / "store"
        shutil.rmtree(store, ignore_errors=True)
        loads.append(Run(sys.executable, "-c", LOAD, open_release(releases).path / QUADS, store))
    quads = open_release(releases).manifest.counts.quads
    seconds, engine = min(run.seconds for run in builds), min(run.seconds for run in loads)
    row = [articles, quads, f"{engine:.1f}", f"{seconds:.1f}", f"{seconds / engine:.2f}"]
    row += [f"{max(run.memory for run in builds):.0f}", f"{1e6 * seconds / quads:.1f}"]
    changed = []
    for number in range(changes):
        change(project, number)
        changed.append(build(project, releases, options))
    if changed:
        shutil.rmtree(full, ignore_errors=True)
        whole = build(project, full, ["--full", *options])
        found = differences(releases, full)
        longest = max(run.seconds for run in changed)
        row += [f"{longest:.1f}", f"{longest / whole.seconds:.3f}", " ".join(found) or "none"]
    else:
        row += ["", "", ""]
    return list(map(str, row))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, nargs="+", default=[3000, 10000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--changes", type=int, default=3)
    parser.add_argument("options", nargs="*", help="of parkgraph build, behind --")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    table = PrettyTable(
        ["articles", "quads", "engine s", "build s", "ratio", "MiB", "us a quad", "one changed s", "share", "differ"]
    )
    for articles in given.articles:
        table.add_row(measure(given.folder, articles, given.rounds, given.changes, given.options))
    print(table)


if __name__ == "__main__":
    main()
