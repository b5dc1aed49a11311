"""Counts of lines in blocks of any size.

In: quads, some of a subject that goes on through several blocks. Out: the counts, and what queries count in a store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.ntriples import TYPE
from release.counts import CountsPart, Tally
from tests.release.made_parts import made

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://x.example/"
QUADS = [
    *(f"<{BASE}a> <{BASE}p{number % 3}> <urn:o{number}>{graph}" for number in range(9) for graph in ("", " <urn:g>")),
    f"<{BASE}a> {TYPE.decode()} <urn:A>",
    f"<{BASE}a> {TYPE.decode()} <urn:B>",
    f"<{BASE}b> {TYPE.decode()} <urn:A>",
    f'<{BASE}named> <{BASE}p> "only here" <urn:g>',
    f'<urn:c> <{BASE}p0> "rtl"@ar--rtl',
    "_:b <urn:p> _:b _:graph",
    "_:b <urn:p> _:b",
]


@pytest.mark.parametrize("at_once", [1, 2, 5, 1_000])
def test_counts_are_those_of_the_store(tmp_path: Path, at_once: int) -> None:
    lines = [f"{quad} .\n".encode() for quad in QUADS]
    tally = Tally.from_bytes(made(CountsPart(), lines, tmp_path, at_once))
    store = ox.Store()
    store.bulk_load(b"".join(lines), ox.RdfFormat.N_QUADS)

    def numbers(query: str) -> dict[tuple[str, ...], int]:
        rows = store.query(f"{query} ORDER BY DESC(?n)")
        assert isinstance(rows, ox.QuerySolutions)
        return {tuple(term.value for term in list(row)[:-1]): int(row["n"].value) for row in rows}

    counts = tally.counts
    assert counts.quads == len(store) == len(QUADS)
    assert {(): counts.triples} == numbers("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert {(): tally.subjects.total()} == numbers("SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }")
    assert counts.entities == 3
    assert counts.graphs == {"urn:g": 10}
    assert {(key,): count for key, count in counts.classes.items()} == numbers(
        "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c"
    )
    assert {(key,): count for key, count in counts.properties.items()} == numbers(
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
    )
    assert {(key.decode()[1:-1],): count for key, count in tally.subjects_of.items()} == numbers(
        "SELECT ?p (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o } GROUP BY ?p"
    )
    assert tally.features == {"directions"}
