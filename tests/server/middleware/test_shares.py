"""Requests count in the share of their client until their answers have been sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.app import create_app
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release
    from server.shares import ClientQuota

LARGE = "/sparql?query=SELECT+*+{?a+?b+?c.?d+?e+?f}LIMIT+20000"  # comes as a file, piece by piece


@pytest.fixture
def crowded(lights: Release, request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """A server where one client may have one request under way; the parameter is how many proxies it trusts."""
    app = create_app(
        Settings(releases=lights.path.parent, client_requests=1, trusted_proxies=request.param, cache_memory=0)
    )
    yield app.test_client()
    app.extensions["current"].close()


def requests(client: FlaskClient) -> ClientQuota:
    quota: ClientQuota = client.application.extensions["requests"]
    return quota


def ask(client: FlaskClient, forwarded: str) -> int:
    """Status of a query whose answer is not taken: it stays under way."""
    return client.get("/sparql?query=ASK{}", headers={"Forwarded": forwarded}, buffered=False).status_code


@pytest.mark.parametrize("crowded", [0], indirect=True)
def test_beyond_its_share_a_client_gets_429(crowded: FlaskClient) -> None:
    quota = requests(crowded)
    quota.acquire("127.0.0.1")  # another request of it is under way
    response = crowded.get("/sparql?query=ASK{}", headers={"Forwarded": "for=192.0.2.1"})
    assert (response.status_code, response.mimetype) == (429, "application/problem+json")
    assert int(response.headers["Retry-After"]) > 0
    for address in ("/store?default", "/doc/tower/roter-sand", "/search?q=sand", "/", "/sparql"):
        assert crowded.get(address).status_code == 429
    assert crowded.post("/sparql", data={"query": "ASK{}"}).status_code == 429
    quota.release("127.0.0.1")
    for _ in range(3):  # each gives its share back, failed or not
        assert crowded.get("/sparql?query=ASK{}").status_code == 200
        assert crowded.get("/sparql?query=ASK").status_code == 400
        assert crowded.post("/sparql", data={"query": "ASK{}"}).status_code == 200
        assert crowded.get("/doc/tower/roter-sand").status_code == 200
    assert not quota._taken
    response = crowded.get(LARGE, buffered=False)
    assert (response.status_code, crowded.get(LARGE).status_code) == (200, 429)
    response.close()
    assert crowded.head(LARGE).status_code == 200
    assert not quota._taken


@pytest.mark.parametrize("crowded", [0], indirect=True)
def test_people_get_a_page_in_their_language(crowded: FlaskClient) -> None:
    requests(crowded).acquire("127.0.0.1")
    response = crowded.get("/doc/tower/roter-sand", headers={"Accept": "text/html", "Accept-Language": "de"})
    assert (response.status_code, response.mimetype) == (429, "text/html")
    assert response.headers["Content-Language"] == "de"
    assert int(response.headers["Retry-After"]) > 0
    assert '<html lang="de">' in response.text
    assert "zu viele Anfragen" in response.text


@pytest.mark.parametrize("crowded", [1], indirect=True)
def test_a_trusted_proxy_tells_who_asks(crowded: FlaskClient) -> None:
    requests(crowded).acquire("192.0.2.1")
    assert ask(crowded, "for=192.0.2.1") == 429
    assert ask(crowded, "for=192.0.2.2") == 200
    assert ask(crowded, "for=192.0.2.2, for=192.0.2.1") == 429  # the proxy adds to the end


def test_what_is_answered_from_memory_is_in_no_share(lights: Release) -> None:
    app = create_app(Settings(releases=lights.path.parent, client_requests=1))
    try:
        client = app.test_client()
        assert client.get("/doc/tower/roter-sand").status_code == 200
        requests(client).acquire("127.0.0.1")
        assert client.get("/doc/tower/roter-sand").status_code == 200
        assert client.get("/doc/tower/roter-sand.ttl").status_code == 429
    finally:
        app.extensions["current"].close()
