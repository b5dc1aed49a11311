"""The index of a release: the same from build to build, and at one with what SPARQL says of the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.errors import InputError
from core.namespaces import RDF_TYPE, RDFS, SKOS
from core.progress import Progress
from core.shapes import NO_SHAPES, read_graph
from release import facets, index_writer
from release.blocks import Block, BlockLines
from release.counts import CountsPart, Tally
from release.folding import fold, sort_key
from release.index_tags import KINDS, length_tag, tag
from release.index_writer import IndexPart
from release.manifest import Dataset
from release.plain import RdfFiles
from release.property_uses import write_properties
from release.reader import INDEX
from release.search_index import SearchIndex
from release.source import Source
from release.writer import build
from tests.release import made_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from release.reader import Release

silent = Progress()
BASE = "http://localhost:8000/"
PREFIXES = """
@prefix ex: <http://example.org/> . @prefix exs: <http://example.org/shapes#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ui: <https://w3id.org/parkgraph/ui#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATA = """
ex:a a ex:Lamp ; rdfs:label "Lámpara"@es, "Lamp \\"one\\""@en ; skos:prefLabel "Lamp \\"one\\"" ; ex:in ex:town .
ex:b a ex:Lamp, ex:Lantern ; rdfs:label "laterne"@de ; ex:lit "1901-05-02"^^xsd:date ; ex:kind ex:gas ; ex:in ex:c .
ex:c ex:in ex:town ; ex:kind ex:gas .
ex:town a ex:Place ; ex:holds ex:a .
ex:gas a skos:Concept ; skos:prefLabel "gas"@en .
[] a rdf:Statement ; rdf:subject ex:b ; rdf:predicate ex:kind ; rdf:object ex:gas .
"""
SHAPES = """
exs:Lamp sh:targetClass ex:Lamp ; ui:facet exs:facet-place, exs:facet-lit, exs:holder .
exs:facet-place sh:path ( [ sh:zeroOrMorePath ex:in ] ex:in ) ; sh:order 1 .
exs:facet-lit sh:path [ sh:alternativePath ( ex:lit ex:out ) ] ; sh:order 3 ; sh:datatype xsd:gYear .
exs:holder sh:path [ sh:inversePath ex:holds ] ; sh:order 2 .
"""


def made(folder: Path, data: str = DATA, shapes: str = SHAPES) -> Release:
    folder.mkdir()
    (folder / "data.trig").write_text(f"{PREFIXES}{data}\n<{BASE}shapes> {{ {shapes} }}", encoding="utf-8")
    lines = RdfFiles([folder / "data.trig"], BASE).quads()
    return build(Source(lines, BASE, Dataset({"en": "Lamps"}), shapes=f"{BASE}shapes"), folder / "releases", silent)


@pytest.fixture
def index(release: Release) -> Iterator[SearchIndex]:
    index = SearchIndex(release.path / INDEX)
    yield index
    index.close()


@pytest.fixture
def lamps(tmp_path: Path) -> Iterator[SearchIndex]:
    index = SearchIndex(made(tmp_path / "lamps").path / INDEX)
    yield index
    index.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hi-Tech Zone", ["hi", "tech", "zone"]),
        ("Xi'an Xi\u2019an Xi\u2018an Xi`an Xi\u00b4an Xi\u02bcan Xi\uff07an", ["xian"] * 7),
        ("'Qur\u02be\u0101n' Hawai\u02bbi", ["quran", "hawaii"]),
        ("l'\u00c9cole de l\u2019Ain, O'Brien's", ["l", "ecole", "de", "l", "ain", "o", "briens"]),
        ("high-tech high\u2010tech high\u2011tech high\u2013tech high\u2212tech", ["high", "tech"] * 5),
        ("tech\u00adpark", ["techpark"]),
        ("ÉCOLE Müller ﬁn", ["ecole", "muller", "fin"]),
        ("Straße", ["strasse"]),
        ("成都高新区 2016", ["成", "都", "高", "新", "区", "2016"]),
        ("\uff21\uff22\uff11\uff12", ["ab12"]),
        ("한국", ["한국"]),
        ("가나 カナ", ["가나", "カ", "ナ"]),
        ("under_score", ["under", "score"]),
        ("!?·", []),
        ("x" * 10_000, ["x" * 2_000]),
    ],
)
def test_folding(text: str, words: list[str]) -> None:
    assert fold(text) == words


def test_names_are_sorted_by_their_letters() -> None:
    assert sort_key('"Éire"') == "eire"


def test_the_same_content_gives_the_same_file(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one"), made(tmp_path / "other")
    assert (one.path / INDEX).read_bytes() == (other.path / INDEX).read_bytes()
    assert one.manifest.files[INDEX].size > 0
    assert not list(one.path.glob("*.draft"))


def test_what_is_drafted_does_not_stay_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the cache holds is in the file by the time that the blocks are read again."""
    monkeypatch.setattr(index_writer, "_CACHE", 256)
    rows = [f'<urn:{"n" * 600}{number:04}> <{RDFS}label> "name {number}" .\n'.encode() for number in range(3_000)]
    sizes = []

    class Results(list[tuple[Block, bytes]]):
        def __iter__(self) -> Iterator[tuple[Block, bytes]]:
            draft = (tmp_path / INDEX).with_suffix(".draft")
            sizes.append(draft.stat().st_size)
            return super().__iter__()

    part = IndexPart(NO_SHAPES)
    block = Block(0, sum(map(len, rows)), b"")
    part.write(Results([(block, part.of_block(BlockLines(b"".join(rows))))]), tmp_path)
    assert len(sizes) == 2
    assert sizes[1] > 3_000_000  # of 4.5 MB


