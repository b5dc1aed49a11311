"""Statistics of lines in blocks of any size.

In: triples with dates, positions, languages and links. Out: the figures of the manifest, and the objects of a store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.namespaces import RDF, RDF_TYPE, SCHEMA, XSD
from release import sorted_rows
from release.manifest import BoundingBox, LinkCount, Statistics
from release.statistics import StatisticsPart, described
from tests.release.made_parts import made

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://x.example/"
TRIPLES = [
    f'<{BASE}a> <{SCHEMA}date> "1901-05"^^<{XSD}gYearMonth>',
    f'<{BASE}a> <{SCHEMA}date> "1901-05-02"^^<{XSD}date>',
    f'<{BASE}b> <{SCHEMA}date> "2020"^^<{XSD}gYear>',
    f'<{BASE}b> <{SCHEMA}date> "2020-02-30"^^<{XSD}date>',  # there is no such day
    f'<urn:other> <{SCHEMA}date> "1066"^^<{XSD}gYear>',  # of no entity of the dataset
    f'<{BASE}a> <{SCHEMA}latitude> "47.50"^^<{XSD}decimal>',
    f'<{BASE}b> <{SCHEMA}latitude> "47.5"^^<{XSD}decimal>',
    f'<{BASE}b> <{SCHEMA}latitude> "-3"^^<{XSD}decimal>',
    f'<{BASE}a> <{SCHEMA}longitude> "10"^^<{XSD}decimal>',
    f'<{BASE}a> <{SCHEMA}name> "eins"@de',
    f'<{BASE}b> <{SCHEMA}name> "eins"@de',
    f'<{BASE}b> <{SCHEMA}name> "واحد"@ar--rtl',
    f"<{BASE}a> <{SCHEMA}sameAs> <http://y.example/id/1>",
    f"<{BASE}b> <{SCHEMA}sameAs> <http://y.example/id/2>",
    f"<{BASE}b> <{SCHEMA}kind> <http://v.example/terms#Kind>",
    f"<{BASE}a> <{SCHEMA}kind> <http://v.example/terms#Other>",
    f"<{BASE}b> <{RDF_TYPE}> <http://v.example/terms#Class>",  # so these are terms of a vocabulary
    f"<{BASE}a> <{SCHEMA}about> <{BASE}b>",
    f"<urn:other> <{SCHEMA}sameAs> <http://z.example/>",
]


@pytest.mark.parametrize(("at_once", "held"), [(1, 2), (3, 100), (100, 100)])
def test_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, held: int) -> None:
    """However many lines are a block, and hashes are held in memory."""
    monkeypatch.setattr(sorted_rows, "_ROWS", held)
    found = described(made(StatisticsPart(BASE), [f"{line} .\n".encode() for line in TRIPLES], tmp_path, at_once))
    objects = {line.split(" ", 2)[2] for line in TRIPLES}
    assert found.statistics == Statistics(
        objects=len(objects),
        earliest="1901-05",
        latest="2020",
        box=BoundingBox("10", "-3", "10", "47.50"),
        languages={"ar": 1, "de": 2},
        links=[LinkCount(SCHEMA + "sameAs", "http://y.example/", 2)],
    )
    assert found.stored_objects == len(objects) - 1  # 47.50 and 47.5 are one


def test_links_of_statements_are_none(tmp_path: Path) -> None:
    """What an rdf:Statement repeats is counted as the link that it is about, and not what it refers to."""
    triples = [
        f"<{BASE}a> <{SCHEMA}sameAs> <http://y.example/id/1>",
        f"<{BASE}s> <{RDF_TYPE}> <{RDF}Statement>",
        f"<{BASE}s> <{RDF}object> <http://y.example/id/1>",
        f"<{BASE}s> <http://w.example/refers> <http://y.example/page>",
    ]
    found = described(made(StatisticsPart(BASE), [f"{line} .\n".encode() for line in triples], tmp_path))
    assert found.statistics.links == [LinkCount(SCHEMA + "sameAs", "http://y.example/", 1)]
