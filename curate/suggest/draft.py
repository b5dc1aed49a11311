"""Writes the files of a new article: its own record, with suggestions as comments, and those for the registry.

Toggling the comment in an editor removes the first `#` of a line and the space after it: that turns a suggestion into a
record, while an explanation, which begins with `##`, stays a comment.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from curate.schema_forms import MODELINE
from curate.suggest.text import Article, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from curate.suggest.records import Block, Blocks, Record

_BEGINNING = 24  # characters of a passage by which it is found in the text
_PLAIN = re.compile(r"[^\W\d_][\w./-]*(?: [\w./()-]+)*")
_SECTIONS = (
    ("agreements", "Agreements that are signed, and events that are named.", ""),
    ("entities", "Entities of the registry that the text names. Add what the text states of each, or put the passage",
     "into the evidence of its spelling in data/registry."),
    ("dates", "Dates, each with the kind of thing that its sentence seems to date.", ""),
    ("amounts", "Amounts.", ""),
    ("claims", "Quotations and reported speech.", ""),
)  # fmt: skip
SECTIONS = ("names", *(section for section, *_ in _SECTIONS))


def write(path: Path, text: str) -> None:
    """Write a new file; InputError if it exists or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{path} is there already and stays as it is; give another --slug") from error
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error


@dataclass(frozen=True)
class Draft:
    """The two files of a new article: its document, and the names for the registry; empty if there are none."""

    article: str
    registry: str


def draft(article: Article, text_file: str, suggested: Blocks) -> Draft:
    """The YAML of both, which is valid as it is, with the suggestions as comments."""
    head = article.paragraphs[0]
    spans = {head, *article.sentences} | {span for record in _records(suggested) for span in record["evidence"]}
    width = max(2, len(str(len(spans))))
    names = {span: f"p{number:0{width}d}" for number, span in enumerate(sorted(spans), 1)}
    lines = _lines(article, text_file, suggested, names, names[head])
    registry = _registry(article, suggested.names, names) if suggested.names else ()
    return Draft(*("".join(f"{line}\n" for line in file) for file in (lines, registry)))


def _registry(article: Article, blocks: list[Block], names: dict[Span, str]) -> Iterator[str]:
    yield MODELINE
    yield f"## Names in {article.id} that the registry does not know, begun by parkgraph new. Lines with one # are"
    yield "## suggestions: take it away to accept one. Correct id, type and label; move a spelling of somebody known to"
    yield "## their record, and join what is one."
    there = {span: f"{article.slug}/{name}" for span, name in names.items()}
    yield from _blocks(blocks, there)


def _records(suggested: Blocks) -> Iterator[Record]:
    yield from suggested.own
    for section, *_ in _SECTIONS:
        for block in getattr(suggested, section):
            yield from block.records


def _lines(article: Article, text_file: str, suggested: Blocks, names: dict[Span, str], head: str) -> Iterator[str]:
    yield MODELINE
    yield f"## {article.id}, begun from its text by parkgraph new. Below, lines with one # are suggestions: take it"
    yield "## away to accept one, correct it, or delete it. Passages that nothing names may go: docs/add-an-article.md."
    if suggested.names:
        yield f"## Names that the registry does not know: data/registry/{article.slug}.yaml."
    if article.lexicon is None:
        yield f"## The language {article.language} is not known: only names of the registry were recognised."
    yield f"article: {article.id}"
    yield "passages:  ## each sentence, and what the suggestions rest on"
    for span, name in names.items():
        passage = f"{{start: {span.start}, end: {span.end}, digest: {article.digest(span)}}}"
        yield f"  {name}: {passage}  ## {article.shown(span, _BEGINNING)}"
    yield "facts:"
    whole = Span(0, len(article.text))
    own = {"id": article.id, "type": "NewsArticle", "inLanguage": article.language, "textFile": text_file}
    yield from _record(own | {"textDigest": article.digest(whole), "evidence": head}, names)
    if suggested.own:
        yield ""
        yield "## The date at the head of the text; a title is for a person to write."
        for record in suggested.own:
            yield from _comment(_record(record, names))
    for section, *about in _SECTIONS:
        yield from _section([text for text in about if text], getattr(suggested, section), names)


def _section(about: list[str], blocks: list[Block], names: dict[Span, str]) -> Iterator[str]:
    yield ""
    yield f"## {'-' * 20}"
    yield from (f"## {line}" for line in about)
    if not blocks:
        yield "## None was recognised."
    yield from _blocks(blocks, names)


def _blocks(blocks: list[Block], names: dict[Span, str]) -> Iterator[str]:
    for block in blocks:
        yield ""
        yield f"## {block.title}"
        yield from (f"##   {hint}" for hint in block.hints)
        for record in block.records:
            yield from _comment(_record(record, names))


def _comment(lines: Iterable[str]) -> Iterator[str]:
    return (f"# {line}" for line in lines)


def _record(record: Record, names: dict[Span, str]) -> Iterator[str]:
    for number, (key, value) in enumerate(record.items()):
        yield f"{'  ' if number else '- '}{key}:{'' if key == 'spellings' else f' {_flow(value, names)}'}"
        if key == "spellings":
            yield from (f"  - {_flow(spelling, names)}" for spelling in value)


def _flow(value: Any, names: dict[Span, str]) -> str:
    """A value on one line; text that YAML could read otherwise is in double quotes, as in JSON."""
    if isinstance(value, Span):
        return names[value]
    if isinstance(value, list):
        items = [_flow(item, names) for item in value]
        return items[0] if len(items) == 1 else f"[{', '.join(items)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item, names)}' for key, item in value.items())}}}"
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
