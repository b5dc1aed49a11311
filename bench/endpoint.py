"""ParkGraph's endpoint beside `oxigraph serve-read-only` and `rdflib-endpoint` over the same synthetic data.

`.venv/bin/python bench/endpoint.py [--articles 2000] [--seconds 4] [--peers FOLDER]` prints requests per second and
latencies for a point query, a join, an aggregation and 100,000 rows, cold (no cache, no query twice) and repeated, at
1, 8 and 32 connections, and the ratios to the goals. It installs the two others into a virtual environment (in FOLDER,
if that is given, to be used again) and needs wrk, and nginx for the part with it.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox
import serving
from load import Load, send

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

JSON = "application/sparql-results+json"
CONNECTIONS = (1, 8, 32)
PREFIXES = f"PREFIX pg: <{serving.TERMS}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
PARK = f"<{serving.BASE}id/park/park-{{m}}>"
QUERIES = {
    "point": f"SELECT ?p ?o {{ {PARK} ?p ?o }} LIMIT 10",
    "join": f"SELECT ?a ?b ?name {{ ?a pg:party {PARK} , ?b . ?b rdfs:label ?name }} LIMIT 50",
    "aggregation": "SELECT ?kind (COUNT(?a) AS ?n) { ?a pg:kind ?kind ; pg:party ?b } GROUP BY ?kind",
    "100,000 rows": "SELECT * { ?s ?p ?o } LIMIT 100000",
}
HEAVY = ("aggregation", "100,000 rows")
# query: the lowest ratio of the rates, cold
GOALS = {"point": 0.5, "join": 0.5, "aggregation": 0.9, "100,000 rows": 1 / 1.2}
RDFLIB_GOALS = {"point": 3.0, "join": 10.0, "aggregation": 10.0, "100,000 rows": 3.0}
HELLO_GOAL, NGINX_GOAL = 0.8, 3.0


Results = dict[tuple[str, str, int], Load]


def address(endpoint: str, query: str, *, again: bool = False) -> str:
    """A path with the query; that of a query that comes again has no numbers to fill in."""
    text = PREFIXES + (query.replace("{m}", "1") if again else query + " #{n}")
    return f"{endpoint}?query={quote(text, safe='{}')}".replace("{ ", "%7B ").replace("{%20", "%7B%20")


def measure(given: argparse.Namespace, name: str, url: str, endpoint: str, *, again: bool = False) -> Results:
    results = {}
    for kind, query in QUERIES.items():
        path = address(endpoint, query, again=again)
        for connections in CONNECTIONS:
            seconds = given.seconds * (3 if kind in HEAVY else 1)
            loaded = send(url, path, connections, seconds, JSON, different=given.articles // 10)
            results[name, kind, connections] = loaded
            print(f"{name:22} {kind:13} {connections:3} connections {loaded}", flush=True)
    return results


@contextlib.contextmanager
def peers(given: argparse.Namespace) -> Iterator[Path]:
    """The programs of a virtual environment with the two others."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.peers or Path(temporary)
        programs = folder / "bin"
        if not (programs / "rdflib-endpoint").exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            install = [programs / "pip", "install", "-q", "oxigraph", "rdflib-endpoint[cli]", "uvicorn"]
            subprocess.run(install, check=True)
        yield programs


def main() -> None:
    parser = serving.options(__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--peers", type=Path, help="folder of a virtual environment with the others, to be used again")
    parser.add_argument("--without-rdflib", action="store_true", help="it takes long to load large data")
    given = parser.parse_args()
    results: Results = {}
    with serving.data(given) as data, peers(given) as programs, tempfile.TemporaryDirectory() as temporary:
        triples = Path(temporary) / "data.nt"
        store = ox.Store.read_only(str(data.current / "store"))
        store.dump(str(triples), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        del store
        with oxigraph(programs, triples, Path(temporary) / "store") as url:
            results |= measure(given, "oxigraph", url, "/query")
        with serving.parkgraph(data.releases, cache=False) as url:
            results |= measure(given, "parkgraph cold", url, "/sparql")
        for connections, loaded in serving.hello(CONNECTIONS, given.seconds).items():
            results["hello", "hello", connections] = loaded
            print(f"{'granian':22} {'hello':13} {connections:3} connections {loaded}", flush=True)
        with serving.parkgraph(data.releases, cache=True) as url:
            results |= measure(given, "parkgraph repeated", url, "/sparql", again=True)
        if shutil.which("nginx", path=serving.SYSTEM):
            with serving.behind_nginx(data.releases) as url:
                results |= measure(given, "parkgraph and nginx", url, "/sparql", again=True)
        if not given.without_rdflib:
            with rdflib_endpoint(programs, triples) as url:
                results |= measure(given, "rdflib-endpoint", url, "/")
    summary(results)


@contextlib.contextmanager
def oxigraph(programs: Path, triples: Path, store: Path) -> Iterator[str]:
    subprocess.run(
        [programs / "oxigraph", "load", "--location", store, "--file", triples], check=True, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{serving.free_port()}"
    bind = url.removeprefix("http://")
    with serving.running(programs / "oxigraph", "serve-read-only", "--location", store, "--bind", bind, url=url):
        yield url


@contextlib.contextmanager
def rdflib_endpoint(programs: Path, triples: Path) -> Iterator[str]:
    port = serving.free_port()
    url = f"http://127.0.0.1:{port}"
    with serving.running(programs / "rdflib-endpoint", "serve", "--port", port, triples, url=url, seconds=900):
        yield url


def summary(results: Results) -> None:
    """The ratios, beside the goals."""
    print("\nratios of the rates             1      8     32 connections")
    for kind in QUERIES:
        row("cold to oxigraph", kind, GOALS[kind], results, ("parkgraph cold", kind), ("oxigraph", kind))
        row("repeated to oxigraph", kind, 1.0, results, ("parkgraph repeated", kind), ("oxigraph", kind))
        row("cold to rdflib", kind, RDFLIB_GOALS[kind], results, ("parkgraph cold", kind), ("rdflib-endpoint", kind))
    row("repeated to hello", "point", HELLO_GOAL, results, ("parkgraph repeated", "point"), ("hello", "hello"))
    row("nginx to oxigraph", "point", NGINX_GOAL, results, ("parkgraph and nginx", "point"), ("oxigraph", "point"))
    row("nginx to oxigraph", "join", NGINX_GOAL, results, ("parkgraph and nginx", "join"), ("oxigraph", "join"))


def row(title: str, kind: str, goal: float, results: Results, ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    pairs = [(results.get((*ours, c)), results.get((*theirs, c))) for c in CONNECTIONS]
    ratios = [a.rate / b.rate for a, b in pairs if a and b and b.rate]
    if ratios:
        print(f"{title:21} {kind:13} {' '.join(f'{ratio:6.2f}' for ratio in ratios)}  goal {goal:.2f}")


if __name__ == "__main__":
    main()
