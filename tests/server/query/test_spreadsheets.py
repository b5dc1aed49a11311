"""Answers as workbooks, as CSV with titles and names, and the description of the plain CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import date, datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any

import openpyxl
import pyoxigraph as ox
import pytest
import python_calamine
from csvw import CSVW

from core.labels import Name
from server.query.errors import ResultSizeError
from server.query.requests import Presentation
from server.query.spreadsheets import write_named_csv, write_workbook
from tests.server.conftest import BASE
from tests.server.ports import harbour

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with harbour(tmp_path_factory.mktemp("ports")) as client:
        yield client


def workbook(client: FlaskClient, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return openpyxl.load_workbook(io.BytesIO(response.data))


def cells(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_workbook(ports: FlaskClient) -> None:
    book = workbook(ports, "/query/ports.xlsx?lang=de&since=1700")
    assert book.sheetnames == ["Ergebnisse", "Über diese Tabelle"]
    sheet = book["Ergebnisse"]
    head, first, second = cells(sheet)
    columns = ["Der Hafen", "Der Hafen (IRI)", "colour", "colour (IRI)", "depth", "day", "built", "open", "note"]
    assert head == columns
    assert first == [
        *("Norden", f"{BASE}id/port/a", "rot", f"{BASE}id/colour-red", 12.5, datetime(1901, 5, 31), 1899, True, "=1+1"),  # noqa: DTZ001 - spreadsheets have no zones
    ]
    assert second[4:] == [-3, "1750-01-01", 1750, None, "-1"]  # a spreadsheet has no day before 1900
    assert sheet["I2"].data_type == "s"  # no formula
    about = {row[0]: row[1] for row in cells(book["Über diese Tabelle"])}
    assert about["Titel"] == "Häfen"
    assert about["Parameter"] == "since = 1700"
    assert about["Feste Adresse"].startswith(f"{BASE}release/")
    assert about["Spalte"] == "Der Hafen (?port)"
    assert {"Beschreibung", "Veröffentlichung", "Zitieren"} <= about.keys()
    assert book.properties.created.date() == date.fromisoformat(
        re.search(r"\d{4}-\d\d-\d\d", about["Veröffentlichung"])[0]  # type: ignore[index]
    )


def test_workbooks_by_accept_and_without_names(ports: FlaskClient) -> None:
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answered = ports.get("/query/ports", headers={"Accept": media_type, "Accept-Language": "de"})
    assert answered.mimetype == media_type
    assert {"Accept", "Accept-Language"} <= {field.strip() for field in answered.headers["Vary"].split(",")}
    raw = cells(workbook(ports, "/query/ports.xlsx?names=false").worksheets[0])
    assert raw[0][:3] == ["The port", "portLabel", "colour"]
    assert raw[1][0] == f"{BASE}id/port/a"
    assert cells(workbook(ports, f"/query/is-red.xlsx?thing={BASE}id/ship/mary").worksheets[0])[1] == [True]
    again = ports.get("/query/ports.xlsx", headers={"If-None-Match": ports.get("/query/ports.xlsx").headers["ETag"]})
    assert again.status_code == 304
    german, english = (ports.get(f"/query/ports.xlsx?lang={tag}").headers["ETag"] for tag in ("de", "en"))
    assert german != english
    assert ports.get("/query/ports.xlsx").data == ports.get("/query/ports.xlsx").data


def test_a_workbook_of_the_endpoint(ports: FlaskClient) -> None:
    query = 'SELECT ?s ?n { VALUES (?s ?n) { (<http://x.example/> 7) ("@x" 2.5) } }'
    book = workbook(ports, f"/sparql?format=xlsx&query={query.replace(' ', '+')}")
    assert cells(book.worksheets[0]) == [["s", "n"], ["http://x.example/", 7], ["@x", 2.5]]
    assert ["Query", query] in cells(book["About"])
    assert ports.get("/sparql?format=xlsx&query=CONSTRUCT+{?s+?p+?o}+{?s+?p+?o}").status_code == 406


def test_a_workbook_that_would_be_too_large() -> None:
    presentation = Presentation(
        titles={}, about=[], members={}, sheets=["a", "b"], names=False, languages=[], created="2026-01-01T00:00:00Z"
    )
    for width, value in ((1000, None), (1, "x" * 1_000_000)):
        with pytest.raises(ResultSizeError, match="ask for CSV"):
            write_workbook(["a"] * width, repeat([value] * width), presentation, io.BytesIO())


def test_csv_with_names(ports: FlaskClient) -> None:
    response = ports.get("/query/ports.csv?names=true&lang=de")
    assert response.data.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(io.StringIO(response.data.decode("utf-8-sig")))
    assert head[:5] == ["Der Hafen", "Der Hafen (IRI)", "colour", "colour (IRI)", "depth"]
    assert first == ["Norden", f"{BASE}id/port/a", "rot", f"{BASE}id/colour-red", "12.5", *first[5:]]
    assert first[5:] == ["1901-05-31", "1899", "true", "'=1+1"]
    assert second[4] == "-3"  # a number is no formula
    assert second[-1] == "'-1"
    plain = ports.get("/query/ports.csv")
    assert plain.data.startswith(b"port,portLabel,colour,")
    assert b"\r\n=1+1" not in plain.data
    assert plain.data == ports.get("/query/ports.csv?names=false").data
    assert "/query/ports.csv?names=true" in ports.get("/query/ports", headers={"Accept": "text/html"}).text


STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
TEXTS = [*(f"{start}1+1" for start in STARTS), '=HYPERLINK("http://x.example/", "a")', "a=1", "a, b"]
ROWS = (
    " ".join(f"({ox.Literal(text)} 1)" for text in TEXTS) + ' ("=1+1"^^<http://www.w3.org/2001/XMLSchema#integer> -1)'
)
HOSTILE = f"SELECT ?text ?number {{ VALUES (?text ?number) {{ {ROWS} }} }}"


def hostile(client: FlaskClient, format_: str) -> bytes:
    response = client.get("/sparql", query_string={"query": HOSTILE, "format": format_})
    assert response.status_code == 200, response.text
    data: bytes = response.data
    return data


def test_sparqls_own_tables_have_texts_as_they_are(ports: FlaskClient) -> None:
    """https://www.w3.org/TR/sparql11-results-csv-tsv/: CSV has the characters of a term, TSV the term of Turtle."""
    read = list(csv.reader(io.StringIO(hostile(ports, "csv").decode(), newline="")))
    assert read == [["text", "number"], *([text, "1"] for text in TEXTS), ["=1+1", "-1"]]
    head, *lines, end = hostile(ports, "tsv").decode().split("\n")
    assert (head, end) == ("?text\t?number", "")
    assert [line.split("\t")[0] for line in lines[:-1]] == [str(ox.Literal(text)) for text in TEXTS]


