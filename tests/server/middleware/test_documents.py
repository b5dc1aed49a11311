"""Documents in RDF are answered without the framework, exactly as by it.

In: requests for documents, with and without a parameter, which is what brings them to the framework.
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
    from werkzeug.test import TestResponse

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
PARAMETER = "?lang=de"  # one that a document in RDF does not depend on


@pytest.fixture(scope="module")
def client(lights: Release) -> Iterator[FlaskClient]:
    """Without a cache, so that each answer is made."""
    with in_process(lights.path.parent, cache_memory=0) as client:
        yield client


def assert_same(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """The answer, which is the one of the framework, but for the parameter in addresses."""
    sent = {name.replace("_", "-"): value for name, value in fields.items()}
    ours, theirs = client.get(path, headers=sent), client.get(path + PARAMETER, headers=sent)
    if ours.status_code == 304:
        del ours.headers["Last-Modified"]  # which Flask leaves out
    assert (ours.status_code, ours.data) == (theirs.status_code, theirs.data)
    assert sorted(ours.headers) == sorted((name, value.replace(PARAMETER, "")) for name, value in theirs.headers)
    return ours


@pytest.mark.parametrize("accept", FORMATS)
@pytest.mark.parametrize("path", PATHS)
def test_the_answer_is_that_of_the_framework(client: FlaskClient, path: str, accept: str) -> None:
    for coding in ("", "gzip", "zstd", "gzip, identity;q=0"):
        answer = assert_same(client, path, Accept=accept, Accept_Encoding=coding)
        assert answer.status_code == 200
    fresh = assert_same(client, path, Accept=accept, Accept_Encoding=coding, If_None_Match=answer.headers["ETag"])
    assert (fresh.status_code, fresh.headers["ETag"]) == (304, answer.headers["ETag"])
    changed = assert_same(client, path, Accept=accept, If_None_Match='"another"')
    assert changed.status_code == 200


def test_it_is_made_without_the_framework(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "documents", None)
    for condition in ({}, {"If-None-Match": "*"}, {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}):
        answer = client.get("/doc/ship/001", headers={"Accept": "text/turtle"} | condition)
        assert answer.status_code in {200, 304}


def test_below_a_release_too(client: FlaskClient, lights: Release) -> None:
    answer = assert_same(client, f"/release/{lights.manifest.id}/doc/ship/002", Accept="text/turtle")
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/doc/ship/003", {"Accept": "text/html"}, 200),
        ("/doc/ship/003.ttl", {"Accept": "*/*"}, 200),
        ("/doc/ship/003", {"Accept": "image/png"}, 406),
        ("/doc/tower/odd", {"Accept": "application/rdf+xml"}, 406),
        ("/doc/ship/003", {"Accept": "text/turtle", "If-Match": '"another"'}, 412),
        ("/doc/ship/none", {"Accept": "text/turtle"}, 404),
        ("/doc/%FF", {"Accept": "text/turtle"}, 404),
        ("/doc/", {"Accept": "text/turtle"}, 404),
    ],
)
def test_the_rest_is_of_the_framework(client: FlaskClient, path: str, fields: dict[str, str], status: int) -> None:
    answer = client.get(path, headers=fields)
    assert answer.status_code == status
    assert status == 200 or answer.mimetype == "application/problem+json"


def test_what_cannot_be_read_is_a_problem(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(documents, "write", fail)
    answer = client.get("/doc/ship/004", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
