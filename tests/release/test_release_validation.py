"""Validation beside a build: what is kept of the last build changes nothing of what is found.

In: runs that come, go and change from build to build, with shapes that look far around; blocks of a few lines. Out: the
results and reports of a validation of the whole default graph, and how many blocks were validated again.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import InputError, ValidationError
from core.problems import Place, Problem
from core.progress import Progress
from release import blocks, graphs, reader
from release.manifest import Dataset
from release.release_validation import Shacl
from release.source import Source, Validated
from release.validation import ShaclProcess, validate
from release.writer import build
from tests.release.given_runs import given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from core.validation import ShaclOutcome, ValidationResult
    from release.lines import Lines
    from release.reader import Release

BASE = "http://localhost:8000/"
STEPS, HUBS = 12, 40
PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
SHAPES = """
<urn:OfThings> sh:targetClass <urn:Thing> ;
    sh:property [ sh:path <urn:near> ; sh:class <urn:Hub> ; sh:severity sh:Warning ],
        [ sh:path <urn:name> ; sh:minCount 1 ; sh:severity sh:Warning ],
        [ sh:path ( <urn:near> <urn:name> ) ; sh:maxCount 1 ; sh:severity sh:Info ] .
<urn:OfHubs> sh:targetClass <urn:Hub> ;
    sh:property [ sh:path [ sh:inversePath <urn:near> ] ; sh:minCount 3 ; sh:severity sh:Warning ],
        [ sh:path ( [ sh:inversePath <urn:near> ] <urn:name> ) ; sh:maxCount 2 ; sh:severity sh:Warning ] .
<urn:OfObjects> sh:targetObjectsOf <urn:likes> ;
    sh:property [ sh:path <urn:name> ; sh:minCount 1 ; sh:severity sh:Warning ] .
<urn:OfNodes> sh:targetNode <http://localhost:8000/id/hub/1>, <http://localhost:8000/id/nothing> ;
    sh:property [ sh:path <urn:near> ; sh:minCount 1 ; sh:severity sh:Warning ] .
"""
STRICT = (
    "<urn:Strict> sh:targetClass <urn:Hub> ; sh:property [ sh:path [ sh:inversePath <urn:bad> ] ; sh:maxCount 0 ] ."
)


class Spy:
    """Counts the blocks that are validated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.validated = 0
        written = ShaclProcess.written

        def count(process: ShaclProcess, progress: Callable[[str], None]) -> Iterator[dict[str, Any]]:
            for said in written(process, progress):
                self.validated += "outcome" in said
                yield said

        monkeypatch.setattr(ShaclProcess, "written", count)

    def take(self) -> int:
        """The number since it was taken last."""
        number, self.validated = self.validated, 0
        return number


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    monkeypatch.setattr(blocks, "_SMALLEST", 500)
    monkeypatch.setattr(blocks, "LARGEST", 1000)
    return Spy(monkeypatch)


def run(number: int, version: int, *more: str) -> bytes:
    """What a document states of its own, and of hubs; some in its graph alone, which is not validated."""
    randomly = random.Random(f"{number} {version}")  # noqa: S311 - the same each time
    own, hub = f"<{BASE}id/thing/{number}>", f"<{BASE}id/hub/{randomly.randrange(HUBS)}>"
    rdf_type, subclass = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "rdf-schema#subClassOf"
    triples = [
        f"{own} {rdf_type} <urn:{randomly.choice(['Thing', 'Small', 'Other'])}>",
        f"{own} <urn:near> {hub}",
        *more,
    ]
    if randomly.random() < 0.7:
        triples.append(f'{own} <urn:name> "{version}"')
    if randomly.random() < 0.5:
        triples.append(f"{hub} {rdf_type} <urn:Hub>")
    if randomly.random() < 0.3:
        triples.append(f"{own} <urn:likes> <{BASE}id/thing/{randomly.randrange(200)}>")
    if randomly.random() < 0.1:
        triples.append(f'{own} <urn:likes> "{version} of me"@en')
    if randomly.random() < 0.015:
        triples.append(f"<urn:Small> <http://www.w3.org/2000/01/{subclass}> <urn:Thing>")
    if randomly.random() < 0.3:
        triples += [f'{own} <urn:text> "{text} {"long " * 30}"' for text in range(8)]
    graph = f"<{BASE}id/graph/{number}>"
    only_there = [f'{subject} <urn:a> "{number}"' for subject in (own, hub)]
    lines = {f"{t} .\n" for t in triples} | {f"{t} {graph} .\n" for t in (*triples, *only_there)}
    return "".join(sorted(lines)).encode()


