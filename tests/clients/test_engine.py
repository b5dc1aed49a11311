"""A release whose queries another engine answers, Oxigraph's server and Virtuoso: the same answers, and the same pages.

In goes the project's release, loaded by the command line; out come the answers to the questions, the saved queries with
their examples, and queries about graphs. What Virtuoso 7.2 does otherwise stands in tables, each with its cause.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from SPARQLWrapper import JSON, SPARQLWrapper

from core.errors import InputError
from core.named_default_graph import NamedDefaultGraph
from release import bulk_file, graph_store
from release.build import publish_rdf
from release.store_account import Account
from tests.clients import questions
from tests.conftest import ROOT, parkgraph
from tests.server.conftest import QUERY_SECONDS, in_process, silent
from tests.server.engines import VIRTUOSO_ACCOUNT, Virtuoso, oxigraph, virtuoso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

MERGED = "https://parkgraph.example/merged"
SAVED = sorted(path.stem for path in (ROOT / "docs" / "queries").glob("*.rq"))
ARTICLE, OTHER = "http://localhost:8000/id/article/002", "http://localhost:8000/id/article/001"
SYSTEM = "http://www.openlinksw.com/schemas/virtrdf#"
PREFIXES = "PREFIX pg: <https://w3id.org/parkgraph/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
COUNT = "SELECT (COUNT(*) AS ?n)"
ALL = "{ ?s ?p ?o }"
PER_GRAPH = f"{{ GRAPH ?g {ALL} }} GROUP BY ?g"
QUERIES = [
    f"{COUNT} {ALL}",
    f"SELECT DISTINCT ?g {{ GRAPH ?g {ALL} }}",
    "SELECT ?g { GRAPH ?g {} }",
    f"{COUNT} ?g {PER_GRAPH}",
    f"{COUNT} {{ GRAPH <{ARTICLE}> {ALL} }}",
    f"{COUNT} {{ GRAPH <{MERGED}> {ALL} }}",
    f"{COUNT} {{ GRAPH <{SYSTEM}> {ALL} }}",
    f"ASK {{ GRAPH <{SYSTEM}> {ALL} }}",
    f"ASK {{ GRAPH <id/article/002> {ALL} }}",
    f"SELECT ?g ?s {{ ?s a pg:Agreement GRAPH ?g {ALL} }}",
    "SELECT ?g ?s { ?s a pg:Agreement OPTIONAL { GRAPH ?g { ?s pg:party ?o } } }",
    "SELECT ?s { ?s a pg:Agreement MINUS { GRAPH ?g { ?s pg:party ?o } } }",
    "SELECT ?s { ?s a pg:Agreement FILTER NOT EXISTS { GRAPH ?g { ?s pg:party ?o } } }",
    "SELECT ?s ?g { { SELECT ?s { ?s a pg:Agreement } } GRAPH ?g { ?s pg:party ?o } }",
    "CONSTRUCT { ?s pg:in ?g } WHERE { GRAPH ?g { ?s a pg:Agreement } }",
    "DESCRIBE <id/park/sophia-antipolis>",
    "DESCRIBE ?s { GRAPH ?g { ?s a pg:Agreement } }",
    f"{COUNT} FROM <{ARTICLE}> {ALL}",
    f"{COUNT} FROM NAMED <{ARTICLE}> {ALL}",
    f"{COUNT} FROM <{ARTICLE}> FROM <{OTHER}> {ALL}",
    f"{COUNT} ?g FROM <{ARTICLE}> {PER_GRAPH}",
    f"{COUNT} ?g FROM <{ARTICLE}> FROM NAMED <{OTHER}> {PER_GRAPH}",
    f"{COUNT} {{ ?a a/rdfs:subClassOf* ?c }}",
    'SELECT ?s ?l { (?s ?n ?l) <http://jena.apache.org/text#query> ("park" 5) } ORDER BY ?s ?l',
]
DATASETS: list[dict[str, list[str]]] = [
    {"default-graph-uri": [ARTICLE]},
    {"named-graph-uri": [ARTICLE]},
    {"default-graph-uri": [ARTICLE], "named-graph-uri": [OTHER]},
    {"default-graph-uri": [ARTICLE, OTHER]},
]
PAGES = [
    "/",
    "/network",
    "/doc/park/sophia-antipolis",
    "/query/agreements",
    "/query/network",
    "/query/timeline",
    "/query/are-sister-parks?one=id/park/sophia-antipolis&other=id/park/chengdu-hi-tech-zone",
    "/search?q=sophia",
]


@dataclass(frozen=True)
class Front:
    """A client of the server in front of an engine, and the engine's name."""

    client: FlaskClient
    engine: str


