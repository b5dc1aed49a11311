"""Broken input: each case changes one thing in a good project, and says exactly what a user then reads."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from rdflib import SH, Graph, Literal, URIRef

from cli.main import main
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = ROOT / "tests" / "broken"
CASES = sorted((BROKEN / "cases").glob("*.toml"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The good project, with the ontology and the mapping of this repository."""
    shutil.copytree(BROKEN / "good", tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    return tmp_path


def check(project: Path, *options: str) -> Result:
    arguments = ["check", "--quiet", "--project", str(project), "--articles", str(project / "texts"), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_the_good_project_is_good(project: Path) -> None:
    result = check(project)
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_broken_input_is_told_with_place_and_fix(path: Path, project: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    file = project / case["file"]
    good = file.read_text(encoding="utf-8")
    assert good.count(case["old"]) == 1
    file.write_bytes(good.replace(case["old"], case["new"]).encode(case.get("encoding", "utf-8")))
    result = check(project)
    assert result.stdout == case["expected"]
    assert result.exit_code == (1 if ": violation: " in case["expected"] else 0)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("mailto:a@b.example?body={statment}", "there is no variable 'statment'"),
        ("https://b.example/{page", "a brace is not closed, or not opened"),
        ("ftp://b.example/{page}", "it does not begin with one of mailto:, https://, http://"),
    ],
)
def test_a_wrong_template_for_corrections_is_told(template: str, reason: str, project: Path) -> None:
    (project / "data" / "dataset.yaml").write_text(
        f'title: {{en: Demo}}\ncorrections: "{template}"\n', encoding="utf-8"
    )
    result = check(project)
    assert result.stdout == (
        f"data/dataset.yaml:2:14: violation: 'corrections' is no URI template: {reason} [dataset]\n    write an address"
        " of mail or of a page with any of {page}, {release}, {resource}, {statement}, {source}, {value}\n"
    )
    assert result.exit_code == 1


def test_json_lines_are_told_by_their_line(project: Path) -> None:
    (project / "data" / "articles" / "more.jsonl").write_text(
        '{"article": "article/x"}\n\n{"article" "y"}\n', encoding="utf-8"
    )
    assert check(project).stdout == (
        "data/articles/more.jsonl:3:12: violation: not JSON: Expecting ':' delimiter [syntax]\n"
        "    each line is one whole JSON object\n"
    )


@pytest.fixture
def broken(project: Path) -> Path:
    file = project / "data" / "articles" / "demo.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("value: 40", "value: forty"), encoding="utf-8")
    return project


def test_problems_as_json(broken: Path) -> None:
    (problem,) = json.loads(check(broken, "--format", "json").stdout)
    assert problem == {
        "file": "data/articles/demo.yaml",
        "line": 28,
        "column": 10,
        "severity": "violation",
        "code": "datatype",
        "message": "'forty' is no value for 'value'",
        "fix": "write a decimal number such as 8700000000000 or 10.1",
    }


def test_problems_as_sarif(broken: Path) -> None:
    log = json.loads(check(broken, "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("datatype", "error")
    location = result["locations"][0]["physicalLocation"]
    assert location == {
        "artifactLocation": {"uri": "data/articles/demo.yaml"},
        "region": {"startLine": 28, "startColumn": 10},
    }
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["datatype"]


def test_problems_as_github_commands(broken: Path) -> None:
    assert check(broken, "--format", "github").stdout == (
        "::error file=data/articles/demo.yaml,line=28,col=10,title=datatype::'forty' is no value for 'value'"
        "%0Awrite a decimal number such as 8700000000000 or 10.1\n"
    )


def test_without_texts_the_check_says_that_it_did_not_compare(project: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--project", str(project)], env={"PARKGRAPH_ARTICLES": None})
    assert result.exit_code == 0
    assert "evidence not compared with the texts" in result.stderr


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("mapping/context.jsonld", "{" * 100_000, "is not a JSON-LD context"),
        ("mapping/context.jsonld", '{"@context": ["http://e/"]}', "is not a JSON-LD context"),
        ("mapping/context.jsonld", '{"a":' * 100_000, "is not a JSON-LD context"),
        ("mapping/rules/99.rq", b"\xff", "99.rq cannot be read: it is not UTF-8"),
        ("ontology/checks/x.rq", b"\xff", "x.rq cannot be read: it is not UTF-8"),
        ("ontology/checks/x.rq", None, "x.rq cannot be read: it is no regular file"),
        ("ontology/vocabulary.ttl", b"\xff", "vocabulary.ttl cannot be read: it is not UTF-8"),
        ("ontology/vocabulary.ttl", None, "vocabulary.ttl cannot be read: it is no regular file"),
        ("ontology/vocabulary.ttl", "#" * (17 << 20), "longer than the parser reads"),
    ],
)
def test_a_part_of_the_project_that_cannot_be_read_is_one_sentence(
    path: str, text: str | bytes | None, message: str, project: Path
) -> None:
    for part in ("ontology", "mapping"):
        (project / part).unlink()
        shutil.copytree(ROOT / part, project / part)
    (project / path).unlink(missing_ok=True)
    if text is None:
        os.mkfifo(project / path)
    else:
        (project / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    result = check(project)
    assert (result.exit_code, result.stdout) == (3, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_data_that_are_no_files_are_problems(project: Path) -> None:
    os.mkfifo(project / "data" / "articles" / "a.jsonl")
    (project / "data" / "articles" / "b.yaml").mkdir()
    assert check(project).stdout == (
        "data/articles/a.jsonl:1:1: violation: the file cannot be read: it is no regular file [syntax]\n"
        "    save it as UTF-8 text\n"
        "data/articles/b.yaml:1:1: violation: the file cannot be read: it is no regular file [syntax]\n"
        "    save it as UTF-8 text\n"
    )


def test_the_report_of_a_check_is_written(project: Path, tmp_path: Path) -> None:
    file = project / "data" / "articles" / "demo.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("member: person/ada-berg", "member: place/norway"), "utf-8"
    )
    report = tmp_path / "report.ttl"
    assert check(project, "--report", str(report)).exit_code == 1
    graph = Graph().parse(report)
    (result,) = graph.objects(None, SH.result)
    assert graph.value(result, SH.value) == URIRef("http://localhost:8000/id/place/norway")
    assert graph.value(result, SH.resultPath) == URIRef("http://www.w3.org/ns/org#member")
    assert str(graph.value(result, SH.sourceShape)).endswith("#member")
    assert (None, SH.conforms, Literal(False)) in graph  # noqa: FBT003 - a literal of RDF
