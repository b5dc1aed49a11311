"""A project folder with `ontology/`, `mapping/`, `data/` and `docs/queries/`: maps its data to RDF and validates it."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import chain, islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import InputError
from core.labels import local_name
from core.problems import Place, Problem, Severity
from core.query_files import read_queries
from core.rdf import nquads
from core.validation import ShaclOutcome
from mapping.checks import read_checks
from mapping.context import Context
from mapping.dataset import read_dataset
from mapping.derivation import Rules
from mapping.documents import LINES, SUFFIXES, YAML, Document, data_files, read_documents
from mapping.gazetteer import gazetteer_quads
from mapping.joining import join_documents, join_registry, registry_evidence, split_articles
from mapping.mapper import DERIVED, Fact, Mapper
from mapping.ontology import SHAPES, Ontology
from mapping.records import Checker, Reference, unresolved
from release.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from core.validation import ValidationResult
    from mapping.evidence import Texts

CONTEXT, QUERIES = "mapping/context.jsonld", "docs/queries"
# Parts that a project may lack, and what is not done then. A path that ends with a slash is a folder of *.rq files.
OPTIONAL_PARTS = {
    "mapping/rules/": "nothing is derived",
    "ontology/shapes.ttl": "nothing is validated by SHACL, and records may have any key of the context",
    "ontology/checks/": "no check of the whole dataset is made",
}
_EXAMPLES = "ontology/examples/"  # what tests of the ontology read; no part of a release
_INPUTS = frozenset({".yaml", ".yml", ".jsonl", ".jsonld", ".rq", ".ttl"})
_BATCH = 1000  # article documents that are mapped and derived from at a time


class Project:
    """A project folder. An object maps its data once: open the project again to map it again.

    Memory: the registry and the YAML documents are read whole. JSON Lines stream; of each record its id and place are
    kept, so that validation results lead back to it.
    """

    def __init__(self, root: Path, base: str, texts: Texts | None = None, *, quotations: bool = False) -> None:
        """Read everything but the articles; InputError if the folder has no context, or a part is not in its syntax.

        base: IRI that the data's IRIs begin with. texts: of the articles, to check the evidence against.
        quotations: whether the evidence gets the words of its passages from the texts.
        """
        self.root, self.base, self.texts = root, base, texts
        if not (root / CONTEXT).is_file():
            raise InputError(f"{root} holds no project: there is no {CONTEXT} in it")
        self.ontology = Ontology.read(root / "ontology", base)
        self.context = Context.read(root / CONTEXT)
        self.rules = Rules.read(root / "mapping" / "rules")
        self.checks = read_checks(root / "ontology" / "checks")
        self._registry = join_registry(self._documents("registry"))
        entities = {
            str(record["id"]): record for document in self._registry for record in document.records if "id" in record
        }
        self.types = {name: str(record["type"]) for name, record in entities.items() if "type" in record}
        places = {name: record.place for name, record in entities.items()}
        self._checker = Checker(self.context, self.ontology, self.types)
        self._mapper = Mapper(self._checker, base, places, texts=texts, quotations=quotations)
        self.dataset, of_dataset = read_dataset(root / "data/dataset.yaml", "data/dataset.yaml", self._mapper.ids)
        self.queries, of_queries = read_queries(root / QUERIES, QUERIES, base, self.context.prefixes)
        self.records: Counter[str] = Counter()  # of the documents that have been mapped, by type
        self._references: list[Reference] = []  # to ids that were not known when they were read
        self._problems = [*of_dataset, *of_queries]
        self._incomplete = False  # whether a document could not be read, or a part of it
        for document in self._registry:
            self._add_problems(document)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems found so far: when the project was opened, mapped and validated."""
        return (*self._problems, *self._checker.problems)

    def inputs(self) -> dict[str, str]:
        """Path → SHA-256 of every file that the release depends on."""
        folders = ("data", "mapping", "ontology", QUERIES)
        files = (path for folder in folders for path in (self.root / folder).rglob("*") if path.is_file())
        paths = {path.relative_to(self.root).as_posix(): path for path in files if path.suffix in _INPUTS}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in sorted(paths.items())
            if not name.startswith(_EXAMPLES)
        }

    def missing_parts(self, before: Collection[str] = (), *, allowed: bool = False) -> list[Problem]:
        """A warning for each optional part that the project lacks, or a violation if the last release had it.

        before: paths of the inputs of the last release. allowed: whether a part may have gone since then.
        """
        present = {
            "mapping/rules/": bool(self.rules.queries),
            "ontology/shapes.ttl": self._shapes.is_file(),
            "ontology/checks/": bool(self.checks),
        }
        return [
            _missing(part, gone=not allowed and any(path.startswith(part) for path in before))
            for part in OPTIONAL_PARTS
            if not present[part]
        ]

    def quads(self) -> Iterator[bytes]:
        """Map the data: canonical N-Quads in blocks, each triple in its named graphs and in the default graph."""
        yield _lines(self.ontology.terms)
        yield _lines(self.ontology.shapes, merged=False)
        in_memory, streamed = self._articles()
        registry = [quad for document in self._registry for quad in self._map(document)]
        yield _lines(registry)
        gazetteer = [quad for document in self._documents("gazetteer") for quad in self._map_gazetteer(document)]
        yield _lines(gazetteer)
        known = [*self.ontology.terms, *registry, *gazetteer]
        derived = self._derived(self.rules.derive(known, []))
        yield _lines(derived)
        known += derived
        yield from self._batches(chain(in_memory, streamed), known)
        self._resolve()

    def facts(self) -> Iterator[tuple[Document, list[Fact]]]:
        """Each document with its facts, the registry's first; nothing becomes RDF."""
        in_memory, streamed = self._articles()
        for document in self._registry:
            yield document, self._mapper.facts(document)
        for document in chain(in_memory, streamed):
            self._add_problems(document)
            self._mapper.register(document)
            yield document, self._mapper.facts(document)
        self._problems += self._mapper.unresolved

    def validate(
        self, data: Path, store: ox.Store, progress: Callable[[str], None], second_opinion: int
    ) -> list[ValidationResult]:
        """The results of the shapes and the checks over the default graph, which are problems from then on.

        data: the default graph as N-Triples. store: holds it too. second_opinion: pyshacl validates too, if there are
        at most so many triples. Results about records that have an error already are left out: they follow from it.
        """
        outcome = ShaclOutcome()
        if self._shapes.is_file():
            outcome = validate(data, self._shapes, self.base, progress, second_opinion=second_opinion)
        results = [*outcome.results, *(result for check in self.checks for result in check.run(store))]
        wrong = self._checker.records_with_errors

        def not_wrong(found: Iterable[ValidationResult]) -> list[ValidationResult]:
            return [result for result in dict.fromkeys(found) if self._id(result.focus) not in wrong]

        kept = not_wrong(results)
        self._problems += outcome.problems
        self._problems += [self._problem(result) for result in (*kept, *not_wrong(outcome.remarks))]
        return kept

    @property
    def _shapes(self) -> Path:
        return self.root / "ontology" / SHAPES

    def _articles(self) -> tuple[list[Document], Iterator[Document]]:
        """One document for each article: those read into memory, and those of JSON Lines, which stream.

        In memory are YAML, and articles that are split over lines. Of the streamed ones, the passages that the
        registry's evidence names are registered.
        """
        in_memory = list(self._documents("articles", YAML))
        lines = [path for path in data_files(self.root / "data" / "articles") if path.suffix not in YAML]
        split = split_articles(lines, in_memory)
        wanted = registry_evidence(self._registry)
        if lines and (split or wanted.keys() - {document.article for document in in_memory}):
            for document in self._documents("articles", LINES):
                if document.article in split:
                    in_memory.append(document)
                elif document.article in wanted:
                    self._mapper.register(document, wanted[document.article])
        whole = join_documents(in_memory)
        for document in whole:
            self._mapper.register(document)
        return whole, (d for d in self._documents("articles", LINES) if d.article not in split)

    def _documents(self, folder: str, suffixes: tuple[str, ...] = SUFFIXES) -> Iterator[Document]:
        for path in data_files(self.root / "data" / folder):
            if path.suffix in suffixes:
                yield from read_documents(path, path.relative_to(self.root).as_posix())

    def _map(self, document: Document) -> list[ox.Quad]:
        quads = self._mapper.quads(document)
        if self.texts is not None and document.article is not None:
            self._problems += self.texts.check(document)
        self.records.update(str(record.get("type", "about an entity")) for record in document.records)
        self._references += [r for r in self._checker.references if r.id not in self._mapper.places]
        self._checker.references.clear()
        return quads

    def _map_gazetteer(self, document: Document) -> list[ox.Quad]:
        self._add_problems(document)
        return gazetteer_quads(document, self._mapper)

    def _batches(self, documents: Iterable[Document], known: list[ox.Quad]) -> Iterator[bytes]:
        rest = iter(documents)
        while batch := list(islice(rest, _BATCH)):
            for document in batch:
                self._add_problems(document)
                self._mapper.register(document)
            asserted = [quad for document in batch for quad in self._map(document)]
            yield _lines(asserted)
            yield _lines(self._derived(self.rules.derive(known, asserted)))

    def _derived(self, triples: Iterable[ox.Triple]) -> list[ox.Quad]:
        graph = ox.NamedNode(self._mapper.ids + DERIVED)
        return [ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples]

    def _add_problems(self, document: Document) -> None:
        self._problems += document.problems
        self._incomplete |= any(problem.code == "syntax" for problem in document.problems)

    def _resolve(self) -> None:
        """Find the references and passages that nothing has turned out to have."""
        places = self._mapper.places
        missing = [reference for reference in self._references if reference.id not in places]
        self._checker.records_with_errors.update(reference.record for reference in missing)
        found = [*unresolved(missing, places), *self._mapper.unresolved]
        if found and self._incomplete:
            message = f"{len(found)} references and passages were not resolved, because a file could not be read"
            found = [Problem(Place("data"), Severity.INFO, "reference", message, "fix the syntax and check again")]
        self._problems += found

    def _id(self, term: str) -> str:
        return term.strip("<>").removeprefix(self._mapper.ids)

    def _problem(self, result: ValidationResult) -> Problem:
        """The result as a problem at the place of the record that it is about."""
        place = self._mapper.places.get(self._id(result.focus), Place("data"))
        subject = self._id(result.focus) if place.file != "data" else result.focus
        return Problem(place, result.severity, local_name(result.rule), result.text(subject), result.fix)


def _missing(part: str, *, gone: bool) -> Problem:
    place, consequence = Place(part), OPTIONAL_PARTS[part]
    if gone:
        message = f"the last release was built with {part}, which the project lacks now: {consequence}"
        fix = "put it back; if it was taken out on purpose, add --allow-missing"
        return Problem(place, Severity.VIOLATION, "missing", message, fix)
    return Problem(place, Severity.WARNING, "missing", f"the project has no {part}: {consequence}", "")


def _lines(quads: Iterable[ox.Quad], *, merged: bool = True) -> bytes:
    """Canonical N-Quads. merged: whether each triple is in the default graph as well."""

    def all_quads() -> Iterator[ox.Quad]:
        for quad in quads:
            yield quad
            if merged:
                yield ox.Quad(quad.subject, quad.predicate, quad.object)

    return nquads(all_quads())
