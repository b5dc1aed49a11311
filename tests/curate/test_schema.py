"""The JSON Schema of the record format: up to date, met by all data, and as strict about a file as an editor needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from cli.main import main
from curate.schema_forms import MODELINE, PATH
from mapping.documents import data_files
from mapping.source import YAML_SUFFIXES, Items, Map, Value, read
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


SCHEMA = json.loads((ROOT / PATH).read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
FILES = [
    path
    for folder in (ROOT / "data", ROOT / "tests/guide/data", ROOT / "tests/broken/good/data")
    for part in ("articles", "registry", "gazetteer", "editorial")
    for path in data_files(folder / part)
    if path.suffix in YAML_SUFFIXES
]
OWN = [path for path in FILES if (ROOT / "data") in path.parents]


class Core(SafeConstructor):
    """Values as editors read them: by the core schema of YAML 1.2, which has no dates."""


Core.add_constructor("tag:yaml.org,2002:timestamp", lambda constructor, node: constructor.construct_scalar(node))


def as_an_editor(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = Core
    return yaml.load(text)


def as_the_mapping(path: Path) -> Any:
    """Every scalar a string, as in JSON Lines that a program writes from our files."""

    def plain(value: Value) -> Any:
        if isinstance(value, Map):
            return {key: plain(entry) for key, entry in value.items()}
        return [plain(entry) for entry in value] if isinstance(value, Items) else str(value)

    (parsed,) = read(path, path.name)
    assert parsed.value is not None
    assert parsed.problems == ()
    return plain(parsed.value)


def wrong(value: Any) -> str | None:
    """JSON path and message of the deepest error in the value."""
    error = best_match(VALIDATOR.iter_errors(value))
    return None if error is None else f"{error.json_path}: {error.message}"


def test_there_are_files() -> None:
    assert len(OWN) >= 11
    assert len(FILES) >= len(OWN) + 5


def test_it_is_a_schema_and_up_to_date() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    result = CliRunner().invoke(main, ["schema", "--check", "--project", str(ROOT)])
    assert (result.exit_code, result.stderr) == (0, f"{PATH} is up to date\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_data_conforms(path: Path) -> None:
    for value in (as_an_editor(path.read_text(encoding="utf-8")), as_the_mapping(path)):
        assert wrong(value) is None
        lines = value if isinstance(value, list) else [value]
        assert [wrong(line) for line in lines] == [None] * len(lines), "a line of JSON Lines is one record or document"


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_data_names_the_schema(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(f"{MODELINE}\n")
    assert (path.parent / MODELINE.rpartition("=")[2]).resolve() == ROOT / PATH


DIGEST = "ab" * 32
DOCUMENT = f"""
article: article/x
passages:
  p01: {{start: 0, end: 9, digest: {DIGEST}}}
facts:
- id: figure/x-1
  type: Figure
  about: park/x
  measure: projectCount
  value: 40
  unit: project
  approximation: moreThan
  date: 2016
  evidence: p01
- id: park/x
  containedInPlace: place/y
  evidence: [p01, {{article: article/z, start: 0, end: 9, digest: {DIGEST}}}]
"""
REGISTRY = """
- id: park/x
  type: Park
  label: {en: X Park}
  spellings:
  - {text: X Park, language: en, evidence: x/p01}
- id: place/y
  latitude: 49.5
  longitude: 8.25
"""
EDITORIAL = """
- id: park/x
  label: {zh: 园区}
  altLabel: {de: [X-Park]}
- id: editors/us
  type: Agent
  description: {en: Who decides}
