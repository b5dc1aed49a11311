"""Lists as maps and time lines, and charts of resources: of data without shapes, whose values say where and when."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from release.build import publish_rdf
from tests import foreign
from tests.server.conftest import html_of, in_process, publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    Publish = Callable[[str], FlaskClient]

BASE = "http://localhost/"
EX = "http://example.org/"
LIST = f"/list?class={quote(EX)}Thing"
PREFIXES = f"""
@prefix : <{EX}> . @prefix geo: <http://www.w3.org/2003/01/geo/wgs84_pos#> . @prefix schema: <https://schema.org/> .
@prefix sdo: <http://schema.org/> . @prefix gs: <http://www.opengis.net/ont/geosparql#> .
@prefix georss: <http://www.georss.org/georss/> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix locn: <http://www.w3.org/ns/locn#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
WKT = "^^gs:wktLiteral"
# what is said of a thing, and the latitude and longitude that it stands for
PLACES = [
    ('geo:lat "48.5"^^xsd:decimal ; geo:long "9.25"^^xsd:decimal', ("48.5", "9.25")),
    ('geo:lat "48.5" ; geo:long " 9.25 "', ("48.5", "9.25")),
    ("schema:geo [ schema:latitude 48.5 ; schema:longitude 9.25 ]", ("48.5", "9.25")),
    ("sdo:latitude 48.5 ; sdo:longitude -9.25", ("48.5", "-9.25")),
    ("schema:location [ schema:geo [ schema:latitude 48.5 ; schema:longitude 9.25 ] ]", ("48.5", "9.25")),
    (f'gs:hasGeometry [ gs:asWKT "POINT(9.25 48.5)"{WKT} ]', ("48.5", "9.25")),
    (f'locn:geometry "Point Z (9.25 48.5 300)"{WKT}', ("48.5", "9.25")),
    (
        f'gs:asWKT "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (48.5 9.25)"{WKT}',
        ("48.5", "9.25"),
    ),
    (f'gs:asWKT "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (9.25 48.5)"{WKT}', ("48.5", "9.25")),
    ('georss:point "48.5 9.25"', ("48.5", "9.25")),
    ("dct:spatial [ dcat:centroid 'POINT(9.25 48.5)'^^gs:wktLiteral ]", ("48.5", "9.25")),
    # no place
    ("geo:lat 999 ; geo:long 9.25", None),
    ('geo:lat "abc" ; geo:long "def"', None),
    ('geo:lat "NaN"^^xsd:double ; geo:long "INF"^^xsd:double', None),
    ("geo:lat 48.5", None),
    ("geo:lat :there ; geo:long :there", None),
    (f'gs:asWKT "POLYGON((0 0, 1 1, 1 0, 0 0))"{WKT}', None),
    (f'gs:asWKT "POINT(9.25)"{WKT}', None),
    (f'gs:asWKT "POINT EMPTY"{WKT}', None),
    (f'gs:asWKT "POINT({"9" * 400} 48.5)"{WKT}', None),
    ('georss:point "48.5"', None),
    ("schema:geo :circle . :circle schema:geo :circle", None),
]
DATES = [
    ('schema:startDate "2019-05-02"^^xsd:date', ["2019-05-02"]),
    ('schema:startDate "2019"^^xsd:gYear ; schema:endDate "2020-01"^^xsd:gYearMonth', ["2019", "2020-01"]),
    ('schema:foundingDate "1851-07-01"^^xsd:date ; schema:dissolutionDate "1900"^^xsd:gYear', ["1851-07-01", "1900"]),
    ('dct:temporal [ dcat:startDate "2001"^^xsd:gYear ; dcat:endDate "2002"^^xsd:gYear ]', ["2001", "2002"]),
    (':whenever "2019-05-02T10:00:00Z"^^xsd:dateTime', ["2019-05-02T10:00:00Z"]),
    # no date of a thing
    ('dct:modified "2019-05-02"^^xsd:date', None),
    ('dct:created "2019-05-02"^^xsd:date', None),
    ('schema:startDate "2019-05-02"', None),
    (':birthday "--05-02"^^xsd:gMonthDay', None),
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with publishing(foreign.CATALOGUE, tmp_path_factory.mktemp("catalogue"), BASE) as client:
        yield client


def charts(html: str) -> dict[str, list[list[str]]]:
    """Kind of chart → the rows of its table without headings: the values of their cells, the first by its text."""
    found = {}
    for kind, table in re.findall(r'<figure class="chart" data-chart="(\w+)".*?<tbody>(.*?)</tbody>', html, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        found[kind] = [
            [
                unescape(value or text)
                for value, text in re.findall(r'<td(?: data-value="([^"]*)")?[^>]*>(?:<a[^>]*>)?<bdi[^>]*>([^<]*)', row)
            ]
            for row in rows
        ]
    return found


def views(html: str) -> list[str]:
    found = re.search(r'<nav class="forms".*?</nav>', html, re.DOTALL)
    return re.findall(r">([^<]+)</a>", found[0]) if found else []


@pytest.fixture
def publish(tmp_path: Path) -> Iterator[Publish]:
    opened = []

    def publish(turtle: str) -> FlaskClient:
        (tmp_path / "data.ttl").write_text(PREFIXES + turtle, encoding="utf-8")
        publish_rdf([tmp_path / "data.ttl"], tmp_path / "releases", base=BASE)
        opened.append(in_process(tmp_path / "releases"))
        return opened[-1].__enter__()

    yield publish
    for context in opened:
        context.__exit__(None, None, None)


@pytest.mark.parametrize(("said", "place"), PLACES, ids=[said for said, _ in PLACES])
def test_places(publish: Publish, said: str, place: tuple[str, str] | None) -> None:
    client = publish(f":x a :Thing ; {said} .")
    page = html_of(client, LIST)
    assert ("Map" in views(page)) == (place is not None)
    found = charts(html_of(client, LIST + "&view=map"))
    assert [row[1:] for row in found.get("map", [])] == ([[*place]] if place else [])
    own = charts(html_of(client, f"/doc?iri={quote(EX)}x"))
    assert [row[1:] for row in own.get("map", [])] == ([[*place]] if place else [])


@pytest.mark.parametrize(("said", "dates"), DATES, ids=[said for said, _ in DATES])
def test_dates(publish: Publish, said: str, dates: list[str] | None) -> None:
    client = publish(f":x a :Thing ; {said} . :y a :Thing ; {said} ; :with :x .")
    page = html_of(client, LIST)
    assert ("Timeline" in views(page)) == (dates is not None)
    found = charts(html_of(client, LIST + "&view=timeline"))
    assert [row[1:] for row in found.get("timeline", [])] == ([dates] * 2 if dates else [])


def test_a_list_is_shown_on_a_map_filtered_as_it_is(catalogue: FlaskClient) -> None:
    datasets = "/list?class=http://www.w3.org/ns/dcat%23Dataset"
    page = html_of(catalogue, datasets)
    assert views(page) == ["Table", "Map", "Timeline"]
    whole = html_of(catalogue, datasets + "&view=map")
    assert len(charts(whole)["map"]) == 12
    assert "Where: 12 of 12" in whole
    assert 'href="/list?class=http://www.w3.org/ns/dcat%23Dataset&amp;theme=' in whole.replace("&amp;view=map", "")
    (filtered,) = re.findall(r'<a href="([^"]*)"[^>]*><bdi[^>]*>Transport</bdi>', whole)
    assert "view=map" in filtered
    some = html_of(catalogue, unescape(filtered))
    assert len(charts(some)["map"]) == 3
    assert "Where: 3 of 3" in some


def test_a_page_of_a_resource_has_where_and_when(catalogue: FlaskClient) -> None:
    found = charts(html_of(catalogue, "/doc?iri=https://data.harbour.example/dataset-bus-stops"))
    assert found["map"][0][1:] == ["53.5461", "9.9662"]
    assert ["2014-12-01"] in [row[1:] for row in found["timeline"]]


def test_a_chart_has_a_thousand_members_and_says_so(publish: Publish) -> None:
    some = "".join(f":x{n} a :Thing ; geo:lat {n / 100} ; geo:long 8 .\n" for n in range(1_200))
    page = html_of(publish(some), LIST + "&view=map")
    assert len(charts(page)["map"]) == 1_000
    assert "1,000 of the first 1,000 by name, of 1,200 in all" in page


def test_there_is_no_such_view(catalogue: FlaskClient) -> None:
    datasets = "/list?class=http://www.w3.org/ns/dcat%23Dataset"
    assert "map, timeline" in unescape(html_of(catalogue, datasets + "&view=pie", 400))
    assert html_of(catalogue, datasets + "&view=").count("<tr>") == 13
    nothing = html_of(catalogue, "/list?class=http://www.w3.org/ns/dcat%23Catalog&view=map")
    assert "Nothing in this list has what this view shows." in nothing


def test_facets_that_are_found_have_the_readers_names(catalogue: FlaskClient) -> None:
    page = html_of(catalogue, "/list?class=http://www.w3.org/ns/dcat%23Dataset&lang=de")
    assert "Verkehr" in page
    answer = catalogue.get(
        "/list?class=http://www.w3.org/ns/dcat%23Dataset&format=json&theme=https://data.harbour.example/theme-transport"
    )
    assert answer.get_json()["total"] == 3
