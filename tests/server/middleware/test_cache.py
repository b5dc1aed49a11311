"""What is kept of answers, where, for how long, and that it is never a wrong one."""

from __future__ import annotations

import os
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from server.app import create_app
from server.query import cache
from server.query.disk_cache import IN_MEMORY, Disk, private_folder
from server.query.memory_cache import Memory
from server.settings import Settings
from tests.conftest import PATIENCE
from tests.server.conftest import BASE, TERMS, WholeClient, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from release.reader import Release

JSON = "application/sparql-results+json"
POINT = f"SELECT ?o {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?o }}"
LARGE = "SELECT * {?a ?b ?c. ?d ?e ?f} LIMIT 30000"
CHANGING = [
    "SELECT (RAND() AS ?x) {}",
    "SELECT (now() AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    "ASK { FILTER(?x=UUID()) }",
]
LASTING = ["SELECT ('RAND()' AS ?x) {}", "SELECT ?now {} # NOW()", "SELECT (<urn:uuid()> AS ?x) {}"]


def body(disk: Disk, key: str) -> bytes | None:
    found = disk.get(key)
    if found is None or isinstance(found.body, bytes):
        return found and found.body  # type: ignore[return-value]
    with os.fdopen(found.body, "rb") as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY, IN_MEMORY + 1])
def test_the_disk_gives_what_it_was_given(tmp_path: Path, size: int) -> None:
    disk, other = Disk(tmp_path, 1 << 30), Disk(tmp_path, 1 << 30)
    assert disk.get("aa") is None
    disk.put("aa", {"x": ["é"]}, [b"x" * size], size)
    found = other.get("aa")
    assert found is not None
    assert (found.about, found.size) == ({"x": ["é"]}, size)
    assert isinstance(found.body, bytes) == (size <= IN_MEMORY)
    if isinstance(found.body, int):
        os.close(found.body)
    assert body(other, "aa") == b"x" * size


def test_a_damaged_file_is_not_believed(tmp_path: Path) -> None:
    disk = Disk(tmp_path, 1 << 20)
    disk.put("aa", {"status": "200 OK"}, [b"whole"], 5)
    (path,) = tmp_path.glob("*/*")
    whole = path.read_bytes()
    damaged = [
        whole[:-1],
        whole + b"x",
        whole.replace(b"200", b"201"),
        whole.replace(b"whole", b"other"),
        b"",
        b"[]\n{}\n",
    ]
    for data in damaged:
        path.write_bytes(data)
        assert disk.get("aa") is None
        assert not path.exists()
    path.write_bytes(whole)
    assert body(disk, "aa") == b"whole"


def test_the_disk_stays_within_its_limit_and_keeps_what_is_used(tmp_path: Path) -> None:
    limit, size = 1 << 20, 10_000
    disk = Disk(tmp_path, limit)
    disk.put("used", {}, [b"u" * size], size)
    for number in range(300):
        os.utime(tmp_path / "us" / "used", (10**9 + number, 10**9 + number))
        for path in tmp_path.glob("*/[0-9]*"):  # as if time had passed since the last one
            os.utime(path, (10**9 + number - 1, 10**9 + number - 1))
        disk.put(f"{number:03}", {}, [b"x" * size], size)
        assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= limit
    assert disk.get("used") is not None
    disk.put("large", {}, [b"x" * limit], limit)
    assert disk.get("large") is None


def test_a_disk_that_fails_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    disk = Disk(tmp_path / "file", 1 << 20)
    disk.put("aa", {}, [b"x"], 1)
    assert disk.get("aa") is None


def test_the_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = private_folder(str(tmp_path / "new"))
    assert made is not None
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o770)
    assert private_folder(str(made)) is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert private_folder("") == tmp_path / "parkgraph"


def test_the_memory_gives_up_what_was_used_least() -> None:
    memory: Memory[str] = Memory(80)
    for key in "abcdefgh":
        memory.put(key, key, 10)
    assert memory.get("a") == "a"
    memory.put("i", "i", 10)
    assert (memory.get("a"), memory.get("b")) == ("a", None)
    memory.put("a", "A", 5)
    memory.put("j", "j", 5)
    assert (memory.get("a"), memory.get("c")) == ("A", "c")
    memory.put("k", "k", 11)
    assert memory.get("k") is None


