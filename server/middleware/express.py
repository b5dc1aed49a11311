"""The shortest way for a query: `GET /sparql?query=…` and no more, in any format but a page.

Everything unusual about a request, or its answer, is left to the framework, which never runs the query again. The head
of an answer is that of the first one of its kind, which the framework has made, with what differs filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import quote, unquote_to_bytes

from werkzeug.wsgi import ClosingIterator

from core.errors import ParkGraphError
from core.formats import HTML
from server.http.conditional import entity_tag
from server.http.context import ENVIRON_KEY, ON_CLOSE_KEY
from server.http.negotiation import negotiate
from server.http.queries import OUTCOME_KEY, SHARED_KEY, note_kept, timing
from server.model.urls import SAFE_IN_PATH
from server.query.engine import Request
from server.query.guard import is_deterministic
from server.query.quota import client_of
from server.routes.sparql import GRAPHS, RESULTS, variant

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.query.answers import Answer
    from server.releases import OpenRelease

_PATH, _QUERY = "/sparql", "query="
_LONGEST = 1500  # characters of the address; a longer one may have another head
_KINDS = 200  # heads that are remembered
_CONDITIONS = frozenset({"HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_IF_UNMODIFIED_SINCE"})
_GAP = "\0"  # stands in a head for the query of the address; no field can hold it
_IN_LINKS = SAFE_IN_PATH + "?%"
_SPECIAL = frozenset({"HTTP_ACCEPT_DATETIME", "HTTP_RANGE"}) | _CONDITIONS


class _Asked(NamedTuple):
    """A query, and the tag of its answer."""

    request: Request
    tag: str


class Express:
    """A layer of WSGI below the one that gives each request its release."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._heads: dict[Hashable, list[tuple[str, str]]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        release: OpenRelease = environ[ENVIRON_KEY]
        asked = _asked(environ, release)
        if asked is None:
            return self._application(environ, start_response)
        client = client_of(environ.get("REMOTE_ADDR", ""))
        if not release.quota.acquire(client):
            return self._application(environ, start_response)
        environ[SHARED_KEY] = True
        environ[ON_CLOSE_KEY].append(lambda: release.quota.release(client))
        try:
            answer = environ[OUTCOME_KEY] = release.pool.run(asked.request, client)
        except ParkGraphError as error:
            environ[OUTCOME_KEY] = error
            return self._application(environ, start_response)
        if isinstance(answer.body, int):
            return self._application(environ, start_response)
        kind = _kind(environ, release, answer)
        values = {"ETag": f'"{asked.tag}"', "Content-Length": str(answer.size), "Server-Timing": timing(answer)}
        head = self._heads.get(kind)
        if head is None:
            return self._application(environ, self._learning(kind, values, environ, start_response))
        note_kept(environ, answer)
        address = _address(environ)
        start_response("200 OK", [(name, values.get(name) or value.replace(_GAP, address)) for name, value in head])
        return ClosingIterator([answer.body])

    def _learning(
        self, kind: Hashable, values: dict[str, str], environ: WSGIEnvironment, start_response: StartResponse
    ) -> StartResponse:
        """Remember the head that the framework makes, if it has what is filled in."""

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> Callable[[bytes], object]:
            told = dict(headers)
            if status.startswith("200") and all(told.get(name) == value for name, value in values.items()):
                if len(self._heads) >= _KINDS:
                    self._heads.clear()
                address = _address(environ)
                self._heads[kind] = [(name, value.replace(address, _GAP)) for name, value in headers]
            return start_response(status, headers, *error)  # type: ignore[arg-type]

        return cast("StartResponse", start)


def _asked(environ: WSGIEnvironment, release: OpenRelease) -> _Asked | None:
    """What is asked, if that is all."""
    text = environ["QUERY_STRING"]
    if (
        environ["PATH_INFO"] != _PATH
        or environ["REQUEST_METHOD"] != "GET"
        or not text.startswith(_QUERY)
        or "&" in text
        or len(text) > _LONGEST
        or not text.isascii()
        or not environ.keys().isdisjoint(_SPECIAL)
        or release.urls.within
        or not release.pool.follows_release
    ):
        return None
    accept = environ.get("HTTP_ACCEPT")
    results, graph = negotiate(accept, RESULTS), negotiate(accept, GRAPHS)
    if (results is None and graph is None) or HTML in {choice.format for choice in (results, graph) if choice}:
        return None
    try:
        query = unquote_to_bytes(text[len(_QUERY) :].replace("+", " ")).decode()
    except UnicodeDecodeError:
        return None
    if not query.strip() or not is_deterministic(query):
        return None
    base = release.manifest.base
    request = Request(
        query, base, results.format.extension if results else None, graph.format.extension if graph else None
    )
    return _Asked(request, entity_tag(release.manifest, *variant(request, results, graph)))


def _kind(environ: WSGIEnvironment, release: OpenRelease, answer: Answer) -> Hashable:
    """All that a head depends on, but for what is filled in."""
    get = environ.get
    return (
        release.folder.id,
        get("HTTP_ACCEPT"),
        get("HTTP_ACCEPT_LANGUAGE"),
        get("HTTP_HOST"),
        environ["wsgi.url_scheme"],
        environ.get("SCRIPT_NAME"),
        answer.format,
        answer.form,
    )


def _address(environ: WSGIEnvironment) -> str:
    """The query as links repeat it."""
    return quote(environ["QUERY_STRING"], safe=_IN_LINKS)
