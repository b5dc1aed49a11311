"""docs/add-an-article.md: its example runs from the text to the release, and the page shows what was run."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from curate.schema_forms import MODELINE
from mapping.source import Items, Map, Value, read
from release.reader import open_release
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


GUIDE = ROOT / "tests" / "guide"
PAGE = (ROOT / "docs" / "add-an-article.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SIXTH = GUIDE / "sixth"
SUGGESTED = {  # in the article's file and in the registry's
    "articles": (
        'kind: memorandumOfUnderstanding\n#   party: [park/technology-park, park/daedeok-innopolis]\n#   date: "2006"',
        '- id: park/technology-park\n#   founded: "1985"',
        '- id: park/daedeok-innopolis\n#   founded: "1973"',
        'measure: area\n#   unit: hectare\n#   value: "42"',
        'measure: companyCount\n#   unit: company\n#   value: "100"\n#   approximation: nearly',
        'measure: area\n#   unit: squareKilometre\n#   value: "27.8"',
        'measure: investment\n#   unit: EUR\n#   value: "100000000"',
    ),
    "registry": (
        "- id: park/daedeok-innopolis\n#   type: Park\n#   label: {en: Daedeok Innopolis}",
        "- id: person/in-chul-park\n#   type: Person",
        "- id: org/new-york-stock-exchange\n#   type: Organization",
        "{text: WHIBI, language: en, evidence: [technology-park/p10, technology-park/p11, technology-park/p13]}",
    ),
}
ANSWERS = {
    """SELECT ?kind ?date ?signatory ?part { ?deal pg:party <id/park/daedeok-innopolis> ; pg:kind/skos:prefLabel ?kind ;
      pg:date ?date ; pg:signatory/rdfs:label ?signatory . FILTER(LANG(?kind) = "en")
      { SELECT ?deal (COUNT(?plan) AS ?part) { ?plan dcterms:isPartOf ?deal } GROUP BY ?deal } }
      ORDER BY ?signatory""": [
        "memorandum of understanding,2006,Francis Logan,4",
        "memorandum of understanding,2006,In-Chul Park,4",
    ],
    """SELECT ?founded ?operator ?tenant ?exchange { <id/park/technology-park-western-australia> pg:founded ?founded ;
      pg:operator/rdfs:label ?operator ; pg:tenant ?company . ?company rdfs:label ?tenant ;
      pg:listedOn/rdfs:label ?exchange }""": ["1985,Zernike Australia,Pfizer,New York Stock Exchange"],
    """SELECT ?park ?value ?unit { ?figure a pg:Figure ; pg:measure pg:area ; schema:about/rdfs:label ?park ;
      pg:value ?value ; pg:unit/skos:prefLabel ?unit . FILTER(LANG(?unit) = "en" && LANG(?park) = "en") }
      ORDER BY ?park""": [
        "China-Belgium Technology Center,8.5,hectare",
        "Daedeok Innopolis,27.8,square kilometre",
        "Technology Park,42,hectare",
    ],
    """SELECT ?about ?value ?status { ?plan a pg:Plan ; pg:unit pg:EUR ; pg:value ?value ;
      schema:about/rdfs:label ?about ; pg:status/skos:prefLabel ?status .
      FILTER(LANG(?status) = "en" && LANG(?about) = "en") }""": ["China-Belgium Technology Center,100000000,planned"],
    """SELECT ?park { ?park a pg:Park ; pg:inCountry <id/place/australia> ; pg:kind pg:technologyPark ;
      ^pg:party ?deal }""": ["http://localhost:8000/id/park/technology-park-western-australia"],
}
QUESTION = """
PREFIX pg: <https://w3id.org/parkgraph/ontology#>
SELECT ?date ?series { ?deal pg:kind pg:sisterPark ; pg:party <http://localhost:8000/id/park/fjord-science-park> ;
  pg:date ?date ; pg:occasion/pg:series ?series }
"""


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without data, and the folder with the text."""
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "data" / "articles").mkdir(parents=True)
    return tmp_path


def with_guide(project: Path) -> Path:
    shutil.copytree(GUIDE / "data", project / "data", dirs_exist_ok=True)
    return project


def run(command: str, project: Path, *options: str) -> Result:
    arguments = [*command.split(), "--project", str(project), *options]
    return CliRunner(env={"PARKGRAPH_ARTICLES": None}).invoke(main, arguments, catch_exceptions=False)


def build(project: Path) -> str:
    result = run("build --quiet", project, "--releases", str(project / "releases"))
    assert result.exit_code == 0, result.stdout
    return result.stdout.strip()


def test_the_file_is_begun_with_the_article_and_suggestions(project: Path) -> None:
    assert run("new --quiet --slug lakeside", project, str(GUIDE / "texts" / "lakeside.txt")).exit_code == 0
    begun = (project / "data/articles/lakeside.yaml").read_text(encoding="utf-8")
    assert begun.startswith(MODELINE)
    finished = (GUIDE / "data/articles/lakeside.yaml").read_text(encoding="utf-8")
    for key in ("textFile", "textDigest"):
        (line,) = [line for line in finished.splitlines() if f" {key}: " in line]
        assert line.replace('"', "") in begun.replace('"', "")
    assert "#   approximation: moreThan" in begun
    assert "person/mara-lindqvist" in begun
    checked = run("check --quiet", project, "--articles", str(GUIDE / "texts"))
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_the_finished_files_are_right_and_cover_the_text(project: Path) -> None:
    texts = ("--articles", str(GUIDE / "texts"))
    checked = run("check --quiet", with_guide(project), *texts)
    assert (checked.exit_code, checked.stdout) == (0, "")
    covered = run("coverage", project, *texts, "--minimum", "95", "lakeside")
    assert covered.exit_code == 0, covered.stdout
    assert "The credit of a photo says nothing about parks." in covered.stdout


