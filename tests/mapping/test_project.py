"""A project that lacks rules, shapes or checks is told so; it is an error after a release that had them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from mapping.project import OPTIONAL_PARTS
from release.reader import open_release
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FINE, FINDINGS = 0, 1
PARTS = sorted(OPTIONAL_PARTS)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of another folder, with all its parts."""
    project = tmp_path / "examples" / "project"
    shutil.copytree(ROOT / "tests" / "broken" / "good", project)
    for part in ("ontology", "mapping"):
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return project


def remove(project: Path, part: str) -> None:
    path = project / part
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def run(command: str, project: Path, *options: str) -> Result:
    folders = {"project": project, "articles": project / "texts", "releases": project / "releases"}
    arguments = [command, "--quiet", *(f"--{name}={folder}" for name, folder in folders.items()), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def found(result: Result) -> list[str]:
    """The parts that are reported as missing, each with the severity."""
    lines = [line for line in result.stdout.splitlines() if line.endswith("[missing]")]
    return [" ".join(line.replace(":1:1:", "").split(": ")[0:2]).replace(":", "") for line in lines]


def test_a_whole_project_is_told_nothing(project: Path) -> None:
    assert found(run("check", project)) == []


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_project_with_none_of_the_parts_is_told_what_is_not_done(command: str, project: Path) -> None:
    for part in PARTS:
        remove(project, part)
    result = run(command, project)
    assert result.exit_code == FINE
    for part, consequence in OPTIONAL_PARTS.items():
        assert f"{part}:1:1: warning: the project has no {part}: {consequence} [missing]" in result.stdout
    assert len(found(result)) == len(PARTS) == 3


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_the_last_release_had_is_an_error(part: str, project: Path) -> None:
    first = run("build", project)
    assert first.exit_code == FINE
    assert any(path.startswith(part) for path in open_release(project / "releases").manifest.inputs)
    remove(project, part)
    for command in ("check", "build"):
        result = run(command, project)
        assert result.exit_code == FINDINGS
        assert f"violation: the last release was built with {part}, which the project lacks now" in result.stdout
    assert open_release(project / "releases").id == first.stdout.strip()

    allowed = run("build", project, "--allow-missing")
    assert allowed.exit_code == FINE
    assert f"warning: the project has no {part}" in allowed.stdout
    if part == "ontology/checks/":  # they are no part of the content, so the release is the same, and was checked
        assert allowed.stdout.splitlines()[-1] == first.stdout.strip()
    else:
        assert open_release(project / "releases").manifest.validation.warnings == 1
        assert run("build", project).exit_code == FINE, "the last release lacks it too"


def test_an_empty_folder_of_rules_is_a_missing_one(project: Path) -> None:
    for rule in (project / "mapping" / "rules").glob("*.rq"):
        rule.unlink()
    assert "the project has no mapping/rules/" in run("check", project).stdout


def test_the_inputs_of_a_release_are_all_files_but_examples_of_the_ontology(project: Path) -> None:
    """A folder that is named like those, elsewhere, is one like any other."""
    more = project / "data" / "registry" / "examples"
    more.mkdir()
    (more / "more.yaml").write_text("- {id: place/x, type: Place, label: {en: X}}\n", encoding="utf-8")
    run("build", project)
    inputs = open_release(project / "releases").manifest.inputs
    assert "data/registry/examples/more.yaml" in inputs
    assert (project / "ontology" / "examples").is_dir()
    assert not any(path.startswith("ontology/examples/") for path in inputs)
