"""The nginx configuration that is shipped, in a real nginx in front of a real server."""

from __future__ import annotations

import http.client
import ipaddress
import json
import select
import shutil
import socket
import ssl
import string
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
import pytest

from release.writer import build
from tests.conftest import PATIENCE, ROOT, running, wait_until
from tests.server.conftest import BASE, QUERY_SECONDS, TERMS, Service, serving, silent, source
from tests.server.engines import Misbehaving, Tls, free_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NGINX = "/usr/sbin:/usr/bin:/sbin:/bin"
CONFIGURATION = ROOT / "deploy" / "nginx.conf"
POINT = f"SELECT ?o {{ <{BASE}id/tower/roter-sand> <{TERMS}height> ?o }}"
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
DOCUMENT = "/doc/tower/roter-sand"
ADDRESSES = (str(address) for address in ipaddress.ip_network("127.1.0.0/16").hosts())
NOT_COMPARED = {"date", "server", "connection", "content-length", "x-accel-redirect", "accept-ranges"}
MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; default_type application/octet-stream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/parkgraph.conf;
}}
"""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Site:
    """A server and the nginx in front of it."""

    service: Service
    port: int
    releases: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, source: str = "", **headers: str) -> Reply:
        """Fields are named as arguments, `accept_encoding` for Accept-Encoding.

        source: the address of the client, else one that nobody had before: a client may have but one request under
        way here, and an answer may arrive a moment before the server has counted its end.
        """
        return ask(self.port, path, method, body, source or next(ADDRESSES), **headers)

    def ask_directly(self, path: str, **headers: str) -> Reply:
        return ask(urlsplit(self.service.url).port or 0, path, "GET", None, "127.0.0.1", **headers)


def ask(port: int, path: str, method: str, body: bytes | None, address: str, **headers: str) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=(address, 0))
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Host": "lights.example", **fields})
    response = connection.getresponse()
    reply = Reply(response.status, response.headers, response.read())
    connection.close()
    return reply


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    nginx = shutil.which("nginx", path=NGINX)
    if nginx is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    releases = tmp_path_factory.mktemp("releases")
    build(source(), releases, silent)
    limits = {"query_seconds": QUERY_SECONDS, "client_requests": 1, "workers": 1}
    with serving(releases, nginx_files="/files/", trusted_proxies=1, **limits) as service:
        port = free_port()
        given = {"LISTEN": f"127.0.0.1:{port}", "UPSTREAM": urlsplit(service.url).netloc}
        given |= {"RELEASES": str(releases), "CACHE": str(folder / "cache")}
        text = string.Template(CONFIGURATION.read_text(encoding="utf-8")).safe_substitute(given)
        (folder / "parkgraph.conf").write_text(text, encoding="utf-8")
        (folder / "nginx.conf").write_text("user root;" * (folder.owner() == "root") + MAIN.format(folder=folder))
        with running(nginx, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf") as front:
            wait_until(lambda: front.poll() is not None or listens(port))
            assert front.poll() is None, (folder / "error.log").read_text()
            yield Site(service, port, releases)


def listens(port: int, host: str = "127.0.0.1") -> bool:
    try:
        socket.create_connection((host, port)).close()
    except ConnectionRefusedError:
        return False
    return True


def send(site: Site, address: str, data: bytes) -> socket.socket:
    """A connection from an address, with a small buffer, over which this has been sent."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE)
    connection.bind((address, 0))
    connection.connect(("127.0.0.1", site.port))
    connection.sendall(data)
    return connection


def cache_status(reply: Reply) -> str:
    return str(reply.headers["Cache-Status"])


def test_the_configuration_names_its_variables() -> None:
    text = CONFIGURATION.read_text(encoding="utf-8")
    used = set(string.Template(text.partition("\n\n")[2]).get_identifiers())
    assert {"LISTEN", "UPSTREAM", "RELEASES", "CACHE"} <= used
    assert all(f"{name}=" in text.partition("\n\n")[0] for name in ("LISTEN", "UPSTREAM", "RELEASES", "CACHE"))


def test_a_second_request_is_a_hit(site: Site) -> None:
    """Within the second for which an answer holds, of which several are tried."""
    first = site.ask(DOCUMENT, accept="text/turtle")
    assert (first.status, cache_status(first)) == (200, "nginx; fwd=miss")
    again = [site.ask(DOCUMENT, accept="text/turtle") for _ in range(20)]
    assert "nginx; hit" in {cache_status(reply) for reply in again}
    assert {reply.body for reply in again} == {first.body}
    for name in ("ETag", "Content-Type", "Last-Modified", "Cache-Control", "Vary", "Content-Location"):
        assert {reply.headers[name] for reply in again} == {first.headers[name]}
    assert "X-Accel-Expires" not in first.headers
    assert site.ask(DOCUMENT, "HEAD", accept="text/turtle").headers["ETag"] == first.headers["ETag"]


