"""The command `passage`: turns words of a text into a passage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.options import ARTICLES, PROJECT

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("article")
@click.argument("words", nargs=-1, required=True)
@PROJECT
@ARTICLES
@click.option("--nth", metavar="N", type=click.IntRange(1), help="Which of several places, counted from 1.")
def passage(article: str, words: tuple[str, ...], project: Path, articles: Path | None, nth: int | None) -> None:
    """Print the line of a passage, from its words.

    ARTICLE is the slug or id of an article of the project, or the file of a text. The passage keeps the name that it
    has in the article's file, or gets the next free one; the line goes there under `passages`.

    \b
      parkgraph passage 002 "In 2016"              with PARKGRAPH_ARTICLES set
      parkgraph passage 002 "They met … by 2030."  from the first words to the last
      parkgraph passage 002 Norway --nth 2         the second of several places
      parkgraph passage ../articles/news.txt "In 2016"

    White space counts as any white space, all else to the letter. Where the words are not found, the nearest place is
    told with the difference; where they stand in several places, all of them, with their numbers (exit code 3).
    """
    from core.errors import InputError
    from curate.passage import around, find, missing, source

    found = source(project, articles, article)
    if found is None:
        raise click.BadParameter(f"no article {article} in data/articles, and no such file", param_hint="ARTICLE")
    wanted = " ".join(words)
    if not wanted.strip(" …."):
        raise click.BadParameter("give the words of the passage", param_hint="WORDS")
    places = find(found.text, wanted)
    if not places:
        raise InputError(missing(found.text, wanted))
    if nth is None and len(places) > 1:
        listed = [f"  --nth {number}  {around(found.text, place)}" for number, place in enumerate(places, 1)]
        told = f"the words stand in {len(places)} places; choose one by more words or by a number:"
        raise InputError("\n".join([told, *listed]))
    if nth is not None and nth > len(places):
        raise click.BadParameter(f"the words stand in {len(places)} place(s) only", param_hint="--nth")
    click.echo(found.line(places[(nth or 1) - 1]))
