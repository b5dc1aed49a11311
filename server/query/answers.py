"""Answers to queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.versions import Version

if TYPE_CHECKING:
    from core.formats import Format


@dataclass(frozen=True)
class Answer:
    """The whole answer to a query: its format, its size in bytes, and it itself, or the descriptor of its file.

    form: `results`, `boolean` or `graph`. truncated: whether a page has but the beginning of it. waited, ran: seconds.
    cached: whether it comes from the cache. version: of RDF, that the answer needs.
    """

    format: Format
    size: int
    body: bytes | int
    form: str
    truncated: bool
    waited: float = 0.0
    ran: float = 0.0
    cached: bool = False
    version: Version = Version.RDF_1_1
