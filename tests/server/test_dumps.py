"""Downloads: whole, in part, conditional, and with their digests."""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release

DUMP = "/dumps/parkgraph.nq.gz"


def test_the_list(client: FlaskClient, lights: Release) -> None:
    listed = client.get("/dumps/").get_json()
    assert listed["release"] == lights.id
    files = {path.removeprefix("dumps/"): f for path, f in lights.manifest.files.items() if path.startswith("dumps/")}
    assert len(files) > 50
    assert {row["name"]: (row["size"], row["sha256"]) for row in listed["files"]} == {
        name: (file.size, file.sha256) for name, file in files.items()
    }
    page = client.get("/dumps/", headers={"Accept": "text/html"}).text
    assert all(file.sha256 in page and f'href="/dumps/{name}"' in page for name, file in files.items())


def test_a_whole_file(client: FlaskClient, lights: Release) -> None:
    response, file = client.get(DUMP), lights.manifest.files[DUMP[1:]]
    digest = hashlib.sha256(response.data)
    assert response.status_code == 200
    assert int(response.headers["Content-Length"]) == len(response.data) == file.size
    assert digest.hexdigest() == file.sha256
    assert response.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response.headers["ETag"] == f'"{file.sha256}"'
    assert (response.mimetype, response.headers.get("Content-Encoding")) == ("application/gzip", None)
    assert gzip.decompress(response.data).count(b"\n") == lights.manifest.counts.quads
    head = client.head(DUMP)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(file.size))


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=10-", slice(10, None)), ("bytes=-7", slice(-7, None))],
)
def test_a_part(client: FlaskClient, wanted: str, part: slice) -> None:
    whole = client.get(DUMP).data
    response = client.get(DUMP, headers={"Range": wanted})
    start, end, _ = part.indices(len(whole))
    assert (response.status_code, response.data) == (206, whole[part])
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole)}"


def test_a_part_of_something_else(client: FlaskClient) -> None:
    beyond = client.get(DUMP, headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.mimetype) == (416, "application/problem+json")
    assert beyond.headers["Content-Range"].startswith("bytes */")
    changed = client.get(DUMP, headers={"Range": "bytes=0-9", "If-Range": '"another release"'})
    assert changed.status_code == 200


def test_not_again(client: FlaskClient) -> None:
    tag = client.get(DUMP).headers["ETag"]
    assert client.get(DUMP, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["none.gz", "../manifest.json", "%2e%2e/manifest.json", "..%2fstore/CURRENT"])
def test_nothing_else_is_handed_out(client: FlaskClient, name: str) -> None:
    assert client.get(f"/dumps/{name}").status_code == 404
