"""A query process starts over any release that can be built, and answers from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox

from core.rdf import serialize
from release.manifest import Dataset
from release.source import Source
from release.writer import build
from tests.server.conftest import BASE, in_process, silent

if TYPE_CHECKING:
    from pathlib import Path


def test_a_release_that_begins_with_a_long_literal(tmp_path: Path) -> None:
    """So long that a response with it comes in a file."""
    name, label = ox.NamedNode(f"{BASE}id/tower/1"), ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    quad = ox.Quad(name, label, ox.Literal("x" * (3 << 19)), ox.DefaultGraph())
    dataset = Dataset({"en": "Lights"}, {"en": "One tower."})
    build(Source([serialize([quad], ox.RdfFormat.N_QUADS)], base=BASE, dataset=dataset), tmp_path, silent)
    with in_process(tmp_path) as client:
        response = client.get("/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o }", "format": "json"}))
        assert len(json.loads(response.data)["results"]["bindings"][0]["o"]["value"]) == 3 << 19
