"""Writes a release: lines, query store and parts, into a draft folder that is published when it is complete.

What costs much is done by processes, block by block (release/parts.py), and what they make is kept beside the releases
for the next build. The manifest lists all files at the end.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core import __version__, query_files
from core.errors import InputError, ReleaseError, ValidationError
from core.memory import DEFAULT, allowed, limited
from core.ntriples import with_xsd_prefix
from core.runs import unpack
from core.shapes import read_graph
from core.shapes_file import ShapesFile
from core.workers import beside, processes
from release import (
    catalog,
    changes,
    known_queries,
    last_build,
    licences,
    memo,
    patch,
    pipeline,
    property_uses,
    query_store,
    reader,
    retention,
    schema_card,
    sums,
)
from release import lines as sorted_lines
from release.counts import CountsPart, Tally
from release.digests import Digests, digest
from release.dumps import writer as dumps
from release.dumps.index import FOLDER as DUMPS
from release.figures import Figures
from release.index_writer import IndexPart
from release.kept_checks import KeptChecks
from release.known_answers import KnownQueries
from release.last_build import LastBuild
from release.links_writer import LinksPart
from release.manifest import FILE_NAME, File, Manifest, Validation, description_graphs
from release.memo import Memo
from release.publishing import draft, exclusive, is_of_full_disk, publish, switch, sync
from release.release_validation import Last, ReleaseValidation
from release.statistics import StatisticsPart, described
from release.stored import StoredPart, survey
from release.verify import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from core.progress import Progress
    from core.saved_queries import SavedQuery
    from core.validation import ValidationResult
    from release.dumps.index import Dump
    from release.lines import Difference, Lines
    from release.manifest import Counts, Dataset, Statistics, StoredContent
    from release.parts import Part
    from release.source import Source

MEMO = ".memo"
_SMALL = 8 << 20  # bytes of lines, up to which no processes are started
_MOST_CHANGED = 64 << 20  # bytes of runs that are exchanged; where there are more, all runs are merged
_MOST_DIFFERENT = 0.2  # of the bytes of the lines, up to which the store is made from the last one
_TOOLS = ("arro3-io", "pyoxigraph", "zlib-ng", "zstandard")  # whose versions the bytes of a release may depend on


def build(
    source: Source,
    releases: Path,
    progress: Progress,
    *,
    keep: int | None = None,
    full: bool = False,
    memory: int = DEFAULT,
) -> reader.Release:
    """Write the release of the source into the folder `releases`, and make it the current one.

    keep: how many releases to keep (release/retention.py); None keeps all. full: do not use what earlier builds have
    kept. memory: bytes that all processes may take together (core/memory.py). An existing release with the same id is
    used unchanged if every file of it is as it was written, and replaced if not. ValidationError if there are
    violations, BusyError if another build runs in the folder, InputError if the folder cannot be written, or the memory
    is too little.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with limited(allowed(memory, progress)), exclusive(releases), draft(releases) as folder:
            if full:
                memo.remove(releases / MEMO)
            with Memo(releases / MEMO) as kept:
                writer = _Writer(source, folder, kept, changes.predecessor(releases, source.base), progress)
                manifest = writer.write()
                release = _publish(folder, manifest, releases, progress)
                with suppress(sqlite3.Error):  # the disk may be full now; what is not kept is made again
                    writer.keep()
            if keep is not None:
                retention.prune(releases, keep, progress)
            return release
    except OSError as error:
        raise InputError(f"{error.filename or releases} cannot be written: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise InputError(f"the indexes in {releases} cannot be written: {error}") from error


def _publish(folder: Path, manifest: Manifest, releases: Path, progress: Progress) -> reader.Release:
    place = releases / manifest.id
    if is_whole(place, manifest.id):
        progress(f"release {manifest.id} is there already")
    else:
        reader.open_whole(folder)
        if os.path.lexists(place):
            progress(f"release {manifest.id} is damaged and is replaced")
        publish(folder, place)
    switch(releases, manifest.id)
    return reader.open_release(place)


class _Outcomes:
    """What parts tell of what they have written, which is waited for when it is asked for."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._written: dict[type[Part], Future[pipeline.Made]] = {}

    def add(self, part: Part, written: Future[pipeline.Made]) -> None:
        """Take a part whose files are being written."""
        self._written[type(part)] = written

    def of(self, part: type[Part]) -> bytes:
        """What this part tells; its files are complete then."""
        made = self._written[part].result()
        self._progress.spent(part.__name__, made.seconds)
        return made.result


class _Described(NamedTuple):
    """What parts have counted; figures: what of that queries count, if they do."""

    tally: Tally
    counts: Counts
    stored: StoredContent
    statistics: Statistics
    figures: Figures | None

    @classmethod
    def of(cls, outcomes: _Outcomes) -> _Described:
        """Without licences."""
        tally, found = Tally.from_bytes(outcomes.of(CountsPart)), described(outcomes.of(StatisticsPart))
        counts = tally.counts
        stored = survey(outcomes.of(StoredPart), counts.triples, counts.quads)
        statistics = replace(found.statistics, subjects=tally.subjects.total(), features=sorted(tally.features))
        return cls(tally, counts, stored, statistics, Figures.of(tally, stored, found.stored_objects))


class _Writer:
    """Writes one release into a folder."""

    def __init__(
        self, source: Source, folder: Path, memo: Memo, before: reader.Release | None, progress: Progress
    ) -> None:
        """memo: of the folder of releases. before: the release that is current."""
        self._source, self._folder, self._memo, self._before, self._progress = source, folder, memo, before, progress
        self._last = LastBuild.read(memo, before)
        self._validation = ReleaseValidation(source.shacl, memo, folder.parent / MEMO, folder, progress)
        self._checks = KeptChecks(source.checks, memo)
        self._runs: tuple[bytes, ...] = ()
        self._stored: Future[None] | None = None  # a store that is loaded while the lines are written
        self._updates = False  # whether the query store is made from the last one
        self._parts: list[Part] = []  # that were made
        self._digests = Digests()

    def write(self) -> Manifest:
        """Write all files; the manifest. ValidationError if there are violations."""
        with self._validation:
            return self._write()

    def _write(self) -> Manifest:
        source, folder, progress = self._source, self._folder, self._progress
        with ExitStack() as stack:
            executor, difference = self._write_lines(stack)
            synced = stack.enter_context(beside()).submit(sync, self._lines.path)  # while the disk has little to do
            stored = self._stored or self._submit_store(difference, executor)
            (folder / DUMPS).mkdir()
            *documents, notes = dumps.parts(source.prefixes)
            counting = [CountsPart(), StatisticsPart(source.base), StoredPart(), LinksPart()]
            validating = self._validation.parts()
            outcomes = _Outcomes(progress)
            self._make([notes, *counting, *validating, *documents], executor)
            self._write_files([notes, *validating, *counting], outcomes, executor)
            content = _Described.of(outcomes)
            for part in validating:
                outcomes.of(type(part))
            last = None if self._last is None or difference is None else Last(self._last.lines, difference)
            self._validation.start(self._lines, last, content.counts.triples)
            self._checks.start(self._lines, last, executor)
            store = self._wait_for_store(stored)
            given = source.dataset
            dataset = given(store) if callable(given) else given
            self._copy_input()
            known = stack.enter_context(self._known_queries(content.figures))
            checked = stack.enter_context(beside()).submit(self._checks.run, store)
            index = IndexPart(read_graph(store, source.shapes))
            tables = dumps.tables(outcomes.of(type(notes)), source, store)
            self._make([index, tables], executor)
            self._write_files([index, tables, *reversed(documents)], outcomes, executor)  # what takes longest first
            validation = self._validate(checked.result(), content.counts.triples)
            dumped = dumps.write_index((outcomes.of(type(part)) for part in (*documents, tables)), folder)
            sums.write(folder / DUMPS, self._digests.of(folder / DUMPS), source.sign_key)
            outcomes.of(IndexPart)
            property_uses.write_properties(folder / reader.INDEX, content.tally)
            manifest = self._manifest(content, validation, dataset, store)
            for sentence in _changed_literals(manifest):
                progress(sentence)
            if self._before is not None and self._before.id != manifest.id:
                manifest = changes.write(self._rows(difference), self._before, manifest, folder)
            known.write(folder / reader.ANSWERS)
            synced.result()
        manifest = self._describe(manifest, dumped.dumps, store)
        del store  # closes it
        manifest.files.update(self._digests.of(folder, manifest.files))
        (folder / FILE_NAME).write_text(manifest.to_json(), encoding="utf-8")
        sums.write(folder, manifest.files | {FILE_NAME: digest(folder / FILE_NAME)}, source.sign_key)
        return manifest

    def _write_lines(self, stack: ExitStack) -> tuple[Executor, Difference | None]:
        """Write the lines, and where there is no last store, begin to load the new one from them while they come.

        Processes for the work that is left, which end with the stack, and what came and went since the last release.
        """
        executor: Executor | None = None

        def start() -> Executor:
            return stack.enter_context(processes(preload=[__name__]))

        def load(written: int) -> None:
            nonlocal executor
            if executor is None and written > _SMALL:
                executor = start()
                self._stored = self._submit_store(None, executor)

        if self._last is not None and self._last.lines.size > _SMALL:
            executor = start()
            executor.submit(os.getpid)  # which starts one, while the input is read
        self._lines = self._merge(self._source.runs(self._memo) if self._source.runs else (), load)
        if executor is None:
            executor = start() if self._lines.size > _SMALL else stack.enter_context(processes(0))
        return executor, self._difference()

    def keep(self) -> None:
        """Keep for the next build what this one has used, now that its release is the current one."""
        used = self._validation.keep(self._lines) | self._checks.keep(self._lines)
        used.add(last_build.keep(self._memo, self._lines, self._runs))
        of_parts = partial(pipeline.keys, self._parts, self._lines)
        self._memo.forget_others(lambda: chain(used, self._runs, self._source.kept, of_parts()))

    def _merge(self, keys: Iterable[bytes], begun: Callable[[int], object]) -> Lines:
        """The lines of runs: made from the last ones where few runs have changed, else sorted while the runs come.

        begun: called with the number of bytes that are sorted so far.
        """
        target = self._folder / reader.QUADS
        if self._last is not None and self._last.runs and self._source.runs:
            keys = self._runs = tuple(keys)
            old, new = Counter(self._last.runs), Counter(self._runs)
            gone, come = (self._values((one - other).elements()) for one, other in ((old, new), (new, old)))
            if gone is not None and come is not None:
                try:
                    return sorted_lines.update(self._last.lines, gone, come, target)
                except ReleaseError as error:
                    self._progress(f"{error}; all lines are sorted again")
        return sorted_lines.merge(self._all(keys), target, begun)

    def _values(self, keys: Iterable[bytes]) -> list[bytes] | None:
        """The lines of the runs of these keys; None if one is missing, or they are too large to be exchanged."""
        found, size = [], 0
        for key in keys:
            run = self._memo.get(key)
            if run is None or size > _MOST_CHANGED:
                return None
            found.append(unpack(run))
            size += len(found[-1])
        return found

    def _all(self, keys: Iterable[bytes]) -> Iterator[bytes]:
        """The lines of all runs, and those that the source gives without runs."""
        found = []
        for key in keys:
            found.append(key)
            run = self._memo.get(key)
            assert run is not None  # noqa: S101 - the source has just said that it is there
            yield unpack(run)
        self._runs = tuple(found)
        yield from self._source.quads

    def _difference(self) -> Difference | None:
        """What lines came and went since the last release; None if they are too many, or not known."""
        if self._last is None or sorted_lines.shared(self._last.lines, self._lines) < 1 - _MOST_DIFFERENT:
            return None
        try:
            return sorted_lines.difference(self._last.lines, self._lines)
        except ReleaseError:  # the last release is damaged
            return None

    def _submit_store(self, difference: Difference | None, executor: Executor) -> Future[None]:
        target = self._folder / reader.STORE
        self._updates = self._last is not None and difference is not None and self._last.has_untouched_store()
        if self._last is None or difference is None or not self._updates:
            return executor.submit(query_store.load, self._folder / reader.QUADS, target)
        return executor.submit(query_store.update, self._last.release.store_path, *difference, self._lines.path, target)

    def _wait_for_store(self, stored: Future[None]) -> ox.Store:
        """The store, when it is written; it is loaded anew if the last one turns out to be damaged."""
        target = self._folder / reader.STORE
        try:
            stored.result()
        except (OSError, RuntimeError) as error:  # RuntimeError: the engine has found damage
            if not self._updates or is_of_full_disk(error) or isinstance(error, BrokenExecutor):
                raise
            self._progress(f"the last query store cannot be used: {error}")
            shutil.rmtree(target, ignore_errors=True)
            query_store.load(self._lines.path, target)
        return ox.Store.read_only(str(target))

    def _make(self, parts: Sequence[Part], executor: Executor) -> None:
        """Make parts of the blocks."""
        pipeline.make(parts, self._lines, self._memo, executor, self._progress)
        self._parts += parts

    def _write_files(self, parts: Sequence[Part], outcomes: _Outcomes, executor: Executor) -> None:
        """Begin to write the files of parts, in this order."""
        for part in parts:
            outcomes.add(part, pipeline.write(part, self._lines, self._folder.parent / MEMO, executor, self._folder))

    def _rows(self, difference: Difference | None) -> Iterator[patch.PatchRow]:
        """What came and went since the release before."""
        assert self._before is not None  # noqa: S101 - the caller has seen to it
        if difference is None:
            with self._lines.path.open("rb") as lines:
                yield from patch.differences(self._before.lines(), lines)
        else:
            yield from patch.rows(difference.removed, difference.added)

    def _validate(self, checked: list[ValidationResult], triples: int) -> Validation:
        outcome = self._validation.outcome(self._lines, triples)
        if self._source.validate is None:
            return Validation()
        validated = self._source.validate(outcome, checked, self._lines)
        (self._folder / reader.REPORT).write_bytes(validated.report)
        if validated.counts.violations:
            raise ValidationError(validated.problems, validated.report)
        return validated.counts

    def _copy_input(self) -> None:
        """Write the input that is published unchanged: the JSON-LD context, shapes and the saved queries."""
        if self._source.context is not None:
            (self._folder / reader.CONTEXT).write_bytes(self._source.context)
        if self._source.shown_by is not None:
            shapes = ShapesFile.read(self._source.shown_by, self._source.base).ntriples()
            (self._folder / reader.SHAPES).write_text(shapes, encoding="utf-8")
        for name, text in self._source.queries.items():
            path = self._folder / reader.query_path(name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text)

    def _known_queries(self, figures: Figures | None) -> KnownQueries:
        """Begin to evaluate what is asked first."""
        source = self._source
        groups = known_queries.groups(self._saved_queries(), source.base, source.prefixes, figures)
        return KnownQueries(groups, self._folder / reader.STORE, source.base, description_graphs(source.base))

    def _saved_queries(self) -> list[SavedQuery]:
        source = self._source
        return [
            query_files.read(name, text, source.base, source.prefixes) for name, text in sorted(source.queries.items())
        ]

    def _manifest(self, content: _Described, validation: Validation, dataset: Dataset, store: ox.Store) -> Manifest:
        """The manifest with the files written so far."""
        source = self._source
        licensed = licences.read(store, content.counts.graphs, dataset.license)
        self._note_shared_files()
        manifest = Manifest(
            id="",
            content=self._lines.digest,
            base=source.base,
            created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            software={name: version(name) for name in _TOOLS} | {"parkgraph": __version__},
            dataset=dataset,
            ontology=source.ontology,
            shapes=source.shapes,
            prefixes=source.prefixes,
            counts=content.counts,
            stored=content.stored,
            statistics=replace(content.statistics, licences=licensed),
            validation=validation,
            inputs=source.inputs,
            files=self._digests.of(self._folder),
        )
        return replace(manifest, id=manifest.identity())

    def _describe(self, manifest: Manifest, listed: Sequence[Dump], store: ox.Store) -> Manifest:
        """Write the catalog, the schema card, and a copy of the store that has them; the manifest with their sizes."""
        described = catalog.write(catalog.CatalogInput(manifest, listed), self._folder)
        card = schema_card.write(manifest, self._saved_queries(), store, self._folder)
        graphs = {manifest.catalog_graph: described, manifest.schema_card_graph: card}
        query_store.copy_with(store, graphs, self._folder / reader.DESCRIBED_STORE)
        return replace(manifest, catalog=len(described), schema_card=len(card))

    def _note_shared_files(self) -> None:
        """Take the digests of files that are known already: of the lines, and of those of the last query store."""
        lines = self._lines
        self._digests.note(lines.path, File(lines.size, lines.digest))
        if self._last is not None:
            for path, file in self._last.store_files.items():
                shared, known = self._folder / path, self._last.release.path / path
                if shared.exists() and known.exists() and shared.samefile(known):
                    self._digests.note(shared, file)


def _changed_literals(manifest: Manifest) -> Iterator[str]:
    """Sentences for the user: how many literals queries give in another form, and how many triples they find."""
    stored, counts = manifest.stored, manifest.counts
    if stored.changed:
        pairs = ((with_xsd_prefix(form.published), with_xsd_prefix(form.queried)) for form in stored.examples)
        examples = ", ".join(f"{published} as {queried}" for published, queried in pairs)
        yield f"{stored.changed} of {stored.literals} literals come back from queries in another form: {examples}"
    if stored.triples < counts.triples:
        yield f"queries find {stored.triples} of {counts.triples} triples: those with literals of equal value are one"
