"""The command line as scripts use it: exit codes, outputs, and help that teaches."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.conftest import parkgraph

if TYPE_CHECKING:
    from pathlib import Path

    from release.reader import Release

pytestmark = pytest.mark.quick

FINE, FINDINGS, USAGE, FAILED = 0, 1, 2, 3
COMMANDS = sorted(main.commands)


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, catch_exceptions=False)


def test_the_commands_of_the_design_are_there() -> None:
    assert {"check", "build", "serve", "query", "verify", "diff"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_option(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == FINE
    assert len(result.output) > 300
    for parameter in main.commands[command].params:
        assert not isinstance(parameter, click.Option) or parameter.help, f"{command}: {parameter.name} has no help"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nonsense"], USAGE, "No such command"),
        (["build", "--base", "example"], USAGE, "absolute http or https IRI"),
        (["build", "a.ttl"], USAGE, "FILES go with --rdf"),
        (["build", "--rdf"], USAGE, "FILES go with --rdf"),
        (["build", "--title", "x"], USAGE, "--shapes, --queries and --title go with --rdf"),
        (["build", "--rdf", "missing.ttl"], FAILED, "missing.ttl: No such file"),
        (["check", "--project", "."], FAILED, "holds no project"),
        (["query"], USAGE, "Give the query as FILE"),
        (["query", "-e", "ASK {}"], FAILED, "no release"),
        (["verify"], FAILED, "no release"),
        (["diff", "a", "b"], FAILED, "no release"),
        (["serve"], FAILED, "no release"),
    ],
)
def test_wrong_use_has_an_exit_code_and_a_sentence(
    arguments: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""


def test_a_release_of_the_project_verifies(releases: Path, release: Release) -> None:
    result = run("verify", "--releases", releases)
    assert result.exit_code == FINE
    assert result.stdout.startswith(f"{release.id}: ")


def test_damage_is_a_finding(releases: Path, release: Release, tmp_path: Path) -> None:
    copy = tmp_path / release.id
    parkgraph("verify", "--releases", releases)
    for path in sorted(release.path.rglob("*")):
        target = copy / path.relative_to(release.path)
        if path.is_dir():
            target.mkdir(parents=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (copy / "catalog.ttl").write_text("", encoding="utf-8")
    result = run("verify", copy)
    assert result.exit_code == FINDINGS
    assert result.stdout.startswith("catalog.ttl: SHA-256 is ")


def test_query_writes_every_format(releases: Path) -> None:
    select = "SELECT (COUNT(*) AS ?n) { ?park a pg:Park }"
    answers = {
        form: run("query", "--releases", releases, "-e", select, "--format", form).stdout for form in ("csv", "srj")
    }
    (row,) = csv.DictReader(io.StringIO(answers["csv"]))
    assert int(row["n"]) > 10
    assert json.loads(answers["srj"])["results"]["bindings"][0]["n"]["value"] == row["n"]
    assert row["n"] in run("query", "--releases", releases, "-e", select).stdout
    assert run("query", "--releases", releases, "-", stdin="ASK { ?s ?p ?o }").stdout == "yes\n"
    turtle = run("query", "--releases", releases, "-e", "CONSTRUCT WHERE { ?park a pg:Park }").stdout
    assert turtle.count("pg:Park") == int(row["n"])


def test_query_refuses_what_does_not_fit(releases: Path) -> None:
    assert run("query", "--releases", releases, "-e", "ASK {}", "--format", "ttl").exit_code == USAGE
    wrong = run("query", "--releases", releases, "-e", "SELECT * { ?s ?p }")
    assert wrong.exit_code == FAILED
    assert "the query is not SPARQL at line 1, column 19: expected one of" in wrong.stderr


def test_equal_releases_do_not_differ(releases: Path, release: Release) -> None:
    result = run("diff", "--releases", releases, release.id)
    assert (result.exit_code, result.stdout) == (FINE, "")