def test_formats_languages_and_codings_are_kept_apart(site: Site) -> None:
    variants: list[dict[str, Any]] = [
        {"accept": "text/turtle"},
        {"accept": "text/html", "accept_language": "en"},
        {"accept": "text/html", "accept_language": "de"},
        {"accept": "text/html", "accept_language": "de", "accept_encoding": "gzip"},
        {"accept": "application/ld+json"},
    ]
    first = [site.ask(DOCUMENT, **variant) for variant in variants]
    second = [site.ask(DOCUMENT, **variant) for variant in variants]
    assert len({reply.body for reply in first}) == len({reply.headers["ETag"] for reply in first}) == len(variants)
    assert [reply.body for reply in second] == [reply.body for reply in first]
    assert second[3].headers["Content-Encoding"] == "gzip"


def test_times_are_kept_apart(site: Site) -> None:
    """Answers of the current release and those for a time are kept apart in the cache; mementos are kept in it."""
    then = "Wed, 01 Jan 2020 12:00:00 GMT"
    assert site.ask(DOCUMENT, accept="text/turtle").status == 200
    replies = [site.ask(DOCUMENT, accept="text/turtle", accept_datetime=then) for _ in range(3)]
    assert {reply.status for reply in replies} == {302}
    assert "nginx; hit" not in {cache_status(reply) for reply in replies}
    assert 'rel="original timegate"' in replies[0].headers["Link"]
    assert [site.ask(DOCUMENT, accept="text/turtle").status for _ in range(2)] == [200, 200]
    mementos = [site.ask(replies[0].headers["Location"], accept="text/turtle", accept_datetime=then) for _ in range(3)]
    assert {reply.status for reply in mementos} == {200}
    assert cache_status(mementos[-1]) == "nginx; hit"
    assert site.ask(DOCUMENT, accept="text/turtle", accept_datetime="then").status == 400


def test_conditions_are_answered_by_nginx_and_by_the_server(site: Site) -> None:
    tag = site.ask(DOCUMENT, accept="text/turtle").headers["ETag"]
    kept = site.ask(DOCUMENT, accept="text/turtle", if_none_match=tag)
    passed = site.ask_directly(DOCUMENT, accept="text/turtle", if_none_match=tag)
    assert (kept.status, passed.status) == (304, 304)
    assert kept.headers["ETag"] == passed.headers["ETag"] == tag
    assert site.ask(DOCUMENT, accept="text/turtle", if_none_match='"x"').status == 200


def test_queries_by_each_method(site: Site) -> None:
    query, accept = POINT.encode(), "text/csv"
    replies = [
        site.ask(f"/sparql?query={quote(POINT)}", accept=accept),
        site.ask("/sparql", "POST", query, accept=accept, content_type="application/sparql-query"),
        site.ask("/sparql", "QUERY", query, accept=accept, content_type="application/sparql-query"),
    ]
    assert [(reply.status, reply.body) for reply in replies] == [(200, replies[0].body)] * 3
    assert [cache_status(reply) for reply in replies[1:]] == ["nginx; fwd=method"] * 2
    long = f"/sparql?query={quote(POINT + ' ' * 18_000)}"  # 54,000 bytes of it
    assert site.ask(long, accept=accept).status == 200


def test_failures_and_what_changes_are_not_kept(site: Site) -> None:
    for path, status in (
        ("/doc/none", 404),
        ("/sparql?query=ASK", 400),
        ("/sparql?format=csv&query=" + quote("SELECT (RAND() AS ?x) {}"), 200),
    ):
        replies = [site.ask(path) for _ in range(3)]
        assert {reply.status for reply in replies} == {status}
        assert "nginx; hit" not in {cache_status(reply) for reply in replies}
    assert site.ask("/doc/none").headers["Content-Type"] == "application/problem+json"
    large = site.ask("/sparql", "POST", b" " * (2 << 20), content_type="application/sparql-query")
    assert (large.status, json.loads(large.body)["status"]) == (413, 413)
    assert large.headers["Content-Type"] == "application/problem+json"


def fields(reply: Reply, names: Iterable[str]) -> dict[str, str]:
    return {name: ", ".join(reply.headers.get_all(name, [])) for name in names}