@pytest.fixture(scope="module")
def own(release: Release) -> Iterator[FlaskClient]:
    """A client of the server with the engine of its own."""
    with in_process(release.path.parent) as client:
        yield client


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, release: Release) -> Iterator[Virtuoso]:
    """Virtuoso, loaded by the Graph Store Protocol with a digest."""
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as made:
        user, password = VIRTUOSO_ACCOUNT
        (made.folder / "password").write_text(f"{password}\n", encoding="utf-8")
        sign_in = ("--user", user, "--password-file", made.folder / "password")
        load(release, f"{made.url}/sparql-graph-crud-auth", "--default-graph", MERGED, *sign_in)
        yield made


@pytest.fixture(scope="module", params=["Oxigraph", "Oxigraph, default graph by name", "Virtuoso"])
def front(request: pytest.FixtureRequest, release: Release) -> Iterator[Front]:
    releases = release.path.parent
    if request.param == "Virtuoso":
        url = f"{request.getfixturevalue('engine').url}/sparql"
        with in_process(releases, endpoint=url, endpoint_default_graph=MERGED) as client:
            yield Front(client, request.param)
        return
    default = MERGED if "name" in request.param else ""
    with oxigraph() as url:
        load(release, f"{url}/store", *(("--default-graph", MERGED) if default else ()))
        more = {"endpoint": f"{url}/query", "endpoint_default_graph": default, "query_seconds": QUERY_SECONDS}
        with in_process(releases, **more) as client:
            yield Front(client, request.param)


def load(release: Release, url: str, *options: object) -> None:
    counts = release.manifest.counts
    listed = len(counts.graphs) if "--default-graph" in options else 0
    loaded = parkgraph("load", "--into", url, "--releases", release.path.parent, *options)
    assert int(loaded.stdout) == counts.triples + sum(counts.graphs.values()) + listed
    number = len(counts.graphs) + 1 + bool(listed)
    assert f"{number} of {number}" in loaded.stderr


