"""`parkgraph gazetteer`: what is certain is written, what is doubtful is listed, what a person decides is kept."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from mapping.project import Project
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILE = "data/gazetteer/geonames.yaml"
BASE = "https://example.org/"
# id → (label, the facts about it, the finding that it gets or None if it is matched, its feature)
PLACES = {
    "germany": ("en: Germany", "kind: country", None, "2921044"),
    "poland": ("de: Polen", "kind: country", None, "798544"),
    "qatar": ("en: Qatar", "", None, "289688"),
    "heidelberg": ("en: Heidelberg", "kind: city, containedInPlace: place/odenwald", None, "2907911"),
    "odenwald": ("en: Odenwald", "containedInPlace: place/germany", None, None),
    "beijing": ("zh: 北京", "kind: city", None, "1816670"),
    "atlantis": ("en: Atlantis Land", "kind: country", "no country has its name", None),
    "nice": ("en: Nice", "kind: city, containedInPlace: place/germany", "no city of its name lies in DE: ", None),
    "paris": ("en: Paris", "kind: city", "several cities have its name: ", None),
    "frankfurt": ("en: Frankfurt", "kind: city, capitalOf: place/germany", None, "2925533"),
    "neustadt": ("en: Neustadt", "kind: city, containedInPlace: place/germany", "several cities have its name: ", None),
    "nowhere": ("en: Nowhereborough", "kind: city", "no city has its name", None),
    "singapore": ("en: Singapore", "", "no text says what kind of place it is: ", None),
    "sichuan": ("en: Sichuan", "kind: province", "has countries and cities only", None),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    for folder in ("registry", "articles"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    registry = [f"- {{id: place/{name}, type: Place, label: {{{label}}}}}" for name, (label, *_) in PLACES.items()]
    registry.append("- {id: park/aachen, type: Park, label: {en: Aachen}}")
    (tmp_path / "data/registry/all.yaml").write_text("\n".join(registry), encoding="utf-8")
    facts = [f"- {{id: place/{name}, {fact}, evidence: p}}" for name, (_, fact, *_) in PLACES.items() if fact]
    passage = f"p: {{start: 0, end: 9, digest: {'0' * 64}}}"
    article = "\n".join(["article: article/x", "passages:", f"  {passage}", "facts:", *facts])
    (tmp_path / "data/articles/x.yaml").write_text(article, encoding="utf-8")
    return tmp_path


def gazetteer(project: Path, *options: str) -> Result:
    arguments = ["gazetteer", "--quiet", "--inhabitants", "15000", "--project", str(project), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def quads(project: Path) -> tuple[set[ox.Quad], list[str]]:
    opened = Project(project, BASE)
    store = ox.Store()
    for block in opened.lines():
        store.load(block, ox.RdfFormat.N_QUADS)
    return set(store), [problem.message for problem in opened.problems if problem.place.file == FILE]


def test_what_is_certain_is_written_and_the_rest_is_listed(project: Path) -> None:
    result = gazetteer(project, "--format", "json")
    assert result.exit_code == 1
    text = (project / FILE).read_text(encoding="utf-8")
    findings = {f["message"].partition(" is ")[0]: f for f in json.loads(result.stdout)}
    for name, (_, _, finding, feature) in PLACES.items():
        record = f"- id: place/{name}\n  sameAs: https://sws.geonames.org/{feature}/\n"
        assert (record in text) == (feature is not None), name
        assert (f"place/{name}" in findings) == (finding is not None), name
        if finding is not None:
            told = findings[f"place/{name}"]
            assert finding in told["message"]
            assert told["severity"] == ("info" if name == "sichuan" else "warning")
            assert told["file"] == "data/registry/all.yaml"
    assert len(findings) == 7
    assert "https://sws.geonames.org/2990440/ Nice (city, FR" in findings["place/nice"]["message"]
    assert text.count("- id: ") == 1 + sum(feature is not None for *_, feature in PLACES.values())


def test_names_in_languages_without_a_label_are_filled_in(project: Path) -> None:
    """Countries have those of the CLDR, cities that of GeoNames; none where registry or editors give one."""
    (project / "data/editorial").mkdir()
    named = "- {id: place/germany, label: {de: Bundesrepublik}}\n"
    (project / "data/editorial/names.yaml").write_text(named, encoding="utf-8")
    gazetteer(project)
    text = (project / FILE).read_text(encoding="utf-8")
    labels = re.findall(r"- id: place/(\w+)\n  sameAs: \S+\n  label: (.+)\n", text)
    assert dict(labels) == {
        "germany": '{zh: "德国"}',
        "poland": '{en: "Poland", zh: "波兰"}',
        "qatar": '{de: "Katar", zh: "卡塔尔"}',
        "beijing": '{en: "Beijing"}',
    }


def test_what_editors_decide_counts_as_what_articles_state(project: Path) -> None:
    (project / "data/editorial").mkdir()
    decided = "- {id: place/paris, kind: municipality, inCountry: place/france}\n- {id: place/france, kind: country}\n"
    (project / "data/editorial/kinds.yaml").write_text(decided, encoding="utf-8")
    with (project / "data/registry/all.yaml").open("a", encoding="utf-8") as registry:
        registry.write("\n- {id: place/france, type: Place, label: {en: France}}\n")
    gazetteer(project)
    text = (project / FILE).read_text(encoding="utf-8")
    assert "- id: place/paris\n  sameAs: https://sws.geonames.org/2988507/\n" in text


def test_a_second_run_changes_nothing(project: Path) -> None:
    gazetteer(project)
    file = project / FILE
    before, written = file.read_bytes(), file.stat().st_mtime_ns
    gazetteer(project)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, written)


def test_a_decision_is_kept_and_filled_in(project: Path) -> None:
    gazetteer(project)
    file = project / FILE
    sure = ["place/singapore", "place/paris"]
    no_match = [f"place/{name}" for name in ("atlantis", "nice", "neustadt", "nowhere")]
    decided = [
        "- {id: place/singapore, sameAs: https://sws.geonames.org/1880251/, editorialNote: {en: A country}}",
        "- {id: place/paris, sameAs: https://sws.geonames.org/2988507/, editorialNote: {en: In France, de: Seine}}",
        *(f"- {{id: {name}, editorialNote: {{en: No match}}}}" for name in no_match),
    ]
    file.write_text(file.read_text(encoding="utf-8") + "\n" + "\n".join(decided), encoding="utf-8")
    result = gazetteer(project)
    assert result.exit_code == 0
    assert not any(name in result.stdout for name in (*sure, *no_match))
    text = file.read_text(encoding="utf-8")
    assert (
        "- id: place/paris\n  sameAs: https://sws.geonames.org/2988507/\n  latitude: 48.85341\n  longitude: 2.3488\n"
        '  countryCode: "FR"\n  editorialNote: {en: "In France", de: "Seine"}\n'
    ) in text
    assert (
        '- id: place/singapore\n  sameAs: https://sws.geonames.org/1880251/\n  label: {de: "Singapur", zh: "新加坡"}\n'
        in text
    )
    assert "- id: place/nice\n  editorialNote: " in text
    again = gazetteer(project)
    assert (again.exit_code, file.read_text(encoding="utf-8")) == (0, text)


def test_a_match_that_is_no_longer_certain_goes(project: Path) -> None:
    gazetteer(project)
    article = project / "data/articles/x.yaml"
    facts = article.read_text(encoding="utf-8").replace("kind: city, containedInPlace: place/odenwald", "kind: city")
    article.write_text(facts, encoding="utf-8")
    assert "place/heidelberg is not matched: several cities have its name" in gazetteer(project).stdout
    assert "place/heidelberg" not in (project / FILE).read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_not_written_over(project: Path) -> None:
    gazetteer(project)
    file = project / FILE
    broken = file.read_text(encoding="utf-8") + "\n- id: [unfinished\n"
    file.write_text(broken, encoding="utf-8")
    result = gazetteer(project)
    assert result.exit_code == 3
    assert f"parkgraph: {FILE}:" in result.stderr
    assert file.read_text(encoding="utf-8") == broken


def test_it_lies_in_a_graph_of_its_own_and_in_the_merged_one(project: Path) -> None:
    without, _ = quads(project)
    gazetteer(project)
    with_, problems = quads(project)
    assert problems == []
    added = with_ - without
    graph = ox.NamedNode(f"{BASE}id/graph/gazetteer")
    derived = ox.NamedNode(f"{BASE}id/graph/derived")
    assert {quad.graph_name for quad in added} == {graph, derived, ox.DefaultGraph()}
    assert {quad.triple for quad in added if quad.graph_name in (graph, derived)} == {
        quad.triple for quad in added if quad.graph_name == ox.DefaultGraph()
    }
    said = {(q.subject.value.removeprefix(f"{BASE}id/"), q.predicate.value, q.object) for q in added}  # type: ignore[union-attr]
    decimal = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
    latitude = ox.Literal("49.40768", datatype=decimal)
    for predicate in ("http://www.w3.org/2003/01/geo/wgs84_pos#lat", "https://schema.org/latitude"):
        assert ("place/heidelberg", predicate, latitude) in said
    licence = ox.NamedNode("https://creativecommons.org/licenses/by/4.0/")
    assert ("graph/gazetteer", "https://schema.org/license", licence) in said
    assert {name.partition("/")[0] for name, *_ in said} == {"place", "graph"}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{id: park/aachen, latitude: 50.8, longitude: 6.1}", "a gazetteer speaks of places, and this is a Park"),
        ("{id: place/qatar, containedInPlace: place/poland}", "'containedInPlace' is no key of a gazetteer"),
        ("{id: place/lost, countryCode: DE}", "the record has no type, and its id is not in the registry"),
        ("{id: place/qatar, latitude: north, longitude: 6.1}", "'north' is no value for 'latitude'"),
    ],
)
def test_what_a_gazetteer_may_not_say_is_told(project: Path, record: str, message: str) -> None:
    (project / FILE).parent.mkdir()
    (project / FILE).write_text(f"- {record}\n", encoding="utf-8")
    found, problems = quads(project)
    assert message in problems
    graph = ox.NamedNode(f"{BASE}id/graph/gazetteer")
    assert not [q for q in found if q.graph_name == graph and "containedInPlace" in q.predicate.value]


def test_each_record_of_the_project_has_an_iri_or_a_reason() -> None:
    opened = Project(ROOT, BASE)
    graph = ox.NamedNode(f"{BASE}id/graph/gazetteer")
    store = ox.Store()
    for block in opened.lines():
        store.load(block, ox.RdfFormat.N_QUADS)
    own = list(store.quads_for_pattern(None, None, None, graph))
    matched = {q.subject for q in own if q.predicate.value == "https://schema.org/sameAs"}
    places = {q.subject for q in own if "/id/place/" in str(q.subject)}
    noted = {q.subject for q in own if q.predicate.value.endswith("editorialNote")}
    assert len(matched) >= 18
    assert places == matched | noted
