"""Processes of the real server that are told to stop, are killed, or die: nothing is lost that need not be, or left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.supervisor import _pause
from tests.conftest import PATIENCE, ROOT, wait_until
from tests.server.conftest import Service, serving
from tests.server.engines import free_port
from tests.server.test_run import HEAVY, POINT, ask

if TYPE_CHECKING:
    from release.reader import Release


def is_alive(pid: int) -> bool:
    """Whether it runs: a zombie, which waits to be reaped, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def answers(service: Service) -> bool:
    with suppress(OSError, HTTPException):
        urllib.request.urlopen(f"{service.url}/health", timeout=PATIENCE).close()
        return True
    return False


@pytest.mark.parametrize("to_all", [False, True], ids=["to the server", "to each process"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stop_lets_requests_end(lights: Release, number: signal.Signals, to_all: bool) -> None:  # noqa: FBT001
    """systemd and a terminal send the signal to every process; queries have their time all the same."""
    with ThreadPoolExecutor(1) as client, serving(lights.path.parent) as service:
        running = client.submit(ask, service, HEAVY, "4")
        wait_until(service.long_queries)
        below = service.below()
        assert len(below) >= 5  # two web processes, two fork servers, at least one query process
        for pid in [*below, service.pid] if to_all else [service.pid]:
            os.kill(pid, number)
        wait_until(lambda: not answers(service))
        status, body, _ = running.result(PATIENCE)
        assert (status, body["detail"]) == (503, "The query took longer than 4 seconds.")
        assert service.process.wait(PATIENCE) == 0
        wait_until(lambda: not any(map(is_alive, below)))


def test_a_second_signal_ends_it_at_once(lights: Release) -> None:
    with ThreadPoolExecutor(1) as client, serving(lights.path.parent) as service:
        running = client.submit(ask, service, HEAVY)
        wait_until(service.long_queries)
        below = service.below()
        service.process.terminate()
        wait_until(lambda: not answers(service))
        assert not running.done()
        time.sleep(0.1)  # two that come at once are one
        service.process.terminate()
        assert service.process.wait(PATIENCE) == 0
        wait_until(lambda: not any(map(is_alive, below)))
        assert isinstance(running.exception(PATIENCE), OSError | HTTPException)


def test_a_killed_server_leaves_nothing(lights: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL to its first process alone; the next one takes the same port at once."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    port = free_port()
    for _ in range(2):
        with (
            ThreadPoolExecutor(1) as client,
            serving(lights.path.parent, port=port) as service,
        ):
            running = client.submit(ask, service, HEAVY)
            wait_until(service.long_queries)
            below = service.below()
            service.process.kill()
            assert service.process.wait(PATIENCE) == -signal.SIGKILL
            assert isinstance(running.exception(PATIENCE), OSError | HTTPException)
    wait_until(lambda: not any(map(is_alive, below)))
    assert list(tmp_path.iterdir()) == []


def test_what_dies_is_replaced(lights: Release) -> None:
    """Both web processes at once, and soon again; then every fork server and query process."""
    with serving(lights.path.parent) as service:
        for _ in range(2):
            web = children(service.pid)
            assert len(web) == 2
            for pid in web:
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda: len(children(service.pid)) == 2 and answers(service))
            assert not {*web} & {*children(service.pid)}
        forkservers = [child for pid in children(service.pid) for child in children(pid)]
        below = [*forkservers, *(query for pid in forkservers for query in children(pid))]
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, below)))
        for _ in range(10):
            assert ask(service, POINT)[0] == 200


def children(pid: int) -> list[int]:
    """The processes that it has started and that run."""
    with suppress(FileNotFoundError, ProcessLookupError):
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        return [child for child in map(int, found) if is_alive(child)]
    return []


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (1, 0.5), (2, 1), (3, 2), (20, 30)])
def test_a_web_process_that_cannot_start_waits_longer_each_time(failures: int, seconds: float) -> None:
    assert _pause(failures) == seconds


def test_it_answers_again_whatever_is_killed_under_load(lights: Release) -> None:
    """The short form of bench/kills.py, without its limit of time: that depends on the machine."""
    script = [sys.executable, str(ROOT / "bench/kills.py"), str(lights.path.parent), "10", str(PATIENCE)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=5 * PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
