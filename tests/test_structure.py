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
# The same for the rooms of the server, at run time: what stands in `server/` itself holds them together. Each may use
# the languages and the addresses.
MAY_IMPORT_IN_SERVER = {
    "data": set[str](),
    "caching": set(),
    "lookup": set(),
    "querying": {"data", "caching"},
    "web": {"data"},
    "endpoint": {"caching", "querying", "web"},
    "entities": {"data", "lookup", "web"},
    "terms": {"data", "web"},
    "browsing": {"data", "endpoint", "lookup", "web"},
    "holdings": {"data", "endpoint", "web"},
    "front": {"caching", "endpoint", "querying", "web"},
}
OF_ALL = {"languages", "urls"}
IN_SERVER = [path for room in MAY_IMPORT_IN_SERVER for path in sorted((ROOT / "server" / room).rglob("*.py"))]
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


def imported_in_server(tree: ast.AST) -> set[str]:
    """Names below `server` that are imported when the module is, so not those for type checkers alone."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "server":
            inner = (node.module or "").split(".")[1:2]
            found |= set(inner) if inner else {alias.name for alias in node.names}
        found |= imported_in_server(node)
    return found


def test_there_are_files() -> None:
    assert len(IN_SERVER) > 60
    assert {path.name for path in (ROOT / "server").iterdir() if (path / "__init__.py").exists()} == {
        *MAY_IMPORT_IN_SERVER
    }
    assert len(FILES) > 40
    assert len(GENERIC) > 30
    assert any(path.suffix == ".ts" for path in GENERIC)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    assert imported_rooms(path) <= MAY_IMPORT[room] | {room}


@pytest.mark.parametrize("path", IN_SERVER, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_in_the_server_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[1]
    imported = imported_in_server(ast.parse(path.read_text(encoding="utf-8")))
    assert imported <= MAY_IMPORT_IN_SERVER[room] | {room} | OF_ALL


@pytest.mark.parametrize("path", GENERIC, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_rooms_that_publish_anything_know_no_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [match[0] for match in DOMAIN.finditer(text)] == []
