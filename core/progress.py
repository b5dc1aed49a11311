"""What long work tells of itself: `Progress`. This one passes it over; the command line has one that writes it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Progress:
    """Takes sentences, the advance of stages, and what processor time was spent on. Used by one thread."""

    def __call__(self, sentence: str) -> None:
        """Tell something in a sentence."""

    @contextmanager
    def stage(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:  # noqa: ARG002 - for others
        """A stage of the work; the function that is given takes how many more units are done.

        unit: of the total, such as `documents`.
        """
        yield _pass_over

    def spent(self, name: str, seconds: float) -> None:
        """Note processor time, in seconds, that another process has spent on something."""


def _pass_over(_number: int) -> None:
    """Do nothing."""


SILENT = Progress()
