"""Long and hostile addresses and header fields: refused by a problem, read in linear time, repeated only in part."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.growth import assert_linear
from tests.server.conftest import BASE, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PARTS = [
    '"',
    '\\"',
    '"\\"',
    "a,",
    "a;q=1,",
    'a="',
    'a;a*="',
    "*",
    ";",
    "=",
    "-",
    "0-,",
    'W/"a",',
    "(",
    " ",
    ":",
    "%",
    "a/b,",
    "_",
]
SEGMENTS = [
    "/",
    ".",
    "a.",
    "a/",
    "%2F",
    "%25",
    "%C3%A9",
    "-",
    "_",
    "a-",
    "%20a",
    "%22",
    "*",
    "%E9%9B%AA",
    "..%2F",
    "a%00",
]
unlike = map(str, count())  # so that no request is answered from memory
LONG = "x" * 7_000
PAGE = {"Accept": "text/html"}


def test_too_many_parameters(client: FlaskClient) -> None:
    for path in ("/network", "/list", "/search", "/query", "/doc", "/dumps/", "/nothing"):
        response = client.get(f"{path}?{'&'.join(['kind=x'] * 201)}")
        assert (response.status_code, response.mimetype) == (400, "application/problem+json")
        assert "200" in response.get_json()["detail"]


def test_a_refused_preflight_request_is_a_problem(client: FlaskClient) -> None:
    response = client.options(f"/list?{'&'.join(['kind=x'] * 201)}")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("name", ["Range", "If-Range", "Content-Type", "Content-Encoding"])
def test_a_field_that_is_too_long(client: FlaskClient, name: str) -> None:
    assert client.get("/nothing", headers={name: "x" * 8_001}).status_code == 431


@pytest.mark.parametrize(
    "address",
    [
        f"/network?kind={LONG}",
        f"/network?{LONG}=1",
        f"/{LONG}",
        f"/id/{LONG}",
        f"/doc/{LONG}",
        f"/doc?iri={BASE}{LONG}",
        f"/doc.{LONG}",
        f"/linkset?iri={LONG}",
        f"/history?iri={LONG}",
        f"/history?iri={BASE}id/tower/roter-sand&before={LONG}",
        f"/timemap?uri={LONG}",
        f"/timemap?uri=doc/tower/roter-sand&page={LONG}",
        f"/list?class={LONG}",
        f"/list?class={quote(TERMS + 'Lighthouse', safe='')}&{LONG}=1",
        f"/list?class={quote(TERMS + 'Lighthouse', safe='')}&after={LONG}",
        f"/list?class={quote(TERMS + 'Lighthouse', safe='')}&from={LONG}",
        f"/search?q={LONG}",
        f"/search?q=roter&class={LONG}",
        f"/search?q=roter&kind={LONG}",
        f"/search?q=roter&limit={LONG}",
        f"/store?graph={LONG}",
        f"/query/{LONG}",
        f"/query/heights?{LONG}=1",
        f"/query/heights.{LONG}",
        f"/dumps/{LONG}",
        f"/dumps/latest/{LONG}",
        f"/release/{LONG}/",
        f"/changes?from={LONG}",
        f"/changes?after={LONG}",
        f"/ontology/{LONG}",
        f"/doc/tower/roter-sand?after={LONG}",
        f"/doc/tower/roter-sand?x={LONG}",
        f"/?x={LONG}",
        f"/sparql?query=ASK%7B%7D%20%23{LONG}{LONG}",
        f"/query?query={LONG}{LONG}",
    ],
)
@pytest.mark.parametrize("headers", [PAGE, {}], ids=["page", "data"])
def test_answers_repeat_little_of_what_was_sent(client: FlaskClient, address: str, headers: dict[str, str]) -> None:
    """The text comes back twice at most, whatever the address; a short one may come back in every link."""
    for mark in "x\u00e9":
        written = quote(mark) * (7_000 // len(quote(mark)))
        response = client.get(address.replace(LONG, written), headers=headers)
        assert response.status_code < 500
        whole = response.text + "".join(value for _, value in response.headers)
        assert len(response.get_data()) < 200_000
        repeated = whole.count(mark * 50) * 50 + whole.count(quote(mark) * 50) * 50 * len(quote(mark))
        assert repeated <= 3 * len(address), response.status
        assert sum(len(value) for _, value in response.headers) < 8_000


@pytest.mark.parametrize(
    "name",
    [
        *("Accept", "Accept-Language", "Accept-Encoding", "Range", "If-Range", "If-Match", "If-None-Match"),
        *(
            "If-Modified-Since",
            "If-Unmodified-Since",
            "Content-Type",
            "Cookie",
            "Host",
            "Prefer",
            "Forwarded",
            "Origin",
        ),
    ],
)
def test_a_field_costs_no_more_than_its_length(client: FlaskClient, name: str) -> None:
    for part in PARTS:
        for start in ("", 'text/html;a="'):
            assert_linear(
                lambda text: client.get(f"/queries?{next(unlike)}", headers={name: text}),
                lambda length, start=start, part=part: start + part * (length // len(part)),  # type: ignore[misc]
                7_900,
            )


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/id/", "/doc/", "/doc?iri=", f"/doc?iri={BASE}", "/linkset?iri=", "/dumps/", "/release/", "/ontology/"),
        *(
            "/query/",
            "/query/heights?x=",
            "/query/heights?",
            "/list?class=",
            "/list?concept=",
            "/network?kind=",
            "/doc.",
        ),
        *(
            "/search?q=",
            "/search?q=a&class=",
            "/search?limit=",
            "/changes?from=",
            "/changes?after=",
            "/queries?",
            "/store?graph=",
        ),
        *(
            "/sparql?format=",
            "/sparql?query=",
            "/sparql?timeout=",
            "/query?query=",
            "/queries?lang=",
            "/static/",
            "/list?after=",
        ),
    ],
)
def test_an_address_costs_no_more_than_its_length(client: FlaskClient, address: str) -> None:
    for part in [*SEGMENTS, *(map(quote, PARTS) if "?" in address else ())]:
        assert_linear(
            lambda text: client.get(address + text, headers=PAGE),
            lambda length, part=part: part * (length // len(part)) + next(unlike),  # type: ignore[misc]
            7_900,
        )
