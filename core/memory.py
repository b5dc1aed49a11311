"""How much memory all processes of a build may take together, and what follows for each: `Memory`.

The figures are proportional set sizes that were measured with 1.4 and 4.7 million quads (docs/settings.md).
"""

from __future__ import annotations

import gc
import os
import re
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.limits import memory_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.progress import Progress

_MB = 1_000_000
DEFAULT, LEAST = 1500 * _MB, 500 * _MB  # bytes
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:([kmgt])(i?)b?)?", re.IGNORECASE)
_OWN = 100 * _MB  # of the first process when it begins
_FIRST = 250 * _MB  # that it takes more to check, with the validator, and the one that starts others
_EACH = 150 * _MB  # of a process that maps input, or makes parts of blocks
_LOADING, _LOADED = 70 * _MB, 7  # of the process that loads the store, beside so many times what it loads at once
_LARGEST_PIECE = 128 * _MB  # what is loaded at once; more saves no time
_COLLECTED_AFTER = 100_000  # objects more than before; blocks and pages make many, and hardly any is in a cycle


@dataclass(frozen=True)
class Memory:
    """What all processes of a build may take together, in bytes; InputError if it is too little for any."""

    total: int = DEFAULT

    def __post_init__(self) -> None:
        if self.total < LEAST:
            raise InputError(f"a build needs at least {LEAST // _MB} MB of memory, and may take {self.total // _MB}")

    def processes(self, own: int = _OWN) -> int:
        """How many may work at once: one for each core, if there is memory for them. One of them may load the store.

        own: what the process that starts them has, in bytes, which grows with the input.
        """
        others = self.total - own - _FIRST - self.sort // 2 - _LOADING - _LOADED * self.piece
        return max(1, min(len(os.sched_getaffinity(0)), 1 + others // _EACH))

    @property
    def sort(self) -> int:
        """For sort, which spills to the disk beyond it."""
        return self.total // 6

    @property
    def piece(self) -> int:
        """Bytes of quads that are loaded into the store at once."""
        return min((self.total // 5 - _LOADING) // _LOADED, _LARGEST_PIECE)

    @property
    def ahead(self) -> int:
        """How many pieces of work are given to the processes before the first of them is done."""
        return 2 * self.processes() + 2


_current: ContextVar[Memory] = ContextVar("memory", default=Memory())  # noqa: B039 - it does not change


def current() -> Memory:
    """What the build that is running may take."""
    return _current.get()


def collect_rarely() -> None:
    """Have this process look for objects in cycles a hundred times more seldom: that took up to a tenth of its time."""
    gc.set_threshold(_COLLECTED_AFTER)


def own() -> int:
    """The bytes of memory that this process has now."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return _OWN


def allowed(total: int, progress: Progress) -> Memory:
    """What a build may take that is to take so many bytes, here: less, and that is told, where there are not so many.

    Where there is less than the least, a small build may still do with it. InputError if `total` is too little.
    """
    here = max(memory_here(), LEAST)
    if total > here:
        progress(f"there are {here // _MB} MB of memory here, so the build takes no more than that")
    return Memory(min(total, here))


def use(memory: Memory) -> None:
    """Have `current` give this one from now on."""
    _current.set(memory)


@contextmanager
def limited(memory: Memory) -> Iterator[None]:
    """Have `current` give this one in the context."""
    token = _current.set(memory)
    try:
        yield
    finally:
        _current.reset(token)


def parse(text: str) -> int:
    """The bytes of a size: a number of MiB, or with a unit of SI or IEC, as 1.5G or 512 MiB. InputError if not so."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text!r} is no size: give a number of MiB, or one with a unit, such as 1.5G")
    number, unit, binary = match.groups()
    if not unit:
        return int(float(number) * (1 << 20))
    power = "kmgt".index(unit.lower()) + 1
    return int(float(number) * ((1 << 10) if binary else 1000) ** power)
