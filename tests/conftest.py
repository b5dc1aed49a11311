"""Fixtures for the whole suite: the project's own release, built once, the way a user builds it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.progress import Progress
from release.reader import Release, open_release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
PROGRAM = str(Path(sys.executable).parent / "parkgraph")
ARTICLES = "PARKGRAPH_ARTICLES"
SUITES = "PARKGRAPH_SUITES"
PATIENCE = 120.0  # seconds for what takes a moment on an idle machine; no test waits for it to pass


class Told(Progress):
    """Keeps the sentences that long work tells."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def __call__(self, sentence: str) -> None:
        self.sentences.append(sentence)


def pytest_configure() -> None:
    """SIGTERM ends the run as Ctrl-C does, with what it has started.

    Tests work in folders of their own: a path that is given from the repository's has to hold there too. Those of
    validation ask for the second opinion, which takes eight seconds for the project's data.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.setdefault("PARKGRAPH_SECOND_OPINION", "0")
    for folder in (ARTICLES, SUITES):
        if os.environ.get(folder):
            os.environ[folder] = str((ROOT / os.environ[folder]).resolve())


def parkgraph(*arguments: object, cwd: Path = ROOT, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as a user does."""
    command = [PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def wait_until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; a busy machine has long for it."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"not so within {PATIENCE:g} s: {condition}"
        time.sleep(0.01)


@contextmanager
def running(*command: object, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own, with its output as text; the whole group has ended when the context has.

    Where this process is killed, setpriv has that one end too. options: those of subprocess.Popen.
    """
    options = {"stdout": subprocess.PIPE, "text": True, "process_group": 0, **options}
    orphaned = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    with subprocess.Popen([*orphaned, *map(str, command)], **options) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


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


@pytest.fixture(autouse=True, scope="module")
def no_running_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright leaves its event loop as the running one of the thread, in which other tests may run theirs."""
    loop = asyncio._get_running_loop()
    if "browser" not in request.path.parts:
        asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
