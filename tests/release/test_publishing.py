"""The folder of releases: what is switched to is whole, what is damaged is replaced, links in it are not followed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.errors import InputError, ReleaseError
from release.graph_store import load
from release.publishing import exclusive
from release.reader import Release, open_release
from release.verify import verify
from release.writer import build
from tests.conftest import PATIENCE, ROOT, Told
from tests.release.test_writer import TRIPLES, ask, is_killed_before, silent, source, steps_of_build
from tests.server.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write(folder: Path) -> Path:
    path = folder / "lamps.nt"
    path.write_text("<http://e/s> <http://e/p> <http://e/o> .\n", encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("first")
    return build(source(write(folder)), folder / "releases", silent)


@pytest.fixture
def first(tmp_path: Path, built: Release) -> Release:
    """A copy of the release of the file, to change."""
    shutil.copytree(built.path.parent, tmp_path / "releases", symlinks=True)
    return open_release(tmp_path / "releases")


def truncate(path: Path) -> None:
    dump = path / "dumps" / "parkgraph.nq.gz"
    os.truncate(dump, dump.stat().st_size // 2)


def empty_store(path: Path) -> None:
    for table in (path / "store").glob("*.sst"):
        table.unlink()


def change_a_byte(path: Path) -> None:
    index = bytearray((path / "index.sqlite").read_bytes())
    index[-1] ^= 1
    (path / "index.sqlite").write_bytes(index)


def empty(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


def no_manifest(path: Path) -> None:
    (path / "manifest.json").unlink()


def manifest_is_a_pipe(path: Path) -> None:
    (path / "manifest.json").unlink()
    os.mkfifo(path / "manifest.json")


def extra_file(path: Path) -> None:
    (path / "dumps" / "more.nt").write_bytes(b"")


def file_instead(path: Path) -> None:
    shutil.rmtree(path)
    path.write_bytes(b"")


def link_elsewhere(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def dangling_link(path: Path) -> None:
    shutil.rmtree(path)
    path.symlink_to("nowhere")


def linked_dumps(path: Path) -> None:
    (path / "dumps").rename(path.parent.parent / "dumps")
    (path / "dumps").symlink_to(path.parent.parent / "dumps")


DAMAGES = [
    truncate,
    empty_store,
    change_a_byte,
    empty,
    no_manifest,
    manifest_is_a_pipe,
    extra_file,
    file_instead,
    link_elsewhere,
    dangling_link,
    linked_dumps,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_release_of_the_same_id_is_replaced(
    damage: Callable[[Path], None], first: Release, file: Path
) -> None:
    releases = first.path.parent
    damage(first.path)
    told = Told()
    again = build(source(file), releases, told)
    assert f"release {first.id} is damaged and is replaced" in told.sentences
    assert again.id == first.id
    assert not first.path.is_symlink()
    assert list(verify(open_release(releases))) == []
    assert sorted(path.name for path in releases.iterdir()) == sorted([".lock", ".memo", "current", first.id])
    if damage is link_elsewhere:  # what the link led to is not this folder's
        assert (releases.parent / "elsewhere" / "manifest.json").is_file()


def test_a_build_that_replaces_can_be_killed_at_any_step(tmp_path: Path, first: Release, file: Path) -> None:
    releases, other = first.path.parent, tmp_path / "other.nt"
    other.write_text("<http://e/s> <http://e/p> <http://e/new> .\n", encoding="utf-8")
    build(source(other), releases, silent)
    truncate(first.path)
    shutil.copytree(releases, tmp_path / "copy", symlinks=True)
    steps = steps_of_build(tmp_path / "copy", file)
    assert len(steps) > 20
    for step in steps:
        damaged = next(iter(verify(open_release(first.path))), None) is not None
        if not damaged:
            truncate(first.path)
        assert is_killed_before(step, releases, file), step
        assert list(verify(open_release(releases))) == [], step
        build(source(other), releases, silent)
    assert list(verify(build(source(file), releases, silent))) == []
    assert [path.name for path in releases.glob(".build-*")] == []


def test_a_server_takes_up_what_replaces_its_damaged_release(first: Release, file: Path) -> None:
    releases = first.path.parent
    with serving(releases, workers=1) as service:
        assert ask(service) == first.id
        truncate(first.path)
        empty_store(first.path)
        build(source(file), releases, silent)
        for _ in range(20):
            assert ask(service) == first.id
    assert list(verify(open_release(releases))) == []


def test_nothing_is_switched_to_that_does_not_open(
    first: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.nt"
    other.write_text("<http://e/s> <http://e/p> <http://e/new> .\n", encoding="utf-8")
    monkeypatch.setattr("release.property_uses.write_properties", lambda path, _: path.write_bytes(b"no index"))
    with pytest.raises(Exception, match=r"index\.sqlite"):
        build(source(other), first.path.parent, silent)
    assert open_release(first.path.parent).id == first.id
    assert sorted(path.name for path in first.path.parent.iterdir()) == sorted([".lock", ".memo", "current", first.id])


def test_the_lock_does_not_follow_a_link(first: Release, file: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("twenty-five bytes of text", encoding="utf-8")
    lock = first.path.parent / ".lock"
    lock.unlink()
    lock.symlink_to(precious)
    with pytest.raises(InputError, match=r"\.lock is a symbolic link"):
        build(source(file), first.path.parent, silent)
    assert precious.read_text(encoding="utf-8") == "twenty-five bytes of text"
    lock.unlink()
    os.mkfifo(lock)
    with pytest.raises(InputError, match=r"\.lock is no regular file"):
        build(source(file), first.path.parent, silent)
    lock.unlink()
    lock.write_text("text stays", encoding="utf-8")
    with exclusive(first.path.parent):
        assert lock.read_text(encoding="utf-8") == "text stays"


def test_what_a_killed_build_left_is_removed_without_following_links(first: Release, tmp_path: Path) -> None:
    releases, foreign = first.path.parent, tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "manifest.json").write_text("theirs", encoding="utf-8")
    (releases / ".build-0").symlink_to(foreign)
    (releases / ".removing-0123456789abcdef").symlink_to(foreign)
    (releases / ".removing-file").write_bytes(b"")
    (releases / ".build-current").mkdir()
    with exclusive(releases):
        pass
    assert (foreign / "manifest.json").read_text(encoding="utf-8") == "theirs"
    assert sorted(path.name for path in releases.iterdir()) == sorted([".lock", ".memo", "current", first.id])


def test_a_disk_that_becomes_full_at_any_step_leaves_the_current_release_whole(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", tmp_path], check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    (tmp_path / "disk").mkdir()
    small, large = tmp_path / "small.nt", tmp_path / "large.nt"
    small.write_text("<http://e/s> <http://e/p> <http://e/o> .\n", encoding="utf-8")
    lines = (f'<http://e/s{n}> <http://e/p> "{str(n) * 40}" .\n' for n in range(TRIPLES))
    large.write_text("".join(lines), encoding="utf-8")
    given = map(str, (tmp_path / "disk", small, large))
    command = ["unshare", "-rm", sys.executable, "-m", "tests.release.full_disk", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3 * PATIENCE)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    codes = [row["code"] for row in rows]
    assert codes.count(0) == 2
    assert codes.count(3) == len(codes) - 2 >= 5
    for row in rows:
        assert row["findings"] == []
        if row["code"]:
            assert row["message"].startswith("parkgraph: the disk of ") or "No space left on device" in row["message"]
            assert row["message"].count("\n") == 1
            assert row["triples"] == 1
            assert row["left"] == [".lock", ".memo", "current"]


def test_a_folder_in_place_of_current_is_told_before_anything_is_built(first: Release, tmp_path: Path) -> None:
    current = first.path.parent / "current"
    current.unlink()
    current.mkdir()
    other = tmp_path / "other.nt"
    other.write_text("<http://e/s> <http://e/p> <http://e/new> .\n", encoding="utf-8")
    with pytest.raises(InputError, match="current is no symbolic link to a release"):
        build(source(other), first.path.parent, silent)
    assert sorted(path.name for path in first.path.parent.iterdir()) == sorted([".lock", ".memo", "current", first.id])


def test_nothing_of_a_damaged_release_is_sent_to_another_store(first: Release) -> None:
    truncate(first.path)
    with pytest.raises(ReleaseError, match="nothing of it was sent"):
        load(first, "http://127.0.0.1:1/store", silent)
