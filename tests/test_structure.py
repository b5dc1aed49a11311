"""The plan of the house: imports run one way, and a generic room knows no word of the domain."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Each room and the rooms it may import; what is not named here it may not.
MAY_IMPORT = {
    "core": set[str](),
    "release": {"core"},
    "mapping": {"core", "release"},
    "server": {"core", "release"},
    "curate": {"core", "mapping"},
    "cli": {"core", "mapping", "release", "server", "curate"},
}
# The packages and modules of the server, from the ground up: each may import those before it, for type checkers too.
SERVER = (
    "settings",
    "model",
    "query",
    "releases",
    "http",
    "pages",
    "routes",
    "middleware",
    "app",
    "readiness",
    "wsgi",
    "run",
)
IN_SERVER = sorted((ROOT / "server").rglob("*.py"))
FILES = [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]
# What the vocabulary of this dataset is about; the rooms that publish any dataset do without these words.
DOMAIN = re.compile(
    r"\b(parks?|agreements?|partnerships?|articles?|evidence|claims?|memberships?|participations?)\b", re.IGNORECASE
)
GENERIC = [
    path
    for folder in ("core", "release", "server", "web/src")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".css", ".ts", ".json", ".txt"} and "built" not in path.parts
]


def imported_rooms(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names} & MAY_IMPORT.keys()


def imported_in_server(path: Path) -> set[str]:
    """Names below `server` that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "server":
            inner = (node.module or "").split(".")[1:2]
            found |= set(inner) if inner else {alias.name for alias in node.names}
    return found


def test_there_are_files() -> None:
    assert len(IN_SERVER) > 60
    names = {
        path.stem for path in (ROOT / "server").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert names - {"__init__"} == set(SERVER)
    assert len(FILES) > 40
    assert len(GENERIC) > 30
    assert any(path.suffix == ".ts" for path in GENERIC)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    assert imported_rooms(path) <= MAY_IMPORT[room] | {room}


@pytest.mark.parametrize("path", IN_SERVER, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_in_the_server_run_one_way(path: Path) -> None:
    name = path.relative_to(ROOT / "server").parts[0].removesuffix(".py")
    if name != "__init__":
        assert imported_in_server(path) <= set(SERVER[: SERVER.index(name) + 1])


@pytest.mark.parametrize("path", GENERIC, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_rooms_that_publish_anything_know_no_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [match[0] for match in DOMAIN.finditer(text)] == []
