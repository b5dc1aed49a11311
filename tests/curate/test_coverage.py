"""`parkgraph coverage`: what no fact rests on is found, named and excused; the page shows the same."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from curate.coverage import report
from mapping.evidence import Texts
from mapping.project import Project
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LIES = """- id: park/northlight
  containedInPlace: place/norway
  evidence: lies
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A good project of one article, whose text is covered whole."""
    shutil.copytree(ROOT / "tests" / "broken" / "good", tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    return tmp_path


@pytest.fixture
def passed_over(project: Path) -> Path:
    """The project without the facts that are based on its second sentence."""
    replace(project / "data" / "articles" / "demo.yaml", LIES, "")
    replace(project / "data" / "registry" / "all.yaml", "demo/signed, demo/lies,", "demo/signed,")
    replace(project / "data" / "registry" / "all.yaml", "evidence: demo/lies", "evidence: []")
    return project


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def exempt(project: Path, entry: str) -> None:
    replace(project / "data" / "articles" / "demo.yaml", "\nfacts:\n", f"\nuncovered:\n{entry}\nfacts:\n")


def run(command: str, project: Path, *options: str) -> Result:
    arguments = [command, "--project", str(project), "--articles", str(project / "texts"), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_a_text_is_covered_whole(project: Path) -> None:
    result = run("coverage", project, "--minimum", "100")
    assert result.exit_code == 0
    assert result.stdout == (
        "article/demo: 100.0 % of 148 letters and digits, 9 facts and spellings on 3 passages\n"
        "  data/articles/demo.yaml\n\n"
        "1 article: 100.0 % of 148 letters and digits.\n"
        "A stretch counts as uncovered whether or not there is a reason for it.\n"
    )


def test_what_is_passed_over_is_named(passed_over: Path) -> None:
    result = run("coverage", passed_over)
    assert result.exit_code == 0
    digest = hashlib.sha256(b"Northlight Park lies in Norway").hexdigest()
    assert result.stdout.splitlines()[:6] == [
        "article/demo: 82.4 % of 148 letters and digits, 7 facts and spellings on 2 passages",
        "  data/articles/demo.yaml",
        "  no fact rests on the passage lies (73-104)",
        "  uncovered, without a reason: 1 stretch, 26 letters and digits",
        "    73-103  Northlight Park lies in Norway",
        f"      - {{start: 73, end: 103, digest: {digest}, reason: }}",
    ]


def test_the_line_that_is_printed_exempts(passed_over: Path) -> None:
    printed = re.search(r"- \{.*reason: \}", run("coverage", passed_over).stdout)
    assert printed is not None
    exempt(passed_over, printed[0].replace("reason: ", "reason: Known anyway."))
    result = run("coverage", passed_over)
    assert "82.4 %" in result.stdout
    assert "without a reason" not in result.stdout
    assert (
        "  uncovered: Known anyway. (1 stretch, 26 letters and digits)\n    73-103  Northlight Park lies in Norway\n"
    ) in result.stdout
    assert "violation" not in run("check", passed_over, "--quiet").stdout


def test_words_exempt_each_stretch_of_just_these(passed_over: Path) -> None:
    exempt(passed_over, "- {words: [northlight park lies in norway, and], reason: Known anyway.}")
    assert "  uncovered: Known anyway. (1 stretch" in run("coverage", passed_over).stdout


def test_words_do_not_exempt_a_longer_stretch(passed_over: Path) -> None:
    exempt(passed_over, "- {words: Northlight Park lies, reason: Known anyway.}")
    stdout = run("coverage", passed_over).stdout
    assert "without a reason: 1 stretch" in stdout
    assert "data/articles/demo.yaml:7:3: a reason for what is covered, or not there: Known anyway." in stdout


def test_a_reason_for_a_part_leaves_the_rest(passed_over: Path) -> None:
    digest = hashlib.sha256(b"Northlight Park").hexdigest()
    exempt(passed_over, f"- {{start: 73, end: 88, digest: {digest}, reason: A name.}}")
    stdout = run("coverage", passed_over).stdout
    assert "    73-88  Northlight Park\n" in stdout
    assert "    89-103  lies in Norway\n" in stdout


def test_a_reason_for_what_is_covered_is_named(project: Path) -> None:
    digest = hashlib.sha256(b"Northlight Park").hexdigest()
    exempt(project, f"- {{start: 73, end: 88, digest: {digest}, reason: A name.}}")
    assert "a reason for what is covered, or not there: A name." in run("coverage", project).stdout


@pytest.mark.parametrize(("minimum", "code"), [("82.4", 0), ("82.43", 0), ("82.44", 1), ("100", 1)])
def test_the_minimum_decides_on_the_exact_share(passed_over: Path, minimum: str, code: int) -> None:
    result = run("coverage", passed_over, "--minimum", minimum)  # 122 of 148 are 82.432…
    assert result.exit_code == code
    assert ("is below" in result.stderr) == bool(code)


BAD = {
    "no-list": ("  words: and", "'uncovered' is not a list"),
    "no-reason": ("- {words: and}", "what is uncovered is a passage or words, with a reason, and nothing else"),
    "half": ("- {start: 1, end: 2, reason: x}", "what is uncovered is a passage or words, with a reason, and nothing"),
    "empty": ('- {words: and, reason: ""}', "'reason' or 'words' has no plain value"),
    "map": ("- {words: {en: and}, reason: x}", "'reason' or 'words' has no plain value"),
    "range": (f"- {{start: 5, end: 2, digest: {'0' * 64}, reason: x}}", "5 to 2 is not a range of characters"),
    "digest": (f"- {{start: 0, end: 5, digest: {'0' * 64}, reason: x}}", "the text at this place has another digest"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_reason_of_another_form_is_a_problem(project: Path, name: str) -> None:
    entry, message = BAD[name]
    exempt(project, entry)
    for command in ("check", "coverage"):
        result = run(command, project)
        assert result.exit_code == 1
        assert f"violation: {message}" in result.output


def test_a_text_that_has_changed_is_not_measured(project: Path) -> None:
    replace(project / "texts" / "demo.txt", "Norway", "Sweden")
    result = run("coverage", project)
    assert result.exit_code == 1
    assert "'textDigest' is not that of demo.txt" in result.stderr
    assert "article/demo:" not in result.stdout


def test_a_text_that_is_missing_is_told(project: Path) -> None:
    (project / "texts" / "demo.txt").unlink()
    result = run("coverage", project)
    assert result.exit_code == 1
    assert "the text demo.txt is not among the texts at hand" in result.stderr


def test_an_article_without_its_text_is_told(project: Path) -> None:
    replace(project / "data" / "articles" / "demo.yaml", "  textFile: demo.txt\n", "")
    result = run("coverage", project)
    assert result.exit_code == 1
    assert "the document does not name its text" in result.stderr


def test_one_article_can_be_asked_for(project: Path) -> None:
    assert "article/demo: 100.0 %" in run("coverage", project, "demo").stdout
    wrong = run("coverage", project, "demos")
    assert wrong.exit_code == 2
    assert "no article demos in data/articles" in wrong.stderr


def test_texts_are_needed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARKGRAPH_ARTICLES", raising=False)
    result = CliRunner().invoke(main, ["coverage", "--project", str(project)])
    assert result.exit_code == 2
    assert "--articles or PARKGRAPH_ARTICLES" in result.stderr


def test_a_page_that_cannot_be_written_is_told(project: Path) -> None:
    result = run("coverage", project, "--html", str(project / "nowhere" / "page.html"))
    assert result.exit_code == 3
    assert "cannot be written" in result.stderr


def test_a_fact_with_a_problem_is_shown_all_the_same(project: Path) -> None:
    replace(project / "data" / "articles" / "demo.yaml", "  type: Agreement\n", "")
    result = run("coverage", project, "--html", str(project / "page.html"))
    assert result.exit_code == 1
    assert "the record has no type" in result.stderr
    assert "Cooperation agreement of Northlight Park" in (project / "page.html").read_text(encoding="utf-8")


def test_an_article_in_two_files_is_one(project: Path) -> None:
    replace(project / "data" / "articles" / "demo.yaml", LIES, "")
    (project / "data" / "articles" / "more.yaml").write_text(f"article: article/demo\nfacts:\n{LIES}", encoding="utf-8")
    result = run("coverage", project)
    assert "article/demo: 100.0 % of 148 letters and digits, 9 facts and spellings on 3 passages" in result.stdout


class Page(HTMLParser):
    """What a test looks at: the elements, ids, links, the style, and the text of the lines."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self.style = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "style":
            self._inside = "style"
        elif ("class", "text") in attrs:
            self._inside = "text"
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "style"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "text":
            self.lines[-1] += data
        elif self._inside == "style":
            self.style += data

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