def source(shapes: Path, runs: Iterable[bytes]) -> Source:
    """Its results are problems, of which violations prevent the release."""

    def conclude(outcome: ShaclOutcome, _checked: list[ValidationResult], _lines: Lines) -> Validated:
        return validated(outcome)

    shacl = Shacl(shapes, BASE, second_opinion=0)
    return Source((), BASE, Dataset({"en": "Things"}), runs=given(runs), shacl=shacl, validate=conclude)


def validated(outcome: ShaclOutcome) -> Validated:
    found = (*outcome.results, *outcome.remarks)
    problems = [Problem(Place("data"), result.severity, result.rule, result.text(result.focus), "") for result in found]
    return Validated.of([*outcome.problems, *problems], outcome.results, BASE)


def report(release: Release) -> bytes:
    return (release.path / reader.REPORT).read_bytes()


def whole(lines: Path, shapes: Path, folder: Path) -> Validated:
    """The outcome of a validation that keeps nothing."""
    return validated(validate(graphs.default(lines, folder / "triples"), shapes, BASE, Progress(), second_opinion=0))


def test_builds_after_edits_find_what_validation_of_all_finds(tmp_path: Path, spy: Spy) -> None:
    randomly = random.Random(14)  # noqa: S311 - edits, not secrets
    shapes, releases = tmp_path / "shapes.ttl", tmp_path / "releases"
    shapes.write_text(PREFIXES + SHAPES, encoding="utf-8")
    runs = {number: run(number, 0) for number in range(120)}
    again = []
    reports = set()
    for step in range(STEPS):
        release = build(source(shapes, runs.values()), releases, Progress(), keep=2)
        again.append(spy.take())
        expected = whole(release.path / reader.QUADS, shapes, tmp_path)
        assert report(release) == expected.report, step
        assert release.manifest.validation == expected.counts
        reports.add(expected.report)
        for number in randomly.sample(range(130), randomly.randrange(1, 4)):
            match randomly.randrange(3):
                case 0:
                    runs.pop(number, None)
                case 1:
                    runs[number] = run(number, step + 1)
                case _:
                    runs[number + 200] = run(number + 200, step)
    assert len(reports) > STEPS // 2
    assert expected.counts.warnings > 50
    assert sum(again[1:]) / (STEPS - 1) < again[0] / 2


def test_a_violation_comes_and_goes(tmp_path: Path, spy: Spy) -> None:
    """What a build has found that was not published is not what the last release has."""
    shapes, releases = tmp_path / "shapes.ttl", tmp_path / "releases"
    shapes.write_text(PREFIXES + SHAPES + STRICT, encoding="utf-8")
    good = [run(number, 0) for number in range(120)]
    bad = [*good, run(500, 0, *(f"<{BASE}id/z> <urn:bad> <{BASE}id/hub/{hub}>" for hub in range(HUBS)))]
    first = build(source(shapes, good), releases, Progress())
    all_of_them = spy.take()
    for _ in range(2):
        with pytest.raises(ValidationError) as error:
            build(source(shapes, bad), releases, Progress())
        assert 0 < spy.take() < all_of_them
        assert sum(problem.severity == "violation" for problem in error.value.problems) > 10
        assert build(source(shapes, good), releases, Progress()).id == first.id
        assert spy.take() == 0
    other = build(source(shapes, good[1:]), releases, Progress())
    assert 0 < spy.take() < all_of_them
    assert report(other) == whole(other.path / reader.QUADS, shapes, tmp_path).report
    assert not list(other.path.glob("validation*"))
    assert not (other.path / "inverse-lines").exists()


def test_other_shapes_use_nothing_that_was_kept(tmp_path: Path, spy: Spy) -> None:
    shapes, releases = tmp_path / "shapes.ttl", tmp_path / "releases"
    runs = [run(number, 0) for number in range(60)]
    counts = []
    for text in (SHAPES, SHAPES + STRICT, SHAPES):
        shapes.write_text(PREFIXES + text, encoding="utf-8")
        release = build(source(shapes, runs), releases, Progress())
        assert report(release) == whole(release.path / reader.QUADS, shapes, tmp_path).report
        counts.append(spy.take())
    assert counts[0] == counts[1] > 0
    shapes.write_text(PREFIXES + "<urn:S> sh:targetClass <urn:Thing> ; sh:mincount 1 .", encoding="utf-8")
    with pytest.raises(InputError, match="mincount is no term of SHACL"):
        build(source(shapes, runs), releases, Progress())
    shapes.unlink()
    with pytest.raises(InputError, match=r"shapes\.ttl: No such file"):
        build(source(shapes, runs), releases, Progress())
