"""Datasets of other kinds, published as they are: what their pages are called, and in which order they say it."""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from core.progress import Progress
from release.build import publish_rdf
from tests.foreign import CATALOGUE, HOSTILE_NAMESPACE, ONTOLOGY, QUADS, THESAURUS, hostile
from tests.server.conftest import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

BASE = "https://data.example/"
INSTRUMENTS, LIGHTS = "https://instruments.example/", "https://lights.example/"
LONG = "aPropertyWithAVeryLongLocalNameThatHasNoLabelWhatsoever"
TAG = re.compile(r"<[^>]+>")

Sites = dict[str, "FlaskClient"]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Each dataset published, by a name."""
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "hostile.ttl").write_text(hostile(), encoding="utf-8")
    files = {"thesaurus": THESAURUS, "ontology": ONTOLOGY, "catalogue": CATALOGUE, "quads": QUADS}
    files["hostile"] = folder / "hostile.ttl"
    publish = partial(publish_rdf, base=BASE, progress=Progress())
    with ExitStack() as stack:
        sites = {}
        for name, file in files.items():
            publish([file], folder / name)
            sites[name] = stack.enter_context(in_process(folder / name))
        publish([QUADS], folder / "apart", union=False)
        sites["apart"] = stack.enter_context(in_process(folder / "apart"))
        yield sites


def page(client: FlaskClient, iri: str = "", language: str = "en", path: str = "") -> str:
    path = path or (f"/doc?iri={quote(iri)}" if iri else "/")
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.text


def words(html: str) -> str:
    """The text of a page, on one line."""
    return " ".join(TAG.sub(" ", html).split())


def main(html: str) -> str:
    return words(html[html.index("<main") : html.index("</main>")])


def properties(html: str) -> list[str]:
    """The names of the properties of a page, in their order."""
    return [words(name) for name in re.findall("<dt>(.*?)</dt>", html)]


def test_a_site_has_the_title_and_the_rest_of_its_data(sites: Sites) -> None:
    home = page(sites["thesaurus"])
    assert '<h1><bdi lang="en">Musical instruments</bdi></h1>' in home
    assert "Published by Museum of Sound . Created by Laila Haddad. Version 2.1. As of 20 November 2025." in main(home)
    assert '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/"><bdi>CC BY 4.0</bdi></a>' in home
    assert '<bdi lang="de">Musikinstrumente</bdi>' in page(sites["thesaurus"], language="de")
    assert "Free for mariners" in page(sites["quads"])
    catalog = main(page(sites["thesaurus"], path="/catalog"))
    assert "Created by Laila Haddad" in catalog
    assert "Homepage https://museum.example/instruments" in catalog
    citation = sites["thesaurus"].get("/catalog?format=txt").text
    assert "Museum of Sound" in citation or "Musical instruments" in citation


def test_the_catalog_has_creators_and_rights_in_rdf(sites: Sites) -> None:
    turtle = {"Accept": "text/turtle"}
    assert 'foaf:name "Laila Haddad"' in sites["thesaurus"].get("/catalog", headers=turtle).text
    assert (
        'rdfs:label "Free for mariners; ask the keepers for anything else."'
        in sites["quads"].get("/catalog", headers=turtle).text
    )


def test_a_menu_has_what_there_is(sites: Sites) -> None:
    home = words(page(sites["thesaurus"]))
    assert "Lists Query Downloads" in home
    assert not any(name in home for name in ("Network", "Vocabulary", "Saved queries"))


def test_resources_are_counted_listed_searched_and_in_the_site_map(sites: Sites) -> None:
    client, iri = sites["thesaurus"], f"{INSTRUMENTS}oud"
    assert "31 resources" in main(page(client))
    assert "For example" in main(page(client))
    assert client.get("/list?format=json").json["total"] == 31  # type: ignore[index]
    assert iri in client.get("/search?q=oud&format=json").text
    assert f"{BASE}doc?iri={quote(iri, safe='')}" in client.get("/sitemap-1.xml").text
    assert "void:entities 31" in client.get("/catalog", headers={"Accept": "text/turtle"}).text.replace('"', "")


def test_properties_and_classes_have_names_in_the_languages_of_the_pages(sites: Sites) -> None:
    oud = f"{INSTRUMENTS}oud"
    order = ["alternative name", "definition", "broader", "related", "in scheme", "notation"]
    assert properties(page(sites["thesaurus"], oud)) == [*order, "in collection"]
    german = ["andere Benennung", "Definition", "Oberbegriff", "verwandt", "im Begriffssystem", "Notation"]
    assert properties(page(sites["thesaurus"], oud, "de")) == [*german, "in der Sammlung"]
    assert "概念" in page(sites["thesaurus"], oud, "zh")
    assert "skos:" not in main(page(sites["thesaurus"], oud))


def test_names_of_the_data_go_before(tmp_path: Path) -> None:
    (tmp_path / "own.ttl").write_text(
        """@prefix : <https://own.example/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        :a a skos:Concept ; skos:prefLabel "a" ; skos:broader :b ; skos:definition "text" ; skos:related :c .
        skos:broader rdfs:label "wider"@en . skos:related rdfs:label "kin" .""",
        encoding="utf-8",
    )
    publish_rdf([tmp_path / "own.ttl"], tmp_path / "releases", base=BASE)
    with in_process(tmp_path / "releases") as client:
        assert properties(page(client, "https://own.example/a")) == ["wider", "kin"]
        # a name without a language is one in all of them; where there is one in another language, the shipped one helps
        assert properties(page(client, "https://own.example/a", "de")) == ["Oberbegriff", "kin"]


def test_equal_names_in_one_list_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "same.ttl").write_text(
        """@prefix : <https://own.example/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix other: <https://other.example/> .
        :A a owl:Class . :B a rdfs:Class . :C a :Kind . :D a other:Kind . :Kind rdfs:label "kind" .
        other:Kind rdfs:label "kind" .
        :e a :Thing ; :in :Cambridge-UK . :f a :Thing ; :in :Cambridge-MA . :g a :Thing ; :in :Cambridge-UK .
        :h a :Thing ; :in :Cambridge-MA . :i a :Thing ; :in :Cambridge-UK .
        :Cambridge-UK rdfs:label "Cambridge" . :Cambridge-MA rdfs:label "Cambridge" .""",
        encoding="utf-8",
    )
    publish_rdf([tmp_path / "same.ttl"], tmp_path / "releases", base=BASE)
    with in_process(tmp_path / "releases") as client:
        for path in ("/", "/list", "/search", "/dumps/", "/catalog"):
            text = main(page(client, path=path))
            assert all(
                name in text for name in ("class (owl)", "class (rdfs)", "kind (own.example)", "kind (other)", "Thing")
            ), path
            assert "Thing (" not in text
        places = main(page(client, path="/list?class=https://own.example/Thing"))
        assert "Cambridge (Cambridge-UK) 3 Cambridge (Cambridge-MA) 2" in places


def test_given_and_family_names_name_a_person(tmp_path: Path) -> None:
    (tmp_path / "people.ttl").write_text(
        """@prefix : <https://own.example/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        @prefix schema: <http://schema.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        :p1 a foaf:Person ; foaf:givenName "Ada" ; foaf:familyName "Lovelace" .
        :p2 a foaf:Person ; schema:givenName "伟"@zh , "Wei"@en ; schema:familyName "李"@zh , "Li"@en .
        :p3 a foaf:Person ; foaf:givenName "Charles" ; foaf:familyName "Babbage" ; rdfs:label "the engineer" .
        :p4 a foaf:Person ; foaf:familyName "Turing" .""",
        encoding="utf-8",
    )
    publish_rdf([tmp_path / "people.ttl"], tmp_path / "releases", base=BASE)
    with in_process(tmp_path / "releases") as client:
        listed = client.get("/list?class=http://xmlns.com/foaf/0.1/Person&format=json&lang=en").json
        assert listed is not None
        assert [one["label"] for one in listed["members"]] == ["Ada Lovelace", "the engineer", "Turing", "Wei Li"]
        assert "<h1" in page(client, "https://own.example/p2", "zh")
        assert "李伟" in words(page(client, "https://own.example/p2", "zh"))
        for text, number in (("ada lovelace", 1), ("Lovelace", 1), ("李伟", 2), ("wei li", 2)):
            found = client.get("/search", query_string={"q": text, "format": "json"}).json
            assert found is not None
            assert [one["iri"] for one in found["results"]] == [f"https://own.example/p{number}"], text
        assert "given name" in properties(page(client, "https://own.example/p1"))


SHAPES = """@prefix : <https://own.example/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    :S sh:targetClass :Ship ; sh:property [ sh:path :speed ; sh:name "top speed"@en ; sh:order ORDER ; sh:group :g ] ,
      [ sh:path :weight ; sh:order 2 ; sh:group :g ] .
    :g a sh:PropertyGroup ; rdfs:label "measures"@en ; sh:order 1 ."""


def test_shapes_that_validate_also_say_how_pages_are(tmp_path: Path) -> None:
    (tmp_path / "ships.ttl").write_text(
        """@prefix : <https://own.example/> . :a a :Ship ; :speed 3 ; :weight 2 ; :captain :b . :b a :Person .""",
        encoding="utf-8",
    )
    found = []
    for order in (1, 3):
        (tmp_path / "shapes.ttl").write_text(SHAPES.replace("ORDER", str(order)), encoding="utf-8")
        build = publish_rdf([tmp_path / "ships.ttl"], tmp_path / "releases", base=BASE, shapes=tmp_path / "shapes.ttl")
        with in_process(tmp_path / "releases") as client:
            html = page(client, "https://own.example/a")
            found.append((build.release.id, [name for name in properties(html) if name != "captain"]))
            assert "measures" in main(html)
            assert "Person" in main(page(client))  # no shape is for it
            assert client.get("/sparql?query=ASK { GRAPH ?g { ?s ?p ?o } }&format=json").json == {  # they are no data
                "head": {},
                "boolean": False,
            }
    (first, by_speed), (second, by_weight) = found
    assert (by_speed, by_weight) == (["top speed", "weight"], ["weight", "top speed"])
    assert first != second


