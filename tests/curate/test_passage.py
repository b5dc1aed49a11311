"""`parkgraph passage`: words of a text become the line of a passage, or are told where they come near."""

from __future__ import annotations

import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (
    "Ada Berg’s park grows. It\n  grows\u00a0fast.\n\nThe park in Oslo grew in 2019, and Oslofjord is near.\n"
    "The park in Bergen grew in 2020.\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The good project, and a text that is no article yet."""
    shutil.copytree(ROOT / "tests" / "broken" / "good", tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "texts" / "news.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def run(project: Path, article: str, *words: str) -> Result:
    environment = {"PARKGRAPH_ARTICLES": str(project / "texts")}
    arguments = ["passage", article, *words, "--project", str(project)]
    return CliRunner(env=environment).invoke(main, arguments, catch_exceptions=False)


def of_news(project: Path, *words: str) -> Result:
    return run(project, str(project / "texts" / "news.txt"), *words)


def line(name: str, words: str, text: str = TEXT) -> str:
    start = text.index(words)
    digest = sha256(words.encode()).hexdigest()
    return f"{name}: {{start: {start}, end: {start + len(words)}, digest: {digest}}}\n"


@pytest.mark.parametrize("article", ["demo", "article/demo"])
def test_the_line_has_the_next_free_name(project: Path, article: str) -> None:
    file = project / "data" / "articles" / "demo.yaml"
    text = (project / "texts" / "demo.txt").read_text(encoding="utf-8")
    assert run(project, article, "lies in Norway").stdout == line("p01", "lies in Norway", text)
    file.write_text(file.read_text(encoding="utf-8").replace("lies:", "p099:"), encoding="utf-8")
    found = run(project, article, "lies in Norway")
    assert (found.exit_code, found.stdout) == (0, line("p100", "lies in Norway", text))


def test_the_printed_line_passes_the_check(project: Path) -> None:
    file = project / "data" / "articles" / "demo.yaml"
    found = run(project, "demo", "lies in Norway").stdout
    file.write_text(file.read_text(encoding="utf-8").replace("facts:", f"  {found}facts:"), encoding="utf-8")
    arguments = ["check", "--quiet", "--project", str(project), "--articles", str(project / "texts")]
    checked = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_a_passage_that_is_there_keeps_its_name(project: Path) -> None:
    assert run(project, "demo", "Northlight Park lies in Norway.").stdout.startswith("lies: {start: 73, end: 104, ")
    assert run(project, str(project / "texts" / "demo.txt"), "Northlight Park lies in Norway.").stdout[:5] == "lies:"


@pytest.mark.parametrize(
    ("words", "passage"),
    [
        (["Ada Berg’s park"], "Ada Berg’s park"),
        (["It grows fast."], "It\n  grows\u00a0fast."),  # white space is white space
        (["It", "grows", "fast."], "It\n  grows\u00a0fast."),  # without quotes in the shell
        (["Ada Berg’s … fast."], "Ada Berg’s park grows. It\n  grows\u00a0fast."),
        (["It ... grew in 2019"], "It\n  grows\u00a0fast.\n\nThe park in Oslo grew in 2019"),
        (["The park … 2020"], "The park in Bergen grew in 2020"),  # of those that end together the shortest
        (["Oslo"], "Oslo"),  # not the beginning of Oslofjord
        (["fjord"], "fjord"),  # a part of a word, where it is no word anywhere
    ],
)
def test_words_are_found(project: Path, words: list[str], passage: str) -> None:
    found = of_news(project, *words)
    assert (found.exit_code, found.stdout) == (0, line("p01", passage))


def test_several_places_are_listed_and_one_is_chosen(project: Path) -> None:
    found = of_news(project, "The park in")
    assert (found.exit_code, found.stdout) == (3, "")
    assert found.stderr == (
        "parkgraph: the words stand in 2 places; choose one by more words or by a number:\n"
        "  --nth 1  park grows. It grows fast. [The park in] Oslo grew in 2019, and Oslofj\n"
        "  --nth 2  2019, and Oslofjord is near. [The park in] Bergen grew in 2020.\n"
    )
    second = of_news(project, "The park in", "--nth", "2").stdout
    assert second.startswith(f"p01: {{start: {TEXT.rindex('The park')}, ")
    beyond = of_news(project, "The park in", "--nth", "3")
    assert (beyond.exit_code, "in 2 place(s) only" in beyond.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Ada Berg's park", "0 to 15: “Ada Berg’s park” (’ (right single quotation mark) for ' (apostrophe))"),
        ("the park in Bergn", "95 to 113: “The park in Bergen” (“T” for “t”; “Bergen” for “Bergn”)"),
        ("It grows … in 2021", "63 to 71: “in 2019,” (“2019,” for “2021”)"),
    ],
)
def test_the_nearest_place_is_told_with_the_difference(project: Path, words: str, told: str) -> None:
    found = of_news(project, words)
    absent = words.rpartition(" … ")[2]
    assert (found.exit_code, found.stdout) == (3, "")
    assert found.stderr == f"parkgraph: “{absent}” is not in the text. Nearest is, at {told}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("in 2020 … in 2019", "“in 2020” … “in 2019” stand in the text, but not one after the other"),
        ("nothing of the sort", "“nothing of the sort” is not in the text, and nothing like it"),
    ],
)
def test_words_that_are_like_nothing_there_are_told(project: Path, words: str, told: str) -> None:
    found = of_news(project, words)
    assert (found.exit_code, found.stdout, found.stderr) == (3, "", f"parkgraph: {told}\n")


def test_what_cannot_be_read_is_told(project: Path) -> None:
    unknown = run(project, "nobody", "words")
    assert (unknown.exit_code, "no article nobody in data/articles, and no such file" in unknown.stderr) == (2, True)
    assert run(project, "demo", " … ").exit_code == 2
    (project / "texts" / "demo.txt").write_text("Another text.", encoding="utf-8")
    changed = run(project, "demo", "Another")
    assert (changed.exit_code, "is not the text that data/articles/demo.yaml was made from" in changed.stderr) == (
        3,
        True,
    )
    (project / "texts" / "demo.txt").unlink()
    missing = run(project, "demo", "Another")
    assert (missing.exit_code, "demo.txt cannot be read: No such file or directory" in missing.stderr) == (3, True)


def test_the_folder_of_the_texts_has_to_be_known(project: Path) -> None:
    arguments = ["passage", "demo", "Norway", "--project", str(project)]
    found = CliRunner(env={"PARKGRAPH_ARTICLES": None}).invoke(main, arguments, catch_exceptions=False)
    assert (found.exit_code, "with --articles or PARKGRAPH_ARTICLES" in found.stderr) == (3, True)
