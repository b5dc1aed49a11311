"""A project folder with `ontology/`, `mapping/`, `data/` and `docs/queries/`: maps its data to RDF and validates it."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections import Counter
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import cache, cached_property, partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

import pyoxigraph as ox

from core import runs
from core.errors import InputError
from core.files import file_digest
from core.labels import local_name
from core.memory import current
from core.ntriples import encode_iri
from core.problems import Place, Problem, Severity
from core.query_files import read_queries
from core.rdf import nquads, serialize
from core.workers import in_order, processes
from mapping.articles import Answered, Articles
from mapping.checks import read_checks
from mapping.context import Context
from mapping.dataset import read_dataset
from mapping.derivation import Rules, Vocabulary
from mapping.kept import KeptUnits, keep_run
from mapping.known import Known, KnownWriter
from mapping.ontology import SHAPES, Ontology
from mapping.places import Places
from mapping.records import Reference, unresolved
from mapping.registry import editorial_units, gazetteer_units, registry_units
from mapping.rule_scope import scope
from mapping.unit_mapping import (
    Knowledge,
    MappedUnit,
    apply,
    collect,
    map_unit,
    read_facts,
    read_said,
    with_derived,
)
from release.nquads import with_union

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from core.validation import ShaclOutcome, ValidationResult
    from mapping.cluster import Cluster, Workers
    from mapping.documents import Document
    from mapping.evidence import Texts
    from mapping.kept import Memo
    from mapping.mapper import Fact
    from mapping.unit_mapping import Said
    from mapping.units import Unit, UnitPlace

Result = TypeVar("Result")
CONTEXT, QUERIES = "mapping/context.jsonld", "docs/queries"
# Parts that a project may lack, and what is not done then. A path that ends with a slash is a folder of *.rq files.
OPTIONAL_PARTS = {
    "mapping/rules/": "nothing is derived",
    "ontology/shapes.ttl": "nothing is validated by SHACL, and records may have any key of the context",
    "ontology/checks/": "no check of the whole dataset is made",
}
_EXAMPLES = "ontology/examples/"  # what tests of the ontology read; no part of a release
INPUT_FOLDERS = ("data", "mapping", "ontology", QUERIES)
INPUT_SUFFIXES = frozenset({".yaml", ".yml", ".jsonl", ".jsonld", ".rq", ".ttl"})
_FEW = 3  # units that are mapped by this process
_ALONE = 50  # entities up to which each is evaluated alone: finding out whether they can be otherwise takes as long
_LARGE = 256 << 10  # bytes of articles from which on several are evaluated together, and by several processes


class Project:
    """A project folder. An object maps its data once: open the project again to map it again.

    Memory: YAML documents are read whole, and those of the registry together. JSON Lines stream; of each record its id
    and place are kept, so that validation results lead back to it.
    """

    def __init__(self, root: Path, base: str, texts: Texts | None = None, *, quotations: bool = False) -> None:
        """Read everything but the data; InputError if the folder has no context, or a part is not in its syntax.

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
        self.dataset, of_dataset = read_dataset(root / "data/dataset.yaml", "data/dataset.yaml", self._ids)
        self.queries, of_queries = read_queries(
            root / QUERIES, QUERIES, base, self.context.prefixes, self.ontology.may_define
        )
        self.records: Counter[str] = Counter()  # of the documents that have been mapped, by type
        self._places = Places()
        self._references: list[Reference] = []  # to ids that were not known when they were read
        self._unresolved: list[Problem] = []  # evidence that names unknown passages
        self._records_with_errors: set[str] = set()
        self._problems = [*of_dataset, *of_queries]
        self._record_problems: list[Problem] = []
        self.results: dict[ValidationResult, Problem] = {}  # of shapes and checks, once it is validated
        self._workers: Workers | None = None  # of a cluster, which map instead of processes of this machine
        self._incomplete = False  # whether a document could not be read, or a part of it

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems found so far: when the project was opened, mapped and validated."""
        return (*self._problems, *self._record_problems)

    def inputs(self) -> dict[str, str]:
        """Path → SHA-256 of every file that the release depends on."""
        files = (path for folder in INPUT_FOLDERS for path in (self.root / folder).rglob("*") if path.is_file())
        paths = {path.relative_to(self.root).as_posix(): path for path in files if path.suffix in INPUT_SUFFIXES}
        return {name: file_digest(path) for name, path in sorted(paths.items()) if not name.startswith(_EXAMPLES)}

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
            yield runs.unpack(mapped.run)

    def runs(
        self, memo: Memo, used: set[bytes], number: int | None = None, cluster: Cluster | None = None
    ) -> Iterator[bytes]:
        """Map the data, as far as it is not kept already: the keys of its runs (core/runs.py) in the memo.

        used: gets the keys of all else in the memo that is of use for the next build. number: as for `lines`. cluster:
        maps the data instead of processes of this machine.
        """
        with cluster.connect() if cluster else nullcontext() as self._workers:
            for mapped in self._map(memo, number, used):
                yield mapped.run_key or keep_run(memo, mapped.run)

    def _map(self, memo: Memo | None, number: int | None, used: set[bytes]) -> Iterator[MappedUnit]:
        yield MappedUnit(runs.pack(_sorted(nquads(self.ontology.terms), merged=True)))
        yield MappedUnit(runs.pack(_sorted(nquads(self.ontology.shapes), merged=False)))
        articles = Articles(self.root, "data/articles")
        self._add_problems(articles.problems)
        with TemporaryDirectory(prefix="parkgraph-") as folder:
            known = yield from self._map_registry(articles, Path(folder), memo, number, used)
            many = articles.size > _LARGE
            knowledge = self._knowledge(known)
            kept = KeptUnits(memo, knowledge, used) if memo is not None else None
            with self._mapping(known, number if many or number is not None else 0, kept, together=many) as mapping:
                asking = []
                for place, mapped in _mapped(articles.units(), kept, mapping):
                    if mapped.unknown:
                        asking.append(Answered(place, mapped.unknown, articles))
                    else:
                        yield self._add(mapped)
                for _, mapped in _mapped(asking, kept, mapping):
                    yield self._add(mapped)
        self._resolve()

    def _map_registry(
        self, articles: Articles, folder: Path, memo: Memo | None, number: int | None, used: set[bytes]
    ) -> Generator[MappedUnit, None, Known]:
        """Map registry, gazetteer and editorial records; returns what they say, which is in a file in the folder."""
        first = self._read_registry(articles, folder / "said", memo, number, used)
        path = shutil.copyfile(folder / "said", folder / "known")
        kept = KeptUnits(memo, self._knowledge(first.known), used) if memo is not None else None
        units = [*first.registry, *first.others]
        if not units:  # what follows from the ontology alone
            derived = with_derived({}, self.rules.derive(self._ontology_triples), self._ids)
            yield MappedUnit(runs.pack(derived))
        with (
            self._mapping(first.known, number, kept, together=first.entities > _ALONE) as mapping,
            KnownWriter(path) as writer,
        ):
            for _, mapped in _mapped(units, kept, mapping):
                writer.add(mapped.said)
                yield self._add(mapped)
        return Known(self._ids, path)

    def _read_registry(
        self, articles: Articles, path: Path, memo: Memo | None, number: int | None, used: set[bytes]
    ) -> _Registry:
        """Read registry, gazetteer and editorial records, and write to a file what they say."""
        registry, problems = registry_units(self.root, "data/registry")
        gazetteer, of_gazetteer = gazetteer_units(self.root, "data/gazetteer")
        editorial, of_editorial = editorial_units(self.root, "data/editorial")
        self._add_problems((*problems, *of_gazetteer, *of_editorial))
        known, entities, units = Known(self._ids), 0, []
        kept = KeptUnits(memo, self._knowledge(known), used) if memo is not None else None
        with self._mapping(known, number, kept) as mapping, KnownWriter(path) as writer:
            for place, said in _said((*registry, *gazetteer, *editorial), kept, mapping):
                writer.add_entities(said.entities)
                writer.add(said.triples)
                entities += len(said.entities)
                units.append(Answered(place, said.asked, articles))
        return _Registry(units[: len(registry)], units[len(registry) :], Known(self._ids, path), entities)

    def _mapping(self, known: Known, number: int | None, kept: KeptUnits | None, *, together: bool = False) -> _Mapping:
        """together: whether several documents are to be evaluated at once."""

        def knowledge() -> Knowledge:
            found = self._knowledge(known)
            return replace(found, vocabulary=self._vocabulary(kept)) if together else found

        return _Mapping(knowledge, number, self._workers)

    @cached_property
    def types(self) -> dict[str, str]:
        """The classes of the registry's entities, as far as they have one, by their ids."""
        units, _ = registry_units(self.root, "data/registry")
        found = (entity for place in units for entity in place.read().entities().items())
        return {name: class_ for name, class_ in found if class_ is not None}

    def facts(self) -> Iterator[tuple[Document, list[Fact]]]:
        """Each document with its facts, the registry's first; nothing becomes RDF."""
        articles = Articles(self.root, "data/articles")
        self._add_problems(articles.problems)
        with TemporaryDirectory(prefix="parkgraph-") as folder:
            first = self._read_registry(articles, Path(folder) / "said", None, 0, set())
            knowledge = self._knowledge(first.known)
            for place in (*first.registry, *articles.units()):
                mapper, found = read_facts(knowledge, place.read())
                if mapper.unknown and not place.complete:
                    mapper, found = read_facts(knowledge, Answered(place, mapper.unknown, articles).read())
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
        told = {result: self._problem(result, places) for result in (*kept, *remarks)}
        self.results = {result: told[result] for result in kept}
        self._problems += told.values()
        return kept

    @property
    def shapes(self) -> Path | None:
        """The file of the SHACL shapes, if there is one."""
        path = self.root / "ontology" / SHAPES
        return path if path.is_file() else None

    def _knowledge(self, known: Known) -> Knowledge:
        return Knowledge(
            base=self.base,
            context=self.context,
            concepts=frozenset(self.ontology.concepts),
            properties=self.ontology.properties,
            vocabulary=Vocabulary(self._ontology_triples),
            rules=self.rules,
            known=known,
            texts=self.texts.folder if self.texts else None,
            quotations=self.quotations,
        )

    @cached_property
    def _ontology_triples(self) -> bytes:
        triples = serialize([quad.triple for quad in self.ontology.terms], ox.RdfFormat.N_TRIPLES)
        return b"".join(sorted(triples.splitlines(keepends=True)))  # the engine has no order that stays

    def _vocabulary(self, kept: KeptUnits | None) -> Vocabulary:
        """What rules are evaluated with."""
        queries = tuple(query for _, query in self.rules.queries)
        of_records = frozenset(term.iri for term in self.context.terms.values())
        found = kept.scope(queries, of_records) if kept is not None else scope(queries, of_records)
        if found is None:
            return Vocabulary(self._ontology_triples)

        def encoded(iris: frozenset[str] | None) -> frozenset[bytes] | None:
            return None if iris is None else frozenset(map(encode_iri, iris))

        later = tuple(map(encoded, found.later))
        joined, followed = encoded(found.joined), encoded(found.followed)
        return Vocabulary(self._ontology_triples, encoded(found.vocabulary), joined, followed, later)

    def _add(self, mapped: MappedUnit) -> MappedUnit:
        """Take over what a unit gives besides its run; returns the same."""
        self._places.add(mapped.places, mapped.file, mapped.moved)
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


