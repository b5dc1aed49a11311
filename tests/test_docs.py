"""The documentation agrees with the code: settings, URLs, formats, commands, files; its links resolve."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from cli.main import main
from core.formats import FORMATS_KNOWN
from server.app import create_app
from server.settings import PREFIX, Settings
from tests.conftest import ROOT
from tests.test_structure import MAY_IMPORT, SERVER

if TYPE_CHECKING:
    from pathlib import Path

    import click

    from release.reader import Release

pytestmark = pytest.mark.quick

LONGEST = 160  # characters of a line
PATTERNS = ("*.md", "docs/**/*.md", "deploy/**/*.md", "bench/*.md", "tests/*.md", "web/*.md")
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for pattern in PATTERNS
    for path in sorted(ROOT.glob(pattern))
}
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# A path of the repository in running text, as `release/folding.py`; what has a placeholder is none.
FILE = re.compile(
    r"(?:bench|cli|core|curate|deploy|docs|mapping|ontology|release|server|tests|web)/[\w./-]*\.(?:"
    r"conf|css|json|jsonld|lock|md|po|py|toml|ts|tsv|ttl|yaml)"
)


def prose(page: str) -> str:
    """The text of a page without blocks of code."""
    return FENCED.sub("", PAGES[page])


def anchors(page: str) -> set[str]:
    """The fragments of a page's headings, as code hosts make them: lower case, hyphens, a number from the second on."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in HEADING.findall(prose(page)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the table behind a heading: first cell → the other cells."""
    _, found, text = PAGES[page].partition(f"{heading}\n")
    assert found, f"{page} has no heading {heading}"
    text = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    _, *lines = (re.split(r"(?<!\\) \| ", line[2:-2]) for line in text.splitlines() if line.startswith("| "))
    return {first: rest for first, *rest in lines}


def commands(group: click.Group) -> dict[str, set[str]]:
    return {
        name: {option for parameter in command.params for option in parameter.opts if option.startswith("-")}
        for name, command in group.commands.items()
    }


def test_there_are_pages() -> None:
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/http.md"} <= PAGES.keys()
    assert len(PAGES) > 25


@pytest.mark.parametrize("page", PAGES)
def test_lines_are_short(page: str) -> None:
    long = [number for number, line in enumerate(PAGES[page].splitlines(), 1) if len(line) > LONGEST]
    assert long == [], f"lines of {page} with more than {LONGEST} characters"


@pytest.mark.parametrize("page", PAGES)
def test_links_resolve(page: str) -> None:
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if fragment:
            assert fragment in anchors(target.relative_to(ROOT).as_posix()), f"{page}: {link}"


@pytest.mark.parametrize("page", sorted(PAGES.keys() - {"CHANGELOG.md"}))
def test_files_that_are_named_exist(page: str) -> None:
    named = {match[0] for code in CODE.findall(prose(page)) if (match := FILE.fullmatch(code))}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_decisions_that_are_cited_exist() -> None:
    numbers = {int(page.rpartition("/")[2][:4]) for page in PAGES if re.match(r"docs/decisions/\d", page)}
    listed = {int(number) for number in re.findall(r"^\| (\d+) \| \[", PAGES["docs/decisions/README.md"], re.MULTILINE)}
    assert numbers == listed
    sources = [
        path
        for folder in ("cli", "core", "curate", "mapping", "parkgraph", "release", "server", "validation")
        for path in python(folder)
    ]
    texts = [prose(page) for page in PAGES if page != "CHANGELOG.md"] + [path.read_text("utf-8") for path in sources]
    assert {int(number) for text in texts for number in re.findall(r"\bdecision (\d+)", text)} <= numbers


def test_docstrings_name_what_goes_in_and_comes_out() -> None:
    vague = re.compile(r'^[^\S\n]*"""(?:The same|What (?:is|there|one)|Where |Who |As it)', re.MULTILINE)
    sources = [
        path
        for folder in (
            "bench",
            "cli",
            "core",
            "curate",
            "mapping",
            "parkgraph",
            "release",
            "server",
            "supply_chain",
            "validation",
        )
        for path in python(folder)
    ]
    assert len(sources) > 100
    assert [path.relative_to(ROOT).as_posix() for path in sources if vague.search(path.read_text("utf-8"))] == []


def python(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_every_setting_stands_with_its_default() -> None:
    documented = rows("docs/settings.md", "# Settings of the server")
    assert {name.strip("`"): default.strip("`") for name, (default, _) in documented.items()} == {
        PREFIX + field.name.upper(): str(field.default) for field in fields(Settings)
    }


def test_every_address_stands_in_the_table(release: Release) -> None:
    app = create_app(Settings(releases=release.path.parent))
    try:
        rules = {re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    finally:
        app.extensions["current"].close()
    assert {address.strip("`") for address in rows("docs/http.md", "# HTTP interface")} == rules


def test_every_parameter_of_lists_and_search_stands_there() -> None:
    missing = [
        p for p in ("class", "concept", "after", "from", "limit", "kind", "q") if f"{p}=" not in PAGES["docs/http.md"]
    ]
    assert missing == []


def test_every_format_stands_with_its_media_types() -> None:
    documented = rows("docs/http.md", "## Formats")
    assert list(documented) == [format_.name for format_ in FORMATS_KNOWN]
    for format_ in FORMATS_KNOWN:
        media_types = ", ".join(f"`{media_type}`" for media_type in format_.media_types)
        assert documented[format_.name] == [f"`.{format_.extension}`", media_types]


def test_every_command_stands_with_its_options() -> None:
    page = "docs/command-line.md"
    expected = commands(main)
    assert re.findall(r"^## `parkgraph (\w+)`$", PAGES[page], re.MULTILINE) == sorted(expected)
    for name, options in expected.items():
        cells = rows(page, f"## `parkgraph {name}`")
        assert {option for cell in cells for option in CODE.findall(cell)} == options, name


def test_the_architecture_is_that_of_the_imports() -> None:
    packages = rows("docs/architecture.md", "## Packages")
    allowed = {name.strip("`/"): set(CODE.findall(cells[1])) for name, cells in packages.items() if name != "`cli/`"}
    assert allowed == {
        name: MAY_IMPORT[name] for name in ("core", "release", "mapping", "curate", "parkgraph", "validation")
    } | {"server": {"core", "release"}}
    parts = [part for names in rows("docs/architecture.md", "## Server") for part in CODE.findall(names)]
    assert [f"server.{part.removesuffix('.py').strip('/')}" for part in parts] == list(SERVER)


def test_every_dependency_stands_with_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    dependencies = [*project["dependencies"], *extras["curate"], *extras["cluster"], *extras["frames"], *extras["mcp"]]
    names = {re.split(r"[<>=]", dependency)[0] for dependency in dependencies}
    assert {
        name for cells in rows("docs/architecture.md", "## Libraries").values() for name in CODE.findall(cells[0])
    } == names


def test_the_readme_names_the_commands_of_the_main_uses() -> None:
    used = set(re.findall(r"parkgraph (\w+)", PAGES["README.md"]))
    assert {"build", "check", "serve", "verify", "diff"} <= used <= main.commands.keys() | {"build"}
