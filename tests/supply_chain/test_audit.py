"""What `make audit` makes of the reports of pip-audit and npm audit, those of a registry without an answer included."""

from __future__ import annotations

from typing import Any

import pytest

from supply_chain.audit import FOUND, NOT_ASKED, npm_findings, python_findings

KNOWN = {"id": "PYSEC-1", "fix_versions": ["1.1"]}


@pytest.mark.parametrize(
    ("report", "codes"),
    [
        ({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, []),
        ({"dependencies": [{"name": "a", "version": "1", "vulns": [KNOWN, KNOWN]}]}, [FOUND, FOUND]),
        ({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, [NOT_ASKED]),
        (
            {"dependencies": [{"name": "a", "skip_reason": "x"}, {"name": "b", "version": "1", "vulns": [KNOWN]}]},
            [NOT_ASKED, FOUND],
        ),
    ],
)
def test_python(report: dict[str, Any], codes: list[int]) -> None:
    assert [code for code, _ in python_findings(report)] == codes


@pytest.mark.parametrize(
    ("report", "codes"),
    [
        ({"vulnerabilities": {}}, []),
        ({"vulnerabilities": {"a": {"range": "<2", "severity": "high", "fixAvailable": True}}}, [FOUND]),
        ({"message": "405 Method Not Allowed"}, [NOT_ASKED]),
        ({"error": {"code": "ENOLOCK"}}, [NOT_ASKED]),
    ],
)
def test_npm(report: dict[str, Any], codes: list[int]) -> None:
    assert [code for code, _ in npm_findings(report)] == codes


def test_a_finding_says_what_to_do() -> None:
    report = {"dependencies": [{"name": "a", "version": "1", "vulns": [KNOWN]}]}
    assert list(python_findings(report)) == [(FOUND, "a 1: PYSEC-1, fixed in 1.1")]
