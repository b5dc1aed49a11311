"""The command `schema`: the record format as a JSON Schema, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.options import BASE, FINDINGS, PROJECT

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@PROJECT
@BASE
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 if the file is not up to date.")
def schema(project: Path, base: str, *, only_check: bool) -> None:
    """Write mapping/record.schema.json, by which editors complete and check the files of data/.

    It is made from context, vocabulary, concepts and shapes; make it anew when one of them has changed.

    \b
      parkgraph schema
      parkgraph schema --check        for a script

    An editor finds it by the first line of a data file:

    \b
      # yaml-language-server: $schema=../../mapping/record.schema.json
    """
    from core.files import write_text
    from curate.constraints import Constraints
    from curate.schema import record_schema, to_text
    from curate.schema_forms import PATH
    from mapping.project import Project

    opened = Project(project, base)
    path = project / PATH
    text = to_text(record_schema(opened.context, Constraints.of(opened.ontology), opened.types))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        click.echo(f"{PATH} is up to date", err=True)
    elif only_check:
        click.echo(f"{PATH} is not up to date: run parkgraph schema", err=True)
        raise click.exceptions.Exit(FINDINGS)
    else:
        write_text(path, text)
        click.echo(f"{PATH} written", err=True)
