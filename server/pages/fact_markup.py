"""Facts, the segments of texts and footnotes as HTML, for the templates: filters, as those of `server.pages.markup`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from server.http.languages import gettext, listing, ngettext, number
from server.pages.markup import marked, named, plain, term, text_attributes, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask import Flask

    from core.labels import Name
    from server.pages.values import Footnote, PropertyValues, Resting, Segment, SegmentList, ShownValue, StatedFact

_DASH = " \N{EN DASH} "  # between the parts of a fact
_AT_ONCE = 30  # footnotes that are not folded
_LONGEST = 80  # characters of what may be wrong, in the label of the link that reports it


def install(app: Flask) -> None:
    """Give the filters to the templates."""
    for function in (facts, folds, footnotes, marks, pieces, report, resting, segments, sources):
        app.add_template_filter(marked(function))


def pieces(values: Iterable[ShownValue]) -> str:
    """A text in pieces, which may lead to pages."""
    return "".join(map(_piece, values))


def _piece(value: ShownValue) -> str:
    if value.href:
        return f'<a href="{escape(value.href)}">{named(value.name)}</a>'
    return written(value) if value.element or value.name.language else escape(value.name.text)


def report(href: str, what: str) -> str:
    """The link by which readers report that something is wrong; empty where there is no address for it."""
    if not href:
        return ""
    short = what if len(what) <= _LONGEST else f"{what[: _LONGEST - 1]}…"
    label = escape(gettext("Something wrong with “%(what)s”?", what=short))
    title = escape(gettext("Something wrong?"))
    return f'<a class="wrong" href="{escape(href)}" rel="nofollow" title="{title}" aria-label="{label}">⚑</a>'


def marks(value: ShownValue) -> str:
    """The numbers of the footnotes of the page that back a value."""
    html = ""
    for place in value.marks:
        label = escape(gettext("Source %(number)s", number=place))
        html += f'<sup class="mark"><a href="#source-{place}" aria-label="{label}">{place}</a></sup>'
    return html


def facts(shown: Iterable[PropertyValues]) -> str:
    """Facts as a list of descriptions."""
    rows = "".join(
        f'<div><dt>{_arrow(fact)}<a href="{escape(fact.href)}">{named(fact.name)}</a>'
        f"{_count(fact.total) if fact.total > 1 else ''}</dt>\n<dd>{_values(fact)}</dd></div>\n"
        for fact in shown
    )
    return f'<dl class="facts">\n{rows}</dl>\n'


def folds(shown: Iterable[PropertyValues]) -> str:
    """Facts with many values, each folded."""
    return "".join(
        f'<details class="section much"><summary>{_arrow(fact)}{named(fact.name)}'
        f"{f' <small>{named(fact.class_)}</small>' if fact.class_ else ''}"
        f"{_count(fact.total)}</summary>{_values(fact)}</details>\n"
        for fact in shown
    )


def _arrow(fact: PropertyValues) -> str:
    return "← " if fact.is_incoming else ""


def _count(total: int) -> str:
    return f' <span class="count">{number(total)}</span>'


def _values(fact: PropertyValues) -> str:
    items = "".join(f"<li>{_value(value)}</li>\n" for value in fact.values)
    if fact.more:
        told = escape(gettext("all of these")) + _count(fact.total)
        items += f'<li><a href="{escape(fact.more)}#inverse">{told}</a></li>\n'
    return f'<ul class="values">\n{items}</ul>\n'


def _value(value: ShownValue) -> str:
    """A value with what is told beside it, what backs it, and what opens."""
    html = f"{_with_summary(value)}\n{marks(value)}\n{report(value.correction, value.name.text)}\n"
    if value.nested:
        html += _details(gettext("details"), value.nested, is_open=value.is_open)
    if value.notes:
        html += _details(listing(dict.fromkeys(note.name.text for note in value.notes)), value.notes)
    return html


def _with_summary(value: ShownValue) -> str:
    return f'{term(value)} <span class="summary">{pieces(value.summary)}</span>' if value.summary else term(value)


def _details(summary: str, shown: Iterable[PropertyValues], *, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{escape(summary)}</summary>{plain(shown)}</details>\n"


def segments(shown: SegmentList) -> str:
    """The segments of a text in its order, each with what rests on it."""
    items = "".join(
        f'<li id="segment-{place}">\n{_segment(segment, found)}</li>\n'
        for place, (segment, found) in enumerate(shown.segments, shown.start + 1)
    )
    return f'<ol class="segments" start="{shown.start + 1}">\n{items}</ol>\n'


def _segment(segment: Segment, found: Resting) -> str:
    """A segment; beside its quotation what rests on it, in a fold that wide windows show open (styles/proof.css)."""
    rows, origin = _resting(found, segment.href), _origin(segment)
    if not (rows and segment.quotations):
        return (_list(rows) if rows else _quotations(segment)) + origin
    summary = f"{escape(gettext('What rests on it'))}{_count(len(rows))}"
    fold = f'<details class="beside"><summary>{summary}</summary>{_list(rows)}</details>\n'
    return _quotations(segment) + origin + fold


def resting(found: Resting) -> str:
    """All that rests on a segment."""
    return _list(_resting(found))


def _resting(found: Resting, href: str | None = None) -> list[str]:
    """The items of what rests on a segment; href: where all of it is told."""
    items = [_with_summary(value) for value in found.resources]
    items += [_DASH.join((term(fact.subject), _property(fact), term(fact.value))) for fact in found.facts]
    if found.names:
        told, names = escape(gettext("named here:")), ", ".join(map(term, found.names))
        items.append(f'<span class="property">{told}</span> {names}')
    if found.is_part and href:
        told = escape(gettext("all of these"))
        items.append(f'<a href="{escape(href)}">{told}</a>')
    return items


def _list(items: Iterable[str]) -> str:
    rows = "".join(f"<li>{item}</li>\n" for item in items)
    return f'<ul class="resting">\n{rows}</ul>\n'


def _property(fact: StatedFact) -> str:
    """The property of a fact, which leads to what states it."""
    name = named(fact.property.name)
    if not fact.href:
        return f'<span class="property">{name}</span>'
    title = escape(gettext("this statement"))
    return f'<a class="property" href="{escape(fact.href)}" title="{title}">{name}</a>'


def sources(shown: Sequence[Footnote]) -> str:
    """Footnotes, of which those after the first ones are folded; what leads to one of these opens the fold."""
    rest = shown[_AT_ONCE:]
    if not rest:
        return footnotes(shown)
    summary = escape(ngettext("%(num)s more", "%(num)s more", len(rest)))
    folded = f'<details class="further"><summary>{summary}</summary>{footnotes(rest, _AT_ONCE + 1)}</details>\n'
    return footnotes(shown[:_AT_ONCE]) + folded


def footnotes(shown: Sequence[Footnote], first: int = 1) -> str:
    """What backs values of the page, each once; first: the number of the first of them."""
    items = "".join(
        f'<li id="source-{place}">\n{_footnote(footnote)}</li>\n' for place, footnote in enumerate(shown, first)
    )
    return f'<ol class="footnotes" start="{first}">\n{items}</ol>\n'


def _footnote(footnote: Footnote) -> str:
    segment = footnote.segment
    if segment is None:
        decisions = "\n".join(
            f'<span><span class="soft">{named(fact.name)}</span> {", ".join(map(term, fact.values))}</span>'
            for fact in footnote.facts
        )
        return f'<p class="origin">{decisions}\n</p>\n'
    restatements = "".join(f'<p class="restatement">{term(value)}</p>\n' for value in footnote.restatements)
    return f"{_quotations(segment)}{restatements}{_origin(segment, segment.texts, footnote.authors)}"


def _quotations(segment: Segment) -> str:
    return "".join(
        f"<blockquote{text_attributes(quotation)}>{escape(quotation.text)}</blockquote>\n"
        for quotation in segment.quotations
    )


def _origin(segment: Segment, texts: Sequence[ShownValue] = (), authors: Sequence[ShownValue] = ()) -> str:
    """The texts that a segment is in, those who say it, and its own page."""
    html = "".join(f"<span>{_with_summary(text)}</span>\n" for text in texts)
    if authors:
        told = escape(gettext("said by:"))
        html += f"<span>{told} {', '.join(map(term, authors))}</span>\n"
    name = _segment_name(segment)
    html += f'<span><a href="{escape(segment.href)}">{name}</a></span>\n' if segment.href else f"<span>{name}</span>\n"
    what: Name | None = segment.name or segment.kind
    html += report(segment.correction, what.text if what else "")
    if segment.details:
        html += _details(gettext("details"), segment.details)
    return f'<div class="origin">\n{html}</div>\n'


def _segment_name(segment: Segment) -> str:
    if segment.name:
        return named(segment.name)
    position = f" {escape(segment.position)}" if segment.position else ""
    return (named(segment.kind) if segment.kind else "") + position
