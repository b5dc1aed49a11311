"""Maps one unit of the data: from its bytes to sorted N-Quads. A pure function, which any process can run."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from dataclasses import astuple, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias, TypeVar

from core import runs
from core.ntriples import encode_iri
from core.problems import Place, Problem, Severity
from mapping.derivation import Article, derive_each
from mapping.editorial import GRAPH as EDITORIAL
from mapping.evidence import Texts
from mapping.gazetteer import GRAPH as GAZETTEER
from mapping.known import said_in
from mapping.mapper import DERIVED, REGISTRY, Mapper
from mapping.places import write_places
from mapping.records import Checker, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mapping.context import Context
    from mapping.derivation import Rules, Vocabulary
    from mapping.documents import Document
    from mapping.known import Known
    from mapping.mapper import Fact
    from mapping.units import Unit

Result = TypeVar("Result")
Graphs: TypeAlias = "dict[bytes, tuple[bytes, ...]]"  # triple as in N-Triples → the names of its graphs, each once
_LOOKED_UP = (REGISTRY, GAZETTEER, EDITORIAL)
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
        checker = Checker(self.context, self.concepts, self.properties, self.known)
        texts = Texts(self.texts) if self.texts else None
        return Mapper(checker, self.base, self.known, texts=texts, quotations=self.quotations)


class Needed(NamedTuple):
    """Names of what a unit has looked up outside of it, found or not.

    terms: in what is looked up, as in N-Triples. articles: whose spellings are there. texts: files.
    """

    terms: tuple[bytes, ...]
    articles: tuple[str, ...]
    texts: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """Articles and texts as JSON in a line, and a line for each term."""
        return b"\n".join((json.dumps((self.articles, self.texts)).encode(), *self.terms))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What `to_bytes` wrote; ValueError or TypeError if it is nothing of that kind."""
        names, *terms = data.split(b"\n")
        articles, texts = json.loads(names)
        return cls(tuple(terms), tuple(map(str, articles)), tuple(map(str, texts)))


class Said(NamedTuple):
    """What a unit says that others look up.

    entities: id → class. triples: as `said_in` gives them. asked: articles that its evidence speaks of → names of their
    passages.
    """

    entities: dict[str, str | None]
    triples: dict[str, str]
    asked: dict[str, list[str]]

    def to_bytes(self) -> bytes:
        """As JSON."""
        return json.dumps(self).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What `to_bytes` wrote; ValueError or TypeError if it is nothing of that kind."""
        return cls(*map(dict, json.loads(data)))


_NOTHING = Needed((), (), ())


@dataclass
class MappedUnit:
    """What a unit gives.

    run: its canonical N-Quads (core/runs.py); run_key: where it is kept instead. needed: what it depends on. file,
    line: its only file and the first line there when it was mapped; moved: by how many lines it has moved since then.
    places: of its records and passages, before that (mapping/places.py).
    document_problems, record_problems: of reading and of mapping. references: to ids that
    neither the unit nor the registry has; unresolved: problems of evidence that names unknown passages.
    records_with_errors: their ids. records: number of each type. passages_checked: against the texts. unknown: articles
    that it has to be given → names of their passages; there is nothing else then. said: what others look up of it, as
    `said_in` gives it.
    """

    run: bytes = b""
    run_key: bytes = b""
    needed: Needed = _NOTHING
    file: str = ""
    line: int = 1
    places: bytes = b""
    document_problems: list[Problem] = field(default_factory=list)
    record_problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    unresolved: list[Problem] = field(default_factory=list)
    records_with_errors: set[str] = field(default_factory=set)
    records: Counter[str] = field(default_factory=Counter)
    passages_checked: int = 0
    unknown: dict[str, set[str]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    moved: int = 0

    def to_bytes(self) -> bytes:
        """All but the run and what it depends on: JSON in a line, and the places."""
        values = (
            self.run_key.hex(),
            self.file,
            self.line,
            [_problem_to_row(problem) for problem in self.document_problems],
            [_problem_to_row(problem) for problem in self.record_problems],
            [(reference.id, *astuple(reference.place), reference.record) for reference in self.references],
            [_problem_to_row(problem) for problem in self.unresolved],
            sorted(self.records_with_errors),
            self.records,
            self.passages_checked,
            {article: sorted(names) for article, names in self.unknown.items()},
            self.said,
        )
        return json.dumps(values).encode() + b"\n" + self.places

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What `to_bytes` wrote; ValueError, TypeError or AttributeError if it is nothing of that kind."""
        values, _, places = data.partition(b"\n")
        key, file, line, of_documents, of_records, references, unresolved, ids, records, *others = json.loads(values)
        passages, unknown, said = others
        return cls(
            run_key=bytes.fromhex(key),
            file=str(file),
            line=int(line),
            places=places,
            document_problems=[_problem(*row) for row in of_documents],
            record_problems=[_problem(*row) for row in of_records],
            references=[Reference(str(name), _place(*place), str(record)) for name, *place, record in references],
            unresolved=[_problem(*row) for row in unresolved],
            records_with_errors=set(map(str, ids)),
            records=Counter({str(name): int(count) for name, count in records.items()}),
            passages_checked=int(passages),
            unknown={str(article): set(map(str, names)) for article, names in unknown.items()},
            said={str(key): str(triples) for key, triples in said.items()},
        )

    def move(self, line: int) -> None:
        """Move what names places to where the lines are now, of which the first has this number."""
        self.moved = by = line - self.line
        if by:

            def moved(place: Place) -> Place:
                return replace(place, line=place.line + by) if place.file == self.file else place

            for problems in (self.document_problems, self.record_problems, self.unresolved):
                problems[:] = [replace(problem, place=moved(problem.place)) for problem in problems]
            self.references = [replace(reference, place=moved(reference.place)) for reference in self.references]


