"""Addresses and header fields that are too long get a problem, which has what every answer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


def refused(response: TestResponse, status: int) -> str:
    """The detail of the problem."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "no-store"
    problem = response.get_json()
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["X-Request-ID"]
    return str(problem["detail"])


@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "Accept-Encoding", "Host", "If-Match", "If-None-Match"])
def test_a_field_that_is_too_long(client: FlaskClient, name: str) -> None:
    assert name in refused(client.get("/doc/tower/roter-sand", headers={name: "x" * 8001}), 431)
    assert client.get("/doc/tower/roter-sand", headers={name: "x" * 8000}).status_code != 431


def test_people_get_a_page_in_their_language(client: FlaskClient) -> None:
    long = {"Accept": "text/html", "Accept-Language": "de", "If-Match": "x" * 8001}
    response = client.get("/", headers=long)
    assert (response.status_code, response.mimetype) == (431, "text/html")
    assert 'lang="de"' in response.text
    assert "If-Match" in response.text


def test_an_address_that_is_too_long(client: FlaskClient) -> None:
    assert "POST" in refused(client.get(f"/sparql?query={'a' * 60_000}"), 414)
    assert client.get(f"/{'a' * 8_001}").status_code == 414
    assert client.get(f"/network?kind={'a' * 8_001}").status_code == 414
    assert client.get(f"/{'a' * 7_900}").status_code == 404
    assert client.get(f"/sparql?query={'a' * 50_000}").status_code == 400
