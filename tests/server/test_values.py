"""No value takes a page down: every datatype of XSD and RDF in legal, extreme and ill-formed spelling.

In: a release with a resource for each datatype, which has all its values, as statistics, facets, tables and charts
meet them too. Out: every page in every language and every format of each document is there, with every digit.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from core.namespaces import DCTERMS, RDF, RDF_TYPE, RDFS, SCHEMA, SH, WGS84, XSD
from core.rdf import nquads
from core.wording import LANGUAGES, NUMBERS
from release.manifest import Dataset
from release.source import Source
from release.writer import build
from tests.server.conftest import in_process, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

BASE = "http://values.example/"
TERMS, SHAPES = BASE + "terms#", BASE + "shapes"
CLASS, VALUE, LABEL = TERMS + "Value", TERMS + "value", RDFS + "label"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
LONG = "7" * 500
INTEGERS = ["0", "-0", "+5", "007", "602214076000000000000000000000", LONG, f"-{LONG}", "1" * 5000, "300", "1.5", "1e5"]
FLOATS = ["1", "-0.0", "1e400", "1E-400", "3.14159265358979", "INF", "-INF", "+INF", "NaN", "nan", LONG, "1_000", "x"]
DATES = ["2020-02-29", "2020-02-31", "2020-13-45", "12020-01-01", "-13800000000-01-01", "0000-01-01", "0044-03-15"]
ZONES = ["", "Z", "+14:00", "-00:00", "+99:99", " "]
YEARS = ["2020", "0000", "-0044", "12020", "-13800000000", "20", "99999999999999999999999", LONG]
MONTHS = ["XXXX-05", "XXXX-12-XX", "XXXX-XX-05", "XXXX-13", "XXXX-00", "XXXX-21", "2020-21", "2020-21-05"]
SPANS = ["XXXX-05/XXXX-07", "../XXXX-05", "XXXX-05/..", "/XXXX-05", "XXXX-05/", "../..", "/", "2020-21/XXXX-05~"]
TAGS = ["en", "EN-gb", "zh-Hant-TW", "x-private", "i-default", "de-1996", "sl-IT-nedis", "abcdefgh", "en-a-bbb-x-a-ccc"]
VALUES: dict[str, list[str]] = {
    **dict.fromkeys(sorted(NUMBERS), INTEGERS),
    XSD + "decimal": [*INTEGERS, f"0.{LONG}", f"-{LONG}.{LONG}", ".5", "5.", "1.50", "-.0", "1,5", "٣"],
    XSD + "double": FLOATS,
    XSD + "float": FLOATS,
    XSD + "boolean": ["true", "false", "1", "0", "TRUE", "yes", ""],
    XSD + "date": [date + zone for date in DATES for zone in ZONES],
    XSD + "dateTime": [f"{d}T{t}" for d in DATES for t in ("10:00:00Z", "24:00:00", "25:61:61", "10:00", "")],
    XSD + "dateTimeStamp": ["2020-01-01T00:00:00.123456789012345678901Z", "2020-01-01T00:00:00"],
    XSD + "time": ["10:00:00", "24:00:00", "25:00:00Z", "10"],
    XSD + "gYear": [year + zone for year in YEARS for zone in ZONES],
    XSD + "gYearMonth": [f"{year}-{month}" for year in YEARS for month in ("05", "00", "13", "05Z")],
    XSD + "gMonth": ["--05", "--13", "--05--", "--05Z", "05"],
    XSD + "gMonthDay": ["--02-29", "--02-30", "--13-01", "--05-01+01:00"],
    XSD + "gDay": ["---15", "---32", "15"],
    XSD + "duration": ["P1Y", "-P999999999999999999999Y", "PT24H", "P", "P1.5Y"],
    XSD + "yearMonthDuration": ["P12M", "P1D"],
    XSD + "dayTimeDuration": ["PT24H", "P1Y"],
    XSD + "string": [
        "",
        " ",
        "\t\n\r",
        "\x00\x01\x08\x0c\x1f\x7f\x85\u2028",
        "\ufffe\uffff",
        "\U0010ffff",
        "e\u0301",
        "x" * 100_000,
    ],
    XSD + "normalizedString": ["a\tb"],
    XSD + "token": ["  a  b "],
    XSD + "language": ["en", "not a language"],
    XSD + "Name": ["a", "1"],
    XSD + "NCName": ["a", "a:b"],
    XSD + "NMTOKEN": ["1", "a b"],
    XSD + "QName": ["a:b"],
    XSD + "anyURI": ["http://a.example/?q=<&>\"'", "javascript:alert(1)", "//", "http://[", "http://a:99999999/", ""],
    XSD + "hexBinary": ["0FB7", "0FB", "xyz"],
    XSD + "base64Binary": ["AQID", "A"],
    RDF + "HTML": ["<p>a</p>", "<script>x()</script>", "<p", ""],
    RDF + "XMLLiteral": ["<a xmlns='http://a/'/>", "<a"],
    RDF + "JSON": ['{"a": [1.50, 1e400]}', "{bad", ""],
    RDF + "PlainLiteral": ["a@en"],
    EDTF: [*DATES, *YEARS, *MONTHS, *SPANS, "Y-13800000000", "2004?/2006~", "201X", "-201X", "156X-12-25", "{1,2}", ""],
    TERMS + "own": ["a", ""],
}
TEXTS = [
    *(ox.Literal("a", language=tag) for tag in TAGS),
    *(
        ox.Literal("א (a)", language=tag, direction=way)
        for tag in ("he", "EN-gb")
        for way in (ox.BaseDirection.LTR, ox.BaseDirection.RTL)
    ),
    ox.Literal("", language="en"),
    ox.Literal("\x00\ufffe", language="en"),
]
# Legal IRIs, with hosts that no address has among them.
IRIS = [
    "http://a\uff0fb.example/x",
    "http://a\u2100b.example/",
    "http://a.example:99999/",
    "http://[v1.a]/",
    "x:",
    "urn:é:\U00010000",
]
SAVED = {
    "numbers": "# title: Numbers\n# view: chart\n# place: home\nSELECT ?label ?value { ?label <%s> ?value }",
    "dates": "# title: Dates\n# view: timeline\n# place: home\nSELECT ?item ?start { ?item <%s> ?start }",
    "map": "# title: Map\n# view: map\n# place: home\nSELECT ?item ?lat ?long { ?item <%s> ?lat, ?long } LIMIT 500",
    "links": "# title: Links\n# view: network\n# place: network\n"
    "SELECT ?source ?target ?kind ?year { ?source <%s> ?year BIND(?year AS ?target) BIND(?year AS ?kind) }",
}


def literals() -> dict[str, list[ox.Literal]]:
    """A name for each datatype, and its values."""
    found = {
        re.split(r"[#/]", datatype)[-1]: [ox.Literal(text, datatype=ox.NamedNode(datatype)) for text in texts]
        for datatype, texts in VALUES.items()
    }
    return found | {"langString": TEXTS}


def quads() -> Iterator[ox.Quad]:
    iri, default = ox.NamedNode, ox.DefaultGraph()
    shapes = ox.NamedNode(SHAPES)
    for name, values in literals().items():
        node = iri(f"{BASE}id/{name}")
        yield ox.Quad(node, iri(RDF_TYPE), iri(CLASS), default)
        yield ox.Quad(node, iri(RDF_TYPE), iri(SCHEMA + "Thing"), default)
        for value in values:
            for property_ in (VALUE, LABEL, SCHEMA + "value", WGS84 + "lat", WGS84 + "long", TERMS + name):
                yield ox.Quad(node, iri(property_), value, default)
        yield ox.Quad(node, iri(TERMS + "linked"), iri(f"{BASE}id/integer"), default)
    for odd in map(iri, IRIS):
        node = iri(f"{BASE}id/iri")
        yield ox.Quad(node, iri(RDF_TYPE), iri(CLASS), default)
        yield ox.Quad(node, odd, odd, odd)
        for property_ in (RDF_TYPE, VALUE, DCTERMS + "license", SCHEMA + "value", TERMS + "iri"):
            yield ox.Quad(node, iri(property_), odd, default)
        yield ox.Quad(node, odd, ox.Literal("a", datatype=odd), default)
        yield ox.Quad(odd, odd, node, default)
    shape = iri(SHAPES + "#Value")
    yield ox.Quad(shape, iri(RDF_TYPE), iri(SH + "NodeShape"), shapes)
    yield ox.Quad(shape, iri(SH + "targetClass"), iri(CLASS), shapes)
    for name, datatype in (("facet-value", None), ("facet-year", XSD + "gYear")):
        facet = iri(f"{SHAPES}#{name}")
        yield ox.Quad(shape, iri(SH + "property"), facet, shapes)
        yield ox.Quad(shape, iri("https://w3id.org/parkgraph/ui#facet"), facet, shapes)
        yield ox.Quad(facet, iri(SH + "path"), iri(VALUE), shapes)
        if datatype:
            yield ox.Quad(facet, iri(SH + "datatype"), iri(datatype), shapes)
        for bound in ("minInclusive", "maxExclusive", "in", "order", "minCount"):
            yield ox.Quad(facet, iri(SH + bound), ox.Literal(LONG, datatype=iri(XSD + "integer")), shapes)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    releases = tmp_path_factory.mktemp("values")
    queries = {name: (text % VALUE).encode() for name, text in SAVED.items()}
    source = Source([nquads(quads())], BASE, Dataset({"en": "Values"}), shapes=SHAPES, queries=queries)
    build(source, releases, silent)
    with in_process(releases) as client:
        yield client


NAMES = sorted([*literals(), "iri"])
QUERY = f"SELECT ?s ?o {{ ?s <{VALUE}> ?o }}"
GRAPH = f"CONSTRUCT {{ ?s <{VALUE}> ?o }} WHERE {{ ?s <{VALUE}> ?o }}"
PAGES = [
    "/",
    *(f"/doc/{name}.html" for name in NAMES),
    *(f"/doc.html?{urlencode({'iri': iri})}" for iri in IRIS),
    *(f"/list?{urlencode({'class': iri})}" for iri in IRIS),
    f"/linkset?iri={BASE}id/iri",
    "/list",
    f"/list?{urlencode({'class': CLASS})}",
    *(f"/list?{urlencode({'class': CLASS, 'year': year})}" for year in ("2020", LONG)),
    *(f"/search?{urlencode({'q': text})}" for text in ("a", LONG[:300], "2020")),
    *(f"/query/{name}" for name in SAVED),
    "/network",
    "/network?from=-99999999999&to=99999999999",
    "/ontology/shapes",
    f"/sparql?{urlencode({'query': QUERY, 'format': 'html'})}",
    f"/sparql?{urlencode({'query': GRAPH, 'format': 'html'})}",
    "/store?default&format=html",
    "/catalog",
    "/dumps/",
    "/releases",
    "/changes",
    "/sitemap-1.xml",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_there(values: FlaskClient, language: str) -> None:
    answers = {p: values.get(p, headers={"Accept": "text/html, */*;q=0.1", "Accept-Language": language}) for p in PAGES}
    assert [(path, answer.status_code) for path, answer in answers.items() if answer.status_code != 200] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_every_digit(values: FlaskClient, language: str) -> None:
    for name in ("integer", "decimal", "gYear", "EDTF"):
        page = values.get(f"/doc/{name}.html", headers={"Accept-Language": language}).text
        text = html.unescape(re.sub(r"<(time|data)[^>]*>|<[^>]*>", " ", page))
        digits = {re.sub(r"\D", "", line) for line in text.replace(",", "").replace(".", "").split()}
        for literal in literals()[name]:
            whole = re.sub(r"\D", "", literal.value)
            assert len(whole) < 15 or whole in digits, (name, literal.value[:50])


@pytest.mark.parametrize("extension", ["ttl", "jsonld", "nt", "rdf", "trig"])
def test_every_document_comes_in_every_format_or_says_why_not(values: FlaskClient, extension: str) -> None:
    for name in NAMES:
        answer = values.get(f"/doc/{name}.{extension}")
        reason = "no XML name" if name == "iri" else "control characters"
        is_none = extension == "rdf" and name in {"string", "langString", "integer", "iri"}
        assert answer.status_code == (406 if is_none else 200), name
        assert not is_none or reason in answer.get_json()["detail"]


@pytest.mark.parametrize("extension", ["srj", "srx", "csv", "tsv"])
def test_results_come_in_every_format_or_say_why_not(values: FlaskClient, extension: str) -> None:
    answer = values.get(f"/sparql?{urlencode({'query': QUERY, 'format': extension})}")
    assert answer.status_code == (406 if extension == "srx" else 200)


def test_lists_and_searches_come_as_data(values: FlaskClient) -> None:
    for path in (f"/list?{urlencode({'class': CLASS})}", "/search?q=a"):
        for format_ in ("json", "csv", "ttl", "jsonld"):
            assert values.get(f"{path}&format={format_}").status_code == 200


def test_what_a_page_tells_machines_is_json(values: FlaskClient) -> None:
    """Numbers that the doubles of its readers cannot hold are texts (RFC 8259, 6)."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for name in ("double", "integer", "decimal"):
        page = values.get(f"/doc/{name}.html").text
        script = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
        assert script is not None
        told = json.loads(script[1], parse_constant=refuse)["mainEntity"]["value"]
        assert LONG in told
