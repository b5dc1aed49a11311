"""The command line: `parkgraph check | build | serve | query | verify | diff`.

Exit codes: 0 fine, 1 findings (something is wrong with what was looked at), 2 wrong usage, 3 input or output failed.
"""

from __future__ import annotations

import os
import sys

import click

from cli.build import build
from cli.check import check
from cli.coverage import coverage
from cli.describe import describe
from cli.gazetteer import gazetteer
from cli.load import load
from cli.mcp import mcp
from cli.new import new
from cli.passage import passage
from cli.query import query
from cli.read import diff, serve, verify
from cli.schema import schema
from core import __version__
from core.errors import ParkGraphError

FAILED = 3


class _Group(click.Group):
    """Prints a ParkGraphError as one sentence, and exits with 3."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ParkGraphError as error:
            click.echo(f"parkgraph: {error}", err=True)
            ctx.exit(FAILED)
        except BrokenPipeError:  # whoever read our output has gone, as with `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(FAILED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="parkgraph")
def main() -> None:
    """Publish facts from articles as linked open data that leads back to its sources.

    \b
    data/ ──check──► RDF ──build──► releases/<id>/ ──serve──► HTTP

    \b
      parkgraph new ARTICLE.txt       begin the file of a new article, with suggestions
      parkgraph passage 005 "words"   the line of a passage, from its words: nothing is counted by hand
      parkgraph check                 is what was written right? every problem with file, line and fix
      parkgraph coverage              which passages of the articles does no fact rest on?
      parkgraph describe FILE         write a page with what the dataset holds, counted
      parkgraph gazetteer             match countries and cities with GeoNames
      parkgraph schema                make the JSON Schema by which editors check data/
      parkgraph build                 write an immutable release and make it the current one
      parkgraph build --rdf a.ttl     the same for plain RDF, as it is
      parkgraph serve                 serve the current release on http://localhost:8000/
      parkgraph query first.rq        ask the current release, or any endpoint
      parkgraph mcp                   tools for a language model, over standard input and output
      parkgraph load --into URL       put the release into another triple store
      parkgraph verify                is every byte of a release as it was written?
      parkgraph diff OLD NEW          which triples came and went between two releases?

    Exit codes: 0 fine, 1 findings, 2 wrong usage, 3 input or output failed.
    """


for command in (
    new,
    passage,
    check,
    coverage,
    describe,
    gazetteer,
    schema,
    build,
    serve,
    query,
    mcp,
    load,
    verify,
    diff,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
