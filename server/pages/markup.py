"""Names, values and cells as HTML, for the templates: filters, because a page has hundreds, and macros are slow.

Texts and addresses of the data are escaped here.
"""

from __future__ import annotations

from functools import wraps
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from core.labels import local_name
from server.http.languages import gettext
from server.pages import charts
from server.pages.facets import facet_name
from server.pages.page import licence_name, names_apart, shown, text_of
from server.pages.values import LONG_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask import Flask

    from core.labels import Name
    from server.pages.charts import Cell
    from server.pages.values import PropertyValues, ShownValue

_LONG_TEXT = 2000  # characters
_SHORT, _WIDE = 20, 40  # bytes of a cell that stays in one line, and of one that wants a wide column
_CLAMPED = 160  # characters of a cell that shows its first lines


def install(app: Flask) -> None:
    """Give the filters to the templates."""
    for function in (text_attributes, named, whole, written, term, plain, cells):
        app.add_template_filter(marked(function))
    app.add_template_filter(charts.messages, "chart_messages")
    app.add_template_filter(charts.source, "chart_source")
    app.add_template_filter(text_of, "translated")
    for told in (shown, names_apart, licence_name, facet_name):
        app.add_template_filter(told)


def marked(function: Callable[..., str]) -> Callable[..., Markup]:
    """The function with the HTML that it writes marked as such."""
    return wraps(function)(lambda *given: Markup(function(*given)))  # noqa: S704 - they escape what the data say


def text_attributes(name: Name) -> str:
    """The language and the base direction of a text, as attributes of its element."""
    language = f' lang="{escape(name.language)}"' if name.language else ""
    return f'{language} dir="{escape(name.direction)}"' if name.direction else language


def named(name: Name) -> str:
    """A name; of one that is longer than a name, the beginning: the page about the resource has the whole."""
    text = name.text if len(name.text) <= LONG_NAME else f"{name.text[: LONG_NAME - 1]}…"
    return f"<bdi{text_attributes(name)}>{escape(text)}</bdi>"


def whole(name: Name) -> str:
    """A text, however long it is."""
    return f"<bdi{text_attributes(name)}>{escape(name.text)}</bdi>"


def written(value: ShownValue) -> str:
    """A text, for readers in words and for machines as it stands; of a long one the beginning, which opens."""
    if value.element == "time":
        return f'<time datetime="{escape(value.raw)}">{whole(value.name)}</time>'
    if value.element == "data":
        return f'<data value="{escape(value.raw)}">{whole(value.name)}</data>'
    if len(value.name.text) > _LONG_TEXT:
        summary = f"<summary>{named(value.name)}</summary>"
        return f'<details class="whole">{summary}<p>{whole(value.name)}</p></details>'
    return whole(value.name)


def term(value: ShownValue) -> str:
    """A list by its members, anything else by its name."""
    href, link = value.href and escape(value.href), value.link and escape(value.link)
    tooltip = f' title="{escape(value.tooltip)}"' if value.tooltip else ""
    if value.items:
        anchor = f' id="{escape(value.anchor)}"' if value.anchor else ""
        items = "".join(f"<li>{_with_nested(item)}</li>" for item in value.items)
        html = f'<ol class="items"{anchor}>\n{items}</ol>'
    elif value.anchor:
        html = f'<span id="{escape(value.anchor)}">{named(value.name)}</span>'
    elif href and link:
        label, host = escape(gettext("the resource itself")), _host(value)
        told = f">↗ <bdi>{escape(host)}</bdi>" if host else f' aria-label="{label}">↗'
        out = f'<a class="out" href="{link}" rel="external" title="{link}"{told}</a>'
        html = f'<span class="both"><a href="{href}"{tooltip}>{named(value.name)}</a>{out}</span>'
    elif href:
        html = f'<a href="{href}"{tooltip}>{named(value.name)}</a>'
    elif link:
        html = f'<a href="{link}" rel="external">{named(value.name)}</a>'
    else:
        html = written(value)
    if value.name.language and not href:
        html += f' <span class="tag">{escape(value.name.language)}</span>'
    return html


def _host(value: ShownValue) -> str:
    """Whose page an address elsewhere is, where the data give it no name but its end alone is shown; else empty."""
    host = urlsplit(value.link or "").hostname or ""
    is_name = value.name.language or value.name.text != unquote(local_name(value.link or ""))
    return "" if is_name or host == value.name.text else host.removeprefix("www.")


def plain(facts: Iterable[PropertyValues]) -> str:
    """Facts inside a value that is open already: everything is shown at once."""
    rows = []
    for fact in facts:
        values = "".join(f"<div>{_with_nested(value)}</div>" for value in fact.values)
        name = f'<a href="{escape(fact.href)}">{named(fact.name)}</a>'
        rows.append(f"<div><dt>{name}</dt>\n<dd>{values}</dd></div>\n")
    return f'<dl class="nested">\n{"".join(rows)}</dl>\n'


def _with_nested(value: ShownValue) -> str:
    return term(value) + (plain(value.nested) if value.nested else "")


def cells(row: Sequence[Cell | None], labels: Sequence[Markup]) -> str:
    """The cells of a row of the table of a chart; labels: the headings of the columns, for where rows are stacked."""
    return "".join(_td(cell, label) for cell, label in zip(row, labels, strict=True))


def _td(cell: Cell | None, label: Markup) -> str:
    """A cell: a long text opens, and is as wide as lines of text are."""
    if cell is None:
        return "<td></td>"
    value = f' data-value="{escape(cell.value)}"' if cell.value != cell.text else ""
    data = f'{value} data-class="{escape(cell.class_)}"' if cell.class_ else value
    language = f' lang="{escape(cell.language)}"' if cell.language else ""
    html = f"<bdi{language}>{escape(cell.text)}</bdi>"
    size = len(cell.text.encode())
    kind = "number" if cell.is_number else "text" if size > _WIDE else "short" if size <= _SHORT else ""
    column = f' class="{kind}"' if kind else ""
    if href := cell.href or cell.link:
        tooltip = f' title="{escape(cell.value)}"' if value else ""
        html = f'<a href="{escape(href)}"{tooltip}>{html}</a>'
    elif len(cell.text) > _CLAMPED:
        html = f'<details class="whole"><summary>{html}</summary></details>'
    return f'<td{data}{column} data-label="{label}">{html}</td>'
