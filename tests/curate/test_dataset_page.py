"""`docs/dataset.md` is what `parkgraph describe` writes, and says what the data holds."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from curate.dataset_counts import count_triples
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "dataset.md"
AGAIN = "parkgraph describe docs/dataset.md --articles …"


@pytest.fixture(autouse=True)
def no_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test is not given it does not use."""
    monkeypatch.delenv("PARKGRAPH_ARTICLES", raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests" / "broken" / "good", tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    return tmp_path


def describe(project: Path, *options: str) -> Result:
    arguments = ["describe", "--project", str(project), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def described(project: Path) -> str:
    page = project / "page.md"
    assert describe(project, "--articles", str(project / "texts"), str(page)).exit_code == 0
    return page.read_text(encoding="utf-8")


def rows(page: str, section: str) -> list[list[str]]:
    """The cells of the first table of a section, without its head."""
    table = page.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = re.search(r"^\|.*\n\| :--.*\n((?:\|.*\n?)*)", table, re.MULTILINE)
    assert lines is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1].splitlines()]


def items(page: str, section: str) -> list[str]:
    """The items of the list of a section, each on one line."""
    text = page.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [" ".join(item.split()) for item in re.split(r"^- ", text, flags=re.MULTILINE)[1:]]


def test_the_page_of_the_dataset_is_up_to_date() -> None:
    result = describe(ROOT, str(PAGE), "--check")
    assert result.exit_code == 0, f"{result.stderr}\nwrite it again: {AGAIN}"


def test_the_coverage_on_the_page_is_that_of_the_texts(articles: Path) -> None:
    result = describe(ROOT, str(PAGE), "--check", "--articles", str(articles))
    assert result.exit_code == 0, f"{result.stderr}\nwrite it again: {AGAIN}"


def test_the_articles_are_covered_and_every_warning_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    quota = [float(row[2].removesuffix(" %")) for row in rows(page, "Evidence")]
    assert len(quota) == 5
    assert min(quota) >= 95
    assert {row[-1] for row in rows(page, "Evidence")} == {"-"}, "a stretch has no reason"
    assert "not explained" not in page


def test_facts_are_counted_by_kind_and_article(project: Path) -> None:
    assert rows(described(project), "Facts by kind and article") == [
        ["Agreement", "1", "1"],
        ["Figure", "1", "1"],
        ["Membership", "1", "1"],
        ["NewsArticle", "1", "1"],
        ["values of Park", "1", "1"],
        ["**facts**", "5", "5"],
        ["names", "4", "4"],
    ]


def test_what_is_published_is_counted(project: Path) -> None:
    page = described(project)
    assert rows(page, "Evidence") == [["demo", "148", "100.0 %", "3", "-", "-"]]
    classes = {name: counts for name, *counts in rows(page, "Resources by class")}
    assert classes["`pg:Park`"] == ["2", "2"]
    assert classes["`org:Organization`"] == ["-", "2"]  # parks are organisations: derived, not stated
    languages = {name: counts[:3] for name, *counts in rows(page, "Languages")}
    assert languages["`en`"] == ["5", "4", "2"]
    assert page.endswith("## Warnings\n\nNone.\n")


def test_links_that_lead_out_are_counted() -> None:
    ids, terms = "<http://example.org/id/", "<http://terms.example/"
    lines = [
        f"{ids}a> {terms}sameAs> <https://names.example/1> .",
        f"{ids}b> {terms}sameAs> <https://names.example/2> .",
        f"{ids}a> {terms}near> {ids}b> .",
        f"{ids}a> {terms}kind> {terms}Small> .",
        f"{ids}a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://other.example/Class> .",
        f'{terms}Small> <http://www.w3.org/2000/01/rdf-schema#label> "small"@en <http://terms.example> .',
    ]
    store = ox.Store()
    store.load("\n".join(lines).encode(), ox.RdfFormat.N_QUADS)
    counts = count_triples(store, "http://example.org/", "http://terms.example")
    assert counts.links == {("http://terms.example/sameAs", "names.example"): 2}


def test_a_warning_stands_with_what_the_data_says_of_it(project: Path) -> None:
    again = "- id: post/again\n  type: Membership\n  member: person/ada-berg\n  heldAt: park/northlight\n"
    again += "  post: {en: director}\n  evidence: projects\n"
    file = project / "data" / "articles" / "demo.yaml"
    good = file.read_text("utf-8")
    file.write_text(good + again, "utf-8")
    (warning,) = items(described(project), "Warnings")
    assert warning.startswith("`duplicate-post`: ")
    assert warning.endswith(
        "say the same: person/ada-berg is director at park/northlight. Why it stands: **not explained**"
    )
    doubt = "  uncertainty: {en: Perhaps one post.}\n"
    post = "  post: {en: director}\n"
    file.write_text(good.replace(post, post + doubt) + again + doubt, "utf-8")
    assert items(described(project), "Warnings")[0].endswith("Why it stands: Perhaps one post.")


