"""The tool that tells what backs a statement, a fact or a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pyoxigraph as ox
from pydantic import Field

from core.namespaces import RDF, VOID
from core.saved_queries import to_sparql
from server.mcp import answers
from server.mcp.answers import Backing, Backings, BaseModel, Detail, Source
from server.mcp.document import ABOUT
from server.mcp.names import LONGEST_QUERY, After, Iri, Language, fallback, for_reader, labels_of, to_iri
from server.mcp.page import AGAIN, Page, parse_start
from server.mcp.site import Site  # noqa: TC001 - the types of the arguments are read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FACTS = 50  # of a page, at most
_SOURCES = 40  # of a page, at most
_GRAPHS = 20
_SAID = 30  # triples of a statement or source
_ABOUT = ", ".join(map(str, ABOUT))
_PREFIXES = f"PREFIX void: <{VOID}> PREFIX rdf: <{RDF}>"


class _Fact(NamedTuple):
    """statement: the one about it, if there is one. predicate, value: None for the resource itself."""

    statement: Any
    subject: Any
    predicate: Any = None
    value: Any = None

    @property
    def node(self) -> Any:
        return self.statement or self.subject


class _Entry(BaseModel):
    """A fact with one of its sources, if it has any; backing, source: what is told of these, once."""

    number: int
    backing: Backing | None
    iri: str | None
    source: Source | None


def backing(
    site: Site,
    iri: Iri,
    property_iri: Iri | None = None,
    value: Annotated[str, Field(max_length=LONGEST_QUERY)] | None = None,
    limit: Annotated[int, Field(ge=1, le=_FACTS)] = 10,
    after: After = None,
    language: Language = "en",
) -> Backings:
    """What backs a statement, the facts about a resource, or the one with this property and value.

    after: how many facts were told, and how many sources of the one that follows, divided by a space.
    """
    first, _, told = (after or "").partition(" ")
    start, skip = parse_start(first), parse_start(told)
    facts = _facts(site, to_iri(iri), property_iri, value, start, limit + 1)
    collected = _Collector(site, facts[:limit], skip, language)
    page = Page(0, iri, limit=_SOURCES)
    backings, sources = collected.told(page)
    rest = page.rest()
    following = None
    if not page.is_last:
        number, of_sources = collected.place(page.position)
        following = f"{start + number} {of_sources}".removesuffix(" 0")
    elif len(facts) > limit:
        following = str(start + limit)
    if following:
        rest |= {"truncated": True, "left_out": f"Other facts, or sources of the last one. {AGAIN}", "next": following}
    return Backings(release=site.about.release, iri=iri, backing=backings, sources=sources, **rest)


def _facts(
    site: Site, node: ox.NamedNode, property_iri: str | None, value: str | None, start: int, most: int
) -> list[_Fact]:
    """So many of the facts that are meant; behind them the resource itself."""
    only = [f"FILTER(?p = {to_iri(property_iri)})"] if property_iri else []
    only += [f"FILTER(STR(?o) = {to_sparql(ox.Literal(value))})"] if value else []
    about = "rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ."
    part = f"LIMIT {most} OFFSET {start}"
    rows = site.select(
        f"{_PREFIXES} SELECT DISTINCT ?statement ?s ?p ?o {{ {{ BIND({node} AS ?statement) ?statement {about} }} UNION "
        f"{{ BIND({node} AS ?s) ?statement rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }} UNION "
        f"{{ BIND({node} AS ?s) ?statement rdf:reifies <<( ?s ?p ?o )>> }} "
        f"{' '.join(only)} }} ORDER BY ?p ?o ?statement {part}"
    )
    facts = [_Fact(row["statement"], row["s"], row["p"], row["o"]) for row in rows]
    if not facts and only:  # a fact about which there is no statement
        rows = site.select(f"SELECT ?p ?o {{ {node} ?p ?o {' '.join(only)} }} ORDER BY ?p ?o {part}")
        facts = [_Fact(None, node, row["p"], row["o"]) for row in rows]
    if not only and len(facts) < most and not any(fact.statement == node for fact in facts):
        facts.append(_Fact(None, node))
    return facts


class _Collector:
    """Looks up what backs facts: what statements say, what they refer to, and which graphs have the facts."""

    def __init__(self, site: Site, facts: Sequence[_Fact], skip: int, language: Language) -> None:
        """skip: so many sources of the first fact were told before."""
        self._site, self._facts, self._skip, self._language = site, facts, skip, language
        self._pairs: list[tuple[int, ox.NamedNode | None]] = [
            (number, source)
            for number, sources in enumerate(self._sources(self._properties_of_statements()))
            for source in (*sources,) or (None,)
        ]
        told = [source for _, source in self._pairs[:_SOURCES] if source is not None]
        self._said = self._look_up(dict.fromkeys([*(fact.node for fact in facts), *told]))
        self._labels = self._names()

    def told(self, page: Page) -> tuple[list[Backing], list[Source]]:
        """The facts and the sources that a page has room for, each once."""
        backings: dict[int, Backing] = {}
        sources: list[Source] = []
        for entry in page.take(range(len(self._pairs)), self._entry):
            backing = backings.setdefault(entry.number, entry.backing) if entry.backing else backings.get(entry.number)
            if backing and entry.iri:
                backing.sources.append(entry.iri)
            if entry.source:
                sources.append(entry.source)
        return [*backings.values()], sources

    def place(self, position: int) -> tuple[int, int]:
        """The number of the fact at which a page goes on, and how many of its sources were told."""
        number = self._pairs[position][0]
        told = sum(1 for fact, _ in self._pairs[:position] if fact == number)
        return number, told + (self._skip if number == 0 else 0)

    def _entry(self, position: int) -> _Entry:
        number, source = self._pairs[position]
        before = self._pairs[:position]
        return _Entry(
            number=number,
            backing=None if any(number == other for other, _ in before) else self._backing(self._facts[number]),
            iri=source.value if source else None,
            source=self._source(source) if source and all(source != other for _, other in before) else None,
        )

    def _properties_of_statements(self) -> list[ox.NamedNode]:
        """Properties by which statements lead to other resources: a resource may rest on such directly, too."""
        rows = self._site.select(
            f"{_PREFIXES} SELECT DISTINCT ?property {{ GRAPH <{self._site.about.base}schema-card> {{ "
            "?c void:class rdf:Statement ; void:propertyPartition ?partition . "
            "?partition void:property ?property ; void:classPartition ?range } }"
        )
        return [row["property"] for row in rows if row["property"] not in ABOUT]

    def _sources(self, properties: Sequence[ox.NamedNode]) -> list[list[ox.NamedNode]]:
        """What each fact rests on by these properties, as far as it is on this page, and one more."""
        found: list[list[ox.NamedNode]] = [[] for _ in self._facts]
        parts = [
            f"{{ SELECT DISTINCT ({number} AS ?fact) ?source {{ VALUES ?p {{ {' '.join(map(str, properties))} }} "
            f"{fact.node} ?p ?source FILTER(isIRI(?source)) }} ORDER BY ?source LIMIT {_SOURCES + 1} "
            f"OFFSET {self._skip if number == 0 else 0} }}"
            for number, fact in enumerate(self._facts)
            if isinstance(fact.node, ox.NamedNode)
        ]
        for row in self._union(parts):
            found[int(row["fact"].value)].append(row["source"])
        return found

    def _look_up(self, nodes: Iterable[Any]) -> dict[Any, list[tuple[Any, Any]]]:
        """The triples of each node, one more than is told of it."""
        found: dict[Any, list[tuple[Any, Any]]] = {node: [] for node in nodes}
        parts = [
            f"{{ SELECT ({node} AS ?s) ?p ?o {{ {node} ?p ?o FILTER(?p NOT IN ({_ABOUT})) }} "
            f"ORDER BY ?p ?o LIMIT {_SAID + 1} }}"
            for node in found
            if isinstance(node, ox.NamedNode)
        ]
        for row in self._union(parts):
            found[row["s"]].append((row["p"], row["o"]))
        return found

    def _union(self, parts: Sequence[str]) -> list[dict[str, Any]]:
        return self._site.select(f"SELECT * {{ {' UNION '.join(parts)} }}") if parts else []

    def _names(self) -> dict[str, str]:
        told = [node for found in self._said.values() for pair in found for node in pair]
        told += [node for fact in self._facts for node in fact]
        return labels_of(self._site, (n.value for n in told if isinstance(n, ox.NamedNode)), self._language)

    def _term(self, node: Any) -> answers.Term:
        return answers.term(node, self._labels.get(node.value) if isinstance(node, ox.NamedNode) else None)

    def _says(self, node: Any) -> list[Detail]:
        return [
            Detail(property=p.value, label=self._labels.get(p.value) or fallback(p.value), value=self._term(o))
            for p, o in for_reader(self._said.get(node, ())[:_SAID], self._language)
        ]

    def _has_more(self, node: Any) -> bool | None:
        return len(self._said.get(node, ())) > _SAID or None

    def _source(self, node: ox.NamedNode) -> Source:
        address = self._site.document(node.value)
        return Source(iri=node.value, address=address, says=self._says(node), more=self._has_more(node))

    def _backing(self, fact: _Fact) -> Backing:
        statement, node, graphs = fact.statement, fact.node, self._graphs(fact)
        return Backing(
            statement=None if statement is None else getattr(statement, "value", str(statement)),
            address=self._site.document(node.value) if isinstance(node, ox.NamedNode) else None,
            subject=self._term(fact.subject),
            property=fact.predicate.value if fact.predicate is not None else None,
            value=self._term(fact.value) if fact.value is not None else None,
            says=self._says(statement) if statement is not None else [],
            more=self._has_more(statement) if statement is not None else None,
            sources=[],
            graphs=graphs[:_GRAPHS],
            more_graphs=len(graphs) > _GRAPHS or None,
        )

    def _graphs(self, fact: _Fact) -> list[str]:
        if any(isinstance(node, ox.BlankNode | ox.Triple) for node in (fact.subject, fact.value)):
            return []
        pattern = f"{fact.subject} {fact.predicate or '?p'} {'?o' if fact.value is None else fact.value}"
        part = f"ORDER BY ?g LIMIT {_GRAPHS + 1}"
        rows = self._site.select(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ {pattern} }} }} {part}")
        return [row["g"].value for row in rows]
