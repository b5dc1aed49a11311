"""The application: which parts there are, and what holds for every request and answer."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Self
from weakref import finalize

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import ClosingIterator

from release.reader import RELEASE
from server import languages
from server.browsing import crawlers, home, lists, network, search
from server.endpoint import data_api, editor, sparql, store
from server.entities import documents
from server.front.express import Express
from server.front.layer import Front
from server.holdings import catalog, changes, dumps, releases
from server.publication import Current
from server.terms import ontology
from server.urls import is_link
from server.web import assets, problems
from server.web.pages import AT_END_KEY, ENVIRON_KEY, RELEASE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.publication import Publication
    from server.settings import Settings

_EXPOSED = (
    "Accept-Query, Content-Location, Content-Range, ETag, Link, Location, Repr-Digest, Retry-After, Server-Timing"
)
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
_RELEASES = f"/{RELEASE}"


def create_app(settings: Settings) -> Flask:
    """Open the current release and wire the parts; raises ParkGraphError where there is nothing to serve.

    The processes that run queries are started here, before the server starts its threads.
    """
    current = Current(settings.releases, settings)
    app = Flask(__name__)
    app.url_map.strict_slashes = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.tests["link"] = is_link
    app.extensions["current"] = current

    app.after_request(releases.mark)
    app.after_request(_add_headers)
    languages.install(app)
    problems.install(app)
    assets.install(app)
    for part in (
        assets,
        home,
        data_api,
        editor,
        documents,
        ontology,
        catalog,
        crawlers,
        dumps,
        releases,
        changes,
        sparql,
        store,
        lists,
        search,
        network,
    ):
        app.register_blueprint(part.blueprint)
    app.wsgi_app = Express(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = _Front(app.wsgi_app, current)  # type: ignore[method-assign]
    if settings.trusted_proxies:  # the fields for scheme, host and path are left alone: pages link by path
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, 0, 0, 0, 0)  # type: ignore[method-assign]
    front = Front(app.wsgi_app, current, settings)
    app.wsgi_app = front  # type: ignore[method-assign]
    app.extensions["front"] = front
    fault = current.wait_until_ready()
    if fault is not None:
        app.logger.warning("queries run without network sandbox: %s", fault)
    atexit.register(current.close)
    return app


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = _EXPOSED
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Timing-Allow-Origin"] = "*"
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = _POLICY
        headers["Content-Language"] = languages.language()
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
        headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, Content-Type, If-None-Match, Range"
        headers["Access-Control-Max-Age"] = "86400"
        headers.remove("Content-Type")
    return response


class _Front:
    """Gives each request its release, which stays open until the last byte is sent.

    Serves below the path of the base IRI, if that has one: `/data/sparql` for `https://example.org/data/`.
    """

    def __init__(self, application: WSGIApplication, current: Current) -> None:
        self._application, self._current = application, current

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        publication = self._current.hold()
        environ[ENVIRON_KEY], environ[RELEASE_KEY] = publication, publication.release.id
        environ[AT_END_KEY] = at_end = [publication.let_go]
        root = publication.urls.root.rstrip("/")
        if root and environ["PATH_INFO"].startswith(f"{root}/"):
            _descend(environ, len(root))
        try:
            if environ["PATH_INFO"].startswith(_RELEASES):
                self._enter_release(environ, publication, at_end)
            body = self._application(environ, start_response)
            if not isinstance(body, ClosingIterator):  # a file, which is sent piece by piece
                at_end, body = [], _Pieces(body, at_end)
                return body
            try:
                return list(body)
            finally:
                body.close()
        finally:
            for call in at_end:
                call()

    def _enter_release(self, environ: WSGIEnvironment, current: Publication, at_end: list[Callable[[], None]]) -> None:
        """Answer what lies below `/release/<id>/` from that release; where it is not there, a route says so."""
        identity, slash, _ = environ["PATH_INFO"][len(_RELEASES) :].partition("/")
        named = self._current.archive.hold(identity, current, at_end) if slash else None
        if named is not None:
            environ[ENVIRON_KEY] = named
            _descend(environ, len(_RELEASES) + len(identity))


def _descend(environ: WSGIEnvironment, length: int) -> None:
    """Take so many characters from the path to where the application is mounted (PEP 3333)."""
    path = environ["PATH_INFO"]
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path[:length]
    environ["PATH_INFO"] = path[length:]


class _Pieces:
    """A body that is sent piece by piece, and what is to be called when that has ended.

    The application server closes it only after its last piece. Where the client leaves before, it is dropped.
    """

    def __init__(self, body: Iterable[bytes], at_end: Sequence[Callable[[], None]]) -> None:
        self._next = iter(body).__next__
        self._close = finalize(self, _end, body, at_end)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return self._next()

    def close(self) -> None:
        self._close()


def _end(body: Iterable[bytes], at_end: Sequence[Callable[[], None]]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
    for call in at_end:
        call()
