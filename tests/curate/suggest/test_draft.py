"""`parkgraph new`: what is recognised in texts of our own, and what becomes of it in the file that a curator gets."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from core.errors import InputError
from curate.suggest import amounts, concepts, dates, names, speech, unknown
from curate.suggest.draft import write
from curate.suggest.findings import UNITS, Recogniser, article
from curate.suggest.lexicon import LANGUAGES, lexicon
from curate.suggest.text import Article, Span
from tests.conftest import ROOT

CASES = Path(__file__).parent / "cases"
KNOWN = [
    names.RegistryName("person/ada-berg", "Person", "Ada Berg", "en"),
    names.RegistryName("org/harbour-council", "Organization", "Harbour Council", "en"),
]
TEXT = """\
2024-03-02

Northlight Park begins to grow

On 1 March, more than 40 companies and nearly 10 partners met at the Harbour Forum in Norway. Northlight Park earned
2.5 billion yuan in 2023, said Ada Berg, director of Northlight Park. “We shall have 120 laboratories by 2030,” she
added. “The Harbour Authority is with us in all of this,” said Nils Dahl, its head.
"""


def cases(kind: str, number: int) -> list[Any]:
    """The cases of a file, of which there have to be so many."""
    found = tomllib.loads((CASES / f"{kind}.toml").read_text(encoding="utf-8"))["case"]
    assert len(found) == number
    return [pytest.param(case, id=case["text"][:30]) for case in found]


def text_of(case: dict[str, Any]) -> Article:
    language = case.get("language", "en")
    return Article("x", case["text"], language, lexicon(language))


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.of(ROOT, "http://localhost:8000/")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A good project with an article of its own, and a second text that nobody has read yet."""
    shutil.copytree(ROOT / "tests" / "broken" / "good", tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "texts" / "news.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def parkgraph(*arguments: object) -> Result:
    environment = {"PARKGRAPH_ARTICLES": None}
    return CliRunner(env=environment).invoke(main, [str(one) for one in arguments], catch_exceptions=False)


def new(project: Path, text: str = "news.txt", *options: str) -> Result:
    return parkgraph("new", "--quiet", "--project", project, project / "texts" / text, *options)


def check(project: Path, articles: Path) -> Result:
    return parkgraph("check", "--quiet", "--project", project, "--articles", articles)


def accept_all(project: Path, slug: str = "000") -> str:
    """Take the comment sign from every suggestion, as an editor does; the lines that were suggested."""
    suggested = []
    for path in sorted((project / "data").glob(f"*/{slug}.yaml")):
        modeline, *lines = path.read_text(encoding="utf-8").splitlines()
        suggested += [line.removeprefix("# ") for line in lines if line.startswith("# ")]
        accepted = [modeline, *(line.removeprefix("# ") for line in lines)]
        path.write_text("".join(f"{line}\n" for line in accepted), encoding="utf-8")
    return "".join(f"{line}\n" for line in suggested)


@pytest.mark.parametrize("case", cases("dates", 9))
def test_dates(case: dict[str, Any]) -> None:
    found = dates.find(text_of(case))
    own = [found.own.value] if found.own else []
    assert own + [one.value for one in found.mentioned] == case["dates"]


@pytest.mark.parametrize("case", cases("amounts", 10))
def test_amounts(case: dict[str, Any], recogniser: Recogniser) -> None:
    read = text_of(case)
    found = recogniser.findings(read).amounts
    told = [
        [
            read.text[slice(*one.span)],
            "/".join(map(str, one.quantity.fraction)) if one.quantity.fraction else one.value or "-",
            one.unit or "-",
            one.approximation or "-",
        ]
        for one in found
    ]
    assert told == case["amounts"]


@pytest.mark.parametrize("case", cases("speech", 13))
def test_speech(case: dict[str, Any]) -> None:
    read = text_of(case)
    found = speech.find(read, names.Finder(KNOWN).find(read))
    told = [
        [one.speaker.id if one.speaker else "-", words[0], words[-1]]
        for one in found
        if (words := read.text[slice(*one.span)].split())
    ]
    assert told == case["utterances"]


@pytest.mark.parametrize("case", cases("names", 6))
def test_names(case: dict[str, Any]) -> None:
    read = text_of(case)
    finder = names.Finder(names.RegistryName(identity, "Place", text, "en") for identity, text in case["names"])
    told = [
        [f"~{one.id}" if one.longer else one.id, read.text[slice(*(one.longer or one.span))]]
        for one in finder.find(read)
    ]
    assert told == case["mentions"]


@pytest.mark.parametrize("case", cases("unknown", 6))
def test_unknown_names(case: dict[str, Any]) -> None:
    read = text_of(case)
    mentions = names.Finder(KNOWN).find(read)
    told = [
        [one.type or "-", one.text, {spelling: len(spans) for spelling, spans in one.spellings.items()}]
        for one in unknown.find(read, [one for one in mentions if one.longer is None], [])
    ]
    assert told == case["names"]


def test_a_name_that_several_bear_names_its_rivals() -> None:
    finder = names.Finder([names.RegistryName(f"place/{x}", "Place", "Springfield", "en") for x in "ab"])
    read = text_of({"text": "He left Springfield."})
    assert [(one.id, one.rivals) for one in finder.find(read)] == [("place/a", ("place/b",)), ("place/b", ("place/a",))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lexicon_knows_the_concepts_of_the_ontology(language: str, recogniser: Recogniser) -> None:
    known = lexicon(language)
    assert known is not None
    units = recogniser.labels(UNITS, language)
    assert set(known.table("units")) | {amounts.PERCENT, amounts.FRACTION, amounts.RANK} <= set(units)
    stated = set(known.table("approximations")) | set(known.table("approximations_after"))
    approximations = recogniser.labels("approximations", language)
    assert stated | {amounts.EXACT, amounts.VAGUE} <= set(approximations)
    assert all(units.values()), "each unit has a label in the language"


def test_of_units_that_end_together_the_longer_counts(recogniser: Recogniser) -> None:
    units = recogniser.vocabulary(UNITS, "en")
    phrase = units.first(["new", "national", "key", "laboratories", "and", "partners"])
    assert phrase == concepts.Phrase("nationalKeyLaboratory", 4)


def test_sentences_hold_the_text_and_end() -> None:
    read = text_of(
        {"text": f"Dr. A. Berg paid approx. 5 Euro. W{'word ' * 2000}\n“Yes.” He left. It was No. 5 of all!"}
    )
    pieces = [read.text[slice(*sentence)] for sentence in read.sentences]
    assert pieces[0] == "Dr. A. Berg paid approx. 5 Euro."
    assert pieces[-3:] == ["“Yes.”", "He left.", "It was No. 5 of all!"]
    assert max(map(len, pieces)) <= 2000
    assert "".join("".join(pieces).split()) == "".join(read.text.split())


def test_a_sentence_may_end_with_an_abbreviation() -> None:
    text = "He runs Fjord Co. Ltd. The firm met Dr. Berg of the U.S. Senate at 5 p.m. "
    read = text_of({"text": f"{text}It rained in the U.S. In Oslo not."})
    assert [read.text[slice(*one)] for one in read.sentences] == [
        "He runs Fjord Co. Ltd.",
        "The firm met Dr. Berg of the U.S. Senate at 5 p.m.",
        "It rained in the U.S.",
        "In Oslo not.",
    ]


def test_lines_that_are_broken_to_a_width_are_one_paragraph() -> None:
    wrapped = text_of({"text": "  \n\nA heading\n\nAda Berg says\r\nthat it rains.\n \nEnd. \n"})
    assert [wrapped.text[slice(*one)] for one in wrapped.paragraphs] == [
        "A heading",
        "Ada Berg says\r\nthat it rains.",
        "End.",
    ]
    long = text_of({"text": f"A heading\nAda Berg says{' that it rains' * 20}.\n"})
    assert [long.text[slice(*one)] for one in long.paragraphs] == long.text.splitlines()


def test_the_file_passes_as_it_is(project: Path) -> None:
    result = new(project)
    assert (result.exit_code, result.stdout) == (0, f"{project / 'data' / 'articles' / '000.yaml'}\n")
    checked = check(project, project / "texts")
    assert (checked.exit_code, checked.stdout) == (0, "")
    written = (project / "data" / "articles" / "000.yaml").read_text(encoding="utf-8")
    spans = {(int(start), int(end)) for start, end in re.findall(r"start: (\d+), end: (\d+)", written)}
    assert set(Article("000", TEXT, "en", lexicon("en")).sentences) <= spans
    without = [at for at in range(len(TEXT)) if not TEXT[at].isspace() and not any(s <= at < e for s, e in spans)]
    assert without == [], "each letter lies in a passage"


def test_every_suggestion_is_valid(project: Path) -> None:
    new(project)
    written = (project / "data" / "articles" / "000.yaml").read_text(encoding="utf-8")
    text = accept_all(project)
    assert text.count("\n") > 50
    checked = check(project, project / "texts")
    assert (checked.exit_code, checked.stdout) == (0, "")
    for suggestion in (
        'date: "2024-03-02"',
        'type: Event\n  kind: forum\n  date: "2024-03-01"',
        'unit: company\n  value: "40"\n  approximation: moreThan',
        'unit: partner\n  value: "10"\n  approximation: nearly',
        'unit: CNY\n  value: "2500000000"\n  approximation: exact',
        'targetYear: "2030"',
        "id: park/northlight\n  evidence: [",
        "id: place/norway\n  evidence: p",
        "saidBy: person/ada-berg",
        "id: event/harbour-forum\n  type: Event\n  label: {en: Harbour Forum}\n  kind: forum\n",
        "id: org/harbour-authority\n  type: Organization\n",
        "id: person/nils-dahl\n  type: Person\n  label: {en: Nils Dahl}",
        "saidBy: person/nils-dahl",
    ):
        assert suggestion in text, suggestion
    assert "120 laboratories" in written
    assert "no unit of ontology/concepts.ttl fits" in written


def test_a_file_is_never_overwritten(project: Path) -> None:
    demo = project / "data" / "articles" / "demo.yaml"
    before = demo.read_bytes()
    result = new(project, "news.txt", "--slug", "demo")
    assert result.exit_code == 3
    assert result.stderr == f"parkgraph: {demo} is there already and stays as it is; give another --slug\n"
    assert demo.read_bytes() == before


def test_a_file_that_comes_meanwhile_is_not_overwritten(project: Path) -> None:
    path = project / "data" / "articles" / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="stays as it is"):
        write(path, "another")
    assert path.read_text(encoding="utf-8") == "mine"


def test_the_next_number_is_the_slug(project: Path) -> None:
    (project / "data" / "articles" / "017.jsonl").write_text("", encoding="utf-8")
    assert new(project).stdout.endswith("/018.yaml\n")
    assert new(project).stdout.endswith("/019.yaml\n")


def test_the_same_text_again_is_told(project: Path) -> None:
    text = project / "texts" / "demo.txt"
    result = parkgraph("new", "--project", project, text)
    assert result.exit_code == 0
    assert "note: demo.yaml is about the same text" in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe", "is not UTF-8 (invalid start byte at byte 0); save it as UTF-8 text"), (b" \n", "holds no text")],
)
def test_a_text_that_cannot_be_read_is_told(project: Path, content: bytes, message: str) -> None:
    path = project / "texts" / "bad.txt"
    path.write_bytes(content)
    result = new(project, "bad.txt")
    assert (result.exit_code, result.stderr) == (3, f"parkgraph: {path} {message}\n")
    assert not (project / "data" / "articles" / "000.yaml").exists()


