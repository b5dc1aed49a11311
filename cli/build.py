"""The command `build`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from cli.interruption import interruptible
from cli.options import (
    ALLOW_MISSING,
    ARTICLES,
    ASK_PYSHACL,
    BASE,
    FINDINGS,
    MEMORY,
    RELEASES,
    REPORT_FILE,
    ProgressLines,
    write_report,
)
from core.errors import ValidationError

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def _formats(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, str]:
    """The form of problems and the format of RDF files, which is empty for that of their extensions."""
    from cli.reporting import FORMATS
    from release.rdf_formats import BY_EXTENSION

    form, rdf_format = "text", ""
    for value in values:
        if value in FORMATS:
            form = value
        elif value in BY_EXTENSION:
            rdf_format = value
        else:
            message = f"'{value}' is neither of problems ({', '.join(FORMATS)}) nor of RDF ({', '.join(BY_EXTENSION)})"
            raise click.BadParameter(message)
    return form, rdf_format


class _FolderOrUrl(click.Path):
    """A folder that there is, or a URL, which is a string."""

    name = "folder or URL"

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if isinstance(value, str) and "://" in value else super().convert(value, param, ctx)


@click.command()
@RELEASES
@BASE
@click.option(
    "--project",
    type=_FolderOrUrl(),
    default=Path(),
    help="Folder with ontology/, mapping/ and data/, or the URL of one, such as s3://bucket/folder.  [default: the"
    " current folder]",
)
@ARTICLES
@click.option(
    "--quotations",
    is_flag=True,
    help="With --articles: publish the words of each passage too, as a short quotation. You need the right to.",
)
@ALLOW_MISSING
@click.option("--rdf", is_flag=True, help="Publish the RDF files that follow, instead of a project.")
@click.option(
    "--base-of",
    "bases_of",
    multiple=True,
    metavar="FILE=IRI",
    help="With --rdf: what relative IRIs of that file are resolved against.  [default: the base; of several files, base"
    " and name]",
)
@click.option(
    "--contexts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --rdf: folder of JSON-LD contexts; https://a.example/b is a.example/b.jsonld in it.",
)
@click.option("--allow-empty", is_flag=True, help="With --rdf: accept that a file no longer holds a statement.")
@click.option(
    "--shapes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --rdf: SHACL shapes in Turtle that the data has to conform to.",
)
@click.option(
    "--shapes-graph-by-graph",
    "by_graph",
    is_flag=True,
    help="With --shapes: validate each graph by itself, instead of the union of all graphs.",
)
@ASK_PYSHACL
@REPORT_FILE
@click.option(
    "--queries",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --rdf: folder with saved queries (*.rq) to publish; a project has them in docs/queries.",
)
@click.option(
    "--no-union",
    "union",
    flag_value=False,
    default=True,
    help="With --rdf: the default graph has its own triples alone, not those of the named graphs as well.",
)
@click.option(
    "--title",
    help="With --rdf: name of the dataset.  [default: what the data say of themselves, or the name of the first file]",
)
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
@click.option(
    "--format",
    "formats",
    multiple=True,
    callback=_formats,
    metavar="FORMAT",
    help="Form of problems: text (default), json, sarif, github. With --rdf also of the files: nt, nq, ttl, trig, rdf,"
    " jsonld, n3, hext, trix.",
)
@click.option(
    "--cluster",
    envvar="PARKGRAPH_CLUSTER",
    metavar="ADDRESS",
    help="Map the articles on the workers of this scheduler of Dask, such as tcp://host:8786 (docs/scale.md).",
)
@click.option(
    "--runs",
    envvar="PARKGRAPH_RUNS",
    metavar="URL",
    help="With --cluster: folder or URL where the workers put what they map.  [default: .runs in the project]",
)
@MEMORY
@click.option("--full", is_flag=True, help="Use nothing that earlier builds in the folder have kept.")
@click.option("--profile", is_flag=True, help="Tell in the end where the time went.")
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
@interruptible()
def build(
    releases: Path,
    base: str,
    project: Path | str,
    articles: Path | None,
    bases_of: tuple[str, ...],
    contexts: Path | None,
    shapes: Path | None,
    second_opinion: int,
    report_file: Path | None,
    queries: Path | None,
    title: str | None,
    keep: int | None,
    sign_key: Path | None,
    formats: tuple[str, str],
    cluster: str | None,
    runs: str | None,
    memory: int,
    files: tuple[Path, ...],
    *,
    allow_empty: bool,
    by_graph: bool,
    quotations: bool,
    allow_missing: bool,
    union: bool,
    rdf: bool,
    full: bool,
    profile: bool,
    quiet: bool,
) -> None:
    """Build a release and make it the current one; print its id.

    \b
      parkgraph build                              the project in this folder
      parkgraph build --base https://example.org/  under your own base IRI
      parkgraph build --rdf a.ttl b.nq.gz          plain RDF, published as it is

    Nothing is published while a violation stands (exit code 1), nor by shapes that are ill-formed or ask for what is
    not offered (3); warnings are published with the report. Equal content gives an equal id. RDF files may be Turtle,
    TriG, N-Triples, N-Quads, RDF/XML, JSON-LD, N3, HexTuples or TriX, each also .gz, .bz2, .xz or .zst.
    """
    from cli.reporting import report
    from mapping.build import build_project
    from release.build import publish_rdf

    if rdf != bool(files):
        raise click.UsageError("FILES go with --rdf, and --rdf with FILES.")
    form, rdf_format = formats
    if (shapes or queries or title) and not rdf:
        raise click.UsageError("--shapes, --queries and --title go with --rdf; a project has its own.")
    if (bases_of or contexts or allow_empty or rdf_format) and not rdf:
        raise click.UsageError("--base-of, --contexts, --allow-empty and the format of files go with --rdf.")
    bases = dict(_base_of(text, files) for text in bases_of)
    if not union and not rdf:
        raise click.UsageError("--no-union goes with --rdf: the default graph of a project has all its triples.")
    if by_graph and not shapes:
        raise click.UsageError("--shapes-graph-by-graph goes with --shapes.")
    if quotations and not articles:
        raise click.UsageError("--quotations goes with --articles: the words are in the texts.")
    _check_cluster(cluster, runs, rdf=rdf)
    progress = ProgressLines(quiet=quiet, profile=profile)
    try:
        if rdf:
            built = publish_rdf(
                files,
                releases,
                base=base,
                bases=bases,
                form=rdf_format,
                contexts=contexts,
                allow_empty=allow_empty,
                shapes=shapes,
                by_graph=by_graph,
                second_opinion=second_opinion,
                queries=queries,
                title=title,
                keep=keep,
                sign_key=sign_key,
                union=union,
                full=full,
                memory=memory,
                progress=progress,
            )
        else:
            built = build_project(
                project,
                releases,
                base=base,
                articles=articles,
                quotations=quotations,
                allow_missing=allow_missing,
                second_opinion=second_opinion,
                keep=keep,
                sign_key=sign_key,
                full=full,
                cluster=cluster,
                runs=runs,
                memory=memory,
                progress=progress,
            )
    except ValidationError as error:
        write_report(error.report, report_file)
        report(error.problems, form)
        progress("not published")
        raise click.exceptions.Exit(FINDINGS) from None
    write_report(built.report, report_file)
    if built.problems:
        report(built.problems, form)
    progress(f"{built.release.path} is current: {built.release.manifest.counts.triples} triples")
    progress.write_profile()
    click.echo(built.release.id)


def _check_cluster(cluster: str | None, runs: str | None, *, rdf: bool) -> None:
    if cluster and rdf:
        raise click.UsageError("--cluster maps the articles of a project; RDF files are not mapped.")
    if runs and not cluster:
        raise click.UsageError("--runs goes with --cluster.")


def _base_of(text: str, files: tuple[Path, ...]) -> tuple[Path, str]:
    """The file and the IRI of a value of --base-of."""
    for path in files:
        iri = text.removeprefix(f"{path}=")
        if iri != text:
            if not _ABSOLUTE.fullmatch(iri):
                raise click.UsageError(f"--base-of {text}: give an absolute IRI, such as https://example.org/a.")
            return path, iri
    raise click.UsageError(f"--base-of {text}: give one of the FILES, =, and an IRI.")
