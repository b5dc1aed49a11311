"""The coverage of the texts as plain text, for a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from curate.coverage import words
from mapping.evidence import sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curate.coverage import Coverage, Report, Stretch


def text(report: Report) -> str:
    """A block for each article, and a line of totals."""
    lines = [line for article in report.articles for line in (*_article(article), "")]
    total = 100 * report.covered / report.letters if report.letters else 100.0
    number = f"{len(report.articles)} article{'' if len(report.articles) == 1 else 's'}"
    lines.append(f"{number}: {percent(total)} of {report.letters:,} letters and digits.")
    lines.append("A stretch counts as uncovered whether or not there is a reason for it.")
    return "\n".join(lines) + "\n"


def percent(share: float) -> str:
    """A percentage with one decimal, rounded down, so that only complete coverage is 100 %."""
    return f"{math.floor(share * 10) / 10:.1f} %"


def _article(article: Coverage) -> Iterator[str]:
    facts = f"{len(article.facts)} facts and spellings on {len(article.used)} passages"
    yield f"{article.document.article}: {percent(article.share)} of {article.letters:,} letters and digits, {facts}"
    yield f"  {article.document.place.file}"
    for use in article.unused:
        yield f"  no fact rests on the passage {', '.join(use.names)} ({use.passage.start}-{use.passage.end})"
    if article.unexplained:
        yield f"  uncovered, without a reason: {extent(article.unexplained)}"
    for stretches in _alike(article.unexplained):
        yield _places(stretches)
        yield f"      - {{{_entry(stretches)}, reason: }}"
    for exemption, stretches in article.exempt:
        yield f"  uncovered: {exemption.reason} ({extent(stretches)})"
        yield from map(_places, _alike(stretches))
    for exemption in article.stale:
        yield f"  {exemption.place}: a reason for what is covered, or not there: {exemption.reason}"


def _alike(stretches: list[Stretch]) -> list[list[Stretch]]:
    """The stretches, grouped by their words."""
    groups: dict[tuple[str, ...], list[Stretch]] = {}
    for stretch in stretches:
        groups.setdefault(words(stretch.wording), []).append(stretch)
    return list(groups.values())


def _places(stretches: list[Stretch]) -> str:
    places = ", ".join(f"{stretch.start}-{stretch.end}" for stretch in stretches)
    return f"    {places}  {' '.join(stretches[0].wording.split())}"


def _entry(stretches: list[Stretch]) -> str:
    """The `uncovered` entry to add for these stretches, without its reason."""
    first = stretches[0]
    if len(stretches) > 1:
        return f"words: {' '.join(words(first.wording))}"
    return f"start: {first.start}, end: {first.end}, digest: {sha256(first.wording)}"


def extent(stretches: list[Stretch]) -> str:
    """The number of stretches, and of their letters and digits, in words."""
    letters = sum(stretch.letters for stretch in stretches)
    return f"{len(stretches)} stretch{'es' if len(stretches) > 1 else ''}, {letters} letters and digits"
