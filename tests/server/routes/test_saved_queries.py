"""Saved queries as addresses: their lists, formats, values, pages, and what is refused."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.formats import GEOJSON, RDF_FORMATS, RESULT_FORMATS
from tests.core.test_saved_queries import HOSTILE
from tests.server.conftest import BASE, LIGHTS, html_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.formats import Format

PAGE = {"Accept": "text/html"}
BAD = [  # address, the parameter that is named, part of the fix
    ("heights?least=high", "least", "give a number"),
    ("heights?least=1&least=2", None, None),
    ("heights?leats=1", "leats", "did you mean 'least'?"),
    ("heights?x=1", "x", "use one of least, language"),
    ("heights?language=de_AT", "language", "give a language tag"),
    ("heights?timeout=0", None, None),
    ("heights.csv?format=json", "format", "use one of"),
    ("guarded?x=1", "x", "leave it away"),
    ("about", "thing", "as id/tower/roter-sand"),
    ("about?thing=", "thing", "as id/tower/roter-sand"),
    ("about?thing=http://x/%3E%20%7D", "thing", "give an IRI"),
    ("everywhere?number=4", "word", "give a value of type string"),
    ("everywhere?word=%FF", None, None),
]


TOLD = [  # address, language, the sentence of the page and of the problem
    ("heights?least=high", "en", "The value 'high' of 'least' is no decimal: give a number, as 12 or 1.5."),
    ("heights?least=high", "de", "Der Wert 'high' von „least“ ist nicht vom Typ decimal: eine Zahl wird gebraucht"),
    ("heights?least=100%25", "de", "Der Wert '100%' von „least“ ist nicht vom Typ decimal"),
    ("heights?leats=1", "zh", "“heights”没有参数“leats”：您是指“least”吗？"),
]


def ask(client: FlaskClient, name: str, accept: str | None = None, /, **values: str) -> TestResponse:
    return client.get(f"/query/{name}?{urlencode(values)}", headers={"Accept": accept} if accept else {})


def rows(response: TestResponse) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    found = response.get_json(force=True)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def test_the_list(client: FlaskClient) -> None:
    listed = client.get("/queries")
    assert listed.mimetype == "application/json"
    queries = {query["name"]: query for query in listed.get_json()}
    assert list(queries) == sorted(path.stem for path in (LIGHTS / "queries").glob("*.rq"))
    heights = queries["heights"]
    assert heights["title"] == {"en": "Towers by height", "de": "Türme nach Höhe"}
    assert heights["template"] == "/query/heights{?least,language}"
    assert (heights["view"], heights["place"], heights["columns"]) == ("chart", "home", ["label", "value", "tower"])
    assert [parameter["required"] for parameter in queries["is-guarded"]["parameters"]] == [True, False]
    page = client.get("/queries", headers={**PAGE, "Accept-Language": "de"})
    assert "Türme nach Höhe" in page.text
    assert 'href="/query/heights"' in page.text


@pytest.mark.parametrize(("at", "language", "sentence"), TOLD)
def test_faults_are_told_in_the_readers_language(client: FlaskClient, at: str, language: str, sentence: str) -> None:
    for accept in ("text/html", "application/json"):
        answer = client.get(f"/query/{at}", headers={"Accept": accept, "Accept-Language": language})
        assert answer.status_code == 400
        assert sentence in unescape(answer.text if accept == "text/html" else answer.get_json(force=True)["detail"])


def test_values_and_defaults(client: FlaskClient) -> None:
    everything = [row["label"] for row in rows(ask(client, "heights"))]
    assert {"Red Sand", "Roter Sand"} <= set(everything)
    german = [row["label"] for row in rows(ask(client, "heights", language="de"))]
    assert "Roter Sand" in german
    assert "Red Sand" not in german
    assert {float(row["value"]) >= 52 for row in rows(ask(client, "heights", least="52"))} == {True}
    empty = rows(ask(client, "heights", least="", language=""))  # a form sends what was left empty too
    assert [row["label"] for row in empty] == everything


def test_an_iri_may_be_written_in_three_ways(client: FlaskClient) -> None:
    whole = ask(client, "about", thing=BASE + "id/tower/roter-sand")
    assert b"52.5" in whole.data
    assert ask(client, "about", thing="id/tower/roter-sand").data == whole.data
    assert b"Class" in ask(client, "about", thing="li:Lighthouse").data


@pytest.mark.parametrize("offer", RESULT_FORMATS, ids=lambda offer: offer.extension)
def test_every_format_of_results(client: FlaskClient, offer: Format) -> None:
    assert offer in RESULT_FORMATS
    for name, values in (("heights", {}), ("is-guarded", {"thing": "id/tower/roter-sand"})):
        by_accept = ask(client, name, offer.media_type, **values)
        by_suffix = ask(client, f"{name}.{offer.extension}", "image/png", **values)
        by_name = ask(client, name, "image/png", format=offer.extension, **values)
        assert by_accept.status_code == 200
        assert by_accept.mimetype == offer.media_type
        assert by_accept.data == by_suffix.data == by_name.data
        assert "Accept" in by_accept.vary
        assert "Accept" not in by_suffix.vary


@pytest.mark.parametrize("offer", RDF_FORMATS, ids=lambda offer: offer.extension)
def test_every_format_of_graphs(client: FlaskClient, offer: Format) -> None:
    answer = ask(client, f"about.{offer.extension}", thing="id/tower/roter-sand")
    assert (answer.status_code, answer.mimetype) == (200, offer.media_type)
    assert b"52.5" in answer.data


def test_a_format_that_the_form_has_not(client: FlaskClient) -> None:
    assert ask(client, "heights", "text/turtle").status_code == 406
    assert ask(client, "heights", format="ttl").status_code == 406
    absent = ask(client, "heights.ttl")
    assert absent.status_code == 404
    assert "csv" in absent.get_json()["detail"]


def test_json_by_its_plain_name(client: FlaskClient) -> None:
    assert ask(client, "heights.json").mimetype == "application/sparql-results+json"
    assert ask(client, "about.json", thing="id/keeper/anna").mimetype == "application/ld+json"


def test_methods_and_validators(client: FlaskClient) -> None:
    answer = ask(client, "heights.csv")
    tag = answer.headers["ETag"]
    assert ask(client, "heights.csv", least="1").headers["ETag"] != tag
    fresh = client.get("/query/heights.csv", headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.data) == (304, b"")
    head = client.head("/query/heights.csv")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    assert client.options("/query/heights").allow.as_set() == {"get", "head", "options"}
    assert client.post("/query/heights").status_code == 405
    page = ask(client, "heights", "text/html")
    assert client.get("/query/heights", headers={**PAGE, "If-None-Match": page.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(("address", "parameter", "fix"), BAD)
def test_a_wrong_value_is_named_with_its_fix(
    client: FlaskClient, address: str, parameter: str | None, fix: str | None
) -> None:
    response = client.get(f"/query/{address}")
    body = response.get_json()
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert body.get("parameter") == parameter
    assert (fix or "") in body.get("fix", "")
    assert body["detail"]


def test_they_are_listed_by_class(client: FlaskClient) -> None:
    groups = {query["name"]: query["group"] for query in client.get("/queries").get_json()}
    assert (groups["heights"], groups["about"]) == (f"{BASE}terms#Lighthouse", None)
    for path in ("/queries?lang=de", "/query?lang=de"):
        page = html_of(client, path)
        lighthouses, others = page.index('class="as-title"><bdi lang="de">Leuchtturm<'), page.index(">Anderes</h")
        assert lighthouses < page.index("/query/heights?") < page.index("/query/is-guarded?") < others
        assert others < page.index("/query/about?")


def test_a_name_that_is_not_there(client: FlaskClient) -> None:
    near = client.get("/query/hights").get_json()
    assert (near["status"], [query["name"] for query in near["suggestions"]]) == (404, ["heights"])
    assert '<a href="/query/heights"><bdi lang="en">' in html_of(client, "/query/hights", 404)
    far = client.get("/query/xyz").get_json()
    assert (far["status"], far["suggestions"]) == (404, [])


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_one_text_everywhere(client: FlaskClient, value: str) -> None:
    """The result is read as JSON, because XML cannot represent every value."""
    [row] = rows(ask(client, "everywhere.json", word=value))
    expected = {"given": value, "found": value + "!", "length": str(len(value)), "total": "2"}
    assert {name: row[name] for name in expected} == expected
    assert (row["text"], row["more"]) == ("?word", "true")
    page = ask(client, "everywhere.html", word=value)
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_a_page_has_form_result_and_query(client: FlaskClient) -> None:
    page = ask(client, "heights", "text/html", least="50").text
    for expected in (
        'name="least" type="text" value="50" placeholder="50"',
        'data-chart="chart"',
        "<bdi>52.5</bdi>",
        'href="/query/heights.csv?least=50"',
        "FILTER(?value&gt;= &#34;50&#34;^^",
        'href="/query?query=PREFIX',
    ):
        assert expected in page
    assert "# title" not in page
    german = client.get("/query/heights?lang=de", headers=PAGE).text
    assert "Türme nach Höhe" in german
    assert "Höhe in Metern." in german
    assert "<bdi>true</bdi>" not in ask(client, "is-guarded", "text/html", thing="id/tower/roter-sand").text


def test_columns_have_titles_in_the_readers_language(client: FlaskClient) -> None:
    german = client.get("/query/heights?lang=de", headers=PAGE).text
    assert '<th scope="col" data-column="value" class="number">Anzahl</th>' in german  # as charts call it
    assert '<th scope="col" data-column="tower" lang="de">Der Turm</th>' in german
    chinese = client.get("/query/heights?lang=zh", headers=PAGE).text
    assert '<th scope="col" data-column="tower" lang="en">The tower</th>' in chinese
    raw = client.get("/query/heights?lang=de&names=false", headers=PAGE).text
    assert '<th scope="col">tower</th>' in raw
    [listed] = [query for query in client.get("/queries").get_json() if query["name"] == "heights"]
    assert listed["columnTitles"] == {"tower": {"en": "The tower", "de": "Der Turm"}}


def test_a_page_has_names_or_the_terms_as_they_stand(client: FlaskClient) -> None:
    named = client.get("/query/heights?least=50&lang=de", headers=PAGE).text
    name = f'<a href="/doc/tower/roter-sand?lang=de" title="{BASE}id/'
    assert f'<td data-value="{BASE}id/tower/roter-sand" class="short" data-label="Der Turm">{name}' in named
    assert '<td data-value="52.5" class="number" data-label="Anzahl"><bdi>52,5</bdi></td>' in named
    switch = re.search(r'<a href="([^"]*)" rel="nofollow">IRIs und Rohwerte zeigen</a>', named)
    assert switch is not None
    raw = client.get(unescape(switch[1])).text
    iri = f'<a href="/doc/tower/roter-sand?lang=de"><bdi>{BASE}id/tower/roter-sand</bdi></a>'
    assert f'<td data-label="tower">{iri}</td>' in raw
    assert '<td data-label="value"><bdi>52.5</bdi></td>' in raw
    assert "data-chart" not in raw
    back = re.search(r'<a href="([^"]*)" rel="nofollow">Namen zeigen</a>', raw)
    assert back is not None
    assert "data-chart" in client.get(unescape(back[1])).text
    assert client.get("/query/heights?names=1", headers=PAGE).status_code == 400
    assert ask(client, "heights.csv", names="false").data == ask(client, "heights.csv").data


def test_a_page_without_a_value_that_is_needed_asks_for_it(client: FlaskClient) -> None:
    empty = ask(client, "about", "text/html")
    assert empty.status_code == 200
    assert 'placeholder="Red Sand"' in empty.text
    assert "required" in empty.text
    assert "<table" not in empty.text
    wrong = ask(client, "heights", "text/html", least="<b>")
    assert wrong.status_code == 400
    assert 'aria-invalid="true"' in wrong.text
    assert "<b>" not in wrong.text
    assert "no-store" in wrong.headers["Cache-Control"]


def test_links_lead_to_formats_and_to_the_description(client: FlaskClient) -> None:
    links = " ".join(ask(client, "heights", least="1").headers.getlist("Link"))
    assert '</query/heights.csv?least=1>; rel="alternate"; type="text/csv"' in links
    for address in ("/query/heights", "/queries", "/sparql"):
        links = " ".join(client.get(address).headers.getlist("Link"))
        assert '</openapi.json>; rel="service-desc"; type="application/json"' in links


def test_the_description_for_programs(client: FlaskClient) -> None:
    response = client.get("/openapi.json")
    document = json.loads(response.text)
    OpenAPIV31SpecValidator(document).validate()
    assert response.mimetype == "application/json"
    heights = document["paths"]["/query/heights"]["get"]
    least = next(parameter for parameter in heights["parameters"] if parameter["name"] == "least")
    assert (least["required"], least["schema"], least["example"]) == (False, {"type": "number", "default": 0.0}, 50.0)
    assert set(heights["responses"]["200"]["content"]) >= {offer.media_type for offer in RESULT_FORMATS}
    assert {"/sparql", "/store", "/doc/{local}", "/dumps/{name}", "/query/about"} <= document["paths"].keys()


UNDESCRIBED = {
    "the front page and the editor, for people": {"/", "/query"},
    "the description itself, and what leads to others": {"/openapi.json", "/opensearch.xml", "/.well-known/void"},
    "for crawlers": {"/robots.txt", "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-{number}.xml"},
    "files of the pages": {"/static/{filename}", "/static/built/{name}"},
    "a described address with the format in it": {"/doc.{extension}", "/history.{extension}", "/releases.{extension}"},
    "a file of /dumps/ or of a release": {"/SHA256SUMS", "/SHA256SUMS.sig", "/manifest.json", "/dumps/latest/{name}"},
    "described addresses again, of the current or another release": {
        *("/dumps/latest/", "/release/{identity}", "/release/{identity}/", "/release/{identity}/{local}"),
    },
    "each saved query is described": {"/query/{name}"},
    "an IRI of the data": {"/{local}"},
}


def test_every_route_is_described_or_left_out_for_a_reason(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()["paths"].keys()
    rules = {re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule) for rule in client.application.url_map.iter_rules()}
    left_out = set().union(*UNDESCRIBED.values())
    assert {path for path in described if not path.startswith("/query/")} | left_out == rules
    assert not left_out & described


def test_every_described_address_answers(client: FlaskClient) -> None:
    """With the examples and defaults of the description alone."""
    document = client.get("/openapi.json").get_json()
    asked = 0
    for path, operations in document["paths"].items():
        if not path.startswith("/query/"):
            continue
        for name in operations["get"]["responses"]["200"]["content"]:
            values = {p["name"]: p["example"] for p in operations["get"]["parameters"] if p.get("required")}
            answer = ask(client, path.removeprefix("/query/"), name, **values)
            if name == GEOJSON.media_type and answer.status_code == 406:  # an answer without places
                continue
            assert (answer.status_code, answer.mimetype) == (200, name), (path, name)
            asked += 1
    assert asked


def test_a_page_asks_in_the_readers_language(client: FlaskClient) -> None:
    """Data have the default of the query; the formats that the page leads to have what the page has."""
    german = client.get("/query/called?lang=de", headers=PAGE).text
    assert "Roter Sand" in german
    assert 'name="tongue" type="text" value="de"' in german
    assert 'href="/query/called.csv?tongue=de"' in german
    assert "Red Sand" in client.get("/query/called?lang=de&tongue=en", headers=PAGE).text
    assert rows(ask(client, "called"))[0] == {"name": "Red Sand"}