def test_nodes_without_a_name_are_no_values(tmp_path: Path) -> None:
    data = """
    ex:a a ex:Lamp ; ex:in [], [ ex:in ex:town ], <<( ex:a ex:in ex:b )>>, "a shelf"@en-GB .
    """
    release = made(tmp_path / "lamps", data)
    index = SearchIndex(release.path / INDEX)
    (facet,) = [facet for facet in index.facets("http://example.org/Lamp") if facet.name == "place"]
    found = [(value.value, len(value.members)) for value in index.values(facet, 9)]
    index.close()
    assert found == [("a shelf", 1), ("http://example.org/town", 1)]


def test_blocks_make_no_difference(tmp_path: Path) -> None:
    """A subject may go on through many blocks, with its names in one, its classes in another."""
    long = "\n".join(
        f'ex:a ex:note "note {number}", "note {number}, as many words as make it a text"@en ; ex:in ex:part{number} .'
        for number in range(20)
    )
    plain = made(tmp_path / "lamps", DATA + long)
    lines = list(plain.lines())
    shapes = read_graph(plain.open_store(), plain.manifest.shapes)
    for at_once in (1, 2, 7, 1_000):
        folder = tmp_path / str(at_once)
        folder.mkdir()
        made_parts.made(IndexPart(shapes), lines, folder, at_once)
        counted = made_parts.made(CountsPart(), lines, folder, at_once)
        write_properties(folder / INDEX, Tally.from_bytes(counted))
        assert (folder / INDEX).read_bytes() == (plain.path / INDEX).read_bytes()


def test_resources_are_numbered_in_the_order_of_their_names(lamps: SearchIndex) -> None:
    names = [resource.iri.rpartition("/")[2] for resource in lamps.resources(range(lamps.size))]
    assert names == ["c", "gas", "a", "b", "town"]  # c and town go by their IRIs, blank nodes have none to go by
    assert [lamps.seek(key) for key in ("", "c", "gas", "gat", "zz")] == [0, 0, 1, 2, 5]
    assert lamps.number("http://example.org/a") == 2
    assert lamps.number("http://example.org/none") is None
    assert lamps.resources([]) == []


def test_names_stand_once_in_each_language(lamps: SearchIndex) -> None:
    rows = lamps.match('(tags : n2 AND text : ^"lamp one") OR text : "lampara"', 10)
    assert sorted((row.text, row.language) for row in rows) == [('Lamp "one"', "en"), ("Lámpara", "es")]


def test_facets(lamps: SearchIndex) -> None:
    found = {
        facet.name: {value.value: list(value.members) for value in lamps.values(facet, 9)}
        for facet in lamps.facets("http://example.org/Lamp")
    }
    town = "http://example.org/town"
    assert found == {"place": {town: [2, 3], "http://example.org/c": [3]}, "holder": {town: [2]}, "lit": {"1901": [3]}}
    assert list(found) == ["place", "holder", "lit"]


def test_concepts_have_the_resources_that_refer_to_them_but_no_statements(lamps: SearchIndex) -> None:
    members = lamps.members("concept", "http://example.org/gas")
    assert members is not None
    assert list(members) == [0, 3]
    assert lamps.uses("concept", "http://example.org/gas") == 2
    assert lamps.uses("property", "http://example.org/kind") == 2
    assert lamps.uses("class", "http://example.org/None") == 0