def written(project: Path, articles: Path | None = None) -> str:
    file = project / "page.html"
    arguments = ["coverage", "--project", str(project), "--articles", str(articles or project / "texts")]
    CliRunner().invoke(main, [*arguments, "--html", str(file)], catch_exceptions=False)
    return file.read_text(encoding="utf-8")


def test_the_page_marks_what_is_covered_and_what_is_not(passed_over: Path) -> None:
    html = written(passed_over)
    assert html.count('<mark class="open" id="u-demo-73">Northlight Park lies in Norway</mark>') == 1
    assert html.count(">No fact rests on this.</p>") + html.count("\nNo fact rests on this.</p>") == 1
    assert "No fact rests on the passage <code>lies</code>" in html
    assert '<a class="s1 covered" href="#n1">' in html
    assert "<b>Agreement</b> Cooperation agreement of Northlight Park and Harbour Park" in html
    assert "data/articles/demo.yaml:14:3" in html
    exempt(passed_over, "- {words: northlight park lies in norway, reason: Known anyway.}")
    html = written(passed_over)
    assert '<mark class="exempt" id="u-demo-73">' in html
    assert "Known anyway.</p>" in html


def test_the_page_shows_text_as_text(project: Path) -> None:
    text = project / "texts" / "demo.txt"
    old = text.read_bytes()
    new = old + b"\n<script>alert(1)</script> & more\n"
    text.write_bytes(new)
    replace(
        project / "data" / "articles" / "demo.yaml", hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest()
    )
    page = Page(written(project))
    assert page.lines[-1].strip() == "<script>alert(1)</script> & more"
    assert "script" not in page.tags


