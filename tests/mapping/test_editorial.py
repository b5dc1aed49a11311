"""In go editorial records, out come names, statements with who decided them and why, or a sentence on what is wrong."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef

from mapping.project import Project
from tests.conftest import ROOT
from tests.mapping.test_broken_input import BROKEN, check

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://example.org/"
ID, PG = Namespace(f"{BASE}id/"), Namespace("https://w3id.org/parkgraph/ontology#")
SCHEMA, PROV = Namespace("https://schema.org/"), Namespace("http://www.w3.org/ns/prov#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
EDITORIAL = "graph/editorial"
EDITORS = {"id": "editors/us", "type": "Agent", "label": {"en": "Editors"}}
DECIDED = {"decidedBy": "editors/us", "decidedOn": "2026-11-29", "ground": {"en": "Its name"}}
PAGES = {"references": ["https://one.example/", "https://www.two.example/"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The good project, with the ontology and the mapping of this repository."""
    shutil.copytree(BROKEN / "good", tmp_path, dirs_exist_ok=True)
    for part in ("ontology", "mapping"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "data/editorial").mkdir()
    return tmp_path


def write(project: Path, *records: dict[str, Any]) -> None:
    lines = "".join(f"{json.dumps(record)}\n" for record in (EDITORS, *records))
    (project / "data/editorial/all.jsonl").write_text(lines, encoding="utf-8")


def told(project: Path, *records: dict[str, Any]) -> str:
    write(project, *records)
    return check(project).stdout


def mapped(project: Path, graph: str, *records: dict[str, Any]) -> tuple[Graph, list[str]]:
    """Map the project with these records: the triples of one named graph, and the codes of the problems found."""
    write(project, *records)
    opened = Project(project, BASE)
    quads = ox.parse(b"".join(opened.lines(0)), ox.RdfFormat.N_QUADS)
    triples = {quad.triple for quad in quads if quad.graph_name == ox.NamedNode(ID[graph])}
    lines = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=lines, format="turtle"), [problem.code for problem in opened.problems]


def statements(graph: Graph, subject: URIRef, predicate: URIRef) -> list[dict[Any, set[Any]]]:
    found = [one for one in graph.subjects(RDF.subject, subject) if (one, RDF.predicate, predicate) in graph]
    return [{key: set(graph.objects(one, key)) for key in set(graph.predicates(one))} for one in found]


def test_what_is_decided_says_by_whom_when_and_why(project: Path) -> None:
    graph, problems = mapped(
        project,
        EDITORIAL,
        {"id": "park/harbour", "label": {"de": "Hafenpark"}, "kind": "sciencePark", **DECIDED},
        {"id": "park/harbour", "sameAs": "https://ror.org/03yrm5c26", **DECIDED, **PAGES},
        {"id": "post/ada-berg-northlight", "kind": "director", **DECIDED},
    )
    park = ID["park/harbour"]
    assert problems == []
    assert set(graph.predicate_objects(park)) == {
        (RDFS.label, Literal("Hafenpark", "de")),
        (PG.kind, PG.sciencePark),
        (SCHEMA.sameAs, URIRef("https://ror.org/03yrm5c26")),
    }
    assert (ID["post/ada-berg-northlight"], PG.kind, PG.director) in graph
    (kind,), (link,) = statements(graph, park, PG.kind), statements(graph, park, SCHEMA.sameAs)
    assert kind.keys() == {*(RDF[name] for name in ("type", "subject", "predicate", "object"))} | {
        PROV.wasAttributedTo,
        PG.decidedOn,
        PG.ground,
    }
    assert kind[PROV.wasAttributedTo] == {ID["editors/us"]}
    assert kind[PG.ground] == {Literal("Its name", "en")}
    assert link[DCTERMS.references] == {URIRef(page) for page in PAGES["references"]}
    assert statements(graph, park, RDFS.label) == []


