"""SPARQL queries per second: ParkGraph beside the code before it, `oxigraph serve-read-only` and `rdflib-endpoint`.

`.venv/bin/python bench/endpoint.py [--before CHECKOUT] [--parts cold] [--kinds point,join] [--connections 1,8]`
prints requests per second and latencies over the same data, and in the end what is to be reached:

- cold (no cache, no query twice): a point query, a join, an aggregation and 100,000 rows;
- repeated: the same, also behind nginx, and beside the application `hello` under the same application server;
- counts: how long the queries for the numbers of triples, classes and properties take while a server switches to the
  release and back: the longest one before a switch, the first one that is answered from the release, and those after
  it; with `--articles 10000 --parts counts` over 2.3 million triples.

It needs wrk and nginx. rdflib-endpoint is installed into a temporary environment, or `--rdflib-endpoint` is its
program; it has the triples in rdflib's own store in memory, as it has by default.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import tempfile
import time
from itertools import count, product
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import serving
from load import Goals, Runs, compare, options

if TYPE_CHECKING:
    from argparse import Namespace

    from load import Load

JSON = "application/sparql-results+json"
PREFIXES = f"PREFIX pg: <{serving.TERMS}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
PARK = f"<{serving.BASE}id/park/park-{{m}}>"
QUERIES = {
    "point": f"SELECT ?p ?o {{ {PARK} ?p ?o }} LIMIT 10",
    "join": f"SELECT ?a ?b ?name {{ ?a pg:party {PARK} , ?b . ?b rdfs:label ?name }} LIMIT 50",
    "aggregation": "SELECT ?kind (COUNT(?a) AS ?n) { ?a pg:kind ?kind ; pg:party ?b } GROUP BY ?kind",
    "rows": "SELECT * { ?s ?p ?o } LIMIT 100000",
}
COUNTS = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class",
    "properties": "SELECT ?property (COUNT(*) AS ?n) { ?s ?property ?o } GROUP BY ?property",
}
LONGER = {"aggregation": 3, "rows": 5}  # times the seconds of the others
MOST = {"rows": 8}  # connections: over 32, Oxigraph's server completes no answer within seconds
RDFLIB_MOST = 8  # likewise; it evaluates one query after the other, so its rate is that of one connection
OXIGRAPH_GOALS = {"point": 0.5, "join": 0.8, "aggregation": 0.9, "rows": 0.83}
RDFLIB_GOALS = {"join": 10.0, "aggregation": 10.0}
HELLO_GOAL, HELLO_KIND, HELLO_LEAST = 0.8, "point", 8  # a small answer; at so many connections
NGINX_GOAL = 3.0
COUNT_GOAL, COUNT_RUNS, SWITCHES = 2.0, 51, 5  # milliseconds; queries after each switch
PARTS = ("cold", "repeated", "counts")
SWITCH_SECONDS = 60


def path(query: str, *, again: bool) -> str:
    """The path of a query; that of one that comes again has no numbers to fill in."""
    text = PREFIXES + (query.replace("{m}", "1") if again else query + " #{n}")
    return "?query=" + re.sub(r"%7B([mn])%7D", r"{\1}", quote(text, safe=""))


def measure(
    given: Namespace, servers: dict[str, serving.Server], kind: str, connections: int, *, again: bool
) -> dict[str, Load]:
    """The load of each server by a kind of query."""
    asked = path(QUERIES[kind], again=again)
    paths = {name: {"oxigraph": "/query", "rdflib-endpoint": "/"}.get(name, "/sparql") + asked for name in servers}
    runs = Runs(given.rounds, given.seconds * LONGER.get(kind, 1), different=given.articles // 10)
    return compare(f"{'repeated' if again else 'cold'} {kind}", servers, paths, JSON, connections, runs)


def cold(given: Namespace, found: list[serving.Checkout], peers: dict[str, serving.Server], goals: Goals) -> None:
    """Every query is another one, and nothing is kept."""
    with serving.serve_all(found, cache=False) as ours:
        for kind, connections in product(given.kinds, given.connections):
            if connections > MOST.get(kind, connections):
                continue
            measured = [
                name for name in peers if name == "oxigraph" or (kind in RDFLIB_GOALS and connections <= RDFLIB_MOST)
            ]
            loads = measure(given, ours | {name: peers[name] for name in measured}, kind, connections, again=False)
            for name in measured:
                goal = OXIGRAPH_GOALS[kind] if name == "oxigraph" else RDFLIB_GOALS[kind]
                what = f"cold {kind} to {name}, connections: {connections}"
                goals.ratio(what, loads["now"], loads[name], goal)


def repeated(given: Namespace, found: list[serving.Checkout], oxigraph: serving.Server, goals: Goals) -> None:
    """One query again and again, kept by the server or by nginx."""
    with (
        serving.serve_all(found, cache=True) as ours,
        serving.hello_server(found[0]) as hello,
        serving.behind_nginx(found[0]) as nginx,
    ):
        for kind, connections in product(given.kinds, given.connections):
            if connections > MOST.get(kind, connections):
                continue
            servers = ours | {"oxigraph": oxigraph, "nginx": nginx} | ({"hello": hello} if kind == HELLO_KIND else {})
            loads = measure(given, servers, kind, connections, again=True)
            where = f"connections: {connections}"
            if kind == HELLO_KIND and connections >= HELLO_LEAST:
                goals.ratio(f"repeated {kind} to hello, {where}", loads["now"], loads["hello"], HELLO_GOAL)
            goals.ratio(f"nginx, repeated {kind} to oxigraph, {where}", loads["nginx"], loads["oxigraph"], NGINX_GOAL)


def counts(found: list[serving.Checkout], goals: Goals) -> None:
    """Milliseconds of the queries for counts around switches from a small release to the large one, without cache."""
    for checkout in found:
        release = (checkout.releases / "current").resolve()
        with tempfile.TemporaryDirectory() as folder:
            switched = serving.Checkout(checkout.name, checkout.root, Path(folder))
            switched.build(10)
            names = [(switched.releases / "current").readlink().name, release.name]
            (switched.releases / release.name).symlink_to(release)
            for what, query in COUNTS.items():
                before, first, after = around_switches(switched, names, query)
                median, firsts = serving.percentile(after, 50), " ".join(f"{one:.2f}" for one in first)
                print(f"{what:11} {checkout.name:7} first {firsts}", end="  ")
                print(f"median after it {median:.2f}", end="  ")
                print(f"before it {serving.percentile(before, 50):.2f}, longest {max(before):.2f} ms", flush=True)
                if checkout is found[0]:
                    middle = serving.percentile(first, 50)
                    goals.below(f"number of {what}, ms of the first query, median of switches", middle, COUNT_GOAL)
                    goals.below(f"number of {what}, ms in the median", median, COUNT_GOAL)


def around_switches(
    checkout: serving.Checkout, names: list[str], query: str
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of queries, all with comments of their own, around switches from the first release to the second.

    Those answered from the first one after the link has changed, the first one of each switch that is answered from the
    second, and those after it. All come over one connection, and so to one web process.
    """
    before: list[float] = []
    first: list[float] = []
    after: list[float] = []
    target, numbers = f"/sparql{path(query, again=False)}", count()
    with checkout.serve(cache=False) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SWITCH_SECONDS)

        def timed() -> tuple[float, str]:
            began = time.perf_counter()
            name = ask(connection, target.replace("{n}", str(next(numbers))))
            return (time.perf_counter() - began) * 1000, name

        timed()
        for place in range(2 * SWITCHES):
            following, is_large = names[(place + 1) % 2], place % 2 == 0
            switch(checkout.releases, following)
            while (answered := timed())[1] != following:
                if is_large:
                    before.append(answered[0])
                time.sleep(0.01)
            if is_large:
                first.append(answered[0])
                after += (timed()[0] for _ in range(COUNT_RUNS))
        connection.close()
    return before, first, after


