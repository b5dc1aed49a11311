"""A client that knows schema.org alone finds its way: events with their dates and places, and who published what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from server.app import create_app
from server.settings import Settings

if TYPE_CHECKING:
    from release.reader import Release

EVENTS = """
PREFIX schema: <https://schema.org/>
SELECT ?name ?start ?place {
  ?event a schema:Event ; schema:name ?name ; schema:startDate ?start ; schema:location/schema:name ?place .
  FILTER(LANG(?name) = "en" && LANG(?place) = "en")
}
"""
PARKS = """
PREFIX schema: <https://schema.org/>
SELECT ?name ?country {
  ?park a schema:Place, schema:Organization ; schema:name ?name ; schema:containedInPlace/schema:name ?country .
}
"""


def rows(release: Release, query: str) -> set[tuple[str, ...]]:
    found = release.open_store().query(query)
    assert isinstance(found, ox.QuerySolutions)
    return {tuple(getattr(term, "value", "") for term in row) for row in found}


def test_events_with_dates_and_places(release: Release) -> None:
    found = rows(release, EVENTS)
    assert ("New Economy Event", "2021-04-26", "Chengdu") in found
    assert ("World\u2019s Leading Science and Technology Park Development Forum", "2023-05-29", "Beijing") in found


def test_parks_and_where_they_lie(release: Release) -> None:
    assert ("Sophia Antipolis", "France") in rows(release, PARKS)


@pytest.mark.parametrize(
    ("page", "types", "expected"),
    [
        ("park/sophia-antipolis", {"Organization", "Place"}, {"containedInPlace"}),
        ("place/nice", {"Place"}, {"latitude", "longitude", "sameAs"}),
        ("event/new-economy-event-chengdu-2021", {"Event"}, {"startDate", "location"}),
        ("person/philippe-mariani", {"Person"}, set()),
        ("article/001", {"CreativeWork", "NewsArticle"}, {"datePublished", "mentions"}),
    ],
)
def test_heads_of_pages_tell_it_too(release: Release, page: str, types: set[str], expected: set[str]) -> None:
    app = create_app(Settings(releases=release.path.parent))
    html = app.test_client().get(f"/doc/{page}", headers={"Accept": "text/html"}).text
    app.extensions["current"].close()
    entity = json.loads(html.partition('<script type="application/ld+json">')[2].partition("</script>")[0])[
        "mainEntity"
    ]
    told = entity["@type"]
    assert ({told} if isinstance(told, str) else set(told)) == types
    assert entity["name"]
    assert expected <= entity.keys()


def test_stated_and_derived_can_be_told_apart(release: Release) -> None:
    """Every triple of the default graph stands in a graph that says where it comes from, and derived ones in theirs."""
    ask = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }"
    assert rows(release, ask) == {("0",)}
    derived = f"<{release.base}id/graph/derived>"
    twice = f"GRAPH {derived} {{ ?s ?p ?o }} GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != {derived})"
    both = f"SELECT (COUNT(*) AS ?n) {{ {twice} }}"
    assert rows(release, both) == {("0",)}
    assert release.manifest.counts.graphs[derived.strip("<>")] > 1000
