"""The project's own release, served by the real server at the address that its IRIs begin with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import parkgraph
from tests.server.engines import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base IRI, with its final slash; every IRI of the data dereferences."""
    base, releases = f"http://127.0.0.1:{free_port()}/", tmp_path_factory.mktemp("site")
    parkgraph("build", "--quiet", "--base", base, "--releases", releases)
    port = base.rpartition(":")[2].rstrip("/")
    command = [str(Path(sys.executable).parent / "parkgraph"), "serve", "--port", port, "--releases", str(releases)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert base in process.stdout.readline(), "the server did not start"
        yield base
        process.terminate()
        process.communicate(timeout=30)
