"""Charts: tables that the script of the pages draws as a network, a time line, a map or bars.

A chart is a table first, which is all that a reader without scripts needs. The columns have the names that the script
(web/src/charts/) knows them by; each cell has a text and the value that the text stands for.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

import pyoxigraph as ox
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import escape

from core.labels import Name
from core.rdf import notation
from core.saved_queries import VIEWS
from core.wording import NUMBERS, gettext_noop
from server.http.context import current_release
from server.http.languages import catalogue, date_in_words, gettext
from server.http.responses import uri
from server.pages.page import shown, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from markupsafe import Markup

    from core.rdf import Term
    from server.pages.presentation import Presenter

_NODES = frozenset({"source", "target"})  # the columns of the nodes of a network
_LABEL = "Label"  # column `itemLabel` names the resources of column `item`
_HEADINGS = {
    "source": gettext_noop("From"),
    "target": gettext_noop("To"),
    "kind": gettext_noop("Kind"),
    "properties": gettext_noop("Properties"),
    "year": gettext_noop("Year"),
    "tie": gettext_noop("Tie"),
    "item": gettext_noop("What"),
    "start": gettext_noop("Begin"),
    "end": gettext_noop("End"),
    "lat": gettext_noop("Latitude"),
    "long": gettext_noop("Longitude"),
    "label": gettext_noop("What"),
    "value": gettext_noop("Number"),
}

_MESSAGES = {
    "zoomIn": gettext_noop("Zoom in"),
    "zoomOut": gettext_noop("Zoom out"),
    "whole": gettext_noop("Show all"),
    "keysMap": gettext_noop("Arrow keys move the map, plus and minus zoom, Tab goes through the places."),
    "keysNetwork": gettext_noop(
        "Tab goes through what is linked, Enter tells more of it, arrow keys move the drawing, plus and minus zoom."
    ),
    "touch": gettext_noop("Two fingers zoom; then one moves the picture."),
    "tap": gettext_noop("Choose something in the picture to see its ties here."),
    "kind": gettext_noop("Kind"),
    "classes": gettext_noop("Class"),
    "from": gettext_noop("From year"),
    "to": gettext_noop("To year"),
    "shown": gettext_noop("{nodes} nodes, {edges} links"),
    "sharedTie": gettext_noop("Ties more than two"),
    "panel": gettext_noop("Legend, and what is chosen"),
    "ties": gettext_noop("Ties: {number}"),
    "members": gettext_noop("Ties together: {number}"),
    "others": gettext_noop("and {number} others"),
    "proof": gettext_noop("Show the quotation"),
    "noProof": gettext_noop("no quotation"),
    "close": gettext_noop("Close"),
    "open": gettext_noop("still going on"),
    "more": gettext_noop("and {number} more in the table"),
    "download": gettext_noop("Download the picture"),
    "source": gettext_noop("Source: {dataset}, release {release} of {date}"),
    "licence": gettext_noop("Licence: {licence}"),
    "outlines": gettext_noop("Outlines: Natural Earth"),
}

# Heights that a page keeps free for charts, in pixels, as the script draws them (web/src/charts/).
_ROW = {"timeline": 30, "chart": 28}
_LINE = 16  # of a text beyond its first one
_LETTERS = {"timeline": (28, 60), "chart": (19, 40)}  # about as many as fit into a line, narrow and wide
_AXIS = 36
_MOST_LINES = 4
_MOST_ROWS = {"timeline": 300, "chart": 60}
_SIZES = ((12, "small"), (60, "medium"))  # of networks, by the most nodes


class Cell(NamedTuple):
    """A cell: its text, the value that the text stands for, the language of the text, and the address of its link.

    href: an address on this site; link: one elsewhere. class_: of a node of a network, the IRI of what it is.
    is_number: whether the value is a number.
    """

    text: str
    value: str
    language: str = ""
    href: str | None = None
    link: str | None = None
    class_: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Chart:
    """A table and the kind of chart that it is drawn as; `table` where it is not drawn.

    kind: one of core.saved_queries.VIEWS. columns: their names. is_directed: whether the edges of a network are arrows.
    column_titles: as a saved query has them. hidden: the numbers of the rows that the reader's filters leave out.
    """

    kind: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | None]]
    is_directed: bool = False
    column_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hidden: Collection[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether no row is shown."""
        return len(self.hidden) == len(self.rows)

    @property
    def classes(self) -> str:
        """The names of the classes of its nodes by their IRIs, as JSON; those of most nodes first."""
        nodes = {cell.value: cell.class_ for row in self.rows for cell in row[:2] if cell and cell.class_}
        counts = sorted(Counter(nodes.values()).items(), key=lambda item: (-item[1], item[0]))
        return json.dumps({iri: shown(iri).name.text for iri, _ in counts}, ensure_ascii=False)

    @property
    def size(self) -> str:
        """How large a network is: what its height follows from."""
        nodes = len({cell.value for row in self.rows for cell in row[:2] if cell})
        return next((size for most, size in _SIZES if nodes <= most), "large")

    @property
    def heights(self) -> list[int]:
        """Of a chart with texts in lines: about its height in pixels, where it is narrow and where it is wide."""
        if self.kind not in _ROW:
            return []
        texts = [next((cell.text for cell in row if cell), "") for row in self.rows[: _MOST_ROWS[self.kind]]]
        sizes = list(map(_width, texts))
        return [
            _AXIS + sum(_ROW[self.kind] + _LINE * min((size - 1) // letters, _MOST_LINES) for size in sizes)
            for letters in _LETTERS[self.kind]
        ]

    @property
    def headings(self) -> list[tuple[str, Name]]:
        """Each column with its heading for the reader: its title, else that of the kind of chart, else its name."""
        titles = self.column_titles
        named = {name: text_of(titles[name]) for name in self.columns if name in titles}
        return [(name, named.get(name) or Name(_heading(name))) for name in self.columns]

    def beginning(self, count: int) -> Chart:
        """A table of the first rows, without the columns that have no value in them."""
        rows = self.rows[:count]
        kept = [number for number in range(len(self.columns)) if any(row[number] for row in rows)]
        columns = [self.columns[number] for number in kept]
        return replace(self, kind="table", columns=columns, rows=[[row[number] for number in kept] for row in rows])

    @property
    def numbers(self) -> set[str]:
        """The columns that have numbers, but for a few values."""
        found = set()
        for column, cells in zip(self.columns, zip(*self.rows, strict=True), strict=False):
            known = [cell.is_number for cell in cells if cell]
            if sum(known) * 2 > len(known):
                found.add(column)
        return found


def result_chart(
    kind: str,
    variables: Sequence[str],
    rows: Iterable[Sequence[Term | None]],
    show: Presenter,
    column_titles: Mapping[str, Mapping[str, str]] | None = None,
    hidden: Collection[int] = frozenset(),
) -> Chart:
    """The chart of a query's solutions, a `table` where they lack a column of the kind.

    kind: one of core.saved_queries.VIEWS. The column `xLabel` has the names for the column `x`, and none of its own.
    hidden: the numbers of rows that are not shown.
    """
    kept = [name for name in variables if not (name.endswith(_LABEL) and name.removesuffix(_LABEL) in variables)]
    place = {name: number for number, name in enumerate(variables)}
    is_drawable = set(VIEWS[kind][0]) <= set(kept)
    nodes = _NODES if kind == "network" and is_drawable else frozenset()
    known: dict[tuple[Term | None, Term | None, bool], Cell | None] = {}  # the nodes of a network recur in many rows

    def cell(term: Term | None, label: Term | None, *, is_node: bool) -> Cell | None:
        key = term, label, is_node
        if key not in known:
            found = _cell(term, label, show)
            known[key] = found._replace(class_=class_of(term)) if found and is_node else found
        return known[key]

    cells = [
        [
            cell(row[place[name]], row[place[name + _LABEL]] if name + _LABEL in place else None, is_node=name in nodes)
            for name in kept
        ]
        for row in rows
    ]
    return Chart(kind if is_drawable else "table", kept, cells, column_titles=column_titles or {}, hidden=hidden)


def class_of(node: Term | None) -> str:
    """The IRI of the class that says best what a resource is, empty where it has none.

    The most particular of those that the shapes are for, or else the one with the fewest members.
    """
    if not isinstance(node, ox.NamedNode):
        return ""
    release = current_release()
    types, sizes = release.lookups.types(node), release.manifest.counts.classes
    if found := release.model.most_particular(types):
        return found[0]
    return min(types, key=lambda iri: (sizes.get(iri, 0), iri), default="")


def _cell(term: Term | None, label: Term | None, show: Presenter) -> Cell | None:
    """The cell of a term: its name in the reader's language, or the label of the query where the data have no name."""
    if term is None:
        return None
    value = show.in_result(term)
    name = value.name
    if isinstance(label, ox.Literal) and not name.language:
        name = show.value(label).name
    raw = term.value if isinstance(term, ox.NamedNode | ox.Literal) else notation(term)
    return Cell(name.text, raw, name.language, value.href, value.link, is_number=value.datatype in NUMBERS)


def _width(text: str) -> int:
    """In letters, of which those of East Asian scripts are two wide (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _heading(name: str) -> str:
    return gettext(_HEADINGS[name]) if name in _HEADINGS else name


@cache
def messages(language: str) -> Markup:
    """The texts of the script that draws charts, in a language, as the value of an attribute."""
    texts = {name: catalogue(language).gettext(text) for name, text in _MESSAGES.items()}
    return escape(str(htmlsafe_json_dumps(texts, sort_keys=True)))


def source(at: str) -> dict[str, str]:
    """The origin of a chart, for its download: dataset, release, date, licence and the address that stays.

    at: the path that its data are known by.
    """
    manifest, urls = current_release().manifest, current_release().urls
    title = text_of(manifest.dataset.title)
    return {
        "dataset": title.text if title else manifest.base,
        "release": manifest.id,
        "date": date_in_words(manifest.created),
        "licence": manifest.dataset.license or "",
        "address": uri(urls.permanent(at, manifest.id)),
    }
