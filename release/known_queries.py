"""The queries that are asked first (docs/release-format.md says by whom), so that a release has their answers."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from core.namespaces import RDF_TYPE
from core.saved_queries import bind, values
from release.answering import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.saved_queries import SavedQuery
    from release.figures import Figures

_TYPES = ("a", f"<{RDF_TYPE}>")
_TRIPLES = "{ ?s ?p ?o }"
_IN_GRAPHS = "{ GRAPH ?g { ?s ?p ?o } }"
_LIMITS = (1, 10, 25, 100)

# Of SIB's sparql-editor and sparql-llm: prefixes, classes with their properties, and examples.
_SIB = (
    """
    PREFIX sh: <http://www.w3.org/ns/shacl#>
    SELECT DISTINCT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix
    """,
    """
    PREFIX sh: <http://www.w3.org/ns/shacl#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
    SELECT DISTINCT ?example ?comment ?query {
      ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|spex:describe ?query
    } ORDER BY ?example
    """,
    """
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
    PREFIX void: <http://rdfs.org/ns/void#>
    PREFIX void-ext: <http://ldf.fi/void-ext#>
    SELECT DISTINCT ?graph ?graphLabel ?class ?property ?target ?datatype ?triples
      ?classLabel ?targetLabel ?classComment ?targetComment ?propertyLabel ?propertyComment
    {
      {
        OPTIONAL {
          ?graph sd:graph ?description .
          OPTIONAL { ?graph rdfs:label ?graphLabel }
          ?description void:classPartition ?part .
        }
        ?part void:class ?class ; void:propertyPartition ?inner .
        OPTIONAL { ?class rdfs:label ?classLabel }
        OPTIONAL { ?class rdfs:comment ?classComment }
        ?inner void:property ?property .
        OPTIONAL { ?inner void:triples ?triples }
        OPTIONAL { ?property rdfs:label ?propertyLabel }
        OPTIONAL { ?property rdfs:comment ?propertyComment }
        OPTIONAL {
          {
            ?inner void:classPartition [ void:class ?target ] .
            OPTIONAL { ?target rdfs:label ?targetLabel }
            OPTIONAL { ?target rdfs:comment ?targetComment }
          } UNION {
            ?inner void-ext:datatypePartition [ void-ext:datatype ?datatype ] .
          }
        }
      } UNION {
        ?links void:subjectsTarget [ void:class ?class ] ;
          void:linkPredicate ?property ;
          void:objectsTarget [ void:class ?target ] .
      }
    } ORDER BY ?class ?target ?datatype ?graph ?triples
    """,
    """
    PREFIX void: <http://rdfs.org/ns/void#>
    PREFIX void-ext: <http://ldf.fi/void-ext#>
    SELECT DISTINCT ?class ?property ?target ?datatype {
      {
        ?part void:class ?class ; void:propertyPartition ?inner .
        ?inner void:property ?property .
        OPTIONAL {
          { ?inner void:classPartition [ void:class ?target ] . }
          UNION
          { ?inner void-ext:datatypePartition [ void-ext:datatype ?datatype ] . }
        }
      } UNION {
        ?links void:subjectsTarget [ void:class ?class ] ;
          void:linkPredicate ?property ;
          void:objectsTarget [ void:class ?target ] .
      }
    }
    """,
)


class Group(NamedTuple):
    """Queries that have the same answer, up to the order of rows where a query leaves it open.

    They have the same columns, by the same names. answer: where it follows from what was counted; else the engine
    evaluates the first query.
    """

    queries: tuple[str, ...]
    answer: Answer | None = None


def groups(
    saved: Iterable[SavedQuery], base: str, prefixes: Mapping[str, str], figures: Figures | None = None
) -> Iterator[Group]:
    """All groups. saved: the saved queries of the release; base, prefixes: those of the release.

    figures: what was counted, where it is what queries count (release/figures.py).
    """
    yield from _triples(figures)
    yield from _classes(figures)
    yield from _properties(figures)
    yield from _graphs(figures)
    yield from _classes_and_properties(figures)
    single = ["ASK { ?s ?p ?o }"]
    for limit in _LIMITS:
        single += [f"SELECT ?s ?p ?o {_TRIPLES} LIMIT {limit}", f"SELECT * {_TRIPLES} LIMIT {limit}"]
    single.append("SELECT * { ?sub ?pred ?obj } LIMIT 10")  # what Yasqe begins with
    single += _SIB
    for query in saved:
        given = {p.name: p.example for p in query.parameters if p.required and p.example is not None}
        single.append(bind(query.text, values(query, given, base, prefixes)))
    yield from (Group((query,)) for query in single)


def _triples(figures: Figures | None) -> Iterator[Group]:
    """Numbers of triples, subjects and objects."""
    queries = _joined(_numbers("*", "?s", "?p", "?o", "DISTINCT *"), [_TRIPLES])
    yield _number(queries, figures and figures.triples)
    yield _number(_joined(_numbers("DISTINCT ?s"), [_TRIPLES]), figures and figures.subjects)
    yield _number(_joined(_numbers("DISTINCT ?o"), [_TRIPLES]), figures and figures.objects)


def _classes(figures: Figures | None) -> Iterator[Group]:
    """Classes, their number, and how many instances each and all have."""
    named, unnamed = ([f"{{ {subject} {type_} ?c }}" for type_ in _TYPES] for subject in ("?s", "[]"))
    queries = (*_joined(_numbers("*", "?c"), [*named, *unnamed]), *_joined(_numbers("?s"), named))
    yield _number(queries, figures and sum(figures.classes.values()))
    yield _number(_joined(_numbers("DISTINCT ?s"), named), figures and figures.instances)
    counted = [*product(("*", "?c"), [*named, *unnamed]), *product(("?s", "DISTINCT ?s"), named)]
    yield from _counts("?c", counted, figures and figures.classes)
    yield from _names("?c", [*named, *unnamed], figures and figures.classes)


def _properties(figures: Figures | None) -> Iterator[Group]:
    """Properties, their number, and how many triples and subjects each has."""
    unnamed = "{ [] ?p [] }"
    all_ = [*product(("*", "?p"), (_TRIPLES, unnamed)), *product(("?s", "?o"), (_TRIPLES,))]
    yield from _counts("?p", all_, figures and figures.properties)
    yield from _counts("?p", [("DISTINCT ?s", _TRIPLES)], figures and figures.subjects_of)
    yield from _names("?p", [_TRIPLES, unnamed], figures and figures.properties)


def _graphs(figures: Figures | None) -> Iterator[Group]:
    """Named graphs, their number, and how many triples each and all have."""
    counted = ("*", "?s", "?p", "?o", "?g")
    yield _number(_joined(_numbers(*counted), [_IN_GRAPHS]), figures and sum(figures.graphs.values()))
    yield from _counts("?g", [*product(counted, (_IN_GRAPHS,))], figures and figures.graphs)
    names, number = _names("?g", ["{ GRAPH ?g { } }", _IN_GRAPHS], figures and figures.graphs)
    yield names._replace(queries=(*names.queries, "SELECT ?g { GRAPH ?g { } }"))
    yield number


def _classes_and_properties(figures: Figures | None) -> Iterator[Group]:
    """The properties of the instances of each class, and how many triples they have; none where they are too many."""
    if figures and figures.properties_of is None:
        return
    patterns = [f"{{ ?s {type_} ?c {end}" for type_ in _TYPES for end in ("; ?p ?o }", ". ?s ?p ?o }")]
    orders = ("ORDER BY ?c ?p", "ORDER BY ?c", "")
    heads = [f"SELECT ?c ?p (COUNT({what}) AS ?n)" for what in ("*", "?s", "?p", "?o")]
    pairs = figures and figures.properties_of
    rows = None if pairs is None else [(*map(_iri, pair), str(count)) for pair, count in sorted(pairs.items())]
    yield Group(_joined(heads, patterns, ["GROUP BY ?c ?p"], orders), _answer(["c", "p", "n"], rows))
    yield Group(_distinct("?c ?p", patterns, orders), _answer(["c", "p"], rows and [row[:2] for row in rows]))


def _numbers(*counted: str) -> list[str]:
    return [f"SELECT (COUNT({what}) AS ?n)" for what in counted]


def _number(queries: tuple[str, ...], number: int | None) -> Group:
    return Group(queries, _answer(["n"], None if number is None else [(str(number),)]))


def _counts(column: str, counted: Iterable[tuple[str, str]], figures: Mapping[str, int] | None) -> Iterator[Group]:
    """How many solutions each value of the column has, those with the most first, and in the order of the values.

    counted: what is counted, and the pattern, of queries that give the same. figures: value → number.
    """
    heads = [(what, f"SELECT {column} (COUNT({what}) AS ?n) {pattern} GROUP BY {column}") for what, pattern in counted]
    names = [column[1:], "n"]
    rows = None if figures is None else [(_iri(value), str(count)) for value, count in sorted(figures.items())]
    most_first = tuple(
        f"{head}{order}"
        for what, head in heads
        for order in (f" ORDER BY DESC(?n) {column}", " ORDER BY DESC(?n)", f" ORDER BY DESC(COUNT({what}))", "")
    )
    by_count = None if rows is None else sorted(rows, key=lambda row: -int(row[1]))
    yield Group(most_first, _answer(names, by_count))
    yield Group(tuple(f"{head} ORDER BY {column}" for _, head in heads), _answer(names, rows))


def _names(column: str, patterns: Sequence[str], figures: Mapping[str, int] | None) -> tuple[Group, Group]:
    """The values of the column, each once, and how many there are."""
    rows = None if figures is None else [(_iri(value),) for value in sorted(figures)]
    names = Group(_distinct(column, patterns, (f"ORDER BY {column}", "")), _answer([column[1:]], rows))
    number = _number(
        _joined([f"SELECT (COUNT(DISTINCT {column}) AS ?n)"], patterns), None if rows is None else len(rows)
    )
    return names, number


def _iri(iri: str) -> str:
    return f"<{iri}>"


def _answer(columns: list[str], rows: Iterable[Sequence[str]] | None) -> Answer | None:
    return None if rows is None else Answer("results", columns, "".join(["\t".join(row) + "\n" for row in rows]))


def _distinct(columns: str, patterns: Sequence[str], orders: Sequence[str]) -> tuple[str, ...]:
    """The values of the columns, each once; grouped, because the engine orders all solutions before DISTINCT."""
    grouped = f"SELECT {columns} {patterns[0]} GROUP BY {columns} {orders[0]}"
    return (grouped, *_joined([f"SELECT DISTINCT {columns}"], patterns, orders))


def _joined(*parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(chosen) for chosen in product(*parts))
