"""One query over two endpoints: Comunica joins this one with another engine's, and two releases with each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
import rdflib

from release.build import publish_rdf
from tests.clients.test_programs import comunica, needs_comunica, value
from tests.server.conftest import serving
from tests.server.engines import free_port, oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator

PG = "https://w3id.org/parkgraph/ontology#"
VISITS = "https://visits.example/perYear"
SEASON = "https://visits.example/season"
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


@pytest.fixture(scope="module")
def visits_here(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serves a release of the numbers of visits to parks; gives its base IRI, which is its address too."""
    folder, base = tmp_path_factory.mktemp("visits"), f"http://127.0.0.1:{free_port()}/"
    lines = [f'<{site}id/park/{park}> <{VISITS}> {n} ; <{SEASON}> "summer"@en .\n' for park, n in PARKS.items()]
    (folder / "visits.ttl").write_text("".join(lines), encoding="utf-8")
    publish_rdf([folder / "visits.ttl"], folder / "releases", base=base)
    with serving(folder / "releases", port=urlsplit(base).port):
        yield base


@needs_comunica
@pytest.mark.parametrize("kind", ["sparql@", ""])
def test_comunica_joins_two_releases(site: str, visits_here: str, kind: str) -> None:
    """As endpoints, and without their kind: by the descriptions of the services, with the counts that are in these."""
    query = f"""
      PREFIX pg: <{PG}> PREFIX rdfs: <{rdflib.RDFS}>
      SELECT ?label ?kind ?visits {{
        ?park a pg:Park ; rdfs:label ?label ; pg:kind ?kind . FILTER(LANG(?label) = "en")
        ?park <{VISITS}> ?visits ; <{SEASON}> "summer"@en . FILTER(?visits > 100)
      }} ORDER BY DESC(?visits)
    """
    found = comunica(query, f"{kind}{site}sparql", f"{kind}{visits_here}sparql")
    assert [(value(row["label"]), int(value(row["visits"]))) for row in found] == [
        ("Tianfu New Area", 900),
        ("Sophia Antipolis", 700),
    ]


@needs_comunica
def test_comunica_joins_a_release_and_the_current_one(site: str) -> None:
    """A release of its own address is an endpoint, too: what both say is the same."""
    with urlopen(f"{site}manifest.json") as manifest:
        release = json.load(manifest)["id"]
    query = f"SELECT (COUNT(DISTINCT ?park) AS ?n) {{ ?park a <{PG}Park> }}"
    (alone,), (both,) = (
        comunica(query, *(f"sparql@{site}{path}sparql" for path in paths))
        for paths in ([""], ["", f"release/{release}/"])
    )
    assert alone == both


@needs_comunica
def test_comunica_finds_out_what_our_service_is(site: str, visits: str) -> None:
    """Without the kind of source in front of its address: from the description that it negotiates."""
    query = f"SELECT ?visits {{ <{site}id/park/sophia-antipolis> a <{PG}Park> ; <{VISITS}> ?visits }}"
    found = comunica(query, f"{site}sparql", f"sparql@{visits}")
    assert [int(value(row["visits"])) for row in found] == [700]
