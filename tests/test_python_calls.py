"""The Python calls of docs/python.md, run as they are printed there."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from core.errors import InputError, ValidationError
from core.problems import Place, Severity
from mapping.build import build_project, check_project
from release.build import publish_rdf
from release.reader import open_release
from release.verify import verify
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://data.example.org/"
LAMP = "<http://example.org/a> a <http://example.org/Lamp> .\n"
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<http://example.org/shape> a sh:NodeShape ; sh:targetClass <http://example.org/Lamp> ;
  sh:property [ sh:path <http://example.org/height> ; sh:minCount 1 ; sh:severity sh:Warning ] .
"""
READING, *BLOCKS = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project, RDF and shapes, which is the current one."""
    shutil.copytree(ROOT / "tests" / "broken" / "good", tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "mine.ttl").write_text(LAMP, encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_call_takes_five_lines() -> None:
    assert len(BLOCKS) == 2
    assert {len(block.splitlines()) for block in BLOCKS} == {5}


@pytest.mark.parametrize("block", BLOCKS, ids=["project", "plain RDF"])
def test_the_lines_of_the_page_build_a_release(block: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "docs/python.md", "exec"), {})  # noqa: S102 - our own page
    release = open_release(folder / "releases")
    assert release.base == BASE
    assert release.manifest.counts.triples > 0
    assert list(verify(release)) == []
    assert release.id in capsys.readouterr().out


def test_a_build_returns_its_warnings(folder: Path) -> None:
    files, releases = [folder / "mine.ttl"], folder / "releases"
    build = publish_rdf(files, releases, base=BASE, shapes=folder / "shapes.ttl", title="Lamps")
    (problem,) = build.problems
    assert (problem.severity, problem.place) == (Severity.WARNING, Place(str(files[0])))
    assert build.release.manifest.validation.warnings == 1
    assert build.release.manifest.dataset.title == {"en": "Lamps"}
    assert sorted(build.release.manifest.inputs) == ["mine.ttl", "shapes.ttl"]


def test_violations_are_raised_and_nothing_is_published(folder: Path) -> None:
    article = folder / "data" / "articles" / "demo.yaml"
    article.write_text(article.read_text(encoding="utf-8").replace("value: 40", "value: forty"), encoding="utf-8")
    with pytest.raises(ValidationError, match=r"the data has 1 violations, the first: data/articles/demo\.yaml:28:10"):
        build_project(folder, folder / "releases", base=BASE)
    assert not (folder / "releases" / "current").exists()
    (problem,) = check_project(folder, base=BASE).violations
    assert "'forty' is no value" in problem.message


def test_a_check_uses_what_builds_have_kept_and_leaves_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_project(folder, folder / "releases", base=BASE)
    memo = folder / "releases" / ".memo"
    kept, alone = memo.read_bytes(), check_project(folder, base=BASE)
    monkeypatch.setattr("mapping.build._IN_MEMORY", 0)
    damaged = folder / "damaged"
    damaged.mkdir()
    (damaged / ".memo").write_bytes(kept[:5000])
    for releases in (folder / "releases", damaged):
        checked = check_project(folder, base=BASE, releases=releases)
        assert (checked.problems, set(checked.store)) == (alone.problems, set(alone.store))
    assert memo.read_bytes() == kept
    monkeypatch.setattr("mapping.project.map_unit", None)
    assert check_project(folder, base=BASE, releases=folder / "releases").problems == alone.problems


def test_a_base_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="absolute http or https IRI"):
        build_project(folder, folder / "releases", base="example")
    with pytest.raises(InputError, match="absolute http or https IRI"):
        publish_rdf([folder / "mine.ttl"], folder / "releases", base="example")


def test_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one RDF file"):
        publish_rdf([], tmp_path, base=BASE)
