"""Health and readiness."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from release.writer import build
from server.app import create_app
from server.query.pool import Pool
from server.routes import status
from server.settings import Settings
from server.shares import ServerBusyError
from tests.server.conftest import WholeClient, silent, source

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_what_operators_ask_is_never_kept(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")


def test_it_is_ready_while_queries_and_pages_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = build(source(), tmp_path, silent)
    monkeypatch.setattr(status, "_SEEN_SECONDS", 0.0)
    app = create_app(Settings(releases=tmp_path))
    app.test_client_class = WholeClient
    client = app.test_client()
    try:
        assert client.get("/ready").status_code == 200
        with monkeypatch.context() as patch:
            patch.setattr(Pool, "respond", _refuse)
            problem = client.get("/ready")
            assert problem.status_code == 503
            assert problem.get_json()["detail"].startswith("Queries are not answered: ")
            assert "Retry-After" in problem.headers
        shutil.rmtree(release.path)
        assert client.get("/health").status_code == 200
        problem = client.get("/ready")
        assert (problem.status_code, "Pages are not answered" in problem.get_json()["detail"]) == (503, True)
    finally:
        app.extensions["current"].close()


def _refuse(*_: object, **__: object) -> None:
    raise ServerBusyError("the server is busy with other queries")


def test_a_finding_holds_for_a_moment(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever asks again and again has no queries run for it."""
    monkeypatch.setattr(status, "_SEEN_SECONDS", 1000.0)
    client.get("/ready")
    monkeypatch.setattr(Pool, "respond", _refuse)
    assert client.get("/ready").status_code == 200
