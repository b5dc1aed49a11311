"""IRIs and names, as the tools take and tell them, and the types of their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import pyoxigraph as ox
from pydantic import Field

from core.labels import local_name, primary_subtag, words_of
from server.mcp.site import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.mcp.site import Site

MOST = 1_000  # rows, or triples, of an answer, and names that are looked up
LONGEST_QUERY = 20_000  # characters
_LONGEST_IRI = 2_000
_AT_ONCE = 100  # names

Language: TypeAlias = Annotated[Literal["en", "de", "zh"], Field(description="Of names and texts.")]
Iri: TypeAlias = Annotated[str, Field(max_length=_LONGEST_IRI)]
Limit: TypeAlias = Annotated[int, Field(ge=1, le=MOST)]
After: TypeAlias = Annotated[str | None, Field(max_length=2 * _LONGEST_IRI, description="The 'next' of an answer.")]


def to_iri(text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        raise SiteError(f"{text!r} is no absolute IRI; search finds the IRI of a name.") from error


def fallback(iri: str) -> str:
    return words_of(iri) or local_name(iri)


def labels_of(site: Site, iris: Iterable[str], language: Language) -> dict[str, str]:
    """The names of resources, a hundred at a time, as the site has them."""
    wanted, found = list(dict.fromkeys(iris))[:MOST], dict[str, str]()
    for start in range(0, len(wanted), _AT_ONCE):
        rows = site.json("names", {"iri": wanted[start : start + _AT_ONCE], "lang": language})
        found |= {iri: row["name"] for iri, row in rows.items()}
    return found


def for_reader(said: Iterable[tuple[Any, Any]], language: str) -> Iterable[tuple[Any, Any]]:
    """Properties and values without texts in other languages than the reader's, where there is one in that."""
    said = list(said)
    served = {p for p, o in said if isinstance(o, ox.Literal) and primary_subtag(o.language or "") == language}
    for p, o in said:
        if p not in served or not isinstance(o, ox.Literal) or primary_subtag(o.language or "") == language:
            yield p, o
