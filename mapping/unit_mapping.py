"""Maps one unit of articles: from its bytes to sorted N-Quads. A pure function, which any process can run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.ntriples import encode_iri
from mapping.derivation import Article, derive_each
from mapping.evidence import Texts
from mapping.mapper import DERIVED, Mapper
from mapping.places import write_places
from mapping.records import Checker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from core.problems import Problem
    from mapping.articles import Unit
    from mapping.context import Context
    from mapping.derivation import Rules, Vocabulary
    from mapping.documents import Document
    from mapping.known import Known
    from mapping.mapper import Fact
    from mapping.records import Reference

ABOUT_AN_ENTITY = "about an entity"  # what a record without a type counts as


@dataclass(frozen=True)
class Knowledge:
    """What units are mapped with, besides their bytes.

    concepts, properties: as for `Checker`. texts: folder of the articles' texts. quotations: whether evidence has the
    words of its passage.
    """

    base: str
    context: Context
    concepts: frozenset[str]
    properties: dict[str, set[str]]
    vocabulary: Vocabulary
    rules: Rules
    known: Known
    texts: Path | None = None
    quotations: bool = False

    def mapper(self) -> Mapper:
        """A mapper that has mapped nothing so far."""
        checker = Checker(self.context, self.concepts, self.properties, self.known.types)
        texts = Texts(self.texts) if self.texts else None
        return Mapper(checker, self.base, self.known.entities, texts=texts, quotations=self.quotations)


@dataclass
class MappedUnit:
    """What a unit gives.

    run: its canonical N-Quads, sorted, each once. places: of its records and passages (mapping/places.py).
    document_problems, record_problems: of reading and of mapping. references: to ids that
    neither the unit nor the registry has; unresolved: problems of evidence that names unknown passages.
    records_with_errors: their ids. records: number of each type. passages_checked: against the texts. unknown: articles
    that it has to be given → names of their passages; there is nothing else then.
    """

    run: bytes = b""
    places: bytes = b""
    document_problems: list[Problem] = field(default_factory=list)
    record_problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    unresolved: list[Problem] = field(default_factory=list)
    records_with_errors: set[str] = field(default_factory=set)
    records: Counter[str] = field(default_factory=Counter)
    passages_checked: int = 0
    unknown: dict[str, set[str]] = field(default_factory=dict)


def read_facts(knowledge: Knowledge, unit: Unit) -> tuple[Mapper, list[tuple[Document, list[Fact]]]]:
    """The documents of a unit with their facts, and the mapper that has found them."""
    documents = unit.documents()
    mapper = knowledge.mapper()
    mapper.articles = {article.article: article for article in unit.others}
    mapper.similar = unit.similar
    for document in documents:
        mapper.register(document)
    return mapper, [(document, mapper.facts(document)) for document in documents]


def map_unit(knowledge: Knowledge, unit: Unit) -> MappedUnit:
    """Map the articles of a unit, and derive what follows for each."""
    mapper, found = read_facts(knowledge, unit)
    facts = [mapper.with_evidence(facts) for _, facts in found]
    if mapper.unknown and not unit.complete:
        return MappedUnit(unknown=mapper.unknown)
    documents = [document for document, _ in found]
    mapped = collect(mapper, documents)
    if mapper.texts is not None:
        for document in documents:
            if document.article is not None:
                mapped.document_problems += mapper.texts.check(document)
        mapped.passages_checked = mapper.texts.passages_checked
    lines, triples = quads(mapper, facts)
    articles = [
        _article(b"".join(own), document, knowledge.known) for own, document in zip(triples, documents, strict=True)
    ]
    derived = derive_each(knowledge.rules, knowledge.vocabulary, articles)
    mapped.run = in_order(lines, derived, mapper.ids)
    return mapped


def collect(mapper: Mapper, documents: Sequence[Document]) -> MappedUnit:
    """What the mapper has found out about the documents' records, without their quads."""
    checker, places = mapper.checker, mapper.places
    return MappedUnit(
        places=write_places(places),
        document_problems=[problem for document in documents for problem in document.problems],
        record_problems=checker.problems,
        references=[r for r in checker.references if r.id not in places and r.id not in mapper.entities],
        unresolved=mapper.unresolved,
        records_with_errors=checker.records_with_errors,
        records=Counter(str(r.get("type", ABOUT_AN_ENTITY)) for document in documents for r in document.records),
    )


def quads(mapper: Mapper, documents: Sequence[Sequence[Fact]]) -> tuple[set[bytes], list[list[bytes]]]:
    """The lines of N-Quads of the facts, each triple in the graphs of its fact and in the default graph.

    Also the triples of each document, as lines of N-Triples.
    """
    facts = [fact for found in documents for fact in found]
    tails = [[b" %s .\n" % encode_iri(mapper.ids + graph) for graph in fact.graphs] for fact in facts]
    triples: list[list[bytes]] = [[] for _ in documents]
    of_fact = [own for own, found in zip(triples, documents, strict=True) for _ in found]
    lines: list[bytes] = []
    for number, triple in mapper.triples(facts):
        line = triple + b" .\n"
        of_fact[number].append(line)
        lines.append(line)
        lines += [triple + tail for tail in tails[number]]
    return set(lines), triples


def in_order(lines: set[bytes], derived: Iterable[bytes], ids: str) -> bytes:
    """The lines of N-Quads and the derived ones of N-Triples in their graph, sorted.

    ids: the IRI that ids are relative to.
    """
    tail = b" %s .\n" % encode_iri(ids + DERIVED)
    lines.update(derived)
    lines.update([line[:-3] + tail for line in derived])
    return b"".join(sorted(lines))


def _article(own: bytes, document: Document, known: Known) -> Article:
    spelt = known.spellings.get(document.article or "", b"")
    terms = known.linked(known.terms(own) | known.terms(spelt))
    subjects = {line.split(b" ", 1)[0] for line in own.splitlines()}
    return Article(own, subjects, terms, [spelt, *known.triples(terms)])
