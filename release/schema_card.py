"""The schema card of a release: which properties the members of each class have, with which values, and how often.

It is RDF in a graph of its own, `<base>schema-card`, in the form that tools of the Semantic Web read: VoID class and
property partitions, within these the classes of the values, or their datatypes (http://ldf.fi/void-ext#), as
void-generator of the SIB writes them; and each saved query as a `sh:SPARQLExecutable`, as in its sparql-examples.
The counts are those of the index (release/property_uses.py), which complete queries too.

As the catalog it names the release, so that it is a file of it and no part of the content.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.labels import by_language, choose_text, literals
from core.lexer import TokenKind, tokenize
from core.namespaces import DCTERMS, FOAF, RDF_TYPE, RDFS, SCHEMA, SH, VOID, VOID_EXT, XSD
from core.rdf import serialize
from core.saved_queries import bind, is_absolute, values
from core.sparql_responses import query_form
from release.reader import INDEX, RELEASE, SCHEMA_CARD
from release.search_index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from core.saved_queries import SavedQuery
    from release.manifest import Manifest

    _Statement = tuple[str, str, str | ox.Literal]

PREFIXES = {
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SH,
    "void": VOID,
    "void-ext": VOID_EXT,
    "xsd": XSD,
}
_CLASSES = 1_000  # the largest ones
_PARTITIONS = 20_000  # of properties and their values, of the largest classes first
# By the form of a query: its class in SHACL, and the property that has its text. DESCRIBE is an addition of the SIB.
_SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
_FORMS = {
    "SELECT": (SH + "SPARQLSelectExecutable", SH + "select"),
    "ASK": (SH + "SPARQLAskExecutable", SH + "ask"),
    "CONSTRUCT": (SH + "SPARQLConstructExecutable", SH + "construct"),
    "DESCRIBE": (_SPEX + "SPARQLDescribeExecutable", _SPEX + "describe"),
}


def write(manifest: Manifest, queries: Iterable[SavedQuery], store: ox.Store, folder: Path) -> list[ox.Triple]:
    """Write the card into the folder of a release, which has its index; the triples, each once, sorted.

    store: has the labels of classes and properties.
    """
    with closing(SearchIndex(folder / INDEX)) as index:
        statements = set(_Card(manifest, index, store).statements(queries))
    triples = sorted(
        (
            ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), _term(value))
            for subject, predicate, value in statements
        ),
        key=str,
    )
    prefixes = PREFIXES | {"card": f"{manifest.schema_card_graph}#"}
    (folder / SCHEMA_CARD).write_bytes(serialize(triples, ox.RdfFormat.TURTLE, prefixes))
    return triples


def _term(value: str | ox.Literal) -> ox.NamedNode | ox.Literal:
    return ox.NamedNode(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class _Card:
    """Makes the statements of a card: subject, predicate, and the IRI or literal that is the object."""

    manifest: Manifest
    index: SearchIndex
    store: ox.Store

    @property
    def dataset(self) -> str:
        return f"{self.manifest.base}{RELEASE}{self.manifest.id}"

    def node(self, name: str) -> str:
        return f"{self.manifest.schema_card_graph}#{name}"

    def statements(self, queries: Iterable[SavedQuery]) -> Iterator[_Statement]:
        card, counts = self.manifest.schema_card_graph, self.manifest.counts
        yield card, RDF_TYPE, VOID + "DatasetDescription"
        yield card, FOAF + "primaryTopic", self.dataset
        yield self.dataset, RDF_TYPE, VOID + "Dataset"
        yield self.dataset, VOID + "triples", ox.Literal(counts.triples)
        yield self.dataset, VOID + "classes", ox.Literal(len(counts.classes))
        yield self.dataset, VOID + "properties", ox.Literal(len(counts.properties))
        for prefix, namespace in self.manifest.prefixes.items():
            declaration = self.node(f"prefix-{prefix}")
            yield card, SH + "declare", declaration
            yield declaration, SH + "prefix", ox.Literal(prefix)
            yield declaration, SH + "namespace", ox.Literal(namespace, datatype=ox.NamedNode(XSD + "anyURI"))
        yield from self._classes()
        for query in queries:
            yield from self._query(query)

    def _classes(self) -> Iterator[_Statement]:
        left, named = _PARTITIONS, dict[str, None]()
        for place, (class_, entities) in enumerate([*self.manifest.counts.classes.items()][:_CLASSES], 1):
            partition = self.node(f"class-{place}")
            yield self.dataset, VOID + "classPartition", partition
            yield partition, VOID + "class", class_
            yield partition, VOID + "entities", ox.Literal(entities)
            named[class_] = None
            number = self.index.class_number(class_)
            for of_class, (property_, uses) in enumerate(self.index.properties_of(number) if number else (), 1):
                if left <= 0:
                    break
                node = f"{partition}-property-{of_class}"
                yield partition, VOID + "propertyPartition", node
                yield node, VOID + "property", property_
                yield node, VOID + "triples", ox.Literal(uses)
                ranges = list(self._ranges(node, number or 0, property_))
                left -= 1 + len(ranges) // 3
                yield from ranges
                named |= {
                    property_: None,
                    **{v: None for _, p, v in ranges if p == VOID + "class" and isinstance(v, str)},
                }
        for iri in named:
            name = choose_text(by_language(self.store, iri), ())  # one: SIB's editor reads each label with each other
            if name:
                yield from ((iri, RDFS + "label", label) for label in literals({name.language: name.text}))

    def _ranges(self, partition: str, class_: int, property_: str) -> Iterator[_Statement]:
        """The classes and the datatypes of the values of a property, three statements each."""
        number = self.index.term("property", property_) or 0
        for place, (target, uses) in enumerate(self.index.classes_of_values(class_, number), 1):
            node = f"{partition}-class-{place}"
            yield partition, VOID + "classPartition", node
            yield node, VOID + "class", target
            yield node, VOID + "triples", ox.Literal(uses)
        for place, (datatype, uses) in enumerate(self.index.datatypes_of_values(class_, number), 1):
            node = f"{partition}-datatype-{place}"
            yield partition, VOID_EXT + "datatypePartition", node
            yield node, VOID_EXT + "datatype", datatype
            yield node, VOID + "triples", ox.Literal(uses)

    def _query(self, query: SavedQuery) -> Iterator[_Statement]:
        """A saved query with examples as the values of its parameters, so that it can be asked as it stands."""
        node, (class_, property_) = self.node(f"query-{query.name}"), _FORMS[query_form(query.text)]
        yield node, RDF_TYPE, SH + "SPARQLExecutable"
        yield node, RDF_TYPE, class_
        yield node, property_, ox.Literal(self._text(query))
        yield node, SCHEMA + "target", f"{self.manifest.base}sparql"
        yield node, RDFS + "seeAlso", f"{self.manifest.base}query/{query.name}"
        for title in literals(query.titles):
            yield node, RDFS + "comment", title
        for description in literals(query.descriptions):
            yield node, DCTERMS + "description", description
        for titles in query.column_titles.values():
            for keyword in literals(titles):
                yield node, SCHEMA + "keywords", keyword

    def _text(self, query: SavedQuery) -> str:
        given = {p.name: p.example for p in query.parameters if p.required and p.example is not None}
        text = bind(query.text, values(query, given, self.manifest.base, self.manifest.prefixes)).strip()
        is_relative = (t.kind is TokenKind.IRI and not is_absolute(t.text[1:-1]) for t in tokenize(text))
        return f"BASE <{self.manifest.base}>\n{text}" if any(is_relative) else text
