"""Content codings: which is chosen, what is coded, and that a coded answer is a representation of its own."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
import zstandard

from server.semantics.coding import ContentCoding, choose, encode, is_text

if TYPE_CHECKING:
    from flask.testing import FlaskClient

DOCUMENT = "/doc/tower/v1.2.ttl"  # larger than a packet
SMALL = "/sparql?query=ASK%7B%7D"
LARGE = "/sparql?query=SELECT+*+{?a+?b+?c.?d+?e+?f}LIMIT+6000&format=csv"  # a file

CHOICES: list[tuple[str | None, ContentCoding]] = [
    (None, ContentCoding(None)),
    ("", ContentCoding(None)),
    ("gzip", ContentCoding("gzip")),
    ("GZip", ContentCoding("gzip")),
    ("x-gzip", ContentCoding("gzip")),
    ("zstd", ContentCoding("zstd")),
    ("gzip, zstd", ContentCoding("zstd")),
    ("gzip, deflate, br, zstd", ContentCoding("zstd")),
    ("gzip;q=0.9, zstd;q=0.5", ContentCoding("gzip")),
    ("gzip ; q=0.9 , zstd ; Q=0.5", ContentCoding("gzip")),
    ("gzip;q=0", ContentCoding(None)),
    ("gzip;q=0.000, zstd", ContentCoding("zstd")),
    ("br", ContentCoding(None)),
    ("*", ContentCoding("zstd")),
    ("*;q=0", ContentCoding(None)),
    ("zstd;q=0, *", ContentCoding("gzip")),
    ("gzip, *;q=0", ContentCoding("gzip", is_needed=True)),
    ("identity", ContentCoding(None)),
    ("identity;q=0", ContentCoding(None)),  # nothing else is named: what is there is sent
    ("identity;q=0, gzip;q=0.1", ContentCoding("gzip", is_needed=True)),
    ("identity, gzip;q=0.5", ContentCoding(None)),
    ("identity;q=0.5, gzip;q=0.5", ContentCoding("gzip")),
    ("gzip;q=2", ContentCoding(None)),  # no quality: the element does not count, as in the other fields
    (",,;=", ContentCoding(None)),
]


@pytest.mark.parametrize(("field", "choice"), CHOICES, ids=str)
def test_which_coding_is_preferred(field: str | None, choice: ContentCoding) -> None:
    assert choose(field) == choice


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/turtle; charset=utf-8", True),
        ("application/ld+json", True),
        ("application/rdf+xml", True),
        ("application/n-quads", True),
        ("image/svg+xml", True),
        ("Application/JSON", True),
        ("application/gzip", False),
        ("application/zstd", False),
        ("application/octet-stream", False),
        ("image/png", False),
        ("font/woff2", False),
        ("", False),
    ],
)
def test_what_is_text(content_type: str, *, expected: bool) -> None:
    assert is_text(content_type) is expected


def decoded(coding: str, data: bytes) -> bytes:
    return gzip.decompress(data) if coding == "gzip" else zstandard.ZstdDecompressor().decompressobj().decompress(data)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_coded_and_back(coding: str) -> None:
    pieces = [b"abc" * 1000, b"", b"def" * 100_000]
    once, twice = (b"".join(encode(coding, pieces)) for _ in range(2))
    assert decoded(coding, once) == b"".join(pieces)
    assert once == twice


@pytest.mark.parametrize("address", [DOCUMENT, LARGE])
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_coded_answer_says_so(client: FlaskClient, coding: str, address: str) -> None:
    plain = client.get(address)
    assert "Content-Encoding" not in plain.headers
    for _ in range(2):  # made, and kept
        coded = client.get(address, headers={"Accept-Encoding": coding})
        assert coded.headers["Content-Encoding"] == coding
        assert decoded(coding, coded.data) == plain.data
        assert int(coded.headers["Content-Length"]) == len(coded.data) < len(plain.data) / 2
        assert coded.headers["ETag"] == f'{plain.headers["ETag"][:-1]}-{coding}"'
        assert "Accept-Encoding" in coded.headers["Vary"]
        head = client.head(address, headers={"Accept-Encoding": coding})
        assert not head.data
        for name in ("Content-Length", "ETag", "Content-Encoding"):
            assert head.headers[name] == coded.headers[name]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_each_coding_has_its_own_304(client: FlaskClient) -> None:
    """Whether the answer is kept already or not."""
    for address in (DOCUMENT, "/doc/tower/v1.2.nt"):
        plain, tags = client.get(address).headers["ETag"], {}
        for coding in ("gzip", "zstd"):
            tags[coding] = f'{plain[:-1]}-{coding}"'
            for _ in range(2):
                headers = {"Accept-Encoding": coding, "If-None-Match": f'"other", {tags[coding]}'}
                response = client.get(address, headers=headers)
                assert (response.status_code, response.data) == (304, b"")
                assert response.headers["ETag"] == tags[coding]
                assert "Accept-Encoding" in response.headers["Vary"]
                assert not {"Content-Encoding", "Content-Type"} & set(response.headers.keys())
                client.get(address, headers={"Accept-Encoding": coding})
        assert client.get(address, headers={"If-None-Match": tags["gzip"]}).status_code == 200
        headers = {"If-None-Match": tags["gzip"], "Accept-Encoding": "zstd"}
        assert client.get(address, headers=headers).status_code == 200


def test_what_is_not_coded(client: FlaskClient) -> None:
    accepts = {"Accept-Encoding": "gzip"}
    assert "Content-Encoding" not in client.get(SMALL, headers=accepts).headers
    forced = client.get(SMALL, headers={"Accept-Encoding": "gzip, identity;q=0"})
    assert b"true" in decoded("gzip", forced.data)
    names = [file["name"] for file in client.get("/dumps/", headers={"Accept": "application/json"}).get_json()["files"]]
    dumps = [f"/dumps/{name}" for name in names if name.endswith(".nq.gz")]
    assert dumps
    for address in dumps:
        response = client.get(address, headers=accepts, follow_redirects=True)
        assert (response.status_code, response.mimetype) == (200, "application/gzip")
        assert "Content-Encoding" not in response.headers
    part = client.get(dumps[0], headers={**accepts, "Range": "bytes=0-9"}, follow_redirects=True)
    assert (part.status_code, len(part.data)) == (206, 10)


def test_posted_queries_and_problems_are_coded(client: FlaskClient) -> None:
    query = {"query": "SELECT * { ?s ?p ?o } LIMIT 100", "format": "json"}
    plain = client.post("/sparql", data=query)
    coded = client.post("/sparql", data=query, headers={"Accept-Encoding": "zstd"})
    assert decoded("zstd", coded.data) == plain.data
    problem = client.get("/doc/none", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert problem.status_code == 404
    assert b"</html>" in decoded("gzip", problem.data)
