"""Saved queries of a release for pages: by place, with the reader's parameters, and their results as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import saved_queries
from core.formats import HTML
from core.saved_queries import Type
from server.http.context import current_release
from server.http.languages import language
from server.http.queries import ask
from server.pages import results
from server.query.requests import Request
from server.semantics.negotiation import NegotiatedFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyoxigraph as ox

    from core.rdf import Term
    from core.saved_queries import SavedQuery
    from server.releases import OpenRelease


@dataclass(frozen=True)
class ResultTable:
    """The first thousand rows of an answer; truncated: whether there are more. None stands where a row has no value."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Term | None]]
    truncated: bool


def queries(release: OpenRelease) -> Mapping[str, SavedQuery]:
    """The saved queries of a release by their names."""
    return release.queries


def placed(release: OpenRelease, place: str) -> list[SavedQuery]:
    """The saved queries with this place (`home` or `network`), by name."""
    return [query for query in queries(release).values() if query.place == place]


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
    answered = ask(Request(text, release.manifest.base, NegotiatedFormat.of(HTML), None), {}, seconds)
    assert isinstance(answered.body, bytes)  # noqa: S101 - pages have but the beginning of an answer
    columns, found = results.solutions(answered.body)
    return ResultTable(columns, found, answered.truncated)
