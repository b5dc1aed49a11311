"""Property functions in queries: in go queries with a predicate that is computed, out come the rows, or the error.

What is expected are the rows of the same query, word for word, over data in which the triples of the predicate stand.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.corrections import CorrectedQuery, correct
from core.errors import QuerySyntaxError
from core.evaluation import evaluate
from core.property_functions import replace_functions
from core.query_names import QueryNames
from tests.growth import assert_linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.property_functions import FunctionTriple

BASE = "http://x.example/"
FUNCTION = "http://f.example/#in"
MEMBERS = {'"one"': "ab", "'two'": "bc", '"""none"""': "", '"one"@en': "a"}
DATA = """
PREFIX : <http://x.example/> PREFIX f: <http://f.example/#>
:a a :T ; :p :b ; :n 1 . :b a :T ; :p :c , :a ; :n 2.5 . :c a :U ; :p :d ; :n 3e0 . :d :p :a .
GRAPH :g { :a :p :b . :b :p :c }
"""
PROLOGUE = "PREFIX : <http://x.example/> PREFIX f: <http://f.example/#>\n"
QUERIES = [
    '?s f:in "one"',
    '?s f:in "one" .',
    '?s f:in "one" ; a :T',
    '?s f:in "one" ; a :T .',
    '?s a :T ; f:in "one" .',
    '?s a :T ; f:in "one" ; :p ?o',
    '?s a :T ; f:in "one" ; ; :p ?o ; .',
    "?s f:in \"one\" ; ; f:in 'two' ; :p ?o .",
    "?s f:in \"one\" ; f:in 'two' .",
    "?s f:in \"one\", 'two'",
    "?s f:in \"one\" , 'two' ; :p ?o , ?x . ?o :n ?n",
    '?s :p ?o . ?s f:in "one" . ?o :n ?n',
    '?s :n 2.5 . ?s f:in "one"',
    '?s :n 2.5 ; f:in "one"',
    '?s :n ?n . ?s f:in "one" FILTER(?n < 2) ?s :p ?o',
    '?s :n ?n FILTER(?n < 2) . ?s f:in "one" . ?s :p ?o',
    '?s :p _:b . ?s f:in "one" . _:b :p ?o',
    '?s :p [ a :T ] . ?s f:in "one"',
    '[ :p ?s ] :n ?n . ?s f:in "one"',
    '?x :p [ :p ?s ; :n ?n ] ; :n ?m . ?s f:in "one" , "one"',
    '?s :p/:p ?o ; f:in "one"',
    '?s (:p|^:p)* ?o . ?o f:in "one"',
    '?s (a|:n) ?o . ?s f:in "one" .',
    "?s ^:p ?o . ?o f:in 'two' ; :p ?z",
    "?s :p+ ?o ; f:in \"one\" . ?o f:in 'two'",
    '?s :p? ?o ; f:in "one" .',
    ':a f:in "one" . ?s ?p :a',
    ":a f:in 'two' . ?s ?p :a",
    ':a f:in "one"',
    '<a> <http://f.example/#in> "one" ; :p ?o',
    '?s f:in """none""" . ?s a :T',
    '?s f:in "one"@en . ?s a :T',
    '?x :p ?y OPTIONAL { ?y f:in "one" . ?y :n ?n }',
    "?x :p ?y OPTIONAL { ?y :n ?n } ?y f:in 'two' .",
    '?x :n ?n OPTIONAL { ?x :p ?s } ?s f:in "one" . ?s a ?t',
    '?x :n ?n OPTIONAL { ?x :p ?s } . ?s f:in "one" . ?s a ?t',
    "{ ?s f:in \"one\" } UNION { ?s f:in 'two' . ?s a ?t } ?s :n ?n",
    '{?s f:in "one"}',
    '?s a ?t MINUS { ?s f:in "one" }',
    '?s a ?t FILTER EXISTS { ?s f:in "one" . ?s :p ?o }',
    '?s a ?t FILTER NOT EXISTS { ?s f:in "one" } ?s :n ?n',
    "?s a ?t FILTER(?t = :U || EXISTS { ?s f:in \"one\" ; :n 1 }) ?s f:in 'two'",
    'BIND(:b AS ?s) ?s f:in "one" . ?s :p ?o',
    '?x :p ?y BIND(?y AS ?s) ?s f:in "one" .',
    'VALUES ?s { :a :c } ?s f:in "one"',
    'VALUES (?s ?n) { (:a 1) (UNDEF 2.5) } ?s f:in "one" . ?s :n ?n',
    '?s a :T . { SELECT ?s (COUNT(*) AS ?n) WHERE { ?s f:in "one" ; :p ?o } GROUP BY ?s } ',
    '{ SELECT ?s { ?s f:in "one" } ORDER BY ?s LIMIT 5 VALUES ?s { :a } } ?s :p ?o',
    'GRAPH :g { ?s :p ?o } ?s f:in "one"',
    'GRAPH ?g { ?s :p ?o . ?s f:in "one" }',
    '?s f:in # "none"\n "one" # .\n ; :p ?o',
    '?s <http://f.example/#\\u0069n> "o\\u006ee"',
    '?s :p ( :a ) . ?s f:in "one"',
    '?s :q "f:in" . ?f f:in "one"',
    '?s :q <<( ?a :p ?b )>> . ?s f:in "one"',
    '<< :a :p :b >> :q ?o . ?s f:in "one"',
    '?s :p ?o {| :q ?z |} ; f:in "one"',
    '?s :p ?o ~ :r {| :q ?z |} . ?s f:in "one"',
    '?s f:in "one" FILTER(<<( :a :p :b )>> = ?s) ',
    '?s ?in "x" . ?s f:in "one"',
    '?s :p ?o . FILTER(f:in(?s, "one") || true)',
]
OTHER = [  # whole queries
    'SELECT ?s { ?s f:in "one" } VALUES ?s { :a }',
    'SELECT (EXISTS { ?s f:in "one" } AS ?x) { ?s a :T }',
    'ASK { :c f:in "one" }',
    'BASE <http://f.example/> SELECT * { ?s <#in> "one" }',
    'BASE <http://f.example/a> PREFIX f: <#> SELECT * { ?s f:in "one" ; ?p ?o FILTER(?p = :p) }',
    'PREFIX g: <//f.example/> SELECT * { ?s g:\\#in "one" }',
    'PREFIX : <http://f.example/#in> SELECT * { ?s : "one" }',
    'VERSION "1.1" SELECT * { ?s f:\\u0069n "one" }',
    'SELECT (GROUP_CONCAT(?s) AS ?x) { { SELECT ?s { ?s f:in "one" } ORDER BY ?s } }',
    'CONSTRUCT { ?s f:in "one" ; :q ?o } WHERE { ?s f:in "one" ; :p ?o }',
    "SELECT ?s { ?s a :T } ORDER BY ?s",
]


def to_pattern(triple: FunctionTriple) -> str:
    (subject,) = triple.subject
    members = MEMBERS["".join(token.text for token in triple.object).replace("\\u006e", "n")]
    if subject.text[0] in "?$":
        return f"VALUES {subject.text} {{ {' '.join(f'<{BASE}{member}>' for member in members)} }}"
    return f"VALUES () {{ {'()' if subject.text[-1] in members + '>' else ''} }}"


def replaced(query: str) -> CorrectedQuery:
    return replace_functions(correct(query), QueryNames(BASE, {}, 100), lambda iri: iri == FUNCTION, to_pattern)


def rows(store: ox.Store, query: str | CorrectedQuery) -> list[str]:
    result = evaluate(store, query, base_iri=BASE)
    if isinstance(result, ox.QueryBoolean):
        return [str(bool(result))]
    if isinstance(result, ox.QuerySolutions):
        names = sorted(variable.value for variable in result.variables)
        return sorted(str([str(row[name]) for name in names]) for row in result)
    return sorted(map(str, result))


def loaded(*texts: str) -> ox.Store:
    store = ox.Store()
    for text in texts:
        store.load(text.encode(), format=ox.RdfFormat.TRIG)
    return store


@pytest.fixture(scope="module")
def plain() -> ox.Store:
    return loaded(DATA)


@pytest.fixture(scope="module")
def stated() -> ox.Store:
    """A store of the data in which the triples that the function stands for are stated, in every graph."""
    triples = " ".join(f":{member} f:in {text} ." for text, members in MEMBERS.items() for member in members)
    return loaded(DATA, f"{PROLOGUE} {triples} GRAPH :g {{ {triples} }}")


@pytest.mark.parametrize("query", [*(f"SELECT * {{ {pattern} }}" for pattern in QUERIES), *OTHER])
def test_as_if_it_were_stated(plain: ox.Store, stated: ox.Store, query: str) -> None:
    assert rows(plain, replaced(PROLOGUE + query)) == rows(stated, PROLOGUE + query)


REFUSED = [  # the error stands behind the sign
    ('SELECT * { ?s §f:in/:p "one" }', "property path"),
    ('SELECT * { ?s :p/§f:in "one" }', "property path"),
    ('SELECT * { ?s ^§f:in "one" }', "property path"),
    ('SELECT * { ?s (:p|((§f:in))) "one" }', "property path"),
    ('SELECT * { ?s a ?t ;\n :p [ §f:in "one" ] }', "has to be named"),
    ('SELECT * { [ §f:in "one" ] :p ?o }', "has to be named"),
    ('SELECT * { ?s :p ( [ §f:in "one" ] ) }', "has to be named"),
    ('SELECT * { ?s :p ?o {| §f:in "one" |} }', "has to be named"),
    ('SELECT * { <<( ?s §f:in "one" )>> :p ?o }', "another triple"),
    ('CONSTRUCT WHERE { ?s §f:in "one" }', "CONSTRUCT {"),
    ('SELECT * { (?s) a :T ; §f:in "one" }', "begin a triple"),
    ('SELECT * { (?s) f:in "one" ; §a :T }', "begin a triple"),
    ('SELECT * { ?s f:in "one" §?s a :T }', "has to stand between"),
    ('SELECT * { §. ?s f:in "one" }', "stands behind"),
    ('SELECT * { ?s f:in "one" . §. }', "stands behind"),
    ('SELECT * { ?s :p ?o ; f:in "one" §"two" }', "has to stand between"),
]


@pytest.mark.parametrize(("query", "said"), REFUSED)
def test_an_error_is_told_at_its_place(plain: ox.Store, query: str, said: str) -> None:
    before, after = (PROLOGUE + query).split("§")
    with pytest.raises(QuerySyntaxError) as raised:
        rows(plain, replaced(before + after))
    assert said in raised.value.reason
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert (raised.value.line, raised.value.column) == (line, column), raised.value


BROKEN = [
    'SELECT * {\n ?s f:in "one" .\n ?s a :T }}',
    'SELECT * { ?s :p ?o ; f:in "one" ; a :T . ?x . }',
    'SELECT * { ?x ?y ?z . ?s f:in "one" BIND(1 AS ?s) }',
    'SELECT * { ?s f:in "one" . \n} GROUP',
    'SELECT * { ?s :p ?o ; f:in "one" , "one" ; :p "\\q" }',
    'VERSION "1.1" SELECT * { ?s a :T ; f:\\u0069n "one" ; \n\n :p }',
]


@pytest.mark.parametrize("query", BROKEN)
def test_other_errors_stay_at_their_places(plain: ox.Store, query: str) -> None:
    places = []
    for given in (correct(PROLOGUE + query), replaced(PROLOGUE + query)):
        with pytest.raises(QuerySyntaxError) as raised:
            rows(plain, given)
        places.append((raised.value.line, raised.value.column))
    assert places[0] == places[1]


@pytest.mark.parametrize(
    "text",
    [
        lambda length: "SELECT * { " + '?s f:in "one" . ' * (length // 16) + "}",
        lambda length: "SELECT * { ?s a :T " + '; f:in "one" ' * (length // 13) + "}",
        lambda length: "SELECT * { ?s f:in " + '"one", ' * (length // 7),
        lambda length: "SELECT * " + "{ " * length,
        lambda length: "SELECT * { ?s " + "(" * length,
        lambda length: "SELECT * { ?s " + "[ :p " * (length // 5),
        lambda length: "SELECT * { ?s f:in (" * (length // 20),
        lambda length: 'SELECT * { ?s f:in """' + '""""' * (length // 4),
        lambda length: "SELECT * { " + "<<" * (length // 2) + ">>" * (length // 2),
        lambda length: "} ) ] > | ; . , " * (length // 16),
    ],
)
def test_linear_and_never_broken(text: Callable[[int], str]) -> None:
    def read(query: str) -> None:
        with suppress(QuerySyntaxError, KeyError):
            replaced(PROLOGUE + query)

    assert_linear(read, text, 40_000)