def dumps(site: Site) -> list[str]:
    folder = (site.releases / "current").resolve() / "dumps"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_downloads_are_sent_by_nginx_as_the_server_would(site: Site) -> None:
    release = (site.releases / "current").readlink().name
    assert len(dumps(site)) >= 2
    for name in dumps(site):
        path = f"/release/{release}/dumps/{quote(name)}"
        sent, direct = site.ask(path), site.ask_directly(path)
        assert (sent.status, sent.body) == (200, (site.releases / "current" / "dumps" / name).read_bytes())
        assert "X-Accel-Redirect" in direct.headers
        assert not direct.body
        assert "X-Accel-Redirect" not in sent.headers
        names = {name.lower() for name in direct.headers} - NOT_COMPARED
        assert names >= {"etag", "repr-digest", "content-type", "cache-control", "last-modified"}
        assert fields(sent, names) == fields(direct, names)
        assert sent.headers["Accept-Ranges"] == "bytes"
        moved = site.ask(f"/dumps/{quote(name)}")
        assert (moved.status, moved.headers["Location"]) == (307, path)
    part = site.ask(f"/release/{release}/dumps/{quote(dumps(site)[0])}", range="bytes=2-5")
    assert (part.status, len(part.body)) == (206, 4)
    assert part.headers["Content-Range"].startswith("bytes 2-5/")


