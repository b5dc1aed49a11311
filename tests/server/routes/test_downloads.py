"""Downloads: whole, in part, conditional, with their digests, and under an address that never changes."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import html
import io
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from release.dumps.index import DumpContent, DumpIndex
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release
    from tests.server.conftest import Service

pytestmark = pytest.mark.quick

NAME = "dumps/parkgraph.nq.gz"
GRAPH = "http://lights.example/id/graph/survey"


@pytest.fixture(scope="session")
def dump(lights: Release) -> str:
    """The address of one download that never changes."""
    return f"/release/{lights.id}/{NAME}"


def test_the_list(client: FlaskClient, lights: Release) -> None:
    listed = client.get("/dumps/").get_json()
    assert listed["release"] == lights.id
    files = {path.removeprefix("dumps/"): f for path, f in lights.manifest.files.items() if path.startswith("dumps/")}
    assert len(files) > 15
    assert {row["name"]: (row["size"], row["sha256"]) for row in listed["files"]} == {
        name: (file.size, file.sha256) for name, file in files.items()
    }
    assert listed["classes"].keys() == lights.manifest.counts.classes.keys()
    page = client.get("/dumps/", headers={"Accept": "text/html"}).text
    assert all(file.sha256 in page and f"/dumps/{name}" in page for name, file in files.items())


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_the_page_says_which_file_is_for_whom(client: FlaskClient, lights: Release, language: str) -> None:
    page = client.get(f"/dumps/?lang={language}", headers={"Accept": "text/html"}).text
    for word in ("Excel", "DuckDB", "Python", "JavaScript", "grep", "Turtle", "N-Quads", "Parquet"):
        assert word in page
    links = set(re.findall(rf'href="(/release/{lights.id}/dumps/[^"]+)" download', page))
    assert len(links) > 15
    for address in sorted(links):
        assert client.head(address).status_code == 200, address


def test_classes_of_the_vocabulary_stand_apart(client: FlaskClient) -> None:
    page = client.get("/dumps/?lang=en", headers={"Accept": "text/html"}).text
    data, _, rest = page.partition("classes of terms of the vocabulary</summary>")
    vocabulary = rest.partition("</details>")[0]
    assert "lighthouse</bdi></a></th>" in data
    assert "lighthouse" not in vocabulary
    assert "datatype property</bdi></a></th>" in vocabulary
    assert "datatype property</bdi></a></th>" not in data


@pytest.mark.parametrize("path", [NAME, "dumps/latest/parkgraph.nq.gz", "SHA256SUMS", "manifest.json"])
def test_what_is_current_leads_to_the_releases_own_address(client: FlaskClient, lights: Release, path: str) -> None:
    moved = client.get(f"/{path}")
    assert moved.status_code == 307
    assert moved.headers["Location"] == f"/release/{lights.id}/{path.replace('latest/', '')}"
    assert "no-cache" in moved.headers["Cache-Control"]
    assert client.get(moved.headers["Location"]).status_code == 200
    assert client.get(f"/{path}x").status_code == 404


def test_a_whole_file(client: FlaskClient, lights: Release, dump: str) -> None:
    response, file = client.get(dump), lights.manifest.files[NAME]
    digest = hashlib.sha256(response.data)
    assert response.status_code == 200
    assert int(response.headers["Content-Length"]) == len(response.data) == file.size
    assert digest.hexdigest() == file.sha256
    assert response.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response.headers["ETag"] == f'"{file.sha256}"'
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.last_modified is not None
    assert (response.mimetype, response.headers.get("Content-Encoding")) == ("application/gzip", None)
    assert gzip.decompress(response.data).count(b"\n") == lights.manifest.counts.quads
    head = client.head(dump)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(file.size))


FILES = [NAME, "manifest.json", "SHA256SUMS"]
HUGE = "9" * 400


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=0-0", slice(0, 1)),
        ("bytes=10-", slice(10, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=0-", slice(None)),
        ("Bytes=3-5", slice(3, 6)),
        ("bytes= 3-5 ", slice(3, 6)),
        (f"bytes=5-{HUGE}", slice(5, None)),
        (f"bytes=-{HUGE}", slice(None)),
        ("bytes=0005-0006", slice(5, 7)),
    ],
)
def test_a_part(client: FlaskClient, lights: Release, path: str, wanted: str, part: slice) -> None:
    whole = (lights.path / path).read_bytes()
    response = client.get(f"/release/{lights.id}/{path}", headers={"Range": wanted})
    start, end, _ = part.indices(len(whole))
    assert (response.status_code, response.data) == (206, whole[part])
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    assert int(response.headers["Content-Length"]) == end - start


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-0,2-3",
        "bytes=0-0, -1",
        "bytes=" + ",".join(["0-"] * 200),
        "bytes=" + ",".join(f"{n}-{n + 1}" for n in range(500)),
        "lines=1-2",
        "bytes=5-1",
        "bytes=5-1,0-1",
        "bytes=",
        "bytes=-",
        "bytes",
        "bytes=--5",
        "bytes=1-2-3",
        "bytes=x-y",
        "bytes=0x1-0x2",
        "bytes=+1-2",
        "bytes=1 - 2",
        "bytes=\u0661-\u0662".encode().decode("latin-1"),
        f"bytes=0-{'9' * 5_000}",
        "0-9",
        " ",
    ],
)
def test_the_whole_for_what_is_no_single_range(client: FlaskClient, lights: Release, path: str, wanted: str) -> None:
    response = client.get(f"/release/{lights.id}/{path}", headers={"Range": wanted})
    assert (response.status_code, response.data) == (200, (lights.path / path).read_bytes())
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=99999999-99999999", "bytes=-0", f"bytes={HUGE}-"])
def test_a_part_that_is_not_there(client: FlaskClient, lights: Release, path: str, wanted: str) -> None:
    response = client.get(f"/release/{lights.id}/{path}", headers={"Range": wanted})
    assert (response.status_code, response.mimetype) == (416, "application/problem+json")
    assert response.headers["Content-Range"] == f"bytes */{(lights.path / path).stat().st_size}"
    head = client.head(f"/release/{lights.id}/{path}", headers={"Range": wanted})
    assert head.status_code == 200  # ranges are for GET alone


def test_a_part_of_what_a_client_has_already(client: FlaskClient, dump: str) -> None:
    whole = client.get(dump)
    tag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
    before, after = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT"
    same, beyond = {tag: 206, modified: 206}, f"Sun, 06 Nov {'9' * 20} 08:49:37 GMT"
    other = dict.fromkeys(['"another release"', f"W/{tag}", tag.strip('"'), before, after, "x", beyond], 200)
    for validator, status in (same | other).items():
        response = client.get(dump, headers={"Range": "bytes=0-9", "If-Range": validator})
        assert (validator, response.status_code) == (validator, status)
    assert client.get(dump, headers={"Range": "bytes=99999999-", "If-Range": '"x"'}).status_code == 200
    assert client.get(dump, headers={"Range": "bytes=0-9", "If-None-Match": tag}).status_code == 304
    assert client.get(dump, headers={"Range": "bytes=0-9", "If-Match": '"x"'}).status_code == 412


@pytest.mark.parametrize("path", [*FILES, "dumps/tables/Lighthouse.csv"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_conditions_of_files(client: FlaskClient, lights: Release, path: str, coding: str) -> None:
    """Dates count only where they are the one that was given out: this may be an older release again."""
    address, accepts = f"/release/{lights.id}/{path}", {"Accept-Encoding": coding}
    whole = client.get(address, headers=accepts)
    tag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
    before, after = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT"
    cases = [
        ("If-None-Match", tag, 304),
        ("If-None-Match", '"x"', 200),
        ("If-Match", tag, 200),
        ("If-Match", '"x"', 412),
        ("If-Modified-Since", modified, 304),
        ("If-Modified-Since", before, 200),
        ("If-Modified-Since", after, 200),
        ("If-Unmodified-Since", modified, 200),
        ("If-Unmodified-Since", before, 412),
        ("If-Unmodified-Since", after, 412),
    ]
    for name, value, status in cases:
        response = client.get(address, headers={**accepts, name: value})
        assert (name, value, response.status_code) == (name, value, status)
        assert response.data == (whole.data if status == 200 else b"") or status == 412


def test_not_again(client: FlaskClient, dump: str) -> None:
    tag = client.get(dump).headers["ETag"]
    assert client.get(dump, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["none.gz", "../manifest.json", "%2e%2e/manifest.json", "..%2fstore/CURRENT"])
def test_nothing_else_is_handed_out(client: FlaskClient, lights: Release, name: str) -> None:
    assert client.get(f"/dumps/{name}").status_code == 404
    assert client.get(f"/release/{lights.id}/dumps/{name}").status_code == 404


def test_a_cut_download_is_resumed(service: Service, lights: Release, dump: str, tmp_path: Path) -> None:
    whole = (lights.path / NAME).read_bytes()
    target = tmp_path / "dump.nq.gz"
    cuts = [0, 1, 2, *(len(whole) * tenth // 10 for tenth in range(2, 8)), len(whole) - 1]
    assert len(set(cuts)) == 10
    for cut in cuts:
        target.write_bytes(whole[:cut])
        address = f"{service.url}{dump}"
        subprocess.run(["curl", "-sS", "-f", "-L", "-C", "-", "-o", target, address], check=True, timeout=30)
        assert target.read_bytes() == whole


def test_a_table_comes_without_its_compression(client: FlaskClient, lights: Release) -> None:
    path = "dumps/tables/Lighthouse.csv"
    packed = (lights.path / f"{path}.gz").read_bytes()
    coded = client.get(f"/release/{lights.id}/{path}", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"/release/{lights.id}/{path}", headers={"Accept-Encoding": "identity"})
    assert coded.data == packed
    assert (coded.headers["Content-Encoding"], coded.mimetype) == ("gzip", "text/csv")
    assert plain.data == gzip.decompress(packed)
    assert int(plain.headers["Content-Length"]) == len(plain.data)
    assert "Content-Encoding" not in plain.headers
    assert coded.headers["ETag"] != plain.headers["ETag"]
    for response in (coded, plain):
        assert "Accept-Encoding" in response.headers["Vary"]
        assert 'rel="describedby"' in ", ".join(response.headers.getlist("Link"))
    rows = list(csv.DictReader(io.StringIO(plain.data.decode("utf-8-sig"))))
    assert len(rows) == lights.manifest.counts.classes["http://lights.example/terms#Lighthouse"]


def test_the_page_has_lines_that_ask_the_table_of_quads(service: Service, lights: Release) -> None:
    wanted = urllib.request.Request(f"{service.url}/dumps/", headers={"Accept": "text/html"})
    with urllib.request.urlopen(wanted, timeout=PATIENCE) as answer:
        page = html.unescape(answer.read().decode())
    (query,) = re.findall(r"-- DuckDB\n(.+)\n", page)
    (expression,) = re.findall(r"# Polars\n(.+)\n", page)
    address = f"{service.url}/release/{lights.id}/dumps/quads.parquet"
    assert address in query
    assert address in expression
    path = str(lights.path / "dumps/quads.parquet")
    found = duckdb.execute(query.replace(address, path)).fetchall()  # its extension for HTTP is a download of its own
    assert dict(found) == lights.manifest.counts.properties
    frame = eval(expression, {"pl": pl})  # noqa: S307 - from our own page
    assert dict(frame.rows()) == lights.manifest.counts.properties


def test_the_page_leads_to_one_named_graph(client: FlaskClient, lights: Release) -> None:
    page = client.get("/dumps/", headers={"Accept": "text/html"}).text
    (form,) = re.findall(r'<form class="graph" action="([^"]+)">.*?</form>', page)
    response = client.get(f"{form}?graph={GRAPH}&format=nt")
    assert (form, response.status_code) == ("/store", 200)
    assert len(response.data.splitlines()) == lights.manifest.counts.graphs[GRAPH]


def test_every_file_is_offered_as_the_index_tells(client: FlaskClient, lights: Release) -> None:
    index = DumpIndex.read(lights.path)
    assert {dump.content for dump in index.dumps} == set(DumpContent)
    for dump in index.dumps:
        response = client.head(f"/release/{lights.id}/dumps/{dump.path}")
        assert response.status_code == 200, dump.path
        assert int(response.headers["Content-Length"]) == lights.manifest.files[f"dumps/{dump.path}"].size


def test_the_commands_for_oxigraph_load_the_release(service: Service, lights: Release, tmp_path: Path) -> None:
    with urllib.request.urlopen(
        urllib.request.Request(f"{service.url}/dumps/", headers={"Accept": "text/html"})
    ) as read:
        page = read.read().decode()
    _, _, text = page.partition("<figcaption>Oxigraph</figcaption>")
    get, load, serve = html.unescape(text.partition("<code>")[2].partition("</code>")[0]).strip().splitlines()
    program = Path(sys.executable).parent / "oxigraph"
    for command in (get, load):
        run = command.replace("oxigraph", str(program), 1) if command.startswith("oxigraph") else command
        subprocess.run(shlex.split(run), check=True, cwd=tmp_path, capture_output=True, timeout=PATIENCE)
    assert serve == "oxigraph serve --location store"
    dumped = subprocess.run(
        [program, "dump", "--location", "store", "--format", "nq"],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert dumped.stdout.count(b"\n") == lights.manifest.stored.quads
