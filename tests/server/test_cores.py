"""On which cores the processes of a server run, as the kernel tells; in: the cores there are, and queries that run."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from server import cores
from tests.conftest import wait_until
from tests.server.conftest import Service, serving
from tests.server.test_run import HEAVY, POINT, ask

if TYPE_CHECKING:
    from release.reader import Release


@pytest.mark.parametrize(
    ("there_are", "processes", "shares"),
    [
        ({0, 1}, 2, [{0}, {1}]),
        ({0, 2, 4, 5, 7}, 2, [{0, 4, 7}, {2, 5}]),
        ({3, 4}, 3, [{3}, {4}, {3}]),
        ({6}, 2, [{6}, {6}]),
    ],
)
def test_web_processes_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, there_are: set[int], processes: int, shares: list[set[int]]
) -> None:
    taken: list[set[int]] = []
    monkeypatch.setattr(cores, "_ALL", there_are)
    monkeypatch.setattr(os, "sched_setaffinity", lambda _pid, share: taken.append(share))
    for number in range(processes):
        cores.take_share(number, processes)
    assert taken == shares


def test_a_system_that_does_not_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    cores.take_share(0, 2)
    cores.give_all(os.getpid())


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one core")
def test_long_queries_have_all_cores(lights: Release) -> None:
    """Everything else has those of its web process."""
    everything = os.sched_getaffinity(0)
    with ThreadPoolExecutor(1) as client, serving(lights.path.parent) as service:
        assert ask(service, POINT)[0] == 200
        shares = {frozenset(found) for found in _cores(service).values()}
        assert len(shares) == 2
        assert set.union(*map(set, shares)) == everything
        running = client.submit(ask, service, HEAVY)
        wait_until(service.long_queries)
        (process,) = service.long_queries()
        assert _cores(service)[process] == everything
        service.end_long_queries()
        assert running.result()[0] == 503


def _cores(service: Service) -> dict[int, set[int]]:
    """The cores that each process below the server may use."""
    found = {}
    for pid in service.below():
        with suppress(ProcessLookupError):
            found[pid] = os.sched_getaffinity(pid)
    return found
