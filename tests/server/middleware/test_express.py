"""The shortest way for a query answers as the framework does, and leaves to it what is unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from server.app import create_app
from server.middleware import express
from server.settings import Settings
from tests.server.conftest import BASE, TERMS, WholeClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release

HEIGHT = f"SELECT ?o {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?o }}"
QUERIES = {
    "rows": HEIGHT,
    "yes": "ASK { ?s ?p ?o }",
    "triples": "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3",
    "description": f"DESCRIBE <{BASE}id/tower/roter-sand>",
    "signs": "SELECT ('é +/?&=%#\"<>\\\\' AS ?x) {}",
}
ACCEPTS = ["*/*", "application/sparql-results+json", "text/csv, text/turtle", "application/xml;q=0.5, text/plain", None]
UNUSUAL: list[tuple[str, dict[str, str], int]] = [
    ("query=ASK", {}, 400),
    ("query=", {}, 400),
    ("query=ASK%7B%7D&query=ASK%7B%7D", {}, 400),
    ("query=ASK%7B%7D%23%FF", {}, 400),
    ("query=ASK%7B%7D", {"Accept": "image/png"}, 406),
    ("query=ASK%7B%7D", {"Accept": "text/turtle"}, 406),
    ("query=ASK%7B%7D", {"Accept": "text/html"}, 200),
    ("query=ASK%7BSERVICE+%3Curn:x%3E%7B%7D%7D", {}, 403),
    ("query=SELECT(RAND()AS+?x)%7B%7D", {}, 200),
    ("query=ASK%7B%7D&format=csv", {}, 200),
    ("query=ASK%7B%7D&update=x", {}, 403),
    ("query=SELECT*%7B?a+?b+?c.?d+?e+?f%7DLIMIT+6000", {"Accept": "text/csv"}, 200),  # a file
    ("query=ASK%7B%7D", {"If-Match": '"x"'}, 412),
]


@pytest.fixture
def counted(lights: Release) -> Iterator[tuple[FlaskClient, list[str]]]:
    """A client without a cache, and the requests that the framework has seen."""
    app = create_app(Settings(releases=lights.path.parent, cache_memory=0, cache_disk=0))
    app.test_client_class = WholeClient
    inner, seen = app.full_dispatch_request, list[str]()

    def count() -> Any:
        seen.append("")
        return inner()

    app.full_dispatch_request = count  # type: ignore[method-assign]
    yield app.test_client(), seen
    app.extensions["current"].close()


def fields(response: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, value in response.headers if name != "Server-Timing"]


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("name", QUERIES)
def test_the_same_as_the_framework(
    counted: tuple[FlaskClient, list[str]], monkeypatch: pytest.MonkeyPatch, name: str, accept: str | None
) -> None:
    client, seen = counted
    headers = {"Accept": accept} if accept else {}
    addresses = [f"/sparql?query={quote(QUERIES[name])}%23{number}" for number in range(3)]
    short = [client.get(address, headers=headers) for address in addresses]
    if short[0].status_code == 200:
        assert len(seen) == 1  # that made the head
    monkeypatch.setattr(express, "_asked", lambda *_: None)
    long = [client.get(address, headers=headers) for address in addresses]
    assert len({response.headers.get("ETag") for response in long}) in {1, 3}
    for ours, theirs in zip(short, long, strict=True):
        assert (ours.status, fields(ours), ours.data) == (theirs.status, fields(theirs), theirs.data)
    if short[0].status_code == 200:
        assert all(response.headers["Server-Timing"].startswith("wait;dur=") for response in short)


@pytest.mark.parametrize(("address", "headers", "status"), UNUSUAL)
def test_the_unusual_is_left_to_the_framework(
    counted: tuple[FlaskClient, list[str]], address: str, headers: dict[str, str], status: int
) -> None:
    client, seen = counted
    for number in (1, 2):
        assert client.get(f"/sparql?{address}", headers=headers).status_code == status
        assert len(seen) == number
    assert not client.application.extensions["current"]._release.quota._taken


def test_a_query_that_fails_is_run_once(
    counted: tuple[FlaskClient, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = counted
    pool = client.application.extensions["current"]._release.pool
    runs, run = list[Any](), pool._evaluate

    def count(*given: Any) -> Any:
        runs.append(given)
        return run(*given)

    monkeypatch.setattr(pool, "_evaluate", count)
    assert client.get("/sparql?query=ASK").status_code == 400
    assert len(runs) == 1
