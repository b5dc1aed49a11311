"""The SPARQL service description (https://www.w3.org/TR/sparql11-service-description/), as RDF and for its page.

It is computed from the manifest, the table of formats, the settings and the engine. Its one property feature is the
search within queries. Of the features that the specification names the service has none: its default graph comes from
the build and need not be the union of the named graphs, it does not dereference IRIs, it has no federation, and it has
no empty graphs. void:triples are as published; what the query store makes of them is told beside that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.formats import RDF_FORMATS, RESULT_FORMATS
from core.labels import literals
from core.namespaces import DCTERMS, RDF_TYPE, RDFS, SCHEMA, SD, TEXT_QUERY, VOID, XSD
from core.ntriples import with_xsd_prefix
from core.wording import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.manifest import Manifest, StoredContent
    from server.query.evaluator import Limits
    from server.releases import OpenRelease

LANGUAGES = ("SPARQL10Query", "SPARQL11Query")
_ENTAILMENT = "http://www.w3.org/ns/entailment/Simple"
_XSD_STRINGS = {
    "date": "2020-01-01",
    "time": "12:00:00",
    "duration": "P1Y",
    "dayTimeDuration": "P1D",
    "yearMonthDuration": "P1Y",
    "gYear": "2020",
    "gYearMonth": "2020-01",
    "gMonthDay": "--01-01",
    "gMonth": "--01",
    "gDay": "---01",
}
# Casts that engines have beyond those of SPARQL 1.1, 17.5: the engine is asked which of these it knows.
_CANDIDATES = {XSD + name: text for name, text in _XSD_STRINGS.items()}

_CARD = 20_000  # triples of a schema card that is repeated here

_Statement: TypeAlias = tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]


@dataclass(frozen=True)
class Limit:
    """One limit of a query; key: the end of its IRI in the RDF."""

    key: str
    name: str
    value: float
    unit: str


def limit_rows(limits: Limits) -> list[Limit]:
    """The limits in English; pages translate names and units."""
    memory = [] if limits.memory is None else [Limit("memory", gettext_noop("Memory"), limits.memory, "MiB")]
    return [
        Limit(
            "time",
            gettext_noop("Time, waiting included; timeout= may lower it"),
            limits.seconds,
            gettext_noop("seconds"),
        ),
        *memory,
        Limit("result", gettext_noop("Size of the result"), limits.result, "MiB"),
        Limit("length", gettext_noop("Length of the query"), limits.length, "MiB"),
        Limit(
            "client",
            gettext_noop("Requests of one client under way, in each web process"),
            limits.client,
            gettext_noop("requests"),
        ),
        Limit(
            "client-long",
            gettext_noop("Long queries of one client among these"),
            limits.client_long,
            gettext_noop("queries"),
        ),
    ]


def summary(manifest: Manifest, limits: Limits) -> dict[str, object]:
    """Languages, counts, graphs, limits and functions for the endpoint's page."""
    stored = _stored(manifest, limits)
    return {
        "languages": [name.removesuffix("Query").replace("SPARQL1", "SPARQL 1.") for name in LANGUAGES],
        "triples": manifest.counts.triples,
        "graphs": sorted(manifest.counts.graphs.items()),
        "stored": stored,
        "examples": list(_examples(stored)) if stored else [],
        "limits": limit_rows(limits),
        "functions": extension_functions(),
        "search": TEXT_QUERY,
    }


def describe(release: OpenRelease, endpoint: str, asked: str) -> list[ox.Triple]:
    """Triples about the service: languages, formats, functions, limits, its dataset with the size of each graph.

    Behind these the schema card, where tools look for it: SIB's editor does after the default graph. A large one is
    but linked. endpoint: the IRI of the service, its canonical address. asked: the address of this request, if it
    differs.
    """
    manifest, limits = release.manifest, release.pool.limits
    statements = [*_service(manifest, endpoint), *_limits(limits, endpoint), *_dataset(manifest, endpoint)]
    if stored := _stored(manifest, limits):
        statements += _query_forms(stored, endpoint)
    if asked != endpoint:
        statements.append((ox.NamedNode(endpoint), SD + "endpoint", ox.NamedNode(asked)))
    triples = [ox.Triple(subject, ox.NamedNode(predicate), value) for subject, predicate, value in statements]
    return triples + (release.folder.schema_card() if manifest.schema_card <= _CARD else [])


def _stored(manifest: Manifest, limits: Limits) -> StoredContent | None:
    """What the query store makes of the content, if the store is that of the release, and not another endpoint's."""
    return None if limits.memory is None else manifest.stored


def _examples(stored: StoredContent) -> Iterator[tuple[str, str]]:
    for form in stored.examples:
        yield with_xsd_prefix(form.published), with_xsd_prefix(form.queried)


