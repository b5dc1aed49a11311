"""In go a function and items, out come its results in the order of the items, made by several processes."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from core.errors import InputError
from core.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator


def times(factor: int, item: int) -> tuple[int, int]:
    return factor * item, os.getpid()


def fail(_: int, item: int) -> int:
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def refuse(_: int, item: int) -> int:
    raise InputError(f"not {item}")


def test_one_process_is_this_one() -> None:
    with Workers(7, 1) as workers:
        assert list(workers.map(times, range(3))) == [(n, (7 * n, os.getpid())) for n in range(3)]


def test_processes_give_results_in_order_with_few_items_in_flight() -> None:
    """Errors of the function come through; a process that is killed is told."""
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    with Workers(7, 2) as workers:
        for item, (result, process) in workers.map(times, items()):
            assert (result, process != os.getpid()) == (7 * item, True)
            assert len(taken) <= item + 4
        assert taken == list(range(20))
        with pytest.raises(InputError, match="not 1"):
            list(workers.map(refuse, [1]))
        with pytest.raises(InputError, match="was killed"):
            list(workers.map(fail, range(9)))
