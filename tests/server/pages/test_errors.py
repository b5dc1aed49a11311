"""What the server cannot read or write at the moment is a 503 that the log explains, and passes."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from release.writer import build
from server.app import create_app
from server.settings import Settings
from tests.server.conftest import QUERY_SECONDS, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from release.reader import Release

GRAPH = "/store?default"
LARGE = "/sparql?query=SELECT+*+{?a+?b+?c.?d+?e+?f}LIMIT+20000"  # comes as a file


@contextmanager
def application(releases: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(releases=releases, cache_memory=0, query_seconds=QUERY_SECONDS, query_queue=4))
    yield app.test_client()
    app.extensions["current"].close()


def unavailable(response: TestResponse) -> bool:
    """Whether it is the problem that it has to be."""
    assert response.status_code == 503, response.text
    assert response.mimetype == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    return True


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, of this process and those that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def test_results_that_cannot_be_written(lights: Release, temporary: Path, caplog: pytest.LogCaptureFixture) -> None:
    with application(lights.path.parent) as client:
        assert client.get(LARGE).status_code == 200
        temporary.rmdir()
        for headers in ({}, {"Accept": "text/csv"}, {"Accept-Encoding": "gzip"}):
            caplog.clear()
            assert unavailable(client.get(LARGE, headers=headers))
            assert [record.levelname for record in caplog.records] == ["ERROR"]
            assert f"GET /sparql cannot be answered: cannot write to {temporary}: [Errno 2]" in caplog.text
            assert "SELECT" not in caplog.text
            assert "Traceback" not in caplog.text
        assert unavailable(client.post("/sparql", data={"query": "SELECT * {?a ?b ?c. ?d ?e ?f} LIMIT 20000"}))
        assert client.get("/sparql?query=ASK{}").status_code == 200
        temporary.mkdir()
        assert client.get(LARGE).status_code == 200


def test_a_folder_of_releases_that_goes_and_comes_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    release = build(source(), tmp_path / "releases", silent)
    at = f"/release/{release.id}"
    needed = [
        "/releases",
        f"{at}/dumps/parkgraph.nq.gz",
        f"{at}/dumps/tables/Lighthouse.csv",
        f"{at}/manifest.json",
        f"{at}/SHA256SUMS",
        "/dumps/",
    ]
    with application(tmp_path / "releases") as client:
        (tmp_path / "releases").rename(tmp_path / "elsewhere")
        for address in needed:
            caplog.clear()
            assert unavailable(client.get(address)), address
            assert f"GET {address} cannot be answered" in caplog.text
            assert "Traceback" not in caplog.text
        assert client.get("/doc/tower/roter-sand.ttl").status_code in {200, 503}
        (tmp_path / "elsewhere").rename(tmp_path / "releases")
        for address in (*needed, "/doc/tower/roter-sand.ttl", "/sparql?query=ASK{}"):
            assert client.get(address).status_code == 200, address


def test_query_processes_that_do_not_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    release = build(source(), tmp_path, silent)
    with application(tmp_path) as client:
        pool = client.application.extensions["current"]._release.pool
        pool._idle.popleft().kill()
        shutil.move(release.path / "store", release.path / "gone")
        for _ in range(2):
            assert unavailable(client.get("/sparql?query=ASK{}"))
        assert "GET /sparql cannot be answered: a query process ended while it started" in caplog.text
        shutil.move(release.path / "gone", release.path / "store")
        assert client.get("/sparql?query=ASK{}").status_code == 200


def test_what_nobody_expected_is_one_line_with_its_traceback(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.routes.search.find", lambda *_, **__: 1 // 0)
    response = client.get("/search?q=secret")
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    request_id = response.headers["X-Request-ID"]
    assert [record.getMessage() for record in caplog.records] == [f"GET /search failed ({request_id})"]
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.records[0].getMessage()
