"""Options that several commands share, and how they tell what they do."""

from __future__ import annotations

import re
import time
from pathlib import Path

import click

FINDINGS = 1

RELEASES = click.option(
    "--releases",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("releases"),
    show_default=True,
    envvar="PARKGRAPH_RELEASES",
    help="Folder that holds the releases.",
)


def _base(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`?#]+", value):
        raise click.BadParameter(
            "give an absolute http or https IRI without query or fragment, such as https://example.org/"
        )
    return value if value.endswith("/") else f"{value}/"


BASE = click.option(
    "--base",
    default="http://localhost:8000/",
    show_default=True,
    envvar="PARKGRAPH_BASE",
    callback=_base,
    help="IRI that the data's IRIs begin with; where the release will be served.",
)
PROJECT = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder with ontology/, mapping/ and data/.  [default: the current folder]",
)
ARTICLES = click.option(
    "--articles",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="PARKGRAPH_ARTICLES",
    help="Folder with the texts of the articles, to check the evidence against.",
)


def http_url(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The callback of an option that takes the URL of another server."""
    if value and not value.startswith(("http://", "https://")):
        raise click.BadParameter("give an address that begins with http:// or https://")
    return value


class Progress:
    """Says on standard error what is being done, and when it began, in seconds from the start."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._start = time.monotonic()

    def __call__(self, step: str) -> None:
        if not self._quiet:
            click.echo(f"{time.monotonic() - self._start:8.2f} s  {step}", err=True)