class _Registry(NamedTuple):
    """The places of the units of the registry and of the others, what they say, and the number of the entities."""

    registry: Sequence[UnitPlace | Answered]
    others: Sequence[UnitPlace | Answered]
    known: Known
    entities: int


class _Mapping:
    """Maps units, in so many processes, which start when they are needed, or on workers of a cluster.

    A context manager, which ends the processes.
    """

    def __init__(self, knowledge: Callable[[], Knowledge], number: int | None, workers: Workers | None) -> None:
        """number: None for one on each core, where more than a few units are to be mapped; 0 for this process."""
        self._knowledge, self._number, self._workers = cache(knowledge), number, workers
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)  # type: ignore[arg-type] # it is what this one was given

    def map(
        self, function: Callable[[Knowledge, Unit], Result], places: Sequence[UnitPlace | Answered]
    ) -> Iterator[Result]:
        """What the function gives of each unit, in their order. InputError if a process is killed."""
        units = (place.read() for place in places)
        if self._workers is not None:
            yield from self._workers.map(function, self._knowledge(), (place.resolved() for place in places))
        elif self._number == 0 or (self._number is None and len(places) <= _FEW):
            yield from (function(self._knowledge(), unit) for unit in units)
        else:
            yield from in_order(self._executor, partial(apply, function, *self._shared), units, current().ahead)

    @cached_property
    def _executor(self) -> Executor:
        return self._stack.enter_context(processes(self._number, preload=[apply.__module__]))

    @cached_property
    def _shared(self) -> tuple[str, bytes]:
        """The file with the knowledge, and its digest."""
        file = self._stack.enter_context(NamedTemporaryFile(prefix="parkgraph-"))  # noqa: SIM115 - the stack closes it
        data = pickle.dumps(self._knowledge())
        file.write(data)
        file.flush()
        return file.name, hashlib.sha256(data).digest()


