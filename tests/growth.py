"""How the cost of reading a text grows with its length, judged by processor time with wide margins."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FLOOR = 0.05  # seconds of processor time below which nothing is judged
_TIMES = 10  # more, for a text four times as long, is not linear: twice 4, where a quadratic cost has 16
_TRIES = 4


def assert_linear(read: Callable[[str], object], text: Callable[[int], str], longest: int) -> None:
    """`read` costs no more than a linear reader on the texts of up to `longest` characters that `text` makes.

    The lengths grow fourfold from a thousand characters, so that a reader which is not linear is found early.
    """
    length = min(1000, longest)
    before = _cost(read, text(length))
    while length < longest:
        length = min(4 * length, longest)
        for _ in range(_TRIES):
            now = _cost(read, text(length))
            if now < _FLOOR or now < _TIMES * before:
                break
            before = max(before, _cost(read, text(length // 4)))
        else:
            shown = text(30)
            raise AssertionError(f"{length} characters as {shown!r} cost {now:.3f} s, a quarter of them {before:.4f} s")
        before = now


def _cost(read: Callable[[str], object], text: str) -> float:
    """Seconds of processor time of this thread: the better of two runs, without a look at older objects for cycles."""
    costs = []
    gc.disable()
    try:
        for _ in range(2):
            began = time.thread_time()
            read(text)
            costs.append(time.thread_time() - began)
            if costs[0] < _FLOOR:
                break
    finally:
        gc.enable()
    return min(costs)
