"""Answers to queries, and the responses that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.versions import Version

if TYPE_CHECKING:
    from core.formats import Format


@dataclass(frozen=True)
class Answer:
    """The whole answer to a query: its format, its size in bytes, and it itself, or the descriptor of its file.

    form: `results`, `boolean` or `graph`. truncated: whether a page has but the beginning of it. version: of RDF, that
    the answer needs.
    """

    format: Format
    size: int
    body: bytes | int
    form: str
    truncated: bool
    version: Version = Version.RDF_1_1


def timing(waited: float, ran: float) -> str:
    """The value of Server-Timing for seconds that a query waited and ran (https://www.w3.org/TR/server-timing/)."""
    return f"wait;dur={waited * 1000:.1f}, query;dur={ran * 1000:.1f}"


@dataclass(frozen=True)
class QueryResponse:
    """A whole HTTP response, or what a page is made of, to be completed by the web process.

    status, fields: of the response, with all header fields that depend on the query and the release. form: of a page
    alone: `results`, `boolean` or `graph`; its body is in the format HTML (server/query/writing.py). truncated: whether
    that is but the beginning of the answer. parameters: of the operation, for addresses that repeat it. is_repeatable:
    whether another run gives the same.
    """

    status: int
    fields: dict[str, str]
    size: int
    body: bytes | int
    is_repeatable: bool
    form: str = ""
    truncated: bool = False
    parameters: tuple[tuple[str, str], ...] = ()
