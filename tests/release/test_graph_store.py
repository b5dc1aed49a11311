"""What `load` sends: in go releases, out come the requests that a store receives."""

from __future__ import annotations

import hashlib
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qs, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

import pytest

from core.errors import InputError
from core.named_default_graph import NamedDefaultGraph
from release.build import publish_rdf
from release.graph_store import load
from release.store_account import Account

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
    """Keeps the body of each PUT by the query of its address; asks for a digest if it has nonces, each for two PUTs."""

    graphs: ClassVar[dict[str, bytes]] = {}
    signed: ClassVar[list[str]] = []
    nonces: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._challenge()

    def _challenge(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(401 if self.nonces else 405)
        if self.nonces:
            self.send_header("WWW-Authenticate", f'Digest realm="r", nonce="{self.nonces[0]}", qop="auth,auth-int"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        sent = self.headers.get("Authorization", "")
        if self.nonces and not self._is_right(sent):
            self._challenge()
            return
        self.signed.append(sent)
        self.graphs[urlsplit(self.path).query] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def _is_right(self, sent: str) -> bool:
        """RFC 7616, 3.4, for the name and the password `us:er` and `pass:word`; a nonce that was used twice is old."""
        values = parse_keqv_list(parse_http_list(sent.removeprefix("Digest ")))
        if not sent.startswith("Digest ") or values["nonce"] != self.nonces[0]:
            return False
        secret, what = (
            hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - as the scheme has it
            for text in ("user:r:pass:word", f"PUT:{self.path}")
        )
        text = f"{secret}:{values['nonce']}:{values['nc']}:{values['cnonce']}:auth:{what}"
        if int(values["nc"], 16) == 2 and len(self.nonces) > 1:
            self.nonces.pop(0)
        return values["response"] == hashlib.md5(text.encode()).hexdigest()  # noqa: S324

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def store() -> Iterator[tuple[str, dict[str, bytes]]]:
    """The address of a store, and the graphs that it has been sent."""
    _Store.graphs, _Store.signed, _Store.nonces = {}, [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Store)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/store", _Store.graphs
    server.shutdown()
    server.server_close()
    thread.join()


def silent(_step: str) -> None: ...


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
    assert load(release, url, silent) == 1
    assert graphs["default="] == b"" if "default=" in graphs else graphs["default"] == b""


def test_the_default_graph_goes_under_a_name(tmp_path: Path, store: tuple[str, dict[str, bytes]]) -> None:
    """And what lists the other graphs goes beside it; the store's own default graph is left alone."""
    url, graphs = store
    default = NamedDefaultGraph("http://names.example/merged#all")
    sent = load(published(tmp_path, union=True), url, silent, default_graph=default)
    named = {parse_qs(name)["graph"][0]: body.decode() for name, body in graphs.items()}
    assert [*named] == [default.iri, f"{BASE}g", default.listing]
    assert named[default.listing] == default.listed(f"<{BASE}g>") + "\n"
    assert sent == sum(body.count("\n") for body in named.values()) == 11
    with pytest.raises(InputError, match=r"a graph http://names.example/g of its own"):
        load(published(tmp_path, union=True), url, silent, default_graph=NamedDefaultGraph(f"{BASE}g"))


def test_a_store_that_asks_for_a_digest(tmp_path: Path, store: tuple[str, dict[str, bytes]]) -> None:
    """The password is never sent, and a number that is used up is replaced."""
    url, graphs = store
    _Store.nonces = ["one", "two", "three"]
    release, default = published(tmp_path, union=True), NamedDefaultGraph("urn:merged")
    load(release, url, silent, default_graph=default, account=Account("user", "pass:word"))
    assert len(graphs) == len(_Store.signed) == 3
    assert all(sent.startswith('Digest username="user"') for sent in _Store.signed)
    assert {nonce for nonce in ("one", "two", "three") for sent in _Store.signed if nonce in sent} == {"one", "two"}
    for account in (Account("user", "wrong"), None):
        with pytest.raises(InputError, match=r"does not take the graph: status 401$"):
            load(release, url, silent, account=account)
    with pytest.raises(InputError, match="asks for a digest that is not known here"):
        load(release, url, silent, account=Account("user", "päss:word"))


@pytest.mark.parametrize("of_the_url", [True, False])
def test_a_store_that_asks_for_nothing_or_for_basic(
    tmp_path: Path, store: tuple[str, dict[str, bytes]], *, of_the_url: bool
) -> None:
    url, _ = store
    address = url.replace("http://", "http://us%40er:p%C3%A4ss:word@") if of_the_url else url
    load(
        published(tmp_path, union=True), address, silent, account=None if of_the_url else Account("us@er", "päss:word")
    )
    expected = f"Basic {b64encode('us@er:päss:word'.encode()).decode()}"
    assert _Store.signed == [expected] * 2
