"""Problems as text for people, JSON for programs, SARIF for editors and GitHub, and GitHub's workflow commands."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from core import __version__
from core.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


_SHOWN = 20  # warnings of one code; a large dataset has thousands, which hide the rest


def text(problems: Sequence[Problem]) -> str:
    """For each problem a line with place and message, and one with the fix.

    Of warnings and remarks of one code the first ones alone, and a line with the number of the others.
    """
    counts, rows = Counter[str](), []
    for problem in problems:
        less = problem.severity != Severity.VIOLATION
        counts[problem.code] += less
        if not less or counts[problem.code] <= _SHOWN:
            rows.append(f"{problem}\n")
    rows += [
        f"{count - _SHOWN} more like these [{code}]; --format json lists all\n"
        for code, count in counts.items()
        if count > _SHOWN
    ]
    return "".join(rows)


def as_json(problems: Sequence[Problem]) -> str:
    """A JSON array of objects with file, line, column, severity, code, message and fix."""
    rows = [
        {
            "file": problem.place.file,
            "line": problem.place.line,
            "column": problem.place.column,
            "severity": problem.severity,
            "code": problem.code,
            "message": problem.message,
            "fix": problem.fix,
        }
        for problem in problems
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


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
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}


def report(problems: Iterable[Problem], form: str) -> None:
    """Write the problems to standard output, in the order of their places. form: a key of FORMATS."""
    click.echo(FORMATS[form](sorted(problems, key=lambda problem: problem.place)), nl=False)
