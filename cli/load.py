"""The command `load`: fills another engine from a release."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cli.options import RELEASES, ProgressLines, http_url, iri
from cli.read import RELEASE, find

_PASSWORD = "PARKGRAPH_LOAD_PASSWORD"  # noqa: S105 - the name of the variable


@click.command()
@RELEASES
@RELEASE
@click.option(
    "--into",
    metavar="URL",
    callback=http_url,
    help="Where the other store takes graphs: its address for the Graph Store Protocol.",
)
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write N-Quads to this file instead, for the store's bulk loader; compressed if it ends with .gz.",
)
@click.option(
    "--default-graph",
    metavar="IRI",
    callback=iri,
    help="Graph for the merged triples, for a store whose default graph is the union of all others.",
)
@click.option("--user", metavar="NAME", help="Who signs in to the store, with the password of the file or variable.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"File whose first line is the password.  [default: the variable {_PASSWORD}]",
)
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
def load(
    releases: Path,
    release_id: str | None,
    into: str | None,
    file: Path | None,
    default_graph: str | None,
    user: str | None,
    password_file: Path | None,
    *,
    quiet: bool,
) -> None:
    """Put a release into another triple store, for `parkgraph serve --endpoint`.

    \b
      oxigraph serve --location data --bind localhost:7878
      parkgraph load --into http://localhost:7878/store
      parkgraph serve --endpoint http://localhost:7878/query

    Each graph is replaced by the release's, the default graph included, one request each, with its terms as they were
    published; graphs that the release lacks stay. Prints how many triples were sent. A store that cannot be reached,
    or refuses a graph, is exit code 3.

    \b
      parkgraph load --into http://localhost:8890/sparql-graph-crud-auth --user dba \\
          --default-graph https://example.org/merged
      parkgraph load --file quads.nq.gz --default-graph https://example.org/merged

    With --default-graph, `parkgraph serve` is given the same name as --endpoint-default-graph: docs/other-engines.md.
    """
    from core.named_default_graph import NamedDefaultGraph
    from release import bulk_file, graph_store
    from release.store_account import Account

    if (into is None) == (file is None):
        raise click.UsageError("Give either --into or --file.")
    default = NamedDefaultGraph(default_graph) if default_graph else None
    progress = ProgressLines(quiet=quiet)
    if into is not None:
        account = Account(user, _password(password_file)) if user else None
        release = find(releases, release_id)
        click.echo(graph_store.load(release, into.rstrip("?"), progress, default_graph=default, account=account))
        return
    if default is None:
        raise click.UsageError("--file goes with --default-graph; without one the N-Quads of the downloads will do.")
    assert file is not None  # noqa: S101 - or else there is --into
    click.echo(bulk_file.write(find(releases, release_id), file, default, progress))


def _password(file: Path | None) -> str:
    """The password of the file, or of the environment."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise click.BadParameter(f"{file} cannot be read as UTF-8: {error}") from error
    password = os.environ.get(_PASSWORD)
    if password is None:
        raise click.UsageError(f"--user goes with --password-file, or with a password in {_PASSWORD}.")
    return password
