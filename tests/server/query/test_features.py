"""GeoJSON of results, of saved queries and of lists, by the rules of RFC 7946."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pyoxigraph as ox
import pytest

from core.namespaces import GEO
from release.writer import build
from tests.server.conftest import BASE, TERMS, html_of, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

GEOJSON = "application/geo+json"
DATA = f"""
@prefix li: <{TERMS}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix geo: <http://www.w3.org/2003/01/geo/wgs84_pos#> . @prefix gs: <http://www.opengis.net/ont/geosparql#> .
<{BASE}id/pier/1> a li:Pier ; rdfs:label "First"@en , "Erster"@de ; li:built "1901-05-31"^^xsd:date ;
  geo:lat 54.5 ; geo:long 9.25 ; li:length 12.5 .
<{BASE}id/pier/2> a li:Pier ; rdfs:label "=Second()" ; gs:asWKT "POINT(-8 53)"^^gs:wktLiteral ; li:length -3 .
<{BASE}id/pier/3> a li:Pier ; rdfs:label "Nowhere" .
<{BASE}id/song/1> a li:Song ; rdfs:label "Song" .
"""
QUERIES = {
    "piers": """# title: Piers
# title@de: Anleger
PREFIX li: <http://lights.example/terms#>
SELECT ?pier ?length WHERE { ?pier a li:Pier . OPTIONAL { ?pier li:length ?length } } ORDER BY ?pier""",
    "songs": """# title: Songs
PREFIX li: <http://lights.example/terms#>
SELECT ?song WHERE { ?song a li:Song }""",
    "is-song": """# title: Is it a song?
ASK { ?song a <http://lights.example/terms#Song> }""",
}
PIER = {"class": TERMS + "Pier"}


@pytest.fixture(scope="module")
def piers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    quads = list(ox.parse(DATA.encode(), format=ox.RdfFormat.TURTLE))
    queries = {name: text.encode() for name, text in QUERIES.items()}
    release = build(replace(source(*quads), queries=queries), tmp_path_factory.mktemp("piers"), silent)
    with in_process(release.path.parent, query_result=8) as client:
        yield client


def collection(client: FlaskClient, path: str, **query: str) -> dict[str, Any]:
    """A FeatureCollection that keeps the rules of RFC 7946."""
    response = client.get(path, query_string=query, headers={"Accept": GEOJSON})
    assert response.status_code == 200, response.text
    assert response.content_type == GEOJSON
    made: dict[str, Any] = json.loads(response.data)
    assert made["type"] == "FeatureCollection"
    assert not {"coordinates", "geometries", "geometry", "properties", "crs"} & made.keys()  # 4, 7.1
    for one in made["features"]:
        assert one["type"] == "Feature"
        assert one.keys() <= {"type", "id", "geometry", "properties"}
        assert isinstance(one["properties"], dict)
        if one["geometry"] is not None:
            assert one["geometry"].keys() == {"type", "coordinates"}
            assert one["geometry"]["type"] == "Point"
            longitude, latitude = one["geometry"]["coordinates"]
            assert -180 <= longitude <= 180
            assert -90 <= latitude <= 90
    return made


def points(made: dict[str, Any]) -> list[list[float] | None]:
    return [one["geometry"] and one["geometry"]["coordinates"] for one in made["features"]]


def test_a_saved_query(piers: FlaskClient) -> None:
    made = collection(piers, "/query/piers.geojson", lang="de")
    assert points(made) == [[9.25, 54.5], [-8, 53], None]
    assert [one["id"] for one in made["features"]] == [f"{BASE}id/pier/{number}" for number in (1, 2, 3)]
    assert made["features"][0]["properties"] == {"pier": f"{BASE}id/pier/1", "pierLabel": "Erster", "length": 12.5}
    assert made["title"] == "Anleger"
    assert made["source"].startswith(f"{BASE}release/{made['release']}/query/piers")
    assert made["query"].endswith("ORDER BY ?pier")
    assert collection(piers, "/query/piers") == collection(piers, "/query/piers", format="geojson", lang="en")
    plain = collection(piers, "/query/piers.geojson", names="false")
    assert plain["features"][0]["properties"].keys() == {"pier", "length"}


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ("?lat ?long", "54.5 9.25"),
        ("?pierLat ?pier_lng", "54.5e0 9.25"),
        ("?latitude ?lon", "54.5 9.25"),
        ("?where", f'"POINT(9.25 54.5)"^^<{GEO}wktLiteral>'),
        (
            "?where",
            f'"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (54.5 9.25)"^^<{GEO}wktLiteral>',
        ),
    ],
)
def test_columns_with_coordinates(piers: FlaskClient, columns: str, row: str) -> None:
    nowhere = " ".join("UNDEF" for _ in columns.split())
    query = f"SELECT ?name {columns} {{ VALUES (?name {columns}) {{ ('a' {row}) ('b' {nowhere}) }} }}"
    made = collection(piers, "/sparql", query=query)
    assert points(made) == [[9.25, 54.5], None]
    assert [one["properties"] for one in made["features"]] == [{"name": "a"}, {"name": "b"}]
    assert not any("id" in one for one in made["features"])
    assert made["query"] == query


