"""Releases side by side: an older one stays as it was, under an address of its own."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib

from core.errors import ReleaseError
from release import patch
from release.diff import rows
from release.history import History
from release.reader import open_release
from release.retention import Lease, prune, recover
from release.writer import build
from server.app import create_app
from server.settings import Settings
from tests.conftest import wait_until
from tests.server.conftest import BASE, TERMS, WholeClient, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

TOWER = "doc/tower/roter-sand"
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")  # rdflib has the terms of the second edition alone
PAGE = {"Accept": "text/html"}
DATA = ("ttl", "nt", "jsonld", "rdf", "trig")


def lit(number: int) -> ox.Quad:
    """A triple by which the releases differ."""
    tower = ox.NamedNode(BASE + "id/tower/roter-sand")
    return ox.Quad(tower, ox.NamedNode(TERMS + "lit"), ox.Literal(number), ox.DefaultGraph())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture
def old(folder: Path, lights: Release) -> Release:
    """A copy of the release, alone in its folder."""
    shutil.copytree(lights.path.parent, folder, symlinks=True)
    return open_release(folder)


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
    """Build the next release, and wait until the server has taken it up."""
    release = build(source(lit(number)), folder, silent)
    wait_until(lambda: client.get("/health").text.strip() == release.id)
    return release


def prune_but(kept: int, folder: Path) -> None:
    """Remove all releases but the newest ones; the server closes the one before the current one a second later."""

    def is_done() -> bool:
        prune(folder, kept, silent)
        return len([version for version in History(folder).versions().all if version.kept]) == kept

    wait_until(is_done)


def test_a_document_stays_as_it_was(client: FlaskClient, folder: Path, old: Release) -> None:
    current, own = ([f"{within}/{TOWER}.{extension}" for extension in DATA] for within in ("", f"/release/{old.id}"))
    before, named = ([client.get(path) for path in paths] for paths in (current, own))
    succeed(client, folder)
    for path, was, was_named in zip(own, before, named, strict=True):
        after = client.get(path)
        assert was.status_code == was_named.status_code == after.status_code == 200, path
        assert was.data == was_named.data == after.data, path
        assert after.headers["ETag"] == was_named.headers["ETag"], path
        assert after.cache_control.immutable
        assert after.cache_control.max_age
        assert not after.cache_control.no_cache
    for path, was in zip(current, before, strict=True):
        assert client.get(path).data != was.data, path


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


EVERYTHING_ELSE = ("", "catalog", "ontology", "dumps/", "dumps/parkgraph.nq.gz", "store?default")


def test_everything_else_is_there_too(client: FlaskClient, folder: Path, old: Release) -> None:
    headers = {"Accept": "text/turtle, application/json, application/gzip, text/html;q=0.1"}
    paths = [f"/release/{old.id}/{path}" for path in EVERYTHING_ELSE]
    before = [client.get(path, headers=headers) for path in paths]
    succeed(client, folder)
    for path, was in zip(paths, before, strict=True):
        after = client.get(path, headers=headers)
        assert after.status_code == was.status_code, path
        assert after.data == was.data, path
        assert after.headers.get("ETag") == was.headers.get("ETag"), path


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
    new = succeed(client, folder)
    response = client.get(f"/release/{old.id}/{TOWER}.ttl")
    links = response.headers.getlist("Link")
    assert f'<{BASE}{TOWER}.ttl>; rel="original timegate latest-version"' in links
    assert '</releases>; rel="version-history"' in links
    assert f'</release/{old.id}/>; rel="collection"' in links
    assert not any(f"{BASE}release" in value for value in links)  # what is canonical has no release
    assert response.headers["Memento-Datetime"] == response.headers["Last-Modified"]
    links = client.get(f"/release/{new.id}/{TOWER}.ttl").headers.getlist("Link")
    assert f'</release/{old.id}/{TOWER}.ttl>; rel="predecessor-version"' in links


def test_a_release_leads_to_its_catalog(client: FlaskClient, old: Release) -> None:
    response = client.get(f"/release/{old.id}")
    assert (response.status_code, response.headers["Location"]) == (303, f"/release/{old.id}/catalog")


def test_an_unknown_release_is_a_problem_that_says_what_there_is(client: FlaskClient, old: Release) -> None:
    for identity in ("0123456789abcdef", "current", "..", "%2e%2e", "0123456789ABCDEF"):
        for local in ("", "/", "/doc/tower/roter-sand"):
            response = client.get(f"/release/{identity}{local}")
            assert (response.status_code, response.mimetype) == (404, "application/problem+json"), identity + local
            assert response.get_json().get("releases", [old.id]) == [old.id], identity + local


def test_a_removed_release_is_gone(client: FlaskClient, folder: Path, old: Release) -> None:
    succeed(client, folder)
    assert client.get(f"/release/{old.id}/{TOWER}.ttl").status_code == 200
    prune_but(1, folder)
    response = client.get(f"/release/{old.id}/{TOWER}.nt")  # not the one that may have been kept
    assert (response.status_code, response.get_json()["status"]) == (410, 410)
    assert client.get(f"/release/{old.id}").status_code == 410
    assert response.get_json()["releases"] == [open_release(folder).id]


def test_old_releases_take_turns(client: FlaskClient, folder: Path, old: Release) -> None:
    """More than are kept open, one of them held by a request while it is let go."""
    ids = [old.id, *(succeed(client, folder, number).id for number in range(1, 4))]
    release_cache, current = (
        client.application.extensions["current"].release_cache,
        client.application.extensions["current"],
    )
    on_close: list[object] = []
    held = release_cache.acquire(old.id, current.acquire(), on_close)
    for _ in range(2):
        for identity in ids:
            assert client.get(f"/release/{identity}/{TOWER}.ttl").status_code == 200
            assert len(release_cache._open) == 1
    assert len(held.store) == old.manifest.stored.quads
    for call in on_close:
        call()  # type: ignore[operator]


def test_retention_keeps_what_is_current_pinned_or_in_use(folder: Path, old: Release) -> None:
    releases = [old, *(build(source(lit(number)), folder, silent) for number in range(1, 6))]
    (folder / "edition").symlink_to(releases[1].id)
    with Lease(releases[2]):
        assert prune(folder, 2, silent) == [releases[3].id, old.id]
    assert {path.name for path in folder.iterdir() if len(path.name) == 16} == {
        releases[number].id for number in (1, 2, 4, 5)
    }
    assert prune(folder, 1, silent) == [releases[4].id, releases[2].id]
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
    recover(folder)
    assert removed(folder) == {old.id}
    assert not going.exists()


def atom(text: bytes) -> list[dict[str, str]]:
    space = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(text)
    assert feed.tag == f"{space}feed"
    for name in ("title", "id", "updated"):
        assert feed.findtext(f"{space}{name}")
    return [
        {name: entry.findtext(f"{space}{name}") or "" for name in ("title", "id", "updated", "summary")}
        for entry in feed.iterfind(f"{space}entry")
    ]


def test_the_list_of_releases(client: FlaskClient, folder: Path, old: Release) -> None:
    new, newest = succeed(client, folder, 1), succeed(client, folder, 2)
    (folder / "edition").symlink_to(newest.id)
    prune(folder, 2, silent)
    listed = client.get("/releases").get_json()
    assert listed["current"] == newest.id
    assert [row["id"] for row in listed["releases"]] == [newest.id, new.id, old.id]
    assert [row["kept"] for row in listed["releases"]] == [True, True, False]
    assert [row["predecessor"] for row in listed["releases"]] == [new.id, old.id, None]
    assert [(row["added"], row["removed"]) for row in listed["releases"]] == [(1, 1), (1, 0), (None, None)]
    assert listed["releases"][0]["names"] == ["edition"]
    assert client.get(listed["releases"][1]["url"]).status_code in {200, 303}
    assert client.get(listed["releases"][1]["changes"]).status_code == 200
    text = client.get("/releases", headers=PAGE).text
    assert all(release.id in text for release in (old, new, newest))
    assert f'href="/release/{old.id}/"' not in text
    entries = atom(client.get("/releases.atom").data)
    assert [entry["id"] for entry in entries] == [f"{BASE}release/{release.id}" for release in (newest, new)]
    graph = rdflib.Graph().parse(data=client.get("/releases", headers={"Accept": "text/turtle"}).data)
    series = rdflib.URIRef(f"{BASE}catalog#series")
    assert {str(m).rpartition("/")[2] for m in graph.subjects(DCAT.inSeries, series)} == {
        old.id,
        new.id,
        newest.id,
    }
    assert graph.value(series, DCAT.last) == rdflib.URIRef(f"{BASE}release/{newest.id}")
    response = client.get(f"/release/{new.id}/releases")
    assert (response.status_code, response.headers["Location"]) == (303, "/releases")


def test_the_list_is_asked_for_again(client: FlaskClient, folder: Path, old: Release) -> None:
    """Nothing in between keeps it, for it changes with the folder; who has it is told whether it still holds."""
    first = client.get("/releases")
    again = {"If-None-Match": first.headers["ETag"]}
    assert (first.cache_control.private, first.cache_control.no_cache) == (True, True)
    assert client.get("/releases", headers=again).status_code == 304
    (folder / "edition").symlink_to(old.id)
    assert client.get("/releases", headers=again).get_json()["releases"][0]["names"] == ["edition"]


def test_what_changed(client: FlaskClient, folder: Path, old: Release) -> None:
    new, newest = succeed(client, folder, 1), succeed(client, folder, 2)
    text = client.get(f"/release/{newest.id}/changes", headers={**PAGE, "Accept-Language": "de"}).text
    assert re.findall(r"<(ins|del)>.*?(\d)</bdi>", text, re.DOTALL) == [("del", "1"), ("ins", "2")]
    assert "Roter Sand" in text
    assert f'href="/release/{newest.id}/doc/tower/roter-sand' in text
    assert f"{client.get(f'/release/{new.id}/changes', headers=PAGE).text}".count("<ins>") == 1
    assert "No release came before" in client.get(f"/release/{old.id}/changes", headers=PAGE).text


def test_what_changed_as_a_patch(client: FlaskClient, folder: Path, old: Release) -> None:
    new, newest = succeed(client, folder, 1), succeed(client, folder, 2)
    for path, before, after in (
        (f"/release/{newest.id}/changes", new, newest),
        (f"/release/{newest.id}/changes?from={old.id}", old, newest),
        (f"/release/{old.id}/changes?from={newest.id}", newest, old),
        (f"/release/{new.id}/changes?from={new.id}", new, new),
    ):
        response = client.get(path, headers={"Accept": "application/rdf-patch"})
        assert (response.status_code, response.mimetype) == (200, "application/rdf-patch")
        assert response.cache_control.immutable
        written = response.data.splitlines(keepends=True)
        assert written[:2] == [
            f"H id <{BASE}release/{after.id}> .\n".encode(),
            f"H prev <{BASE}release/{before.id}> .\n".encode(),
        ]
        assert list(patch.read(written)) == list(rows(before, after))


def test_changes_that_are_not_known(client: FlaskClient, folder: Path, old: Release) -> None:
    new, newest = succeed(client, folder, 1), succeed(client, folder, 2)
    prune_but(1, folder)
    accept = {"Accept": "application/rdf-patch"}
    assert client.get("/changes", headers=accept).status_code == 200
    assert client.get(f"/changes?from={new.id}", headers=accept).status_code == 200
    assert client.get(f"/changes?from={old.id}", headers=accept).status_code == 404
    assert client.get("/changes?from=0123456789abcdef", headers=accept).status_code == 404
    assert newest.id in client.get("/changes", headers=PAGE).text


def test_changes_are_shown_page_by_page(client: FlaskClient, folder: Path) -> None:
    """What went is shown as it was: by the release that had it."""
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    buoys = [
        ox.Quad(ox.NamedNode(f"{BASE}id/buoy/{number:03}"), label, ox.Literal(f"Buoy {number}"), ox.DefaultGraph())
        for number in range(120)
    ]
    before = build(source(*buoys), folder, silent)
    after = succeed(client, folder)
    found: list[str] = []
    path: str | None = f"/release/{after.id}/changes"
    pages = 0
    while path:
        text = client.get(path, headers=PAGE).text
        found += re.findall(rf'<h2><a href="/release/{before.id}/doc/buoy/(\d+)"><bdi>Buoy', text)
        following = re.search(r'<a rel="next" href="([^"]*)"', text)
        path = unescape(following[1]) if following else None
        pages += 1
    assert found == [f"{number:03}" for number in range(120)]
    assert pages == 3


def test_many_releases_are_asked_for_at_once(client: FlaskClient, folder: Path, old: Release) -> None:
    """One is kept open, and eight clients want four: each gets its own, whole."""
    releases = [old, *(succeed(client, folder, number) for number in range(1, 4))]
    app = client.application
    expected = {r.id: client.get(f"/release/{r.id}/{TOWER}.nt").data for r in releases}
    assert len(set(expected.values())) == 4

    def ask(place: int) -> bool:
        identity = releases[place % 4].id
        one = app.test_client()
        answer = one.get(f"/release/{identity}/{TOWER}.nt?place={place}", buffered=True)
        return bool(answer.status_code == 200 and answer.data == expected[identity])

    with ThreadPoolExecutor(8) as clients:
        assert all(clients.map(ask, range(200)))
    assert len(app.extensions["current"].release_cache._open) == 1
