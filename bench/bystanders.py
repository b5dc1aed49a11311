"""How long a client's point queries take while another client does its worst, beside their time when it is idle.

`.venv/bin/python bench/bystanders.py [--before CHECKOUT] [--articles 2000] [--seconds 8]` prints p50 and p95 in
milliseconds, and the ratio of the p95 to that of an idle server: under a burst of 60 heavy queries, 60 queries of
middling weight again and again, and 30 clients that ask for much and read slowly.
"""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
MIDDLING = f"SELECT (COUNT(*) AS ?n) {{ ?a a <{serving.TERMS}Park> ; ?p ?o FILTER(CONTAINS(STR(?o), '7')) }}"
LARGE = "SELECT * { ?s ?p ?o } LIMIT 100000"
POINT = "SELECT ?p ?o {{ <{base}id/park/park-{number}> ?p ?o }} LIMIT 10"
BURST, SLOW = 60, 30
GOAL = 5.0


def path(query: str) -> str:
    return f"/sparql?format=csv&query={quote(query)}"


def point_queries(url: str, parks: int, seconds: float) -> list[float]:
    """Milliseconds of each point query of a client that asks one after the other, no query twice."""
    times = []
    connection = connect(url, "127.0.0.2")
    began = time.monotonic()
    number = 0
    while time.monotonic() - began < seconds:
        query = f"{POINT.format(base=serving.BASE, number=number % parks)} #{began} {number}"
        start = time.perf_counter()
        connection.request("GET", path(query))
        response = connection.getresponse()
        response.read()
        times.append((time.perf_counter() - start) * 1000)
        if response.status != http.client.OK:
            raise RuntimeError(f"a point query was answered with {response.status}")
        number += 1
        time.sleep(0.005)
    connection.close()
    return times


def connect(url: str, source: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=60, source_address=(source, 0))
    connection.connect()
    return connection


def idle(_url: str) -> None:
    pass


def burst(url: str) -> None:
    """Many heavy queries at once, each once."""
    each(url, [[f"{HEAVY} #{number}"] for number in range(BURST)])


def middling(url: str) -> None:
    """Many queries that take a moment, again and again."""
    each(url, [[f"{MIDDLING} #{number} {turn}" for turn in range(1000)] for number in range(BURST)])


def each(url: str, queries: list[list[str]]) -> None:
    """The lists of queries at the same time, those in each list one after the other."""

    def ask(mine: list[str]) -> None:
        connection = connect(url, "127.0.0.3")
        for query in mine:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", path(query))
                connection.getresponse().read()

    threads = [threading.Thread(target=ask, args=(mine,), daemon=True) for mine in queries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def slow_readers(url: str) -> None:
    """Clients that ask for a large result and take a little of it now and then."""
    connections = []
    for number in range(SLOW):
        connection = connect(url, "127.0.0.3").sock
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = f"GET {path(f'{LARGE} #{number}')} HTTP/1.1\r\nHost: x\r\n\r\n"
        connection.sendall(request.encode())
        connections.append(connection)
    while True:
        for connection in connections:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                connection.recv(1000, socket.MSG_DONTWAIT)
        time.sleep(0.2)


@contextlib.contextmanager
def under(attack: Callable[[str], None], url: str) -> Iterator[None]:
    """In a process of its own, so that it takes nothing from the client that measures."""
    process = multiprocessing.Process(target=attack, args=(url,))
    process.start()
    yield
    process.kill()
    process.join()


def main() -> None:
    given = serving.options(__doc__).parse_args()
    parks = given.articles // 10
    with serving.checkouts(given) as found:
        base: dict[str, float] = {}
        for attack in (idle, burst, middling, slow_readers):
            for checkout in found:
                with checkout.serve(cache=False) as server:
                    point_queries(server.url, parks, 1.0)
                    with under(attack, server.url):
                        times = point_queries(server.url, parks, given.seconds)
                p50, p95 = serving.percentile(times, 50), serving.percentile(times, 95)
                ratio = p95 / base.setdefault(checkout.name, p95)
                print(f"{attack.__name__:13} {checkout.name:7} {len(times):5} queries", end="  ")
                print(f"p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  ratio {ratio:5.1f}  goal under {GOAL:g}", flush=True)


if __name__ == "__main__":
    main()