def answer(client: FlaskClient, address: str) -> object:
    """The boolean, or the variables and the bag of rows, or the bag of triples, with every term as it is."""
    response = client.get(address)
    assert response.status_code == 200, response.text
    if response.mimetype == "application/n-triples":
        return Counter(response.data.splitlines())
    found = ox.parse_query_results(response.data, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    names = sorted(variable.value for variable in found.variables)
    return names, Counter(tuple(str(row[name]) for name in names) for row in found)


def sparql(query: str, **dataset: object) -> str:
    graph = query.removeprefix(PREFIXES).startswith(("CONSTRUCT", "DESCRIBE"))
    return "/sparql?" + urlencode({"query": query, "format": "nt" if graph else "srj", **dataset}, doseq=True)


@pytest.mark.parametrize("name", questions.NAMES)
def test_the_questions_have_the_same_answers(own: FlaskClient, front: Front, release: Release, name: str) -> None:
    address = sparql(questions.text(name))
    assert answer(front.client, address) == answer(own, address)
    found = front.client.get(address.replace("format=srj", "format=tsv")).data
    assert questions.rows(found, ox.QueryResultsFormat.TSV) == questions.expected(name, release.base)


@pytest.mark.parametrize("name", SAVED)
def test_so_have_saved_queries(own: FlaskClient, front: Front, release: Release, name: str) -> None:
    """With defaults, and with each example by itself."""
    query = release.queries()[name]
    needed = {p.name: p.example for p in query.parameters if p.required}
    examples = [{p.name: p.example} for p in query.parameters if p.example and not p.required]
    for given in ({}, *examples):
        address = f"/query/{name}.{'nt' if query.form == 'graph' else 'srj'}?{urlencode(needed | given)}"
        expected = answer(own, address)
        assert expected
        assert answer(front.client, address) == expected, given


@pytest.mark.parametrize("query", QUERIES)
def test_so_have_queries_about_graphs(own: FlaskClient, front: Front, query: str) -> None:
    address = sparql(PREFIXES + query)
    assert answer(front.client, address) == answer(own, address)


@pytest.mark.parametrize("dataset", DATASETS, ids="+".join)
def test_so_have_requests_that_name_graphs(own: FlaskClient, front: Front, dataset: dict[str, list[str]]) -> None:
    for query in (f"{COUNT} {ALL}", f"{COUNT} FROM <{OTHER}> {ALL}", f"SELECT DISTINCT ?g {{ GRAPH ?g {ALL} }}"):
        address = sparql(query, **dataset)
        assert answer(front.client, address) == answer(own, address), query


def test_pages_and_graphs_are_the_same(own: FlaskClient, front: Front) -> None:
    for address in PAGES:
        here, there = (c.get(address, headers={"Accept": "text/html"}) for c in (own, front.client))
        assert there.status_code == here.status_code == 200
        assert sorted(there.text.splitlines()) == sorted(here.text.splitlines()), address
    for address in ("/store?default&format=nt", f"/store?graph={ARTICLE}&format=nt"):
        assert answer(front.client, address) == answer(own, address)


FUNCTION = "SELECT (bif:sys_stat('st_dbms_ver') AS ?x) {}"  # Virtuoso answers it


def test_refusals_tell_nothing_of_the_engine(front: Front) -> None:
    for query in (
        "SELECT * { ?s ?p",
        f"SELECT * {{ GRAPH ?g {ALL} ",
        "ASK { SERVICE <urn:x> {} }",
        "CLEAR ALL",
        FUNCTION,
    ):
        response = front.client.get(sparql(query))
        assert response.status_code in {400, 403}
        assert "127.0.0.1" not in response.text
        assert MERGED not in response.text


# What Virtuoso 7.2.5 answers otherwise, with the cause; the first is right, and our engine's.
DEVIATIONS = {
    "a comparison is 1 or 0, an xsd:integer": ("SELECT (1 = 1 AS ?x) {}", ["true"], ["1"]),
    "true is 1 where a query says it": ("SELECT (true AS ?x) {}", ["true"], ["1"]),
    "integers are divided as integers": ("SELECT (1 / 4 AS ?x) {}", ["0.25"], ["0"]),
    "a path that repeats needs one end": (
        "SELECT (COUNT(*) AS ?x) { ?a <https://schema.org/containedInPlace>+ ?b }",
        ["279"],
        502,
    ),
    "so does one within GRAPH": (
        "SELECT (COUNT(*) AS ?x) { GRAPH ?g { ?a a/rdfs:subClassOf* ?b } }",
        ["4228"],
        502,
    ),
    "COUNT of a graph outside of the dataset is 1": (
        f"{COUNT.replace('?n', '?x')} FROM <{OTHER}> {{ GRAPH <{ARTICLE}> {ALL} }}",
        ["0"],
        ["1"],
    ),
    "COALESCE of an error and true is false": (
        f"{COUNT.replace('?n', '?x')} {{ ?a a pg:Agreement ; pg:kind ?k FILTER(COALESCE(?k = ?no, true)) }}",
        ["4"],
        ["0"],
    ),
    "YEAR of an unbound variable fails": (
        "SELECT (YEAR(?no) AS ?x) { ?p a pg:Partnership OPTIONAL { ?p pg:no ?no } } LIMIT 1",
        [""],
        502,
    ),
}


@pytest.mark.parametrize("cause", DEVIATIONS)
def test_where_virtuoso_deviates(own: FlaskClient, engine: Virtuoso, release: Release, cause: str) -> None:
    query, right, there = DEVIATIONS[cause]
    address = sparql(PREFIXES + query)
    with in_process(release.path.parent, endpoint=f"{engine.url}/sparql", endpoint_default_graph=MERGED) as client:
        assert column(own, address) == right
        assert column(client, address) == there


def column(client: FlaskClient, address: str) -> list[str] | int:
    """The values of ?x, or the status of an error."""
    response = client.get(address)
    if response.status_code != 200:
        return response.status_code
    rows = cast("list[dict[str, Any]]", response.get_json(force=True)["results"]["bindings"])
    return [row.get("x", {"value": ""})["value"] for row in rows]


XSD = "http://www.w3.org/2001/XMLSchema#"
# Terms, and what Virtuoso 7.2.5 gives for them where that is something else.
TERMS = {
    '"x"@en-GB-oxendict': None,
    '"x"@zh-hans-cn': None,
    '"2016"^^<http://id.loc.gov/datatypes/edtf/EDTF>': None,
    '"../2023-05-30"^^<http://id.loc.gov/datatypes/edtf/EDTF>': None,
    f'"2016"^^<{XSD}gYear>': None,
    f'"2016-05-03"^^<{XSD}date>': None,
    f'"2016-05-03T10:00:00+05:30"^^<{XSD}dateTime>': None,
    f'"true"^^<{XSD}boolean>': None,
    f'"2000000000"^^<{XSD}integer>': None,
    f'"0.25"^^<{XSD}decimal>': None,
    f'"5"^^<{XSD}nonNegativeInteger>': None,
    '"ü中文 😀"': None,
    r'"a\nb\tc\rd\"e\\f\u0001"': None,
    '"<p>a</p>"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#HTML>': None,
    f'"{"y" * 200_000}"': None,
    f'"01"^^<{XSD}integer>': f'"1"^^<{XSD}integer>',  # numbers are kept by value
    f'"1.50"^^<{XSD}decimal>': f'"1.5"^^<{XSD}decimal>',
    f'"1e0"^^<{XSD}double>': f'"1.0"^^<{XSD}double>',
    f'"1"^^<{XSD}boolean>': f'"true"^^<{XSD}boolean>',
    f'"320230000000"^^<{XSD}integer>': f'"320230000000"^^<{XSD}decimal>',  # beyond 32 bits
    f'"0.000000000000000000001"^^<{XSD}decimal>': f'"0"^^<{XSD}decimal>',  # beyond 20 digits behind the point
    f'"{"9" * 60}"^^<{XSD}integer>': f'"INF"^^<{XSD}decimal>',
    f'"abc"^^<{XSD}integer>': f'"0"^^<{XSD}integer>',
    f'"-0044-03-15"^^<{XSD}date>': f'"-044-03-15"^^<{XSD}date>',
    f'"-0044"^^<{XSD}gYear>': f'"-044"^^<{XSD}gYear>',
    f'"2016-05-03T10:00:00.123456789Z"^^<{XSD}dateTime>': f'"2016-05-03T10:00:00.123456Z"^^<{XSD}dateTime>',
    f'"P1Y2M"^^<{XSD}duration>': f'"14"^^<{XSD}duration>',
    f'"P1D"^^<{XSD}dayTimeDuration>': f'"86400.0"^^<{XSD}dayTimeDuration>',
    '"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>': f'"POINT(1 2)"^^<{SYSTEM}Geometry>',
    f"<http://x.example/{'p' * 3000}>": f"<http://x.example/{'p' * 1830}9f4fb406c392af50b6083902b4f23f6b>",
}
FILLER = "".join(f"<urn:a:{number}> <urn:p> {number} .\n" for number in range(200))  # Virtuoso looks at the beginning


def published(folder: Path, triples: str) -> Release:
    (folder / "data.ttl").write_text(FILLER + triples, encoding="utf-8")
    return publish_rdf([folder / "data.ttl"], folder / "releases", base="http://terms.example/").release


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with a subject for each of the terms, and one with a blank node."""
    triples = "".join(f"<urn:t:{number}> <urn:p> {term} .\n" for number, term in enumerate(TERMS))
    return published(tmp_path_factory.mktemp("terms"), f"{triples}<urn:t:blank> <urn:p> _:b .\n_:b <urn:p> 1 .\n")


def send(engine: Virtuoso, release: Release, default: str) -> None:
    url, account = f"{engine.url}/sparql-graph-crud-auth", Account(*VIRTUOSO_ACCOUNT)
    graph_store.load(release, url, silent, default_graph=NamedDefaultGraph(default), account=account)


def bulk_load(engine: Virtuoso, release: Release, default: str) -> str:
    """Load a release by Virtuoso's bulk loader; what its list of files has of errors."""
    folder = engine.folder / default.replace(":", "-")
    folder.mkdir()
    bulk_file.write(release, folder / "quads.nq.gz", NamedDefaultGraph(default), silent)
    engine.execute(f"ld_dir('{folder}', '*.nq.gz', 'urn:none')", "rdf_loader_run()")
    errors = "select ll_error from DB.DBA.LOAD_LIST where ll_error is not null and ll_file like"
    return engine.execute(f"{errors} '{folder}%'")


@pytest.mark.parametrize("way", ["protocol", "bulk"])
def test_what_becomes_of_terms(engine: Virtuoso, terms: Release, way: str) -> None:
    default = f"urn:{way}"
    if way == "bulk":
        assert "0 Rows" in bulk_load(engine, terms, default)
    else:
        send(engine, terms, default)
    settings = {"endpoint": f"{engine.url}/sparql", "endpoint_default_graph": default}
    with in_process(terms.path.parent, **settings) as client:
        _, rows = cast("tuple[object, Any]", answer(client, sparql("SELECT ?s ?o { ?s <urn:p> ?o }")))
    found = {subject: value for value, subject in rows}
    assert len(found) == rows.total() == len(TERMS) + 200 + 2
    for number, (term, there) in enumerate(TERMS.items()):
        quad = next(iter(ox.parse(f"<urn:s> <urn:p> {there or term} .", ox.RdfFormat.N_TRIPLES)))
        assert found[f"<urn:t:{number}>"] == str(quad.object), term[:100]
    assert found[found["<urn:t:blank>"]] == str(ox.Literal(1))  # it is a subject too


@pytest.mark.parametrize("term", ['"x"@ar--rtl', "<<( <urn:a> <urn:b> <urn:c> )>>"], ids=["direction", "triple"])
def test_terms_of_rdf_1_2_are_refused(engine: Virtuoso, tmp_path: Path, term: str) -> None:
    """By the protocol with an error; the bulk loader notes one down for a direction, and leaves out a triple term."""
    release, name = published(tmp_path, f"<urn:x> <urn:p> {term} ."), f"urn:1.2:{len(term)}"
    with pytest.raises(InputError, match=r"does not take the graph: status 500 .*RDF loader, line 201"):
        send(engine, release, f"{name}:protocol")
    assert ("syntax error" in bulk_load(engine, release, f"{name}:bulk")) is ("rtl" in term)
    assert values(engine, f"SELECT ?o {{ GRAPH <{name}:bulk> {{ <urn:x> ?p ?o }} }}") == []


def test_long_texts_come_behind_others(engine: Virtuoso, tmp_path: Path) -> None:
    """The protocol takes no graph with a text of more than 64 KiB at its beginning, whatever its Content-Type."""
    (tmp_path / "data.ttl").write_text(f'<urn:x> <urn:p> "{"y" * 100_000}" .', encoding="utf-8")
    release = publish_rdf([tmp_path / "data.ttl"], tmp_path / "releases", base="http://terms.example/").release
    with pytest.raises(InputError, match=r"status 500 .*unsupported type text/plain"):
        send(engine, release, "urn:long:protocol")
    assert "0 Rows" in bulk_load(engine, release, "urn:long:bulk")
    assert values(engine, "SELECT (STRLEN(?o) AS ?n) { GRAPH <urn:long:bulk> { <urn:x> ?p ?o } }") == ["100000"]


def test_who_may_not_write_is_told(engine: Virtuoso, terms: Release) -> None:
    url, graph = f"{engine.url}/sparql-graph-crud", NamedDefaultGraph("urn:none")
    for account in (None, Account("dba", "wrong")):
        with pytest.raises(InputError, match="does not take the graph: status 401"):
            graph_store.load(terms, f"{url}-auth", silent, default_graph=graph, account=account)
    with pytest.raises(InputError, match=r"status 403 .*Permission denied"):
        graph_store.load(terms, url, silent, default_graph=graph)


def values(engine: Virtuoso, query: str) -> list[str]:
    """The values of the one column of a query to Virtuoso itself."""
    made = SPARQLWrapper(f"{engine.url}/sparql", returnFormat=JSON)
    made.setQuery(query)
    found = cast("dict[str, Any]", made.queryAndConvert())
    return [next(iter(row.values()))["value"] for row in found["results"]["bindings"]]
