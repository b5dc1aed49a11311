"""Problems as text for people, JSON for programs, SARIF for editors and GitHub, and GitHub's workflow commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from core import __version__
from core.problems import Problem, Severity, as_rows, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_json(problems: Sequence[Problem]) -> str:
    """A JSON array of objects with file, line, column, severity, code, message and fix."""
    return json.dumps(as_rows(problems), ensure_ascii=False, indent=1) + "\n"


def sarif(problems: Sequence[Problem]) -> str:
    """SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""
    rules = sorted({problem.code for problem in problems})
    driver = {"name": "parkgraph", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_sarif_result(problem) for problem in problems]}],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _sarif_result(problem: Problem) -> dict[str, Any]:
    region = {"startLine": problem.place.line, "startColumn": problem.place.column}
    location = {"physicalLocation": {"artifactLocation": {"uri": problem.place.file}, "region": region}}
    return {
        "ruleId": problem.code,
        "level": _LEVELS[problem.severity],
        "message": {"text": f"{problem.message}\n{problem.fix}".strip()},
        "locations": [location],
    }


def github(problems: Sequence[Problem]) -> str:
    """Workflow commands, which GitHub shows beside the line in a pull request."""
    levels = _LEVELS | {Severity.INFO: "notice"}
    return "".join(
        f"::{levels[problem.severity]} file={_escape(problem.place.file, property_=True)},line={problem.place.line},"
        f"col={problem.place.column},title={_escape(problem.code, property_=True)}"
        f"::{_escape(f'{problem.message}{chr(10)}{problem.fix}'.strip())}\n"
        for problem in problems
    )


def _escape(value: str, *, property_: bool = False) -> str:
    value = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return value.replace(":", "%3A").replace(",", "%2C") if property_ else value


FORMATS: dict[str, Callable[[Sequence[Problem]], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}


def report(problems: Iterable[Problem], form: str) -> None:
    """Write the problems to standard output, in the order of their places. form: a key of FORMATS."""
    click.echo(FORMATS[form](sorted(problems, key=lambda problem: problem.place)), nl=False)
