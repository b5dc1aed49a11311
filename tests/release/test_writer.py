"""A release: the same from run to run, whole at every moment, and verified to the last byte."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pyoxigraph as ox
import pytest

from core.errors import BusyError, InputError, ReleaseError, ValidationError
from core.progress import Progress
from core.rdf import serialize
from release.diff import diff
from release.manifest import FORMAT, Dataset, Manifest, Validation
from release.plain import RdfFiles
from release.publishing import exclusive
from release.reader import NQUADS, QUADS, TURTLE, Release, open_release
from release.source import Source, Validated
from release.verify import verify
from release.writer import build
from tests.conftest import PATIENCE, ROOT, parkgraph, wait_until
from tests.release import killed_build
from tests.server.conftest import Service, serving

if TYPE_CHECKING:
    from pathlib import Path

silent = Progress()
BASE = "http://localhost:8000/"
DATA = """
@prefix ex: <http://example.org/> .
ex:a a ex:Lamp ; ex:label "Lampe"@de, "lamp <x> \\"y\\""@en ; ex:near ex:b, [ ex:height 12.5 ] .
ex:g { ex:a ex:near ex:c . ex:c ex:label "two\\nlines" }
"""
TRIPLES = 1000
FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload([killed_build.__name__])


def source(*files: Path, **more: object) -> Source:
    rdf = RdfFiles(files, BASE)
    return Source(rdf.quads(), BASE, Dataset({"en": "Lamps"}), rdf.prefixes, **more)  # type: ignore[arg-type]


@pytest.fixture
def trig(tmp_path: Path) -> Path:
    path = tmp_path / "lamps.trig"
    path.write_text(DATA, encoding="utf-8")
    return path


def test_every_format_of_the_same_content_gives_the_same_release(tmp_path: Path, trig: Path) -> None:
    quads = list(ox.parse(path=trig))
    formats = [ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS, ox.RdfFormat.JSON_LD]
    found = set()
    for rdf_format in formats:
        path = tmp_path / f"copy.{rdf_format.file_extension}.gz"
        path.write_bytes(gzip.compress(serialize(quads, rdf_format)))
        found.add(build(source(path), tmp_path / rdf_format.file_extension, silent).id)
    assert len(formats) == 3
    assert len(found) == 1


def content(release: Release) -> ox.Dataset:
    """What the store holds."""
    return ox.Dataset(release.open_store())


@pytest.mark.parametrize("extension", ["ttl", "nt", "rdf"])
def test_triples_of_plain_rdf_arrive_as_they_are(tmp_path: Path, trig: Path, extension: str) -> None:
    rdf_format = ox.RdfFormat.from_extension(extension)
    triples = ox.Dataset(q for q in ox.parse(path=trig) if q.graph_name == ox.DefaultGraph())
    path = tmp_path / f"lamps.{extension}"
    ox.serialize((quad.triple for quad in triples), path, rdf_format)
    release = build(source(path), tmp_path / "releases", silent)
    stored = content(release)
    for dataset in (triples, stored):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert stored == triples
    assert len(stored) == 6


def test_the_dumps_hold_what_the_store_holds(tmp_path: Path, trig: Path) -> None:
    release = build(source(trig), tmp_path / "releases", silent)
    quads, triples = (
        content(release),
        ox.Dataset(release.open_store().quads_for_pattern(None, None, None, ox.DefaultGraph())),
    )
    dumps = [(NQUADS, ox.RdfFormat.N_QUADS, quads), (TURTLE, ox.RdfFormat.TURTLE, triples)]
    for path, rdf_format, expected in dumps:
        parsed = ox.Dataset(ox.parse(gzip.decompress((release.path / path).read_bytes()), rdf_format))
        for dataset in (parsed, expected):
            dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert parsed == expected
    assert release.manifest.counts.quads == len(quads) == 8
    assert release.manifest.counts.triples == len(triples) == 6
    assert release.manifest.counts.graphs == {"http://example.org/g": 2}
    lines = (release.path / QUADS).read_bytes()
    assert lines == gzip.decompress((release.path / NQUADS).read_bytes())
    assert release.manifest.files[QUADS].sha256 == release.manifest.content
    assert set(ox.parse(lines, ox.RdfFormat.N_QUADS)) == set(content(release))  # blank nodes have the same labels


@pytest.mark.parametrize("blank", [True, False])
def test_a_store_that_is_loaded_in_pieces_is_whole(
    tmp_path: Path, trig: Path, monkeypatch: pytest.MonkeyPatch, *, blank: bool
) -> None:
    monkeypatch.setattr("core.memory.Memory.piece", 1)  # a line at a time
    if not blank:
        trig.write_text(DATA.replace("[ ex:height 12.5 ]", "ex:d"), encoding="utf-8")
    release = build(source(trig), tmp_path / "releases", silent)
    expected, stored = ox.Dataset(ox.parse(path=trig)), content(release)
    for dataset in (expected, stored):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert stored == expected
    assert list(verify(release)) == []


def test_two_builds_of_the_project_give_the_same_bytes(tmp_path: Path, release: object) -> None:
    parkgraph("build", "--quiet", "--releases", tmp_path)
    first, second = release, open_release(tmp_path)
    assert first.id == second.id  # type: ignore[attr-defined]
    for path in (NQUADS, TURTLE):
        assert (first.path / path).read_bytes() == (second.path / path).read_bytes()  # type: ignore[attr-defined]


def test_a_release_that_is_there_is_used_as_it_stands(tmp_path: Path, trig: Path) -> None:
    first = build(source(trig), tmp_path / "releases", silent)
    before = (first.path / "manifest.json").stat()
    second = build(source(trig), tmp_path / "releases", silent)
    assert second.path == first.path
    assert (second.path / "manifest.json").stat() == before


def ask(service: Service) -> str:
    """The release that answers, after a query to it has been answered."""
    with urlopen(f"{service.url}/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D&format=srj") as answer:
        assert json.load(answer)["boolean"] is True
    with urlopen(f"{service.url}/health") as answer:
        return str(answer.read().decode().strip())


def steps_of_build(releases: Path, file: Path) -> list[str]:
    """The names of the steps of a build, each once."""
    command = [sys.executable, "-m", "tests.release.killed_build", str(releases), str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return list(dict.fromkeys(done.stdout.splitlines()[:-1]))


def is_killed_before(step: str, releases: Path, file: Path) -> bool:
    """Whether a build has killed itself before the step; it is forked from a process that has all modules at hand."""
    process = FORKSERVER.Process(target=killed_build.build, args=(str(releases), str(file), step))
    process.start()
    process.join(PATIENCE)
    return process.exitcode == -signal.SIGKILL


def test_a_build_killed_at_any_step_leaves_the_current_release_whole(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    old, new = tmp_path / "old.nt", tmp_path / "new.nt"
    old.write_text("<http://e/s> <http://e/p> <http://e/o> .\n", encoding="utf-8")
    new.write_text("".join(f'<http://e/s{n}> <http://e/p> "{n}" .\n' for n in range(TRIPLES)), encoding="utf-8")
    before = build(source(old), releases, silent)
    shutil.copytree(releases, tmp_path / "copy", symlinks=True)
    steps = steps_of_build(tmp_path / "copy", new)
    assert {"sort", "sqlite3.connect /.memo", "os.rename /*", "os.symlink /.build-*", "os.rename /current"} <= set(
        steps
    )
    with serving(releases, workers=1) as service:
        for step in steps:
            assert is_killed_before(step, releases, new), step
            current = open_release(releases)
            assert list(verify(current)) == [], step
            assert ask(service) in {before.id, current.id}
            if current.id != before.id:
                assert current.manifest.counts.triples == TRIPLES
                build(source(old), releases, silent)
                wait_until(lambda: ask(service) == before.id)  # it looks for a new release once a second
                shutil.rmtree(current.path)
        service.process.terminate()
        assert service.process.wait(PATIENCE) == 0
    finished = build(source(new), releases, silent)
    assert open_release(releases).id == finished.id
    assert [path.name for path in releases.glob(".build-*")] == []


def test_what_validation_rejects_is_not_published(tmp_path: Path, trig: Path) -> None:
    releases = tmp_path / "releases"
    with pytest.raises(ValidationError):
        build(source(trig, validate=lambda *_: Validated(Validation(violations=1), b"")), releases, silent)
    assert sorted(path.name for path in releases.iterdir()) == [".lock", ".memo"]
    published = build(
        source(trig, validate=lambda *_: Validated(Validation(warnings=2), b"# report\n")), releases, silent
    )
    assert published.manifest.validation.warnings == 2
    assert (published.path / "report.ttl").read_bytes() == b"# report\n"


def test_one_build_at_a_time(tmp_path: Path, trig: Path) -> None:
    with exclusive(tmp_path), pytest.raises(BusyError, match="another build is running"):
        build(source(trig), tmp_path, silent)


def test_diff_says_what_came_and_went(tmp_path: Path) -> None:
    old, new = tmp_path / "old.nt", tmp_path / "new.nt"
    old.write_text('<http://e/a> <http://e/p> "1" .\n<http://e/b> <http://e/p> "1" .\n', encoding="utf-8")
    new.write_text('<http://e/a> <http://e/p> "1" .\n<http://e/b> <http://e/p> "2" .\n', encoding="utf-8")
    first = build(source(old), tmp_path / "releases", silent)
    second = build(source(new), tmp_path / "releases", silent)
    changes = [(c.added, c.subject, c.object) for c in diff(first, second)]
    assert changes == [(False, "<http://e/b>", '"1"'), (True, "<http://e/b>", '"2"')]
    said = parkgraph("diff", "--releases", tmp_path / "releases", first.id, check=False)
    assert said.returncode == 1
    assert said.stdout == '<http://e/b>\n  - <http://e/p> "1"\n  + <http://e/p> "2"\n'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ttl", "@prefix : <http://e/> .\n:a :b .\n", r"a\.ttl:2:\d+: "),
        ("a.csv", "x", r"no RDF format has the extension '\.csv'"),
        ("a.nq", None, r"a\.nq: No such file"),
    ],
)
def test_what_is_no_rdf_is_told_with_its_place(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        build(source(path), tmp_path / "releases", silent)


def test_a_manifest_of_another_layout_is_refused(tmp_path: Path, trig: Path) -> None:
    release = build(source(trig), tmp_path, silent)
    raw = json.loads((release.path / "manifest.json").read_text(encoding="utf-8"))
    with pytest.raises(ReleaseError, match=f"layout {FORMAT + 1}"):
        Manifest.from_json(json.dumps(raw | {"format": FORMAT + 1}))
    with pytest.raises(ReleaseError, match="damaged"):
        Manifest.from_json("{}")
