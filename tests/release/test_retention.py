"""Which releases stay: links and folders that only look like releases are no reason to stop, or to remove another."""

from __future__ import annotations

import logging
import os
import shutil
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from core.errors import InputError
from release.history import History
from release.reader import open_release
from release.retention import REMOVED
from release.verify import verify
from release.writer import build
from tests.conftest import Told
from tests.release.test_writer import silent, source
from tests.server.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from release.reader import Release

ODD = "00000000000000aa"


def built(folder: Path, number: int, **options: object) -> Release:
    file = folder / "lamps.nt"
    file.write_text(f"<http://e/s> <http://e/p> <http://e/{number}> .\n", encoding="utf-8")
    return build(source(file), folder / "releases", silent, **options)  # type: ignore[arg-type]


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    built(tmp_path, 1)
    return built(tmp_path, 2).path.parent


def empty(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    path.mkdir()
    os.mkfifo(path / "manifest.json")


def not_utf_8(path: Path) -> None:
    path.mkdir()
    (path / "manifest.json").write_bytes(b"\xff")


def nested(path: Path) -> None:
    path.mkdir()
    (path / "manifest.json").write_bytes(b"[" * 100_000)


def folder_of_that_name(path: Path) -> None:
    (path / "manifest.json").mkdir(parents=True)


def link_to_itself(path: Path) -> None:
    path.mkdir()
    (path / "manifest.json").symlink_to("manifest.json")


def another_release(path: Path) -> None:
    shutil.copytree((path.parent / "current").resolve(), path)


def a_file(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "odd",
    [empty, pipe, not_utf_8, nested, folder_of_that_name, link_to_itself, another_release, a_file],
    ids=lambda odd: odd.__name__,
)
def test_a_broken_release_among_good_ones_is_named_and_left_alone(
    odd: Callable[[Path], None], releases: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd(releases / ODD)
    history = History(releases)
    with caplog.at_level(logging.WARNING):
        assert len(history.versions().all) == 2
        assert len(history.versions().all) == 2
    assert [ODD in record.message for record in caplog.records] == [True]
    told = Told()
    file = releases.parent / "lamps.nt"
    file.write_text("<http://e/s> <http://e/p> <http://e/3> .\n", encoding="utf-8")
    last = build(source(file), releases, told, keep=1)
    assert any(ODD in step and "stays as it is" in step for step in told.sentences)
    assert (releases / ODD).exists()
    assert list(verify(open_release(releases))) == []
    assert sorted(path.name for path in releases.iterdir()) == sorted(
        [".lock", ".memo", REMOVED, ODD, "current", last.id]
    )


def test_a_folder_under_another_id_is_not_removed_for_it(releases: Path, tmp_path: Path) -> None:
    current = open_release(releases)
    shutil.copytree(current.path, releases / ODD)
    (releases / "current").unlink()
    (releases / "current").symlink_to(ODD)  # by hand
    built(tmp_path, 1, keep=1)
    assert (releases / ODD).is_dir()


def test_manifests_of_removed_releases_are_not_written_through_a_link(releases: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (releases / REMOVED).symlink_to(foreign)
    with pytest.raises(InputError, match="symbolic link"):
        built(tmp_path, 3, keep=1)
    assert list(foreign.iterdir()) == []
    assert list(verify(open_release(releases))) == []


def test_a_server_lists_what_is_whole(releases: Path) -> None:
    for number, odd in enumerate([empty, pipe, not_utf_8, nested]):
        odd(releases / f"{number:016x}")
    (releases / REMOVED).mkdir()
    os.mkfifo(releases / REMOVED / f"{ODD}.json")
    with serving(releases, workers=1) as service:
        for path in ("/releases", "/releases.atom"):
            assert urlopen(f"{service.url}{path}").status == 200
        for number in range(4):
            with pytest.raises(HTTPError, match="404"):
                urlopen(f"{service.url}/release/{number:016x}/")