@pytest.fixture
def fresh(lights: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A server that has not kept anything, and takes everything for worth a file."""
    monkeypatch.setattr(cache, "WORTH", 0.0)
    app = create_app(Settings(releases=lights.path.parent, cache_folder=str(tmp_path)))
    app.test_client_class = WholeClient
    yield app.test_client()
    app.extensions["current"].close()


def is_kept(response: TestResponse) -> bool:
    return response.headers.get("Server-Timing") == "cache"


def test_a_query_is_run_once_whichever_way_it_comes(fresh: FlaskClient) -> None:
    accept = {"Accept": JSON}
    first = fresh.post("/sparql", data={"query": POINT}, headers=accept)
    again = [
        fresh.get("/sparql", query_string={"query": POINT}, headers=accept),
        fresh.get("/sparql", query_string={"query": POINT}, headers=accept),
        fresh.get("/sparql", query_string={"query": POINT, "timeout": "1"}, headers=accept),
        fresh.post("/sparql", data=POINT, content_type="application/sparql-query", headers=accept),
        fresh.open("/sparql", method="QUERY", data=POINT, content_type="application/sparql-query", headers=accept),
    ]
    assert not is_kept(first)
    assert all(is_kept(response) for response in again)
    assert {response.data for response in again} == {first.data}
    others = [
        fresh.post("/sparql", data={"query": POINT, "format": "csv"}),
        fresh.post("/sparql", data={"query": POINT, "default-graph-uri": f"{BASE}x"}, headers=accept),
        fresh.post("/sparql", data={"query": POINT + " "}, headers=accept),
    ]
    assert not any(is_kept(response) for response in others)


def test_documents_are_made_once_for_each_representation(fresh: FlaskClient) -> None:
    variants = [{"Accept": "text/turtle"}, {"Accept": "text/html"}, {"Accept": "text/html", "Accept-Language": "de"}]
    first = [fresh.get("/doc/tower/roter-sand", headers=variant) for variant in variants]
    assert len({response.data for response in first}) == 3
    for variant, made in zip(variants, first, strict=True):
        kept = fresh.get("/doc/tower/roter-sand", headers=variant)
        assert (is_kept(made), is_kept(kept)) == (False, True)
        assert kept.data == made.data
        same = {name: made.headers[name] for name in ("ETag", "Content-Type", "Vary", "Last-Modified", "Cache-Control")}
        assert same == {name: kept.headers[name] for name in same}
        assert ", ".join(made.headers.getlist("Link")) == kept.headers["Link"]
        head = fresh.head("/doc/tower/roter-sand", headers=variant)
        assert (head.data, head.headers["Content-Length"]) == (b"", str(len(made.data)))


def test_another_host_gets_its_own(fresh: FlaskClient) -> None:
    fresh.get("/doc/tower/roter-sand")
    assert not is_kept(fresh.get("/doc/tower/roter-sand", headers={"Host": "elsewhere.example"}))


@pytest.mark.parametrize("kept", [False, True])
def test_conditions_hold_for_what_is_kept(fresh: FlaskClient, *, kept: bool) -> None:
    made = fresh.get("/doc/tower/roter-sand")
    address = "/doc/tower/roter-sand" if kept else "/doc/tower/v1.2"
    tag = made.headers["ETag"] if kept else fresh.get(address, headers={"Range": "bytes=0-"}).headers["ETag"]
    modified = made.headers["Last-Modified"]
    before = "Sun, 06 Nov 1994 08:49:37 GMT"
    cases: list[tuple[dict[str, str], int]] = [
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f"W/{tag}"}, 304),
        ({"If-None-Match": f'"x", {tag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": modified}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": before}, 200),
        ({"If-Modified-Since": "no date"}, 200),
    ]
    for headers, status in cases:
        response = fresh.get(address, headers=headers)
        assert (headers, response.status_code) == (headers, status)
        if status == 304:
            assert not response.data
            assert (response.headers["ETag"], "Vary" in response.headers) == (tag, True)
            assert not {"Content-Type", "Content-Length"} & set(response.headers.keys())


@pytest.mark.parametrize("query", CHANGING)
def test_what_changes_is_not_kept(fresh: FlaskClient, query: str) -> None:
    responses = [fresh.get("/sparql", query_string={"query": query, "format": "json"}) for _ in range(2)]
    responses += [fresh.post("/sparql", data={"query": query, "format": "json"}) for _ in range(2)]
    for response in responses:
        assert response.status_code == 200
        assert not is_kept(response)
        assert "no-store" in response.headers["Cache-Control"]
        assert "ETag" not in response.headers


@pytest.mark.parametrize("query", LASTING)
def test_words_that_call_nothing_do_not_matter(fresh: FlaskClient, query: str) -> None:
    first, second = (fresh.get("/sparql", query_string={"query": query, "format": "json"}) for _ in range(2))
    assert (is_kept(first), is_kept(second)) == (False, True)


def test_failures_are_not_kept(fresh: FlaskClient) -> None:
    for address in ("/doc/none", "/sparql?query=ASK", "/sparql?query=ASK{}&format=none"):
        before = fresh.get(address)
        assert before.status_code in {400, 404, 406}
        assert not is_kept(fresh.get(address))


def test_a_range_is_no_answer_to_keep(fresh: FlaskClient) -> None:
    for _ in range(2):
        assert not is_kept(fresh.get("/doc/tower/roter-sand", headers={"Range": "bytes=0-9"}))


def test_large_results_are_kept_on_disk(fresh: FlaskClient) -> None:
    first, second = (fresh.post("/sparql", data={"query": LARGE, "format": "csv"}) for _ in range(2))
    assert len(first.data) > IN_MEMORY
    assert (is_kept(first), is_kept(second)) == (False, True)
    assert first.data == second.data


def test_the_disk_outlives_the_server(lights: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "WORTH", 0.0)
    settings = Settings(releases=lights.path.parent, cache_folder=str(tmp_path))
    requests: list[dict[str, Any]] = [
        {"path": "/doc/tower/roter-sand", "headers": {"Accept": "text/turtle", "Accept-Encoding": "gzip"}},
        {"path": "/sparql", "query_string": {"query": POINT}, "headers": {"Accept": JSON}},
    ]
    seen = []
    for given in (settings, settings, replace(settings, cache_disk=0)):
        app = create_app(given)
        seen.append([app.test_client().get(buffered=True, **request) for request in requests])
        app.extensions["current"].close()
    assert [[is_kept(response) for response in responses] for responses in seen] == [
        [False, False],
        [True, True],
        [False, False],
    ]
    assert [response.data for response in seen[0]] == [response.data for response in seen[1]]


def test_without_a_cache_all_is_made_anew(lights: Release) -> None:
    app = create_app(Settings(releases=lights.path.parent, cache_memory=0, cache_disk=0))
    responses = [app.test_client().get("/doc/tower/roter-sand", buffered=True) for _ in range(2)]
    app.extensions["current"].close()
    assert not any(is_kept(response) for response in responses)


def test_web_processes_share_what_is_on_disk(lights: Release, tmp_path: Path) -> None:
    """Each process is asked until all have answered; the query takes long enough to be worth a file."""
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?a) > STR(?f)) }"
    with serving(lights.path.parent, cache_memory=0, cache_folder=tmp_path, workers=2) as service:
        address = f"{service.url}/sparql?{urllib.parse.urlencode({'query': query, 'format': 'json'})}"

        def ask(_: int) -> str:
            with urllib.request.urlopen(address, timeout=PATIENCE) as response:
                return str(response.headers["Server-Timing"])

        assert ask(0).startswith("wait;")
        with ThreadPoolExecutor(20) as clients:
            assert set(clients.map(ask, range(20))) == {"cache"}
