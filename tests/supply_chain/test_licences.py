"""docs/licences.md has what the lock files pin, with licences that are allowed."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest

from supply_chain import licences
from tests.conftest import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGE = licences.PAGE.read_text(encoding="utf-8")
SMALL = """\
flask==3.1.3 \\
    --hash=sha256:aa
    # via parkgraph (pyproject.toml)
werkzeug==3.1.9 \\
    --hash=sha256:bb
    # via
    #   flask
    #   other
colorama==0.4.6 ; sys_platform == 'win32' \\
    # via flask
other==1 ; python_full_version < '3.12' \\
    # via parkgraph (pyproject.toml)
"""


def test_the_page_has_each_package_that_is_pinned_and_no_other() -> None:
    named = {(p.name, p.version) for packages in licences.sections().values() for p in packages}
    tables = PAGE.partition("## Data")[0]
    rows = re.findall(r"^\| \[?([@\w./-]+)\]?(?:\([^)]*\))? \| (\d\S*) \| [^|]+ \|$", tables, re.MULTILINE)
    assert len(named) > 40
    assert set(rows) == named, "make licences writes the page anew"


def test_the_page_says_of_each_what_its_metadata_says() -> None:
    found = [package for packages in licences.sections().values() for package in packages]
    told = set(PAGE.splitlines())
    assert [p.row for p in found if p.row not in told and is_installed(p)] == [], "make licences writes the page anew"


def is_installed(package: licences.Package) -> bool:
    try:
        return metadata.version(package.name) == package.version
    except metadata.PackageNotFoundError:
        return True  # of npm


def test_every_licence_is_known_and_allowed() -> None:
    found = [package for packages in licences.sections().values() for package in packages]
    assert [package for package in found if not package.is_allowed] == []


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("BSD-3-Clause AND CC0-1.0", True),
        ("MIT AND AGPL-3.0-only", False),
        ("GPL-3.0-only", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_an_expression_is_taken_apart(expression: str, is_allowed: bool) -> None:  # noqa: FBT001
    assert licences.Package("p", "1", expression, "").is_allowed is is_allowed


def test_a_package_that_is_not_there_has_no_known_licence() -> None:
    assert licences.installed("there-is-no-such-package", "1").licence == licences.UNKNOWN


def test_the_lock_tells_what_is_there_because_of_what() -> None:
    assert list(licences.python_packages(SMALL, {"flask"})) == [("flask", "3.1.3"), ("werkzeug", "3.1.9")]
    assert list(licences.python_packages(SMALL, {"other"})) == [("other", "1"), ("werkzeug", "3.1.9")]


def test_what_only_tests_use_is_not_shipped() -> None:
    shipped = {name for name, _ in licences.python_packages(LOCK, licences.roots(PROJECT))}
    assert shipped >= licences.roots(PROJECT)
    assert not shipped & {"pytest", "ruff", "mypy", "playwright"}