def test_coverage_is_kept_without_texts_while_it_holds(project: Path) -> None:
    page = described(project)
    file = project / "page.md"
    assert describe(project, str(file)).exit_code == 0
    assert file.read_text(encoding="utf-8") == page


def test_coverage_of_other_passages_is_not_kept(project: Path) -> None:
    described(project)
    data = project / "data" / "articles" / "demo.yaml"
    entry = "\nuncovered:\n- {words: and, reason: A reason.}\nfacts:\n"
    data.write_text(data.read_text("utf-8").replace("\nfacts:\n", entry), "utf-8")
    result = describe(project, str(project / "page.md"))
    assert result.exit_code == 3
    assert "computed from other passages: describe again with --articles" in result.stderr


def test_a_page_that_is_behind_is_told(project: Path) -> None:
    described(project)
    file = project / "page.md"
    file.write_text(file.read_text("utf-8") + "More.\n", "utf-8")
    result = describe(project, str(file), "--check")
    assert result.exit_code == 1
    assert "is not up to date" in result.stderr
    assert file.read_text("utf-8").endswith("More.\n")


def test_broken_data_is_not_described(project: Path) -> None:
    data = project / "data" / "articles" / "demo.yaml"
    data.write_text(data.read_text("utf-8").replace("value: 40", "value: forty"), "utf-8")
    file = project / "page.md"
    result = describe(project, str(file))
    assert result.exit_code == 1
    assert "'forty' is no value for 'value'" in result.stderr
    assert not file.exists()


# what has no kind, because no text says what kind it is; and whose country nothing tells
UNKNOWN = {("Event", "no kind"): "1", ("Organization", "no country"): "1"}


def lacking(page: str) -> dict[tuple[str, str], str]:
    """(class, column) → cell, of the first table under "What is lacking"."""
    section = page.partition("\n## What is lacking\n")[2]
    header = next(line for line in section.splitlines() if line.startswith("| class"))
    columns = [cell.strip() for cell in header.strip("|").split("|")]
    cells = rows(page, "What is lacking")
    return {(row[0], name): cell for row in cells for name, cell in zip(columns[2:], row[2:], strict=True)}


def test_nothing_is_without_name_kind_country_or_link() -> None:
    """All that is lacking is what nobody knows; each claim and plan names what it is about."""
    page = PAGE.read_text(encoding="utf-8")
    found = {key: cell for key, cell in lacking(page).items() if cell not in ("-", "·")}
    assert found == UNKNOWN
    assert "names nothing of what they are about: none." in " ".join(page.split())
    links = page.partition("How many have identifiers elsewhere")[2]
    cells = [line.strip("| ").split(" | ") for line in links.splitlines() if line.startswith("| ")][2:]
    assert len(cells) == 4
    assert {row[-1] for row in cells} == {"-"}, "a resource has no link, and no note that none was found"


def test_what_is_lacking_is_counted(project: Path) -> None:
    (project / "data/editorial").mkdir()
    decided = 'decidedBy: editors/us, decidedOn: "2026-11-29", ground: {en: It says so.}'
    (project / "data/editorial/all.yaml").write_text(
        f"""
- {{id: editors/us, type: Agent, label: {{en: us}}}}
- {{id: park/harbour, label: {{de: Hafenpark}}}}
- {{id: park/harbour, kind: sciencePark, inCountry: place/norway, {decided}}}
- {{id: place/norway, kind: country, {decided}}}
- {{id: park/harbour, notFoundIn: ror, {decided}}}
- {{id: place/norway, sameAs: 'https://www.wikidata.org/entity/Q20', {decided},
   references: ['https://a.example/', 'https://b.example/']}}
""",
        encoding="utf-8",
    )
    article = project / "data/articles/demo.yaml"
    claim = """
- {id: claim/unnamed, type: Claim, voice: articleVoice, about: park/harbour, evidence: lies,
   paraphrase: {en: It is famous.}}
- {id: claim/named, type: Claim, voice: articleVoice, about: park/harbour, evidence: lies,
   paraphrase: {en: Harbour Park is famous., de: Der Hafenpark ist bekannt.}}
"""
    article.write_text(article.read_text(encoding="utf-8") + claim, encoding="utf-8")
    page = described(project)
    found = lacking(page)
    parks = [found["Park", f"no {column}"] for column in ("`de` label", "`en` label", "`zh` label", "kind", "country")]
    assert parks == ["1", "-", "2", "1", "-"]  # the other one lies in Norway, which is a country
    assert found["Place", "no kind"] == "-"
    assert "names nothing of what they are about: `claim/unnamed`." in " ".join(page.split())
    assert "| Park | 2 | - | - | - | - | 1 | 1 |" in page
    assert "| Place | 1 | 1 | - | - | - | - | - |" in page
