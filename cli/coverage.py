"""The command `coverage`: passages of the texts that no fact rests on."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import ARTICLES, BASE, FINDINGS, PROJECT
from core.files import write_text


@click.command()
@PROJECT
@BASE
@ARTICLES
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page with the texts and their passages marked as well. It holds the wording of the texts.",
)
@click.option(
    "--minimum",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if of any text less than this share is covered.",
)
@click.argument("slugs", metavar="[ARTICLE]...", nargs=-1)
def coverage(
    project: Path, base: str, articles: Path | None, html: Path | None, minimum: float | None, slugs: tuple[str, ...]
) -> None:
    """Show which passages of the articles no fact rests on.

    For each article, or those named: the share of its letters and digits that lie under a passage that a fact or a
    spelling rests on, then every other stretch, with its place in the text and its wording.

    \b
      parkgraph coverage --articles ../articles
      parkgraph coverage 002 004                   two articles (with PARKGRAPH_ARTICLES set)
      parkgraph coverage --html coverage.html      the texts as a page, with what rests on each passage
      parkgraph coverage --minimum 95              for a script

    Why a stretch carries no fact is said in the article's file, under `uncovered`; the line to put there is printed
    with each stretch. It counts as uncovered all the same. Exits with 1 below the minimum, and where a text is
    missing or is not the one that the facts were taken from.
    """
    from curate.coverage import report
    from curate.coverage_text import percent, text
    from mapping.evidence import Texts
    from mapping.project import Project

    if articles is None:
        raise click.UsageError("Say where the texts are, with --articles or PARKGRAPH_ARTICLES.")
    texts = Texts(articles)
    found = report(Project(project, base, texts), texts, slugs)
    missing = set(slugs) - found.slugs
    if missing:
        raise click.BadParameter(f"no article {', '.join(sorted(missing))} in data/articles", param_hint="ARTICLE")
    for problem in found.problems:
        click.echo(str(problem), err=True)
    click.echo(text(found), nl=False)
    if html is not None:
        from curate.coverage_page import page

        write_text(html, page(found))
    below = found.below(minimum) if minimum is not None else []
    for article in below:
        click.echo(f"{article.document.article}: {percent(article.share)} is below {minimum:g} %", err=True)
    if below or found.problems:
        raise click.exceptions.Exit(FINDINGS)