def hold_page(html: str, lines: list[str]) -> None:
    """The page is whole in itself: every link leads to an id of its own, its style is all that its policy admits."""
    page = Page(html)
    assert page.lines == lines
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.values("href")} <= set(ids)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {name for name, _ in page.attributes if name in ("style", "src") or name.startswith("on")}
    assert page.tags.count("style") == 1
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page.values("content")


def test_the_page_is_whole_in_itself(passed_over: Path) -> None:
    text = (passed_over / "texts" / "demo.txt").read_text(encoding="utf-8")
    hold_page(written(passed_over), text.splitlines())


def test_the_articles_are_covered(articles: Path) -> None:
    texts = Texts(articles)
    found = report(Project(ROOT, "http://localhost:8000/", texts), texts)
    assert found.problems == []
    assert len(found.articles) == 5
    assert found.below(95) == []
    assert [(article.document.slug, s.start) for article in found.articles for s in article.unexplained] == []
    assert [(article.document.slug, use.names) for article in found.articles for use in article.unused] == []
    assert [exemption.place for article in found.articles for exemption in article.stale] == []


def test_the_page_of_the_articles_is_whole(articles: Path, tmp_path: Path) -> None:
    for part in ("ontology", "mapping", "data"):
        (tmp_path / part).symlink_to(ROOT / part)
    texts = [file.read_bytes().decode() for file in sorted(articles.glob("00*.txt"))]
    lines = [line for text in texts for line in text.split("\n") if line]
    hold_page(written(tmp_path, articles), lines)
