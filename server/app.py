"""The application: which parts there are, and what holds for every request and answer."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from server.http import languages
from server.middleware.cache import CacheMiddleware
from server.middleware.express import Express
from server.middleware.release import ReleaseMiddleware
from server.model.urls import is_link
from server.pages import errors
from server.releases import CurrentRelease
from server.routes import (
    assets,
    catalog,
    changes,
    crawlers,
    downloads,
    editor,
    graph_store,
    home,
    lists,
    network,
    releases,
    resources,
    saved_queries,
    search,
    sparql,
    vocabulary,
)

if TYPE_CHECKING:
    from server.settings import Settings

_EXPOSED = (
    "Accept-Query, Content-Location, Content-Range, ETag, Link, Location, Repr-Digest, Retry-After, Server-Timing"
)
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"


def create_app(settings: Settings) -> Flask:
    """Open the current release and wire the parts; raises ParkGraphError where there is nothing to serve.

    The processes that run queries are started here, before the server starts its threads.
    """
    current = CurrentRelease(settings.releases, settings)
    app = Flask(__name__)
    app.url_map.strict_slashes = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.tests["link"] = is_link
    app.extensions["current"] = current

    app.after_request(releases.mark)
    app.after_request(_add_headers)
    languages.install(app)
    errors.install(app)
    assets.install(app)
    for routes in (
        assets,
        home,
        saved_queries,
        editor,
        resources,
        vocabulary,
        catalog,
        crawlers,
        downloads,
        releases,
        changes,
        sparql,
        graph_store,
        lists,
        search,
        network,
    ):
        app.register_blueprint(routes.blueprint)
    app.wsgi_app = Express(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = ReleaseMiddleware(app.wsgi_app, current)  # type: ignore[method-assign]
    if settings.trusted_proxies:  # the fields for scheme, host and path are left alone: pages link by path
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, 0, 0, 0, 0)  # type: ignore[method-assign]
    front = CacheMiddleware(app.wsgi_app, current, settings)
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
