"""How much is fuzzed: some seconds with all tests, more by `make fuzz`, which sets PARKGRAPH_FUZZ."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.server.conftest import client, lights

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

__all__ = ["client", "lights"]

_SLOW = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
]
IS_LONG = "PARKGRAPH_FUZZ" in os.environ
STATUSES: Counter[int] = Counter()

# the same examples in each run; no deadline, for the machine may be busy
settings.register_profile(
    "tests", max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=_SLOW
)
# others in each run, which prints how to repeat what it finds
settings.register_profile(
    "fuzz", max_examples=1000, database=None, deadline=None, print_blob=True, suppress_health_check=_SLOW
)
settings.load_profile("fuzz" if IS_LONG else "tests")


@pytest.fixture(scope="session")
def statuses() -> Counter[int]:
    """How many answers had each status, over all tests."""
    return STATUSES


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    if STATUSES:
        terminalreporter.write_line(f"{STATUSES.total()} requests, by status: {dict(sorted(STATUSES.items()))}")
