"""Releases side by side: an older one stays as it was, under an address of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.errors import ReleaseError
from release.history import History
from release.reader import open_release
from release.retention import Lease, clear_away, retain
from release.writer import build
from server.app import create_app
from server.settings import Settings
from tests.server.conftest import BASE, TERMS, WholeClient, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

TOWER = "doc/tower/roter-sand"
DATA = ("ttl", "nt", "jsonld", "rdf", "trig")


def lit(number: int) -> ox.Quad:
    """What one release has and the others have not."""
    tower = ox.NamedNode(BASE + "id/tower/roter-sand")
    return ox.Quad(tower, ox.NamedNode(TERMS + "lit"), ox.Literal(number), ox.DefaultGraph())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture
def old(folder: Path) -> Release:
    return build(source(), folder, silent)


@pytest.fixture
def client(folder: Path, old: Release) -> Iterator[FlaskClient]:
    """Serves a release to which a newer one comes by `succeed`."""
    assert open_release(folder).id == old.id
    app = create_app(Settings(releases=folder, open_releases=1))
    app.test_client_class = WholeClient
    yield app.test_client()
    app.extensions["current"].close()


def removed(folder: Path) -> set[str]:
    return {version.id for version in History(folder).versions().all if not version.kept}


def succeed(client: FlaskClient, folder: Path, number: int = 1) -> Release:
    """Build the next release, and have the server take it up at once."""
    release = build(source(lit(number)), folder, silent)
    client.application.extensions["current"]._looked = 0.0
    assert client.get("/health").text.strip() == release.id
    return release


@pytest.mark.parametrize("extension", DATA)
def test_a_document_stays_as_it_was(client: FlaskClient, folder: Path, old: Release, extension: str) -> None:
    before = client.get(f"/{TOWER}.{extension}")
    named = client.get(f"/release/{old.id}/{TOWER}.{extension}")
    succeed(client, folder)
    after = client.get(f"/release/{old.id}/{TOWER}.{extension}")
    assert before.status_code == named.status_code == after.status_code == 200
    assert before.data == named.data == after.data
    assert client.get(f"/{TOWER}.{extension}").data != before.data
    assert after.headers["ETag"] == named.headers["ETag"]
    assert after.cache_control.immutable
    assert after.cache_control.max_age
    assert not after.cache_control.no_cache


def test_a_page_stays_as_it_was_and_its_links_within_its_release(
    client: FlaskClient, folder: Path, old: Release
) -> None:
    before = client.get(f"/release/{old.id}/{TOWER}.html")
    succeed(client, folder)
    after = client.get(f"/release/{old.id}/{TOWER}.html")
    assert before.data == after.data
    assert f'href="/release/{old.id}/doc/' in after.text
    assert 'href="/doc/' not in after.text
    assert after.cache_control.no_cache


@pytest.mark.parametrize("path", ["", "catalog", "ontology", "dumps/", "dumps/parkgraph.nq.gz", "store?default"])
def test_everything_else_is_there_too(client: FlaskClient, folder: Path, old: Release, path: str) -> None:
    headers = {"Accept": "text/turtle, application/json, application/gzip, text/html;q=0.1"}
    before = client.get(f"/release/{old.id}/{path}", headers=headers)
    succeed(client, folder)
    after = client.get(f"/release/{old.id}/{path}", headers=headers)
    assert after.status_code == before.status_code
    assert after.data == before.data
    assert after.headers.get("ETag") == before.headers.get("ETag")


def test_queries_to_an_older_release(client: FlaskClient, folder: Path, old: Release) -> None:
    new = succeed(client, folder)
    query = {"query": f"ASK {{ ?tower <{TERMS}lit> ?number }}", "format": "json"}
    answers = [
        client.get(path, query_string=query).get_json()["boolean"]
        for path in ("/sparql", f"/release/{old.id}/sparql", f"/release/{new.id}/sparql")
    ]
    assert answers == [True, False, True]


def test_links_say_which_release_it_is(client: FlaskClient, folder: Path, old: Release) -> None:
    links = client.get(f"/{TOWER}.ttl?page=1").headers.getlist("Link")
    assert any(f'</release/{old.id}/{TOWER}.ttl?page=1>; rel="memento"' in value for value in links)
    succeed(client, folder)
    response = client.get(f"/release/{old.id}/{TOWER}.ttl")
    links = response.headers.getlist("Link")
    assert f'</{TOWER}.ttl>; rel="original latest-version"' in links
    assert '</releases>; rel="version-history"' in links
    assert f'</release/{old.id}/>; rel="collection"' in links
    assert f'<{BASE}{TOWER}>; rel="canonical"' in links
    assert response.headers["Memento-Datetime"] == response.headers["Last-Modified"]


def test_a_release_leads_to_its_catalogue(client: FlaskClient, old: Release) -> None:
    response = client.get(f"/release/{old.id}")
    assert (response.status_code, response.headers["Location"]) == (303, f"/release/{old.id}/catalog")


@pytest.mark.parametrize("identity", ["0123456789abcdef", "current", "..", "%2e%2e", "0123456789ABCDEF"])
@pytest.mark.parametrize("local", ["", "/", "/doc/tower/roter-sand"])
def test_an_unknown_release_is_a_problem_that_says_what_there_is(
    client: FlaskClient, old: Release, identity: str, local: str
) -> None:
    response = client.get(f"/release/{identity}{local}")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.get_json().get("releases", [old.id]) == [old.id]


def test_a_removed_release_is_gone(client: FlaskClient, folder: Path, old: Release) -> None:
    succeed(client, folder)
    assert client.get(f"/release/{old.id}/{TOWER}.ttl").status_code == 200
    assert retain(folder, 1, silent) == [old.id]
    response = client.get(f"/release/{old.id}/{TOWER}.ttl")
    assert (response.status_code, response.get_json()["status"]) == (410, 410)
    assert client.get(f"/release/{old.id}").status_code == 410
    assert response.get_json()["releases"] == [open_release(folder).id]


def test_old_releases_take_turns(client: FlaskClient, folder: Path, old: Release) -> None:
    """More than are kept open, one of them held by a request while it is let go."""
    ids = [old.id, *(succeed(client, folder, number).id for number in range(1, 4))]
    archive, current = client.application.extensions["current"].archive, client.application.extensions["current"]
    at_end: list[object] = []
    held = archive.hold(old.id, current.hold(), at_end)
    for _ in range(2):
        for identity in ids:
            assert client.get(f"/release/{identity}/{TOWER}.ttl").status_code == 200
            assert len(archive._open) == 1
    assert len(held.store) == old.manifest.counts.quads
    for call in at_end:
        call()  # type: ignore[operator]


def test_retention_keeps_what_is_current_pinned_or_in_use(folder: Path, old: Release) -> None:
    releases = [old, *(build(source(lit(number)), folder, silent) for number in range(1, 6))]
    (folder / "edition").symlink_to(releases[1].id)
    with Lease(releases[2]):
        assert retain(folder, 2, silent) == [releases[3].id, old.id]
    assert {path.name for path in folder.iterdir() if len(path.name) == 16} == {
        releases[number].id for number in (1, 2, 4, 5)
    }
    assert retain(folder, 1, silent) == [releases[4].id, releases[2].id]
    assert open_release(folder).id == releases[5].id
    assert removed(folder) == {releases[number].id for number in (0, 2, 3, 4)}
    with pytest.raises(ReleaseError):
        Lease(old)
    again = build(source(), folder, silent)
    assert again.id == old.id
    assert old.id not in removed(folder)


def test_a_removal_cut_short_is_finished(folder: Path, old: Release) -> None:
    build(source(lit(1)), folder, silent)
    going = old.path.rename(folder / f".removing-{old.id}")
    shutil.rmtree(going / "store")
    clear_away(folder)
    assert removed(folder) == {old.id}
    assert not going.exists()
