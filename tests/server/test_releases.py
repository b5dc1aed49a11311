"""Which release answers, from the switch on; and what an old one leaves open.

A release is switched to when it is open and its first query process waits: not before, and not where that fails. One
that is no longer current is closed with its last request, and not when memory is tidied up.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

from release.reader import ANSWERS, CURRENT
from release.writer import build
from tests.conftest import wait_until
from tests.server.conftest import BASE, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release

HUB = "/doc/tower/v1.2"  # it has several pages of links
ASK = "/sparql?" + urlencode({"query": "ASK {}"})
PATHS = (
    "/",
    f"{HUB}.ttl",
    f"{HUB}?after={TERMS}guards%20{BASE}id/ship/120",
    "/search?q=sand",
    "/catalog",
    ASK,
    "/sparql?" + urlencode({"query": "ASK {"}),
    "/doc/tower/unknown",
    "/dumps/",
    "/list?class=" + quote(TERMS + "Tower"),
    "/SHA256SUMS",
    "/vocabulary",
    ASK + "&explain=true",
    "/query/",
    "/network",
)
ASKED = [*product(PATHS, ({}, {"Accept": "text/html"}))] * 3


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    """Releases that differ."""
    folder = tmp_path_factory.mktemp("built")
    tower, height = ox.NamedNode(f"{BASE}id/tower/new"), ox.NamedNode(TERMS + "height")
    quads = (ox.Quad(tower, height, ox.Literal(number), ox.DefaultGraph()) for number in range(4))
    return [build(source(quad), folder, silent) for quad in quads]


def switch(releases: Path, path: Path) -> None:
    """Make the release in that folder the current one of a folder of releases, as a build does."""
    if path.parent != releases and not (releases / path.name).exists():
        (releases / path.name).symlink_to(path)
    following = releases / "following"
    following.symlink_to(path.name)
    following.replace(releases / CURRENT)


def open_files(release: Release) -> Iterator[str]:
    """The files of a release that this process has open."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            path = str(descriptor.readlink())
            if path.startswith(str(release.path)):
                yield path


def fork_servers() -> set[int]:
    """The processes that query processes are forked from, of all applications in this process."""
    children = {int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}
    return {pid for pid in children if b"server.query.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def told(client: FlaskClient) -> str:
    """The release that a query is answered from."""
    response = client.get(ASK)
    assert response.status_code == 200
    return response.headers["Link"].partition("/release/")[2].partition("/")[0]


def test_the_old_release_answers_until_the_new_one_can(built: list[Release], tmp_path: Path) -> None:
    old, new = built[-2:]  # the last one stays open when this ends
    switch(tmp_path, old.path)
    before = fork_servers()
    with in_process(tmp_path, cache_memory=0) as client:
        (fork_server,) = fork_servers() - before
        os.kill(fork_server, signal.SIGSTOP)  # so that query processes of the new release do not start
        try:
            switch(tmp_path, new.path)
            wait_until(lambda: told(client) == old.id and any(open_files(new)))
            assert {told(client) for _ in range(10)} == {old.id}
            assert client.get("/health").text.strip() == old.id
        finally:
            os.kill(fork_server, signal.SIGCONT)
        wait_until(lambda: told(client) == new.id)


def test_a_release_whose_queries_fail_is_not_taken_up(
    built: list[Release], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, and tried again: what is copied from elsewhere may not be whole yet."""
    old, whole = built[-2:]
    switch(tmp_path, old.path)
    copy = tmp_path / whole.id
    shutil.copytree(whole.path, copy)
    (copy / ANSWERS).write_bytes(b"")  # an empty database, as SQLite has it
    with in_process(tmp_path, cache_memory=0) as client, caplog.at_level(logging.WARNING):
        switch(tmp_path, copy)
        wait_until(lambda: caplog.messages)
        assert {told(client) for _ in range(10)} == {old.id}
        shutil.copyfile(whole.path / ANSWERS, copy / ANSWERS)
        wait_until(lambda: told(client) == whole.id)
    assert [message.partition(":")[0] for message in caplog.messages] == ["the new release does not open"]


def test_nothing_of_an_old_release_stays_open(built: list[Release], tmp_path: Path) -> None:
    old = built[0]
    switch(tmp_path, old.path)
    descriptors = []
    gc.disable()
    try:
        with in_process(tmp_path, open_releases=1) as client, ThreadPoolExecutor(4) as threads:
            get = client.application.test_client
            for new in built[1:]:
                answers = threads.map(lambda asked: get().get(asked[0], headers=asked[1]).status_code, ASKED)
                assert {*answers} <= {200, 303, 307, 400, 404}
                assert any("links.bin" in path for path in open_files(old))
                switch(tmp_path, new.path)
                wait_until(lambda: told(client) == new.id and not [*open_files(old)])  # noqa: B023 - called at once
                descriptors.append(len([*Path("/proc/self/fd").iterdir()]))
                old = new
        assert descriptors == descriptors[:1] * 3
    finally:
        gc.enable()
