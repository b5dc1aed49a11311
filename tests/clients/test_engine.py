"""A release whose queries another engine answers: filled, started and asked by the command line and over HTTP."""

from __future__ import annotations

import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.saved_queries import bind, values
from tests.clients import questions
from tests.conftest import PATIENCE, parkgraph
from tests.server.conftest import serving
from tests.server.engines import oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release


@pytest.fixture(scope="module")
def front(release: Release) -> Iterator[str]:
    """A server in front of Oxigraph's own."""
    releases = release.path.parent
    with oxigraph() as engine:
        loaded = parkgraph("load", "--into", f"{engine}/store", "--releases", releases)
        assert int(loaded.stdout) == release.manifest.counts.triples + sum(release.manifest.counts.graphs.values())
        number = len(release.manifest.counts.graphs) + 1
        assert f"{number} of {number}" in loaded.stderr
        with serving(releases, endpoint=f"{engine}/query", workers=1) as service:
            yield service.url


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE) as response:
        data: bytes = response.read()
    return data


@pytest.mark.parametrize("name", questions.NAMES)
def test_the_questions_have_the_same_answers(front: str, release: Release, name: str) -> None:
    parameters = urllib.parse.urlencode({"query": questions.text(name), "format": "tsv"})
    found = questions.rows(get(f"{front}/sparql?{parameters}"), ox.QueryResultsFormat.TSV)
    assert found == questions.expected(name, release.base)
    assert found.total() > 0


def test_so_have_saved_queries(front: str, release: Release) -> None:
    asked = 0
    for query in release.queries().values():
        if query.form == "results" and not any(parameter.required for parameter in query.parameters):
            text = bind(query.text, values(query, {}, release.base, release.manifest.prefixes))
            expected = parkgraph("query", "--releases", release.path.parent, "--format", "csv", "-e", text)
            assert sorted(get(f"{front}/query/{query.name}.csv").decode().split()) == sorted(expected.stdout.split())
            asked += 1
    assert asked == 19


def test_documents_are_the_releases(front: str) -> None:
    parameters = urllib.parse.urlencode({"query": "DESCRIBE <id/park/sophia-antipolis>", "format": "nt"})
    described = get(f"{front}/sparql?{parameters}")
    assert sorted(described.splitlines()) == sorted(get(f"{front}/doc/park/sophia-antipolis.nt").splitlines())
