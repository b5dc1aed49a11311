"""RDF 1.2 over HTTP: triple terms and base directions, in every format that can hold them, and versions.

In: a release with triple terms, base directions, reifiers and an rdf:Statement. Out: every answer holds what the data
say, announces the version that it needs, or is a 406 that says why; what an answer offers is never a 406.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from core.formats import by_extension
from core.namespaces import RDF
from release.manifest import Dataset
from release.source import Source
from release.writer import build
from tests.server.conftest import in_process, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

BASE = "http://twelve.example/"
DATA = f"""
PREFIX : <{BASE}id/>
PREFIX rdf: <{RDF}>
:claim :says <<( :alice :knows <<( :bob :age 10 )>> )>> ; :text "a <<( and \\"@ar--rtl"@en .
:arabic :text "א"@ar--rtl, "b"@en-GB--ltr .
:alice :knows :bob ~ :r1 {{| :since 2020 |}} .
:odd :says <<( :alice <{BASE}terms/22> "\\u0001"@en--ltr )>> .
:itself :knows :bob ; rdf:reifies <<( :itself :knows :bob )>> ; :since 2021 .
:typed a <<( :alice :knows :bob )>>, "class" ; <http://www.w3.org/2000/01/rdf-schema#label> <<( :a :b :c )>>, "typed" .
:plain :text "<<( plain"@en ; :near :statement .
:statement a rdf:Statement ; rdf:subject :alice ; rdf:predicate :knows ; rdf:object :bob ; :source :plain .
:several a rdf:Statement ; rdf:subject :alice ; rdf:predicate :knows ; rdf:object :bob, :plain .
GRAPH :g {{ :claim :says <<( :alice :text "א"@ar--rtl )>> }}
"""
QUERIES = {"all": b"# title: All\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"}
REIFIES = ox.NamedNode(RDF + "reifies")
NAMES = ("claim", "arabic", "alice", "bob", "odd", "plain", "statement", "several", "r1", "typed", "itself")
NEEDS = {"claim": "1.2", "arabic": "1.2-basic", "plain": None, "statement": None, "several": None, "odd": "1.2"}
EXTENSIONS = ("ttl", "nt", "rdf", "jsonld", "trig")
TYPES = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/trig")
EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
STATED = ox.Triple(*(ox.NamedNode(f"{BASE}id/{name}") for name in ("alice", "knows", "bob")))
REIFIER = ox.Triple(ox.NamedNode(f"{BASE}id/statement"), REIFIES, STATED)


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    releases = tmp_path_factory.mktemp("twelve")
    quads = ox.serialize(ox.parse(DATA, format=ox.RdfFormat.TRIG), format=ox.RdfFormat.N_QUADS)
    assert quads is not None
    build(Source([quads], BASE, Dataset({"en": "Twelve"}), queries=QUERIES), releases, silent)
    with in_process(releases) as client:
        yield client


def get(client: FlaskClient, path: str, accept: str = "*/*") -> TestResponse:
    return client.get(path, headers={"Accept": accept})


def asked(query: str, **parameters: str) -> str:
    return f"/sparql?{urlencode({'query': query, **parameters})}"


def triples(answer: TestResponse, extension: str) -> set[ox.Triple]:
    format_ = by_extension(extension)
    assert format_ is not None
    return {quad.triple for quad in ox.parse(answer.data, format=format_.rdf)}


def version(answer: TestResponse) -> str | None:
    assert answer.status_code == 200, answer.text
    return answer.mimetype_params.get("version")


def offered(answer: TestResponse) -> list[str]:
    """The addresses of other formats in header fields and on a page."""
    links = re.findall(r'<([^>]*)>; rel="alternate"', ", ".join(answer.headers.getlist("Link")))
    if answer.mimetype != "text/html":
        return links
    formats = "".join(re.findall(r'<p class="formats">.*?</p>', answer.text, re.DOTALL))
    heads = re.findall(r'<link rel="alternate" type="[^"]*" href="([^"]*)"', answer.text)
    return [*links, *map(html.unescape, [*heads, *re.findall(r'href="([^"]*)"', formats)])]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_documents_hold_what_the_data_say_or_say_why_not(twelve: FlaskClient, extension: str) -> None:
    for name in NAMES:
        answer, in_lines = get(twelve, f"/doc/{name}.{extension}"), get(twelve, f"/doc/{name}.nt")
        wanted = triples(in_lines, "nt")
        has_triples = any(isinstance(triple.object, ox.Triple) for triple in wanted)
        if (extension == "jsonld" and has_triples) or (extension == "rdf" and name == "odd"):
            assert (answer.status_code, answer.mimetype) == (406, "application/problem+json")
            assert answer.get_json()["detail"].endswith("; other formats can.")
        else:
            assert answer.status_code == 200
            assert triples(answer, extension) == wanted


def test_documents_announce_the_version_that_they_need(twelve: FlaskClient) -> None:
    for name, needed in NEEDS.items():
        for type_ in TYPES:
            if (name, type_) != ("odd", "application/rdf+xml"):
                assert version(get(twelve, f"/doc/{name}", type_)) == needed
        announced = re.match(r'VERSION "(.*)"\n', get(twelve, f"/doc/{name}.ttl").text)
        assert (announced[1] if announced else None) == needed
    assert version(get(twelve, "/doc/arabic.jsonld")) is None  # JSON-LD 1.1 has directions, and no such parameter


@pytest.mark.parametrize("type_", TYPES)
def test_a_version_that_is_not_enough_is_a_406(twelve: FlaskClient, type_: str) -> None:
    statuses = {
        (name, label): get(twelve, f"/doc/{name}", f"{type_}; version={label}").status_code
        for name in ("claim", "arabic", "plain")
        for label in ("1.1", "1.2-basic", "1.2", '"1.2"', "9.9")
    }
    refused = {key for key, status in statuses.items() if status == 406}
    assert refused == {("claim", "1.1"), ("claim", "1.2-basic"), ("arabic", "1.1")} | {
        (name, "9.9") for name in ("claim", "arabic", "plain")
    }
    assert {*statuses.values()} == {200, 406}
    assert "1.2" in get(twelve, "/doc/claim", f"{type_};version=1.1").get_json()["detail"]
    assert version(get(twelve, "/doc/claim", f"{type_};version=1.1, {type_};q=0.5")) == "1.2"


def test_who_asks_for_rdf_1_2_gets_statements_as_reifiers(twelve: FlaskClient) -> None:
    plain, reified = (
        triples(get(twelve, "/doc/alice", accept), "ttl") for accept in ("text/turtle", f"{TYPES[0]};version=1.2")
    )
    assert reified - plain == {REIFIER}
    assert plain < reified
    assert triples(get(twelve, "/doc/several", "text/turtle;version=1.2"), "ttl") - triples(
        get(twelve, "/doc/several", "text/turtle"), "ttl"
    ) <= {REIFIER}
    one, other = (get(twelve, "/doc/statement", accept) for accept in ("text/turtle", "text/turtle;version=1.2"))
    assert one.headers["ETag"] != other.headers["ETag"]
    described = asked(f"DESCRIBE <{BASE}id/statement>")
    assert REIFIER in triples(get(twelve, described, "text/turtle;version=1.2"), "ttl")
    assert REIFIER not in triples(get(twelve, described, "text/turtle"), "ttl")
    constructed = get(twelve, asked(EVERYTHING), "application/n-triples;version=1.2")
    assert REIFIER not in triples(constructed, "nt")  # a query gives what it constructs


@pytest.mark.parametrize("path", [asked(EVERYTHING), "/store?default", f"/store?graph={BASE}id/g", "/query/all"])
def test_graphs_hold_what_the_data_say_or_say_why_not(twelve: FlaskClient, path: str) -> None:
    sep = "&" if "?" in path else "?"
    wanted = triples(get(twelve, f"{path}{sep}format=nt"), "nt")
    assert any(isinstance(triple.object, ox.Triple) for triple in wanted)
    for extension in (*EXTENSIONS, "nq"):
        answer = get(twelve, f"{path}{sep}format={extension}")
        if extension == "jsonld" or (extension == "rdf" and "graph=" not in path):
            assert (answer.status_code, answer.mimetype) == (406, "application/problem+json"), extension
            assert answer.get_json()["detail"].endswith("; other formats can.")
        else:
            assert version(answer) == "1.2"
            assert triples(answer, extension) == wanted
    assert get(twelve, path, "text/turtle;version=1.1").status_code == 406


def test_what_is_offered_is_there(twelve: FlaskClient) -> None:
    pages = [
        *(f"/doc/{name}" for name in NAMES),
        asked(EVERYTHING, format="html"),
        "/store?default&format=html",
        "/query/all",
        "/list",
        "/search?q=typed",
    ]
    found = [(page, address) for page in pages for address in offered(get(twelve, page, "text/html"))]
    found += [(name, address) for name in NAMES for address in offered(get(twelve, f"/doc/{name}", "text/turtle"))]
    found += [(name, address) for name in NAMES for address in offered(get(twelve, f"/doc/{name}", "image/png"))]
    linkset = get(twelve, f"/linkset?iri={BASE}id/claim", "application/linkset+json").get_json()["linkset"]
    found += [
        ("linkset", one["href"].removeprefix(BASE.rstrip("/")))
        for entry in linkset
        for one in entry.get("alternate", [])
    ]
    assert len(found) > 80
    assert [(page, address) for page, address in found if get(twelve, address).status_code != 200] == []


@pytest.mark.parametrize("extension", ["srj", "srx", "csv", "tsv"])
def test_results_hold_what_the_data_say(twelve: FlaskClient, extension: str) -> None:
    announced = extension in {"srj", "srx"}  # the others have no such parameter
    for name, needed in (("claim", "1.2"), ("arabic", "1.2-basic"), ("plain", None)):
        query = f"SELECT ?o {{ <{BASE}id/{name}> ?p ?o }} ORDER BY ?o"
        answer = get(twelve, asked(query, format=extension))
        assert version(answer) == (needed if announced else None)
        if extension != "csv":
            format_ = by_extension(extension)
            assert format_ is not None
            rows = ox.parse_query_results(answer.data, format=format_.results)
            assert isinstance(rows, ox.QuerySolutions)
            document, node = triples(get(twelve, f"/doc/{name}.nt"), "nt"), ox.NamedNode(f"{BASE}id/{name}")
            assert {row[0] for row in rows} == {triple.object for triple in document if triple.subject == node}
    text = 'SELECT ("<triple>\\"type\\":\\"triple\\" its:dir=\\"ltr" AS ?x) {}'
    assert version(get(twelve, asked(text, format=extension))) is None
    one = asked(f"SELECT ?o {{ <{BASE}id/claim> ?p ?o }}")
    assert get(twelve, one, "application/sparql-results+json;version=1.1").status_code == 406


def test_csv_encloses_triples(twelve: FlaskClient) -> None:
    """https://www.w3.org/TR/sparql12-results-csv-tsv/#csv-terms"""
    query = 'SELECT ?x { VALUES ?x { <<( <urn:s> <urn:p> "a \\"b\\"" )>> <<( <urn:s> <urn:p> <urn:o> )>> } }'
    lines = get(twelve, asked(query, format="csv")).text.splitlines()
    assert lines == ["x", '"<<( urn:s urn:p ""a """"b"""""" )>>"', "<<( urn:s urn:p urn:o )>>"]


