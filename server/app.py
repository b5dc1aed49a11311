"""The application: its routes, and the middleware that each request passes on its way to them."""

from __future__ import annotations

import atexit
import tempfile
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.utils import find_modules, import_string

from server.access_log import AccessLog
from server.http import headers, host, languages
from server.http.nginx import Nginx
from server.metrics import (
    CACHE_BYTES,
    CACHE_ENTRIES,
    PROCESSES,
    QUERIES,
    RELEASE,
    STARTS,
    TRIPLES,
    Metrics,
    SharedMemory,
)
from server.middleware.access_log import AccessLogMiddleware
from server.middleware.body import BodyMiddleware
from server.middleware.cache import CacheMiddleware
from server.middleware.documents import DocumentsMiddleware
from server.middleware.forwarded import ForwardedMiddleware
from server.middleware.limits import LimitsMiddleware
from server.middleware.metrics import MetricsMiddleware
from server.middleware.query import QueryMiddleware
from server.middleware.release import ReleaseMiddleware
from server.middleware.shares import SharesMiddleware
from server.middleware.timegate import TimeGateMiddleware
from server.middleware.turns import TurnsMiddleware
from server.model.urls import is_link
from server.pages import errors, fact_markup, markup
from server.query.cache import Cache
from server.releases import CurrentRelease
from server.routes import assets, status
from server.shares import ClientQuota, FairQueue, WaitingRoom

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

    from server.settings import Settings

# of the modules of server/routes, which are imported with this one, before web processes are forked
_MODULES = map(import_string, find_modules("server.routes"))
_BLUEPRINTS = [module.blueprint for module in _MODULES if hasattr(module, "blueprint")]
_PART = 8  # of the threads for files, and of those for bodies, one client has this part at most
_AT_ONCE = 2  # requests that one web process works on at once, those that wait for a query or a client not counted


def create_app(settings: Settings, memory: SharedMemory | None = None) -> Flask:
    """Open the current release and wire the parts; raises ParkGraphError where there is nothing to serve.

    The processes that run queries are started here, before the server starts its threads. memory: what web processes
    count in together; without it this one counts alone.
    """
    metrics = Metrics(memory or SharedMemory.create(1))
    tempfile.gettempdir()  # found out while it can be written to; later another folder might be taken
    current = CurrentRelease(settings.releases, settings)
    cache = Cache(settings.cache_memory << 20)
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.tests["link"] = is_link
    app.extensions["current"] = current

    app.extensions["cache"] = cache
    app.extensions["metrics"] = metrics
    app.extensions["tells_metrics"] = not settings.metrics
    app.extensions["readiness"] = status.Readiness()
    app.extensions["chart_seconds"] = settings.chart_seconds
    app.extensions["result_files"] = ClientQuota(settings.query_result << 20, settings.result_files << 20)  # bytes
    app.extensions["nginx"] = Nginx(settings.releases, settings.nginx_files) if settings.nginx_files else None

    app.after_request(headers.complete)
    host.install(app)
    languages.install(app)
    errors.install(app)
    markup.install(app)
    fact_markup.install(app)
    assets.install(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    queue = app.extensions["places"] = FairQueue(
        _AT_ONCE, WaitingRoom(max(0, settings.document_threads - _AT_ONCE)), "requests"
    )
    files = ClientQuota(max(1, settings.file_threads // _PART), settings.file_threads)
    requests = app.extensions["requests"] = ClientQuota(settings.client_requests)
    bodies, long_queries = (
        ClientQuota(max(1, settings.body_threads // _PART), settings.body_threads) for _ in ("read", "under way")
    )
    middleware: list[Callable[[WSGIApplication], WSGIApplication]] = [  # the first one gets a request first
        *([partial(ForwardedMiddleware, proxies=proxies)] if (proxies := settings.trusted_proxies) else []),
        *_access_log(settings, current),
        partial(LimitsMiddleware, metrics=metrics),
        partial(CacheMiddleware, current=current, cache=cache, metrics=metrics),
        partial(MetricsMiddleware, metrics=metrics),
        partial(SharesMiddleware, quota=requests),
        partial(BodyMiddleware, settings=settings, paths=_body_paths(app), quota=bodies, long_quota=long_queries),
        partial(ReleaseMiddleware, current=current, files=files),
        partial(TimeGateMiddleware, current=current, cache=cache),
        partial(QueryMiddleware, cache=cache, files=app.extensions["result_files"], nginx=app.extensions["nginx"]),
        partial(TurnsMiddleware, queue=queue),
        partial(DocumentsMiddleware, nginx=app.extensions["nginx"]),
    ]
    for layer in reversed(middleware):
        app.wsgi_app = layer(app.wsgi_app)  # type: ignore[method-assign,assignment]
        if isinstance(app.wsgi_app, CacheMiddleware):
            app.extensions["site"] = app.wsgi_app  # as tools ask it, on behalf of a client
    fault = current.wait_until_ready()
    if fault is not None:
        app.logger.warning("queries run without network sandbox: %s", fault)
    _watch(metrics, current, cache)
    atexit.register(current.close)
    return app


def _access_log(settings: Settings, current: CurrentRelease) -> list[Callable[[WSGIApplication], WSGIApplication]]:
    if not settings.access_log:
        return []
    log = AccessLog(settings.access_log)
    return [partial(AccessLogMiddleware, log=log, current=current, queries=settings.access_log_queries)]


def _watch(metrics: Metrics, current: CurrentRelease, cache: Cache) -> None:
    """Have the metrics look at what this process has."""
    metrics.count(STARTS, "web")
    metrics.watch(PROCESSES, lambda: {("web",): 1, ("query",): current.query_processes})
    metrics.watch(QUERIES, current.queries)
    metrics.watch(CACHE_BYTES, lambda: {(): cache.size})
    metrics.watch(CACHE_ENTRIES, lambda: {(): len(cache)})
    metrics.watch(RELEASE, lambda: {(current.manifest.id, current.manifest.created): 1})
    metrics.watch(TRIPLES, lambda: {(current.manifest.id,): current.manifest.counts.triples})


def _body_paths(app: Flask) -> dict[str, tuple[str, ...]]:
    """For each method whose requests have a body that is read, the ends of the paths that take it."""
    paths: dict[str, tuple[str, ...]] = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            paths[method] = (*paths.get(method, ()), rule.rule)
    return paths
