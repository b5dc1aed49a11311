"""However records are divided over files and lines, YAML or JSON Lines, the release is the same."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from mapping.articles import Articles
from mapping.source import Items, Map, Value, read
from release.reader import open_release
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


GOOD = ROOT / "tests" / "broken" / "good"
Files = dict[str, list[Any]]  # path below data/ → its documents


def plain(value: Value) -> Any:
    if isinstance(value, Map):
        return {key: plain(entry) for key, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, Items) else str(value)


def good(path: str) -> Any:
    (parsed,) = read(GOOD / "data" / path, path)
    assert parsed.value is not None
    assert parsed.problems == ()
    return plain(parsed.value)


ARTICLE, REGISTRY = good("articles/demo.yaml"), good("registry/all.yaml")
FACTS, PASSAGES = ARTICLE["facts"], ARTICLE["passages"]


def part(facts: list[Any], passages: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"article": "article/demo", "passages": passages or {}, "facts": facts}


def halves(record: dict[str, Any], *shared: str) -> list[dict[str, Any]]:
    """A record as two, each with half of its keys and with those that are shared."""
    others = [key for key in record if key not in shared]
    middle = len(others) // 2
    return [{key: record[key] for key in (*shared, *half)} for half in (others[:middle], others[middle:])]


def in_halves(*shared: str) -> tuple[list[Any], list[Any]]:
    pairs = [halves(record, *(key for key in shared if key in record)) for record in FACTS]
    return [first for first, _ in pairs], [second for _, second in pairs]


FIRST, SECOND = in_halves("id", "type", "evidence")
ENTITY = next(record for record in REGISTRY if record["id"] == "park/northlight")
OTHERS = [record for record in REGISTRY if record is not ENTITY]
SPELLING = ENTITY["spellings"][0]
ONE, *MORE = SPELLING["evidence"]
PIECES = [
    {"id": ENTITY["id"], "type": ENTITY["type"], "spellings": [{**SPELLING, "evidence": MORE}]},
    {"id": ENTITY["id"], "label": ENTITY["label"], "spellings": [{**SPELLING, "evidence": ONE}]},
]
NAMES = list(PASSAGES)
EVIDENCE = [spelling["evidence"] for record in REGISTRY for spelling in record["spellings"]]
RESTED_ON = {name for found in EVIDENCE for name in ([found] if isinstance(found, str) else found)}
WAYS: dict[str, Files] = {
    "one YAML file each": {"articles/demo.yaml": [ARTICLE], "registry/all.yaml": [REGISTRY]},
    "facts in another file than passages": {
        "articles/demo-facts.yaml": [part(FACTS)],
        "articles/demo-passages.yaml": [part([], PASSAGES)],
        "registry/all.yaml": [REGISTRY],
    },
    "every record split over two files": {
        "articles/a.yaml": [part(FIRST, PASSAGES)],
        "articles/b/c.yml": [part(SECOND, PASSAGES)],
        "registry/all.yaml": [REGISTRY],
    },
    "an entity split over two files": {
        "articles/demo.yaml": [ARTICLE],
        "registry/all.yaml": [OTHERS],
        "registry/part-1.yaml": [[PIECES[1]]],
        "registry/part-2.yaml": [[PIECES[0]]],
    },
    "one line each": {"articles/demo.jsonl": [ARTICLE], "registry/all.jsonl": REGISTRY},
    "a line for each fact, the article's own last": {
        "articles/demo.jsonl": [part([], PASSAGES), *(part([fact]) for fact in reversed(FACTS))],
        "registry/all.jsonl": REGISTRY,
    },
    "every record split over two files of lines": {
        "articles/a.jsonl": [part([fact]) for fact in FIRST],
        "articles/b.jsonl": [part(SECOND, PASSAGES)],
        "registry/all.jsonl": [*OTHERS, *PIECES],
    },
    "half YAML, half lines": {
        "articles/demo.yaml": [part(FIRST)],
        "articles/demo.jsonl": [part(SECOND, PASSAGES)],
        "registry/all.yaml": [OTHERS],
        "registry/northlight.jsonl": PIECES,
    },
}


@pytest.fixture
def lay(tmp_path: Path) -> Callable[[Files], Path]:
    """Lays out a project whose data are given."""

    def lay_out(files: Files) -> Path:
        shutil.copytree(GOOD / "texts", tmp_path / "texts")
        for part in ("ontology", "mapping"):
            (tmp_path / part).symlink_to(ROOT / part)
        for name, documents in files.items():
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(json.dumps(document) for document in documents) + "\n", encoding="utf-8")
        return tmp_path

    return lay_out


def run(command: str, project: Path, *options: str) -> Result:
    arguments = [command, "--quiet", "--project", str(project), "--articles", str(project / "texts"), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def content(project: Path) -> str:
    """The digest of all quads; the id also covers the title, which is that of the folder here."""
    result = run("build", project, "--releases", str(project / "releases"))
    assert result.exit_code == 0, result.stdout
    return open_release(project / "releases").manifest.content


@pytest.fixture(scope="module")
def undivided(tmp_path_factory: pytest.TempPathFactory) -> str:
    project = tmp_path_factory.mktemp("undivided")
    shutil.copytree(GOOD, project, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (project / part).symlink_to(ROOT / part)
    return content(project)


@pytest.mark.parametrize("way", WAYS)
def test_the_release_is_the_same(way: str, lay: Callable[[Files], Path], undivided: str) -> None:
    assert content(lay(WAYS[way])) == undivided


@pytest.mark.parametrize("suffix", ["yaml", "jsonl"])
def test_the_passages_of_every_part_are_held_against_the_text(suffix: str, lay: Callable[[Files], Path]) -> None:
    last = NAMES[-1]
    wrong = {**PASSAGES[last], "digest": "0" * 64}
    files = {
        "articles/a.yaml": [part(FACTS, {name: PASSAGES[name] for name in NAMES[:-1]})],
        f"articles/b.{suffix}": [part([], {last: wrong})],
        "registry/all.yaml": [REGISTRY],
    }
    result = run("check", lay(files))
    assert result.exit_code == 1
    assert result.stdout.startswith(f"data/articles/b.{suffix}:1:")
    assert "violation: the text at this place has another digest [evidence]" in result.stdout


def test_a_passage_that_is_two_is_told(lay: Callable[[Files], Path]) -> None:
    first, last = NAMES[0], NAMES[-1]
    other = {last: PASSAGES[first]}
    files = {"articles/a.yaml": [ARTICLE], "articles/b.jsonl": [part([], other)], "registry/all.yaml": [REGISTRY]}
    result = run("check", lay(files))
    told = f"data/articles/b.jsonl:1:1: violation: the passage '{last}' of article/demo is another one at "
    assert told in result.stdout
    assert result.exit_code == 1


def test_a_contradiction_between_the_parts_of_an_entity_is_told(lay: Callable[[Files], Path]) -> None:
    label = {"id": ENTITY["id"], "label": {"en": "North Light"}}
    files = {"articles/a.yaml": [ARTICLE], "registry/all.yaml": [REGISTRY], "registry/b.yaml": [[label]]}
    result = run("check", lay(files))
    assert "'label' takes one text for each language" in result.stdout
    assert result.exit_code == 1


def test_articles_of_one_line_stream(lay: Callable[[Files], Path]) -> None:
    """Only what is split is held: of the others the passages alone that are asked for."""
    other = {"article": "article/other", "passages": PASSAGES, "facts": []}
    project = lay({"articles/a.jsonl": [ARTICLE, other], "registry/all.yaml": [REGISTRY]})
    articles = Articles(project, "data/articles")
    names = sorted(name.removeprefix("demo/") for name in RESTED_ON)
    found, _ = articles.find({"article/demo": names, "article/none": []})
    assert {article: sorted(text.passages) for article, text in found.items()} == {"article/demo": names}
    (place,) = articles.units()
    assert [document.article for document in place.read().documents()] == ["article/demo", "article/other"]
