"""Edits, one build after the other: the checks find what they find in a full build, and few are evaluated again."""

from __future__ import annotations

import random
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.progress import Progress
from mapping.checks import Check
from release import blocks, kept_checks
from release.source import Validated
from release.writer import build
from tests.release.test_last_build import run, source

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from core.validation import ShaclOutcome, ValidationResult
    from release.lines import Lines
    from release.source import Source

HEADER = "# title: x\n# severity: warning\n# message: {?this} {?n}\n# fix: mend it\n"
QUERIES = {
    "near": "SELECT ?this ?n WHERE { ?this <urn:near> ?hub ; a <urn:Thing> ; <urn:size> ?n . ?hub <urn:size> ?n }",
    "labels": "SELECT ?this ?n WHERE { ?this <http://www.w3.org/2000/01/rdf-schema#label> ?n FILTER(LANG(?n) = 'en') }",
    "other": "SELECT ?this ?n WHERE { ?this <urn:other> ?n }",
    "large": "SELECT ?this ?n WHERE { ?this <urn:size> ?n FILTER(?n > 90) MINUS { ?hub <urn:far> ?this } }",
    "hidden": "SELECT ?this ?n WHERE { ?this <urn:other> ?n MINUS { ?that <urn:size> ?n } }",
}


@pytest.fixture
def checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    monkeypatch.setattr(kept_checks, "_SMALLEST", 0)
    monkeypatch.setattr(blocks, "_SMALLEST", 600)
    monkeypatch.setattr(blocks, "LARGEST", 1500)
    for name, query in QUERIES.items():
        (tmp_path / f"{name}.rq").write_text(f"{HEADER}{query} ORDER BY ?this ?n")
    return [Check.read(tmp_path / f"{name}.rq") for name in QUERIES]


def checked(runs: dict[int, bytes], checks: list[Check], releases: Path, *, full: bool = False) -> list[object]:
    """What a build of the runs tells its source."""
    found: list[object] = []

    def validate(outcome: ShaclOutcome, results: list[ValidationResult], _lines: Lines) -> Validated:
        found.extend(results)
        return Validated.of((), outcome.results, "http://localhost:8000/")

    of_runs: Source = replace(source(runs.values()), checks=checks, validate=validate)
    build(of_runs, releases, Progress(), full=full, keep=2)
    return found


def test_checks_find_what_they_find_in_a_full_build(
    tmp_path: Path, checks: list[Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated: list[str] = []  # over all, not over what is about a few subjects
    evaluate = Check.run

    def counted(check: Check, store: ox.Store) -> list[ValidationResult]:
        if len(store) > 200:
            evaluated.append(check.name)
        return evaluate(check, store)

    monkeypatch.setattr(Check, "run", counted)
    randomly = random.Random(14)  # noqa: S311 - edits, not secrets
    runs = {number: run(number, 0) for number in range(40)}
    assert checked(runs, checks, tmp_path / "step by step")
    for step in range(1, 8):
        number = randomly.randrange(40)
        match step % 4:
            case 0:
                runs.pop(number, None)
            case 1:
                runs[number] = run(number, step)
            case 2:
                runs[number] = runs[number].replace(b"version", b"edition")
            case _:
                runs[number] = runs[number].replace(b"urn:size", b"urn:other", 1)
        evaluated.clear()
        found = checked(runs, checks, tmp_path / "step by step")
        again = set(evaluated)
        assert found == checked(runs, checks, tmp_path / "full", full=True)
        if step % 4:  # else too much is gone for the last release to count
            assert "large" not in again
        if step % 4 == 2:
            assert again == {"labels"}
    evaluated.clear()
    checked(runs, checks, tmp_path / "step by step")
    assert not evaluated
    changed = [replace(check, query=f"{check.query} LIMIT 1") for check in checks]
    assert len(checked(runs, changed, tmp_path / "step by step")) <= len(checks)


def test_a_process_that_was_killed_when_it_no_longer_mattered_fails_no_build(
    tmp_path: Path, checks: list[Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_queries: list[str]) -> list[bytes]:
        raise BrokenProcessPool

    runs = {number: run(number, 0) for number in range(40)}
    with monkeypatch.context() as patched:
        patched.setattr(kept_checks, "_read_dependences", killed)
        first = checked(runs, checks, tmp_path)
    assert checked(runs, checks, tmp_path) == first
    assert first
