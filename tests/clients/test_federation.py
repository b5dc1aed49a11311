"""One query over two endpoints: Comunica joins this one with another engine's, and two releases with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest
import rdflib

from tests.clients.test_programs import comunica, needs_comunica, value
from tests.server.engines import oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator

PG = "https://w3id.org/parkgraph/ontology#"
VISITS = "https://visits.example/perYear"
PARKS = {"sophia-antipolis": 700, "tianfu-new-area": 900}


@pytest.fixture(scope="module")
def visits(site: str) -> Iterator[str]:
    """The endpoint of another publisher, who speaks of parks by the IRIs that they have here."""
    lines = [f"<{site}id/park/{park}> <{VISITS}> {number} .\n" for park, number in PARKS.items()]
    with oxigraph() as url:
        body = "".join(lines).encode()
        request = Request(f"{url}/store?default", body, {"Content-Type": "text/turtle"}, method="PUT")
        assert urlopen(request).status in {201, 204}
        yield f"{url}/query"


@needs_comunica
def test_comunica_joins_two_endpoints(site: str, visits: str) -> None:
    query = f"""
      PREFIX pg: <{PG}> PREFIX rdfs: <{rdflib.RDFS}>
      SELECT ?label ?visits {{
        ?park a pg:Park ; rdfs:label ?label . FILTER(LANG(?label) = "en")
        ?park <{VISITS}> ?visits .
      }}
    """
    found = comunica(query, f"sparql@{site}sparql", f"sparql@{visits}")
    rows = {(value(row["label"]), int(value(row["visits"]))) for row in found}
    assert rows == {("Sophia Antipolis", 700), ("Tianfu New Area", 900)}


@needs_comunica
def test_comunica_finds_out_what_our_service_is(site: str, visits: str) -> None:
    """Without the kind of source in front of its address: from the description that it negotiates."""
    query = f"SELECT ?visits {{ <{site}id/park/sophia-antipolis> a <{PG}Park> ; <{VISITS}> ?visits }}"
    found = comunica(query, f"{site}sparql", f"sparql@{visits}")
    assert [int(value(row["visits"])) for row in found] == [700]
