"""A release whose saved queries have parameters of every kind, with names that several things have."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from release.writer import build
from tests.server.conftest import BASE, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

DATA = f"""
@prefix li: <{TERMS}> . @prefix id: <{BASE}id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
id:colours a skos:ConceptScheme .
id:colour-red a skos:Concept ; skos:inScheme id:colours ; skos:prefLabel "red"@en , "rot"@de .
id:colour-green a skos:Concept ; skos:inScheme id:colours ; skos:prefLabel "green"@en , "grün"@de .
id:taste-red a skos:Concept ; skos:prefLabel "red"@en .
<{BASE}id/port/a> a li:Port ; rdfs:label "Norden"@de , "North Port"@en ; li:colour id:colour-red ;
  li:depth 12.5 ; li:since "1901-05-31"^^xsd:date ; li:built "1899"^^xsd:gYear ; li:open true ; li:note "=1+1" .
<{BASE}id/port/b> a li:Port ; rdfs:label "Norden"@de , "South Port"@en ; li:colour id:colour-green ;
  li:depth -3 ; li:built "1750"^^xsd:gYear ; li:since "1750-01-01"^^xsd:date ; li:note "-1"@en .
<{BASE}id/ship/mary> a li:Ship ; rdfs:label "Mary" ; li:colour id:colour-red .
{"".join(f'<{BASE}id/buoy/{number:02}> a li:Buoy ; rdfs:label "Buoy {number:02}"@en .' for number in range(60))}
<{BASE}id/buoy/x> a li:Buoy ; rdfs:label "North Port"@en .
"""
QUERIES = {
    "ports": """# title: Ports
# title@de: Häfen
# description: With their colours.
# param which: iri(li:Port)? — A port.
# param hue: iri(id/colours)? — Its colour.
# param since: gYear? — Built in this year or later.
# param from: date? — A day.
# column port: The port
# column port@de: Der Hafen
PREFIX li: <http://lights.example/terms#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?port ?portLabel ?colour ?depth ?day ?built ?open ?note WHERE {
  ?port a li:Port ; li:colour ?colour ; li:depth ?depth ; li:built ?built ; li:since ?day ; li:note ?note .
  OPTIONAL { ?port li:open ?open }
  FILTER(COALESCE(?which, ?port) = ?port && COALESCE(?hue, ?colour) = ?colour)
  FILTER(COALESCE(STR(?since) <= STR(?built), true) && COALESCE(?from <= ?day, true))
} ORDER BY ?port""",
    "buoys": """# title: One buoy
# param buoy: iri(li:Buoy) = id/buoy/07 — A buoy.
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name { ?buoy rdfs:label ?name }""",
    "about": """# title: About anything
# param thing: iri — A thing.
# example thing: id/ship/mary
SELECT ?property ?value { ?thing ?property ?value } ORDER BY ?property ?value""",
    "is-red": """# title: Is it red?
# param thing: iri — A thing.
# example thing: id/ship/mary
ASK { ?thing <http://lights.example/terms#colour> <id/colour-red> }""",
}


@contextmanager
def harbour(folder: Path) -> Iterator[FlaskClient]:
    """Requests to a server of the release, which is built in the folder."""
    quads = list(ox.parse(DATA.encode(), format=ox.RdfFormat.TURTLE))
    queries = {name: text.encode() for name, text in QUERIES.items()}
    release = build(replace(source(*quads), queries=queries), folder, silent)
    with in_process(release.path.parent, query_result=8) as client:
        yield client
