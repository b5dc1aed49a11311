"""How properties are used, at one with what SPARQL says of the same data, and bounded whatever the data."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from core.namespaces import RDF_TYPE, REIFICATION
from release import property_uses
from release.property_uses import ANY, PropertyUses
from release.reader import INDEX
from release.search_index import SearchIndex
from tests.release.test_index_writer import made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyoxigraph as ox

    from release.reader import Release

DATA = """
ex:a a ex:Lamp ; ex:kind ex:gas ; ex:mount [ a ex:Bracket ; ex:of ex:steel ] .
ex:b a ex:Lamp, ex:Lantern ; ex:kind ex:gas, ex:oil ; ex:kind ex:unknown, "text" .
ex:c ex:kind ex:oil .
ex:gas a ex:Fuel . ex:oil a ex:Fuel . ex:steel a ex:Metal .
[] a ex:Bracket ; ex:of ex:steel . ex:d a ex:Bracket .
"""


@pytest.fixture
def lamps(tmp_path: Path) -> Iterator[SearchIndex]:
    index = SearchIndex(made(tmp_path / "lamps", DATA, "").path / INDEX)
    yield index
    index.close()


def number(index: SearchIndex, kind: str, name: str) -> int:
    found = index.term(kind, f"http://example.org/{name}")
    assert found is not None
    return found


def short(uses: list[tuple[str, int]]) -> dict[str, int]:
    return {iri.removeprefix("http://example.org/"): count for iri, count in uses}


def test_uses_of_a_small_dataset(lamps: SearchIndex) -> None:
    lamp, lantern, fuel = (number(lamps, "class", name) for name in ("Lamp", "Lantern", "Fuel"))
    kind, mount, of = (number(lamps, "property", name) for name in ("kind", "mount", "of"))
    assert short(lamps.properties_of(lamp)) == {"kind": 5, RDF_TYPE: 3, "mount": 1}
    assert short(lamps.classes_with(kind)) == {"Lamp": 5, "Lantern": 4}
    assert short(lamps.values_of(lamp, kind)) == {"gas": 2, "oil": 1}
    assert short(lamps.values_of(ANY, kind)) == {"gas": 2, "oil": 2}
    assert short(lamps.classes_of_values(lantern, kind)) == {"Fuel": 2}
    assert short(lamps.classes_of_values(lamp, mount)) == {"Bracket": 1}
    assert lamps.values_of(lamp, mount) == []  # a blank node
    assert short(lamps.classes_of_values(ANY, of)) == {"Metal": 2}
    assert short(lamps.properties_to(fuel)) == {"kind": 4}
    assert lamps.term("class", "http://example.org/kind") is None


def test_counts_are_those_of_queries(release: Release) -> None:
    """Of the project's own release, whose classes and properties are fewer than those that are counted."""
    index, store = SearchIndex(release.path / INDEX), release.open_store()
    rows = cast(
        "ox.QuerySolutions",
        store.query("SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p"),
    )
    expected: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for class_, property_, uses in rows:
        expected[cast("ox.NamedNode", class_).value][cast("ox.NamedNode", property_).value] = int(
            cast("ox.Literal", uses).value
        )
    assert len(expected) > 20
    for iri, of_class in expected.items():
        assert dict(index.properties_of(index.term("class", iri) or 0)) == of_class, iri
    left_out = ", ".join(f"<{iri}>" for iri in (RDF_TYPE, *REIFICATION))
    rows = cast(
        "ox.QuerySolutions",
        store.query(
            "SELECT ?p ?t (COUNT(*) AS ?n) { ?s ?p ?o . ?o a ?t FILTER(isIRI(?t)) "
            f"FILTER(?p NOT IN ({left_out})) }} GROUP BY ?p ?t"
        ),
    )
    targets: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for property_, target, uses in rows:
        targets[cast("ox.NamedNode", property_).value][cast("ox.NamedNode", target).value] = int(
            cast("ox.Literal", uses).value
        )
    for iri, of_property in targets.items():
        found = dict(index.classes_of_values(ANY, index.term("property", iri) or 0))
        assert found.items() <= of_property.items(), iri
        assert len(found) == min(len(of_property), 20)
    index.close()


def test_of_many_values_the_frequent_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """One value of ten thousand is used a hundred times; what is held stays within its bounds."""
    monkeypatch.setattr(property_uses, "_ROWS", 2_000)
    uses = PropertyUses([[b"<urn:c>"]], {b"<urn:c>": 1}, {b"<urn:p>": 1, b"<urn:q>": 1})
    generator = np.random.default_rng(1)
    for _ in range(100):
        objects = np.append(generator.integers(10, 10_000, 500), 7).astype(np.uint32)
        zeros, known = np.zeros(len(objects), np.int64), np.ones(len(objects), bool)
        uses.add(zeros, zeros, objects, zeros, known=known)
        assert len(uses._values._keys) <= 2_000
    database = sqlite3.connect(":memory:")
    database.executescript(property_uses.SCHEMA)
    database.execute("CREATE TABLE term (id INTEGER, iri TEXT, kind TEXT)")
    database.executemany("INSERT INTO term VALUES (?, ?, ?)", [(4, "urn:c", "class"), (5, "urn:p", "property")])
    uses.write(database)
    select = "SELECT value, uses FROM property_value WHERE class = 4 AND property = 5 ORDER BY uses DESC"
    values = database.execute(select).fetchall()
    assert values[0] == (7, 100)
    assert len(values) <= 50
    assert database.execute("SELECT target, uses FROM property_class WHERE class = 4").fetchall() == [(4, 50_100)]
    database.close()


def test_a_subject_of_many_classes_counts_for_the_most_used_ones(tmp_path: Path) -> None:
    """Each link counts for each class of its subject with each of its object."""
    many = ", ".join(f"ex:C{place:02}" for place in range(60))
    data = f"ex:s a {many} ; ex:to ex:o . ex:o a {many} . ex:other a ex:C59 ."
    index = SearchIndex(made(tmp_path / "many", data, "").path / INDEX)
    to = number(index, "property", "to")
    counted = [place for place in range(60) if index.values_of(number(index, "class", f"C{place:02}"), to)]
    assert counted == [*range(31), 59]
    assert short(index.values_of(ANY, to)) == {"o": 1}
    index.close()
