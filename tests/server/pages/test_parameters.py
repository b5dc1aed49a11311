"""Forms of saved queries, names in place of IRIs, and answers without rows."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import BASE
from tests.server.ports import harbour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with harbour(tmp_path_factory.mktemp("ports")) as client:
        yield client


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers=PAGE)
    assert response.status_code == status, response.text
    return unescape(response.text)


def test_fields_of_the_form(ports: FlaskClient) -> None:
    german = page(ports, "/query/ports?lang=de&hue=id/colour-red")
    assert '<option value="id/colour-red" lang="de" selected>rot</option>' in german
    assert re.search(r'<option value="id/colour-green" lang="de">grün</option>\s*<option[^>]* selected>rot', german)
    assert "taste" not in german  # of no scheme
    assert german.count(">Norden</option>") == 2  # of a class with few members
    assert '<input id="parameter-since" name="since" type="number"' in german
    years = re.search(
        'id="parameter-since" [^>]* placeholder="1750–(20[0-9]{2}|1901)" list="parameter-since-years">', german
    )
    assert years is not None
    assert f'"parameter-since-years"><option value="{years[1]}">' in german
    assert '<input id="parameter-from" name="from" type="date"' in german
    many = page(ports, "/query/buoys")
    field = re.search(r"<input[^>]*data-suggest[^>]*>", many)
    assert field is not None
    assert 'value="Buoy 07"' in field[0]
    assert 'data-value="id/buoy/07"' in field[0]
    assert 'data-suggest="/search?class=http://lights.example/terms%23Buoy"' in field[0]
    assert 'placeholder="Mary"' in page(ports, "/query/about")


def test_a_field_shows_the_iri_where_the_name_leads_elsewhere(ports: FlaskClient) -> None:
    assert 'value="North Port"' not in page(ports, "/query/about?thing=id/port/a")  # a buoy has that name too
    assert 'value="id/port/a"' in page(ports, "/query/about?thing=id/port/a")
    assert 'value="North Port"' in page(ports, "/query/buoys?buoy=id/buoy/x")


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("about?thing=Mary", "about?thing=id%2Fship%2Fmary"),
        ("about?thing=mary&lang=de&timeout=3", "about?thing=id%2Fship%2Fmary&lang=de&timeout=3"),
        ("about.csv?thing=MARY", "about.csv?thing=id%2Fship%2Fmary"),
        ("about?format=json&thing=mary", "about?format=json&thing=id%2Fship%2Fmary"),
        ("ports?which=North+Port", "ports?which=id%2Fport%2Fa"),  # the buoy is no port
        ("ports?hue=rot&since=1800", "ports?hue=id%2Fcolour-red&since=1800"),  # of the scheme
        ("buoys.bib?buoy=buoy+3", None),
    ],
)
def test_a_name_in_place_of_an_iri(ports: FlaskClient, asked: str, location: str | None) -> None:
    response = ports.get(f"/query/{asked}")
    assert (response.status_code, response.headers.get("Location")) == (
        303 if location else 404,
        location and f"/query/{location}",
    )


def test_a_name_of_several_things(ports: FlaskClient) -> None:
    asked = page(ports, "/query/about?thing=North+Port&lang=de", 404)
    assert "Mehreres heißt „North Port“. Was ist gemeint?" in asked
    assert 'href="/query/about?thing=id%2Fport%2Fa&lang=de"' in asked
    assert 'href="/query/about?thing=id%2Fbuoy%2Fx&lang=de"' in asked
    for path in ("about.csv", "about.xlsx", "about.bib", "about"):
        problem = ports.get(f"/query/{path}?thing=North+Port")
        assert (problem.status_code, problem.mimetype) == (404, "application/problem+json"), path
        body = problem.get_json()
        assert body["parameter"] == "thing"
        assert {found["iri"] for found in body["suggestions"]} == {f"{BASE}id/port/a", f"{BASE}id/buoy/x"}


def test_a_name_of_nothing(ports: FlaskClient) -> None:
    nothing = page(ports, "/query/about?thing=Mery", 404)
    assert "Nothing is called “Mery”." in nothing
    assert 'href="/query/about?thing=id%2Fship%2Fmary"' in nothing
    assert 'value="Mery"' in nothing
    port = page(ports, "/query/ports?which=Mary", 404)
    assert "is called “Mary”" in port
    assert ports.get("/query/about.csv?thing=Mery").get_json()["suggestions"][0]["iri"] == f"{BASE}id/ship/mary"
    path = page(ports, "/query/about?thing=id/ship/marry", 404)
    assert f"do not mention <{BASE}id/ship/marry>" in path
    assert 'href="/query/about?thing=id%2Fship%2Fmary"' in path


@pytest.mark.parametrize("name", ["<script>", "%00", "a" * 1900, "灯" * 300, "' OR 1=1", '"', "* NEAR(", "AND", "-"])
def test_a_hostile_name(ports: FlaskClient, name: str) -> None:
    response = ports.get("/query/about", query_string={"thing": name}, headers=PAGE)
    assert response.status_code == 404
    assert "<script>" not in response.text.replace("<script>document", "").replace("<script type", "")


def test_an_iri_that_is_not_mentioned(ports: FlaskClient) -> None:
    text = page(ports, f"/query/about?thing={BASE}id/ship/marry")
    assert "Nothing in the data answers this." in text
    assert f"do not mention <{BASE}id/ship/marry>" in text
    assert 'href="/query/about?thing=id%2Fship%2Fmary"' in text
    assert "No: false" in page(ports, f"/query/is-red?thing={BASE}id/ship/marry")
    assert "do not mention" in page(ports, f"/query/is-red?thing={BASE}id/ship/marry")
    assert "do not mention" not in page(ports, "/query/is-red?thing=id/port/b")
    assert ports.get(f"/query/about.csv?thing={BASE}id/ship/marry").data == b"property,value\r\n"  # as SPARQL has it
    assert ports.get("/query/about?thing=http://x/%3E%20%7D").status_code == 400  # neither an IRI nor a name


def test_what_limited_an_empty_answer(ports: FlaskClient) -> None:
    text = page(ports, "/query/ports?since=1990&hue=id/colour-red&lang=de")
    assert "Nichts in den Daten beantwortet dies." in text
    assert "<code>since</code> 1990" in text
    assert "<code>hue</code> rot" in text
    assert 'href="/query/ports?hue=id%2Fcolour-red&lang=de"' in text
    assert "<table" not in text
