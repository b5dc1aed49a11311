"""Answers to queries, and the responses that are made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.versions import Version

if TYPE_CHECKING:
    from core.formats import Format


@dataclass(frozen=True)
class Answer:
    """The whole answer to a query: its format, its size in bytes, and it itself, or the descriptor of its file.

    form: `results`, `boolean` or `graph`. truncated: whether a page has but the beginning of it. version: of RDF, that
    the answer needs. evaluated: the text that was evaluated, None where the release had the answer. writing: seconds.
    """

    format: Format
    size: int
    body: bytes | int
    form: str
    truncated: bool
    version: Version = Version.RDF_1_1
    evaluated: str | None = None
    writing: float = 0.0


@dataclass(frozen=True)
class QueryResponse:
    """A whole HTTP response, or what a page is made of, to be completed by the web process.

    status, fields: of the response, with all header fields that depend on the query and the release. form: of a page
    alone: `results`, `boolean` or `graph`, with the body in the format HTML (server/query/writing.py); `explanation`,
    with the body in JSON; `service`, where nothing was asked. truncated: whether that is but the beginning of the
    answer. parameters: of the operation, for addresses that repeat it. is_repeatable: whether another run gives the
    same. times: seconds that it took, by what for: `wait`, `evaluate`, `write`.
    """

    status: int
    fields: dict[str, str]
    size: int
    body: bytes | int
    is_repeatable: bool
    form: str = ""
    truncated: bool = False
    parameters: tuple[tuple[str, str], ...] = ()
    times: dict[str, float] = field(default_factory=dict)

    def tell_time(self, waited: float, passed: float) -> None:
        """Have the seconds that the request waited, and that it took in all, told in Server-Timing.

        https://www.w3.org/TR/server-timing/
        """
        write = self.times.pop("write", 0.0)
        self.times.update(wait=waited, evaluate=passed - waited - write, write=write)
        durations = (f"{name};dur={self.times[name] * 1000:.2f}" for name in self.times)
        self.fields["Server-Timing"] = ", ".join(durations)
