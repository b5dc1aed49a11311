"""What the cache keeps of answers, how much of it, and that it never gives a wrong one."""

from __future__ import annotations

import tracemalloc
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from server.app import create_app
from server.query.cache import Cache
from server.settings import Settings
from tests.server.conftest import BASE, TERMS, in_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from release.reader import Release

JSON = "application/sparql-results+json"
POINT = f"SELECT ?o {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?o }}"
CHANGING = [
    "SELECT (RAND() AS ?x) {}",
    "SELECT (now() AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    "ASK { FILTER(?x=UUID()) }",
]
LASTING = ["SELECT ('RAND()' AS ?x) {}", "SELECT ?now {} # NOW()", "SELECT (<urn:uuid()> AS ?x) {}"]


def test_the_least_used_goes_first() -> None:
    entry = 800  # bytes, beside the parts; every value may have an eighth of all
    cache = Cache(8 * entry)
    for key in "abcdefgh":
        cache.put(key, key, [key])
    assert cache.get("a") == "a"
    cache.put("i", "i", ["i"])
    assert (cache.get("a"), cache.get("b")) == ("a", None)
    cache.put("a", "A", ["A"])
    assert (cache.get("a"), cache.get("c")) == ("A", "c")
    cache.put("k", "k", ["k" * entry])
    assert cache.get("k") is None
    assert cache.size <= 8 * entry


@pytest.mark.parametrize(("text", "fields"), [(100, 1), (8000, 1), (10, 40)])
def test_the_limit_holds_for_what_entries_really_take(text: int, fields: int) -> None:
    """Keys as large as bodies, and many small header fields, are counted as they are."""
    limit = 1 << 20
    cache = Cache(limit)
    tracemalloc.start()
    for number in range(2500):
        key = ("release", f"{number:0{text}}", "é" * text)
        head = [(f"Field-{field} {number}", f"{field:0{text}} {number}") for field in range(fields)]
        body = b"%0*d" % (text, number)
        cache.put(key, (head, body), chain(key, (body,), head, *head))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert limit // 2 < taken <= limit * 1.1


@pytest.fixture
def fresh(lights: Release) -> Iterator[FlaskClient]:
    """A server that has not kept anything."""
    with in_process(lights.path.parent) as client:
        yield client


def is_kept(response: TestResponse) -> bool:
    return response.headers.get("Server-Timing") == "cache"


def test_a_query_by_post_is_run_once(fresh: FlaskClient) -> None:
    accept = {"Accept": JSON}
    direct: dict[str, Any] = {"data": POINT, "content_type": "application/sparql-query", "headers": accept}
    for method, asked in (("POST", {"data": {"query": POINT}, "headers": accept}), ("POST", direct), ("QUERY", direct)):
        first, again = (fresh.open("/sparql", method=method, **asked) for _ in range(2))
        assert (is_kept(first), is_kept(again)) == (False, True)
        assert again.data == first.data
    others = [
        fresh.post("/sparql", data={"query": POINT, "format": "csv"}),
        fresh.post("/sparql", data={"query": POINT, "default-graph-uri": f"{BASE}x"}, headers=accept),
        fresh.post("/sparql", data={"query": POINT + " "}, headers=accept),
    ]
    assert not any(is_kept(response) for response in others)


def test_a_query_by_get_is_run_once(fresh: FlaskClient) -> None:
    first, again = (fresh.get("/sparql", query_string={"query": POINT}, headers={"Accept": JSON}) for _ in range(2))
    assert (is_kept(first), is_kept(again)) == (False, True)
    assert first.data == again.data == fresh.post("/sparql", data={"query": POINT}, headers={"Accept": JSON}).data


def test_fields_of_any_length_leave_the_cache_within_its_limit(lights: Release) -> None:
    app = create_app(Settings(releases=lights.path.parent, cache_memory=1))
    client, cache = app.test_client(), app.extensions["cache"]
    for number in range(400):
        fields = {"Accept-Encoding": f"x{number}{'y' * 6000}", "Accept": f"text/turtle, x/y{number}{'z' * 6000}"}
        assert client.get("/doc/tower/roter-sand", headers=fields, buffered=True).status_code == 200
        assert cache.size <= 1 << 20
    app.extensions["current"].close()


def test_one_entry_serves_all_who_prefer_the_same_coding(fresh: FlaskClient) -> None:
    for number, field in enumerate(["gzip", "gzip, deflate", "br;q=1.0, gzip;q=0.5"]):
        assert is_kept(fresh.get("/doc/tower/v1.2.ttl", headers={"Accept-Encoding": field})) == (number > 0)


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


YEAR, DAY = "9" * 20, "9" * 5000  # beyond all calendars
NO_DATES = ["no date", "", "Sun, 06 Nov 1994", f"Sun, 06 Nov {YEAR} 08:49:37 GMT", f"Sun, {DAY} Nov 1994 08:49:37 GMT"]


@pytest.mark.parametrize("kept", [False, True])
def test_conditions_hold_for_what_is_kept(fresh: FlaskClient, *, kept: bool) -> None:
    made = fresh.get("/doc/tower/roter-sand")
    address = "/doc/tower/roter-sand" if kept else "/doc/tower/v1.2"
    tag = fresh.get(address, headers={"Host": "elsewhere.example"}).headers["ETag"]
    modified = made.headers["Last-Modified"]
    before, after = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT"
    cases: list[tuple[dict[str, str], int]] = [
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f"W/{tag}"}, 304),
        ({"If-None-Match": f'"x", {tag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": modified}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": before}, 200),
        ({"If-Modified-Since": after}, 200),  # what was given out by a newer release, before the return to this one
        *(({name: date}, 200) for name in ("If-Modified-Since", "If-Unmodified-Since") for date in NO_DATES),
        ({"If-Match": f'"x", {tag}'}, 200),
        ({"If-Match": '"x"'}, 412),
        ({"If-Unmodified-Since": modified}, 200),
        ({"If-Unmodified-Since": before}, 412),
        ({"If-Unmodified-Since": after}, 412),
        ({"If-Match": tag, "If-None-Match": tag}, 304),
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


def test_a_document_has_no_ranges(fresh: FlaskClient) -> None:
    whole = fresh.get("/doc/tower/roter-sand", headers={"Host": "elsewhere.example"})
    for _ in range(2):
        asked = fresh.get("/doc/tower/roter-sand", headers={"Range": "bytes=0-9"})
        assert (asked.status_code, asked.data) == (200, whole.data)


def test_files_of_a_release_are_not_kept(fresh: FlaskClient) -> None:
    release = fresh.get("/health").text.strip()
    for path in ("manifest.json", "SHA256SUMS", "dumps/parkgraph.nq.gz"):
        for _ in range(2):
            assert not is_kept(fresh.get(f"/release/{release}/{path}", headers={"Accept-Encoding": "identity"}))
            part = fresh.get(
                f"/release/{release}/{path}", headers={"Accept-Encoding": "identity", "Range": "bytes=0-9"}
            )
            assert (part.status_code, len(part.data)) == (206, 10)


def test_without_a_cache_all_is_made_anew(lights: Release) -> None:
    app = create_app(Settings(releases=lights.path.parent, cache_memory=0))
    responses = [app.test_client().get("/doc/tower/roter-sand", buffered=True) for _ in range(2)]
    app.extensions["current"].close()
    assert not any(is_kept(response) for response in responses)
