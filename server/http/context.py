"""What a request has of its own: the release that it is answered from, and who sent it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from flask import request

from server.clients import client_of
from server.http.languages import chosen_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.model.urls import Urls
    from server.query.answers import QueryResponse
    from server.releases import OpenRelease
    from server.shares import Place

KEY = "parkgraph.request"  # the one key of ours in the WSGI environ, with a RequestContext


@dataclass(slots=True)
class RequestContext:
    """Set by ReleaseMiddleware for each request.

    current: id of the release that was current when the request came; `release` may be an older one, that its path
    names. on_close: functions to call when the last byte of the response has been sent. place: the one that the request
    has among those that are made, which it leaves while it waits for something else. outcome: what came of
    the query operation that it is, if it is one. identity: the id of its release, when it has been answered. route: the
    endpoint of Flask. reason: why a limit refused it, beyond what the status says.
    """

    release: OpenRelease
    current: str
    on_close: list[Callable[[], None]]
    place: Place = field(init=False)
    outcome: QueryResponse | Exception | None = None
    identity: str = ""
    route: str = ""
    reason: str = ""

    def close(self) -> None:
        """Give up the release, which else stays in memory with the WSGI environ: that refers to itself."""
        self.identity, self.outcome = self.release.manifest.id, None  # the traceback of an error refers to this
        while self.on_close:
            self.on_close.pop()()
        del self.release


def request_context() -> RequestContext:
    return cast("RequestContext", request.environ[KEY])


def current_release() -> OpenRelease:
    """The release of this request: one and the same from its beginning to its end."""
    return cast("RequestContext", request.environ[KEY]).release


def client() -> str:
    """The client of this request, as quotas count clients."""
    return client_of(request.remote_addr or "")


def links() -> Urls:
    """The addresses that a page links to: they keep the language that the reader has chosen."""
    return current_release().urls.asking_for(chosen_language())
