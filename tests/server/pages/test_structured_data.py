"""What pages tell machines: schema.org, Open Graph, languages, site maps."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from core.namespaces import RDF_TYPE, SCHEMA, XSD
from release.writer import build
from server.app import create_app
from server.pages import structured_data
from server.routes import crawlers
from server.settings import Settings
from tests.server.conftest import BASE, TERMS, silent, source

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

HTML = {"Accept": "text/html"}
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


class Head(HTMLParser):
    """The head of a page: its elements with their attributes, and the JSON-LD in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[Any] = []
        self._reads = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._reads = tag == "script" and dict(attrs).get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._reads:
            self.data.append(json.loads(data))
            self._reads = False

    def links(self, rel: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == "link" and attributes.get("rel") == rel]

    def meta(self, name: str) -> str | None:
        found = (a for tag, a in self.elements if tag == "meta" and name in (a.get("name"), a.get("property")))
        return next(found, {}).get("content")


def head(client: FlaskClient, path: str) -> Head:
    return Head(client.get(path, headers=HTML).text)


@pytest.mark.parametrize(
    "path", ["/", "/doc/tower/roter-sand", "/ontology", "/dumps/", "/catalog", "/sparql", "/search"]
)
def test_every_page_says_what_it_is(client: FlaskClient, path: str) -> None:
    found = head(client, path)
    (page,) = found.data
    assert page["@context"] == "https://schema.org"
    page = page.get("mainEntityOfPage", page)
    assert page["@type"] == "WebPage"
    assert page["url"] == BASE + path.removeprefix("/")
    assert [(of["@type"], of["name"]) for of in page["isPartOf"]] == [("WebSite", "Lights"), ("Dataset", "Lights")]
    assert page["name"]
    assert found.links("canonical") == [{"rel": "canonical", "href": page["url"]}]
    assert found.meta("og:url") == page["url"]
    assert found.meta("og:title")
    image = found.meta("og:image")
    assert image
    assert client.get("/" + image.removeprefix(BASE)).mimetype == "image/png"
    assert found.meta("description")
    assert found.meta("og:locale") == "en_US"


def test_a_page_names_itself_in_every_language(client: FlaskClient) -> None:
    found = head(client, "/doc/tower/roter-sand?lang=de")
    languages = {a["hreflang"]: a["href"] for a in found.links("alternate") if a.get("hreflang")}
    base = BASE + "doc/tower/roter-sand"
    assert languages == {"x-default": base} | {tag: f"{base}?lang={tag}" for tag in ("en", "de", "zh")}
    assert found.links("canonical")[0]["href"] == languages["de"]
    assert found.data[0]["inLanguage"] == "de"
    assert found.meta("og:locale") == "de_DE"


def test_the_dataset_is_described_with_its_downloads(client: FlaskClient, lights: Release) -> None:
    entity = head(client, "/").data[0]
    assert (entity["@type"], entity["name"], entity["version"]) == ("Dataset", "Lights", lights.id)
    assert entity["distribution"]
    assert entity["license"] if lights.manifest.dataset.license else "license" not in entity
    for download in entity["distribution"]:
        name = download["contentUrl"].removeprefix(f"{BASE}release/{lights.id}/")
        assert lights.manifest.files[name].sha256 == download["sha256"]
        assert download["contentSize"] == f"{lights.manifest.files[name].size} B"


@pytest.mark.parametrize("path", ["/dumps/", "/catalog"])
def test_pages_about_the_dataset_say_so(client: FlaskClient, path: str) -> None:
    assert head(client, path).data[0]["@type"] == "Dataset"


def schema(subject: str, property_: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(SCHEMA + property_), value, ox.DefaultGraph())


def typed(subject: str, class_: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(RDF_TYPE), ox.NamedNode(SCHEMA + class_), ox.DefaultGraph())


