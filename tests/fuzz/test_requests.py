"""Requests of any kind to the application: each has an answer, a problem where it is refused, and no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from tests.server.conftest import BASE

if TYPE_CHECKING:
    from collections import Counter

    from flask.testing import FlaskClient

STATED = {503, 504, 507}
PARTS = [
    *"/.,;:=&?%+*-_~!'\"\\<>()[]{}|^`@#$ \t\u00e9\u96ea\U0001f600\x00",
    "a", "0", "id", "doc", "tower", "roter-sand", "v1.2", "release", "dumps", "latest", "html", "ttl", "csv", "json",
    "bytes=", "0-0", "1-", "-1", "lines=", "W/", '"x"', "q=", "q=0", "q=1.5", "text/html", "text/turtle", "*/*", "gzip",
    "zstd", "identity", "br", "en", "de-CH", "zh-Hant", "utf-8", "for=", "proto=https", "http://", BASE, "%00", "%ff",
    "%2F", "..", "//", "Sat, 28 Nov 2026 21:00:00 GMT", "9" * 30, "SELECT * { ?s ?p ?o }", "ASK {}", "RAND()",
    "SERVICE <x> {}", "DESCRIBE <x>",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=5), max_size=12).map("".join)
PATHS = st.sampled_from([
    "/", "/id/", "/doc/", "/doc", "/doc.ttl", "/doc.", "/linkset", "/list", "/search", "/network", "/query", "/query/",
    "/queries", "/openapi.json", "/sparql", "/store", "/dumps/", "/dumps", "/dumps/latest/", "/catalog", "/ontology",
    "/ontology/", "/releases", "/release/", "/changes", "/robots.txt", "/sitemap.xml", "/feed.xml", "/static/",
    "/manifest.json", "/SHA256SUMS", "/health", "/opensearch.xml", "/doc/tower/roter-sand", "/id/tower/roter-sand",
    "/timemap", "/history", "/history.",
])  # fmt: skip
NAMES = st.sampled_from([
    "q", "query", "class", "concept", "after", "from", "to", "kind", "limit", "format", "lang", "iri", "graph",
    "uri", "page", "before",
    "default", "timeout", "default-graph-uri", "named-graph-uri", "update", "tower", "height", "",
]) | TEXTS  # fmt: skip
HEADERS = st.sampled_from([
    "Accept-Datetime",
    "Accept", "Accept-Language", "Accept-Encoding", "Accept-Charset", "Range", "If-Range", "If-Match", "If-None-Match",
    "If-Modified-Since", "If-Unmodified-Since", "Content-Type", "Content-Encoding", "Cookie", "Host", "Forwarded",
    "X-Forwarded-For", "X-Forwarded-Proto", "Prefer", "Cache-Control", "Origin", "TE", "Expect", "Authorization",
])  # fmt: skip
FIELDS = TEXTS.map(lambda text: "".join(c for c in text if c >= " " and c != "\x7f").encode().decode("latin-1").strip())
METHODS = st.sampled_from(
    ["GET", "GET", "GET", "HEAD", "POST", "QUERY", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "x"]
)


@given(
    method=METHODS,
    path=PATHS,
    rest=TEXTS | st.just(""),
    parameters=st.lists(st.tuples(NAMES, TEXTS), max_size=4),
    headers=st.lists(st.tuples(HEADERS, FIELDS), max_size=4),
    body=st.none() | TEXTS.map(str.encode) | st.binary(max_size=50),
    is_encoded=st.booleans(),
)
def test_any_request(
    client: FlaskClient,
    statuses: Counter[int],
    method: str,
    path: str,
    rest: str,
    parameters: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    body: bytes | None,
    is_encoded: bool,  # noqa: FBT001
) -> None:
    safe = "" if is_encoded else "/%=&+;,:@!$'()*~"
    query = "&".join(f"{quote(name, safe=safe)}={quote(value, safe=safe)}" for name, value in parameters)
    address = path + quote(rest, safe=safe)
    response = client.open(address, method=method, query_string=query, headers=headers, data=body)
    statuses[response.status_code] += 1
    assert response.status_code < 500 or response.status_code in STATED, response.text
    if response.status_code >= 400 and method != "HEAD" and response.mimetype != "text/html":
        assert response.mimetype == "application/problem+json"
        problem = response.get_json()
        assert problem["status"] == response.status_code
        assert problem["detail"]
    if 300 <= response.status_code < 400 and response.status_code != 304:
        assert response.headers["Location"]
