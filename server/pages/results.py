"""HTML pages of query results: a table of rows or triples, a boolean, or what became of the query."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import pyoxigraph as ox

from core.formats import HTML, JSON
from server.http.context import current_release
from server.http.languages import gettext
from server.model.serialization import writable_formats
from server.pages.page import page, presenter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.formats import Format
    from core.rdf import Term
    from server.query.answers import QueryResponse

_TRIPLE = ("subject", "predicate", "object")
_LINK = 8000  # characters; longer addresses do not arrive everywhere


def results_page(
    answer: QueryResponse,
    title: str,
    offers: Iterable[Format],
    path: str,
    parameters: Sequence[tuple[str, str]],
) -> str:
    """The page of an answer, whose body is in the format HTML.

    offers: the other formats, linked by path and parameters, which repeat the request; not where these are long.
    """
    assert isinstance(answer.body, bytes)  # noqa: S101 - pages have but the beginning of an answer
    data = answer.body
    again = urlencode(parameters) if sum(len(value) for _, value in parameters) <= _LINK else ""
    is_short = 0 < len(again) <= _LINK
    columns, terms = table(answer.form, data)
    if answer.form == "graph":
        offers = formats_of(terms, offers)
    shown: dict[str, Any] = {
        "title": title,
        "links": [(o.name, f"{path}?{again}&format={o.extension}") for o in offers if o is not HTML and is_short],
        "query": dict(parameters).get("query") if is_short else None,
    }
    if answer.form == "boolean":
        return page("results.html", boolean=json.loads(data), **shown)
    show = presenter()
    rows = [[None if term is None else show.value(term) for term in row] for row in terms]
    return page("results.html", columns=columns, rows=rows, truncated=answer.truncated, **shown)


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


def table(form: str, data: bytes) -> tuple[Sequence[str], list[list[Term | None]]]:
    """Columns and rows of a body in the format HTML: of a graph, or of a SELECT; none of a boolean."""
    if form == "boolean":
        return (), []
    return triples(data) if form == "graph" else solutions(data)


def formats_of(rows: Iterable[Sequence[Term | None]], offers: Iterable[Format]) -> Sequence[Format]:
    """Those of the formats that can hold the triples of these rows."""
    return writable_formats((ox.Triple(*cast("list[Any]", row)) for row in rows), offers)


def solutions(data: bytes) -> tuple[Sequence[str], list[list[Term | None]]]:
    """Columns and rows of a SELECT's body in the format HTML, which is TSV."""
    solutions = cast("ox.QuerySolutions", ox.parse_query_results(data, format=ox.QueryResultsFormat.TSV))
    return [variable.value for variable in solutions.variables], [list(row) for row in solutions]


def triples(data: bytes) -> tuple[Sequence[str], list[list[Term | None]]]:
    """Columns and rows of a graph's body in the format HTML, which is N-Triples."""
    quads = [cast("ox.Quad", quad) for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)]
    return _TRIPLE, [[quad.subject, quad.predicate, quad.object] for quad in quads]
