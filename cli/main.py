"""The command line: `parkgraph check | build | serve | query | verify | diff`.

Exit codes: 0 fine, 1 findings (something is wrong with what was looked at), 2 wrong usage, 3 input or output failed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from core import __version__
from core.errors import ParkGraphError

FINDINGS, FAILED = 1, 3
RELEASES = click.option(
    "--releases",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("releases"),
    show_default=True,
    envvar="PARKGRAPH_RELEASES",
    help="Folder that holds the releases.",
)


class _Group(click.Group):
    """Tells every error that is raised on purpose as one sentence, with the exit code for it."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ParkGraphError as error:
            click.echo(f"parkgraph: {error}", err=True)
            ctx.exit(FAILED)
        except BrokenPipeError:  # the reader of our output has gone, as with `| head`
            sys.stderr.close()
            ctx.exit(FAILED)


class Progress:
    """Says on standard error what is being done, and how long the step before it took."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._start = time.monotonic()

    def __call__(self, step: str) -> None:
        if not self._quiet:
            click.echo(f"{time.monotonic() - self._start:7.2f} s  {step}", err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="parkgraph")
def main() -> None:
    """Publish facts from articles as linked open data.

    \b
    data/ --check--> RDF --build--> releases/<id>/ --serve--> HTTP
    \b
    parkgraph check            is what was written right?
    parkgraph build            write an immutable release and make it the current one
    parkgraph serve            serve the current release on http://localhost:8000/
    parkgraph query FILE.rq    ask the current release
    parkgraph verify           is every byte of a release as it was written?
    parkgraph diff A B         what changed between two releases?
    \b
    Exit codes: 0 fine, 1 findings, 2 wrong usage, 3 input or output failed.
    """


@main.command()
@RELEASES
@click.option("--base", default="http://localhost:8000/", show_default=True, envvar="PARKGRAPH_BASE")
@click.option("--rdf", "rdf_files", type=click.Path(path_type=Path), multiple=True)
@click.argument("more_files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Say nothing while at work.")
def build(releases: Path, base: str, rdf_files: tuple[Path, ...], more_files: tuple[Path, ...], *, quiet: bool) -> None:
    from release import plain, writer
    from release.manifest import Dataset

    progress = Progress(quiet=quiet)
    files = (*rdf_files, *more_files)
    source = writer.Source(plain.lines(files, base), base, Dataset({"en": "x"}))
    release = writer.build(source, releases, progress)
    click.echo(release.id)


if __name__ == "__main__":
    main()
