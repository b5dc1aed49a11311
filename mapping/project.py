"""A project folder with `ontology/`, `mapping/`, `data/` and `docs/queries/`: maps its data to RDF and validates it."""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, cached_property, partial
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Self

import pyoxigraph as ox

from core.errors import InputError
from core.labels import local_name
from core.memory import current
from core.ntriples import encode_iri
from core.problems import Place, Problem, Severity
from core.query_files import read_queries
from core.rdf import nquads, serialize
from core.workers import in_order, processes
from mapping.articles import Articles
from mapping.checks import read_checks
from mapping.context import Context
from mapping.dataset import read_dataset
from mapping.derivation import Rules, Vocabulary
from mapping.documents import Document, data_files, read_documents
from mapping.gazetteer import gazetteer_facts
from mapping.joining import join_registry, registry_evidence
from mapping.kept import KeptUnits, keep_run, read_value, setting
from mapping.known import Known
from mapping.ontology import SHAPES, Ontology
from mapping.places import Places
from mapping.records import Reference, unresolved
from mapping.rule_scope import vocabulary_predicates
from mapping.unit_mapping import Knowledge, MappedUnit, collect, map_unit, map_with, quads, read_facts, with_derived
from release.nquads import with_union

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from core.validation import ShaclOutcome, ValidationResult
    from mapping.articles import Unit
    from mapping.evidence import Texts
    from mapping.kept import Memo
    from mapping.mapper import Fact, Mapper

