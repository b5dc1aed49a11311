"""Builds on a disk that becomes full: `unshare -rm python -m tests.release.full_disk FOLDER SMALL LARGE`.

In a tmpfs mounted on FOLDER, the release of SMALL is built, and then, with ever more room and ever more inodes, that of
LARGE. For each build a line of JSON tells what came of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from release.reader import open_release
from release.verify import verify
from tests.conftest import parkgraph

STEP = 400 << 10  # bytes
INODES = 12


def mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, timeout=30)


def build(folder: Path, small: Path, large: Path, *, inodes: bool, more: int) -> int:
    """Build with so much more room than the old release has; the exit code."""
    mount(folder, "size=64M")
    releases = folder / "releases"
    parkgraph("build", "--quiet", "--rdf", small, "--releases", releases)
    disk = os.statvfs(folder)
    files, size = disk.f_files - disk.f_ffree + more, (disk.f_blocks - disk.f_bfree) * disk.f_frsize + more
    mount(folder, f"remount,nr_inodes={files}" if inodes else f"remount,size={size}")
    done = parkgraph("build", "--quiet", "--rdf", large, "--releases", releases, check=False)
    current = open_release(releases)
    row = {
        "code": done.returncode,
        "message": done.stderr,
        "triples": current.manifest.counts.triples,
        "findings": list(verify(current)),
        "left": sorted(
            path.name for path in releases.iterdir() if path.name not in {current.id, ".memo-shm", ".memo-wal"}
        ),
    }
    os.write(1, f"{json.dumps(row)}\n".encode())
    subprocess.run(["umount", folder], check=True, timeout=30)
    return done.returncode


def main(folder: Path, small: Path, large: Path) -> None:
    for inodes, step in ((False, STEP), (True, INODES)):
        more = step // 4
        while build(folder, small, large, inodes=inodes, more=more):
            more += step


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