def test_pages_show_triples_and_directions(twelve: FlaskClient) -> None:
    assert html.escape("<<( <") in get(twelve, "/doc/claim", "text/html").text
    assert '<bdi lang="ar" dir="rtl">' in get(twelve, "/doc/arabic", "text/html").text


def test_dumps_say_what_they_leave_out(twelve: FlaskClient) -> None:
    index = get(twelve, "/dumps/", "application/json").get_json()["files"]
    left_out = {file["name"]: file["left_out"] for file in index if file["left_out"]}
    assert left_out == {"parkgraph.jsonld.gz": 7}
    assert "without 7 triples whose object is a triple" in get(twelve, "/dumps/", "text/html").text


def test_a_dump_has_statements_as_reifiers(twelve: FlaskClient) -> None:
    texts = {}
    for name in ("parkgraph.nt.gz", "parkgraph.ttl.gz", "parkgraph-1.2.ttl.gz"):
        answer = twelve.get(f"/dumps/{name}", follow_redirects=True)
        texts[name] = gzip.decompress(answer.data)
    lines, turtle, reified = (
        {quad.triple for quad in ox.parse(text, format=format_)}
        for text, format_ in zip(
            texts.values(), (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE, ox.RdfFormat.TURTLE), strict=True
        )
    )
    assert turtle == lines
    assert reified - lines == {REIFIER}
    assert lines < reified
    assert all(text.startswith(b'VERSION "1.2"\n') for name, text in texts.items() if ".ttl" in name)
    assert "rdf:reifies" in get(twelve, "/dumps/", "text/html").text


def test_a_dataset_of_rdf_1_1_announces_nothing(client: FlaskClient) -> None:
    names = [file["name"] for file in client.get("/dumps/", headers={"Accept": "application/json"}).get_json()["files"]]
    turtle = gzip.decompress(client.get("/dumps/parkgraph.ttl.gz", follow_redirects=True).data)
    assert not turtle.startswith(b"VERSION")
    assert "parkgraph-1.2.ttl.gz" in names  # the lights have rdf:Statements
    assert json.loads(client.get("/manifest.json", follow_redirects=True).data)["statistics"]["features"] == []
