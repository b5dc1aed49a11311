"""Things and their documents: addresses, negotiation, content."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from release import reader
from release.links import Link, LinkIndex
from release.published import PublishedQuads
from server.model.description import Collector, Cursor
from server.model.labels import Labels
from server.model.lookups import Lookups
from server.model.presentation_shapes import Model
from tests.server.conftest import BASE, GRAPHS, SHIPS, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from release.reader import Release

pytestmark = pytest.mark.quick

TOWER = "/doc/tower/roter-sand"
RDF = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}


def get(client: FlaskClient, path: str, accept: str | None = None, **headers: str) -> TestResponse:
    fields = {"Accept": accept, **headers} if accept else headers
    return client.get(path, headers={name.replace("_", "-"): value for name, value in fields.items()})


def links(response: TestResponse, rel: str) -> list[str]:
    """The targets of the links of that relation, in however many fields they came (RFC 9110, 5.3)."""
    return re.findall(rf'<([^>]*)>; rel="{rel}"', ", ".join(response.headers.getlist("Link")))


def graph(response: TestResponse, format_: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=response.data, format=format_)


def test_a_thing_leads_to_its_document(client: FlaskClient) -> None:
    response = get(client, "/id/tower/roter-sand", "text/turtle")
    assert (response.status_code, response.headers["Location"]) == (303, TOWER)
    assert links(response, "describedby") == [TOWER]
    assert client.head("/id/tower/roter-sand").status_code == 303


@pytest.mark.parametrize(
    "path", ["/id/tower/none", "/doc/tower/none", "/doc/tower/none.ttl", "/doc?iri=urn:none", "/no"]
)
def test_unknown_resources_are_404(client: FlaskClient, path: str) -> None:
    response = get(client, path)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        (None, "ttl"),
        ("text/html,*/*;q=0.8", "html"),
        ("application/ld+json", "jsonld"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "rdf"),
        ("application/trig", "trig"),
    ],
)
def test_negotiated_and_fixed_are_the_same(client: FlaskClient, accept: str | None, extension: str) -> None:
    negotiated, fixed = get(client, TOWER, accept), get(client, f"{TOWER}.{extension}", "image/png")
    assert negotiated.status_code == fixed.status_code == 200
    assert negotiated.headers["Content-Location"] == f"{TOWER}.{extension}"
    assert negotiated.data == fixed.data
    assert "Accept" in negotiated.vary
    assert "Accept" not in fixed.vary
    assert len(links(negotiated, "alternate")) == 6
    assert links(negotiated, "canonical") == [BASE + TOWER[1:]]
    assert negotiated.headers["Access-Control-Allow-Origin"] == "*"


def test_not_acceptable_says_what_there_is(client: FlaskClient) -> None:
    response = get(client, TOWER, "image/png")
    assert response.status_code == 406
    assert "text/turtle" in response.get_json()["offers"]


def test_a_document_says_what_the_store_says(client: FlaskClient) -> None:
    said = graph(get(client, TOWER + ".ttl"), "turtle")
    tower, li = rdflib.URIRef(BASE + "id/tower/roter-sand"), rdflib.Namespace(TERMS)
    survey = rdflib.URIRef(BASE + "id/survey/1885")
    statement = rdflib.URIRef(BASE + "id/statement/1")
    assert len(list(said.triples((tower, None, None)))) == 8
    assert (rdflib.URIRef(BASE + "id/keeper/anna"), li.guards, tower) in said
    assert (statement, li.measuredIn, survey) in said
    assert (survey, rdflib.RDFS.comment, rdflib.Literal("By hand.", "en")) in said  # shown in place, so complete
    assert (li.Lighthouse, rdflib.RDFS.label, rdflib.Literal("Leuchtturm", "de")) in said
    assert (li.Lighthouse, rdflib.RDFS.comment, None) not in said


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser uses it
def test_every_format_gives_the_same_triples(client: FlaskClient) -> None:
    graphs = {ext: graph(get(client, f"{TOWER}.{ext}"), name) for ext, name in RDF.items()}
    assert all(isomorphic(graphs["ttl"], other) for other in graphs.values())
    trig = list(ox.parse(get(client, f"{TOWER}.trig").data, format=ox.RdfFormat.TRIG))
    default = rdflib.Graph()
    for quad in trig:
        if quad.graph_name == ox.DefaultGraph():
            default.parse(data=f"{quad.triple} .", format="nt")
    assert isomorphic(graphs["ttl"], default)
    assert {q.graph_name.value for q in trig if isinstance(q.graph_name, ox.NamedNode)} == {
        GRAPHS["vocabulary"],
        GRAPHS["data"],
    }


def test_turtle_has_the_resource_first_and_prefixes(client: FlaskClient) -> None:
    text = get(client, TOWER + ".ttl").text
    first = next(line for line in text.splitlines() if not line.startswith("@prefix"))
    assert first.startswith(f"<{BASE}id/tower/roter-sand> a li:Lighthouse")


def test_json_ld_is_compact(client: FlaskClient) -> None:
    document = json.loads(get(client, TOWER + ".jsonld").data)
    node = next(n for n in document["@graph"] if n["id"].endswith("roter-sand"))
    assert node["label"] == {"de": ["Roter Sand"], "en": ["Red Sand"]}
    assert node["keptBy"] == BASE + "id/keeper/anna"


def test_rdf_xml_says_what_it_cannot_write(client: FlaskClient) -> None:
    response = get(client, "/doc/tower/odd.rdf")
    assert response.status_code == 406
    assert "terms/22" in response.get_json()["detail"]
    assert get(client, "/doc/tower/odd.ttl").status_code == 200


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/doc/tower/v1.2", "Version 1.2"),
        ("/doc/tower/v1.2.ttl", "Version 1.2"),
        ("/doc/tower/v1.ttl", "A name that ends like a file"),
        ("/doc/tower/v1.ttl.ttl", "A name that ends like a file"),
        ("/doc/tower/" + quote("Wärter Süd"), "Wärter Süd"),
        ("/doc?iri=urn:isbn:0140449337", "A book"),
        ("/doc.ttl?iri=http://lights.example/chart/7", "Chart 7"),
    ],
)
def test_names_with_dots_and_other_iris(client: FlaskClient, path: str, label: str) -> None:
    response = get(client, path)
    assert response.status_code == 200
    assert label in response.text


def test_an_iri_under_the_base_leads_to_its_document(client: FlaskClient) -> None:
    response = get(client, "/chart/7")
    assert response.status_code == 303
    assert label_of(client, response.headers["Location"]) == "Chart 7"


def label_of(client: FlaskClient, path: str) -> str:
    said = graph(get(client, path, "text/turtle"), "turtle")
    return str(next(said.objects(rdflib.URIRef(BASE + "chart/7"), rdflib.RDFS.label)))


def test_inverse_triples_come_in_pages(client: FlaskClient) -> None:
    path, seen, hydra = "/doc/tower/v1.2", set(), rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
    following: list[str] = [path]
    pages = 0
    while following:
        response = get(client, following[0], "text/turtle")
        said = graph(response, "turtle")
        seen |= set(said.subjects(rdflib.URIRef(TERMS + "guards")))
        following = links(response, "next")
        assert [BASE + target[1:] for target in following] == [str(o) for o in said.objects(None, hydra.next)]
        pages += 1
    assert (pages, len(seen)) == (3, SHIPS)
    assert get(client, path + "?after=http://z.example/%20z").status_code == 404


def test_pages_lead_back_and_to_each_property(client: FlaskClient) -> None:
    hydra, void = rdflib.Namespace("http://www.w3.org/ns/hydra/core#"), rdflib.Namespace("http://rdfs.org/ns/void#")
    first = get(client, "/doc/tower/v1.2", "text/turtle")
    said = graph(first, "turtle")
    parts = {said.value(part, void.property): part for part in said.objects(None, void.propertyPartition)}
    guards = parts[rdflib.URIRef(TERMS + "guards")]
    assert int(str(said.value(guards, void.triples))) == SHIPS
    jumped = get(client, str(said.value(guards, hydra.first)).removeprefix(BASE[:-1]), "text/turtle")
    assert set(graph(jumped, "turtle").subjects(rdflib.URIRef(TERMS + "guards")))
    second = get(client, links(first, "next")[0], "text/turtle")
    third = get(client, links(second, "next")[0], "text/turtle")
    assert links(third, "prev") == links(first, "next")
    assert links(second, "prev") == ["/doc/tower/v1.2"]
    assert links(third, "next") == []


def test_pages_of_links(lights: Release) -> None:
    index = LinkIndex(lights.path / reader.LINKS, lights.open_quads())
    tower = BASE + "id/tower/v1.2"
    store, published, hints = lights.open_store(), PublishedQuads(lights), Model()
    labels = Labels(store, Lookups(store, published), hints, [], {})
    collector = Collector(store, published, hints, labels, index, lights.manifest.counts.properties)
    starts: list[Cursor | None] = [None]
    sources: list[list[str]] = []
    while len(starts) == len(sources) + 1:
        description = collector.describe(ox.NamedNode(tower), starts[-1])
        assert description.totals == {TERMS + "guards": SHIPS}
        assert description.previous == {1: None, 2: Link("", "")}.get(len(starts), starts[-2] if sources else None)
        sources.append([str(triple.subject) for triple in description.incoming])
        starts += [description.next] if description.next else []
    assert [len(page) for page in sources] == [100, 100, 30]
    assert list(chain(*sources)) == [f"<{BASE}id/ship/{number:03}>" for number in range(SHIPS)]


def test_conditional_requests(client: FlaskClient) -> None:
    response = get(client, TOWER, "text/turtle")
    tag, modified = response.headers["ETag"], response.headers["Last-Modified"]
    fresh = get(client, TOWER, "text/turtle", If_None_Match=tag)
    assert (fresh.status_code, fresh.data, fresh.headers["ETag"]) == (304, b"", tag)
    assert "Accept" in fresh.vary
    assert get(client, TOWER, "text/turtle", If_Modified_Since=modified).status_code == 304
    assert get(client, TOWER, "text/turtle", If_None_Match='"other"', If_Modified_Since=modified).status_code == 200
    assert get(client, TOWER, "application/trig", If_None_Match=tag).status_code == 200
    assert get(client, TOWER + "x", "text/turtle", If_None_Match=tag).status_code == 404


def test_head_and_options(client: FlaskClient) -> None:
    whole, head = get(client, TOWER + ".ttl"), client.head(TOWER + ".ttl")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    options = client.options(TOWER)
    assert options.status_code == 200
    assert "GET" in options.headers["Access-Control-Allow-Methods"]
    assert client.post(TOWER).status_code == 405


def test_the_page_is_ordered_and_named_by_the_shapes(client: FlaskClient) -> None:
    english, german = (
        get(client, TOWER + ".html", Accept_Language=language).text for language in ("en", "de-AT, en;q=0.5")
    )
    places = [english.index(text) for text in ("Red Sand", "Numbers", "kept by", "height in metres", "measured in")]
    assert places == sorted(places)
    assert '<h1><bdi lang="de">Roter Sand' in german
    assert all(text in german for text in ("gehütet von", "Leuchtturm"))
    assert "heißt" not in german.partition("measuredIn")[0]  # the names head the page
    assert '<h1><bdi lang="en">Red Sand' in english


def test_values_open_what_backs_them(client: FlaskClient) -> None:
    html = get(client, TOWER + ".html").text
    height = html.index("52.5")
    assert "<details>" in html[height : html.index("</li>", height)]
    assert html.count("By hand.") == 2  # under the height that a statement is about, and at the survey itself


def test_the_page_runs_no_foreign_code(client: FlaskClient) -> None:
    response = get(client, TOWER + ".html")
    assert "&lt;script&gt;alert" in response.text
    scripts = re.findall(r"<script[^>]*>", response.text)
    assert scripts
    assert all('src="/static/built/' in script or 'type="application/ld+json"' in script for script in scripts)
    assert 'href="javascript:' not in response.text
    assert "style=" not in response.text
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_link_by_path(client: FlaskClient) -> None:
    html = get(client, TOWER + ".html", Host="mirror.example").text
    assert 'href="/doc/keeper/anna"' in html
    assert f'<a href="{BASE}' not in html
    assert urlsplit(get(client, "/id/tower/roter-sand", Host="mirror.example").headers["Location"]).netloc == ""
    assert BASE in get(client, TOWER + ".ttl", Host="mirror.example").text
