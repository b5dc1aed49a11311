"""How the code is laid out: imports run one way and in no circle, and generic packages know no word of the domain."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.quick

# The server from the ground up: each part may import core, release and the parts before it.
SERVER = (
    "server.settings",
    "server.signals",
    "server.cores",
    "server.metrics",
    "server.access_log",
    "server.clients",
    "server.shares",
    "server.temporary",
    "server.connections",
    "server.model",
    "server.semantics",
    "server.query",
    "server.releases",
    "server.versions",
    "server.http",
    "server.pages",
    "server.mcp",
    "server.routes",
    "server.middleware",
    "server.app",
    "server.readiness",
    "server.wsgi",
    "server.supervisor",
    "server.run",
)
# Each package and what it may import besides itself; imports for type checkers and those within functions count too.
MAY_IMPORT: Mapping[str, set[str]] = {
    "core": set(),
    "release": {"core"},
    "mapping": {"core", "release"},
    **{part: {"core", "release", *SERVER[:place]} for place, part in enumerate(SERVER)},
    "curate": {"core", "mapping", "release"},
    "parkgraph": {"core", "release", "server.query", "server.semantics"},
    # processes of the server's kind, which the server starts by their name and does not import
    "validation": {"core", "mapping", "release", "server.model", "server.query"},
    "cli": {"core", "mapping", "release", "curate", *SERVER},
}
# What the vocabulary of this dataset is about; packages that publish any dataset do without these words.
DOMAIN = re.compile(
    r"\b(parks?|agreements?|partnerships?|articles?|evidence|claims?|memberships?|participations?|participant|"
    r"passages?|sister|signatory|journalist|science|technology|city|speaker|gazetteer|approximation|uncertainty|"
    r"paraphrase)\b",
    re.IGNORECASE,
)
# a data theme of the EU's authority table, and the name of a tool
NOT_OF_THE_DOMAIN = re.compile(r'Science and technology|^    "evidence": .$')
# Tests in the folder of a package that are of no one module of it, and what they are of.
TOPICS = {
    "curate/test_guide.py": "docs/add-an-article.md",
    "mapping/test_broken_input.py": "what `parkgraph check` says, in tests/broken/",
    "server/test_caches.py": "what the server remembers, bounded in number and length",
    "server/test_conformance.py": "docs/conformance.md",
    "server/test_foreign.py": "datasets of other kinds on every page",
    "server/test_hostile.py": "hostile requests to a running server",
    "server/test_hostile_addresses.py": "long and hostile addresses and header fields",
    "server/test_hostile_labels.py": "hostile labels on every page",
    "server/test_protocol_suite.py": "the W3C's tests of the SPARQL Protocol",
    "server/test_rdf12.py": "triple terms and base directions in every format, and versions of RDF",
    "server/test_site.py": "what every page and every answer has",
    "server/test_switching.py": "releases that are switched while requests run",
    "server/test_values.py": "every datatype in every spelling on every page",
}
GENERIC = ("core", "release", "server", "web/src")
TEXTS = {".py", ".html", ".xml", ".css", ".svg", ".ts", ".json", ".txt", ".rq"}

Imports = dict[str, set[str]]  # module or script → those that it imports


def lines(found: Iterator[str]) -> str:
    """The message of a test that found something: one offender a line."""
    return "\n" + "\n".join(sorted(found))


@cache
def python_imports() -> Imports:
    """Every module of the packages, by its dotted name, with the modules and packages of ours that it imports."""
    files = {name_of(path): path for top in {part.partition(".")[0] for part in MAY_IMPORT} for path in python(top)}
    return {name: set(imported(path, set(files))) - {name} for name, path in files.items()}


def python(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder}/ has no modules"
    return found


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, ours: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            module = name if name in ours else name.rpartition(".")[0]
            if module in ours:
                yield module


@cache
def script_imports() -> Imports:
    """Every script of the pages, by its path, with the scripts that it imports."""
    files = sorted((ROOT / "web/src").rglob("*.ts"))
    assert files
    script = re.compile(
        r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[\w/.-]*/[\w-]+)["']"""
    )  # without a suffix, as style sheets have
    found = {
        path: {(path.parent / f"{name}.ts").resolve() for name in script.findall(path.read_text("utf-8"))}
        for path in files
    }
    assert any(found.values())
    return {str(p.relative_to(ROOT)): {str(i.relative_to(ROOT)) for i in imports} for p, imports in found.items()}


