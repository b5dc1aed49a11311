"""The page of a saved query: a form for the parameters, the result as a table or chart, and the query's text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.saved_queries import Type
from server.pages import results
from server.pages.charts import result_chart
from server.pages.page import page, presenter, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.formats import Format
    from core.labels import Name
    from core.saved_queries import Parameter, ParameterError, SavedQuery
    from server.query.answers import QueryResponse

# How a form asks for a value; what is not here is a text.
_INPUTS = {Type.DATE: "date", Type.INTEGER: "number"}
_LONGEST = 8000  # characters of a query that goes into an address


@dataclass(frozen=True)
class Field:
    """One field of the form, or the options to choose from."""

    name: str
    description: Name | None
    kind: str
    value: str
    placeholder: str
    required: bool
    wrong: bool
    options: Sequence[str] = ()


@dataclass(frozen=True)
class QueryEntry:
    """A saved query in a list."""

    name: str
    title: Name | None
    description: Name | None
    view: str
    parameters: Sequence[str]


def entry(query: SavedQuery) -> QueryEntry:
    """The query in the reader's language."""
    names = [parameter.name for parameter in query.parameters]
    return QueryEntry(query.name, text_of(query.titles), text_of(query.descriptions), query.view, names)


def saved_page(
    query: SavedQuery,
    given: Mapping[str, str],
    addresses: Mapping[Format, str],
    text: str | None = None,
    answered: QueryResponse | None = None,
    fault: ParameterError | None = None,
) -> str:
    """The page of a query.

    given: values of its parameters as they came. addresses: of the result in each other format.
    text: the query with its values. answered: its result in the format HTML. fault: what is wrong with a value.
    """
    shown: dict[str, Any] = {}
    offers: Iterable[Format] = addresses
    if answered is not None:
        assert isinstance(answered.body, bytes)  # noqa: S101 - pages have but the beginning of an answer
        data = answered.body
        if answered.form == "boolean":
            shown = {"boolean": json.loads(data)}
        else:
            columns, rows = results.table(answered.form, data)
            if answered.form == "graph":
                offers = results.formats_of(rows, offers)
            shown = {"chart": result_chart(query.view, columns, rows, presenter()), "truncated": answered.truncated}
    text = text or query.text
    return page(
        "saved.html",
        title=entry(query).title,
        query=entry(query),
        fields=[_field(parameter, given, fault) for parameter in query.parameters],
        fault=sentence(fault) if fault else None,
        addresses=[(offer.name, addresses[offer]) for offer in offers],
        text=text,
        is_short=len(text) <= _LONGEST,
        **shown,
    )


def sentence(fault: ParameterError) -> str:
    """The error and its remedy as one sentence."""
    text = f"{fault}: {fault.fix}"
    return text[:1].upper() + text[1:] + ("" if text.endswith("?") else ".")


def _field(parameter: Parameter, given: Mapping[str, str], fault: ParameterError | None) -> Field:
    return Field(
        parameter.name,
        text_of(parameter.descriptions),
        _INPUTS.get(parameter.type, "text"),
        given.get(parameter.name, parameter.default or ""),
        parameter.example or "",
        parameter.required,
        fault is not None and fault.parameter == parameter.name,
        ("", "true", "false") if parameter.type is Type.BOOLEAN else (),
    )
