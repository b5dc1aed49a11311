"""Runs that come, go and change, one build after the other: each gives the files that a full build of them gives."""

from __future__ import annotations

import pickle
import random
from typing import TYPE_CHECKING

import pytest

from core.progress import Progress
from release import blocks, last_build, query_store, reader
from release.last_build import LastBuild
from release.manifest import Dataset
from release.memo import Memo
from release.source import Source
from release.verify import verify
from release.writer import build
from tests.conftest import Told
from tests.release.given_runs import given

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyoxigraph as ox

    from release.reader import Release

BASE = "http://localhost:8000/"
STEPS = 12
# The engine's files, what names a time or the release before, and digests of these.
OWN = {"manifest.json", "SHA256SUMS", reader.CATALOG, reader.SCHEMA_CARD, reader.CHANGES}


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_SMALLEST", 600)
    monkeypatch.setattr(blocks, "LARGEST", 1500)
    monkeypatch.setattr(blocks, "_GROUP", 4)


def run(number: int, version: int) -> bytes:
    """What a document states: of its own, of a thing that many speak of, and of one that a few speak of."""
    own, shared = f"<{BASE}id/thing/{number}>", f"<{BASE}id/hub/{number % 3}>"
    triples = [
        f"{own} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:Thing>",
        f'{own} <http://www.w3.org/2000/01/rdf-schema#label> "thing {number} in its version {version}"@en',
        f'{own} <urn:size> "0{version}"^^<http://www.w3.org/2001/XMLSchema#integer>',
        f"{own} <urn:near> {shared}",
        f'{shared} <urn:size> "{version % 2}"^^<http://www.w3.org/2001/XMLSchema#integer>',
        f'{shared} <urn:size> "0{version % 2}"^^<http://www.w3.org/2001/XMLSchema#integer>',
        f"{shared} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:Hub>",
    ]
    graph = f"<{BASE}id/graph/{number}>"
    return "".join(sorted({f"{t} .\n" for t in triples} | {f"{t} {graph} .\n" for t in triples})).encode()


def source(runs: Iterable[bytes]) -> Source:
    return Source((), BASE, Dataset({"en": "Things"}), runs=given(runs))


def content(release: Release) -> dict[str, str]:
    """The digests of the files that follow from the content alone."""
    files = release.manifest.files.items()
    return {path: file.sha256 for path, file in files if path not in OWN and not path.startswith("store")}


def quads(release: Release) -> set[ox.Quad]:
    return set(release.open_store())


def test_builds_after_edits_give_what_full_builds_give(tmp_path: Path) -> None:
    randomly = random.Random(14)  # noqa: S311 - edits, not secrets
    runs = {number: run(number, 0) for number in range(60)}
    build(source(runs.values()), tmp_path / "step by step", Progress())
    for step in range(1, STEPS):
        for number in randomly.sample(range(70), randomly.randrange(1, 4)):
            match randomly.randrange(3):
                case 0:
                    runs.pop(number, None)
                case 1:
                    runs[number] = run(number, step)
                case _ if number in runs:  # renamed
                    runs[number + 100] = runs.pop(number)
        updated = build(source(runs.values()), tmp_path / "step by step", Progress(), keep=2)
        full = build(source(runs.values()), tmp_path / "full", Progress(), full=True, keep=1)
        assert (updated.id, content(updated)) == (full.id, content(full))
        assert quads(updated) == quads(full)
        assert list(verify(updated)) == []


def test_a_small_change_sorts_and_loads_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [run(number, 0) for number in range(60)]
    build(source(runs), tmp_path, Progress())
    monkeypatch.setattr(query_store, "load", None)
    monkeypatch.setattr("release.lines.merge", None)
    assert build(source([*runs[:-1], run(59, 1)]), tmp_path, Progress()).manifest.counts.triples


@pytest.mark.parametrize("damaged", [reader.QUADS, f"{reader.STORE}/CURRENT", f"{reader.STORE}/*.sst"])
def test_a_damaged_last_release_is_not_built_on(tmp_path: Path, damaged: str) -> None:
    runs = [run(number, 0) for number in range(60)]
    first = build(source(runs), tmp_path / "releases", Progress())
    file = next(first.path.glob(damaged))
    data = file.read_bytes()
    file.write_bytes(data[:-9] + b"d" + data[-8:])
    told = Told()
    changed = [*runs[:-1], run(59, 1)]
    release = build(source(changed), tmp_path / "releases", told)
    full = build(source(changed), tmp_path / "full", Progress())
    assert content(release) == content(full)
    assert quads(release) == quads(full)
    assert list(verify(release)) == []


def test_what_was_kept_may_be_lost(tmp_path: Path) -> None:
    runs = [run(number, 0) for number in range(60)]
    build(source(runs), tmp_path / "releases", Progress())
    memo = tmp_path / "releases" / ".memo"
    memo.write_bytes(memo.read_bytes()[: 1 << 14])
    changed = [*runs[:-1], run(59, 1)]
    release = build(source(changed), tmp_path / "releases", Progress())
    assert content(release) == content(build(source(changed), tmp_path / "full", Progress()))


class Hostile:
    """An object whose pickle makes a folder when it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        return self.folder.mkdir, ()


def test_a_last_build_of_another_kind_is_missing_and_runs_nothing(tmp_path: Path) -> None:
    runs = [run(number, 0) for number in range(60)]
    release = build(source(runs), tmp_path / "releases", Progress())
    for value in pickle.dumps(Hostile(tmp_path / "made")), b"", b"[]", b"[1, 2, 3, 4]", b"[" * 100_000:
        with Memo(tmp_path / "releases" / ".memo") as memo:
            assert LastBuild.read(memo, release)
            memo.put(last_build._KEY, value)
            assert LastBuild.read(memo, release) is None
            memo.commit()
        assert content(build(source(runs), tmp_path / "releases", Progress())) == content(release)
    assert not (tmp_path / "made").exists()
