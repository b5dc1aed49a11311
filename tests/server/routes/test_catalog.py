"""The catalog: equal in every format, as a page, and as a graph in queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
import pytest
import rdflib

from core.formats import RDF_FORMATS, Kind
from core.rdf import serialize
from release.reader import CATALOG

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from core.formats import Format
    from release.reader import Release

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


def written(release: Release) -> rdflib.Graph:
    return rdflib.Graph().parse(release.path / CATALOG)


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda f: str(f.extension))
@pytest.mark.parametrize("within", [False, True], ids=["current", "release"])
def test_every_format_says_the_same(client: FlaskClient, lights: Release, format_: Format, *, within: bool) -> None:
    path = f"/release/{lights.id}/catalog" if within else "/catalog"
    response = client.get(path, headers={"Accept": format_.media_type})
    assert (response.status_code, response.mimetype) == (200, format_.media_type)
    assert response.cache_control.immutable is within
    if format_.kind is Kind.DATASET:  # rdflib's own datasets warn of themselves
        quads = [cast("ox.Quad", quad) for quad in ox.parse(response.data, format_.rdf)]
        triples = [quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph()]
        read = rdflib.Graph().parse(data=serialize(triples, ox.RdfFormat.N_TRIPLES), format="nt")
    else:
        parser = {"rdf": "xml"}.get(format_.extension, format_.extension)
        read = rdflib.Graph().parse(data=response.data, format=parser)
    assert set(read) == set(written(lights))


def test_it_can_be_queried(client: FlaskClient, lights: Release) -> None:
    graph = f"{lights.base}catalog"
    of_release = f"?dataset <{DCAT.inSeries}> ?series ; <{rdflib.VOID.triples}> ?triples"
    query = f"SELECT ?triples {{ GRAPH <{graph}> {{ {of_release} }} }}"
    rows = client.get("/sparql", query_string={"query": query, "format": "json"}).get_json()["results"]["bindings"]
    assert [row["triples"]["value"] for row in rows] == [str(lights.manifest.counts.triples)]
    merged = {"query": f"ASK {{ ?catalog a <{DCAT.Catalog}> }}", "format": "json"}
    assert client.get("/sparql", query_string=merged).get_json()["boolean"] is False  # it is not among the data


def test_the_release_dereferences_to_it(client: FlaskClient, lights: Release) -> None:
    (dataset,) = written(lights).subjects(DCAT.inSeries, None)
    path = str(dataset).removeprefix(lights.base)
    response = client.get(f"/{path}", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, f"/release/{lights.id}/catalog")


@pytest.mark.parametrize("within", ["", "/release/{}"])
def test_its_parts_are_at_the_address_that_void_names(client: FlaskClient, lights: Release, within: str) -> None:
    path = f"{within.format(lights.id)}/.well-known/void"
    page = client.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Location"]) == (303, path.replace(".well-known/void", "catalog"))
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.mimetype) == (200, "text/turtle")
    said = rdflib.Graph().parse(data=answer.data, format="turtle")
    (dataset,) = said.objects(rdflib.URIRef(f"{lights.base}.well-known/void"), rdflib.FOAF.primaryTopic)
    classes = {
        str(said.value(part, rdflib.VOID["class"])) for part in said.objects(dataset, rdflib.VOID.classPartition)
    }
    assert classes == lights.manifest.counts.classes.keys()
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(("language", "title"), [("en", "Lights"), ("de", "Lichter")])
def test_the_page(client: FlaskClient, lights: Release, language: str, title: str) -> None:
    page = client.get(f"/catalog?lang={language}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    text = page.text
    assert f"{title}</bdi></h1>" in text
    assert lights.id in text
    for path, file in lights.manifest.files.items():
        if path.startswith("dumps/parkgraph."):
            assert f'href="/release/{lights.id}/{path}" download' in text
            assert file.sha256 in text
    assert "guards" in text  # a property with its number
    assert f'href="/release/{lights.id}/"' in text
    assert str(lights.manifest.counts.triples) in text.replace(",", "").replace(".", "")
