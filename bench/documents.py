"""Entity documents per second (HTML, Turtle, JSON-LD), beside those of the code before.

`.venv/bin/python bench/documents.py [--before CHECKOUT] [--connections 1,8]` prints requests per second and latencies,
cold (no cache) and repeated, how long the page of a hub takes, the one that every article speaks of, and in the end
what is to be reached. It needs wrk.
"""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

import serving
from load import Goals, Runs, compare, options

FORMATS = {"HTML": "text/html", "Turtle": "text/turtle", "JSON-LD": "application/ld+json"}
ONE = "/doc/person/person-1"
DIFFERENT = "/doc/person/person-{m}"
GOALS = {"HTML": 300.0, "Turtle": 1500.0}  # cold, per second, at the number of connections that is best
HUB = "/doc/park/park-0"
HUB_RUNS = 20


def milliseconds(url: str, path: str) -> float:
    """The time of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 80, timeout=60)
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept": "text/html"})
    response = connection.getresponse()
    response.read()
    taken = (time.perf_counter() - start) * 1000
    connection.close()
    if response.status != http.client.OK:
        raise RuntimeError(f"{path} was answered with {response.status}")
    return taken


def main() -> None:
    parser = serving.options(__doc__, seconds=2)
    options(parser)
    given = parser.parse_args()
    goals, runs = Goals(), Runs(given.rounds, given.seconds, different=given.articles // 5)
    with serving.checkouts(given) as found:
        for title, path, cache in (("cold", DIFFERENT, False), ("repeated", ONE, True)):
            with serving.serve_all(found, cache=cache) as servers:
                for format_, media_type in FORMATS.items():
                    paths, rates = dict.fromkeys(servers, path), []
                    for connections in given.connections:
                        loads = compare(f"{title} {format_}", servers, paths, media_type, connections, runs)
                        rates.append(loads["now"].rate)
                    if not cache and format_ in GOALS:
                        goals.at_least(f"cold {format_} per second", max(rates), GOALS[format_])
                if not cache:
                    for name, server in servers.items():
                        times = [milliseconds(server.url, HUB) for _ in range(HUB_RUNS + 1)][1:]
                        print(f"{name:9} page of the hub, cold: median {serving.percentile(times, 50):.1f} ms")
    goals.print()


if __name__ == "__main__":
    main()
