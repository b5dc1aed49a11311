"""Fixtures for the whole suite: the project's own release, built once, the way a user builds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from release.reader import Release, open_release

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ARTICLES = "PARKGRAPH_ARTICLES"


def pytest_configure() -> None:
    """Tests work in folders of their own: a path that is given from the repository's has to hold there too."""
    if os.environ.get(ARTICLES):
        os.environ[ARTICLES] = str((ROOT / os.environ[ARTICLES]).resolve())


def parkgraph(*arguments: object, cwd: Path = ROOT, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as a user does."""
    command = [str(Path(sys.executable).parent / "parkgraph"), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What servers keep on disk is of this run alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("caches")))
        yield


@pytest.fixture(scope="session")
def articles() -> Path:
    """The folder with the texts; without it the checks against them report that they did not run."""
    folder = os.environ.get(ARTICLES)
    if not folder:
        pytest.skip(f"the texts are not at hand: set {ARTICLES}")
    return Path(folder)


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of releases in which the release of the project's own data is current."""
    folder = tmp_path_factory.mktemp("releases")
    parkgraph("build", "--quiet", "--releases", folder)
    return folder


@pytest.fixture(scope="session")
def release(releases: Path) -> Release:
    return open_release(releases)
