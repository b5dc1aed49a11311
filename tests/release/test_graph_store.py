"""What `load` sends: in go releases, out come the requests that a store receives."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from release.build import publish_rdf
from release.graph_store import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from release.reader import Release

BASE = "http://names.example/"
DATA = """
@prefix : <http://names.example/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :p 1, 01, "1"^^xsd:int, "-0.0"^^xsd:double .
:g { :a :p 1, 01.50 . :b :q "x\\ny" }
_:h { :c :p 2 }
"""


class _Store(BaseHTTPRequestHandler):
    """Keeps the body of each PUT by the query of its address."""

    graphs: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        self.graphs[urlsplit(self.path).query] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def store() -> Iterator[tuple[str, dict[str, bytes]]]:
    """The address of a store, and the graphs that it has been sent."""
    _Store.graphs = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Store)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/store", _Store.graphs
    server.shutdown()
    server.server_close()
    thread.join()


def published(folder: Path, *, union: bool) -> Release:
    (folder / "data.trig").write_text(DATA, encoding="utf-8")
    return publish_rdf([folder / "data.trig"], folder / "releases", base=BASE, union=union).release


@pytest.mark.parametrize("union", [True, False])
def test_each_term_is_sent_as_it_was_published(
    tmp_path: Path, store: tuple[str, dict[str, bytes]], *, union: bool
) -> None:
    url, graphs = store
    release, steps = published(tmp_path, union=union), list[str]()
    sent = load(release, url, steps.append)
    named = {parse_qs(name).get("graph", [None])[0]: body for name, body in graphs.items()}
    assert named.keys() == {None, f"{BASE}g"}  # nor the catalog, nor the graph that a blank node names
    expected: dict[str | None, list[bytes]] = {None: [], f"{BASE}g": []}
    for line in release.lines():
        text = line.decode()
        if text.endswith(f" <{BASE}g> .\n"):
            expected[f"{BASE}g"].append(text.removesuffix(f"<{BASE}g> .\n").encode() + b".\n")
        elif "_:" not in text:
            expected[None].append(line)
    assert named == {name: b"".join(lines) for name, lines in expected.items()}
    assert sent == sum(map(len, expected.values())) == (10 if union else 7)
    assert b'"01"^^<http://www.w3.org/2001/XMLSchema#integer>' in named[None]
    assert any("blank node" in step for step in steps)


def test_an_empty_default_graph_is_replaced_too(tmp_path: Path, store: tuple[str, dict[str, bytes]]) -> None:
    url, graphs = store
    (tmp_path / "g.trig").write_text("<urn:g> { <urn:a> <urn:b> 1 }", encoding="utf-8")
    release = publish_rdf([tmp_path / "g.trig"], tmp_path / "releases", base=BASE, union=False).release
    assert load(release, url, lambda _step: None) == 1
    assert graphs["default="] == b"" if "default=" in graphs else graphs["default"] == b""
