"""Functions go into an executor, their results come back in order; its processes end with the one that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.workers import in_order, processes

PARENT = """
import os, time
from core.workers import processes

if __name__ == "__main__":
    executor = processes(1)
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
    for _ in range(100):
        if not Path(f"/proc/{worker}").exists():
            break
        time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
