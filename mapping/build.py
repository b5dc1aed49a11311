"""Checks a project, or builds a release of it, in one call each: `check_project`, `build_project`."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import InputError, ReleaseError, ValidationError
from core.problems import Severity
from core.progress import SILENT
from core.rdf import parse_base
from core.validation import SECOND_OPINION, ShaclOutcome
from mapping.cluster import Cluster
from mapping.evidence import Texts
from mapping.project import CONTEXT, INPUT_FOLDERS, INPUT_SUFFIXES, Project
from mapping.shared_folder import SharedFolder
from release import graphs, writer
from release.build import Build
from release.lines import Lines, merge
from release.manifest import Dataset, Validation
from release.reader import open_release
from release.release_validation import Shacl
from release.source import Source, Validated
from release.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.problems import Problem
    from core.progress import Progress
    from core.validation import ValidationResult


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
    progress: Progress = SILENT,
) -> CheckedProject:
    """Map and validate a project in memory; the parameters are those of `build_project`.

    releases: folder of releases, whose current one says which parts the project had. Raises InputError if the project
    cannot be read.
    """
    project = _open(folder, base, articles)
    missing = project.missing_parts(_inputs_of_last_release(releases), allowed=allow_missing)
    store = ox.Store()
    progress("mapping")
    with TemporaryDirectory() as work:
        lines = merge(project.lines(), Path(work) / "quads.nq")
        store.bulk_load(path=lines.path, format=ox.RdfFormat.N_QUADS)
        progress("validating")
        outcome = ShaclOutcome()
        if project.shapes:
            data = graphs.default(lines.path, Path(work) / "triples.nt")
            outcome = validate(data, project.shapes, project.base, progress, second_opinion=second_opinion)
        results = project.validate(outcome, project.check(store))
    problems = (*missing, *project.problems)
    progress(_summary(project, problems))
    return CheckedProject(project, store, results, problems)


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
    (docs/scale.md). runs: folder or URL where they put what they map; else `.runs` in the project. progress: called
    with the name of each step that begins.

    Raises ValidationError if there are violations, InputError if the project cannot be read, the folder not be
    written or the workers not be used, BusyError if another build runs in the folder.
    """
    with _at_hand(folder) as here:
        seen = str(folder.resolve()) if isinstance(folder, Path) else folder
        workers = Cluster(cluster, seen, runs or f"{seen.rstrip('/')}/.runs") if cluster else None
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
        release = writer.build(source, releases, progress, keep=keep, full=full)
        return Build(release, validated.problems, validated.report)


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
        except ValidationError:
            raise
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
