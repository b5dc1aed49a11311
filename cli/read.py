"""The commands that read releases: `serve`, `verify` and `diff`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import FINDINGS, RELEASES, ProgressLines, iri

if TYPE_CHECKING:
    from release.reader import Release

RELEASE = click.option(
    "--release",
    "release_id",
    metavar="ID",
    help="A release of the folder by its id.  [default: the current one]",
)


@click.command()
@RELEASES
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False),
    envvar="PARKGRAPH_PROJECT",
    help="Project whose records /validate checks: the folder that the release was built from.",
)
@click.option("--host", default="127.0.0.1", show_default=True, envvar="PARKGRAPH_HOST", help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    envvar="PARKGRAPH_PORT",
    type=click.IntRange(0, 65535),
    help="Port; 0 takes a free one.",
)
@click.option(
    "--workers", default=2, show_default=True, envvar="PARKGRAPH_WORKERS", type=click.IntRange(1), help="Web processes."
)
@click.option(
    "--endpoint",
    metavar="URL",
    default="",
    envvar="PARKGRAPH_ENDPOINT",
    help="Have queries answered by this SPARQL endpoint, which holds the same data.",
)
@click.option(
    "--endpoint-default-graph",
    metavar="IRI",
    default="",
    envvar="PARKGRAPH_ENDPOINT_DEFAULT_GRAPH",
    callback=iri,
    help="Name of the graph in which the endpoint keeps the default graph.",
)
def serve(
    releases: Path, project: str | None, host: str, port: int, workers: int, endpoint: str, endpoint_default_graph: str
) -> None:
    """Serve the current release over HTTP, read-only, until interrupted.

    \b
      parkgraph serve                              http://localhost:8000/
      parkgraph serve --host 0.0.0.0 --workers 4   for others, with four web processes
      parkgraph serve --endpoint http://cluster:7878/query
      parkgraph serve --project .                  and check records that are sent to /validate

    A release that is built meanwhile is taken up at once. Time and memory limits of queries and everything else
    are settings in the environment: docs/settings.md.
    """
    from server.run import serve as run
    from server.settings import Settings

    run(
        replace(
            Settings.from_environment(),
            releases=releases,
            project=project or "",
            host=host,
            port=port,
            workers=workers,
            endpoint=endpoint,
            endpoint_default_graph=endpoint_default_graph,
        )
    )


@click.command()
@RELEASES
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public key of the publisher (OpenSSH): the release has to be signed with it.",
)
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
@click.argument("which", metavar="[ID|FOLDER|URL]", required=False)
def verify(releases: Path, key: Path | None, which: str | None, *, quiet: bool) -> None:
    """Recompute every digest of a release and its id, and check its signature.

    \b
      parkgraph verify                             the current release
      parkgraph verify 3f9c1b27a0d4e815            another one of the folder, by its id
      parkgraph verify /mnt/copy/3f9c1b27a0d4e815  a copy anywhere
      parkgraph verify https://data.example.org/   all downloads of a server
      parkgraph verify --key publisher.pub         refuse what is not signed with this key

    Each file that is not as it was written is named, and the exit code is 1. Of a URL all downloads are fetched, and
    none is kept.
    """
    if which and which.startswith(("http://", "https://")):
        from release.remote import Remote

        remote = Remote(which)
        release_id, manifest, where = remote.manifest.id, remote.manifest, remote.url
        findings = remote.verify(key, ProgressLines(quiet=quiet))
        files = sum(path.startswith("dumps/") for path in manifest.files)
    else:
        from release.verify import verify as run

        release = find(releases, which)
        release_id, manifest, where = release.id, release.manifest, str(release.path)
        findings, files = run(release, key), len(manifest.files)
    found = 0
    for finding in findings:
        found += 1
        click.echo(finding)
    if found:
        click.echo(f"{where}: {found} findings", err=True)
        raise click.exceptions.Exit(FINDINGS)
    signed = ", signed by the key given" if key else ""
    click.echo(f"{release_id}: {files} files, {manifest.counts.quads} quads, all as written{signed}")


@click.command()
@RELEASES
@click.option("--graphs", is_flag=True, help="Compare the named graphs too, not the merged default graph alone.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "patch"]),
    default="text",
    show_default=True,
    help="patch: an RDF Patch, which makes NEW of OLD with all graphs.",
)
@click.argument("old")
@click.argument("new", default="current")
def diff(releases: Path, old: str, new: str, form: str, *, graphs: bool) -> None:
    """List the triples that came (+) and went (-) from release OLD to NEW, grouped by entity.

    \b
      parkgraph diff 3f9c1b27a0d4e815              what changed since then
      parkgraph diff OLD NEW --graphs              article by article
      parkgraph diff OLD NEW --format patch        to be applied to a copy

    OLD and NEW are ids, or folders; NEW is the current release where it is left out. Exits with 1 where they differ.
    """
    from release.diff import diff as run

    if form == "patch":
        _patch(find(releases, old), find(releases, new))
        return
    entity, added, removed = "", 0, 0
    for change in run(find(releases, old), find(releases, new)):
        if change.graph and not graphs:
            continue
        if change.subject != entity:
            entity = change.subject
            click.echo(entity)
        graph = f"  # {change.graph}" if change.graph else ""
        click.echo(f"  {'+' if change.added else '-'} {change.predicate} {change.object}{graph}")
        added, removed = added + change.added, removed + (not change.added)
    click.echo(f"{added} added, {removed} removed", err=True)
    if added or removed:
        raise click.exceptions.Exit(FINDINGS)


def _patch(old: Release, new: Release) -> None:
    from release.diff import rows
    from release.patch import write
    from release.reader import RELEASE

    lines = write(rows(old, new), f"{new.base}{RELEASE}{new.id}", f"{old.base}{RELEASE}{old.id}")
    for line in lines:
        sys.stdout.buffer.write(line)
    if old.manifest.content != new.manifest.content:
        raise click.exceptions.Exit(FINDINGS)


def find(releases: Path, name: str | None) -> Release:
    """The release with that id or in that folder, or the current one."""
    from release.reader import open_release

    if name is None:
        return open_release(releases)
    folder = releases / name
    return open_release(folder if folder.exists() else Path(name))
