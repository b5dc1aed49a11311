"""The commands that read the project: `check` and `build`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import ARTICLES, BASE, FINDINGS, PROJECT, RELEASES, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyoxigraph as ox

    from mapping.problems import Problem
    from mapping.project import Project
    from mapping.validation import Result
    from release.source import Source, Validated

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How problems are written to standard output.",
)


@click.command()
@PROJECT
@BASE
@ARTICLES
@FORMAT
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
def check(project: Path, base: str, articles: Path | None, form: str, *, quiet: bool) -> None:
    """Check all of data/ against the mapping, the shapes, the checks and the texts.

    Every problem of the run is reported, with file, line, column, what is wrong and how to mend it.

    \b
      parkgraph check
      parkgraph check --articles ../articles       hold the evidence against the texts as well
      parkgraph check --format sarif > check.sarif for an editor or a code host

    Exits with 1 where there is a violation; warnings alone are fine.
    """
    import pyoxigraph as ox

    progress = Progress(quiet=quiet)
    opened = _open(project, base, articles)
    store = ox.Store()
    progress("mapping")
    for block in opened.lines():
        store.bulk_load(block, ox.RdfFormat.N_QUADS)
    progress("validating")
    opened.validate(store)
    progress(_summary(opened))
    _report(opened.problems, form)
    if _violations(opened.problems):
        raise click.exceptions.Exit(FINDINGS)


@click.command()
@RELEASES
@BASE
@PROJECT
@ARTICLES
@click.option(
    "--quotations",
    is_flag=True,
    help="With --articles: publish the words of each passage too, as a short quotation. You need the right to.",
)
@click.option("--rdf", is_flag=True, help="Publish the RDF files that follow, instead of a project.")
@click.option(
    "--shapes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --rdf: SHACL shapes in Turtle that the data has to conform to.",
)
@click.option(
    "--queries",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --rdf: folder with saved queries (*.rq) to publish; a project has them in docs/queries.",
)
@click.option("--title", help="With --rdf: name of the dataset.  [default: that of the first file]")
@click.option(
    "--keep",
    type=click.IntRange(1),
    envvar="PARKGRAPH_KEEP",
    metavar="N",
    help="Remove the oldest releases but N; what is served or pinned by a link stays.  [default: all are kept]",
)
@click.option(
    "--sign-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="PARKGRAPH_SIGN_KEY",
    help="Sign the release with this key of OpenSSH: a private key, or the public half of one in an agent.",
)
@FORMAT
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
def build(
    releases: Path,
    base: str,
    project: Path,
    articles: Path | None,
    shapes: Path | None,
    queries: Path | None,
    title: str | None,
    keep: int | None,
    sign_key: Path | None,
    form: str,
    files: tuple[Path, ...],
    *,
    quotations: bool,
    rdf: bool,
    quiet: bool,
) -> None:
    """Build a release and make it the current one; print its id.

    \b
      parkgraph build                              the project in this folder
      parkgraph build --base https://example.org/  under your own base IRI
      parkgraph build --rdf a.ttl b.nq.gz          plain RDF, published as it is

    Nothing is published while a violation stands (exit code 1); warnings are published with the report. Equal
    content gives an equal id. RDF files may be Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD, each also .gz.
    """
    from release import writer

    if rdf != bool(files):
        raise click.UsageError("FILES go with --rdf, and --rdf with FILES.")
    if (shapes or queries or title) and not rdf:
        raise click.UsageError("--shapes, --queries and --title go with --rdf; a project has its own.")
    if quotations and not articles:
        raise click.UsageError("--quotations goes with --articles: the words are in the texts.")
    progress = Progress(quiet=quiet)
    problems: list[Problem] = []
    if rdf:
        source = _plain_source(files, base, shapes, queries, title, problems)
    else:
        source = _project_source(_open(project, base, articles, quotations=quotations), problems, progress)
    source = replace(source, sign_key=sign_key)
    try:
        release = writer.build(source, releases, progress, keep=keep)
    except writer.Rejected:
        _report(problems, form)
        progress("not published")
        raise click.exceptions.Exit(FINDINGS) from None
    if problems:
        _report(problems, form)
    progress(f"{release.path} is current: {release.manifest.counts.triples} triples")
    click.echo(release.id)


def _open(project: Path, base: str, articles: Path | None, *, quotations: bool = False) -> Project:
    from mapping.evidence import Texts
    from mapping.project import Project

    return Project(project, base, Texts(articles) if articles else None, quotations)


def _project_source(project: Project, problems: list[Problem], progress: Progress) -> Source:
    from release.manifest import Dataset
    from release.source import Source

    def lines() -> Iterator[bytes]:
        progress("mapping")
        yield from project.lines()

    def validate(store: ox.Store) -> Validated:
        results = project.validate(store)
        problems.extend(project.problems)
        progress(_summary(project))
        return _validated(results, problems, project.base)

    return Source(
        quads=lines(),
        base=project.base,
        dataset=Dataset(**project.dataset),
        prefixes=project.context.prefixes,
        ontology=project.ontology.iri,
        shapes=project.ontology.shapes_iri,
        context=(project.root / "mapping" / "context.jsonld").read_bytes(),
        queries=project.queries,
        inputs=project.inputs(),
        validate=validate,
    )


def _plain_source(
    files: tuple[Path, ...],
    base: str,
    shapes: Path | None,
    queries: Path | None,
    title: str | None,
    problems: list[Problem],
) -> Source:
    from mapping.queries import read_queries
    from release import plain
    from release.digests import digest
    from release.manifest import Dataset
    from release.source import Source

    def validate(store: ox.Store) -> Validated:
        from mapping.problems import Place, Problem
        from mapping.validation import shacl

        results = shacl(store, shapes) if shapes else []
        place = Place(str(files[0]))
        problems.extend(Problem(place, r.severity, r.rule, f"{r.focus}: {r.message}", r.mend) for r in results)
        return _validated(results, problems, base)

    prefixes: dict[str, str] = {}
    return Source(
        quads=plain.lines(files, base, prefixes),
        base=base,
        dataset=Dataset(title={"en": title or files[0].name.partition(".")[0]}),
        prefixes=prefixes,
        queries=read_queries(queries, str(queries), base, {}, problems) if queries else {},
        inputs={
            f.name: digest(f).sha256 for f in (*files, *sorted(queries.glob("*.rq") if queries else ())) if f.is_file()
        },
        validate=validate if shapes or problems else None,
    )


def _validated(results: list[Result], problems: list[Problem], base: str) -> Validated:
    from mapping.problems import Severity
    from mapping.validation import report
    from release.manifest import Validation
    from release.source import Validated

    found = [problem.severity for problem in problems]
    counts = Validation(
        violations=found.count(Severity.VIOLATION),
        warnings=found.count(Severity.WARNING),
        infos=found.count(Severity.INFO),
    )
    return Validated(counts, report(results, base))


def _summary(project: Project) -> str:
    from mapping.problems import Severity

    checked = project.texts.passages_checked if project.texts else None
    evidence = (
        f"{checked} passages held against the texts"
        if checked is not None
        else "evidence not held against the texts (set PARKGRAPH_ARTICLES)"
    )
    found = [problem.severity for problem in project.problems]
    counts = ", ".join(f"{found.count(severity)} {severity}s" for severity in (Severity.VIOLATION, Severity.WARNING))
    return f"{project.records.total()} records; {evidence}; {counts}"


def _report(problems: list[Problem], form: str) -> None:
    from mapping.reporting import FORMATS

    click.echo(FORMATS[form](sorted(problems, key=lambda problem: problem.place)), nl=False)


def _violations(problems: list[Problem]) -> bool:
    from mapping.problems import Severity

    return any(problem.severity is Severity.VIOLATION for problem in problems)