CONTEXT, QUERIES = "mapping/context.jsonld", "docs/queries"
# Parts that a project may lack, and what is not done then. A path that ends with a slash is a folder of *.rq files.
OPTIONAL_PARTS = {
    "mapping/rules/": "nothing is derived",
    "ontology/shapes.ttl": "nothing is validated by SHACL, and records may have any key of the context",
    "ontology/checks/": "no check of the whole dataset is made",
}
_EXAMPLES = "ontology/examples/"  # what tests of the ontology read; no part of a release
_INPUTS = frozenset({".yaml", ".yml", ".jsonl", ".jsonld", ".rq", ".ttl"})
_FEW = 2  # units that are mapped by this process
_LARGE = 256 << 10  # bytes of articles from which on several are evaluated together, and by several processes


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
        self.quotations = quotations
        self._ids = f"{base}id/"
        self._registry = join_registry(self._documents("registry"))
        entities = [record for document in self._registry for record in document.records if "id" in record]
        self.types = {str(record["id"]): str(record["type"]) for record in entities if "type" in record}
        self._entities = frozenset(str(record["id"]) for record in entities)
        self.dataset, of_dataset = read_dataset(root / "data/dataset.yaml", "data/dataset.yaml", self._ids)
        self.queries, of_queries = read_queries(root / QUERIES, QUERIES, base, self.context.prefixes)
        self.records: Counter[str] = Counter()  # of the documents that have been mapped, by type
        self._places = Places()
        self._references: list[Reference] = []  # to ids that were not known when they were read
        self._unresolved: list[Problem] = []  # evidence that names unknown passages
        self._records_with_errors: set[str] = set()
        self._problems = [*of_dataset, *of_queries]
        self._record_problems: list[Problem] = []
        self._incomplete = False  # whether a document could not be read, or a part of it
        for document in self._registry:
            self._add_problems(document.problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems found so far: when the project was opened, mapped and validated."""
        return (*self._problems, *self._record_problems)

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
            "ontology/shapes.ttl": self.shapes is not None,
            "ontology/checks/": bool(self.checks),
        }
        return [
            _missing(part, gone=not allowed and any(path.startswith(part) for path in before))
            for part in OPTIONAL_PARTS
            if not present[part]
        ]

    def lines(self, number: int | None = None) -> Iterator[bytes]:
        """Map the data: canonical N-Quads, each triple in its named graphs and in the default graph.

        Each string of lines is sorted by bytes, and has no line twice; a line may be in several. number: of processes
        that map the articles; None for one on each core, if there is enough to do, and 0 for none but this one.
        """
        for mapped in self._map(None, number, set()):
            yield mapped.run

    def runs(self, memo: Memo, used: set[bytes], number: int | None = None) -> Iterator[bytes]:
        """Map the data, as far as it is not kept from an earlier build: the keys of the lines' strings in the memo.

        used: gets the keys of all else in the memo that is of use for the next build. number: as for `lines`.
        """
        for mapped in self._map(memo, number, used):
            yield mapped.run_key or keep_run(memo, mapped.run)

    def _map(self, memo: Memo | None, number: int | None, used: set[bytes]) -> Iterator[MappedUnit]:
        yield MappedUnit(_sorted(nquads(self.ontology.terms), merged=True))
        yield MappedUnit(_sorted(nquads(self.ontology.shapes), merged=False))
        articles = Articles(self.root, "data/articles")
        self._add_problems(articles.problems)
        registry, known = self._map_registry(articles, memo, used)
        yield self._add(registry)
        knowledge = self._knowledge(known)
        kept = KeptUnits(memo, knowledge, used) if memo is not None else None
        many = articles.size > _LARGE
        if number is None and not many:
            number = 0

        def with_vocabulary() -> Knowledge:
            return replace(knowledge, vocabulary=self._vocabulary) if many else knowledge

        with _Mapping(with_vocabulary, number) as mapping:
            asking = []
            for read, mapped in _mapped(articles.units(), kept, mapping):
                if mapped.unknown:
                    asking.append(partial(_answered, read, mapped.unknown, articles))
                else:
                    yield self._add(mapped)
            for _, mapped in _mapped(asking, kept, mapping):
                yield self._add(mapped)
        self._resolve()

    def facts(self) -> Iterator[tuple[Document, list[Fact]]]:
        """Each document with its facts, the registry's first; nothing becomes RDF."""
        articles = Articles(self.root, "data/articles")
        self._add_problems(articles.problems)
        mapper = self._registry_mapper(articles)
        for document in self._registry:
            yield document, mapper.facts(document)
        self._add(collect(mapper, []))
        knowledge = self._knowledge(Known(self._ids, self.types, self._entities))
        for read in articles.units():
            mapper, found = read_facts(knowledge, read())
            if mapper.unknown:
                mapper, found = read_facts(knowledge, _answered(read, mapper.unknown, articles))
            self._add(collect(mapper, [document for document, _ in found]))
            yield from found
        self._problems += self._unresolved

    def check(self, store: ox.Store) -> list[ValidationResult]:
        """The results of the checks over the default graph of the store."""
        return [result for check in self.checks for result in check.run(store)]

    def validate(self, outcome: ShaclOutcome, checked: list[ValidationResult]) -> list[ValidationResult]:
        """The results of shapes and checks, which are problems from then on.

        outcome: of the shapes. checked: what `check` gave. Results about records that have an error already are left
        out: they follow from it.
        """
        results = [*outcome.results, *checked]
        wrong = self._records_with_errors

        def not_wrong(found: Iterable[ValidationResult]) -> list[ValidationResult]:
            return [result for result in dict.fromkeys(found) if self._id(result.focus) not in wrong]

        kept, remarks = not_wrong(results), not_wrong(outcome.remarks)
        self._problems += outcome.problems
        places = self._places.find({self._id(result.focus) for result in (*kept, *remarks)})
        self._problems += [self._problem(result, places) for result in (*kept, *remarks)]
        return kept

    @property
    def shapes(self) -> Path | None:
        """The file of the SHACL shapes, if there is one."""
        path = self.root / "ontology" / SHAPES
        return path if path.is_file() else None

    def _documents(self, folder: str) -> Iterator[Document]:
        for path in data_files(self.root / "data" / folder):
            yield from read_documents(path, path.relative_to(self.root).as_posix())

    def _knowledge(self, known: Known) -> Knowledge:
        return Knowledge(
            base=self.base,
            context=self.context,
            concepts=frozenset(self.ontology.concepts),
            properties=self.ontology.properties,
            vocabulary=Vocabulary(self._ontology_triples, None),
            rules=self.rules,
            known=known,
            texts=self.texts.folder if self.texts else None,
            quotations=self.quotations,
        )

    @cached_property
    def _ontology_triples(self) -> bytes:
        triples = serialize([quad.triple for quad in self.ontology.terms], ox.RdfFormat.N_TRIPLES)
        return b"".join(sorted(triples.splitlines(keepends=True)))  # the engine has no order that stays

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        """What rules are evaluated with; it takes half a second to look at them."""
        of_records = {term.iri for term in self.context.terms.values()}
        only_here = vocabulary_predicates(tuple(query for _, query in self.rules.queries), frozenset(of_records))
        predicates = None if only_here is None else frozenset(map(encode_iri, only_here))
        return Vocabulary(self._ontology_triples, predicates)

    def _registry_mapper(self, articles: Articles) -> Mapper:
        mapper = self._knowledge(Known(self._ids, self.types, self._entities)).mapper()
        mapper.articles, mapper.similar = articles.find(registry_evidence(self._registry))
        return mapper

    def _map_registry(self, articles: Articles, memo: Memo | None, used: set[bytes]) -> tuple[MappedUnit, Known]:
        """What registry and gazetteer give, and what they say."""
        mapper = self._registry_mapper(articles)
        key = self._registry_key(mapper) if memo is not None and self.texts is None else b""
        known_key = b"known " + key
        if memo is not None and key:
            used |= {key, known_key}
            found = read_value(memo, key, MappedUnit.from_bytes)
            kept = read_value(memo, known_key, partial(Known.from_bytes, self._ids, self.types, self._entities))
            if found is not None and kept is not None and found.run_key in memo:
                return found, kept
        facts = [mapper.with_evidence(mapper.facts(document)) for document in self._registry]
        gazetteer = list(self._documents("gazetteer"))
        facts += [gazetteer_facts(document, mapper) for document in gazetteer]
        mapped = collect(mapper, self._registry)  # its problems are known since the project was opened
        mapped.document_problems = [problem for document in gazetteer for problem in document.problems]
        lines, found_triples = quads(mapper, facts)
        own = [line for triples in found_triples for line in triples]
        derived = self.rules.derive(b"".join((self._ontology_triples, *own)))
        known = Known.of(self._ids, self.types, self._entities, lines, derived)
        mapped.run = with_derived(lines, derived, self._ids)
        if memo is not None and key:
            mapped.run_key, mapped.run = keep_run(memo, mapped.run), b""
            memo.put(key, mapped.to_bytes())
            memo.put(known_key, known.to_bytes())
        return mapped, known

    def _registry_key(self, mapper: Mapper) -> bytes:
        """What the result of the registry depends on, where there are no texts to compare it with."""
        digest = hashlib.sha256(setting(self._knowledge(Known(self._ids, {}, frozenset()))))
        for folder in ("registry", "gazetteer"):
            for path in data_files(self.root / "data" / folder):
                data = path.read_bytes() if path.is_file() else b""
                digest.update(b"%s\x00%d\x00" % (path.relative_to(self.root).as_posix().encode(), len(data)))
                digest.update(data)
        digest.update(repr((mapper.articles, mapper.similar)).encode())
        return b"registry " + digest.digest()

    def _add(self, mapped: MappedUnit) -> MappedUnit:
        """Take over what a unit gives besides its run; returns the same."""
        self._places.add(mapped.places)
        self._add_problems(mapped.document_problems)
        self._record_problems += mapped.record_problems
        self._references += mapped.references
        self._unresolved += mapped.unresolved
        self._records_with_errors |= mapped.records_with_errors
        self.records += mapped.records
        if self.texts is not None:
            self.texts.passages_checked += mapped.passages_checked
        return mapped

    def _add_problems(self, problems: Iterable[Problem]) -> None:
        """Keep problems of reading documents."""
        problems = list(problems)
        self._problems += problems
        self._incomplete |= any(problem.code == "syntax" for problem in problems)

    def _resolve(self) -> None:
        """Find the references and passages that nothing has turned out to have."""
        known = self._places.find({reference.id for reference in self._references})
        missing = [reference for reference in self._references if reference.id not in known]
        self._records_with_errors.update(reference.record for reference in missing)
        found = [*unresolved(missing, dict.fromkeys(self._places.ids()) if missing else ()), *self._unresolved]
        if found and self._incomplete:
            message = f"{len(found)} references and passages were not resolved, because a file could not be read"
            found = [Problem(Place("data"), Severity.INFO, "reference", message, "fix the syntax and check again")]
        self._problems += found

    def _id(self, term: str) -> str:
        return term.strip("<>").removeprefix(self._ids)

    def _problem(self, result: ValidationResult, places: Mapping[str, Place]) -> Problem:
        """The result as a problem at the place of the record that it is about."""
        place = places.get(self._id(result.focus), Place("data"))
        subject = self._id(result.focus) if place.file != "data" else result.focus
        return Problem(place, result.severity, local_name(result.rule), result.text(subject), result.fix)


class _Mapping:
    """Maps units, in so many processes, which start when they are needed. A context manager, which ends them."""

    def __init__(self, knowledge: Callable[[], Knowledge], number: int | None) -> None:
        """number: None for one on each core, where more than a few units are to be mapped; 0 for this process."""
        self._knowledge, self._number = cache(knowledge), number
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)  # type: ignore[arg-type] # it is what this one was given

    def map(self, units: Sequence[Callable[[], Unit]]) -> Iterator[MappedUnit]:
        """The results, in the order of the units. InputError if a process is killed."""
        read = (function() for function in units)
        if self._number == 0 or (self._number is None and len(units) <= _FEW):
            yield from (map_unit(self._knowledge(), unit) for unit in read)
            return
        yield from in_order(self._executor, partial(map_with, *self._shared), read, current().ahead)

    @cached_property
    def _executor(self) -> Executor:
        return self._stack.enter_context(processes(self._number, preload=[map_with.__module__]))

    @cached_property
    def _shared(self) -> tuple[str, bytes]:
        """The file with the knowledge, and its digest."""
        file = self._stack.enter_context(NamedTemporaryFile(prefix="parkgraph-"))  # noqa: SIM115 - the stack closes it
        data = pickle.dumps(self._knowledge())
        file.write(data)
        file.flush()
        return file.name, hashlib.sha256(data).digest()


