"""Runs a function over many items in processes of this machine, in order, with few items in flight."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Generic, TypeVar

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Any, Self

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

_IN_FLIGHT = 2  # items for each process: one that it works on, and the next one
_shared: Any = None  # what the functions of this process share, set when it starts


def cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers(Generic[Shared]):
    """Processes that each hold one value, which is sent to them once. A context manager, which ends them.

    processes: how many; with 1, this process does the work. The value, functions, items and results are pickled, and a
    script that starts processes has its calls under `if __name__ == "__main__":`.
    """

    def __init__(self, shared: Shared, processes: int) -> None:
        self._shared_value = shared
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._processes > 1:
            context = multiprocessing.get_context("spawn")
            self._file = tempfile.NamedTemporaryFile(prefix="parkgraph-")
            pickle.dump(self._shared_value, self._file)
            self._file.flush()
            self._pool = ProcessPoolExecutor(self._processes, context, _hold, (self._file.name,))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._file.close()

    def map(self, function: Callable[[Shared, Item], Result], items: Iterable[Item]) -> Iterator[tuple[Item, Result]]:
        """Each item with the function's result for the shared value and the item, in the order of the items.

        An error of the function is raised here; InputError if a process was killed, as by a lack of memory.
        """
        if self._pool is None:
            yield from ((item, function(self._shared_value, item)) for item in items)
            return
        running: deque[tuple[Item, Future[Result]]] = deque()
        try:
            for item in items:
                running.append((item, self._pool.submit(_call, function, item)))
                if len(running) >= self._processes * _IN_FLIGHT:
                    done, future = running.popleft()
                    yield done, future.result()
            while running:
                done, future = running.popleft()
                yield done, future.result()
        except BrokenProcessPool as error:
            raise InputError("a process that mapped the data was killed, perhaps for lack of memory") from error


def _hold(path: str) -> None:
    global _shared  # noqa: PLW0603 - a process of a pool has no other place for what it holds
    with open(path, "rb") as file:  # noqa: PTH123
        _shared = pickle.load(file)  # noqa: S301 - written by the process that started this one


def _call(function: Callable[[Any, Item], Result], item: Item) -> Result:
    return function(_shared, item)