def part_of(module: str) -> str | None:
    """The row of the table that a module belongs to."""
    return next((part for part in MAY_IMPORT if f"{module}.".startswith(f"{part}.")), None)


def test_every_module_has_its_place_in_the_order() -> None:
    bare = {"server"}  # the package itself, which holds nothing
    homeless = {module for module in python_imports() if part_of(module) is None} - bare
    assert not homeless, lines(f"{module}: stands in no row of MAY_IMPORT" for module in homeless)
    idle = MAY_IMPORT.keys() - {part_of(module) for module in python_imports()}
    assert not idle, lines(f"{part}: a row of MAY_IMPORT without a module" for part in idle)


def test_imports_run_one_way() -> None:
    backwards = [
        (module, other)
        for module, imports in python_imports().items()
        for other in imports
        if (part := part_of(module)) != (theirs := part_of(other)) and part and theirs not in MAY_IMPORT[part]
    ]
    assert not backwards, lines(f"{module} imports {other}" for module, other in backwards)


def test_no_imports_in_a_circle() -> None:
    for imports in (python_imports(), between_packages(python_imports()), script_imports()):
        found = circles(imports)
        assert not found, lines(" <-> ".join(sorted(circle)) for circle in found)


def between_packages(modules: Imports) -> Imports:
    """The imports between packages within packages, as release.dumps and release.catalog."""
    packages = {module.rpartition(".")[0] for module in modules if module.count(".") > 1}
    found: Imports = {package: set() for package in packages}
    for module, imports in modules.items():
        package = module if module in packages else module.rpartition(".")[0]
        if package in packages:
            found[package] |= {
                theirs
                for other in imports
                if (theirs := other if other in packages else other.rpartition(".")[0]) in packages - {package}
            }
    return found


def circles(imports: Imports) -> set[frozenset[str]]:
    """Groups in which each reaches each."""
    reached = {name: reachable(name, imports) for name in imports}
    return {
        frozenset({name, *(other for other in reached[name] if name in reached[other])})
        for name in imports
        if name in reached[name]
    }


def reachable(start: str, imports: Imports) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        following = imports[ahead.pop()] - seen
        seen |= following
        ahead += following
    return seen


def test_generic_packages_know_no_word_of_the_domain() -> None:
    files = [path for folder in GENERIC for path in sorted((ROOT / folder).rglob("*")) if path.suffix in TEXTS]
    files = [path for path in files if "built" not in path.parts]
    assert {path.suffix for path in files} >= {".py", ".html", ".ts"}
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in DOMAIN.finditer(NOT_OF_THE_DOMAIN.sub("", line))
    ]
    assert not found, lines(iter(found))


def test_tests_mirror_the_code() -> None:
    """tests/server/query/test_pool.py is of server/query/pool.py."""
    tops = {part.partition(".")[0] for part in MAY_IMPORT}
    tests = [path.relative_to(ROOT / "tests") for top in tops for path in (ROOT / "tests" / top).rglob("test_*.py")]
    assert tests
    amiss = [f"tests/{test}: there is no {module_of(test)}" for test in tests if not is_mirrored(test)]
    amiss += [f"tests/{topic}: a topic that has no test" for topic in TOPICS if topic not in map(str, tests)]
    assert not amiss, lines(iter(amiss))


def module_of(test: Path) -> Path:
    return test.with_name(test.name.removeprefix("test_"))


def is_mirrored(test: Path) -> bool:
    module = ROOT / module_of(test)
    return module.exists() or (module.with_suffix("") / "__init__.py").exists() or test.as_posix() in TOPICS
