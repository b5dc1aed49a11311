"""The interface of what answers queries: query processes over a release (pool.py), or another endpoint (remote.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.query.answers import QueryResponse
    from server.query.requests import Asked
    from server.settings import Settings


@dataclass(frozen=True)
class Limits:
    """Limits of one query: seconds; MiB of memory, of its result and of its text.

    memory: None where it is another server's. client: requests that one client may have under way in one web process;
    client_long: long queries of these.
    """

    seconds: float
    memory: int | None
    result: int
    length: int
    client: int
    client_long: int

    @classmethod
    def of(cls, settings: Settings, memory: int | None) -> Limits:
        """The limits of the settings; memory: that of a query process."""
        return cls(
            settings.query_seconds,
            memory,
            settings.query_result,
            settings.query_length,
            settings.client_requests,
            settings.client_slow,
        )


class Evaluator(Protocol):
    """Answers requests; any thread may call it."""

    @property
    def limits(self) -> Limits:
        """The limits of every query."""

    @property
    def follows_release(self) -> bool:
        """Whether the same request has the same answer as long as the release is the same."""

    def wait_until_ready(self) -> str | None:
        """Return when it can answer, with what is wrong with the sandbox of queries if that is tolerated."""

    def respond(
        self, environ: Mapping[str, str], asked: Asked, client: str = "", seconds: float | None = None
    ) -> QueryResponse:
        """Answer the request of a client; raises HTTPProblem or a QueryError.

        environ: of the HTTP request (server/query/requests.py has the keys), as far as the response depends on it.
        seconds: the time it has, waiting included, if that is less than the limit.
        """

    def close(self) -> None:
        """Close connections and end processes; nobody asks any more."""
