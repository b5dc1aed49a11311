"""The coverage of the texts as one HTML page: the texts with marked passages, and the facts beside them.

The page works without scripts. CSS rules, a few for each passage, highlight a passage and its facts together; they
stand in the one style element, whose digest is all that the page's policy allows
(https://www.w3.org/TR/CSP3/#grammardef-hash-source).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from curate.coverage_text import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curate.coverage import Coverage, Report, Stretch, Use
    from mapping.documents import Exemption
    from mapping.mapper import Fact

_TEMPLATES = Path(__file__).parent / "templates"
_LINE = re.compile(r"[^\n]+")
_TYPE = re.compile(r"^[a-z]+/")
_BRIEF = 60  # characters


@dataclass(frozen=True)
class Note:
    """A passage in the margin. number: unique on the page, ties the note to its segments."""

    number: int
    use: Use
    entries: list[FactEntry]


@dataclass(frozen=True)
class FactEntry:
    """A fact in the margin: its class, a short text, all values of its record, and its place in the file."""

    kind: str
    says: str
    values: dict[str, str]
    place: str


@dataclass(frozen=True)
class Segment:
    """A piece of a line that lies under the same passages, or in the same uncovered stretch.

    opens: numbers of the notes whose passage begins here. under: numbers of all notes that it lies under, narrowest
    last. begins: whether the stretch begins here.
    """

    text: str
    opens: list[int]
    under: list[int]
    stretch: Stretch | None
    begins: bool


@dataclass
class Line:
    """A line of the text, and the margin beside it.

    apart: whether an empty line precedes it. uncovered: its stretches by their reason.
    """

    segments: list[Segment]
    apart: bool
    notes: list[Note] = field(default_factory=list)
    uncovered: list[tuple[Exemption | None, list[Stretch]]] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """One article on the page."""

    coverage: Coverage
    title: str
    language: str
    lines: list[Line]
    slug: str


def page(report: Report) -> str:
    """The page as HTML without external references."""
    numbers = count(1)
    sections = [_section(article, numbers) for article in report.articles]
    style = (_TEMPLATES / "coverage.css").read_text(encoding="utf-8") + "\n".join(_rules(sections))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("coverage.html").render(
        report=report,
        sections=sections,
        style=Markup(style),  # noqa: S704 - our own file and numbers
        digest=digest,
    )


def _rules(sections: list[Section]) -> Iterator[str]:
    """CSS that highlights a passage and its note together on hover, focus, and as the target of a link."""
    for section in sections:
        scope = f"#a-{section.slug}"
        for number in (note.number for line in section.lines for note in line.notes):
            note, segment, start = f"#n{number}", f".s{number}", f"#t{number}"
            here = f":is({note}:is(:hover,:focus-within,:target),{start}:target)"
            yield f"{scope}:has({here}) {segment}{{background:var(--lit)}}"
            there = f"{scope}:has({segment}:is(:hover,:focus-visible))"
            yield f"{there} {note},{scope}:has({start}:target) {note}{{background:var(--lit)}}"


def _section(article: Coverage, numbers: Iterator[int]) -> Section:
    notes = [Note(next(numbers), use, [_entry(fact) for fact in use.facts]) for use in article.used]
    lines, opened, end = [], set[int](), 0
    for match in _LINE.finditer(article.text):
        apart = article.text[end : match.start()].count("\n") > 1
        line = Line(list(_segments(article, match.start(), match.end(), notes, opened)), apart)
        line.notes = [note for note in notes if end <= note.use.passage.start < match.end()]
        stretches = [stretch for stretch in article.stretches if end <= stretch.start < match.end()]
        reasons = dict.fromkeys(stretch.exemption for stretch in stretches)
        line.uncovered = [(reason, [s for s in stretches if s.exemption == reason]) for reason in reasons]
        lines.append(line)
        end = match.end()
    record = article.document.own_record
    title, language = (_show(record[key]) if key in record else "" for key in ("title", "inLanguage"))
    slug = article.document.slug
    return Section(article, title, language or "und", lines, slug)


def _segments(article: Coverage, start: int, end: int, notes: list[Note], opened: set[int]) -> Iterator[Segment]:
    """The pieces of text[start:end], split wherever a passage or an uncovered stretch begins or ends."""
    here = [note for note in notes if note.use.passage.start < end and note.use.passage.end > start]
    stretches = [stretch for stretch in article.stretches if stretch.start < end and stretch.end > start]
    ranges = [(note.use.passage.start, note.use.passage.end) for note in here] + [(s.start, s.end) for s in stretches]
    edges = {start, end, *(edge for range_ in ranges for edge in range_ if start < edge < end)}
    for left, right in pairwise(sorted(edges)):
        under = [note for note in here if note.use.passage.start <= left and note.use.passage.end >= right]
        under.sort(key=lambda note: note.use.passage.start - note.use.passage.end)
        numbers = [note.number for note in under]
        opens = [number for number in numbers if number not in opened]
        opened.update(opens)
        stretch = next((s for s in stretches if s.start <= left and s.end >= right), None)
        begins = stretch is not None and stretch.start == left
        yield Segment(article.text[left:right], opens, numbers, stretch, begins)


def _entry(fact: Fact) -> FactEntry:
    node, place = fact.node, str(fact.place or "")
    values = {key: _show(value) for key, value in node.items() if key not in ("id", "type")}
    if fact.reified and "altLabel" in node:
        return FactEntry("name", values["altLabel"], {"id": node["id"]}, place)
    if fact.reified:
        return FactEntry(node["id"], "; ".join(f"{key} {value}" for key, value in values.items()), values, place)
    texts = [values[key] for key, value in node.items() if isinstance(value, dict) and key != "uncertainty"]
    plain = [_brief(key, values[key]) for key, value in node.items() if key in values and not isinstance(value, dict)]
    says = texts[0] if texts else " · ".join(filter(None, plain))
    return FactEntry(str(node.get("type", "")), says, {"id": node["id"], **values}, place)


def _brief(key: str, value: str) -> str:
    """A value for a headline: the name in an id, the key of a true value, nothing for a long one."""
    if value == "true":
        return key
    return _TYPE.sub("", value) if len(value) <= _BRIEF else ""


def _show(value: Any) -> str:
    """A value, list or language map as one line, without language tags."""
    if isinstance(value, dict):
        value = list(value.values())
    return ", ".join(map(_show, value)) if isinstance(value, list) else str(value)