def test_they_can_be_built_beside_the_project_s_own_data(project: Path) -> None:
    shutil.copytree(ROOT / "data", project / "data", dirs_exist_ok=True)
    build(with_guide(project))
    release = open_release(project / "releases")
    rows: Any = release.open_store().query(QUESTION)
    assert [(row["date"].value, row["series"].value.rpartition("/")[2]) for row in rows] == [
        ("2024-03-12", "lakeside-innovation-forum")
    ]


def test_json_lines_of_the_same_give_the_same_release(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    def plain(value: Value) -> Any:
        if isinstance(value, Map):
            return {key: plain(entry) for key, entry in value.items()}
        return [plain(entry) for entry in value] if isinstance(value, Items) else str(value)

    lines = tmp_path_factory.mktemp("lines")
    for part in ("ontology", "mapping"):
        (lines / part).symlink_to(ROOT / part)
    for path in sorted((GUIDE / "data").rglob("*.yaml")):
        (parsed,) = read(path, path.name)
        assert parsed.value is not None
        assert parsed.problems == ()
        value = plain(parsed.value)
        records = value if isinstance(value, list) else [value]
        target = (lines / path.relative_to(GUIDE)).with_suffix(".jsonl")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    assert build(lines) == build(with_guide(project))


def test_a_sixth_article_is_begun(project: Path) -> None:
    """What a stranger gets for a text of real deals: most of the names and facts, none of which the registry knows."""
    assert run("new --quiet --slug technology-park", project, str(SIXTH / "texts/technology-park.txt")).exit_code == 0
    for folder, suggestions in SUGGESTED.items():
        begun = (project / f"data/{folder}/technology-park.yaml").read_text(encoding="utf-8")
        assert [one for one in suggestions if one not in begun] == []
    checked = run("check --quiet", project, "--articles", str(SIXTH / "texts"))
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_its_passages_are_made_from_words(project: Path) -> None:
    shutil.copytree(SIXTH / "data", project / "data", dirs_exist_ok=True)
    text = (SIXTH / "texts/technology-park.txt").read_text(encoding="utf-8")
    finished = (SIXTH / "data/articles/technology-park.yaml").read_text(encoding="utf-8")
    lines = re.findall(r"^  (p\d\d: .*)$", finished, re.MULTILINE)
    assert len(lines) == 23
    for line in lines:
        start, end = (int(number) for number in re.findall(r": (\d+),", line))
        words = text[start:end].split()
        given = " ".join(words) if len(words) < 7 else f"{' '.join(words[:3])} … {' '.join(words[-3:])}"
        arguments = ["passage", "technology-park", given, "--project", str(project), "--articles", str(SIXTH / "texts")]
        assert CliRunner().invoke(main, arguments).stdout == f"{line}\n", given


def test_it_is_checked_built_and_queried(project: Path) -> None:
    shutil.copytree(ROOT / "data", project / "data", dirs_exist_ok=True)
    shutil.copytree(SIXTH / "data", project / "data", dirs_exist_ok=True)
    checked = run("check --quiet", project)
    assert (checked.exit_code, checked.stdout) == (0, "")
    covered = run("coverage", project, "--articles", str(SIXTH / "texts"), "--minimum", "95", "technology-park")
    assert covered.exit_code == 0, covered.stdout
    build(project)
    for question, rows in ANSWERS.items():
        arguments = ["query", "--releases", str(project / "releases"), "--format", "csv", "-e", question]
        answer = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert answer.stdout.splitlines()[1:] == rows, answer.output


def _paragraphs(text: str) -> list[list[str]]:
    """The words of each paragraph: the page wraps the lines of the text."""
    return [paragraph.split() for paragraph in text.split("\n\n")]


def test_the_page_shows_the_text_and_the_files() -> None:
    (text,) = blocks("text")
    assert _paragraphs(text) == _paragraphs((GUIDE / "texts/lakeside.txt").read_text(encoding="utf-8"))
    shown = [block.partition("\n") for block in blocks("yaml")]
    of_files = [(first.removeprefix("# "), rest) for first, _, rest in shown if first.startswith("# data/")]
    assert (len(shown), len(of_files)) == (11, 9)
    for name, rest in of_files:
        assert rest in (GUIDE / name).read_text(encoding="utf-8"), rest
    assert f"{MODELINE}\n" in blocks("yaml")


def test_the_page_s_line_of_json_is_a_record_of_the_guide() -> None:
    (line,) = blocks("json")
    (registry,) = read(GUIDE / "data/registry/lakeside.yaml", "lakeside.yaml")
    assert isinstance(registry.value, Items)
    assert json.loads(line) in [dict(record) for record in registry.value if isinstance(record, Map)]


def test_the_commands_of_the_page_exist() -> None:
    words = [line.split() for block in blocks("sh") for line in block.splitlines()]
    named = [line[1] for line in words if line[0] == "parkgraph"]
    assert named == ["new", "passage", "passage", "check", "coverage", "build", "serve"]
    assert {*named, *re.findall(r"`parkgraph (\w+)", PAGE)} <= main.commands.keys()