def _problem_to_row(problem: Problem) -> tuple[str | int, ...]:
    return (*astuple(problem.place), problem.severity, problem.code, problem.message, problem.fix)


def _place(file: Any, line: Any, column: Any) -> Place:
    return Place(str(file), int(line), int(column))


def _problem(file: Any, line: Any, column: Any, severity: Any, code: Any, message: Any, fix: Any) -> Problem:
    return Problem(_place(file, line, column), Severity(severity), str(code), str(message), str(fix))


def read_facts(knowledge: Knowledge, unit: Unit) -> tuple[Mapper, list[tuple[Document, list[Fact]]]]:
    """The documents of a unit with their facts, and the mapper that has found them."""
    documents = unit.documents()
    mapper = knowledge.mapper()
    mapper.articles = {article.article: article for article in unit.others}
    mapper.similar = unit.similar
    for document in documents:
        mapper.register(document)
    return mapper, [(document, unit.facts(document, mapper)) for document in documents]


@lru_cache(1)
def _read(path: str, _digest: bytes) -> Knowledge:
    with Path(path).open("rb") as file:
        knowledge: Knowledge = pickle.load(file)  # noqa: S301 - written by `Project`
    return knowledge


def apply(function: Callable[[Knowledge, Unit], Result], path: str, digest: bytes, unit: Unit) -> Result:
    """Call a function with a unit and the knowledge that is in a file, which a process reads once; digest: of it."""
    return function(_read(path, digest), unit)


def read_said(knowledge: Knowledge, unit: Unit) -> Said:
    """What a unit says that others look up, before anything follows from it."""
    entities = unit.entities()
    mapper = knowledge.mapper()
    mapper.checker.types = {name: class_ for name, class_ in entities.items() if class_ is not None}
    facts = [mapper.with_evidence(unit.facts(document, mapper)) for document in unit.documents()]
    _, triples = quads(mapper, [[fact for found in facts for fact in found if fact.graphs[0] in _LOOKED_UP]])
    said = said_in(mapper.ids, {encode_iri(mapper.ids + REGISTRY): triples[0]})
    return Said(entities, said, {article: sorted(names) for article, names in mapper.unknown.items()})