- id: park/x
  kind: sciencePark
  sameAs: https://www.wikidata.org/entity/Q1
  references: [https://one.example/, https://two.example/]
  decidedBy: editors/us
  decidedOn: 2026-11-29
  ground: {en: Its name}
"""
# What is changed in one of the three, and where an editor has to underline what
BROKEN = [
    ("facts:", "fakts:", "$: Additional properties are not allowed ('fakts' was unexpected)"),
    ("article: article/x\n", "", "$: 'article' is a required property"),
    ("p01: {start: 0", "p01: {start: -1", "$.passages.p01.start: -1 is less than the minimum"),
    (f"digest: {DIGEST}}}\nfacts", "digest: 00ff}\nfacts", "$.passages.p01.digest: '00ff' does not match"),
    ("p01: {start: 0, end: 9,", "p01: {start: 0,", "$.passages.p01: 'end' is a required property"),
    ("type: Figure", "type: Figgure", "$.facts[0].type: 'Figgure' is not one of ['Agent', 'Agreement'"),
    ("id: figure/x-1", "id: Figure X", "$.facts[0].id: 'Figure X' does not match"),
    ("about: park/x", "about: X Park", "$.facts[0].about: 'X Park' does not match"),
    ("measure: projectCount", "measure: project", "$.facts[0].measure: 'project' is not one of ['agreementCount'"),
    ("value: 40", "value: forty", "$.facts[0].value: 'forty' does not match"),
    ("unit: project", "units: project", "$.facts[0]: Additional properties are not allowed ('units' was unexpected)"),
    ("value: 40", "post: {en: director}", "$.facts[0]: Additional properties are not allowed ('post' was unexpected)"),
    ("date: 2016", "date: in May", "$.facts[0].date: 'in May' does not match"),
    ("date: 2016", "label: A figure", "$.facts[0].label: 'A figure' is not of type 'object'"),
    ("date: 2016", "label: {English: A figure}", "$.facts[0].label: 'English' does not match"),
    ("  evidence: p01\n- id: park/x", "- id: park/x", "$.facts[0]: 'evidence' is a required property"),
    ("containedInPlace: place/y", "kind: country", "$.facts[1].kind: 'country' is not one of ['demonstrationZone'"),
    ("containedInPlace: place/y", "saidBy: org/y", "$.facts[1]: Additional properties are not allowed ('saidBy'"),
    ("article: article/z, start", "start", "$.facts[1].evidence[1]: 'article' is a required property"),
    ("label: {en: X Park}", "containedInPlace: place/y", "$[0]: Additional properties are not allowed ('containedIn"),
    ("language: en, evidence", "language: English, evidence", "$[0].spellings[0].language: 'English' does not match"),
    ("{text: X Park, ", "{", "$[0].spellings[0]: 'text' is a required property"),
    ("type: Park", "type: park", "$[0].type: 'park' is not one of"),
    ("longitude: 8.25", "kind: city", "$[1]: Additional properties are not allowed ('kind' was unexpected)"),
    ("latitude: 49.5", "latitude: 95", "$[1].latitude: 95 is greater than the maximum of 90"),
    ("decidedBy: editors/us", "founded: 1999", "$[2]: 'decidedBy' is a required property"),
    ("kind: sciencePark", "kind: city", "$[2].kind: 'city' is not one of ['demonstrationZone'"),
    ("kind: sciencePark", "evidence: x/p01", "$[2]: Additional properties are not allowed ('evidence'"),
    ("decidedOn: 2026-11-29", "decidedOn: November", "$[2].decidedOn: 'November' does not match"),
]


def test_what_is_broken_here_is_right_without_it() -> None:
    assert wrong(as_an_editor(DOCUMENT)) is None
    assert wrong(as_an_editor(REGISTRY)) is None
    assert wrong(as_an_editor(EDITORIAL)) is None


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN, ids=[new.strip() or "nothing" for _, new, _ in BROKEN])
def test_what_is_wrong_is_found_where_it_stands(old: str, new: str, expected: str) -> None:
    (good,) = [text for text in (DOCUMENT, REGISTRY, EDITORIAL) if old in text]
    assert good.count(old) == 1
    found = wrong(as_an_editor(good.replace(old, new)))
    assert found is not None
    assert found.startswith(expected)


def test_keys_come_with_their_meaning() -> None:
    """What an editor shows beside a key: the vocabulary's comment, then what the shape asks for."""
    figure = SCHEMA["$defs"]["Figure"]["properties"]
    texts = {key: SCHEMA["$defs"][entry["$ref"].rpartition("/")[2]]["description"] for key, entry in figure.items()
             if "$ref" in entry}  # fmt: skip
    assert len(texts) == len(figure) - 1
    assert texts["approximation"].startswith("How the stated number relates to the real one.\n\nA figure has exactly")
    units = SCHEMA["$defs"]["units"]
    assert len(units["enum"]) == len(units["markdownEnumDescriptions"]) >= 10
    assert all(units["markdownEnumDescriptions"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mapping").mkdir()
    for name in ("context.jsonld", "rules"):
        (tmp_path / "mapping" / name).symlink_to(ROOT / "mapping" / name)
    (tmp_path / "ontology").symlink_to(ROOT / "ontology")
    (tmp_path / "data").symlink_to(ROOT / "data")
    return tmp_path


@pytest.fixture
def schema(project: Path) -> Callable[..., int]:
    def run(*options: str) -> int:
        return CliRunner().invoke(main, ["schema", "--project", str(project), *options]).exit_code

    return run


def test_the_command_writes_and_checks(project: Path, schema: Callable[..., int]) -> None:
    assert schema("--check") == 1
    assert not (project / PATH).exists()
    assert schema() == 0
    assert schema("--check") == 0
    assert (project / PATH).read_bytes() == (ROOT / PATH).read_bytes()