def test_conditions_of_downloads(site: Site) -> None:
    release = (site.releases / "current").readlink().name
    path = f"/release/{release}/dumps/{quote(dumps(site)[0])}"
    whole = site.ask(path)
    tag = whole.headers["ETag"]
    assert site.ask(path, if_none_match=tag).status == 304
    assert site.ask(path, if_none_match='"x"').status == 200
    assert site.ask(path, if_modified_since=whole.headers["Last-Modified"]).status == 304
    assert site.ask(path, range="bytes=0-3", if_range=tag).status == 206
    assert site.ask(path, range="bytes=0-3", if_range='"x"').status == 200
    assert site.ask(path, range="bytes=99999999-").status == 416
    assert site.ask(path, if_match=tag).status == 200
    head = site.ask(path, "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(whole.body)))
    assert site.ask("/dumps/none.nq.gz").status == 404
    assert site.ask("/files/current/manifest.json").status == 404  # not for clients


def test_each_client_has_its_own_share(site: Site) -> None:
    """The address that nginx adds is the one that counts, and not what the client says."""
    heavy, point = (f"/sparql?format=csv&query={quote(query)}" for query in (HEAVY, POINT))
    with ThreadPoolExecutor(1) as client:
        under_way = client.submit(site.ask, heavy, source="127.0.0.2")
        wait_until(site.service.long_queries)
        assert site.ask(point, source="127.0.0.2", forwarded="for=127.0.0.3").status == 429
        assert site.ask(point, source="127.0.0.3", forwarded="for=127.0.0.2").status == 200
        assert not under_way.done()
        site.service.end_long_queries()
        assert under_way.result(PATIENCE).status == 503


def test_a_new_release_is_seen(site: Site) -> None:
    before = site.ask(DOCUMENT, accept="text/turtle").headers["ETag"]
    more = ox.Quad(ox.NamedNode(f"{BASE}id/tower/roter-sand"), ox.NamedNode(f"{TERMS}height"), ox.Literal("31"))
    build(source(more), site.releases, silent)
    wait_until(lambda: site.ask(DOCUMENT, accept="text/turtle").headers["ETag"] != before)
    assert b"31" in site.ask(DOCUMENT, accept="text/turtle").body


def problem(reply: Reply) -> int:
    assert reply.headers["Content-Type"] == "application/problem+json"
    return int(json.loads(reply.body)["status"])


def test_requests_under_way_are_limited_by_address(site: Site) -> None:
    """Those whose bodies do not come are nginx's alone."""
    unfinished = (
        b"POST /sparql HTTP/1.1\r\nHost: lights.example\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n"
    )
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(send(site, "127.0.0.4", unfinished))
        wait_until(lambda: site.ask(DOCUMENT, source="127.0.0.4").status == 429)
        refused = site.ask(DOCUMENT, source="127.0.0.4")
        assert (problem(refused), refused.headers["Retry-After"]) == (429, "5")
        assert site.ask(DOCUMENT, source="127.0.0.5").status == 200


def test_requests_per_second_are_limited_by_address(site: Site) -> None:
    """Of a thousand at once, 200 and 100 for each second pass: all of them on a machine that takes eight seconds."""
    with send(site, "127.0.0.6", b"GET /robots.txt HTTP/1.1\r\nHost: lights.example\r\n\r\n" * 1000) as connection:
        answers, end = b"", False
        while not end and b"429 Too Many" not in answers:
            piece = connection.recv(1 << 16)
            answers, end = answers[-100:] + piece, not piece
        assert not end
    assert site.ask(DOCUMENT, source="127.0.0.7").status == 200


def test_slow_clients_are_nginx_s_business(site: Site) -> None:
    """Heads and bodies that do not come, and readers that take nothing, are given up; ParkGraph does not see them."""
    post = b"POST /sparql HTTP/1.1\r\nHost: lights.example\r\nContent-Length: 9\r\n\r\nASK"
    many = "/sparql?format=csv&query=" + quote("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000")
    reader = f"GET {many} HTTP/1.1\r\nHost: lights.example\r\n\r\n".encode()
    with ExitStack() as stack:
        slow = [stack.enter_context(send(site, "127.0.0.8", data)) for data in (b"GET / HTTP/1.1\r\nHo", post, reader)]
        assert slow[2].recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
        for connection in slow[:2]:
            with suppress(ConnectionResetError):
                assert connection.recv(20)[9:12] in {b"", b"408"}
        poll = select.poll()
        poll.register(slow[2], 0)
        wait_until(lambda: poll.poll(0))  # reset, though it has not taken what was sent
        assert site.ask(DOCUMENT).status == 200


def test_heads_that_are_too_long(site: Site) -> None:
    within = site.ask(f"/sparql?query={'x' * 61_000}")
    beyond = site.ask(f"/sparql?query={'x' * 70_000}")
    assert (within.status, problem(within)) == (beyond.status, problem(beyond)) == (414, 414)
    fields = [site.ask(DOCUMENT, accept="x" * length) for length in (9_000, 70_000)]
    assert [(reply.status, problem(reply)) for reply in fields] == [(431, 431)] * 2


def test_names_with_underscores_are_no_names_of_ours(site: Site) -> None:
    def language(name: str) -> str:
        head = f"GET {DOCUMENT} HTTP/1.1\r\nHost: lights.example\r\nAccept: text/html\r\n{name}: de\r\n\r\n"
        with send(site, "127.0.0.1", head.encode()) as connection, connection.makefile("rb") as answer:
            fields = dict(
                line.decode().lower().strip().split(": ", 1) for line in list(iter(answer.readline, b"\r\n"))[1:]
            )
            return fields["content-language"]

    assert (language("Accept_Language"), language("Accept-Language")) == ("en", "de")


def test_metrics_are_not_for_clients(site: Site) -> None:
    assert site.ask("/metrics").status == 404


def test_who_asks_over_ipv6_and_tls(site: Site, tmp_path: Path) -> None:
    """The lines for TLS in use: a client whose address has colons, and whose requests come encrypted."""
    nginx = shutil.which("nginx", path=NGINX)
    assert nginx is not None
    tls = Tls(tmp_path)
    tls.close()
    for folder in ("body", "proxy", "fastcgi", "uwsgi", "scgi", "cache"):
        (tmp_path / folder).mkdir()
    port = free_port()
    with closing(Misbehaving()) as upstream:
        upstream.sends("HTTP/1.1 204 No Content")
        given = {"LISTEN": f"[::1]:{free_port()}", "UPSTREAM": urlsplit(upstream.url).netloc}
        given |= {"RELEASES": str(site.releases), "CACHE": str(tmp_path / "cache")}
        text = string.Template(CONFIGURATION.read_text(encoding="utf-8").replace("#tls ", "")).safe_substitute(given)
        text = text.replace("/etc/ssl/parkgraph.pem", str(tls.trust)).replace(
            "/etc/ssl/parkgraph.key", str(tmp_path / "key.pem")
        )
        text = text.replace("listen 443", f"listen [::1]:{port}")
        (tmp_path / "parkgraph.conf").write_text(text, encoding="utf-8")
        (tmp_path / "nginx.conf").write_text("user root;" * (tmp_path.owner() == "root") + MAIN.format(folder=tmp_path))
        with running(nginx, "-e", f"{tmp_path}/error.log", "-c", f"{tmp_path}/nginx.conf") as front:
            wait_until(lambda: front.poll() is not None or listens(port, "::1"))
            assert front.poll() is None, (tmp_path / "error.log").read_text()
            trust = ssl.create_default_context(cafile=str(tls.trust))
            trust.check_hostname = False
            connection = http.client.HTTPSConnection("::1", port, timeout=PATIENCE, context=trust)
            connection.request("GET", "/", headers={"Forwarded": "for=192.0.2.1", "X-Request-ID": "chosen"})
            assert connection.getresponse().status == 204
            connection.close()
    head = upstream.requests[0].decode().lower()
    assert '\r\nforwarded: for="[::1]";proto=https\r\n' in head
    assert "\r\nx-request-id: " in head
    assert "192.0.2.1" not in head
    assert "chosen" not in head
