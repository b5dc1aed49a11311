"""Shares of clients: who counts as one, what one may have, and who comes first."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from server.app import create_app
from server.query.errors import ClientQuotaError, ServerBusyError
from server.query.queues import Queue, Queues, QueueSizes
from server.query.quota import ClientQuota
from server.settings import Settings
from tests.conftest import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release


def later() -> float:
    """A deadline that no test waits for."""
    return time.monotonic() + PATIENCE


def test_a_share_is_given_back() -> None:
    quota = ClientQuota(2)
    assert [quota.acquire("a"), quota.acquire("a"), quota.acquire("a"), quota.acquire("b")] == [True, True, False, True]
    quota.release("a")
    assert quota.acquire("a")


def test_the_client_with_the_fewest_comes_first() -> None:
    queues, order = Queues(QueueSizes(3, 1, 8, 8)), []
    for _ in range(2):
        queues.enter(Queue.FAST, "many", later())

    def wait(client: str) -> None:
        queues.enter(Queue.FAST, client, later())
        order.append(client)

    threads = []
    queues.enter(Queue.FAST, "other", later())  # the place that one client never gets
    for number, client in enumerate(["many", "many", "one"], 1):
        threads.append(threading.Thread(target=wait, args=(client,)))
        threads[-1].start()
        wait_until(lambda number=number: len(queues._waiting[Queue.FAST]) == number)  # type: ignore[misc]
    for number in range(3):
        queues.leave(Queue.FAST, "many")
        wait_until(lambda number=number: len(order) > number)  # type: ignore[misc]
    for thread in threads:
        thread.join()
    assert order == ["one", "many", "many"]


def test_room_and_shares_of_the_lanes() -> None:
    queues = Queues(QueueSizes(1, 1, 1, 1))
    queues.enter(Queue.SLOW, "a", later())
    with pytest.raises(ClientQuotaError):
        queues.enter(Queue.SLOW, "a", later())
    with pytest.raises(ServerBusyError):  # waited in vain
        queues.enter(Queue.SLOW, "b", time.monotonic())
    assert not queues._waiting[Queue.SLOW]
    full = Queues(QueueSizes(1, 1, 0, 1))
    assert full.try_enter(Queue.FAST, "a")
    with pytest.raises(ServerBusyError):
        full.enter(Queue.FAST, "b", later())


@pytest.fixture
def crowded(lights: Release, request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """A server where one client may have one request under way; the parameter is how many proxies it trusts."""
    app = create_app(
        Settings(releases=lights.path.parent, client_queries=1, trusted_proxies=request.param, cache_memory=0)
    )
    yield app.test_client()
    app.extensions["current"].close()


def ask(client: FlaskClient, forwarded: str) -> int:
    """Status of a query whose answer is not taken: it stays under way."""
    return client.get("/sparql?query=ASK{}", headers={"Forwarded": forwarded}, buffered=False).status_code


@pytest.mark.parametrize("crowded", [0], indirect=True)
def test_beyond_its_share_a_client_gets_429(crowded: FlaskClient) -> None:
    quota = crowded.application.extensions["current"]._release.quota
    assert quota.acquire("127.0.0.1")  # another request of it is under way
    response = crowded.get("/sparql?query=ASK{}", headers={"Forwarded": "for=192.0.2.1"})
    assert (response.status_code, response.mimetype) == (429, "application/problem+json")
    assert int(response.headers["Retry-After"]) > 0
    assert crowded.get("/store?default").status_code == 429
    assert crowded.get("/doc/tower/roter-sand").status_code == 200
    quota.release("127.0.0.1")
    for _ in range(3):  # each gives its share back, failed or not
        assert crowded.get("/sparql?query=ASK{}").status_code == 200
        assert crowded.get("/sparql?query=ASK").status_code == 400
        assert crowded.get("/store?default").status_code == 200
    assert not quota._taken
    large = "/sparql?query=SELECT+*+{?a+?b+?c.?d+?e+?f}LIMIT+20000"  # comes as a file, piece by piece
    response = crowded.get(large, buffered=False)
    assert (response.status_code, crowded.get(large).status_code) == (200, 429)
    response.close()
    assert crowded.head(large).status_code == 200
    assert not quota._taken


@pytest.mark.parametrize("crowded", [1], indirect=True)
def test_a_trusted_proxy_tells_who_asks(crowded: FlaskClient) -> None:
    quota = crowded.application.extensions["current"]._release.quota
    assert quota.acquire("192.0.2.1")
    assert ask(crowded, "for=192.0.2.1") == 429
    assert ask(crowded, "for=192.0.2.2") == 200
    assert ask(crowded, "for=192.0.2.2, for=192.0.2.1") == 429  # the proxy adds to the end
