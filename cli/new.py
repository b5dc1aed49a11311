"""The command `new`: begins the file of a new article."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cli.options import ARTICLES, BASE, PROJECT, ProgressLines


def _slug(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]*", value):
        raise click.BadParameter("give letters, digits, '-', '.', '_' or '~', as in 005 or forum-2024")
    return value


@click.command()
@click.argument("text", metavar="[ARTICLE.txt]", required=False, type=click.Path(path_type=Path))
@click.option("--slug", callback=_slug, help="Name of the new article.  [default: the next free number]")
@click.option("--language", metavar="TAG", help="Language of the text, such as en.  [default: it is recognised]")
@PROJECT
@BASE
@ARTICLES
@click.option("--measure", is_flag=True, help="Print how good the suggestions are, as Markdown; needs --articles.")
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
def new(
    text: Path | None,
    slug: str | None,
    language: str | None,
    project: Path,
    base: str,
    articles: Path | None,
    *,
    measure: bool,
    quiet: bool,
) -> None:
    """Begin data/articles/SLUG.yaml for the text of a new article; print its path.

    The file has the text's name, digest and language, and a passage for every sentence. As comments it suggests records
    for what was recognised: entities of the registry by any of their spellings, agreements, events, dates, amounts,
    quotations and reported speech with their speakers. Names that the registry does not know are suggested in
    data/registry/SLUG.yaml, each once with all its spellings and the type that it seems to have. Take a comment sign
    away to accept a suggestion, correct it, or delete it.

    \b
      parkgraph new ../articles/005_news.txt             data/articles/005.yaml, if 004 is the last
      parkgraph new ../articles/news.txt --slug forum-2024
      parkgraph check --articles ../articles             the new file passes as it is
      parkgraph new --measure --articles ../articles > docs/suggestions.md

    A file that is there already is never overwritten (exit code 3). The text itself stays where it is: the file
    holds positions, digests and a few words at most. English and German are known; in other languages names are found.
    """
    progress = ProgressLines(quiet=quiet)
    if measure:
        if text is not None or articles is None:
            raise click.UsageError("--measure needs --articles, the folder with the texts, and no ARTICLE.txt.")
        _measure(project, base, articles, progress)
        return
    if text is None:
        raise click.UsageError("Give the text of the article as ARTICLE.txt.")
    _begin(project, base, text, slug or _next(project), language, progress)


def _begin(project: Path, base: str, text: Path, slug: str, language: str | None, progress: ProgressLines) -> None:
    from core.errors import InputError
    from curate.suggest.draft import SECTIONS, draft, write
    from curate.suggest.findings import Recogniser, article
    from curate.suggest.records import blocks
    from curate.suggest.text import Span

    path, registry = (project / "data" / folder / f"{slug}.yaml" for folder in ("articles", "registry"))
    for file in (path, registry):
        if file.exists():
            raise InputError(f"{file} is there already and stays as it is; give another --slug")
    progress("reading the registry")
    recogniser = Recogniser.of(project, base)
    read = article(text, slug, language)
    progress(f"reading {text.name}: {len(read.text)} characters, language {read.language}")
    digest = read.digest(Span(0, len(read.text))).encode()
    for other in sorted(path.parent.glob("*")):
        if other.is_file() and digest in other.read_bytes():
            progress(f"note: {other.name} is about the same text")
    suggested = blocks(recogniser.findings(read), recogniser)
    drafted = draft(read, text.name, suggested)
    write(path, drafted.article)
    if drafted.registry:
        write(registry, drafted.registry)
        progress(f"names that the registry does not know: {registry}")
    counts = {name: getattr(suggested, name) for name in SECTIONS}
    summary = ", ".join(f"{sum(bool(one.records) for one in found)} {name}" for name, found in counts.items())
    progress(f"suggested: {summary}")
    click.echo(path)


def _next(project: Path) -> str:
    """The number after the highest among the article files, in three digits at least."""
    names = [path.stem for path in (project / "data" / "articles").glob("*")]
    return f"{max((int(name) for name in names if name.isdecimal()), default=-1) + 1:03d}"


def _measure(project: Path, base: str, articles: Path, progress: ProgressLines) -> None:
    from curate.suggest.findings import Recogniser
    from curate.suggest.measure import page

    progress("measuring")
    click.echo(page(Recogniser.of(project, base), project, articles), nl=False)
