"""SPARQLWrapper and rdflib's SPARQLStore, over HTTP, as their users call them."""

from __future__ import annotations

import json
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING, Any, cast
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, POST, POSTDIRECTLY, RDFXML, TURTLE, URLENCODED, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from core.namespaces import FOAF
from tests.clients import questions

if TYPE_CHECKING:
    from collections.abc import Iterable

PARK = "id/park/sophia-antipolis"
OLD = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # which SPARQLWrapper makes of RDF/XML
NAME = """SELECT ?l { <%s> <http://www.w3.org/2000/01/rdf-schema#label> ?l FILTER(LANG(?l) = 'en' && ?l != "\\\\") }"""
PG = rdflib.Namespace("https://w3id.org/parkgraph/ontology#")


def wrapper(site: str, query: str, form: str, method: str = GET) -> SPARQLWrapper:
    made = SPARQLWrapper(f"{site}sparql", returnFormat=form)
    made.setMethod(method)
    made.setQuery(query)
    return made


@pytest.fixture
def store(site: str) -> rdflib.Graph:
    return rdflib.Graph(SPARQLStore(f"{site}sparql", returnFormat="json"))


@pytest.mark.parametrize("name", questions.NAMES)
def test_wrapper_answers_the_questions(site: str, name: str) -> None:
    found = cast("dict[str, Any]", wrapper(site, questions.text(name), JSON).queryAndConvert())
    columns = found["head"]["vars"]
    rows = Counter(tuple(row.get(c, {}).get("value", "") for c in columns) for row in found["results"]["bindings"])
    assert rows == questions.expected(name, site)


@pytest.mark.parametrize("method", [URLENCODED, POSTDIRECTLY])
def test_wrapper_posts(site: str, method: str) -> None:
    made = wrapper(site, f"ASK {{ <{site}{PARK}> a <{PG.Park}> }}", JSON, POST)
    made.setRequestMethod(method)
    assert cast("dict[str, Any]", made.queryAndConvert())["boolean"] is True


def test_wrapper_converts_other_results(site: str) -> None:
    query = f"SELECT ?l {{ <{site}{PARK}> <{rdflib.RDFS.label}> ?l FILTER(LANG(?l) = 'en') }}"
    document = cast("Any", wrapper(site, query, XML).queryAndConvert())
    assert [node.firstChild.data for node in document.getElementsByTagName("literal")] == ["Sophia Antipolis"]
    assert cast("bytes", wrapper(site, query, CSV).queryAndConvert()) == b"l\r\nSophia Antipolis\r\n"


@OLD
@pytest.mark.parametrize("form", [TURTLE, RDFXML])
def test_wrapper_gets_graphs(site: str, form: str) -> None:
    query = f"CONSTRUCT {{ ?deal ?p ?o }} WHERE {{ ?deal <{PG.party}> <{site}{PARK}> ; ?p ?o }}"
    found = wrapper(site, query, form).queryAndConvert()
    graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=cast("bytes", found))
    parties = set(graph.subjects(PG.party, rdflib.URIRef(site + PARK)))
    assert rdflib.URIRef(f"{site}id/agreement/cdht-sophia-sister-parks-2016") in parties


@OLD
def test_wrapper_describes_what_dereferencing_gives(site: str) -> None:
    described = cast("rdflib.Graph", wrapper(site, f"DESCRIBE <{site}{PARK}>", RDFXML).queryAndConvert())
    fetched = rdflib.Graph().parse(site + PARK)  # by its IRI, with the 303 in between
    document = rdflib.URIRef(f"{site}doc/{PARK.removeprefix('id/')}")
    assert (document, rdflib.URIRef(FOAF + "primaryTopic"), rdflib.URIRef(site + PARK)) in fetched
    assert set(described) == {triple for triple in fetched if triple[0] != document}
    assert len(described) > 50


def test_wrapper_says_what_is_wrong(site: str) -> None:
    with pytest.raises(QueryBadFormed, match="line 1, column 11"):
        wrapper(site, "SELECT * {", JSON).query()
    slow = wrapper(site, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", JSON)
    slow.addParameter("timeout", "0.2")
    with pytest.raises(HTTPError, match="503"):
        slow.query()


@pytest.mark.parametrize("name", questions.NAMES)
def test_store_answers_the_questions(site: str, store: rdflib.Graph, name: str) -> None:
    rows = cast("Iterable[rdflib.query.ResultRow]", store.query(questions.text(name)))
    found = Counter(tuple("" if term is None else str(term) for term in row) for row in rows)
    assert found == questions.expected(name, site)


def test_store_is_a_graph(site: str, store: rdflib.Graph) -> None:
    """Patterns become queries; following a link is another one."""
    park = rdflib.URIRef(site + PARK)
    [deal] = [s for s in store.subjects(PG.party, park) if (s, PG.kind, PG.sisterPark) in store]
    partners = set(store.objects(deal, PG.party)) - {park}
    names = [name for partner in partners for name in store.objects(partner, rdflib.RDFS.label)]
    assert rdflib.Literal("Chengdu Hi-Tech Industrial Development Zone", lang="en") in names
    assert len(store) == int(next(iter(store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")))[0])  # type: ignore[index, arg-type]


def test_store_reads_a_named_graph(site: str) -> None:
    name = rdflib.URIRef(f"{site}id/article/002")
    graph = rdflib.Graph(SPARQLStore(f"{site}sparql", returnFormat="json", context_aware=True), identifier=name)
    park = rdflib.URIRef(site + PARK)
    assert set(graph.objects(park, PG.nextTo)) == {rdflib.URIRef(f"{site}id/place/nice")}
    assert (rdflib.URIRef(f"{site}id/person/chen-xu"), None, None) not in graph  # of whom another one tells


def snippet(site: str, path: str, name: str) -> str:
    """A text that the page shows for programs."""
    with urlopen(Request(site + path, headers={"Accept": "text/html", "Accept-Language": "en"})) as response:
        page = response.read().decode()
    _, found, rest = page.partition(f"<figcaption>{name}</figcaption>")
    assert found
    return unescape(rest.partition("<code>")[2].partition("</code>")[0])


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own
    return names


def test_the_snippet_for_wrapper_runs(site: str) -> None:
    query = urlencode({"query": NAME % (site + PARK), "format": "html"})
    answer = run(snippet(site, f"sparql?{query}", "Python, SPARQLWrapper"))["answer"]
    assert [row["l"]["value"] for row in answer["results"]["bindings"]] == ["Sophia Antipolis"]


def test_the_snippet_of_a_saved_query_runs(site: str) -> None:
    answer = run(snippet(site, "query/sister-parks", "Python, SPARQLWrapper"))["answer"]
    with urlopen(f"{site}query/sister-parks.srj") as response:
        expected = json.load(response)
    assert answer["results"]["bindings"] == expected["results"]["bindings"]
    assert answer["results"]["bindings"]


def test_the_snippet_for_rdflib_runs(site: str) -> None:
    query = urlencode({"query": f"CONSTRUCT WHERE {{ <{site}{PARK}> ?p ?o }}", "format": "html"})
    graph = run(snippet(site, f"sparql?{query}", "Python, rdflib"))["graph"]
    assert (rdflib.URIRef(site + PARK), rdflib.RDF.type, PG.Park) in graph
