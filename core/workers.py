"""Processes for work that is divided: a `concurrent.futures.Executor` whose processes do not outlive their parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from core import memory
from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    P = ParamSpec("P")
    Item = TypeVar("Item")
    Result = TypeVar("Result")

_SAFE_PATH = "PYTHONSAFEPATH"  # https://docs.python.org/3/using/cmdline.html#envvar-PYTHONSAFEPATH
_LOOK_AGAIN = 0.5  # seconds
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_FAILED = 1  # exit code of a process that an error has ended, https://docs.python.org/3/library/sys.html#sys.exit
_NICENESS = 5  # of the processes, so that the one that gives them work, and others that work alone, go first


@contextmanager
def processes(number: int | None = None, *, preload: Iterable[str] = ()) -> Iterator[Executor]:
    """An executor with so many processes, which start when there is work; None: one for each core and share of memory.

    preload: names of modules that the processes share. Without processes (0) work is done where it is submitted. Where
    the context ends by an error, the work ends at once. InputError if a process was killed.
    """
    count = memory.current().processes(memory.own()) if number is None else number
    if not count:
        yield InProcess()
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *preload])
    _start_server()
    watched, held = context.Pipe(duplex=False)
    executor = _Pool(count, context, initializer=_begin, initargs=(watched, memory.current()))
    watch = _Watch(executor, held)
    watch.start()
    try:
        yield executor
        watch.stop()
    except BaseException as error:
        watch.stop()
        reason = watch.reason()
        watch.end()
        if isinstance(error, BrokenProcessPool) or (watch.has_found_dead and isinstance(error, Exception)):
            raise InputError(reason) from error
        raise
    finally:
        executor.shutdown()
        watched.close()
        held.close()


def _start_server() -> None:
    """Start the process that starts the others, without the current folder among those that it imports from.

    SIGINT is blocked in all of them: it is for the process that has started them.
    """
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    resource_tracker.ensure_running()  # which sets the mask of signals itself
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


class _Pool(ProcessPoolExecutor):
    """Loses sight of no process that it starts, and says the same of one that is killed meanwhile as of others."""

    def submit(self, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        try:
            with _uninterrupted():
                return super().submit(function, *args, **kwargs)
        except (EOFError, ConnectionError) as error:  # also where the one was killed that starts the others
            raise BrokenProcessPool("a process has ended before it could begin") from error


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Have signals that Python handles wait for the end of the context."""
    if threading.current_thread() is not threading.main_thread():  # which alone runs their handlers
        yield
        return
    received: list[int] = []
    handlers = {number: handler for number in _SIGNALS if callable(handler := signal.getsignal(number))}
    for number in handlers:
        signal.signal(number, lambda number, _: received.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for came in received:
            signal.raise_signal(came)


class _Watch(threading.Thread):
    """Ends all processes of an executor when one has died.

    The executor would do so itself, were it not that it may wait for the rest of a result which that one was sending.
    """

    def __init__(self, executor: ProcessPoolExecutor, held: Connection) -> None:
        """held: the end of a pipe, which the processes live as long as."""
        super().__init__(daemon=True)
        self._executor, self._held, self._stopped = executor, held, threading.Event()
        self.has_found_dead = False

    def run(self) -> None:
        while not self._stopped.wait(_LOOK_AGAIN):
            if wait([process.sentinel for process in self._processes()], 0):
                self.has_found_dead = True
                self.end()
                return

    def _processes(self) -> list[BaseProcess]:
        return list((self._executor._processes or {}).values())  # noqa: SLF001 - there is no other way to them

    def reason(self) -> str:
        """Why there are no processes any more, if so, in a sentence."""
        if any(process.exitcode == _FAILED for process in self._processes()):  # it has ended before its work
            return (
                "a process of the build could not begin: a script that builds has to do so under "
                '`if __name__ == "__main__":`, because each process loads it'
            )
        return "a process of the build was killed, perhaps for lack of memory"

    def end(self) -> None:
        """End the processes, and what waits for them."""
        self._held.close()
        results: Any = self._executor._result_queue  # noqa: SLF001 - as above
        if results is not None:
            results._writer.close()  # noqa: SLF001 - the last one: whoever reads finds the end

    def stop(self) -> None:
        """No longer look, as at processes that end because all is done."""
        self._stopped.set()
        self.join()


@contextmanager
def beside() -> Iterator[Executor]:
    """A thread for work beside that of this one; where the context ends by an error it is not waited for."""
    executor = ThreadPoolExecutor(1)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


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


def _begin(watched: Connection, shares: memory.Memory) -> None:
    """Have this process end when the other end of the pipe is closed, as when the one that has it was killed.

    Work of a process alone goes before that of these, for then both end sooner.
    """
    os.nice(_NICENESS)
    memory.collect_rarely()
    memory.use(shares)
    threading.Thread(target=_end_with, args=[watched], daemon=True).start()


def _end_with(watched: Connection) -> None:
    wait([watched])
    os._exit(0)
