"""The queries that are asked first (docs/release-format.md says by whom), so that a release has their answers."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from core.namespaces import RDF_TYPE
from core.saved_queries import bind, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.saved_queries import SavedQuery

Group: TypeAlias = "tuple[str, ...]"

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


def groups(saved: Iterable[SavedQuery], base: str, prefixes: Mapping[str, str]) -> Iterator[Group]:
    """Queries that have the same answer, up to the order of rows where a query leaves it open; the first is evaluated.

    Those of a group have the same columns, by the same names. saved: the saved queries of the release; base, prefixes:
    those of the release.
    """
    yield from _triples()
    yield from _classes()
    yield from _properties()
    yield from _graphs()
    yield from _classes_and_properties()
    yield ("ASK { ?s ?p ?o }",)
    for limit in _LIMITS:
        yield (f"SELECT ?s ?p ?o {_TRIPLES} LIMIT {limit}",)
        yield (f"SELECT * {_TRIPLES} LIMIT {limit}",)
    yield ("SELECT * { ?sub ?pred ?obj } LIMIT 10",)  # what Yasqe begins with
    yield from ((query,) for query in _SIB)
    for query in saved:
        given = {p.name: p.example for p in query.parameters if p.required and p.example is not None}
        yield (bind(query.text, values(query, given, base, prefixes)),)


def _triples() -> Iterator[Group]:
    """Numbers of triples, subjects and objects."""
    yield _joined(_numbers("*", "?s", "?p", "?o", "DISTINCT *"), [_TRIPLES])
    for column in ("?s", "?o"):
        yield _joined(_numbers(f"DISTINCT {column}"), [_TRIPLES])


def _classes() -> Iterator[Group]:
    """Classes, their number, and how many instances each and all have."""
    named, unnamed = ([f"{{ {subject} {type_} ?c }}" for type_ in _TYPES] for subject in ("?s", "[]"))
    yield (*_joined(_numbers("*", "?c"), [*named, *unnamed]), *_joined(_numbers("?s"), named))
    yield _joined(_numbers("DISTINCT ?s"), named)
    yield from _counts("?c", [*product(("*", "?c"), [*named, *unnamed]), *product(("?s", "DISTINCT ?s"), named)])
    yield from _names("?c", [*named, *unnamed])


def _properties() -> Iterator[Group]:
    """Properties, their number, and how many triples and subjects each has."""
    unnamed = "{ [] ?p [] }"
    all_ = [*product(("*", "?p"), (_TRIPLES, unnamed)), *product(("?s", "?o"), (_TRIPLES,))]
    yield from _counts("?p", all_)
    yield from _counts("?p", [("DISTINCT ?s", _TRIPLES)])
    yield from _names("?p", [_TRIPLES, unnamed])


def _graphs() -> Iterator[Group]:
    """Named graphs, their number, and how many triples each and all have."""
    counted = ("*", "?s", "?p", "?o", "?g")
    yield _joined(_numbers(*counted), [_IN_GRAPHS])
    yield from _counts("?g", [*product(counted, (_IN_GRAPHS,))])
    names, number = _names("?g", ["{ GRAPH ?g { } }", _IN_GRAPHS])
    yield (*names, "SELECT ?g { GRAPH ?g { } }")
    yield number


def _classes_and_properties() -> Iterator[Group]:
    """The properties of the instances of each class, and how many triples they have."""
    patterns = [f"{{ ?s {type_} ?c {end}" for type_ in _TYPES for end in ("; ?p ?o }", ". ?s ?p ?o }")]
    orders = ("ORDER BY ?c ?p", "ORDER BY ?c", "")
    heads = [f"SELECT ?c ?p (COUNT({what}) AS ?n)" for what in ("*", "?s", "?p", "?o")]
    yield _joined(heads, patterns, ["GROUP BY ?c ?p"], orders)
    yield _distinct("?c ?p", patterns, orders)


def _numbers(*counted: str) -> list[str]:
    return [f"SELECT (COUNT({what}) AS ?n)" for what in counted]


def _counts(column: str, counted: Iterable[tuple[str, str]]) -> Iterator[Group]:
    """How many solutions each value of the column has, those with the most first, and in the order of the values.

    counted: what is counted, and the pattern, of queries that give the same.
    """
    heads = [(what, f"SELECT {column} (COUNT({what}) AS ?n) {pattern} GROUP BY {column}") for what, pattern in counted]
    yield tuple(
        f"{head}{order}"
        for what, head in heads
        for order in (f" ORDER BY DESC(?n) {column}", " ORDER BY DESC(?n)", f" ORDER BY DESC(COUNT({what}))", "")
    )
    yield tuple(f"{head} ORDER BY {column}" for _, head in heads)


def _names(column: str, patterns: Sequence[str]) -> Iterator[Group]:
    """The values of the column, each once, and how many there are."""
    yield _distinct(column, patterns, (f"ORDER BY {column}", ""))
    yield _joined([f"SELECT (COUNT(DISTINCT {column}) AS ?n)"], patterns)


def _distinct(columns: str, patterns: Sequence[str], orders: Sequence[str]) -> Group:
    """The values of the columns, each once; grouped, because the engine orders all solutions before DISTINCT."""
    grouped = f"SELECT {columns} {patterns[0]} GROUP BY {columns} {orders[0]}"
    return (grouped, *_joined([f"SELECT DISTINCT {columns}"], patterns, orders))


def _joined(*parts: Iterable[str]) -> Group:
    return tuple(" ".join(chosen) for chosen in product(*parts))
