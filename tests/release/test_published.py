"""Quads read from the lines of a release: language tags with capitals, whole graphs, and the graphs of a triple."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from release.manifest import Dataset
from release.published import PublishedQuads
from release.reader import QUADS
from release.source import Source
from release.writer import build
from tests.server.conftest import in_process, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release

BASE = "http://data.example/"
FEW, MANY = BASE + "few", BASE + "many"  # graphs: a small part of all quads, and most of them
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
TRIPLES = [
    f'<{BASE}a> <{LABEL}> "colour"@en-GB',
    f'<{BASE}a> <{LABEL}> "flavour"@en-gb',
    f'<{BASE}a> <{LABEL}> "集"@zh-Hans',
    f'<{BASE}a> <{BASE}says> "ends in \\"@en-GB \\" quite"',
    f"<{BASE}a> <{BASE}near> <{BASE}b>",
    f"<{BASE}a> <{BASE}near> <{FEW}>",
    f"<{BASE}a> <{BASE}near> _:b1",
    f'_:b1 <{BASE}height> "01.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
    f'<{BASE}b> <{LABEL}> "b"@en-GB',
    f'<{BASE}twice> <{LABEL}> "cor"@pt-BR',
    f'<{BASE}twice> <{LABEL}> "cor"@pt-br',
]
OTHERS = [f'<{BASE}c> <{BASE}number> "{n}"' for n in range(200)]
LINES = sorted(
    [f"{triple} .\n" for triple in [*TRIPLES, *OTHERS]]
    + [f"{triple} <{FEW}> .\n" for triple in (TRIPLES[0], TRIPLES[4], TRIPLES[6], TRIPLES[7])]
    + [f"{triple} <{MANY}> .\n" for triple in [*TRIPLES, *OTHERS]]
    + [f"{TRIPLES[4]} _:g .\n"],
    key=str.encode,
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    source = Source([line.encode() for line in LINES], BASE, Dataset({"en": "Data"}))
    return build(source, tmp_path_factory.mktemp("published"), silent)


@pytest.fixture(scope="module")
def client(release: Release) -> Iterator[FlaskClient]:
    with in_process(release.path.parent) as client:
        yield client


@pytest.mark.parametrize("graph", [None, FEW, MANY])
def test_a_graph_has_its_lines(client: FlaskClient, release: Release, graph: str | None) -> None:
    assert (release.path / QUADS).read_text(encoding="utf-8") == "".join(LINES)
    end = f" <{graph}> .\n" if graph else " .\n"
    wanted = [*TRIPLES, *OTHERS] if graph != FEW else [TRIPLES[0], TRIPLES[4], TRIPLES[6], TRIPLES[7]]
    assert {triple + end for triple in wanted} <= set(LINES)
    address = "/store?" + (urlencode({"graph": graph}) if graph else "default")
    lines = client.get(address, headers={"Accept": "application/n-triples"}).text.splitlines(keepends=True)
    assert lines == sorted((f"{triple} .\n" for triple in wanted), key=str.encode)
    turtle = client.get(address, headers={"Accept": "text/turtle"}).text
    assert '"colour"@en-GB' in turtle
    assert ('"flavour"@en-gb' in turtle) == (graph != FEW)
    assert "pgcase" not in turtle


@pytest.mark.parametrize("extension", ["ttl", "nt", "trig", "rdf", "jsonld"])
def test_documents_have_language_tags_as_they_were_written(client: FlaskClient, extension: str) -> None:
    text = client.get(f"/doc.{extension}?" + urlencode({"iri": f"{BASE}a"})).text
    assert all(tag in text for tag in ("en-GB", "zh-Hans", "en-gb", "01.50"))
    assert "pgcase" not in text
    assert text.count("en-GB") == (7 if extension == "trig" else 3)


def test_the_quads_of_a_triple(release: Release) -> None:
    published = PublishedQuads(release)
    a, label, near = (ox.NamedNode(iri) for iri in (f"{BASE}a", LABEL, f"{BASE}near"))
    few, many = ox.NamedNode(FEW), ox.NamedNode(MANY)
    triples = {
        ox.Triple(a, label, ox.Literal("colour", language="en-gb")): [few, many],
        ox.Triple(a, label, ox.Literal("flavour", language="en-gb")): [many],
        ox.Triple(a, near, ox.NamedNode(f"{BASE}b")): [few, many, ox.BlankNode("g")],
        ox.Triple(a, near, few): [many],
    }
    for triple, graphs in triples.items():
        default, *named = [quad.graph_name for quad in published.quads(triple)]
        assert default == ox.DefaultGraph()
        assert named == graphs
    assert published.quads(ox.Triple(a, near, ox.NamedNode(f"{BASE}none"))) == []
    published.close()


def test_a_tag_that_was_written_in_two_ways_comes_in_both(client: FlaskClient) -> None:
    for extension in ("ttl", "nt", "jsonld", "rdf"):
        text = client.get(f"/doc.{extension}?" + urlencode({"iri": f"{BASE}twice"})).text
        assert (text.count("pt-BR"), text.count("pt-br")) == (1, 1)
