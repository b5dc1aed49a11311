"""The Host of a request: there has to be one, and no redirect repeats it."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from werkzeug.routing import IntegerConverter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from tests.server.conftest import Service

PAGE = "/doc/tower/roter-sand"
TURTLE = "text/turtle; charset=utf-8"
ELSEWHERE = "evil.example"
REDIRECTS = range(300, 400)


def statuses(service: Service, head: str) -> tuple[int, str]:
    """Status and media type of the answer to a head, whose lines are those of a text."""
    parts = urlsplit(service.url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        answer = connection.makefile("rb")
        status = int(answer.readline().split()[1])
        fields = dict(line.decode().lower().split(": ", 1) for line in iter(answer.readline, b"\r\n"))
        if status >= 400:
            assert json.loads(answer.read(int(fields["content-length"])))["status"] == status
        return status, fields.get("content-type", "").strip()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("HTTP/1.1\nHost: localhost", 200),
        ("HTTP/1.0\nHost: localhost", 200),
        ("HTTP/1.0", 200),
        ("HTTP/1.1", 400),
        ("HTTP/1.1\nHost:", 400),
        ("HTTP/1.1\nHost: localhost\nHost: localhost", 400),
        ("HTTP/1.1\nHost: localhost\nHost: evil.example", 400),
        ("HTTP/1.0\nHost: localhost\nHost: localhost", 400),
        ("HTTP/1.1\nHost: a b", 400),
    ],
)
def test_one_host_is_demanded(service: Service, fields: str, status: int) -> None:
    problem = "application/problem+json"
    assert statuses(service, f"GET {PAGE}.ttl {fields}") == (status, problem if status == 400 else TURTLE)
    # whether or not the answer is kept, and whatever the route
    assert statuses(service, f"GET {PAGE}.ttl {fields}")[0] == status
    assert (statuses(service, f"GET /dumps {fields}")[0] == 400) == (status == 400)
    assert (statuses(service, f"GET /none {fields}")[0] == 400) == (status == 400)
    assert statuses(service, f"POST /sparql {fields}\nContent-Length: 0")[0] in {400, 415}


@pytest.mark.parametrize(
    "host", ["example.org", "EXAMPLE.org:8080", "192.0.2.1", "[2001:db8::1]:80", "a_b.example", "localhost:"]
)
def test_hosts(client: FlaskClient, host: str) -> None:
    assert client.get(PAGE, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a,b",
        "a/b",
        "a b",
        "user@a",
        "a?b",
        "a#b",
        "<b>",
        "a\\b",
        "a:b",
        "a:123456",
        "[::1",
        "::1",
        ":80",
        "ä.example",
    ],
)
def test_no_hosts(client: FlaskClient, host: str) -> None:
    for path in (PAGE, "/dumps", "/none", "/sparql?query=ASK{}"):
        response = client.get(path, headers={"Host": host})
        assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    html = client.get(PAGE, headers={"Host": host, "Accept": "text/html"})
    assert (html.status_code, html.mimetype) == (400, "text/html")


def addresses(client: FlaskClient) -> Iterator[str]:
    """Of each route, below and outside a release, with one slash less or more at each place where there may be one."""
    release = client.get("/health").text.strip()
    for rule in client.application.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            numbers = {name for name, part in rule._converters.items() if isinstance(part, IntegerConverter)}
            values = {name: 7 if name in numbers else ELSEWHERE for name in rule.arguments}
            path = rule.build(values, append_unknown=False)
            assert path is not None
            for within in ("", f"/release/{release}"):
                whole = within + path[1]
                yield whole
                yield whole.rstrip("/")
                yield f"{whole}/"
                for place in (place for place, sign in enumerate(whole) if sign == "/"):
                    for more in ("/", "//", "/%2F", "%2F", "/\\", "/./", f"/{ELSEWHERE}/../"):
                        yield whole[:place] + more + whole[place + 1 :]


def test_redirects_are_paths(client: FlaskClient) -> None:
    redirects = set()
    for address in addresses(client):
        headers = {"Host": ELSEWHERE, "X-Forwarded-Host": ELSEWHERE, "X-Forwarded-Proto": "https"}
        response = client.open(
            address if not address.startswith("//") else f"http://{ELSEWHERE}{address}", headers=headers
        )
        assert response.status_code < 500, address
        if response.status_code in REDIRECTS:
            location = response.headers["Location"]
            redirects.add(address)
            assert location.startswith("/"), (address, location)
            assert not location.startswith(("//", "/\\")), (address, location)
            assert f"//{ELSEWHERE}".encode() not in response.data
    assert len(redirects) > 20
    assert "/dumps" in redirects


def test_a_redirect_keeps_the_query(client: FlaskClient) -> None:
    response = client.get("/dumps?lang=de&x=%2F")
    assert (response.status_code, response.headers["Location"]) == (308, "/dumps/?lang=de&x=%2F")
    assert client.get("/dumps").headers["Location"] == "/dumps/"
    release = client.get("/health").text.strip()
    assert client.get(f"/release/{release}/dumps").headers["Location"] == f"/release/{release}/dumps/"


def test_what_a_client_writes_gets_into_no_field(client: FlaskClient) -> None:
    release = client.get("/health").text.strip()
    assert client.get(f"/release/{release}/releases.x%0D%0AX: y").status_code == 404
    assert client.get(f"/release/{release}/releases.%E2%80%A6").status_code == 404