def test_what_a_tree_tells_is_told_once(sites: Sites) -> None:
    html = page(sites["thesaurus"], f"{INSTRUMENTS}drums")
    assert "Below this" in html
    assert "narrower" not in properties(html)
    assert "broader" in properties(html)
    assert "←" not in html
    assert "What refers to this" not in html


def test_own_facts_come_before_what_refers_to_a_resource_and_much_of_that_is_folded(sites: Sites) -> None:
    html = page(sites["hostile"], f"{HOSTILE_NAMESPACE}hub")
    head, _, rest = html.partition('class="facts"')
    assert "word word word" in head
    assert rest.index("hub.png") < rest.index("What refers to this")
    folds = re.findall(r'<details class="section much"><summary>(.*?)</summary>', html)
    assert [words(fold) for fold in folds] == [
        "← aPropertyWithAVeryLongLocalNameThatHasNoLabelWhatsoever 1",
        "← leadsTo 500",
    ]
    asked = page(
        sites["hostile"], path=f"/doc?iri={quote(HOSTILE_NAMESPACE)}hub&after={quote(HOSTILE_NAMESPACE)}leadsTo%20"
    )
    assert "much" not in asked
    assert "leaf 1" in asked


def test_a_scheme_says_what_it_is_before_its_concepts(sites: Sites) -> None:
    html = page(sites["thesaurus"], f"{INSTRUMENTS}scheme")
    assert "How instruments make their sound" in html[: html.index('class="facts"')]
    assert properties(html)[:4] == ["description", "creator", "publisher", "issued"]
    assert "concepts in it 28" in main(html)


