"""Processes for work that is divided: a `concurrent.futures.Executor` whose processes do not outlive their parent."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    P = ParamSpec("P")
    Item = TypeVar("Item")
    Result = TypeVar("Result")


_NICENESS = 5


def processes(number: int | None = None, *, preload: Iterable[str] = ()) -> Executor:
    """An executor with so many processes, which start when there is work; None: one for each core.

    preload: names of modules that the processes share. Without processes (0) work is done where it is submitted.
    """
    count = len(os.sched_getaffinity(0)) if number is None else number
    if not count:
        return InProcess()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *preload])
    return ProcessPoolExecutor(count, context, initializer=_begin)


def in_order(
    executor: Executor, function: Callable[[Item], Result], items: Iterable[Item], ahead: int = 16
) -> Iterator[Result]:
    """What the function makes of each item, in their order; `ahead` items are given to the executor at a time."""
    rest = iter(items)
    running = deque(executor.submit(function, item) for item in islice(rest, ahead))
    while running:
        result = running.popleft().result()
        running.extend(executor.submit(function, item) for item in islice(rest, 1))
        yield result


class InProcess(Executor):
    """Does work where it is submitted."""

    def submit(self, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
            if not isinstance(error, Exception):
                raise
        return future


def _begin() -> None:
    """Let processes that work alone go first, for all end sooner then; end when the one that wants the work has ended."""
    os.nice(_NICENESS)
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - it was started by one
    threading.Thread(target=_end_after, args=[parent.sentinel], daemon=True).start()


def _end_after(sentinel: Any) -> None:
    wait([sentinel])
    os._exit(1)