def test_a_missing_text_is_told(project: Path) -> None:
    result = new(project, "none.txt")
    assert result.exit_code == 3
    assert "none.txt cannot be read: No such file or directory" in result.stderr


def test_wrong_usage(project: Path) -> None:
    assert parkgraph("new", "--project", project).exit_code == 2
    assert parkgraph("new", "--project", project, "--measure").exit_code == 2
    assert new(project, "news.txt", "--slug", "../x").exit_code == 2


def test_of_another_language_names_are_found(project: Path) -> None:
    text = "Le parc Northlight Park se trouve en Norvège et compte plus de 40 entreprises depuis 2019, a dit Ada Berg."
    (project / "texts" / "fr.txt").write_text(text, encoding="utf-8")
    new(project, "fr.txt", "--slug", "fr")
    written = project / "data" / "articles" / "fr.yaml"
    assert "inLanguage: fr" in written.read_text(encoding="utf-8")
    assert accept_all(project, "fr").count("\n") == 4
    checked = check(project, project / "texts")
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_german_suggestions_are_valid(project: Path) -> None:
    text = (
        "Am 3. Mai 2023 kamen mehr als 40 Unternehmen nach Norway. „Wir wachsen sehr gern weiter“, sagte Jana Müller."
    )
    (project / "texts" / "de.txt").write_text(text, encoding="utf-8")
    new(project, "de.txt", "--slug", "de")
    suggested = accept_all(project, "de")
    assert suggested.count("\n") > 20
    checked = check(project, project / "texts")
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert "label: {de: Jana Müller}" in suggested


