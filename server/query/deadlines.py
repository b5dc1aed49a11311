"""The time that one query has."""

from __future__ import annotations

import time

from server.query.errors import QueryTimeoutError


class Deadline:
    """The moment so many seconds from now; `at` is that moment in monotonic seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; not above zero when it is over."""
        return self.at - time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds since it was set."""
        return self.seconds - self.left

    def shorten(self, seconds: float) -> None:
        """Set it to so many seconds after it began, if that is earlier."""
        if seconds < self.seconds:
            self.at += seconds - self.seconds
            self.seconds = seconds

    def check(self) -> None:
        """Raise the error if it is over."""
        if self.left <= 0:
            raise self.error()

    def error(self) -> QueryTimeoutError:
        """The error of a query that has no answer by then."""
        return QueryTimeoutError(f"the query took longer than {self.seconds:g} seconds")