def _mapped(
    places: Sequence[UnitPlace | Answered], kept: KeptUnits | None, mapping: _Mapping
) -> Iterator[tuple[UnitPlace | Answered, MappedUnit]]:
    """Each unit with its result: first those that are kept, then the others, which are mapped and kept."""
    missing = []
    for place in places:
        if kept is None:
            missing.append((place, b""))
            continue
        key = place.key(kept)
        found = kept.find(key, place.line)
        if found is None:
            missing.append((place, key))
        else:
            yield place, found
    results = mapping.map(map_unit, [place for place, _ in missing]) if missing else ()
    for (place, key), mapped in zip(missing, results, strict=True):
        if kept is not None:
            kept.add(key, mapped)
        yield place, mapped


def _said(places: Sequence[UnitPlace], kept: KeptUnits | None, mapping: _Mapping) -> Iterator[tuple[UnitPlace, Said]]:
    """Each unit with what it says, in their order."""
    keys = [b"" if kept is None else place.key(kept) for place in places]
    missing = [place for place, key in zip(places, keys, strict=True) if kept is None or not kept.has_said(key)]
    results = mapping.map(read_said, missing) if missing else iter(())
    for place, key in zip(places, keys, strict=True):
        found = kept.said(key) if kept is not None else None
        if found is None:
            found = next(results, None) or next(mapping.map(read_said, [place]))
            if kept is not None:
                kept.add_said(key, found)
        yield place, found


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
