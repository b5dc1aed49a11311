"""The server goes from release to release under load: nothing is dropped, and no answer is of two releases."""

from __future__ import annotations

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
import rdflib

from release.reader import CURRENT
from release.writer import build
from tests.conftest import PATIENCE
from tests.server.conftest import BASE, TERMS, serving, silent, source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from release.reader import Release
    from tests.server.conftest import Service

REQUESTS = 1000
CLIENTS = 6
SWITCHES = 3
KEPT_ALIVE = 25  # requests of one connection
TOWER = BASE + "id/tower/roter-sand"
LIT = TERMS + "lit"


def numbered(number: int) -> tuple[ox.Quad, ...]:
    """What tells the releases apart: the tower says the number, and so do many towers of its own."""
    lit, value = ox.NamedNode(LIT), ox.Literal(number)
    towers = [TOWER, *(f"{BASE}id/tower/{number}-{place}" for place in range(300))]
    return tuple(ox.Quad(ox.NamedNode(tower), lit, value, ox.DefaultGraph()) for tower in towers)


def of_document(body: bytes, _identity: str) -> set[int]:
    graph = rdflib.Graph().parse(data=body, format="nt")
    return {int(str(value)) for value in graph.objects(rdflib.URIRef(TOWER), rdflib.URIRef(LIT))}


def of_results(body: bytes, _identity: str) -> set[int]:
    rows = json.loads(body)["results"]["bindings"]
    assert len(rows) == 301
    return {int(row["number"]["value"]) for row in rows}


def of_page(body: bytes, _identity: str) -> set[int]:
    text = body.decode()
    assert text.rstrip().endswith("</html>")
    return {number for number in range(1, SWITCHES + 2) if f"doc/tower/{number}-7" in text}


def of_catalog(body: bytes, identity: str) -> set[int]:
    """It tells the release itself."""
    assert re.findall(rb'/dcat#version> "([0-9a-f]{16})"', body) == [identity.encode()]
    return set()


QUERY = f"SELECT ?number {{ ?tower <{LIT}> ?number }}"
ASKED: tuple[tuple[str, str, Callable[[bytes, str], set[int]]], ...] = (
    ("/doc/tower/roter-sand.nt", "*/*", of_document),
    ("/sparql?" + urlencode({"query": QUERY}), "application/sparql-results+json", of_results),
    ("/sparql?" + urlencode({"query": f"SELECT ?tower {{ ?tower <{LIT}> ?number }}"}), "text/html", of_page),
    ("/catalog", "application/n-triples", of_catalog),
)


@dataclass
class Load:
    """What the clients found: answers by release, and what was wrong."""

    service: Service
    answers: list[tuple[str, set[int]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self, client: int) -> None:
        connection = HTTPConnection(urlsplit(self.service.url).netloc, timeout=PATIENCE)
        place = client
        while not self.enough.is_set():
            path, accept, read = ASKED[place % len(ASKED)]
            separator = "&" if "?" in path else "?"
            # half of the requests are new, so that they are not all answered from what the server remembers
            path += f"{separator}nonce={client}-{place}" if place % 2 else ""
            place += 1
            if place % KEPT_ALIVE == 0:  # so that every process of the server gets requests
                connection.close()
            try:
                connection.request("GET", path, headers={"Accept": accept})
                response = connection.getresponse()
                body = response.read()
                assert response.status == 200, (response.status, body)
                assert len(body) == int(response.headers["Content-Length"])
                identity = told(response.headers.get_all("Link") or [])
                self.answers.append((identity, read(body, identity)))
            except Exception as error:  # noqa: BLE001 - each is told, whatever it is
                self.wrong.append(f"{path}: {error!r}")
                connection.close()
        connection.close()


def told(links: list[str]) -> str:
    """The release that the fields of an answer name."""
    (memento,) = [part for value in links for part in value.split(", <") if 'rel="memento"' in part]
    return memento.partition("/release/")[2].partition("/")[0]


def test_a_thousand_requests_while_releases_are_switched(tmp_path: Path) -> None:
    releases: dict[str, int] = {}

    def switch(number: int) -> Release:
        release = build(source(*numbered(number)), tmp_path, silent, keep=2)
        releases[release.id] = number
        return release

    switch(1)
    with serving(tmp_path, workers=2) as service, ThreadPoolExecutor(CLIENTS) as clients:
        load = Load(service)
        timer = threading.Timer(2 * PATIENCE, load.enough.set)  # a server that does not follow is found by this
        try:
            running = [clients.submit(load.run, client) for client in range(CLIENTS)]
            timer.start()
            for number in range(2, SWITCHES + 2):
                wait_for(load, len(load.answers) + REQUESTS // (SWITCHES + 1))
                release = switch(number)
                wait_until_all_are_of(load, release.id)
            wait_for(load, REQUESTS)
        finally:
            load.enough.set()
            timer.cancel()
        for client in running:
            client.result()
    assert load.wrong == []
    assert len(load.answers) >= REQUESTS
    for identity, numbers in load.answers:
        assert numbers <= {releases[identity]}, "an answer of two releases, or of another than it says"
    assert {identity for identity, _ in load.answers} == releases.keys()
    assert (tmp_path / CURRENT).readlink().name == next(i for i, number in releases.items() if number == SWITCHES + 1)
    kept = {path.name for path in tmp_path.iterdir() if path.name in releases}
    assert 2 <= len(kept) <= SWITCHES  # others were removed at work; an answer under way may hold one longer


def wait_for(load: Load, count: int) -> None:
    while len(load.answers) < count and not load.enough.is_set():
        load.enough.wait(0.01)


def wait_until_all_are_of(load: Load, identity: str) -> None:
    """Until a hundred answers in a row are of this release: then every process of the server has it."""
    while not load.enough.is_set():
        last = load.answers[-100:]
        if len(last) == 100 and all(answer[0] == identity for answer in last):
            return
        load.enough.wait(0.01)
