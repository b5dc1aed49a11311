"""What changed from release to release: as a patch in the release, joined over several, and on the command line."""

from __future__ import annotations

import gzip
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.progress import Progress
from core.rdf import nquads
from release import history, patch
from release.diff import rows
from release.history import History, PatchStep
from release.manifest import Changes, Dataset
from release.reader import CHANGES, QUADS, open_release
from release.retention import prune
from release.source import Source
from release.verify import verify
from release.writer import build
from tests.conftest import parkgraph

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from release.reader import Release

silent = Progress()
BASE = "http://lamps.example/"
CONTENTS = ({1, 2, 3}, {1, 3, 4}, {1, 2, 3, 5}, {6}, {1, 2, 3, 5, 6})


def lamps(numbers: Iterable[int], base: str = BASE) -> Source:
    """A release of these lamps; each stands in the default graph and in a named one."""
    quads = [
        ox.Quad(ox.NamedNode(f"{base}id/lamp/{number}"), ox.NamedNode("urn:height"), ox.Literal(number), graph)
        for number in numbers
        for graph in (ox.DefaultGraph(), ox.NamedNode(f"{base}id/graph/{number % 2}"))
    ]
    return Source([nquads(quads)], base, Dataset({"en": "Lamps"}))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    """Releases that followed one another."""
    folder = tmp_path_factory.mktemp("line") / "releases"
    return [build(lamps(numbers), folder, silent) for numbers in CONTENTS]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture
def line(built: list[Release], folder: Path) -> list[Release]:
    """A copy of these releases, to change."""
    shutil.copytree(built[0].path.parent, folder, symlinks=True)
    return [open_release(folder / release.id) for release in built]


def applied(lines: Iterable[bytes], changes: Iterable[patch.PatchRow]) -> set[bytes]:
    """The content after a patch, which has to fit."""
    content = set(lines)
    for row in changes:
        assert (row.line in content) != row.added
        content ^= {row.line}
    return content


def test_a_release_has_the_patch_from_the_one_before(line: list[Release]) -> None:
    assert line[0].manifest.predecessor is None
    assert line[0].manifest.changes is None
    assert not (line[0].path / CHANGES).exists()
    for before, after in pairwise(line):
        assert after.manifest.predecessor == before.id
        with gzip.open(after.path / CHANGES) as file:
            text = file.read().splitlines(keepends=True)
        assert text[:3] == [
            f"H id <{BASE}release/{after.id}> .\n".encode(),
            f"H prev <{BASE}release/{before.id}> .\n".encode(),
            b"TX .\n",
        ]
        assert text[-1] == b"TC .\n"
        changes = list(patch.read(text))
        assert len(changes) == len(text) - 4
        assert applied(before.lines(), changes) == set(after.lines())
        added = sum(row.added for row in changes)
        assert after.manifest.changes == Changes(added, len(changes) - added)
        assert list(verify(after)) == []


@pytest.mark.parametrize("old", range(len(CONTENTS)))
@pytest.mark.parametrize("new", range(len(CONTENTS)))
def test_patches_joined_are_the_difference(built: list[Release], old: int, new: int) -> None:
    folder = built[0].path.parent
    steps = history.patch_path(History(folder).versions(), built[old].id, built[new].id)
    assert steps is not None
    assert len(steps) == abs(old - new)
    assert list(history.rows(folder, steps)) == list(rows(built[old], built[new]))


def test_a_way_over_a_fork(folder: Path, line: list[Release]) -> None:
    """The first release becomes current again, and another one follows it."""
    assert build(lamps(CONTENTS[0]), folder, silent).id == line[0].id
    other = build(lamps({7}), folder, silent)
    assert other.manifest.predecessor == line[0].id
    steps = history.patch_path(History(folder).versions(), line[1].id, other.id)
    assert steps == [PatchStep(line[1].id, forward=False), PatchStep(other.id, forward=True)]
    assert list(history.rows(folder, steps)) == list(rows(line[1], other))


def test_a_way_through_what_was_removed(folder: Path, line: list[Release]) -> None:
    """Its patch is gone with it; from it on everything is still there."""
    (folder / "first").symlink_to(line[0].id)
    prune(folder, 2, silent)
    versions = History(folder).versions()
    assert [version.id for version in versions.all if version.kept] == [line[n].id for n in (4, 3, 0)]
    assert history.patch_path(versions, line[0].id, line[4].id) is None
    steps = history.patch_path(versions, line[2].id, line[4].id)
    assert steps == [PatchStep(line[3].id, forward=True), PatchStep(line[4].id, forward=True)]
    assert history.patch_path(versions, line[4].id, "0" * 16) is None


def test_versions(folder: Path, line: list[Release]) -> None:
    known = History(folder)
    (folder / "edition").symlink_to(line[1].id)
    (folder / "0123456789abcdef").mkdir()
    versions = known.versions()
    assert [version.id for version in versions.all] == [release.id for release in reversed(line)]
    assert versions.current == line[-1].id
    assert versions.names == {line[1].id: ("edition",)}
    assert [version.predecessor for version in versions.all] == [*(r.id for r in reversed(line[:-1])), None]
    assert known.versions() == versions
    prune(folder, 1, silent)
    versions = known.versions()
    assert {version.id for version in versions.all if version.kept} == {line[1].id, line[-1].id}
    assert len(versions.all) == len(line)


def test_a_release_under_another_base_has_no_predecessor(folder: Path, line: list[Release]) -> None:
    other = build(lamps({1}, "http://other.example/"), folder, silent)
    assert line[-1].base != other.base
    assert (other.manifest.predecessor, other.manifest.changes) == (None, None)


def test_what_undoes_a_patch(line: list[Release]) -> None:
    changes = list(rows(line[0], line[1]))
    assert list(patch.joined([changes, patch.inverse(changes)])) == []
    assert list(patch.inverse(changes)) == list(rows(line[1], line[0]))


def test_diff_writes_a_patch(folder: Path, line: list[Release]) -> None:
    done = parkgraph("diff", "--releases", folder, line[0].id, "--format", "patch", check=False)
    assert done.returncode == 1
    written = done.stdout.encode().splitlines(keepends=True)
    assert written[0] == f"H id <{BASE}release/{line[-1].id}> .\n".encode()
    assert applied(line[0].lines(), patch.read(written)) == set(line[-1].lines())
    same = parkgraph("diff", "--releases", folder, line[-1].id, "--format", "patch")
    assert same.stdout.splitlines()[2:] == ["TX .", "TC ."]


def test_build_keeps_as_many_as_it_is_told(folder: Path, tmp_path: Path) -> None:
    ids = []
    for number in range(4):
        data = tmp_path / f"{number}.nt"
        data.write_text(f'<urn:s> <urn:p> "{number}" .\n', encoding="utf-8")
        ids.append(parkgraph("build", "--rdf", data, "--releases", folder, "--keep", 2).stdout.strip())
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} == {"current", ids[2], ids[3]}
    assert open_release(folder).id == ids[3]
    assert parkgraph("build", "--rdf", data, "--releases", folder, "--keep", 0, check=False).returncode == 2


def test_a_damaged_release_is_no_predecessor(folder: Path, line: list[Release]) -> None:
    """It does not keep the next one from being built."""
    quads = line[-1].path / QUADS
    quads.write_bytes(quads.read_bytes()[:-20])
    after = build(lamps({8}), folder, silent)
    assert (after.manifest.predecessor, after.manifest.changes) == (None, None)
    assert not (after.path / CHANGES).exists()
    assert list(verify(after)) == []
