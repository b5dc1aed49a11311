"""Full-text search within queries: in go queries over HTTP and on the command line, out come rows and errors.

That it finds what `/search` finds is tested beside that search.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from core.corrections import correct
from core.errors import QuerySyntaxError
from release.reader import INDEX
from release.text_search import DEFAULT, MOST, SEARCHES, TextSearch
from release.writer import build
from server.query.local import query_release
from tests.growth import assert_linear
from tests.server.conftest import BASE, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

PROLOGUE = (
    "PREFIX text: <http://jena.apache.org/text#> PREFIX li: <http://lights.example/terms#>\n"
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
)
SKOS = "http://www.w3.org/2004/02/skos/core#"
FEATURES = "http://jena.apache.org/spatial#nearby"
DATA = f"""
@prefix id: <{BASE}id/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <{SKOS}> .
@prefix li: <{TERMS}> .
id:sluice a li:Sluice ; rdfs:label "Alte Schleuse"@de-AT, "Old Sluice"@en-GB ; skos:altLabel "schleuse"@de, "S 1" .
id:gate a li:Sluice ; skos:prefLabel "Schleuse" ; rdfs:label "Schleuse"@nl ; skos:altLabel "Gate \\"A\\" \\\\u"@en .
id:sign a li:Sign ; rdfs:label "Schleuse rechts"@de ; <{FEATURES}> id:gate .
"""

SAVED = b"""# title: Find
# param words: string = sand
# param most: integer = 2
PREFIX text: <http://jena.apache.org/text#>
SELECT ?s { ?s text:query (?words ?most) }"""


@pytest.fixture(scope="module")
def sluices(tmp_path_factory: pytest.TempPathFactory) -> Release:
    triples = ox.parse(input=DATA, format=ox.RdfFormat.TURTLE)
    more = [ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()) for triple in triples]
    more += [
        ox.Quad(ox.NamedNode(f"{BASE}id/buoy/{number}"), ox.NamedNode(SKOS + "prefLabel"), ox.Literal(f"Buoy {number}"))
        for number in range(DEFAULT + 5)
    ]
    given = source(*more)
    return build(replace(given, queries={**given.queries, "find": SAVED}), tmp_path_factory.mktemp("sluices"), silent)


@pytest.fixture(scope="module")
def client(sluices: Release) -> Iterator[FlaskClient]:
    with in_process(sluices.path.parent) as client:
        yield client


def ask(client: FlaskClient, query: str) -> list[str]:
    """The rows in lines, IRIs without the base."""
    response = client.get("/sparql?" + urlencode({"query": PROLOGUE + query, "format": "csv"}))
    assert response.status_code == 200, response.text
    return response.text.replace(f"{BASE}id/", "").split("\r\n")[1:-1]


FOUND = [  # a query, its rows
    ('SELECT ?s { ?s text:query "schleuse" }', ["gate", "sluice", "sign"]),
    ('SELECT ?s { ?s text:query ("schleuse" 2) }', ["gate", "sluice"]),
    ('SELECT ?s { ?s text:query "SCHLEUSE" ; a li:Sign }', ["sign"]),
    ("SELECT ?s { ?s a li:Sign ; text:query 'schleuse rechts' }", ["sign"]),
    ('SELECT ?s { ?s text:query "schluse" ; a li:Sign }', ["sign"]),
    ('SELECT ?s ?n { (?s ?n) text:query "schleuse" } ORDER BY DESC(?n)', ["gate,1", "sluice,0.5", "sign,0.333333333"]),
    ('SELECT ?s ?l { (?s ?n ?l) text:query ("schleuse" 2) } ORDER BY ?l', ["gate,Schleuse", "sluice,schleuse"]),
    ('SELECT ?s { (?s ?n ?l) text:query "schleuse" . ?s skos:altLabel ?l }', ["sluice"]),
    ('SELECT ?s { (?s ?n ?l) text:query "old sluice" . ?s rdfs:label ?l }', ["sluice"]),
    ('SELECT ?l { (?s ?n ?l) text:query "gate" . ?s skos:altLabel ?l }', ['"Gate ""A"" \\u"']),
    ('SELECT ?s { ?s text:query (rdfs:label "schleuse") }', ["gate", "sign", "sluice"]),
    ('SELECT ?s { ?s text:query (skos:prefLabel "schleuse") }', ["gate"]),
    ('SELECT ?s { ?s text:query (skos:altLabel skos:hiddenLabel "schleuse" 5) }', ["sluice"]),
    ('SELECT ?s { ?s text:query ("schleuse" "lang:de") }', ["sluice", "sign"]),
    ('SELECT ?s { ?s text:query ("schleuse"@DE) }', ["sluice", "sign"]),
    ('SELECT ?s { ?s text:query "schleuse"@de-AT }', ["sluice"]),
    ('SELECT ?s { ?s text:query ("schleuse" 5 "lang:nl") }', ["gate"]),
    ('SELECT ?s { ?s text:query ("schleuse"@nl "lang:de") }', ["gate"]),
    ('SELECT ?s { ?s text:query ("s 1" "lang:none") }', ["sluice"]),
    ('SELECT ?s { ?s text:query (rdfs:label "schleuse" 1 "lang:de") }', ["sign"]),
    ('SELECT ?s { ?s text:query "schleuse", "old" }', ["sluice"]),
    ("SELECT ?x { <id/gate> text:query 'schleuse' BIND(1 AS ?x) }", ["1"]),
    ("SELECT ?x { <id/gate> text:query 'buoy' BIND(1 AS ?x) }", []),
    ("SELECT ?n { (<id/sluice> ?n) text:query 'schleuse' }", ["0.5"]),
    ("SELECT ?x { ?x li:none ?y OPTIONAL { ?x text:query 'schleuse' } }", []),
    ("SELECT (COUNT(*) AS ?n) { ?s text:query 'buoy' }", [str(DEFAULT)]),
    (f"SELECT (COUNT(*) AS ?n) {{ ?s text:query ('buoy' {MOST}) }}", [str(DEFAULT + 5)]),
    (f"SELECT ?o {{ ?s <{FEATURES}> ?o ; text:query 'schleuse' }}", ["gate"]),  # a property of the data
    ("SELECT ?g { GRAPH ?g { ?s text:query 'red' ; a li:Lighthouse } }", ["graph/survey"]),
    ("SELECT ?s { ?s text:query 'sand' FILTER(NOW() > '2020-01-01') } ORDER BY RAND() LIMIT 0", []),
    ("SELECT * FROM <catalog> { ?s text:query 'nothing like this' }", []),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), FOUND)
def test_found(client: FlaskClient, sluices: Release, query: str, expected: list[str]) -> None:
    rows = ask(client, query)
    assert rows == expected if "ORDER" in query else sorted(rows) == sorted(expected)
    answer = query_release(sluices, PROLOGUE + query)
    assert isinstance(answer, ox.QuerySolutions)
    assert len(list(answer)) == len(rows)


def test_prefixes_of_the_release_on_the_command_line(sluices: Release) -> None:
    answer = query_release(sluices, 'ASK { ?s <http://jena.apache.org/text#query> (rdfs:label "sand") }')
    assert isinstance(answer, ox.QueryBoolean)
    assert answer


def test_words_of_a_saved_query(client: FlaskClient) -> None:
    """Its values are written into the query, so each may be an argument."""
    for parameters, expected in (("", ["tower/roter-sand"]), ("?words=old%20sluice", ["sluice"])):
        response = client.get(f"/query/find.csv{parameters}")
        assert response.text.replace(f"{BASE}id/", "").split()[1:] == expected
    assert client.get("/query/find.csv?words=").status_code == 400


def test_described_and_constructed(client: FlaskClient) -> None:
    for query in (
        "DESCRIBE ?s { ?s text:query 'rechts' }",
        "CONSTRUCT { ?s a ?c } { ?s text:query 'rechts' ; a ?c }",
    ):
        response = client.get("/sparql?" + urlencode({"query": PROLOGUE + query, "format": "nt"}))
        assert f"<{BASE}id/sign> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>" in response.text


REFUSED = [  # the error stands behind the sign
    ("?s text:query §''", "1 to 12 words"),
    ("?s text:query §'…'", "1 to 12 words"),
    ("?s text:query (rdfs:label §'a b c d e f g h i j k l m')", "1 to 12 words"),
    (f"?s text:query §'{'x' * 301}'", "300 characters"),
    ("?s text:query ('x' §0)", "from 1 to 1000"),
    ("?s text:query ('x' §1001)", "from 1 to 1000"),
    ("?s text:query ('x' §-1)", "from 1 to 1000"),
    ("?s text:query ('x' 1§.5)", "written out"),
    ("?s text:query ('x' 10 §10)", "written out"),
    ("?s text:query ('x' §'highlight:')", "lang:de"),
    ("?s text:query ('x' 'lang:de' §5)", "no such argument"),
    ("?s text:query ('x' §?n)", "written out"),
    ("?s text:query §?words", "written out"),
    ("?s text:query §5", "written out"),
    ("?s text:query (§rdfs:comment 'x')", "skos/core#altLabel"),
    ("?s §text:query (rdfs:label)", "written out"),
    ("?s §text:query ()", "written out"),
    ("?s text:query 'x'§^^<urn:x>", "written out"),
    ("?s text:query §'a\\q'", "written out"),
    ("?s text:query §'open \n }", "written out"),
    ("§'x' text:query 'x'", "a variable or an IRI"),
    ("§_:b text:query 'x'", "a variable or an IRI"),
    ("() §text:query 'x'", "nothing stands"),
    ("(?s §1) text:query 'x'", "variables"),
    ("(?s ?n §$n) text:query 'x'", "each once"),
    ("(?s ?n ?l §?g) text:query 'x'", "each once"),
    ("[ §text:query 'x' ] a ?c", "has to be named"),
    ("?s §text:query/rdfs:label 'x'", "property path"),
    (" . ".join(["?s text:query 'x'"] * SEARCHES) + " . ?s §text:query 'x'", f"{SEARCHES} searches"),
    ("?s §text:search 'x'", "text:query"),
    ("?s §bif:contains 'x'", "text:query"),
    ("?s §bds:search 'x'", "text:query"),
    ("?s ?p ?o . hint:Prior §hint:runFirst true", "text:query"),
    ("?s ?p ?o ; §<http://www.bigdata.com/rdf/search#search> 'x'", "text:query"),
    ("?s §<http://www.openrdf.org/contrib/lucenesail#matches> [ bif:x 1 ]", "matches"),
    ("?s §<http://www.ontotext.com/connectors/lucene#entities> ?e", "text:query"),
    ("?s §<http://jena.apache.org/ARQ/property#splitIRI> (?n ?l)", "text:query"),
    ("?s a ?c OPTIONAL { ?s (rdfs:label|§<tag:stardog:api:property:textMatch>) 'x' }", "stardog"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "said"), REFUSED)
def test_refused(client: FlaskClient, pattern: str, said: str) -> None:
    before, after = f"{PROLOGUE}SELECT * {{ {pattern} }}".split("§")
    response = client.get("/sparql?" + urlencode({"query": before + after}))
    problem = response.get_json(force=True)
    assert (response.status_code, said in problem["detail"]) == (400, True), problem
    assert (problem["line"], problem["column"]) == (3, len(before) - before.rfind("\n"))


def test_what_is_no_predicate_is_left_alone(client: FlaskClient) -> None:
    for pattern in (
        "VALUES ?s { text:search } ?s a ?c",
        "?s a text:Index",
        "?s ?p text:query",
        '?s ?p \'text:query "x"\' # ?s text:query ""\n',
        "?s bif:contains bif:x",
    ):
        prefix = "PREFIX bif: <urn:own:> " if "bif" in pattern else ""
        assert ask(client, f"{prefix} SELECT * {{ {pattern} }}") == []


def test_linear(sluices: Release) -> None:
    search = TextSearch(sluices)

    def read(query: str) -> None:
        with pytest.raises(QuerySyntaxError):
            search.rewrite(correct(PROLOGUE + query), BASE)

    for text in ("?s text:query 'x' . ", "?s text:query ('x' ", "?s text:query (rdfs:label ", "?s text:query '''x "):
        assert_linear(read, lambda length, text=text: "SELECT * { " + text * (length // len(text)), 40_000)  # type: ignore[misc]
    assert_linear(read, lambda length: f"SELECT * {{ ?s text:query '{'x' * length}'", 40_000)
    search.close()


def test_a_damaged_index_is_told(sluices: Release, tmp_path: Path) -> None:
    index = (sluices.path / INDEX).read_bytes()
    (tmp_path / INDEX).write_bytes(index[:4096].ljust(len(index), b"x"))
    search = TextSearch(replace(sluices, path=tmp_path))
    with pytest.raises(OSError, match="index of the release"):
        search.rewrite(correct(f"{PROLOGUE}ASK {{ ?s text:query 'x' }}"), BASE)
    search.close()
