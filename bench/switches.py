"""Switches a running server from release to release and back under load, and counts what it has open.

    python bench/switches.py RELEASES [COUNT]

The folder has to hold two releases; `current` points to the one that it did in the end. Exit status 1 where the web
processes have more descriptors after the last switch than after the second, beyond those of requests under way.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from kills import Server, load

_MORE = 20  # descriptors of requests, their connections and queries, which come and go
_PAUSE = 1.5  # seconds; a web process looks for a release once a second


def descriptors(server: Server) -> int:
    """How many the web processes have."""
    count = 0
    for pid in server.processes("web"):
        with suppress(FileNotFoundError):
            count += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    return count


def switch(releases: Path, name: str) -> None:
    following = releases / ".current-of-bench"
    following.symlink_to(name)
    following.replace(releases / "current")


def main(folder: str, count: str = "50") -> bool:
    releases = Path(folder)
    before = (releases / "current").readlink().name
    others = (path.name for path in releases.iterdir() if (path / "manifest.json").exists() and not path.is_symlink())
    names = [before, next(name for name in others if name != before)]
    counts = []
    with TemporaryDirectory() as temporary:
        server, stop = Server(folder, temporary), threading.Event()
        try:
            while not server.answers():
                time.sleep(0.05)
            for _ in range(4):
                threading.Thread(target=load, args=(server, stop), daemon=True).start()
            for number in range(int(count)):
                switch(releases, names[(number + 1) % 2])
                time.sleep(_PAUSE)
                counts.append(descriptors(server))
        finally:
            stop.set()
            server.process.terminate()
            server.process.wait()
            switch(releases, before)
    print("descriptors after each switch:", *counts)
    return counts[-1] <= counts[1] + _MORE


if __name__ == "__main__":
    sys.exit(not main(*sys.argv[1:]))
