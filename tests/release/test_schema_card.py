"""The schema card is true: what it says of classes and properties is what queries find; its queries can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core.namespaces import RDF, RDF_TYPE, REIFICATION
from release import schema_card
from release.reader import SCHEMA_CARD
from tests.release.test_index_writer import made

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from release.reader import Release

# The query by which SIB's editor reads what an endpoint has (sib-swiss/void-generator, issue 30), and its examples.
PARTITIONS = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype {
  ?cp void:class ?subjectClass ; void:propertyPartition ?pp .
  ?pp void:property ?prop .
  OPTIONAL {
    { ?pp void:classPartition [ void:class ?objectClass ] }
    UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] }
  }
}
"""
EXAMPLES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
SELECT ?sq ?comment ?query ?target {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct ?query ; schema:target ?target .
}
"""
COUNTS = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT ?class ?property ?range ?n {
  ?cp void:class ?class ; void:propertyPartition ?pp . ?pp void:property ?property .
  { ?pp void:triples ?n }
  UNION {
    ?pp void:classPartition|void-ext:datatypePartition ?r .
    ?r void:class|void-ext:datatype ?range ; void:triples ?n
  }
}
"""
NO_RANGE = " ".join(f"<{iri}>" for iri in (RDF_TYPE, *REIFICATION))  # as in completion, of these no classes are counted


def card_of(release: Release) -> ox.Store:
    store = ox.Store()
    store.load(path=release.path / SCHEMA_CARD)
    return store


def rows(store: ox.Store, query: str) -> set[tuple[str | None, ...]]:
    found = cast("ox.QuerySolutions", store.query(query))
    return {tuple(None if term is None else getattr(term, "value", None) for term in row) for row in found}


def test_every_class_property_and_range_has_a_row(release: Release) -> None:
    store, found = release.open_store(), rows(card_of(release), PARTITIONS)
    pairs = rows(store, "SELECT DISTINCT ?c ?p { ?s a ?c ; ?p ?o }")
    assert {row[:2] for row in found} == pairs
    assert len(pairs) > 200
    classes = rows(
        store,
        f"SELECT DISTINCT ?c ?p ?t {{ ?s a ?c ; ?p ?o . ?o a ?t FILTER(?p NOT IN ({', '.join(NO_RANGE.split())})) }}",
    )
    assert {row[:3] for row in found if row[2]} <= classes
    crowded = {pair for pair in pairs if sum(row[:2] == pair for row in classes) > 20}
    assert {row for row in classes if row[:2] not in crowded} <= {row[:3] for row in found}
    datatypes = rows(store, "SELECT DISTINCT ?c ?p (DATATYPE(?o) AS ?d) { ?s a ?c ; ?p ?o FILTER(isLiteral(?o)) }")
    assert {(*row[:2], row[3]) for row in found if row[3]} == datatypes


def test_counts_are_those_of_queries(release: Release) -> None:
    found, store = rows(card_of(release), COUNTS), release.open_store()
    counted = [
        "SELECT ?c ?p ?none (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p ?none",
        "SELECT ?c ?p ?d (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o BIND(DATATYPE(?o) AS ?d) FILTER(?d=?d) } GROUP BY ?c ?p ?d",
        "SELECT ?c ?p ?t (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o . ?o a ?t } GROUP BY ?c ?p ?t",
    ]
    assert found <= set.union(*(rows(store, query) for query in counted))


def test_saved_queries_are_examples_that_can_be_asked(release: Release) -> None:
    store, card = release.open_store(), card_of(release)
    found = rows(card, EXAMPLES)
    assert len({row[0] for row in found}) == len(release.queries())
    languages = cast(
        "ox.QuerySolutions", card.query(EXAMPLES.replace("?sq ?comment ?query ?target", "?sq (LANG(?comment) AS ?l)"))
    )
    assert len({(str(row["sq"]), row["l"].value) for row in languages}) == 3 * len(release.queries())
    for _, _, text, target in found:
        assert target == f"{release.base}sparql"
        answer = store.query(text or "")  # without a base, and without prefixes but its own
        assert bool(answer) if isinstance(answer, ox.QueryBoolean) else next(iter(answer), None) is not None


def test_the_queries_that_name_it_find_it(release: Release) -> None:
    graph = release.manifest.schema_card_graph
    stored = {
        quad.triple for quad in release.open_described_store().quads_for_pattern(None, None, None, ox.NamedNode(graph))
    }
    assert len(stored) == len(release.schema_card()) == release.manifest.schema_card
    assert not list(release.open_store().quads_for_pattern(None, None, None, ox.NamedNode(graph)))


def test_blank_nodes_texts_and_directions(tmp_path: Path) -> None:
    data = """
    ex:a a ex:Lamp ; ex:name "Lamp", "Lampe"@de, "rtl"@ar--rtl, 5 ; ex:mount [ a ex:Bracket ; ex:of ex:steel ] .
    ex:steel a ex:Metal . ex:nothing ex:name "without a class" .
    """
    found = rows(card_of(made(tmp_path / "made", data, "")), COUNTS)
    short = {
        tuple((term or "").replace("http://example.org/", "").replace(RDF, "rdf:").rpartition("#")[2] for term in row)
        for row in found
        if row[1] and row[1].startswith("http://example.org/")
    }
    assert short == {
        ("Lamp", "name", "", "4"),
        ("Lamp", "name", "string", "1"),
        ("Lamp", "name", "rdf:langString", "1"),
        ("Lamp", "name", "rdf:dirLangString", "1"),
        ("Lamp", "name", "integer", "1"),
        ("Lamp", "mount", "", "1"),
        ("Lamp", "mount", "Bracket", "1"),
        ("Bracket", "of", "", "1"),
        ("Bracket", "of", "Metal", "1"),
    }


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many classes the largest are told, with as many of their properties as there is room for."""
    monkeypatch.setattr(schema_card, "_CLASSES", 10)
    monkeypatch.setattr(schema_card, "_PARTITIONS", 12)
    data = "\n".join(f"ex:m{n}-{m} a ex:C{n} ; ex:p{m} {m} ." for n in range(20) for m in range(n + 1))
    card = card_of(made(tmp_path / "made", data, ""))
    classes = rows(
        card, "SELECT ?c { ?d <http://rdfs.org/ns/void#classPartition> ?p . ?p <http://rdfs.org/ns/void#class> ?c }"
    )
    assert {row[0] for row in classes} == {f"http://example.org/C{n}" for n in range(10, 20)}
    partitions = rows(card, "SELECT ?p { ?c <http://rdfs.org/ns/void#propertyPartition> ?p }")
    assert 6 <= len(partitions) <= 12
    assert rows(card, "SELECT ?n { ?d <http://rdfs.org/ns/void#classes> ?n }") == {("20",)}
