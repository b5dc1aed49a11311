"""Counts what a dataset holds: in the records, and in the published triples."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.namespaces import RDF, RDF_TYPE, RDFS, SKOS
from mapping.mapper import DERIVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyoxigraph as ox

    from mapping.documents import Document
    from mapping.mapper import Fact
    from mapping.project import Project


@dataclass
class RecordCounts:
    """Counts of records. Each counter: (kind, article) → number.

    resources: facts that are resources of their own, by class. values: values of registry entities, by the entity's
    class. names: spellings. registered: entities of the registry. passages: (start, end) of those that a fact is based
    on, by article. basis: digest of everything that the coverage of the texts depends on.
    """

    articles: list[str] = field(default_factory=list)
    resources: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    registered: int = 0
    passages: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    basis: str = ""


def count_records(project: Project) -> RecordCounts:
    """Count the records of a project."""
    documents = list(project.facts())
    found = RecordCounts(registered=len(project.types))
    for document, facts in documents:
        if document.article is not None:
            found.articles.append(document.article)
        for fact in facts:
            _count(fact, project.types, found)
    found.basis = _basis([document for document, _ in documents if document.article is not None], found.passages)
    return found


def _basis(documents: list[Document], passages: dict[str, set[tuple[int, int]]]) -> str:
    digest = hashlib.sha256()
    for document in documents:
        names = sorted((passage.start, passage.end) for passage in document.passages.values())
        exemptions = [(e.reason, e.words, e.passage and (e.passage.start, e.passage.end)) for e in document.exemptions]
        used = sorted(passages.get(str(document.article), ()))
        digest.update(repr((document.article, document.own_record.get("textDigest"), names, exemptions, used)).encode())
    return digest.hexdigest()[:16]


def _count(fact: Fact, classes: dict[str, str], found: RecordCounts) -> None:
    article, node = fact.graphs[0], fact.node
    if not fact.evidence:
        return
    for passage in fact.evidence:
        found.passages.setdefault(passage.article, set()).add((passage.start, passage.end))
    if "altLabel" in node and fact.reified:
        found.names["", article] += 1
    elif fact.reified:
        values = [value for key, value in node.items() if key not in ("id", "type")]
        found.values[classes[node["id"]], article] += sum(map(_size, values))
    else:
        found.resources[node["type"], article] += 1


def _size(value: Any) -> int:
    """The number of values in a JSON-LD value."""
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return len(value) if isinstance(value, list) else 1


@dataclass(frozen=True)
class TripleCounts:
    """Counts of triples about subjects under the base IRI.

    classes: IRI → instances by the articles and registry alone, and including derived types. languages: tag → labels,
    further spellings, other texts, labels of the vocabulary. links: (property, site) → triples that lead out of the
    dataset. graphs: IRI → triples.
    """

    classes: dict[str, tuple[int, int]]
    languages: dict[str, tuple[int, int, int, int]]
    links: dict[tuple[str, str], int]
    graphs: dict[str, int]


def count_triples(store: ox.Store, base: str, vocabulary: str) -> TripleCounts:
    """Count the quads of a store. base: base IRI of the data. vocabulary: IRI of the vocabulary's graph."""
    ids = f"{base}id/"
    own = f'STRSTARTS(STR(?s), "{ids}")'
    given = f"GRAPH ?g {{ ?s a ?class }} FILTER(?g != <{ids}{DERIVED}>)"
    direct = _counts(store, f"SELECT ?class (COUNT(DISTINCT ?s) AS ?n) {{ {given} FILTER({own}) }} GROUP BY ?class")
    merged = _counts(store, f"SELECT ?class (COUNT(?s) AS ?n) {{ ?s a ?class FILTER({own}) }} GROUP BY ?class")
    links = _counts(
        store,
        f"""SELECT ?p ?site (COUNT(*) AS ?n) {{
          ?s ?p ?o FILTER(isIRI(?o) && {own} && ?p != <{RDF_TYPE}> && !STRSTARTS(STR(?o), "{base}"))
          FILTER NOT EXISTS {{ GRAPH <{vocabulary}> {{ ?o ?x ?y }} }}
          BIND(REPLACE(STR(?o), "^[a-z]+://([^/]+).*$", "$1") AS ?site)
        }} GROUP BY ?p ?site""",
    )
    graphs = _counts(
        store,
        f'SELECT ?g (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{ids}")) }} GROUP BY ?g',
    )
    return TripleCounts(
        {iri: (direct.get((iri,), 0), number) for (iri,), number in sorted(merged.items())},
        _languages(store, own, f"{ids}{DERIVED}", vocabulary),
        {(property_, site): number for (property_, site), number in sorted(links.items())},
        {graph: number for (graph,), number in sorted(graphs.items())},
    )


def _languages(store: ox.Store, own: str, derived: str, vocabulary: str) -> dict[str, tuple[int, int, int, int]]:
    """Counts by language; a text in several graphs counts once, the rdf:Statement about it does not."""
    texts = _counts(
        store,
        f"""SELECT ?language ?p (COUNT(*) AS ?n) {{
          SELECT DISTINCT ?s ?p ?o (LANG(?o) AS ?language) {{
            GRAPH ?g {{ ?s ?p ?o }} FILTER({own} && ?g != <{derived}> && ?p != <{RDF}object> && LANG(?o) != "")
          }}
        }} GROUP BY ?language ?p""",
    )
    terms = _counts(
        store,
        f"""SELECT ?language (COUNT(*) AS ?n) {{
          GRAPH <{vocabulary}> {{ ?s <{RDFS}label>|<{SKOS}prefLabel> ?o }} BIND(LANG(?o) AS ?language)
          FILTER(?language != "")
        }} GROUP BY ?language""",
    )
    found: dict[str, list[int]] = {language: [0, 0, 0, number] for (language,), number in terms.items()}
    columns = {f"{RDFS}label": 0, f"{SKOS}altLabel": 1}
    for (language, property_), number in texts.items():
        found.setdefault(language, [0, 0, 0, 0])[columns.get(property_, 2)] += number
    return {language: (row[0], row[1], row[2], row[3]) for language, row in sorted(found.items())}


def _counts(store: ox.Store, query: str) -> dict[tuple[str, ...], int]:
    """The rows of a query whose last variable is a number: values of the others → the number."""
    rows: Iterable[Any] = store.query(query)  # type: ignore[assignment]  # a SELECT query
    return {tuple(term.value for term in list(row)[:-1]): int(list(row)[-1].value) for row in rows}
