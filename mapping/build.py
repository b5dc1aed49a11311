"""Checks a project, or builds a release of it, in one call each: `check_project`, `build_project`."""

from __future__ import annotations

import weakref
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import InputError, ReleaseError
from core.memory import DEFAULT
from core.problems import Severity
from core.progress import SILENT
from core.rdf import parse_base
from core.runs import unpack
from core.validation import SECOND_OPINION, ShaclOutcome
from mapping.cluster import Cluster
from mapping.evidence import Texts
from mapping.project import CONTEXT, INPUT_FOLDERS, INPUT_SUFFIXES, Project
from mapping.shared_folder import SharedFolder
from release import graphs, query_store, writer
from release.build import Build
from release.lines import Lines, merge
from release.manifest import Dataset, Validation
from release.memo import Memo, Overlay
from release.reader import open_release
from release.release_validation import Shacl
from release.source import Source, Validated
from release.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.problems import Problem
    from core.progress import Progress
    from core.validation import ValidationResult


_IN_MEMORY = 32 << 20  # bytes of lines, up to which a store of them is in memory, where it has ten times their size


@dataclass(frozen=True)
class CheckedProject:
    """A project that was mapped into a store and validated, with the validation results and all problems."""

    project: Project
    store: ox.Store
    results: list[ValidationResult]
    problems: tuple[Problem, ...]

    @property
    def violations(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity is Severity.VIOLATION]


def check_project(
    folder: Path,
    *,
    base: str,
    articles: Path | None = None,
    releases: Path | None = None,
    allow_missing: bool = False,
    second_opinion: int = SECOND_OPINION,
    number: int | None = None,
    progress: Progress = SILENT,
) -> CheckedProject:
    """Map and validate a project, in a temporary folder; the parameters are those of `build_project`.

    releases: folder of releases, whose current one says which parts the project had; what builds have kept there is
    used and left as it is. number: of processes that map the data; None for one on each core, if there is enough to do,
    and 0 for none but this one. Raises InputError if the project cannot be read.
    """
    project = _open(folder, base, articles)
    missing = project.missing_parts(_inputs_of_last_release(releases), allowed=allow_missing)
    progress("mapping")
    with ExitStack() as stack:
        work = Path(stack.enter_context(TemporaryDirectory(prefix="parkgraph-")))
        lines = merge(_mapped(project, releases, work, number), work / "quads.nq")
        store = _store(lines, work)
        progress("validating")
        outcome = ShaclOutcome()
        if project.shapes:
            data = graphs.default(lines.path, work / "triples.nt")
            outcome = validate(data, project.shapes, project.base, progress, second_opinion=second_opinion)
        results = project.validate(outcome, project.check(store))
        problems = (*missing, *project.problems)
        progress(_summary(project, problems))
        checked = CheckedProject(project, store, results, problems)
        weakref.finalize(checked, stack.pop_all().close)  # the store is there as long as what was found
    return checked


def _mapped(project: Project, releases: Path | None, work: Path, number: int | None) -> Iterator[bytes]:
    """The lines of the project, mapped as far as that is not kept in the folder of releases."""
    if releases is None or not (releases / writer.MEMO).is_file():
        yield from project.lines(number)
        return
    with Memo(work / writer.MEMO) as own, Memo(releases / writer.MEMO, read_only=True) as kept:
        memo = Overlay(own, kept)
        for key in tuple(project.runs(memo, set(), number)):
            run = memo.get(key)
            assert run is not None  # noqa: S101 - the project has just said that it is there
            yield unpack(run)


def _store(lines: Lines, work: Path) -> ox.Store:
    """A store of the lines: on the disk, if they are many."""
    if lines.size > _IN_MEMORY:
        query_store.load(lines.path, work / "store")
        return ox.Store.read_only(str(work / "store"))
    store = ox.Store()
    store.bulk_load(path=lines.path, format=ox.RdfFormat.N_QUADS)
    return store


