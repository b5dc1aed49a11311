"""The command `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.interruption import interruptible
from cli.options import (
    ALLOW_MISSING,
    ARTICLES,
    ASK_PYSHACL,
    BASE,
    FINDINGS,
    FORMAT,
    PROJECT,
    RELEASES,
    REPORT_FILE,
    ProgressLines,
    write_report,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@PROJECT
@BASE
@ARTICLES
@RELEASES
@ALLOW_MISSING
@ASK_PYSHACL
@REPORT_FILE
@FORMAT
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
@interruptible()
def check(
    project: Path,
    base: str,
    articles: Path | None,
    releases: Path,
    second_opinion: int,
    report_file: Path | None,
    form: str,
    *,
    allow_missing: bool,
    quiet: bool,
) -> None:
    """Check all of data/ against the mapping, the shapes, the checks and the texts.

    Every problem of the run is reported, with file, line, column, what is wrong and how to fix it.

    \b
      parkgraph check
      parkgraph check --articles ../articles       compare the evidence with the texts as well
      parkgraph check --format sarif > check.sarif for an editor or a code host

    A project without rules, shapes or checks gets a warning, or a violation if the current release had them. Exits
    with 1 where there is a violation; warnings alone are fine.
    """
    from cli.reporting import report
    from core.validation import report as shacl_report
    from mapping.build import check_project

    found = check_project(
        project,
        base=base,
        articles=articles,
        releases=releases,
        allow_missing=allow_missing,
        second_opinion=second_opinion,
        progress=ProgressLines(quiet=quiet),
    )
    write_report(shacl_report(found.results, base), report_file)
    report(found.problems, form)
    if found.violations:
        raise click.exceptions.Exit(FINDINGS)
