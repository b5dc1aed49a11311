"""The application: which parts there are, and what holds for every request and answer."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.wsgi import ClosingIterator

from server import catalog, documents, dumps, home, ontology, problems, sparql
from server.pages import ENVIRON_KEY
from server.publication import Current

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.settings import Settings

_EXPOSED = "Content-Location, Content-Range, ETag, Link, Location, Repr-Digest, Retry-After"
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"


def create_app(settings: Settings) -> Flask:
    """Open the current release and wire the parts; raises ParkGraphError where there is nothing to serve.

    The processes that run queries are started here, before the server starts its threads.
    """
    current = Current(settings.releases, settings)
    app = Flask(__name__)
    app.url_map.strict_slashes = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["current"] = current

    app.after_request(_add_headers)
    problems.install(app)
    for part in (home, documents, ontology, catalog, dumps, sparql):
        app.register_blueprint(part.blueprint)
    app.wsgi_app = _Front(app.wsgi_app, current)  # type: ignore[method-assign]
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
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = _POLICY
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
        headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, Content-Type, If-None-Match, Range"
        headers["Access-Control-Max-Age"] = "86400"
    return response


class _Front:
    """Gives each request its release, which stays open until the last byte is sent.

    Serves below the path of the base IRI, if that has one: `/data/sparql` for `https://example.org/data/`.
    """

    def __init__(self, application: WSGIApplication, current: Current) -> None:
        self._application, self._current = application, current

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        publication = self._current.hold()
        environ[ENVIRON_KEY] = publication
        root = publication.urls.root.rstrip("/")
        path = environ["PATH_INFO"]
        if root and path.startswith(f"{root}/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + root
            environ["PATH_INFO"] = path[len(root) :]
        try:
            body = self._application(environ, start_response)
        except BaseException:
            publication.let_go()
            raise
        if not isinstance(body, ClosingIterator):  # a file, which is sent piece by piece
            return ClosingIterator(body, publication.let_go)
        try:
            return list(body)
        finally:
            body.close()
            publication.let_go()
