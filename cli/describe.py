"""The command `describe`: a page with counts of the dataset."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import ARTICLES, BASE, FINDINGS, PROJECT
from core.errors import InputError
from core.files import write_text


@click.command()
@PROJECT
@BASE
@ARTICLES
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the page is not up to date.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def describe(project: Path, base: str, articles: Path | None, file: Path, *, check: bool) -> None:
    """Write a page with what the dataset holds, counted, in Markdown.

    Facts by kind and article, the coverage of the texts, resources by class, languages, links out, warnings.

    \b
      parkgraph describe docs/dataset.md --articles ../articles
      parkgraph describe docs/dataset.md --check

    The coverage of the texts is computed where they are at hand; without them the page keeps the one it has, as long as
    it was computed from the same passages. Exits with 1 where the data has violations.
    """
    from curate.dataset_page import page
    from mapping.build import check_project

    checked = check_project(project, base=base, articles=articles, second_opinion=0)
    for problem in checked.violations:
        click.echo(str(problem), err=True)
    if checked.violations:
        raise click.exceptions.Exit(FINDINGS)
    try:
        previous = file.read_text(encoding="utf-8") if file.exists() else ""
        text = page(checked, previous)
        if not check:
            write_text(file, text)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    if check and text != previous:
        click.echo(f"{file} is not up to date: parkgraph describe {file}", err=True)
        raise click.exceptions.Exit(FINDINGS)
