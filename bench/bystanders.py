"""How long a client's point queries take while another client does its worst, beside their time when it is idle.

`.venv/bin/python bench/bystanders.py [--before CHECKOUT] [--articles 2000] [--seconds 8]` prints p50 and p95 in
milliseconds, the ratio of the p95 to that of the same server when it is idle, and that to the checkout before: under a
burst of 60 heavy queries, 60 queries of middling weight again and again, and 30 clients that ask for much and read
slowly. A server whose idle answers got faster has a greater first ratio by that alone; the second one is without it.
"""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import socket
import threading
import time
from itertools import product
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
NICE = 10
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
    process = multiprocessing.Process(target=run, args=(attack, url))
    process.start()
    yield
    process.kill()
    process.join()


def run(attack: Callable[[str], None], url: str) -> None:
    """With a low priority: the attacker would be another machine."""
    os.nice(NICE)
    attack(url)


def main() -> None:
    parser = serving.options(__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="how often each is measured, in turn with the other")
    given = parser.parse_args()
    parks = given.articles // 10
    with serving.checkouts(given) as found:
        base: dict[str, float] = {}
        for attack in (idle, burst, middling, slow_readers):
            times: dict[str, list[float]] = {checkout.name: [] for checkout in reversed(found)}
            for _, checkout in product(range(given.rounds), found):
                with checkout.serve(cache=False) as server:
                    point_queries(server.url, parks, 1.0)
                    with under(attack, server.url):
                        times[checkout.name] += point_queries(server.url, parks, given.seconds)
            p95s = {name: serving.percentile(mine, 95) for name, mine in times.items()}
            for name, p95 in p95s.items():
                ratio = p95 / base.setdefault(name, p95)
                to_before = f"  to before {p95 / p95s['before']:5.2f}" if given.before else ""
                print(f"{attack.__name__:13} {name:7} {len(times[name]):5} queries", end="  ")
                print(f"p50 {serving.percentile(times[name], 50):6.1f} ms  p95 {p95:6.1f} ms", end="  ")
                print(f"ratio {ratio:5.1f}  goal under {GOAL:g}{to_before}", flush=True)


if __name__ == "__main__":
    main()
