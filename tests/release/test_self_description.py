"""What `build --rdf` takes from the data: title, licence and the like of the dataset, ontology or scheme in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from release.self_description import read
from tests.conftest import parkgraph
from tests.foreign import CATALOGUE, ONTOLOGY, QUADS, THESAURUS

if TYPE_CHECKING:
    from pathlib import Path

    from release.manifest import Dataset

pytestmark = pytest.mark.quick
BASE = "https://data.example/"
PREFIXES = """
PREFIX : <https://x.example/> PREFIX dct: <http://purl.org/dc/terms/> PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX void: <http://rdfs.org/ns/void#> PREFIX schema: <https://schema.org/> PREFIX http: <http://schema.org/>
PREFIX cc: <http://creativecommons.org/ns#> PREFIX foaf: <http://xmlns.com/foaf/0.1/>
"""


def described(turtle: str | Path, title: str | None = None) -> tuple[Dataset, list[str]]:
    """The dataset that is read from Turtle, or a file, and the sentences that are told."""
    store = ox.Store()
    if isinstance(turtle, str):
        store.load(f"{PREFIXES}{turtle.removesuffix('.')} .", ox.RdfFormat.TURTLE)
    else:
        store.load(path=turtle)
    told: list[str] = []
    return read(store, base=BASE, title=title, otherwise="file", tell=told.append), told


def test_a_thesaurus() -> None:
    found, told = described(THESAURUS)
    assert found.title == {"ar": "الآلات الموسيقية", "de": "Musikinstrumente", "en": "Musical instruments"}
    assert found.description["de"] == "Wie Instrumente klingen, in vier Ebenen."
    assert found.publisher == {"ar": "متحف الصوت", "de": "Museum der Klänge", "en": "Museum of Sound"}
    assert (found.license, found.creators) == ("https://creativecommons.org/licenses/by/4.0/", ["Laila Haddad"])
    assert (found.version, found.date, found.homepage) == ("2.1", "2025-11-20", "https://museum.example/instruments")
    kinds = "title, description, license, publisher, creators, version, date, homepage"
    assert told == [f"{kinds} from <https://instruments.example/scheme>"]


def test_an_ontology_with_older_terms() -> None:
    found, _ = described(ONTOLOGY)
    assert found.title == {"de": "Ontologie der Fahrradwerkstatt", "en": "Bicycle Workshop Ontology"}
    assert found.license == "http://creativecommons.org/publicdomain/zero/1.0/"
    assert (found.publisher, found.creators) == ({"": "Spoke & Chain"}, ["J. Nowak", "M. Ferreira"])


def test_a_catalogue_stands_for_its_datasets_and_its_themes() -> None:
    found, _ = described(CATALOGUE)
    assert found.title == {"de": "Offene Daten der Hafenstadt", "en": "Open data of the harbour city"}
    assert found.publisher == {"de": "Hafenstadt", "en": "Harbour City"}


def test_named_graphs_alone() -> None:
    found, _ = described(QUADS)
    assert found.title == {"de": "Leuchtfeuer der Küste", "en": "Lights of the coast"}
    assert found.license is None
    assert found.rights == {"": "Free for mariners; ask the keepers for anything else."}
    assert found.examples == ["https://lights.example/light/far-stack"]


@pytest.mark.parametrize(
    ("turtle", "title"),
    [
        (":a a skos:ConceptScheme ; dct:title 'a' . :b a skos:ConceptScheme .", "a"),
        (":a a skos:ConceptScheme ; dct:title 'a' . :b a skos:ConceptScheme ; dct:title 'b' .", "file"),
        (":a a owl:Ontology ; rdfs:label 'a' ; owl:imports :b . :b a owl:Ontology ; rdfs:label 'b' .", "a"),
        (
            ":a a owl:Ontology ; dct:title 'a' . :b a skos:ConceptScheme ; dct:title 'b' . :c skos:inScheme :b",
            "b",
        ),
        (":a a dcat:Dataset ; dct:title 'a' . :b a dcat:Catalog ; dct:title 'b' ; dcat:dataset :a", "b"),
        (":a a dcat:Dataset ; dct:title 'a' ; dct:isPartOf :b . :b a dcat:Dataset ; dct:title 'b'", "b"),
        (
            f":a a void:Dataset ; dct:title 'a' . <{BASE}> a void:Dataset ; dct:title 'own' . :c void:inDataset :a",
            "own",
        ),
        (":a a http:Dataset ; http:name 'a'", "a"),
        (":a a schema:DataCatalog ; schema:name 'a' ; schema:dataset :b . :b a schema:Dataset ; schema:name 'b'", "a"),
        ("[] a owl:Ontology ; dc:title 'a'", "a"),
        (":a a skos:ConceptScheme ; skos:prefLabel ''", "file"),
        (":a a skos:ConceptScheme ; dct:title '  two \\n lines '", "two lines"),
        (":a a :Thing ; dct:title 'a'", "file"),
        (":a a dcat:Dataset ; dct:isPartOf :a ; dct:title 'of itself'", "of itself"),
        (":a a dcat:Dataset ; dct:isPartOf :b . :b a dcat:Dataset ; dct:isPartOf :a ; dct:title 'b'", "file"),
        (f":a a owl:Ontology ; dct:title '{'long ' * 200}'", ("long " * 59).strip() + " …"),
    ],
)
def test_which_of_several_it_is(turtle: str, title: str) -> None:
    found, _ = described(turtle)
    assert list(found.title.values()) == [title]


def test_several_of_which_none_stands_for_all_are_told() -> None:
    found, told = described(":a a owl:Ontology ; dct:title 'a' . :b a owl:Ontology ; dct:title 'b' .")
    assert found.title == {"en": "file"}
    assert told == [
        "the title is 'file', since none of these stands for all data: <https://x.example/a>, <https://x.example/b>"
    ]
    assert described(":a :b :c")[1] == []


@pytest.mark.parametrize(
    ("licence", "iri", "rights"),
    [
        ("dct:license <https://l.example/1>", "https://l.example/1", {}),
        ("dct:license 'https://l.example/1'", "https://l.example/1", {}),
        ("dct:license 'Ask us.'@en, 'Fragen Sie uns.'@de", None, {"de": "Fragen Sie uns.", "en": "Ask us."}),
        ("schema:license <https://l.example/2> ; dc:rights 'All.'", "https://l.example/2", {"": "All."}),
        ("cc:license [ rdfs:label 'House rules'@en ]", None, {"en": "House rules"}),
        ("dct:license <urn:licence:own>", None, {"": "own"}),
        ("dct:license <javascript:alert(1)>", None, {"": "alert(1)"}),
    ],
)
def test_a_licence_is_an_address_or_words(licence: str, iri: str | None, rights: dict[str, str]) -> None:
    found, _ = described(f":a a owl:Ontology ; dct:title 'a' ; {licence} .")
    assert (found.license, found.rights) == (iri, rights)


@pytest.mark.parametrize(
    ("publisher", "names"),
    [
        ("'A', 'B'", {"": "A, B"}),
        ("<https://a.example/Some-Society>", {"": "Some-Society"}),
        ("<https://a.example/urn:uuid:fd06253e>", {"": "a.example"}),
        ("[ foaf:name 'A'@en, 'Ä'@de ], [ foaf:name 'B'@en ]", {"de": "B, Ä", "en": "A, B"}),
    ],
)
def test_publishers_have_names(publisher: str, names: dict[str, str]) -> None:
    found, _ = described(f":a a owl:Ontology ; dct:title 'a' ; dct:publisher {publisher} .")
    assert {tag: ", ".join(sorted(text.split(", "))) for tag, text in found.publisher.items()} == names


def test_the_command_says_what_it_took_and_a_title_given_goes_before(tmp_path: Path) -> None:
    build = ("build", "--rdf", THESAURUS, "--base", BASE, "--releases", tmp_path / "releases")
    first = parkgraph(*build)
    assert "title, description, license, publisher" in first.stderr
    assert "from <https://instruments.example/scheme>" in first.stderr
    again = parkgraph(*build)
    assert again.stdout == first.stdout
    named = parkgraph(*build, "--title", "Mine")
    assert named.stdout != first.stdout
    assert " description, license" in named.stderr
    assert "title, description" not in named.stderr
