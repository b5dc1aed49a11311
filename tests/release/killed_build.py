"""A build that ends in the middle: `python -m tests.release.killed_build RELEASES FILE [STEP]`.

It prints the name of each step that changes the folder of releases, and kills itself before the one that is given.
"""

from __future__ import annotations

import os
import re
import signal
import sys

from cli.main import main

# audit events of Python
CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.symlink",
    "shutil.rmtree",
    "sqlite3.connect",
    "open",
}  # audit events of Python


def step_of(event: str, arguments: tuple[object, ...], releases: str) -> str | None:
    """The name of a step: what it does, and to what; names that differ from build to build are left out."""
    if event == "subprocess.Popen" and isinstance(arguments[1], list) and "sort" in arguments[1]:
        return "sort"
    path = str(arguments[1] if event in {"os.rename", "os.symlink"} else arguments[0])
    reads = event == "open" and not set(str(arguments[1])) & set("wax+")
    if event not in CHANGES or reads or not path.startswith(releases):
        return None
    return re.sub(r"\b[0-9a-f]{8,}\b", "*", f"{event} {path.removeprefix(releases)}")


def build(releases: str, file: str, last: str | None = None) -> None:
    def audit(event: str, arguments: tuple[object, ...]) -> None:
        step = step_of(event, arguments, releases)
        if step is not None:
            if step == last:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(1, f"{step}\n".encode())

    sys.addaudithook(audit)
    main(["build", "--quiet", "--rdf", file, "--releases", releases])


if __name__ == "__main__":
    build(*sys.argv[1:])