def test_the_real_texts(project: Path, articles: Path) -> None:
    """On real news the file passes as it is and with everything accepted, and holds no wording beyond a few words."""
    shutil.rmtree(project / "data")
    shutil.copytree(ROOT / "data", project / "data")
    texts = sorted(articles.glob("*.txt"))
    assert len(texts) == 5
    for number, path in enumerate(texts):
        parkgraph("new", "--quiet", "--project", project, path, "--slug", f"new-{number}")
        written = [path.read_text(encoding="utf-8") for path in (project / "data").glob(f"*/new-{number}.yaml")]
        suggested = [line for text in written for line in text.splitlines() if line.startswith("##")]
        wording = path.read_text(encoding="utf-8")
        runs = {wording[start : start + 43] for start in range(len(wording) - 42)}  # a space at either end
        assert not [line for line in suggested for start in range(len(line)) if line[start : start + 43] in runs]
    assert " violation:" not in check(project, articles).stdout
    for number in range(len(texts)):
        assert accept_all(project, f"new-{number}").count("\n") > 30
    assert " violation:" not in check(project, articles).stdout


def test_the_page_is_up_to_date(articles: Path) -> None:
    result = parkgraph("new", "--quiet", "--measure", "--project", ROOT, "--articles", articles)
    page = (ROOT / "docs" / "suggestions.md").read_text(encoding="utf-8")
    assert result.stdout == page, "parkgraph new --measure --articles FOLDER > docs/suggestions.md"


def test_measuring_counts_what_meets(project: Path) -> None:
    """The good project's one article: every entity, its year and amount, and who said it."""
    result = parkgraph("new", "--quiet", "--measure", "--project", project, "--articles", project / "texts")
    known = result.stdout.partition("## With the registry as it is\n")[2]
    rows = [line.split("|")[1:] for line in known.splitlines() if line.startswith("| ")]
    assert [[cell.strip() for cell in row[:5]] for row in rows[1:5]] == [
        ["entities", "6/6", "100%", "6/6", "100%"],
        ["dates", "1/1", "100%", "1/1", "100%"],
        ["amounts", "1/1", "100%", "1/1", "100%"],
        ["claims", "1/1", "100%", "1/1", "100%"],
    ]


def test_an_article_is_read_character_for_character(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffA\r\nB".encode())
    read = article(path, "x", "en")
    assert (read.text, read.digest(Span(1, 2))) == (
        "\ufeffA\r\nB",
        "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd",
    )
