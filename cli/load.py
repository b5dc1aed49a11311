"""The command `load`: fills another engine from a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.options import RELEASES, ProgressLines, http_url
from cli.read import RELEASE, find

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@RELEASES
@RELEASE
@click.option(
    "--into",
    metavar="URL",
    required=True,
    callback=http_url,
    help="Where the other store takes graphs: its address for the Graph Store Protocol.",
)
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
def load(releases: Path, release_id: str | None, into: str, *, quiet: bool) -> None:
    """Put a release into another triple store, for `parkgraph serve --endpoint`.

    \b
      oxigraph serve --location data --bind localhost:7878
      parkgraph load --into http://localhost:7878/store
      parkgraph serve --endpoint http://localhost:7878/query

    Each graph is replaced by the release's, the default graph included, one request each, with its terms as they were
    published; graphs that the release lacks stay. Prints how many triples were sent. A store that cannot be reached,
    or refuses a graph, is exit code 3.
    """
    from release.graph_store import load as run

    click.echo(run(find(releases, release_id), into.rstrip("?"), ProgressLines(quiet=quiet)))
