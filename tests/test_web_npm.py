"""web/npm: the machine's own npm where its Node is new enough, as hatch_build.py decides too."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NPM = ROOT / "web" / "npm"


@pytest.mark.parametrize(("version", "is_used"), [("20.20.2", False), ("22.0.0", True), ("24.19.0", True)])
def test_a_node_from_22_on_is_used(tmp_path: Path, version: str, is_used: bool) -> None:  # noqa: FBT001
    """The real Node evaluates the script, told that it has this version; else Python is asked for its package."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    stated = f"Object.defineProperty(process.versions, 'node', {{value: '{version}'}});"
    (tmp_path / "node").write_text(f'#!/bin/sh\nexec {node} -e "{stated} $2"\n', encoding="utf-8")
    (tmp_path / "npm").write_text("#!/bin/sh\necho the npm of the machine\n", encoding="utf-8")
    for program in tmp_path.iterdir():
        program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "NODE_PYTHON": "false"}
    done = subprocess.run([NPM, "ci"], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip() == "the npm of the machine") is is_used, done.stderr
    assert (done.returncode == 0) is is_used