def switch(releases: Path, name: str) -> None:
    following = releases / ".current-of-bench"
    following.symlink_to(name)
    following.replace(releases / "current")


def ask(connection: http.client.HTTPConnection, target: str) -> str:
    """The id of the release that the answer is from."""
    connection.request("GET", target, headers={"Accept": JSON})
    response = connection.getresponse()
    response.read()
    if response.status != http.client.OK:
        raise RuntimeError(f"{target} was answered with {response.status}")
    return response.headers["Link"].partition("/release/")[2].partition("/")[0]


def main() -> None:
    parser = serving.options(__doc__, seconds=2)
    options(parser)
    parser.add_argument("--parts", type=_words, default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument("--kinds", type=_words, default=tuple(QUERIES), help=f"some of {','.join(QUERIES)}")
    parser.add_argument("--rdflib-endpoint", type=Path, metavar="PROGRAM", help="else it is installed for this run")
    given = parser.parse_args()
    goals = Goals()
    with serving.checkouts(given) as found, contextlib.ExitStack() as stack:
        if {"cold", "repeated"} & set(given.parts):
            triples = stack.enter_context(serving.default_graph(found[0]))
            peers = {"oxigraph": stack.enter_context(serving.oxigraph(found[0].programs / "oxigraph", triples))}
        if "cold" in given.parts:
            if RDFLIB_GOALS.keys() & set(given.kinds):
                rdflib = serving.rdflib_endpoint(given.rdflib_endpoint, triples)
                peers["rdflib-endpoint"] = stack.enter_context(rdflib)
            cold(given, found, peers, goals)
        if "repeated" in given.parts:
            repeated(given, found, peers["oxigraph"], goals)
        if "counts" in given.parts:
            counts(found, goals)
    goals.print()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


if __name__ == "__main__":
    main()
