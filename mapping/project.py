"""A project folder (`ontology/`, `mapping/`, `data/`) as one thing to check and to map."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import InputError
from core.rdf import nquads
from mapping.context import Context
from mapping.dataset import read_dataset
from mapping.derivation import Rules
from mapping.documents import LINES, SUFFIXES, YAML, Document, documents, files
from mapping.gazetteer import gazetteer_quads
from mapping.joining import join_documents, join_registry, registry_evidence, split_articles
from mapping.mapper import DERIVED, Fact, Mapper
from mapping.ontology import SHAPES, Ontology
from mapping.problems import Place, Problem, Severity
from mapping.queries import FOLDER, read_queries
from mapping.records import Checker, Reference, unresolved
from mapping.validation import Result, checks, shacl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mapping.evidence import Texts

_BATCH = 1000  # article documents that are mapped and derived from at a time


@dataclass
class Project:
    """Maps and checks a project folder; quotes: with the words of the evidence, where the texts are at hand.

    Memory: the registry and the YAML documents are held whole; JSON Lines stream, of each record its id and place
    are kept, so that findings lead back to it.
    """

    root: Path
    base: str
    texts: Texts | None = None
    quotes: bool = False
    problems: list[Problem] = field(default_factory=list)
    records: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        if not (self.root / "mapping" / "context.jsonld").is_file():
            raise InputError(f"{self.root} holds no project: there is no mapping/context.jsonld in it")
        self.ontology = Ontology.read(self.root / "ontology", self.base)
        self.context = Context.read(self.root / "mapping" / "context.jsonld")
        self.rules = Rules.read(self.root / "mapping" / "rules")
        self.checks = checks(self.root / "ontology" / "checks")
        self._lost = False  # whether a file, or a part of one, could not be read
        self._registry = list(self._documents("registry"))
        self.problems.extend(join_registry(self._registry))
        entities = {
            str(record["id"]): record for document in self._registry for record in document.records if "id" in record
        }
        self.types = {name: str(record["type"]) for name, record in entities.items() if "type" in record}
        self._checker = Checker(self.context, self.ontology, self.types, self.problems)
        self._mapper = Mapper(
            self._checker,
            self.base,
            {name: record.place for name, record in entities.items()},
            texts=self.texts,
            quotes=self.quotes,
        )
        self._foreign: list[Reference] = []
        dataset = self.root / "data" / "dataset.yaml"
        self.dataset = read_dataset(dataset, "data/dataset.yaml", self._mapper.ids, self.problems)
        self.queries = read_queries(self.root / FOLDER, FOLDER, self.base, self.context.prefixes, self.problems)

    def inputs(self) -> dict[str, str]:
        """Path → SHA-256 of every file that the release depends on."""
        folders = ("data", "mapping", "ontology", FOLDER)
        paths = (path for folder in folders for path in (self.root / folder).rglob("*"))
        wanted = sorted(path for path in paths if path.suffix in {".yaml", ".yml", ".jsonl", ".jsonld", ".rq", ".ttl"})
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in wanted
            if "examples" not in path.parts
        }

    def lines(self) -> Iterator[bytes]:
        """Canonical N-Quads of everything, in blocks: each triple in its named graphs, and in the default graph."""
        yield _lines(self.ontology.terms)
        yield _lines(self.ontology.shapes, merged=False)
        held, streamed = self._articles()
        registry = [quad for document in self._registry for quad in self._map(document)]
        yield _lines(registry)
        gazetteer = [q for d in self._documents("gazetteer") for q in gazetteer_quads(d, self._mapper)]
        yield _lines(gazetteer)
        known = [*self.ontology.terms, *registry, *gazetteer]
        derived = self._derived(self.rules.derive(known, []))
        yield _lines(derived)
        known += derived
        yield from self._batches(chain(held, streamed), known)
        self._resolve()

    def facts(self) -> Iterator[tuple[Document, list[Fact]]]:
        """Each document with what its records say, the registry's first; nothing becomes RDF."""
        held, streamed = self._articles()
        for document in chain(self._registry, held):
            yield document, self._mapper.facts(document)
        for document in streamed:
            self._mapper.enter(document)
            yield document, self._mapper.facts(document)
        self.problems.extend(self._mapper.unresolved)

    def validate(self, store: ox.Store) -> list[Result]:
        """SHACL and the checks over the store's default graph; each result joins the problems, with its record's place.

        Results about records that have a problem already are left out: they are its echo.
        """
        shapes = self.root / "ontology" / SHAPES
        results = shacl(store, shapes) if shapes.is_file() else []
        results += [result for check in self.checks for result in check.run(store)]
        kept = [result for result in dict.fromkeys(results) if self._id(result.focus) not in self._checker.tainted]
        self.problems.extend(self._traced(result) for result in kept)
        return kept

    def _articles(self) -> tuple[list[Document], Iterator[Document]]:
        """The documents of articles, one for each: those that are held, and those of JSON Lines, which stream.

        Held are YAML and articles that are split over lines. Of the others, what the registry rests on is entered.
        """
        held = list(self._documents("articles", YAML))
        lines = [path for path in files(self.root / "data" / "articles") if path.suffix not in YAML]
        split = split_articles(lines, held)
        wanted = registry_evidence(self._registry)
        if lines and (split or wanted.keys() - {document.article for document in held}):
            for document in self._documents("articles", LINES, []):  # its problems are told when it streams
                if document.article in split:
                    held.append(document)
                elif document.article in wanted:
                    self._mapper.enter(document, wanted[document.article])
        whole = join_documents(held, self.problems)
        for document in whole:
            self._mapper.enter(document)
        return whole, (d for d in self._documents("articles", LINES) if d.article not in split)

    def _documents(
        self, folder: str, suffixes: tuple[str, ...] = SUFFIXES, problems: list[Problem] | None = None
    ) -> Iterator[Document]:
        told = self.problems if problems is None else problems
        for path in files(self.root / "data" / folder):
            if path.suffix in suffixes:
                before = len(told)
                yield from documents(path, path.relative_to(self.root).as_posix(), told)
                self._lost |= any(problem.code == "syntax" for problem in told[before:])

    def _map(self, document: Document) -> list[ox.Quad]:
        quads = self._mapper.quads(document)
        if self.texts is not None and document.article is not None:
            self.problems.extend(self.texts.check(document))
        self.records.update(str(record.get("type", "about an entity")) for record in document.records)
        self._foreign += [r for r in self._checker.references if r.id not in self._mapper.places]
        self._checker.references.clear()
        return quads

    def _batches(self, documents_: Iterable[Document], known: list[ox.Quad]) -> Iterator[bytes]:
        rest = iter(documents_)
        while batch := list(islice(rest, _BATCH)):
            for document in batch:
                self._mapper.enter(document)
            stated = [quad for document in batch for quad in self._map(document)]
            yield _lines(stated)
            yield _lines(self._derived(self.rules.derive(known, stated)))

    def _derived(self, triples: Iterable[ox.Triple]) -> list[ox.Quad]:
        graph = ox.NamedNode(self._mapper.ids + DERIVED)
        return [ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples]

    def _resolve(self) -> None:
        places = self._mapper.places
        missing = [reference for reference in self._foreign if reference.id not in places]
        self._checker.tainted.update(reference.record for reference in missing)
        found = [*unresolved(missing, places), *self._mapper.unresolved]
        if self._lost and found:  # what is missing may stand in what could not be read
            message = f"{len(found)} references and passages were not resolved, because a file could not be read"
            found = [Problem(Place("data"), Severity.INFO, "reference", message, "mend the syntax and check again")]
        self.problems.extend(found)

    def _id(self, term: str) -> str:
        return term.strip("<>").removeprefix(self._mapper.ids)

    def _traced(self, result: Result) -> Problem:
        place = self._mapper.places.get(self._id(result.focus), Place("data"))
        subject = f"{self._id(result.focus)}: " if place.file != "data" else f"{result.focus}: "
        rule = result.rule.rpartition("#")[2]
        return Problem(place, result.severity, rule, subject + result.message, result.mend)


def _lines(quads: Iterable[ox.Quad], *, merged: bool = True) -> bytes:
    """Canonical N-Quads; merged adds each triple to the default graph as well."""

    def all_quads() -> Iterator[ox.Quad]:
        for quad in quads:
            yield quad
            if merged:
                yield ox.Quad(quad.subject, quad.predicate, quad.object)

    return nquads(all_quads())
