"""A release that is no longer current is closed with its last request, and not when memory is tidied up."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from release.writer import build
from server.app import create_app
from server.settings import Settings
from tests.conftest import wait_until
from tests.server.conftest import BASE, TERMS, WholeClient, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release

HUB = "/doc/tower/v1.2"  # it has so many links that links.sqlite is read
PATHS = (
    "/",
    f"{HUB}.ttl",
    f"{HUB}?after={TERMS}guards%20{BASE}id/ship/120",
    "/search?q=sand",
    "/catalog",
    "/sparql?" + urlencode({"query": "ASK {}"}),
    "/sparql?" + urlencode({"query": "ASK {"}),
    "/doc/tower/unknown",
    "/dumps/",
    "/list?class=" + quote(TERMS + "Tower"),
    "/SHA256SUMS",
)


def numbered(number: int, releases: Path) -> Release:
    """Build a release that differs from those with other numbers."""
    tower, height = ox.NamedNode(f"{BASE}id/tower/new"), ox.NamedNode(TERMS + "height")
    return build(source(ox.Quad(tower, height, ox.Literal(number), ox.DefaultGraph())), releases, silent)


def open_files(release: Release) -> Iterator[str]:
    """The files of a release that this process has open."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            path = str(descriptor.readlink())
            if path.startswith(str(release.path)):
                yield path


def test_nothing_of_an_old_release_stays_open(tmp_path: Path) -> None:
    old = numbered(0, tmp_path)
    app = create_app(Settings(releases=tmp_path, open_releases=1))
    app.test_client_class = WholeClient
    current = app.extensions["current"]
    descriptors = []
    gc.disable()
    try:
        with ThreadPoolExecutor(4) as threads:
            for number in range(1, 4):
                answers = threads.map(lambda path: app.test_client().get(path).status_code, PATHS * 4)
                assert {*answers} <= {200, 303, 307, 400, 404}
                assert any("links.sqlite" in path for path in open_files(old))
                new = numbered(number, tmp_path)
                wait_until(lambda: current.current().manifest.id == new.id)  # noqa: B023 - called at once
                assert [*open_files(old)] == []
                descriptors.append(len([*Path("/proc/self/fd").iterdir()]))
                old = new
        assert descriptors == descriptors[:1] * 3
    finally:
        gc.enable()
        current.close()