def test_a_resource_is_told_in_the_words_of_schema_org(tmp_path: Path) -> None:
    tower, keeper = BASE + "id/tower/roter-sand", BASE + "id/keeper/anna"
    more = [
        typed(tower, "Place"),
        typed(keeper, "Person"),
        schema(tower, "description", ox.Literal("Red and white.", language="en")),
        schema(tower, "description", ox.Literal("Rot und weiß.", language="de")),
        schema(tower, "latitude", ox.Literal("53.85", datatype=ox.NamedNode(XSD + "decimal"))),
        schema(tower, "employee", ox.NamedNode(keeper)),
        schema(tower, "url", ox.NamedNode("https://roter-sand.example/")),
    ]
    build(source(*more), tmp_path, silent)
    app = create_app(Settings(releases=tmp_path))
    found = Head(app.test_client().get("/doc/tower/roter-sand?lang=de", headers=HTML).text)
    assert found.data[0]["mainEntity"] == {
        "@type": "Place",
        "@id": tower,
        "name": "Roter Sand",
        "description": "Rot und weiß.",
        "latitude": 53.85,
        "employee": {"@type": "Person", "@id": keeper, "name": "Anna <script>alert('x')</script>"},
        "url": {"@id": "https://roter-sand.example/"},
    }
    assert found.meta("description") == "Rot und weiß."
    app.extensions["current"].close()


def test_a_resource_without_such_a_type_is_none(client: FlaskClient) -> None:
    assert "mainEntity" not in head(client, "/doc/tower/roter-sand").data[0]


def test_json_in_a_script_cannot_end_it() -> None:
    value = {"name": "</script><!-- & ' \u2028"}
    text = str(structured_data.script(value))
    assert json.loads(text) == value
    assert not set("<>&'\u2028") & set(text)


def test_problems_are_not_listed(client: FlaskClient) -> None:
    found = head(client, "/nothing")
    assert found.meta("robots") == "noindex"
    assert not found.links("canonical")
    assert not found.data


def test_a_page_of_a_release_says_what_it_is_and_is_not_listed(client: FlaskClient, lights: Release) -> None:
    page = f"/release/{lights.id}/doc/tower/roter-sand"
    found = head(client, page)
    assert found.data[0]["@id"] == BASE.rstrip("/") + page
    assert found.meta("robots") == "noindex"
    assert not found.links("canonical")
    assert head(client, f"/release/{lights.id}/catalog").data[0]["@id"] == f"{BASE}release/{lights.id}"


def test_robots_are_told_where_the_site_map_is(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert f"Sitemap: {BASE}sitemap.xml" in lines
    assert "Disallow: /sparql" in lines
    assert "Disallow: /" not in lines


def locations(client: FlaskClient, path: str) -> list[str]:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, "application/xml")
    return [str(element.text) for element in ET.fromstring(response.text).iter(LOC)]


def test_the_site_map_has_every_document_once(
    client: FlaskClient, lights: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawlers, "_PART", 100)
    pages, *parts = (address.removeprefix(BASE) for address in locations(client, "/sitemap.xml"))
    assert len(parts) > 2
    documents = [address for part in parts for address in locations(client, f"/{part}")]
    things = {quad.subject.value for quad in lights.open_store() if isinstance(quad.subject, ox.NamedNode)}
    things = {iri for iri in things if iri.startswith(BASE + "id/")}
    assert len(documents) == len(set(documents)) >= len(things) > 200
    assert BASE + "doc/tower/roter-sand" in documents
    around = locations(client, f"/{pages}")
    assert {BASE, BASE + "ontology", BASE + "ontology/Lighthouse"} <= set(around)
    assert TERMS not in "".join(around)
    assert client.get("/sitemap-0.xml").status_code == client.get("/sitemap-99.xml").status_code == 404


def test_pages_of_the_site_map_are_there(client: FlaskClient) -> None:
    around = locations(client, "/sitemap-pages.xml")
    assert len(around) > 10
    for address in around:
        assert client.get("/" + address.removeprefix(BASE), headers=HTML).status_code == 200, address


def test_header_and_head_agree_on_the_canonical_address(client: FlaskClient) -> None:
    response = client.get("/doc/tower/roter-sand?lang=de", headers=HTML)
    canonical = Head(response.text).links("canonical")[0]["href"]
    assert f'<{canonical}>; rel="canonical"' in ", ".join(response.headers.getlist("Link"))