def test_the_names_at_the_head_are_not_repeated(sites: Sites) -> None:
    html = page(sites["thesaurus"], f"{INSTRUMENTS}oud")
    assert html.count(">عود<") == 1


def test_classes_without_a_label_are_called_by_their_iri(sites: Sites) -> None:
    name = "BottomBracketShellThreadStandardEnumeration"
    html = page(sites["ontology"], f"https://workshop.example/ns#{name}")
    assert f"<h1><bdi>{name}</bdi></h1>" in html
    assert "A class without a label, with a long name." in html[: html.index('class="facts"')]


def test_blank_nodes_are_called_by_what_they_are(sites: Sites) -> None:
    html = page(sites["catalogue"], "https://data.harbour.example/dataset-bus-stops")
    assert "period covered period of time details begins 1 January 2019 ends 31 August 2025" in main(html)
    assert "_:" not in html


def test_classes_of_one_name_stand_once_and_blank_nodes_without_a_class_are_called_by_their_texts(
    tmp_path: Path,
) -> None:
    (tmp_path / "two.ttl").write_text(
        """@prefix : <https://two.example/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix schema: <https://schema.org/> .
        :a a owl:Class, rdfs:Class ; rdfs:label "a" ;
            schema:address [ schema:postalCode "1" ; schema:addressLocality "Town" ; schema:streetAddress "B 2" ] .""",
        encoding="utf-8",
    )
    publish_rdf([tmp_path / "two.ttl"], tmp_path / "releases", base=BASE)
    with in_process(tmp_path / "releases") as client:
        html = page(client, "https://two.example/a")
    assert words(html[html.index('<p class="types">') : html.index("<h1>")]) == "class"
    assert properties(html)[0] == "type"
    assert "address B 2, 1, Town details" in main(html)


def test_quads_of_named_graphs_are_found(sites: Sites) -> None:
    assert "Ruth Adeyemi" in page(sites["quads"], f"{LIGHTS}light/far-stack")
    assert "10 resources" in main(page(sites["quads"]))
    answer = sites["quads"].get("/sparql?query=SELECT(COUNT(*)AS?n){?s?p?o}", headers={"Accept": "text/csv"})
    assert answer.text.split() == ["n", "64"]


def test_a_page_that_only_a_named_graph_would_have_says_so(sites: Sites) -> None:
    answer = sites["apart"].get(f"/doc?iri={LIGHTS}light/far-stack", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert f"Only the graph &lt;{LIGHTS}graph/survey-2024&gt; says something" in answer.text
    assert f"store?graph={quote(LIGHTS, safe='')}" in answer.text
    assert sites["apart"].get(f"/doc?iri={LIGHTS}nothing").status_code == 404


@pytest.mark.parametrize("name", ["hub", "Hub", "long", "rtl", "empty", "control", "markup"])
def test_values_of_every_size_and_script_are_texts(sites: Sites, name: str) -> None:
    html = page(sites["hostile"], HOSTILE_NAMESPACE + name)
    assert not re.search(r"<(?:img|b|em|script)(?![^>]*(?:/static/built/|application/))[ >]", html)
    assert "pictures.example" not in "".join(re.findall(r'(?:src|srcset)="([^"]*)"', html))
    assert max(map(len, re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL).split("\n"))) < 12_000
