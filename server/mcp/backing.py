"""The tool that tells what backs a statement, a fact or a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pyoxigraph as ox
from pydantic import Field

from core.namespaces import RDF, VOID
from core.saved_queries import to_sparql
from server.mcp import answers
from server.mcp.answers import Backing, Backings, Detail, Source
from server.mcp.document import ABOUT
from server.mcp.names import LONGEST_QUERY, MOST, Iri, Language, fallback, for_reader, labels_of, to_iri
from server.mcp.site import Site  # noqa: TC001 - the types of the arguments are read

if TYPE_CHECKING:
    from collections.abc import Iterable

_STATEMENTS = 50  # about one resource, at most
_GRAPHS = 50
_SOURCES = 20  # of one statement or resource
_PREFIXES = f"PREFIX void: <{VOID}> PREFIX rdf: <{RDF}>"


def backing(
    site: Site,
    iri: Iri,
    property_iri: Iri | None = None,
    value: Annotated[str, Field(max_length=LONGEST_QUERY)] | None = None,
    limit: Annotated[int, Field(ge=1, le=_STATEMENTS)] = 10,
    language: Language = "en",
) -> Backings:
    """What backs a statement, the facts about a resource, or the one with this property and value."""
    node = to_iri(iri)
    only = [f"FILTER(?p = {to_iri(property_iri)})"] if property_iri else []
    only += [f"FILTER(STR(?o) = {to_sparql(ox.Literal(value))})"] if value else []
    about = "rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ."
    rows = site.select(
        f"{_PREFIXES} SELECT DISTINCT ?statement ?s ?p ?o {{ {{ BIND({node} AS ?statement) ?statement {about} }} UNION "
        f"{{ BIND({node} AS ?s) ?statement rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }} UNION "
        f"{{ BIND({node} AS ?s) ?statement rdf:reifies <<( ?s ?p ?o )>> }} "
        f"{' '.join(only)} }} ORDER BY ?p ?o ?statement LIMIT {limit + 1}"
    )
    facts = [(row["statement"], row["s"], row["p"], row["o"]) for row in rows[:limit]]
    if not facts and only:  # a fact about which there is no statement
        rows = site.select(f"SELECT ?p ?o {{ {node} ?p ?o {' '.join(only)} }} LIMIT {limit + 1}")
        facts = [(None, node, row["p"], row["o"]) for row in rows[:limit]]
    if not only and not any(statement == node for statement, *_ in facts):
        facts.append((None, node, None, None))
    collected = _Collector(site, facts, language)
    return Backings(
        release=site.about.release,
        iri=node.value,
        backing=collected.backings(),
        sources=collected.sources(),
        truncated=len(rows) > limit or not collected.is_whole,
    )


class _Collector:
    """Looks up what backs facts: what statements say, what they refer to, and which graphs have the facts."""

    def __init__(self, site: Site, facts: list[tuple[Any, Any, Any, Any]], language: Language) -> None:
        """facts: the statement, and subject, predicate and object, of which the last two may be None."""
        self._site, self._facts, self._language = site, facts, language
        self._rests_on = self._properties_of_statements()
        nodes = {statement or subject for statement, subject, *_ in facts}
        self._said = self._look_up(nodes)
        found = {
            node: [o for p, o in self._said[node] if p.value in self._rests_on and isinstance(o, ox.NamedNode)]
            for node in nodes
        }
        self._sources = {node: sources[:_SOURCES] for node, sources in found.items()}
        self.is_whole = self._sources == found
        self._all_sources = dict.fromkeys(source for sources in self._sources.values() for source in sources)
        self._said |= self._look_up(self._all_sources)
        self._labels = self._names()

    def _properties_of_statements(self) -> set[str]:
        """Properties by which statements lead to other resources: a resource may rest on such directly, too."""
        rows = self._site.select(
            f"{_PREFIXES} SELECT DISTINCT ?property {{ GRAPH <{self._site.about.base}schema-card> {{ "
            "?c void:class rdf:Statement ; void:propertyPartition ?partition . "
            "?partition void:property ?property ; void:classPartition ?range } }"
        )
        return {row["property"].value for row in rows} - {node.value for node in ABOUT}

    def _look_up(self, nodes: Iterable[Any]) -> dict[Any, list[tuple[Any, Any]]]:
        found: dict[Any, list[tuple[Any, Any]]] = {node: [] for node in nodes}
        values = " ".join(str(node) for node in found if isinstance(node, ox.NamedNode))
        if values:
            select = f"SELECT ?s ?p ?o {{ VALUES ?s {{ {values} }} ?s ?p ?o }} ORDER BY ?s ?p ?o LIMIT {MOST}"
            for row in self._site.select(select):
                found[row["s"]].append((row["p"], row["o"]))
        return found

    def _names(self) -> dict[str, str]:
        told = [node for found in self._said.values() for pair in found for node in pair]
        told += [node for fact in self._facts for node in fact]
        return labels_of(self._site, (n.value for n in told if isinstance(n, ox.NamedNode)), self._language)

    def _term(self, node: Any) -> answers.Term:
        return answers.term(node, self._labels.get(node.value) if isinstance(node, ox.NamedNode) else None)

    def _says(self, node: Any) -> list[Detail]:
        return [
            Detail(
                property=p.value,
                label=self._labels.get(p.value) or fallback(p.value),
                value=self._term(o),
            )
            for p, o in for_reader(self._said.get(node, ()), self._language)
            if p not in ABOUT
        ]

    def backings(self) -> list[Backing]:
        return [self._backing(*fact) for fact in self._facts]

    def sources(self) -> list[Source]:
        """All that the facts rest on, each once."""
        return [
            Source(iri=source.value, address=self._site.document(source.value), says=self._says(source))
            for source in self._all_sources
        ]

    def _backing(self, statement: Any, subject: Any, predicate: Any, value: Any) -> Backing:
        node = statement or subject
        return Backing(
            statement=None if statement is None else getattr(statement, "value", str(statement)),
            address=self._site.document(node.value) if isinstance(node, ox.NamedNode) else None,
            subject=self._term(subject),
            property=predicate.value if predicate is not None else None,
            value=self._term(value) if value is not None else None,
            says=self._says(statement) if statement is not None else [],
            sources=[source.value for source in self._sources[node]],
            graphs=self._graphs(subject, predicate, value),
        )

    def _graphs(self, subject: Any, predicate: Any, value: Any) -> list[str]:
        if any(isinstance(node, ox.BlankNode | ox.Triple) for node in (subject, value)):
            return []
        pattern = f"{subject} {predicate or '?p'} {'?o' if value is None else value}"
        rows = self._site.select(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ {pattern} }} }} ORDER BY ?g LIMIT {_GRAPHS}")
        return [row["g"].value for row in rows]
