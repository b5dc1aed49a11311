"""The application: its routes, and the middleware that each request passes on its way to them."""

from __future__ import annotations

import atexit
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from server.http import headers, host, languages
from server.http.nginx import Nginx
from server.middleware.cache import CacheMiddleware
from server.middleware.forwarded import ForwardedMiddleware
from server.middleware.limits import LimitsMiddleware
from server.middleware.release import ReleaseMiddleware
from server.model.urls import is_link
from server.pages import errors
from server.query.cache import Cache
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
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

    from server.settings import Settings


def create_app(settings: Settings) -> Flask:
    """Open the current release and wire the parts; raises ParkGraphError where there is nothing to serve.

    The processes that run queries are started here, before the server starts its threads.
    """
    current = CurrentRelease(settings.releases, settings)
    cache = Cache(settings.cache_memory << 20)
    app = Flask(__name__)
    app.url_map.strict_slashes = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.tests["link"] = is_link
    app.extensions["current"] = current

    app.extensions["cache"] = cache
    app.extensions["nginx"] = Nginx(settings.releases, settings.nginx_files) if settings.nginx_files else None

    app.after_request(headers.complete)
    host.install(app)
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
    middleware: list[Callable[[WSGIApplication], WSGIApplication]] = [  # the first one gets a request first
        *([partial(ForwardedMiddleware, proxies=proxies)] if (proxies := settings.trusted_proxies) else []),
        LimitsMiddleware,
        partial(CacheMiddleware, current=current, cache=cache),
        partial(ReleaseMiddleware, current=current),
    ]
    for layer in reversed(middleware):
        app.wsgi_app = layer(app.wsgi_app)  # type: ignore[method-assign,assignment]
    fault = current.wait_until_ready()
    if fault is not None:
        app.logger.warning("queries run without network sandbox: %s", fault)
    atexit.register(current.close)
    return app
