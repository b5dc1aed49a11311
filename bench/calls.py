"""How many calls of ParkGraph's own functions a request takes, and in how many files.

`PYTHONPATH=. .venv/bin/python bench/calls.py RELEASES` asks the application in this process for each kind of answer:
the first of its kind, and another one of it. What another checkout takes is told with its folder as PYTHONPATH.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import server
from server.app import create_app
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from flask.testing import FlaskClient

ROOT = Path(server.__file__).parent.parent
PACKAGES = tuple(str(ROOT / name) + os.sep for name in ("core", "release", "server"))
QUERY = "SELECT ?p ?o { <%s> ?p ?o }"


def counted(ask: Callable[[], Any]) -> tuple[int, int]:
    """Calls, generators that are resumed included, and files in which they are."""
    calls = 0
    files = set[str]()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGES):
            calls += 1
            files.add(frame.f_code.co_filename)

    sys.setprofile(count)
    try:
        ask()
    finally:
        sys.setprofile(None)
    return calls, len(files)


def kinds(client: FlaskClient, base: str, iris: list[str]) -> dict[str, list[Callable[[], Any]]]:
    """For each kind of request two of them, about two entities."""
    local = [iri.removeprefix(base) for iri in iris]
    documents = [f"/{name.replace('id/', 'doc/', 1)}" for name in local]
    address = client.get("/dumps/latest/parkgraph.nq.gz").headers["Location"]

    def get(path: str, accept: str, **query: str) -> Callable[[], Any]:
        return lambda: client.get(path, headers={"Accept": accept}, query_string=query or None, buffered=True)

    def post(query: str) -> Callable[[], Any]:
        return lambda: client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"}, buffered=True)

    json = "application/sparql-results+json"
    return {
        "SPARQL query by GET": [get("/sparql", json, query=QUERY % iri) for iri in iris],
        "the same again": [get("/sparql", json, query=QUERY % iri) for iri in iris],
        "SPARQL query by POST": [post(QUERY % iri) for iri in iris],
        "entity as Turtle": [get(document, "text/turtle") for document in documents],
        "entity as a page": [get(document, "text/html") for document in documents],
        "dump": [get(address, "*/*"), get(address, "text/html")],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("releases", type=Path, help="the folder of the releases")
    parser.add_argument("entities", nargs="*", help="IRIs of two entities; else examples of the release")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        app = create_app(Settings(releases=given.releases))
        client = app.test_client()
        manifest: dict[str, Any] = client.get("/manifest.json", follow_redirects=True).get_json()
        iris = given.entities or manifest["dataset"]["examples"][:2]
        print(f"{'calls (files)':22} {'the first':>15} {'another':>15}")
        for kind, requests in kinds(client, manifest["base"], iris).items():
            first, another = (counted(request) for request in requests[:2])
            print(f"{kind:22} {first[0]:8} ({first[1]:3}) {another[0]:9} ({another[1]:3})", flush=True)


if __name__ == "__main__":
    main()
