"""The pages around the documents: home, vocabulary, catalog, problems; and what every answer has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib

from core.rdf import nquads
from release.manifest import Dataset
from release.source import Source
from release.writer import build
from server.app import create_app
from server.settings import Settings
from tests.server.conftest import TERMS, silent

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

HTML = {"Accept": "text/html"}


def test_home_tells_what_this_is(client: FlaskClient, lights: Release) -> None:
    text = client.get("/", headers={"Accept-Language": "de"}).text
    for expected in (
        "Lichter",
        "Towers with a light.",
        f"{lights.manifest.counts.triples:,}",
        "Roter Sand",
        "Leuchtturm",
    ):
        assert expected in text


def test_home_sends_machines_to_the_catalog(client: FlaskClient) -> None:
    response = client.get("/", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, "/catalog")


def test_a_base_with_a_path_is_served_below_it(tmp_path: Path) -> None:
    base = "https://data.example/sets/1/"
    quad = ox.Quad(ox.NamedNode(base + "id/x"), ox.NamedNode("urn:p"), ox.Literal("y"), ox.DefaultGraph())
    build(Source([nquads([quad])], base, Dataset({"en": "Set"})), tmp_path, silent)
    app = create_app(Settings(releases=tmp_path))
    client = app.test_client()
    assert client.get("/sets/1/id/x").headers["Location"] == "/sets/1/doc/x"
    document = client.get("/sets/1/doc/x")
    assert f"<{base}id/x>" in document.text
    assert document.headers["Content-Location"] == "/sets/1/doc/x.ttl"
    assert f'<{base}doc/x>; rel="canonical"' in ", ".join(document.headers.getlist("Link"))
    assert 'href="/sets/1/sparql"' in client.get("/sets/1/", headers=HTML).text
    assert client.get("/sets/1/ontology").status_code == 404
    app.extensions["current"].close()


def test_health_names_the_release(client: FlaskClient, lights: Release) -> None:
    assert client.get("/health").text == f"{lights.id}\n"


def test_the_vocabulary(client: FlaskClient, lights: Release) -> None:
    said = rdflib.Graph().parse(data=client.get("/ontology").data, format="turtle")
    assert (rdflib.URIRef(TERMS + "Lighthouse"), rdflib.RDF.type, rdflib.OWL.Class) in said
    page = client.get("/ontology", headers=HTML).text
    assert 'id="Lighthouse"' in page
    assert f"used {lights.manifest.counts.classes[TERMS + 'Lighthouse']} times" in page
    shapes = rdflib.Graph().parse(data=client.get("/ontology/shapes").data, format="turtle")
    assert len(list(shapes.subjects(rdflib.RDF.type, rdflib.SH.NodeShape))) == 4


def test_a_term_leads_machines_to_its_document(client: FlaskClient) -> None:
    machine = client.get("/ontology/Lighthouse", headers={"Accept": "text/turtle"})
    assert machine.status_code == 303
    document = rdflib.Graph().parse(data=client.get(machine.headers["Location"]).data, format="turtle")
    assert (rdflib.URIRef(TERMS + "Lighthouse"), rdflib.RDFS.comment, None) in document
    assert client.get("/ontology/None").status_code == 404


def test_the_catalog(client: FlaskClient, lights: Release) -> None:
    void = client.get("/.well-known/void", headers=HTML)
    assert (void.status_code, void.headers["Location"]) == (303, "/catalog")
    written = rdflib.Graph().parse(lights.path / "catalog.ttl")
    for accept, name in (("text/turtle", "turtle"), ("application/rdf+xml", "xml"), ("application/n-triples", "nt")):
        served = rdflib.Graph().parse(data=client.get("/catalog", headers={"Accept": accept}).data, format=name)
        assert set(served) == set(written)
    assert "SPARQL endpoint" in client.get("/catalog", headers=HTML).text


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/doc/none", {}, 404),
        ("GET", "/doc", {}, 400),
        ("GET", "/doc.exe?iri=urn:x", {}, 404),
        ("POST", "/doc/tower/roter-sand", {}, 405),
        ("DELETE", "/sparql", {}, 405),
        ("GET", "/ontology", {"Accept": "image/png"}, 406),
        ("GET", "/sparql?query=SELECT", {}, 400),
        ("GET", "/dumps/none", {}, 404),
        ("GET", "/static/none.css", {}, 404),
    ],
)
def test_every_failure_has_one_shape(
    client: FlaskClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = client.open(path, method=method, headers=headers)
    body = response.get_json()
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    assert body["detail"]
    assert "Traceback" not in response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if status == 405:
        assert "GET" in response.headers["Allow"]
    if "Accept" not in headers:
        page = client.open(path, method=method, headers={"Accept": "text/html, */*;q=0.1"})
        assert (page.status_code, page.mimetype) == (status, "text/html")
        assert page.headers["Content-Security-Policy"]


def test_a_fault_of_the_server_tells_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr("server.routes.vocabulary.current_release", fail)
    response = client.get("/ontology/Lighthouse")
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text


def test_static_files(client: FlaskClient) -> None:
    home = client.get("/").text
    paths = re.findall(r'"(/static/[^"]+)"', home)
    types = [client.get(path).mimetype for path in paths]
    assert types == ["text/javascript", "text/css", "text/javascript", "image/svg+xml"]


def test_default_settings_suit_many_waiting_queries() -> None:
    settings = Settings()
    waiting = settings.query_fast + settings.query_slow + settings.query_queue
    assert settings.threads > waiting