def _mapped(
    units: Sequence[Callable[[], Unit]],
    kept: KeptUnits | None,
    mapping: _Mapping,
) -> Iterator[tuple[Callable[[], Unit], MappedUnit]]:
    """Each unit with its result: first those that are kept, then the others, which are mapped and kept."""
    missing = []
    for read in units:
        if kept is None:
            missing.append((read, b""))
            continue
        unit = read()
        key = kept.key(unit)
        found = kept.find(key, unit.parts[0].line)
        if found is None:
            missing.append((read, key))
        else:
            yield read, found
    results = mapping.map([read for read, _ in missing]) if missing else ()
    for (read, key), mapped in zip(missing, results, strict=True):
        if kept is not None:
            kept.add(key, mapped)
        yield read, mapped


def _answered(read: Callable[[], Unit], asked: Mapping[str, Collection[str]], articles: Articles) -> Unit:
    """The unit with the articles that it asks for, as far as there are any."""
    others, similar = articles.find(asked)
    return replace(read(), others=tuple(others.values()), similar=similar, complete=True)


def _missing(part: str, *, gone: bool) -> Problem:
    place, consequence = Place(part), OPTIONAL_PARTS[part]
    if gone:
        message = f"the last release was built with {part}, which the project lacks now: {consequence}"
        fix = "put it back; if it was taken out on purpose, add --allow-missing"
        return Problem(place, Severity.VIOLATION, "missing", message, fix)
    return Problem(place, Severity.WARNING, "missing", f"the project has no {part}: {consequence}", "")


def _sorted(lines: bytes, *, merged: bool) -> bytes:
    """Lines of N-Quads, sorted. merged: whether each triple is in the default graph as well."""
    blocks = with_union([lines]) if merged else [lines]
    return b"".join(sorted({line for block in blocks for line in block.splitlines(keepends=True)}))