def test_articles_see_what_the_editors_say(project: Path) -> None:
    """Names and kinds of what they speak of, and what the editors introduce."""
    article = project / "data/articles/demo.yaml"
    text = article.read_text(encoding="utf-8")
    article.write_text(text.replace("containedInPlace: place/norway", "containedInPlace: place/north"), "utf-8")
    north: dict[str, Any] = {"id": "place/north", "type": "Place", "label": {"en": "North"}}
    graph, problems = mapped(project, "article/demo", north)
    assert problems == []
    assert (ID["park/northlight"], SCHEMA.containedInPlace, ID["place/north"]) in graph
    assert len(statements(graph, ID["park/northlight"], SCHEMA.containedInPlace)) == 1
    derived, _ = mapped(project, "graph/derived", north)
    assert (ID["place/north"], SCHEMA.name, Literal("North", "en")) in derived


@pytest.mark.parametrize(
    ("record", "message", "fix"),
    [
        (
            {"kind": "newCity"},
            "'kind' is no name, so it needs a decision [decision]",
            "add decidedBy, decidedOn, ground to",
        ),
        (
            {"kind": "newCity", **DECIDED, "ground": "x"},
            "'ground' does not say in which language it is",
            "write 'ground:",
        ),
        ({"label": {"de": "X"}, **DECIDED}, "nothing is decided here", "delete decidedBy, decidedOn, ground, or add"),
        (
            {"label": {"de": "X"}, "evidence": "demo/lies"},
            "an editorial record has no 'evidence'",
            "delete it, or move",
        ),
        ({"id": "park/harbor", "label": {"de": "X"}}, "there is no 'park/harbor'", "did you mean park/harbour?"),
        ({"id": None, "label": {"de": "X"}}, "the record does not say what it is about", "add 'id:'"),
        ({"website": "https://h.example/", **DECIDED}, "needs two references of different hosts, and has none", "add "),
        (
            {
                "sameAs": "https://viaf.org/viaf/1",
                **DECIDED,
                "references": ["https://one.example/", "https://one.example/2"],
            },
            "'sameAs' needs two references of different hosts, and has 1",
            "add under references the addresses of two pages of different hosts",
        ),
        *(
            ({"sameAs": ["https://viaf.org/viaf/1", iri], **DECIDED, **PAGES}, message, fix)
            for iri, message, fix in [
                ("https://ror.org/03yrm5c27", "the check digits of 'https://ror.org/03yrm5c27' do not fit", "copy it"),
                ("http://ror.org/03YRM5C26/", "is not the form in which ROR", "write https://ror.org/03yrm5c26"),
                ("https://ror.org/3yrm5c26", "is not the form in which ROR", "write it as https://ror.org/0"),
                ("http://www.wikidata.org/wiki/Q12", "in which Wikidata", "write https://www.wikidata.org/entity/Q12"),
                ("https://www.geonames.org/12/x.html", "in which GeoNames", "write https://sws.geonames.org/12/"),
            ]
        ),
    ],
)
def test_what_is_wrong_is_told_with_place_and_fix(
    record: dict[str, Any], message: str, fix: str, project: Path
) -> None:
    """And left out, with nothing else."""
    whole = {key: value for key, value in {"id": "park/harbour", **record}.items() if value is not None}
    output = told(project, {"id": "park/harbour", "altLabel": {"en": ["H"]}}, whole)
    assert output.startswith("data/editorial/all.jsonl:3:1: violation: ")
    assert message in output
    assert f"\n    {fix}" in output
    assert output.count(": violation: ") == 1
    graph, _ = mapped(project, EDITORIAL, {"id": "park/harbour", "altLabel": {"en": ["H"]}}, whole)
    assert set(graph.predicates(ID["park/harbour"])) <= {SKOS.altLabel, RDFS.label, SCHEMA.sameAs}
    assert (ID["park/harbour"], SKOS.altLabel, Literal("H", "en")) in graph
    assert set(graph.objects(None, SCHEMA.sameAs)) <= {URIRef("https://viaf.org/viaf/1")}
