"""SPARQL queries per second: ParkGraph beside the code before it and `oxigraph serve-read-only`, over the same data.

`.venv/bin/python bench/endpoint.py [--before CHECKOUT] [--articles 2000] [--seconds 4]` prints requests per second and
latencies for a point query, a join, an aggregation and 100,000 rows, cold (no cache, no query twice) and repeated, at
1, 8 and 32 connections, and the ratios of the rates. It needs wrk.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox
import serving
from load import compare

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = "application/sparql-results+json"
PREFIXES = f"PREFIX pg: <{serving.TERMS}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
PARK = f"<{serving.BASE}id/park/park-{{m}}>"
QUERIES = {
    "point": f"SELECT ?p ?o {{ {PARK} ?p ?o }} LIMIT 10",
    "join": f"SELECT ?a ?b ?name {{ ?a pg:party {PARK} , ?b . ?b rdfs:label ?name }} LIMIT 50",
    "aggregation": "SELECT ?kind (COUNT(?a) AS ?n) { ?a pg:kind ?kind ; pg:party ?b } GROUP BY ?kind",
    "100,000 rows": "SELECT * { ?s ?p ?o } LIMIT 100000",
}
HEAVY = ("aggregation", "100,000 rows")


def path(query: str, *, again: bool) -> str:
    """The path of a query; that of one that comes again has no numbers to fill in."""
    text = PREFIXES + (query.replace("{m}", "1") if again else query + " #{n}")
    return f"?query={quote(text, safe='{}')}".replace("{ ", "%7B ").replace("{%20", "%7B%20")


@contextlib.contextmanager
def oxigraph(checkout: serving.Checkout) -> Iterator[str]:
    """The URL of Oxigraph's own server over the default graph of a release."""
    with tempfile.TemporaryDirectory() as folder:
        triples, location = Path(folder) / "data.nt", Path(folder) / "store"
        store = ox.Store.read_only(str(checkout.releases.resolve() / "current" / "store"))
        store.dump(str(triples), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        del store
        program, bind = checkout.programs / "oxigraph", f"127.0.0.1:{serving.free_port()}"
        load = [program, "load", "--location", location, "--file", triples]
        subprocess.run(load, check=True, stderr=subprocess.DEVNULL)
        command = [program, "serve-read-only", "--location", location, "--bind", bind]
        with serving.running(*command, url=f"http://{bind}"):
            yield f"http://{bind}"


def main() -> None:
    given = serving.options(__doc__).parse_args()
    with serving.checkouts(given) as found, oxigraph(found[0]) as peer:
        for title, again in (("cold", False), ("repeated", True)):
            with serving.serve_all(found, cache=again) as urls:
                endpoints = {name: f"{url}/sparql" for name, url in urls.items()} | {"oxigraph": f"{peer}/query"}
                for kind, query in QUERIES.items():
                    asked = path(query, again=again)
                    seconds = given.seconds * (3 if kind in HEAVY else 1)
                    compare(f"{title} {kind}", endpoints, asked, JSON, seconds, different=given.articles // 10)


if __name__ == "__main__":
    main()
