"""Requests are worked on in turn, and few answers at once are sent piece by piece."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from server.app import create_app
from server.settings import Settings
from tests.conftest import PATIENCE, wait_until
from tests.server.conftest import QUERY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release
    from server.shares import FairQueue

LARGE = "/sparql?query=SELECT+*+{?a+?b+?c.?d+?e+?f}LIMIT+20000"  # comes as a file, piece by piece
RESULT_FILES = 10  # MiB
TOWER = "/doc/tower/roter-sand.ttl"


@pytest.fixture
def small(lights: Release) -> Iterator[FlaskClient]:
    """A server for two requests at once, none waiting, and two answers sent piece by piece, one for each client."""
    app = create_app(
        Settings(
            releases=lights.path.parent,
            document_threads=2,
            file_threads=2,
            cache_memory=0,
            query_seconds=QUERY_SECONDS,
            query_result=RESULT_FILES,
            result_files=RESULT_FILES,
        )
    )
    yield app.test_client()
    app.extensions["current"].close()


def places(client: FlaskClient) -> FairQueue:
    queue: FairQueue = client.application.extensions["places"]
    return queue


def test_beyond_its_places_a_server_is_busy(small: FlaskClient) -> None:
    assert places(small).try_enter("192.0.2.1")
    assert small.get(TOWER).status_code == 200
    assert places(small).try_enter("192.0.2.2")
    response = small.get(TOWER)
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert int(response.headers["Retry-After"]) > 0
    places(small).leave("192.0.2.1")
    for address in (TOWER, "/none", "/sparql?query=ASK{}", "/sparql?query=ASK", "/search?q=sand"):
        assert small.get(address).status_code in {200, 400, 404}
    places(small).leave("192.0.2.2")
    assert not places(small)._taken


def test_who_waits_for_a_query_holds_no_place(small: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = small.application.extensions["current"]._release.pool
    respond, goes_on, waits = pool.respond, threading.Event(), threading.Event()

    def wait(*arguments: object) -> object:
        waits.set()
        assert goes_on.wait(PATIENCE)
        return respond(*arguments)

    monkeypatch.setattr(pool, "respond", wait)
    with ThreadPoolExecutor(1) as thread:
        query = thread.submit(small.get, "/sparql?query=ASK{}")
        assert waits.wait(PATIENCE)
        assert not places(small)._taken
        assert small.application.test_client().get(TOWER).status_code == 200
        goes_on.set()
        assert query.result(PATIENCE).status_code == 200
    wait_until(lambda: not places(small)._taken)


def test_answers_sent_piece_by_piece_are_few(small: FlaskClient, lights: Release) -> None:
    dump = f"/release/{lights.id}/dumps/parkgraph.nq.gz"
    first = small.get(dump, buffered=False)
    assert first.status_code == 200
    for address in (dump, LARGE):
        response = small.get(address)
        assert (response.status_code, response.mimetype) == (429, "application/problem+json")
        assert int(response.headers["Retry-After"]) > 0
        assert "ETag" not in response.headers
    assert small.get(TOWER).status_code == 200
    second = small.get(LARGE, buffered=False, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert second.status_code == 200
    assert small.get(dump, environ_base={"REMOTE_ADDR": "192.0.2.2"}).status_code == 503
    first.close()
    second.close()
    assert small.get(dump).status_code == 200


def test_files_of_results_are_bounded_in_sum(small: FlaskClient) -> None:
    quota = small.application.extensions["result_files"]
    with small.get(LARGE, buffered=False) as large:
        size = large.content_length or 0
        assert quota._taken["127.0.0.1"] == size
    room = (RESULT_FILES << 20) - size
    for coding in ("identity", "gzip", "zstd"):
        quota.acquire("192.0.2.1", room)
        with small.get(LARGE, headers={"Accept-Encoding": coding}, buffered=False) as large:
            assert large.status_code == 200
            length = large.content_length or 0
            assert quota._taken["127.0.0.1"] == length
        assert "127.0.0.1" not in quota._taken
        quota.acquire("192.0.2.1", beyond := size - length + 1)
        response = small.get(LARGE, headers={"Accept-Encoding": coding})
        assert (response.status_code, response.mimetype) == (503, "application/problem+json")
        quota.release("192.0.2.1", room + beyond)
