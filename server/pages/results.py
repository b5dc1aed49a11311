"""HTML pages of query results: a table of rows or triples, a boolean, or what became of the query."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import pyoxigraph as ox

from core.formats import GEOJSON, HTML, JSON
from server.http.context import current_release
from server.http.languages import chosen_language, gettext
from server.model.located_rows import LocatedRows
from server.model.serialization import writable_formats
from server.model.urls import LANGUAGE
from server.pages.page import page, presenter
from server.pages.snippets import snippets
from server.semantics.sparql_protocol import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.formats import Format
    from core.rdf import Term
    from server.pages.values import ShownValue
    from server.query.answers import QueryResponse

_TRIPLE = ("subject", "predicate", "object")
_LINK = 8000  # characters; longer addresses do not arrive everywhere
_LOCATED = 50  # rows that are looked at for a place
_NAMED = 5000  # terms that one page looks up names for


@dataclass(frozen=True)
class ResultTable:
    """What a page has of an answer: a boolean, or the first thousand rows; truncated: whether there are more.

    None stands where a row has no value.
    """

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Term | None]] = ()
    truncated: bool = False
    boolean: bool | None = None


def read(answer: QueryResponse, offers: Iterable[Format] = ()) -> tuple[ResultTable, Iterable[Format]]:
    """The table of an answer whose body is in the format HTML, and those of the formats that can hold the answer."""
    assert isinstance(answer.body, bytes)  # noqa: S101 - pages have but the beginning of an answer
    if answer.form == "boolean":
        return ResultTable(boolean=json.loads(answer.body)), [offer for offer in offers if offer is not GEOJSON]
    if answer.form == "graph":
        triples = [quad.triple for quad in cast("Iterable[ox.Quad]", ox.parse(answer.body, ox.RdfFormat.N_TRIPLES))]
        rows = [[triple.subject, triple.predicate, triple.object] for triple in triples]
        return ResultTable(_TRIPLE, rows, answer.truncated), writable_formats(triples, offers)
    found = cast("ox.QuerySolutions", ox.parse_query_results(answer.body, format=ox.QueryResultsFormat.TSV))
    columns = [variable.value for variable in found.variables]
    table = ResultTable(columns, [list(row) for row in found], answer.truncated)
    return table, [offer for offer in offers if offer is not GEOJSON or _is_located(table)]


def _is_located(table: ResultTable) -> bool:
    """Whether one of the first rows has a place."""
    positions = current_release().positions
    return LocatedRows(table.columns, table.rows[:_LOCATED], lambda node: positions.near(node).place).is_located


def shown_rows(table: ResultTable, *, names: bool) -> list[list[ShownValue | None]]:
    """The rows with names, numbers and dates in the reader's language, or with every term as it stands.

    What comes after the first 5,000 different terms stands as it is: each name is looked up in the store.
    """
    show = presenter()
    known: dict[Term, ShownValue] = {}

    def shown(term: Term) -> ShownValue:
        if term not in known:
            known[term] = show.in_result(term) if names and len(known) < _NAMED else show.raw(term)
        return known[term]

    return [[None if term is None else shown(term) for term in row] for row in table.rows]


def names_switch(path: str, parameters: Sequence[tuple[str, str]], *, names: bool) -> str:
    """The address of the same page with names, where it has none, or without.

    parameters: those of the request, but for the format.
    """
    others = [(name, value) for name, value in parameters if name not in {NAMES, LANGUAGE}]
    chosen = chosen_language()
    language = [(LANGUAGE, chosen)] if chosen else []
    off = [(NAMES, "false")] if names else []
    return f"{path}?{urlencode([*others, *language, ('format', HTML.extension), *off])}"


def results_page(
    answer: QueryResponse,
    title: str,
    offers: Iterable[Format],
    path: str,
    parameters: Sequence[tuple[str, str]],
    *,
    names: bool,
) -> str:
    """The page of an answer, whose body is in the format HTML.

    offers: the other formats, linked by path and parameters, which repeat the request; not where these are long.
    names: whether resources are shown by their names, or every term as it stands.
    """
    table, writable = read(answer, offers)
    kept = [(name, value) for name, value in parameters if name != NAMES]
    again = urlencode(kept) if sum(len(value) for _, value in parameters) <= _LINK else ""
    is_short = 0 < len(again) <= _LINK
    return page(
        "results.html",
        title=title,
        table=table,
        rows=shown_rows(table, names=names),
        names=names,
        switch=names_switch(path, parameters, names=names) if is_short else None,
        links=[(o.label, f"{path}?{again}&format={o.extension}") for o in writable if o is not HTML and is_short],
        query=dict(parameters).get("query") if is_short else None,
        explain=f"{path}?{again}&format={HTML.extension}&explain=true",
        use=snippets(answer.form, "answer", lambda format_: f"{path}?{again}&format={format_.extension}", parameters)
        if is_short and "query" in dict(parameters)
        else [],
    )


def explanation_page(explanation: Mapping[str, Any], parameters: Sequence[tuple[str, str]]) -> str:
    """explanation: as the JSON has it. parameters: of the operation, to be repeated; none where they are long."""
    again = urlencode([*parameters, ("explain", "true"), ("format", JSON.extension)])
    return page(
        "explanation.html",
        title=gettext("Explanation"),
        answer=explanation,
        links=[(JSON.name, f"{current_release().urls.path('sparql')}?{again}")] if parameters else [],
        query=dict(parameters).get("query"),
    )
