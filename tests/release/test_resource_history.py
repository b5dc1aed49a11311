"""What releases say of a resource, bounded for large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.errors import ReleaseError
from release import resource_history
from release.resource_history import rows, state_of
from release.writer import build
from tests.server.conftest import BASE, SHIPS, TERMS, silent, source

if TYPE_CHECKING:
    from pathlib import Path

    from release.reader import Release

HUB = f"{BASE}id/tower/v1.2"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    """The second has one link more to the hub, behind all others."""
    folder = tmp_path_factory.mktemp("releases")
    more = ox.Quad(ox.NamedNode(f"{BASE}id/ship/zzz"), ox.NamedNode(TERMS + "guards"), ox.NamedNode(HUB))
    return [build(source(), folder, silent), build(source(more), folder, silent)]


def test_links_count_as_well(releases: list[Release]) -> None:
    old, new = (state_of(release.path, HUB) for release in releases)
    assert old.is_whole
    assert new.is_whole
    assert (new.lines - old.lines, old.lines > SHIPS) == (1, True)
    (row,) = rows(releases[0].path, releases[1].path, HUB)
    assert (row.added, row.line) == (True, f"<{BASE}id/ship/zzz> <{TERMS}guards> <{HUB}> .\n".encode())


@pytest.mark.parametrize(("name", "most"), [("_LINKS", 10), ("_LINES", 1), ("_BYTES", 10)])
def test_of_a_large_resource_a_part_is_read(
    releases: list[Release], monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    """Links beyond the limit are only counted; a resource with another number of them differs."""
    monkeypatch.setattr(resource_history, name, most)
    old, new = (state_of(release.path, HUB) for release in releases)
    assert not old.is_whole
    assert old.digest != new.digest
    assert state_of(releases[0].path, f"{BASE}id/none").lines == 0


def test_hostile_iris_say_nothing(releases: list[Release]) -> None:
    for iri in ("", ">", "x y", "\n", "_:b", "\ud800"[:0], "é" * 5000, f"{HUB}#", f"{HUB}\x00"):
        assert state_of(releases[0].path, iri).lines == 0


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        state_of(tmp_path, HUB)