def _query_forms(stored: StoredContent, iri: str) -> Iterator[_Statement]:
    """How many triples queries find, and how many literals they give in another form, with examples."""
    pairs = (f"{published} as {queried}" for published, queried in _examples(stored))
    rows = (
        ("stored-triples", "Triples of the default graph that queries find", stored.triples, ""),
        ("literals", "Triples with a literal", stored.literals, ""),
        ("changed-literals", "Those that queries give in another form", stored.changed, ", ".join(pairs)),
    )
    for key, name, value, examples in rows:
        more = {"description": ox.Literal(f"For example {examples}", language="en")} if examples else {}
        yield from _property_value(f"{iri}#dataset", f"{iri}#{key}", name, {"value": _number(value), **more})


def _property_value(of: str, iri: str, name: str, values: dict[str, ox.Literal]) -> Iterator[_Statement]:
    """A value with a name, in the words of schema.org."""
    node = ox.NamedNode(iri)
    yield ox.NamedNode(of), SCHEMA + "additionalProperty", node
    yield node, RDF_TYPE, ox.NamedNode(SCHEMA + "PropertyValue")
    for property_, value in {"name": ox.Literal(name, language="en"), **values}.items():
        yield node, SCHEMA + property_, value


def _service(manifest: Manifest, iri: str) -> Iterator[_Statement]:
    node, endpoint = ox.NamedNode, ox.NamedNode(iri)
    yield endpoint, RDF_TYPE, node(SD + "Service")
    yield endpoint, SD + "endpoint", endpoint
    yield endpoint, SD + "defaultEntailmentRegime", node(_ENTAILMENT)
    yield endpoint, SD + "defaultDataset", node(f"{iri}#dataset")
    yield endpoint, RDFS + "seeAlso", node(manifest.schema_card_graph)
    for language in LANGUAGES:
        yield endpoint, SD + "supportedLanguage", node(SD + language)
    for format_ in (*RESULT_FORMATS, *RDF_FORMATS):
        if format_.iri:
            yield endpoint, SD + "resultFormat", node(format_.iri)
    for function in extension_functions():
        yield endpoint, SD + "extensionFunction", node(function)
        yield node(function), RDF_TYPE, node(SD + "Function")
    yield endpoint, SD + "propertyFeature", node(TEXT_QUERY)
    yield node(TEXT_QUERY), RDF_TYPE, node(SD + "Feature")
    for title in literals(manifest.dataset.title):
        yield endpoint, RDFS + "label", title


def _limits(limits: Limits, iri: str) -> Iterator[_Statement]:
    for limit in limit_rows(limits):
        values = {"maxValue": _number(limit.value), "unitText": ox.Literal(limit.unit)}
        yield from _property_value(iri, f"{iri}#limit-{limit.key}", limit.name, values)


def _dataset(manifest: Manifest, iri: str) -> Iterator[_Statement]:
    node, counts = ox.NamedNode, manifest.counts
    dataset, graph = node(f"{iri}#dataset"), node(f"{iri}#default-graph")
    yield dataset, RDF_TYPE, node(SD + "Dataset")
    yield dataset, SD + "defaultGraph", graph
    if manifest.dataset.license:
        yield dataset, DCTERMS + "license", node(str(manifest.dataset.license))
    yield graph, RDF_TYPE, node(SD + "Graph")
    yield graph, VOID + "triples", _number(counts.triples)
    yield graph, VOID + "classes", _number(len(counts.classes))
    yield graph, VOID + "properties", _number(len(counts.properties))
    for number, (name, triples) in enumerate(sorted(counts.graphs.items()), 1):
        named = node(f"{iri}#graph-{number}")
        yield dataset, SD + "namedGraph", named
        yield from _named_graph(named, name, triples)


def _named_graph(named: ox.NamedNode, name: str, triples: int) -> Iterator[_Statement]:
    content = ox.NamedNode(f"{named.value}-content")
    yield named, RDF_TYPE, ox.NamedNode(SD + "NamedGraph")
    yield named, SD + "name", ox.NamedNode(name)
    yield named, SD + "graph", content
    yield content, RDF_TYPE, ox.NamedNode(SD + "Graph")
    yield content, VOID + "triples", _number(triples)


def _number(value: float) -> ox.Literal:
    return (
        ox.Literal(int(value))
        if value == int(value)
        else ox.Literal(str(value), datatype=ox.NamedNode(XSD + "decimal"))
    )


@cache
def extension_functions() -> tuple[str, ...]:
    """IRIs of the functions that the engine has beyond SPARQL 1.1."""
    store = ox.Store()
    return tuple(sorted(iri for iri, text in _CANDIDATES.items() if _knows(store, iri, text)))


def _knows(store: ox.Store, iri: str, text: str) -> bool:
    answer = store.query(f'ASK {{ BIND(<{iri}>("{text}") AS ?value) FILTER(BOUND(?value)) }}')
    return isinstance(answer, ox.QueryBoolean) and bool(answer)
