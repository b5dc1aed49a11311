"""Hierarchies on pages: breadcrumbs, what is below, trees; of data that nobody wrote shapes for, well made or not."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from core.namespaces import RDFS, SKOS
from release.build import publish_rdf
from release.writer import build
from tests import foreign
from tests.server.conftest import GRAPHS, html_of, in_process, publishing, silent, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    Site = Callable[[str], FlaskClient]

HTML = {"Accept": "text/html"}
BASE = "http://localhost/"
EX = "http://example.org/"
PREFIXES = f"""
@prefix : <{EX}> . @prefix dash: <http://datashapes.org/dash#> . @prefix rdfs: <{RDFS}> . @prefix skos: <{SKOS}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix schema: <https://schema.org/> . @prefix ui: <https://w3id.org/parkgraph/ui#> .
"""
# two ways lead from a to d; the scheme by one of the ways that there are
BROADER = ":b skos:broader :a . :c skos:broader :a . :d skos:broader :b, :c ."
NARROWER = ":a skos:narrower :b, :c . :b skos:narrower :d . :c skos:narrower :d ."
CONCEPTS = ":s a skos:ConceptScheme . :a a skos:Concept . :b a skos:Concept . :c a skos:Concept . :d a skos:Concept ."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Publishes Turtle and asks for its pages."""
    opened = []

    def publish(turtle: str) -> FlaskClient:
        (tmp_path / "data.ttl").write_text(PREFIXES + turtle, encoding="utf-8")
        publish_rdf([tmp_path / "data.ttl"], tmp_path / "releases", base=BASE)
        context = in_process(tmp_path / "releases")
        client = context.__enter__()
        opened.append(context)
        return client

    yield publish
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def thesaurus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with publishing(foreign.THESAURUS, tmp_path_factory.mktemp("thesaurus"), BASE) as client:
        yield client


TREE = f"/tree?class={quote(SKOS)}Concept"


def document(client: FlaskClient, iri: str) -> str:
    return html_of(client, f"/doc?iri={quote(iri if ':' in iri else EX + iri)}")


def names(html: str) -> list[str]:
    """The names of resources; those that have none go by the end of their IRI."""
    return [unescape(name).removeprefix(":") for name in re.findall(r"<bdi[^>]*>([^<]*)</bdi>", html)]


def paths(html: str) -> list[list[str]]:
    found = re.search(r'<nav class="trail".*?</nav>', html, re.DOTALL)
    return [names(path) for path in re.findall(r"<p>.*?</p>", found[0])] if found else []


def below(html: str) -> list[str]:
    found = re.search(r'<section id="below">.*?</section>', html, re.DOTALL)
    return names(found[0]) if found else []


@pytest.mark.parametrize("links", [BROADER, NARROWER, BROADER + NARROWER])
@pytest.mark.parametrize(
    "scheme",
    [
        ":a skos:topConceptOf :s .",
        ":s skos:hasTopConcept :a .",
        ":a skos:inScheme :s . :b skos:inScheme :s . :c skos:inScheme :s . :d skos:inScheme :s .",
    ],
)
def test_concepts_by_whichever_properties_the_data_have(site: Site, links: str, scheme: str) -> None:
    client = site(CONCEPTS + links + scheme)
    assert paths(document(client, "d")) == [["s", "a", "b", "d"], ["s", "a", "c", "d"]]
    assert paths(document(client, "a")) == [["s", "a"]]
    assert below(document(client, "a")) == ["b", "c"]
    assert below(document(client, "s")) == ["a", "b", "d", "c", "d"]
    assert below(document(client, "d")) == []


def test_names_are_the_readers(thesaurus: FlaskClient) -> None:
    iri = "https://instruments.example/oud"
    assert paths(document(thesaurus, iri)) == [["Musical instruments", "chordophones", "lutes", "oud"]]
    assert paths(html_of(thesaurus, f"/doc?iri={iri}&lang=de")) == [
        ["Musikinstrumente", "Chordophone", "Lauten", "Oud"],
    ]


def test_the_list_of_concepts_offers_the_tree_and_the_tree_the_list(thesaurus: FlaskClient) -> None:
    listed = "/list?class=http://www.w3.org/2004/02/skos/core%23Concept"
    (address,) = re.findall(r'<a href="(/tree[^"]*)">Tree</a>', html_of(thesaurus, listed))
    tree = html_of(thesaurus, unescape(address))
    assert names(tree)[1:4] == ["Musical instruments", "aerophones", "flutes"]
    assert f'href="{listed}"' in tree
    assert "<details" in tree
    assert listed in html_of(thesaurus, "/tree?of=https://instruments.example/scheme")


def test_classes_and_properties(site: Site) -> None:
    client = site(
        ":A a owl:Class . :B a owl:Class ; rdfs:subClassOf :A, [ a owl:Restriction ], owl:Thing, :B ."
        ":C a owl:Class ; rdfs:subClassOf :B, :A . :p a owl:ObjectProperty . :q rdfs:subPropertyOf :p . :x a :C, :A ."
        "owl:Thing a owl:Class ."
    )
    assert paths(document(client, "C")) == [["A", "B", "C"]]  # from A to C says no more
    assert below(document(client, "A")) == ["B", "C"]
    assert paths(document(client, "q")) == [["p", "q"]]
    assert paths(document(client, "x")) == []
    tree = html_of(client, "/tree?class=http://www.w3.org/2002/07/owl%23Class")
    assert [name for name in names(tree) if len(name) == 1] == ["A", "B", "C", "C"]
    listed = html_of(client, f"/list?class={quote(EX)}C")
    assert paths(listed) == [["A", "C"]]  # B has no list
    assert f'<a href="/list?class={EX}A">' in listed


