"""Answers to be opened in a spreadsheet: workbooks (Office Open XML, ISO/IEC 29500), and CSV that explains itself.

Columns have titles, and a resource its name with its IRI in the column behind. Numbers, dates and truth values are what
they are in a workbook; a text is never a formula.
"""

from __future__ import annotations

import codecs
import csv
import io
from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import pyoxigraph as ox
import xlsxwriter

from core.formats import GEOJSON, XLSX
from core.formulas import escape_formula, is_number
from core.namespaces import XSD
from core.rdf import notation
from core.wording import NUMBERS
from release.reader import RELEASE
from server.query.errors import ResultSizeError
from server.query.requests import Presentation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from core.labels import Name
    from core.rdf import Term
    from release.manifest import Manifest
    from server.model.describe import Describer
    from server.model.positions import Place
    from server.query.requests import Request

    Namer: TypeAlias = Callable[[ox.NamedNode], Name]

CELLS, CHARACTERS = 250_000, 32 << 20  # of a workbook, which is made in memory
_LONGEST = 32_767  # characters of a cell
_PEEKED = 1000  # rows that tell which columns have IRIs, and how wide columns are
_WIDEST = 48  # characters
LABEL = "Label"
_DIGITS = 15  # that a number of a spreadsheet keeps
_FIRST_YEAR = 1900  # of the dates that a spreadsheet has
_MOST_LINKS, _LONGEST_LINK = 65_530, 2_079  # of a sheet, and characters of one: spreadsheets open no more

Value: TypeAlias = "str | int | float | bool | date | None"


class Table(NamedTuple):
    """What the writers of tables and maps need of a release: what is said about the answer, names, and positions."""

    presentation: Presentation
    name: Namer
    place: Callable[[ox.NamedNode], Place | None]


class Link(str):
    """The text of a cell that is the address of something."""

    __slots__ = ()


def table_of(request: Request, manifest: Manifest, describer: Describer) -> Table | None:
    """What the writers need for the answer; None where it is asked for in another format.

    A workbook that nothing is said about has its query, and the terms as they stand.
    """
    presentation, format_ = request.table, request.results.format if request.results else None
    if presentation is None and format_ in {XLSX, GEOJSON}:
        address, licence = f"{manifest.base}{RELEASE}{manifest.id}", manifest.dataset.license or ""
        facts = [("Query", request.query), ("Release", manifest.id), ("Address", address), ("Licence", licence)]
        members = {"query": request.query, "release": manifest.id, "source": address, "license": licence}
        presentation = Presentation(
            titles={},
            about=facts,
            members={name: text for name, text in members.items() if text},
            sheets=["Results", "About"],
            names=format_ is GEOJSON,
            languages=[],
            created=manifest.created,
        )
    if presentation is None:
        return None
    languages = presentation["languages"]
    return Table(
        presentation,
        lambda node: describer.labels.name(node, languages),
        lambda node: describer.positions.near(node).place,
    )


def write_named_csv(result: ox.QuerySolutions, presentation: Presentation, name: Namer, file: BinaryIO) -> None:
    """Write rows with titles and names, in the encoding that spreadsheets know by its mark; a text is no formula."""
    head, rows = _named_table(result, presentation, name)
    file.write(codecs.BOM_UTF8)
    writer = csv.writer(codecs.getwriter("utf-8")(file))
    writer.writerow(head)
    writer.writerows([_in_csv(term) for term in row] for row in rows)


def write_result_workbook(
    result: ox.QuerySolutions | ox.QueryBoolean, presentation: Presentation, name: Namer, file: BinaryIO
) -> None:
    """Write rows or a boolean as a workbook; ResultSizeError where it would have more cells than it may."""
    if isinstance(result, ox.QueryBoolean):
        write_workbook([presentation["sheets"][0]], iter([[bool(result)]]), presentation, file)
        return
    head, rows = _named_table(result, presentation, name)
    write_workbook(head, ([_value(term) for term in row] for row in rows), presentation, file)


