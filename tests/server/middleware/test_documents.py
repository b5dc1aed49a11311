"""Documents in RDF are answered without the framework, exactly as by it.

In: requests for documents, with and without a condition that is not met, which is what brings them to the framework.
Out: the same status, header fields and body; what is no document in RDF is the framework's answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.http import documents
from server.routes import resources
from tests.server.conftest import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release

FORMATS = [
    "text/turtle",
    "*/*",
    "text/turtle;version=1.2",
    "application/ld+json",
    "application/n-triples",
    "application/rdf+xml",
    "application/trig",
]
PATHS = ["/doc/tower/roter-sand", "/doc/tower/v1.2", "/doc/keeper/anna", "/doc/ship/000"]
NOT_MET = {"If-None-Match": '"another"'}


@pytest.fixture(scope="module")
def client(lights: Release) -> Iterator[FlaskClient]:
    """Without a cache, so that each answer is made."""
    with in_process(lights.path.parent, cache_memory=0) as client:
        yield client


@pytest.mark.parametrize("accept", FORMATS)
@pytest.mark.parametrize("coding", ["", "gzip", "zstd", "gzip, identity;q=0"])
@pytest.mark.parametrize("path", PATHS)
def test_the_answer_is_that_of_the_framework(client: FlaskClient, path: str, coding: str, accept: str) -> None:
    fields = {"Accept": accept, "Accept-Encoding": coding}
    ours = client.get(path, headers=fields)
    theirs = client.get(path, headers=fields | NOT_MET)
    assert (ours.status_code, ours.data) == (200, theirs.data)
    assert sorted(ours.headers) == sorted(theirs.headers)


def test_it_is_made_without_the_framework(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "content", None)
    assert client.get("/doc/ship/001", headers={"Accept": "text/turtle"}).status_code == 200


def test_below_a_release_too(client: FlaskClient, lights: Release) -> None:
    path = f"/release/{lights.manifest.id}/doc/ship/002"
    ours = client.get(path, headers={"Accept": "text/turtle"})
    theirs = client.get(path, headers={"Accept": "text/turtle"} | NOT_MET)
    assert "immutable" in ours.headers["Cache-Control"]
    assert (sorted(ours.headers), ours.data) == (sorted(theirs.headers), theirs.data)


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/doc/ship/003", "text/html", 200),
        ("/doc/ship/003.ttl", "*/*", 200),
        ("/doc/ship/003", "image/png", 406),
        ("/doc/ship/none", "text/turtle", 404),
        ("/doc/%FF", "text/turtle", 404),
        ("/doc/", "text/turtle", 404),
    ],
)
def test_the_rest_is_of_the_framework(client: FlaskClient, path: str, accept: str, status: int) -> None:
    assert client.get(path, headers={"Accept": accept}).status_code == status


def test_what_cannot_be_read_is_a_problem(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(documents, "content", fail)
    monkeypatch.setattr(resources, "content", fail)
    answer = client.get("/doc/ship/004", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