def test_values_of_properties(piers: FlaskClient) -> None:
    values = 'true "1901-05-31"^^<http://www.w3.org/2001/XMLSchema#date> 12345678901234567890 "=1+1"@en UNDEF 1e400'
    query = f"SELECT * {{ VALUES (?lat ?long ?a ?b ?c ?d ?e ?f) {{ (1 2 {values}) }} }}"
    (one,) = collection(piers, "/sparql", query=query)["features"]
    assert one["properties"] | {"f": None} == {
        "a": True, "b": "1901-05-31", "c": "12345678901234567890", "d": "=1+1", "e": None, "f": None
    }  # fmt: skip


def test_what_is_nowhere(piers: FlaskClient) -> None:
    for path in ("/query/songs", "/query/is-song", "/list?class=" + TERMS.replace("#", "%23") + "Song"):
        response = piers.get(path, headers={"Accept": GEOJSON})
        assert response.status_code == 406, path
        assert "coordinates" in response.get_json()["detail"]
        assert "geojson" not in html_of(piers, path), path
    assert piers.get("/sparql?format=geojson&query=CONSTRUCT+{?s+?p+?o}+{?s+?p+?o}").status_code == 406
    assert collection(piers, "/sparql", query="SELECT ?s { ?s a <http://x.example/> }")["features"] == []
    asked = "SELECT ?lat ?long { VALUES (?lat ?long) { (91 181) } }"
    assert points(collection(piers, "/sparql", query=asked)) == [None]


def test_a_list(piers: FlaskClient) -> None:
    made = collection(piers, "/list", **PIER, lang="de", limit="2")
    assert {one["id"] for one in made["features"]} <= {f"{BASE}id/pier/{number}" for number in (1, 2, 3)}
    whole = {one["id"]: one for one in collection(piers, "/list", **PIER, lang="de")["features"]}
    assert len(whole) == 3
    first = whole[f"{BASE}id/pier/1"]
    assert first["properties"]["name"] == "Erster"
    assert first["geometry"]["coordinates"] == [9.25, 54.5]
    assert whole[f"{BASE}id/pier/3"]["geometry"] is None
    assert made["source"].startswith(f"{BASE}release/{made['release']}/list?class=")
    response = piers.get("/list", query_string={**PIER, "limit": "2", "format": "geojson"})
    assert any('rel="next"' in link for link in response.headers.getlist("Link"))


def test_pages_lead_to_it(piers: FlaskClient) -> None:
    assert "/query/piers.geojson" in html_of(piers, "/query/piers")
    assert "format=geojson" in html_of(piers, f"/list?class={TERMS.replace('#', '%23')}Pier")
    assert "format=geojson" in html_of(piers, "/sparql?query=SELECT+*+{+?s+a+?c+}")


def test_duckdb_reads_it(piers: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "piers.geojson").write_bytes(piers.get("/query/piers.geojson").data)
    file = tmp_path / "piers.geojson"
    read = duckdb.sql(f"SELECT pierLabel, geometry::VARCHAR FROM read_json('{file}') ORDER BY pier")  # noqa: S608 - a file of the test
    assert read is not None
    assert read.fetchall() == [("First", "POINT (9.25 54.5)"), ("=Second()", "POINT (-8 53)"), ("Nowhere", None)]


def test_addresses_in_workbooks_are_links(piers: FlaskClient) -> None:
    for path in ("/query/piers.xlsx", f"/list?format=xlsx&class={TERMS.replace('#', '%23')}Pier"):
        results, about = openpyxl.load_workbook(io.BytesIO(piers.get(path).data)).worksheets
        links = {cell.hyperlink.target for row in results.iter_rows() for cell in row if cell.hyperlink}
        assert links == {f"{BASE}id/pier/{number}" for number in (1, 2, 3)}
        assert any(
            cell.hyperlink and f"{BASE}release/" in cell.hyperlink.target for row in about.iter_rows() for cell in row
        )
    said = {row[0]: row[1] for row in about.parent.worksheets[1].iter_rows(values_only=True)}
    assert said["Fixed address"]


def test_no_text_in_csv_of_lists_and_searches_is_a_formula(piers: FlaskClient) -> None:
    listed = piers.get("/list", query_string={**PIER, "format": "csv"}).text
    assert ",'=Second(),," in listed
    assert ",'=Second(),," in piers.get("/search?q=second&format=csv").text