def test_a_shape_declares_a_hierarchy(tmp_path: Path) -> None:
    def quads(turtle: str, *graph: ox.NamedNode) -> list[ox.Quad]:
        triples = ox.parse(input=PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
        return [ox.Quad(triple.subject, triple.predicate, triple.object, *graph) for triple in triples]

    data = ":b :under :a . :a :over :b, :c . :a a :T . :b a :T . :c a :T . :under owl:inverseOf :over ."
    shapes = ":S sh:targetClass :T ; sh:property [ sh:path :under ; dash:viewer ui:BreadcrumbsViewer ] ."
    build(source(*quads(data), *quads(shapes, ox.NamedNode(GRAPHS["shapes"]))), tmp_path, silent)
    with in_process(tmp_path) as client:
        assert below(document(client, "a")) == ["b", "c"]
        assert paths(document(client, "c")) == [["a", "c"]]


def test_circles_end(site: Site) -> None:
    client = site(
        ":a a skos:Concept ; skos:broader :a, :b . :b a skos:Concept ; skos:broader :a ; skos:narrower :b ."
        ":x a :K ; rdfs:subClassOf :y . :y a :K ; rdfs:subClassOf :x ."
    )
    assert paths(document(client, "a")) == [["b", "a"]]
    assert paths(document(client, "b")) == [["a", "b"]]
    assert below(document(client, "a")) == ["b"]
    assert names(html_of(client, f"/tree?class={quote(EX)}K"))[-2:] == ["x", "y"]
    assert names(html_of(client, TREE))[-2:] == ["a", "b"]


def test_what_is_in_a_circle_is_in_a_tree(site: Site) -> None:
    """The first of a circle is a top, but not what hangs on a circle, whatever it is called."""
    client = site(
        ":s a skos:ConceptScheme ; skos:hasTopConcept :top . :low a skos:Concept ; skos:broader :top ."
        ":top a skos:Concept ; skos:topConceptOf :s . :t a skos:ConceptScheme ."
        ":d a skos:Concept ; skos:broader :e . :e a skos:Concept ; skos:broader :d ."
        ":f a skos:Concept ; skos:broader :c ."
        ":c a skos:Concept ; skos:broader :e . :alone a skos:Concept ."
        ":g a skos:Concept ; skos:inScheme :t ; skos:broader :h ."
        ":h a skos:Concept ; skos:inScheme :t ; skos:broader :g ."
    )
    tree = names(html_of(client, TREE))
    assert tree[tree.index("d") :] == ["d", "e", "c", "s", "top", "low", "t", "g", "h"]
    assert below(document(client, "t"))[:2] == ["g", "h"]


def test_many_paths_are_counted(site: Site) -> None:
    """A ladder of pairs: 2 to the power of its length paths."""
    rungs = "".join(
        f":l{n} a skos:Concept ; skos:broader :l{n - 1}, :r{n - 1} . :r{n} skos:broader :l{n - 1}, :r{n - 1} ."
        for n in range(1, 40)
    )
    client = site(f":l0 a skos:Concept . :r0 a skos:Concept . {rungs}")
    assert len(paths(document(client, "l2"))) == 3
    assert "and 1 more path" in document(client, "l2")
    deep = document(client, "l39")
    assert "and more paths" in deep or paths(deep) == []


def test_many_below_come_in_parts(site: Site) -> None:
    concepts = "".join(f":c{n:05} a skos:Concept ; skos:topConceptOf :s ." for n in range(5_000))
    client = site(f':s a skos:ConceptScheme ; skos:prefLabel "all"@en . {concepts}')
    page = document(client, "s")
    assert "5,000" in page
    assert len(below(page)) == 100
    assert len(page) < 100_000
    tree = html_of(client, f"/tree?of={quote(EX)}s")
    assert "1–100 of 5,000" in tree
    (following,) = re.findall(r'<a rel="next" href="([^"]*)"', tree)
    assert "101–200 of 5,000" in html_of(client, unescape(following))
    assert "4,901–5,000 of 5,000" in html_of(client, f"/tree?of={quote(EX)}s&after={quote(EX)}c04899")


def test_names_of_any_kind(site: Site) -> None:
    client = site(
        f':top a skos:Concept ; skos:prefLabel "{"long " * 2_000}"@en ; skos:narrower :rtl, :bare, [ a skos:Concept ] .'
        ':rtl a skos:Concept ; skos:prefLabel "عود <b>"@ar . :bare a skos:Concept ; skos:broader _:nobody, "text" .'
    )
    page = document(client, "top")
    assert below(page) == ["bare", "عود <b>"]
    assert "<b>" not in page
    path = paths(document(client, "rtl"))[0]
    assert len(path[0]) == 300
    assert path[1] == "عود <b>"


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/tree", 400, "/tree?of="),
        ("/tree?of=x:y&class=x:z", 400, "/tree?of="),
        ("/tree?of=urn:nothing", 404, "urn:nothing"),
        ("/tree?class=urn:nothing", 404, "urn:nothing"),
        ("/tree?of=https://instruments.example/oud", 404, "hierarchy"),
        ("/tree?of=https://instruments.example/scheme&after=urn:nothing", 404, "urn:nothing"),
    ],
)
def test_there_is_no_such_tree(thesaurus: FlaskClient, address: str, status: int, told: str) -> None:
    assert told in unescape(html_of(thesaurus, address, status))


def test_pages_of_trees_are_kept_by_clients(thesaurus: FlaskClient) -> None:
    first = thesaurus.get("/tree?of=https://instruments.example/scheme", headers=HTML)
    again = thesaurus.get(
        "/tree?of=https://instruments.example/scheme", headers={**HTML, "If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