def test_the_class_that_says_best_what_a_resource_is(lamps: SearchIndex) -> None:
    """One that the shapes are for, and of these the one with the fewest members."""
    (lantern,) = lamps.resources([3])
    assert lantern.class_ is not None
    assert lamps.classes[lantern.class_].iri == "http://example.org/Lamp"
    assert [term.iri for term in lamps.main_classes] == ["http://example.org/Lamp"]


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ("exs:L sh:targetClass ex:Lamp ; ui:facet exs:class . exs:class sh:path ex:in .", "name of a parameter"),
        ("exs:L sh:targetClass ex:Lamp ; ui:facet exs:facet-2 . exs:facet-2 sh:path ex:in .", "name of a parameter"),
        ("exs:L sh:targetClass ex:Lamp ; ui:facet exs:place .", "exactly one sh:path"),
        (
            "exs:L sh:targetClass ex:Lamp ; ui:facet exs:place . exs:place sh:path [ ex:odd ex:in ] .",
            "no property path",
        ),
        ("exs:L sh:targetClass ex:Lamp ; ui:facet exs:place . exs:place sh:path 'in' .", "no property path"),
        (
            "exs:L sh:targetClass ex:Lamp ; ui:facet exs:in, ex:in . exs:in sh:path ex:a . ex:in sh:path ex:a .",
            "two facets",
        ),
    ],
)
def test_a_facet_that_cannot_be_is_told(tmp_path: Path, shapes: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(tmp_path / "x", shapes=shapes)


def test_every_name_of_the_dataset_finds_its_resource(release: Release, index: SearchIndex) -> None:
    store = release.open_store()
    texts = 0
    for predicate in ("prefLabel", "altLabel"):
        for quad in store.quads_for_pattern(None, ox.NamedNode(SKOS + predicate), None, ox.DefaultGraph()):
            subject, text = quad.subject, quad.object
            if isinstance(subject, ox.NamedNode) and isinstance(text, ox.Literal) and "/id/park/" in subject.value:
                texts += 1
                words = fold(text.value)
                rows = index.match(f'tags : {length_tag(words)} AND text : ^"{" ".join(words)}"', 100)
                assert subject.value in {resource.iri for resource in index.resources({row.resource for row in rows})}
    assert texts > 30


def test_members_are_those_of_the_store(release: Release, index: SearchIndex) -> None:
    store = release.open_store()
    terms = index.terms("class")
    assert len(terms) == len(release.manifest.counts.classes)
    for term in terms:
        quads = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(term.iri), ox.DefaultGraph())
        expected = {str(quad.subject)[1:-1] for quad in quads}
        members = index.members("class", term.iri)
        assert members is not None
        assert {resource.iri for resource in index.resources(members)} == expected
        assert term.uses == len(expected)


def value_of(facet: facets.FacetShape, term: object) -> str | None:
    if isinstance(term, ox.NamedNode | ox.Literal):
        return facet.value(isinstance(term, ox.NamedNode), term.value)
    return None


def test_values_of_facets_are_those_of_the_store(release: Release, index: SearchIndex) -> None:
    store = release.open_store()
    declared = facets.read(read_graph(store, release.manifest.shapes))
    assert len(declared) > 30
    compared = 0
    for facet in declared:
        rows = store.query(f"SELECT DISTINCT ?m ?v {{ ?m a <{facet.class_}> ; {facet.path.sparql} ?v }}")
        assert isinstance(rows, ox.QuerySolutions)
        expected = {(row["m"].value, value) for row in rows if (value := value_of(facet, row["v"]))}
        of = [other for other in index.facets(facet.class_) if other.name == facet.name]
        found = {
            (resource.iri, value.value)
            for other in of
            for value in index.values(other, 1_000)
            for resource in index.resources(value.members)
        }
        assert found == expected
        compared += len(expected)
    assert compared > 1_000


def test_kinds_tell_terms_from_things(index: SearchIndex) -> None:
    assert KINDS == ("class", "property", "concept", "resource")
    rows = index.match(f'tags : {tag(KINDS.index("property"))} AND tags : n1 AND text : "label"', 5)
    (label,) = index.resources({row.resource for row in rows})
    assert label.iri == "http://www.w3.org/2000/01/rdf-schema#label"