def map_unit(knowledge: Knowledge, unit: Unit) -> MappedUnit:
    """Map the documents of a unit, and derive what follows for each."""
    mapper, found = read_facts(knowledge, unit)
    facts = [mapper.with_evidence(facts) for _, facts in found]
    documents = [document for document, _ in found]
    if mapper.unknown and not unit.complete:
        return MappedUnit(unknown=mapper.unknown, needed=_needed(mapper, documents, ()))
    mapped = collect(mapper, documents)
    if not unit.is_counted:
        mapped.records.clear()
    if len(unit.parts) == 1:
        mapped.file, mapped.line = unit.parts[0].name, unit.parts[0].line
    if mapper.texts is not None:
        for document in documents:
            if document.article is not None:
                mapped.document_problems += mapper.texts.check(document)
        mapped.passages_checked = mapper.texts.passages_checked
    graphs, triples = quads(mapper, facts)
    articles = [
        _article(b"".join(own), document, knowledge.known)
        for own, document in zip(triples, documents, strict=True)
        if unit.is_derived_from(document)
    ]
    mapped.needed = _needed(mapper, documents, articles)
    derived = derive_each(knowledge.rules, knowledge.vocabulary, articles)
    if unit.is_looked_up:
        mapped.said = _said(graphs, derived, mapper.ids)
    mapped.run = runs.pack(with_derived(graphs, derived, mapper.ids))
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


def quads(mapper: Mapper, documents: Sequence[Sequence[Fact]]) -> tuple[Graphs, list[list[bytes]]]:
    """The triples of the facts with the graphs of these, and those of each document as lines of N-Triples."""
    facts = [fact for found in documents for fact in found]
    names = {graphs: tuple(encode_iri(mapper.ids + graph) for graph in graphs) for graphs in {f.graphs for f in facts}}
    triples: list[list[bytes]] = [[] for _ in documents]
    of_fact = [(own, names[fact.graphs]) for own, found in zip(triples, documents, strict=True) for fact in found]
    graphs: Graphs = {}
    for number, triple in mapper.triples(facts):
        own, named = of_fact[number]
        own.append(triple + b" .\n")
        known = graphs.setdefault(triple, named)
        if known is not named:
            graphs[triple] = tuple(dict.fromkeys((*known, *named)))
    return graphs, triples


def with_derived(graphs: Graphs, derived: Iterable[bytes], ids: str) -> bytes:
    """The lines of N-Quads of triples in their graphs, of derived ones in theirs, and of all in the default graph.

    derived: lines of N-Triples. ids: the IRI that ids are relative to. The lines are sorted: in them the triples have
    the order that they have alone, for the space behind one comes before all that another may go on with.
    """
    of_derived = (encode_iri(ids + DERIVED),)
    for line in derived:
        triple = line[:-3]
        graphs[triple] = (*graphs.get(triple, ()), *of_derived)
    parts: list[bytes] = []
    for triple in sorted(graphs):
        parts += (triple, b" .\n")
        for graph in sorted(graphs[triple]):
            parts += (triple, b" ", graph, b" .\n")
    return b"".join(parts)


def _said(graphs: Graphs, derived: Iterable[bytes], ids: str) -> dict[str, str]:
    """What others look up of triples, those in graphs of articles, and of derived lines of N-Triples."""
    of_articles = encode_iri(ids + "article/")[:-1]
    of_graphs = {encode_iri(ids + DERIVED): list(derived)}
    for triple, names in graphs.items():
        for graph in names:
            if graph.startswith(of_articles):
                of_graphs.setdefault(graph, []).append(triple + b" .\n")
    return said_in(ids, of_graphs)


def _article(own: bytes, document: Document, known: Known) -> Article:
    own += known.spellings(document.article or "")
    terms = known.linked(known.terms(own))
    return Article(own, terms, known.triples(terms))


def _needed(mapper: Mapper, documents: Sequence[Document], articles: Iterable[Article]) -> Needed:
    ids = {*mapper.places, *(reference.id for reference in mapper.checker.references)}
    terms = {encode_iri(mapper.ids + name) for name in ids}.union(*(article.terms for article in articles))
    texts = {article.file for article in mapper.articles.values() if article.file} if mapper.texts else set[str]()
    return Needed(tuple(sorted(terms)), tuple(d.article for d in documents if d.article), tuple(sorted(texts)))
