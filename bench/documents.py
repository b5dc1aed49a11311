"""Entity documents per second (HTML, Turtle, JSON-LD), beside those of the code before.

`.venv/bin/python bench/documents.py [--before CHECKOUT] [--articles 2000] [--seconds 4]` prints requests per second and
latencies, cold (no cache) and repeated, at 1, 8 and 32 connections, and how long the page of a hub takes, the one that
every article speaks of. It needs wrk.
"""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

import serving
from load import compare

FORMATS = {"HTML": "text/html", "Turtle": "text/turtle", "JSON-LD": "application/ld+json"}
ONE = "/doc/person/person-1"
DIFFERENT = "/doc/person/person-{m}"
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
    given = serving.options(__doc__).parse_args()
    with serving.checkouts(given) as found:
        for title, path, cache in (("cold", DIFFERENT, False), ("repeated", ONE, True)):
            with serving.serve_all(found, cache=cache) as urls:
                for format_, media_type in FORMATS.items():
                    compare(f"{title} {format_}", urls, path, media_type, given.seconds, different=given.articles // 5)
                if not cache:
                    for name, url in urls.items():
                        times = [milliseconds(url, HUB) for _ in range(HUB_RUNS + 1)][1:]
                        print(f"{name:9} page of the hub, cold: median {serving.percentile(times, 50):.1f} ms")


if __name__ == "__main__":
    main()