def write_workbook(
    head: Sequence[str], rows: Iterator[Sequence[Value]], presentation: Presentation, file: BinaryIO
) -> None:
    """Write a table, and a second sheet that tells about it; ResultSizeError as above."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": datetime.fromisoformat(presentation["created"]).replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet, about = map(book.add_worksheet, presentation["sheets"])
    first = list(islice(rows, _PEEKED))
    for column, title in enumerate(head):
        texts = (row[column] for row in first)
        longest = max((len(str(text)) for text in texts if text is not None), default=0)
        sheet.set_column(column, column, min(_WIDEST, max(longest, len(title) // 2 + 4)) + 2)
        sheet.write_string(0, column, title[:_LONGEST], bold)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)  # on each printed page, which has all columns
    for each in (sheet, about):
        each.set_landscape()
        each.fit_to_pages(1, 0)
    number = _fill(sheet, len(head), chain(first, rows))
    if number:
        sheet.autofilter(0, 0, number, len(head) - 1)
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 100)
    for place, (heading, text) in enumerate(presentation["about"]):
        about.write_string(place, 0, heading, bold)
        if _is_address(text):
            about.write_url(place, 1, text, wrapped, string=text)
        else:
            about.write_string(place, 1, text[:_LONGEST], wrapped)
    book.close()
    file.write(made.getvalue())


def _fill(sheet: xlsxwriter.worksheet.Worksheet, width: int, rows: Iterable[Sequence[Value]]) -> int:
    """Write rows below the first one; returns how many."""
    number = characters = links = 0
    for number, row in enumerate(rows, 1):
        characters += sum(len(value) for value in row if isinstance(value, str))
        if number * width > CELLS or characters > CHARACTERS:
            raise ResultSizeError(
                f"a workbook has at most {CELLS:,} cells and {CHARACTERS:,} characters here: ask for CSV"
            )
        for column, value in enumerate(row):
            match value:
                case None:
                    pass
                case bool():
                    sheet.write_boolean(number, column, value)
                case int() | float():
                    sheet.write_number(number, column, value)
                case date():
                    sheet.write_datetime(number, column, cast("datetime", value))
                case Link() if links < _MOST_LINKS and _is_address(value):
                    links += 1
                    sheet.write_url(number, column, value, string=value)
                case _:
                    sheet.write_string(number, column, value[:_LONGEST])
    return number


def _is_address(text: str) -> bool:
    """Whether spreadsheets open the text as the address of a page."""
    return text.startswith(("http://", "https://")) and len(text) <= _LONGEST_LINK


def _named_table(
    result: ox.QuerySolutions, presentation: Presentation, name: Namer
) -> tuple[list[str], Iterator[list[Term | str | None]]]:
    """The head and the rows: of a column with IRIs the names, and behind it the IRIs.

    The column `xLabel` has the names for the column `x`, and none of its own. Without names, terms are as they stand.
    """
    titles = presentation["titles"]
    variables = [variable.value for variable in result.variables]
    if not presentation["names"]:
        return [titles.get(one, one) for one in variables], ([*row] for row in result)
    place = {variable: number for number, variable in enumerate(variables)}
    kept = [one for one in variables if not (one.endswith(LABEL) and one.removesuffix(LABEL) in place)]
    rows = iter(result)
    first = list(islice(rows, _PEEKED))
    columns = [
        (place[one], place.get(one + LABEL), any(isinstance(row[place[one]], ox.NamedNode) for row in first))
        for one in kept
    ]
    head = []
    for one, (*_, has_iris) in zip(kept, columns, strict=True):
        title = titles.get(one, one)
        head += [title, f"{title} (IRI)"] if has_iris else [title]

    def cells(row: Sequence[Term | None]) -> Iterator[Term | str | None]:
        for number, label, has_iris in columns:
            term = row[number]
            yield _name(term, None if label is None else row[label], name) if isinstance(term, ox.NamedNode) else term
            if has_iris:
                yield term if isinstance(term, ox.NamedNode) else None

    return head, ([*cells(row)] for row in chain(first, rows))


def _name(node: ox.NamedNode, label: Term | None, name: Namer) -> str:
    found = name(node)
    return label.value if isinstance(label, ox.Literal) and not found.language else found.text


def _in_csv(term: Term | str | None) -> str:
    """The text of a cell; before one that a spreadsheet would run stands an apostrophe."""
    if isinstance(term, ox.Literal) and term.datatype.value in NUMBERS and is_number(term.value):
        return term.value
    return "" if term is None else escape_formula(_text(term))


def _text(term: Term | str) -> str:
    match term:
        case str():
            return term
        case ox.NamedNode() | ox.Literal():
            return term.value
    return notation(term)


def _value(term: Term | str | None) -> Value:
    """The term as a spreadsheet has it: what it cannot hold as it is, is a text."""
    if term is None or isinstance(term, str):
        return term
    if isinstance(term, ox.NamedNode):
        return Link(term.value)
    return to_value(term.value, term.datatype.value) if isinstance(term, ox.Literal) else _text(term)


def to_value(text: str, datatype: str) -> Value:
    """The value of a literal as a spreadsheet has it, else its text."""
    try:
        return _typed(text, datatype)
    except ValueError:
        return text


def _typed(text: str, datatype: str) -> Value:
    """The value of a literal; ValueError where it is none that a spreadsheet has."""
    if datatype in NUMBERS or datatype in {XSD + "gYear", XSD + "double", XSD + "float"}:
        if sum(sign.isdigit() for sign in text) > _DIGITS:
            return text
        number = float(text)
        if number - number != 0:  # infinite, or none
            return text
        return int(number) if number.is_integer() else number
    if datatype == XSD + "boolean":
        return text in {"true", "1"}
    if datatype in {XSD + "date", XSD + "dateTime"}:
        day = date.fromisoformat(text) if datatype == XSD + "date" else datetime.fromisoformat(text)
        is_known = day.year >= _FIRST_YEAR and not (isinstance(day, datetime) and day.tzinfo)
        return day if is_known else text
    return text