def test_no_text_of_a_workbook_is_a_formula(ports: FlaskClient) -> None:
    """As two readers that share no code see it."""
    made = hostile(ports, "xlsx")
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert not any(b"<f>" in parts.read(name) or b"<f " in parts.read(name) for name in parts.namelist())
    sheet = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
    calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert calamine.sheet_names == ["Results", "About"]
    expected = [["text", "number"], *([text, 1] for text in TEXTS), ["=1+1", -1]]
    assert [[unescaped(row[0]), row[1]] for row in cells(sheet)] == expected
    assert [[unescaped(row[0]), row[1]] for row in calamine.get_sheet_by_index(0).to_python()] == expected
    for row in sheet.iter_rows(min_row=2):
        assert row[0].data_type == "s"


def unescaped(text: Any) -> Any:
    """A text of a workbook, in which characters that XML does not keep stand by their numbers."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n")


def test_no_text_of_the_csv_for_spreadsheets_is_a_formula() -> None:
    file = io.BytesIO()
    presentation = Presentation(titles={}, about=[], members={}, sheets=["a"], names=False, languages=[], created="")
    result = ox.Store().query(HOSTILE)
    assert isinstance(result, ox.QuerySolutions)
    write_named_csv(result, presentation, lambda node: Name(node.value), file)
    _, *read = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    kept = [text if text.startswith("a") else f"'{text}" for text in TEXTS]
    assert read == [*([text, "1"] for text in kept), ["'=1+1", "-1"]]


def test_the_two_readers_agree(ports: FlaskClient) -> None:
    made = ports.get("/query/ports.xlsx?lang=de&since=1700").data
    calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert calamine.sheet_names == ["Ergebnisse", "Über diese Tabelle"]
    _, first, second = calamine.get_sheet_by_index(0).to_python()
    assert first[4:] == [12.5, date(1901, 5, 31), 1899, True, "=1+1"]
    assert second[4:] == [-3, "1750-01-01", 1750, "", "-1"]


def test_csv_on_the_web(ports: FlaskClient, tmp_path: Path) -> None:
    plain = ports.get("/query/ports.csv?since=1700")
    link = next(link for link in plain.headers.getlist("Link") if 'rel="describedby"' in link)
    assert link == '</query/ports.csv-metadata.json?since=1700>; rel="describedby"; type="application/csvm+json"'
    described = ports.get("/query/ports.csv-metadata.json?since=1700")
    assert described.mimetype == "application/csvm+json"
    document = described.get_json(force=True)
    assert document["url"] == f"{BASE}query/ports.csv?since=1700"
    types = {column["name"]: column["datatype"] for column in document["tableSchema"]["columns"]}
    assert types["port"] == "anyURI"
    assert (types["day"], types["built"], types["open"], types["note"]) == ("date", "gYear", "boolean", "string")
    (tmp_path / "ports.csv").write_bytes(plain.data)
    (tmp_path / "ports.csv-metadata.json").write_text(json.dumps({**document, "url": "ports.csv"}), encoding="utf-8")
    read = CSVW(str(tmp_path / "ports.csv-metadata.json"))
    assert read.is_valid
    assert ports.get("/query/is-red.csv-metadata.json").status_code == 404
