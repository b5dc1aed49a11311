"""The page of the query editor: a form that stands alone, and what the script needs to know of any release."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from core.formats import GEOJSON, HTML, RESULT_FORMATS, XLSX
from server.query.responder import GRAPHS
from tests.server.conftest import BASE, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release


class Parts(HTMLParser):
    """The form's controls by name, the blocks of data by id, and the elements that run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: dict[str, dict[str, str | None]] = {}
        self.blocks: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.inline = 0
        self._inside: tuple[dict[str, str], str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        name, id_ = values.get("name"), values.get("id")
        if tag in {"textarea", "select", "input", "button"} and name:
            self.names[name] = values
        if tag == "textarea" and name:
            self._inside = (self.texts, name)
        if tag == "script" and values.get("type") == "application/json" and id_:
            self._inside = (self.blocks, id_)
        elif tag == "script" and "src" not in values and values.get("type") != "application/ld+json":
            self.inline += 1

    def handle_endtag(self, _tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside:
            into, key = self._inside
            into[key] = into.get(key, "") + data


def parts(client: FlaskClient, address: str = "/query", language: str = "en") -> Parts:
    response = client.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert (response.status_code, response.mimetype) == (200, HTML.media_type)
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    found = Parts(response.text)
    assert found.inline == 0
    return found


def test_the_form_asks_the_endpoint_and_holds_a_query_that_runs(client: FlaskClient) -> None:
    page = parts(client)
    assert {"query", "format"} <= page.names.keys()
    answer = client.get("/sparql", query_string={"query": page.texts["query"], "format": "json"})
    assert answer.status_code == 200
    assert answer.get_json()["results"]["bindings"]


@pytest.mark.parametrize(
    "query", ["ASK {}", "</textarea><script>alert(1)</script>", "SELECT * { ?s ?p '&lt;' }", "\n\nASK {}"]
)
def test_the_query_of_the_address_is_put_in_as_it_is(client: FlaskClient, query: str) -> None:
    response = client.get("/query", query_string={"query": query})
    assert Parts(response.text).texts["query"].removeprefix("\n") == query


def test_the_script_knows_the_words_of_the_release(client: FlaskClient, lights: Release) -> None:
    data = json.loads(parts(client, language="de").blocks["editor-data"])
    prefixes = {"text": "http://jena.apache.org/text#", **lights.manifest.prefixes}
    assert (data["endpoint"], data["base"], data["prefixes"]) == ("/sparql", BASE, prefixes)
    classes = {iri: (name, uses) for iri, name, uses in data["classes"]}
    assert classes[TERMS + "Lighthouse"] == ("Leuchtturm", lights.manifest.counts.classes[TERMS + "Lighthouse"])
    assert {iri for iri, _, _ in data["properties"]} == lights.manifest.counts.properties.keys()
    assert [extension for extension, _, _ in data["results"]] == [f.extension for f in (*RESULT_FORMATS, XLSX, GEOJSON)]
    assert [extension for extension, _, _ in data["graphs"]] == [f.extension for f in GRAPHS if f is not HTML]


def test_every_saved_query_runs_as_it_is_put_in(client: FlaskClient, lights: Release) -> None:
    saved = json.loads(parts(client).blocks["editor-data"])["saved"]
    assert saved.keys() == {path.stem for path in (lights.path / "queries").iterdir()}
    assert saved
    for text in saved.values():
        assert client.get("/sparql", query_string={"query": text}).status_code == 200, text


def test_what_the_script_says_is_in_the_readers_language(client: FlaskClient) -> None:
    said = {tag: json.loads(parts(client, language=tag).blocks["editor-messages"]) for tag in ("en", "de", "zh")}
    assert said["en"].keys() == said["de"].keys() == said["zh"].keys()
    for key, text in said["en"].items():
        assert said["de"][key]
        assert said["zh"][key] != text


def test_the_editor_is_a_page_alone(client: FlaskClient) -> None:
    assert client.get("/query", headers={"Accept": "text/turtle"}).status_code == 406


def test_names_of_resources(client: FlaskClient) -> None:
    tower, mast, nothing = f"{BASE}id/tower/roter-sand", f"{BASE}id/mast/1", "urn:x:none"
    asked = urlencode({"iri": [tower, mast, nothing]}, doseq=True)
    german = client.get(f"/names?{asked}&lang=de")
    assert german.get_json() == {
        tower: {"name": "Roter Sand", "language": "de", "class": f"{TERMS}Lighthouse", "classLabel": "Leuchtturm"},
        mast: {"name": "Erster Mast", "language": "de", "class": f"{TERMS}Mast", "classLabel": "li:Mast"},
        nothing: {"name": "none", "language": "", "class": "", "classLabel": ""},
    }
    assert "Accept-Language" not in german.vary
    accepted = client.get(f"/names?{asked}", headers={"Accept-Language": "de"})
    assert accepted.get_json() == german.get_json()
    assert "Accept-Language" in accepted.vary
    english = client.get(f"/names?{asked}", headers={"Accept-Language": "en"})
    assert english.get_json()[mast]["name"] == "First mast"
    assert english.headers["ETag"] != accepted.headers["ETag"]


@pytest.mark.parametrize("asked", ["", "iri=", "iri=no+iri", "&".join(f"iri=urn:x:{n}" for n in range(101))])
def test_names_of_none_of_too_many_or_of_no_iri(client: FlaskClient, asked: str) -> None:
    refused = client.get(f"/names?{asked}")
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert "'iri'" in refused.get_json()["detail"]
