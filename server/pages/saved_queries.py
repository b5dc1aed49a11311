"""Saved queries of a release for pages: by place, with the reader's parameters, their results, and their own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import saved_queries
from core.formats import HTML, RESULTS_CSV
from core.saved_queries import Type
from core.wording import gettext_noop
from server.http.context import current_release, links
from server.http.languages import gettext, language
from server.http.queries import ask
from server.pages.charts import result_chart
from server.pages.page import names_apart, page, presenter, text_of
from server.pages.parameters import fields, limits, names_of, to_value, unmentioned
from server.pages.results import names_switch, read, shown_rows
from server.pages.snippets import snippets
from server.query.requests import Request
from server.semantics.negotiation import NegotiatedFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyoxigraph as ox

    from core.formats import Format
    from core.labels import Name
    from core.saved_queries import Parameter, ParameterError, SavedQuery
    from server.pages.results import ResultTable
    from server.query.answers import QueryResponse
    from server.releases import OpenRelease

_LONGEST = 8000  # characters of a query that goes into an address


def grouped(queries: Iterable[SavedQuery]) -> list[tuple[Name | None, list[SavedQuery]]]:
    """Saved queries by the name of their group, the largest group first; those without one come last, under None."""
    groups: dict[str | None, list[SavedQuery]] = {}
    for query in queries:
        groups.setdefault(query.group, []).append(query)
    names = names_apart(iri for iri in groups if iri)
    largest_first = sorted(groups.items(), key=lambda one: (one[0] is None, -len(one[1])))
    return [(names[iri] if iri else None, members) for iri, members in largest_first]


def placed(release: OpenRelease, place: str) -> list[SavedQuery]:
    """The saved queries with this place (`home` or `network`), by name."""
    return [query for query in release.queries.values() if query.place == place]


def terms(query: SavedQuery, given: Mapping[str, str]) -> dict[str, ox.NamedNode | ox.Literal]:
    """The value of each parameter that has one; ParameterError where one is missing or none of its type."""
    manifest = current_release().manifest
    return saved_queries.values(query, given, manifest.base, manifest.prefixes)


def for_reader(query: SavedQuery, given: Mapping[str, str]) -> dict[str, str]:
    """The values given, and the reader's language for a language parameter that has only a default."""
    own = {p.name: language() for p in query.parameters if p.type is Type.LANGUAGE and p.default is not None}
    return {**own, **given}


def rows(query: SavedQuery, given: Mapping[str, str] | None = None, seconds: float | None = None) -> ResultTable:
    """The solutions of a saved SELECT query, for a page; faults become problems, as for every query.

    given: values of its parameters, as they are written in an address; the others have their defaults. seconds: less
    time than the limit.
    """
    text = saved_queries.bind(query.text, terms(query, for_reader(query, given or {})))
    release = current_release()
    return read(ask(Request(text, release.manifest.base, NegotiatedFormat.of(HTML), None), {}, seconds))[0]


def saved_page(
    query: SavedQuery,
    given: Mapping[str, str],
    addresses: Mapping[Format, str],
    text: str | None = None,
    answered: QueryResponse | None = None,
    fault: ParameterError | None = None,
    citation: Sequence[tuple[str, str, str]] = (),
    choices: Sequence[tuple[Name, str | None, str]] = (),
    *,
    names: bool = True,
) -> str:
    """The page of a query.

    given: values of its parameters as they came. addresses: of the result in each other format.
    text: the query with its values. answered: its result in the format HTML. fault: what is wrong with a value.
    citation: of the result, in each form. choices: what a name that is not clear may mean, with its class and the page.
    names: whether the result is shown in the query's view, or as a table of the terms as they stand.
    """
    offers: Iterable[Format] = addresses
    table = chart = None
    is_empty = False
    if answered is not None:
        table, offers = read(answered, offers)
        if table.boolean is None and names:
            chart = result_chart(query.view, table.columns, table.rows, presenter(), query.column_titles)
        is_empty = not (table.rows or table.boolean)
    text = text or query.text
    return page(
        "saved.html",
        title=text_of(query.titles),
        query=query,
        fields=fields(query, given),
        wrong=fault and fault.parameter,
        fault=fault and sentence(fault),
        choices=choices,
        empty=_empty(query, given) if is_empty else {},
        addresses=[(offer.label, addresses[offer]) for offer in offers],
        spreadsheet=table
        and table.boolean is None
        and RESULTS_CSV in addresses
        and page_address(query, given, RESULTS_CSV, names="true"),
        text=text,
        is_short=len(text) <= _LONGEST,
        table=table,
        chart=chart,
        citation=citation,
        use=snippets(query.form, query.name, addresses.__getitem__, [("query", text)]) if answered else [],
        rows=shown_rows(table, names=False) if table and not names else (),
        switch=names_switch(current_release().urls.file(f"query/{query.name}"), list(given.items()), names=names),
    )


def _empty(query: SavedQuery, given: Mapping[str, str]) -> dict[str, Any]:
    """Why there is no answer: the IRIs that the data do not mention, with pages for others, and what limits it."""
    return {
        "unmentioned": [
            (iri, [(name, kind, _with(query, given, parameter, one)) for one, name, kind in names_of(near)])
            for parameter, iri, near in unmentioned(query, given)
        ],
        "limits": [
            (limit, None if limit.without is None else page_address(query, limit.without))
            for limit in limits(query, given)
        ],
    }


def _with(query: SavedQuery, given: Mapping[str, str], parameter: Parameter, iri: str) -> str:
    return page_address(query, {**given, parameter.name: to_value(iri)})


def page_address(query: SavedQuery, given: Mapping[str, str], offer: Format | None = None, **others: str) -> str:
    """The address of the answer to these values as a page, or in another format that is in a language."""
    extension = f".{offer.extension}" if offer else ""
    return links().path(f"query/{query.name}{extension}", **given, **others)


def sentence(fault: ParameterError) -> str:
    """The error and its remedy as one sentence in the reader's language."""
    if not fault.fix:
        return str(fault)
    told, fix = gettext(fault.message, **fault.variables), remedy(fault)
    is_question = fault.fix.endswith("?")
    message = gettext_noop("%(fault)s: %(fix)s") if is_question else gettext_noop("%(fault)s: %(fix)s.")
    text = gettext(message, fault=told, fix=fix)
    return text[:1].upper() + text[1:]


def remedy(fault: ParameterError) -> str:
    """What would do, in the reader's language."""
    return gettext(fault.fix, **fault.variables)
