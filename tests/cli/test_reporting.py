"""Problems go in; their text comes out."""

from __future__ import annotations

import json

from cli.reporting import as_json
from core.problems import Place, Problem, Severity, as_text


def _problems(severity: Severity, code: str, count: int) -> list[Problem]:
    return [Problem(Place("a.yaml", line), severity, code, f"number {line}", "") for line in range(1, count + 1)]


def test_many_warnings_of_a_kind_are_counted_and_violations_all_shown() -> None:
    problems = [
        *_problems(Severity.WARNING, "late", 23),
        *_problems(Severity.INFO, "few", 20),
        *_problems(Severity.VIOLATION, "wrong", 30),
    ]
    lines = as_text(problems).splitlines()
    assert [
        sum(f"[{code}]" in line and line.startswith("a.yaml") for line in lines) for code in ("late", "few", "wrong")
    ] == [
        20,
        20,
        30,
    ]
    assert lines[-1] == "3 more like these [late]; --format json lists all"
    assert len(lines) == 71
    assert len(json.loads(as_json(problems))) == 73
