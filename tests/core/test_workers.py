"""Functions go into an executor, their results come back in order; its processes end with the one that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import InputError
from core.workers import beside, in_order, processes
from tests.conftest import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

PARENT = """
import os, time
from core.workers import processes

if __name__ == "__main__":
    with processes(1) as executor:
        print(executor.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize("number", [0, 2])
def test_results_come_in_the_order_of_the_items(number: int) -> None:
    with processes(number) as executor:
        assert list(in_order(executor, abs, range(-50, 0), ahead=4)) == list(range(50, 0, -1))


@pytest.mark.parametrize("number", [0, 1])
def test_an_error_of_a_function_is_that_of_its_result(number: int) -> None:
    with processes(number) as executor:
        results = in_order(executor, int, ["1", "x", "2"])
        assert next(results) == 1
        with pytest.raises(ValueError, match="invalid literal"):
            next(results)


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{worker}").exists())


def test_nothing_is_imported_from_the_current_folder(tmp_path: Path) -> None:
    """In: a folder with packages of the names that processes import; whatever imports one leaves a file there."""
    program, folder = tmp_path / "parent.py", tmp_path / "folder"
    program.write_text(PARENT.replace("time.sleep(60)", ""))
    for name in ("core", "release", "random"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"open({str(folder / 'imported')!r}, 'w')")
    done = subprocess.run([sys.executable, program], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (folder / "imported").exists()


def test_a_script_that_its_processes_cannot_load_is_told_what_to_do(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT.replace('if __name__ == "__main__":', "if True:").replace("time.sleep(60)", ""))
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert "`if __name__ == " in done.stderr.splitlines()[-1]


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_sending() -> bytes:
    """Give a result of which a part is sent."""

    def send(connection: Any, data: bytes) -> None:
        os.write(connection.fileno(), bytes(data[:100]))
        die()

    Connection._send = send  # type: ignore[attr-defined] # in this process alone
    return bytes(1 << 20)


@pytest.mark.parametrize("function", [die, die_while_sending])
def test_a_process_that_is_killed_is_told(function: Callable[[], object]) -> None:
    with pytest.raises(InputError, match="a process of the build was killed"), processes(2) as executor:
        executor.submit(function).result(PATIENCE)


def die_beside_another(executor: Any) -> None:
    """Wait for the end of the process beside the one that was killed."""
    works = [executor.submit(time.sleep, 10 * PATIENCE) for _ in range(2)]
    wait_until(lambda: len(executor._processes) == 2)
    killed, other = executor._processes.values()
    killed.kill()
    other.join(PATIENCE)
    works[0].result(PATIENCE)


def die_before_another(executor: Any) -> None:
    """Wait for work after the process that starts the others was killed."""
    executor.submit(os.getpid).result(PATIENCE)
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
    executor.submit(time.sleep, 10 * PATIENCE).result(PATIENCE)


@pytest.mark.parametrize("work", [die_beside_another, die_before_another])
def test_what_was_killed_is_told_though_others_end_for_it(work: Callable[[object], object]) -> None:
    with pytest.raises(InputError, match="a process of the build was killed"), processes(2) as executor:
        work(executor)


@pytest.mark.parametrize("error", [EOFError, ConnectionRefusedError])
def test_a_process_that_is_killed_while_it_starts_is_told(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def connect(*_: object) -> None:
        raise error

    monkeypatch.setattr("multiprocessing.forkserver.connect_to_new_process", connect)
    with pytest.raises(InputError, match="a process of the build was killed"), processes(2) as executor:
        executor.submit(abs, 1)


def test_work_ends_at_once_where_it_is_no_longer_wanted() -> None:
    submitted = []
    with suppress(KeyboardInterrupt), processes(2) as executor:
        worker = executor.submit(os.getpid).result()
        submitted += [executor.submit(time.sleep, 10 * PATIENCE) for _ in range(10)]
        raise KeyboardInterrupt
    assert all(future.done() for future in submitted)
    wait_until(lambda: not Path(f"/proc/{worker}").exists())


def test_what_runs_beside_is_not_waited_for_after_an_error() -> None:
    ended = threading.Event()
    with suppress(KeyboardInterrupt), beside() as thread:
        waiting = thread.submit(ended.wait, PATIENCE)
        raise KeyboardInterrupt
    assert not waiting.done()
    ended.set()
    with beside() as thread:
        waited = thread.submit(time.sleep, 0.01)
    assert waited.done()