def build_project(
    folder: Path | str,
    releases: Path,
    *,
    base: str,
    articles: Path | None = None,
    quotations: bool = False,
    allow_missing: bool = False,
    second_opinion: int = SECOND_OPINION,
    keep: int | None = None,
    sign_key: Path | None = None,
    full: bool = False,
    cluster: str | None = None,
    runs: str | None = None,
    memory: int = DEFAULT,
    progress: Progress = SILENT,
) -> Build:
    """Build a release of a project in the folder `releases`, and make it the current one.

    folder: has `ontology/`, `mapping/` and `data/`; a string is the URL of one, such as s3://bucket/folder. base: IRI
    that the data's IRIs begin with. articles: folder of the texts, to check the evidence against. quotations: whether
    evidence gets the words of its passages from them.
    allow_missing: whether the project may lack rules, shapes or checks that the last release was built with.
    second_opinion: pyshacl validates too what has at most so many triples (docs/validation.md). keep: number of
    releases that stay; None for all. sign_key: private key of OpenSSH. full: whether to use
    nothing that earlier builds have kept. cluster: address of a scheduler of Dask, whose workers map the articles
    (docs/scale.md). runs: folder or URL where they put what they map; else `.runs` in the project. memory: bytes that
    all processes on this machine may take together (docs/settings.md). progress: called with the name of each step
    that begins.

    Raises ValidationError if there are violations, InputError if the project cannot be read, the folder not be
    written or the workers not be used, BusyError if another build runs in the folder.
    """
    with _at_hand(folder) as here:
        seen = _everywhere(folder)
        workers = Cluster(cluster, seen, _everywhere(runs or f"{seen.rstrip('/')}/.runs")) if cluster else None
        project = _open(here, base, articles, quotations=quotations)
        missing = project.missing_parts(_inputs_of_last_release(releases), allowed=allow_missing)

        validated = Validated(Validation(), b"")

        def conclude(outcome: ShaclOutcome, checked: list[ValidationResult], _lines: Lines) -> Validated:
            nonlocal validated
            results = project.validate(outcome, checked)
            problems = (*missing, *project.problems)
            progress(_summary(project, problems))
            validated = Validated.of(problems, results, project.base)
            return validated

        kept: set[bytes] = set()
        source = Source(
            quads=(),
            base=project.base,
            dataset=Dataset(**project.dataset),
            prefixes=project.context.prefixes,
            ontology=project.ontology.iri,
            shapes=project.ontology.shapes_iri,
            context=(here / CONTEXT).read_bytes(),
            queries=project.queries,
            sign_key=sign_key,
            inputs=project.inputs(),
            runs=lambda memo: project.runs(memo, kept, cluster=workers),
            kept=kept,
            shacl=Shacl(project.shapes, project.base, second_opinion=second_opinion) if project.shapes else None,
            checks=project.checks,
            validate=conclude,
        )
        release = writer.build(source, releases, progress, keep=keep, full=full, memory=memory)
        return Build(release, validated.problems, validated.report)


def _everywhere(folder: Path | str) -> str:
    """The URL of a folder, or its absolute path, which other machines may have too."""
    return folder if isinstance(folder, str) and "://" in folder else str(Path(folder).resolve())


@contextmanager
def _at_hand(folder: Path | str) -> Iterator[Path]:
    """The folder of a project; for a URL a copy of it, of whose size a release has twenty times."""
    if isinstance(folder, Path):
        yield folder
        return
    with TemporaryDirectory(prefix="parkgraph-") as copy:
        SharedFolder(folder).copy(INPUT_FOLDERS, INPUT_SUFFIXES, Path(copy))
        try:
            yield Path(copy)
        except InputError as error:
            raise InputError(str(error).replace(copy, folder.rstrip("/"))) from error


def _open(folder: Path, base: str, articles: Path | None, *, quotations: bool = False) -> Project:
    return Project(folder, parse_base(base), Texts(articles.resolve()) if articles else None, quotations=quotations)


def _inputs_of_last_release(releases: Path | None) -> frozenset[str]:
    """Paths of the files that the current release was built from; none if there is no release that can be read."""
    try:
        return frozenset(open_release(releases).manifest.inputs) if releases else frozenset()
    except ReleaseError:
        return frozenset()


def _summary(project: Project, problems: Sequence[Problem]) -> str:
    """How much was checked, and what was found, in one line."""
    evidence = (
        f"{project.texts.passages_checked} passages compared with the texts"
        if project.texts
        else "evidence not compared with the texts (set PARKGRAPH_ARTICLES)"
    )
    found = [problem.severity for problem in problems]
    counts = ", ".join(f"{found.count(severity)} {severity}s" for severity in (Severity.VIOLATION, Severity.WARNING))
    return f"{project.records.total()} records; {evidence}; {counts}"
