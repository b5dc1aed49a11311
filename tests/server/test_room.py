"""The server as a room of the house: what it may import, which words it may use, and that its addresses are told."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("server", "web/src")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".css", ".svg", ".ts"} and "built" not in path.parts
)
WORDS = (
    "park|parks|agreement|agreements|article|articles|evidence|passage|passages|partnership|sister|signatory|"
    "participation|participant|membership|journalist|science|technology|city|speaker|gazetteer|approximation|"
    "uncertainty|paraphrase"
)


def test_no_word_of_the_domain() -> None:
    assert len(FILES) > 35
    word = re.compile(rf"\b({WORDS})\b", re.IGNORECASE)
    found = {str(f.relative_to(ROOT)): word.findall(f.read_text(encoding="utf-8")) for f in FILES}
    assert {name: words for name, words in found.items() if words} == {}


def test_it_imports_release_and_core_alone() -> None:
    rooms = {"cli", "core", "mapping", "release", "server"}
    imported: set[str] = set()
    for file in FILES:
        if file.suffix == ".py":
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
    assert imported & rooms == {"core", "release", "server"}
