"""Counts and times the requests that the application answers; those answered from memory the cache counts itself."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.http.context import KEY, RequestContext
from server.metrics import REFUSALS, REQUESTS, SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.metrics import Metrics

_NOT_OF_WORDS = re.compile(r"\W+")
_METHODS = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS", "PUT", "DELETE", "PATCH"})
_REFUSED = frozenset({408, 413, 414, 421, 429, 431, 503, 507})
_OTHER, _NONE = "other", "none"


class MetricsMiddleware:
    """The route is the endpoint of Flask; `none` where no part of the application was asked."""

    def __init__(self, application: WSGIApplication, metrics: Metrics) -> None:
        self._application, self._metrics = application, metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        statuses = ["500"]

        def start(status: str, *rest: object) -> object:
            statuses[0] = status[:3]
            return start_response(status, *rest)  # type: ignore[arg-type]

        try:
            return self._application(environ, start)  # type: ignore[arg-type]
        finally:
            context: RequestContext | None = environ.get(KEY)
            route = (context and context.route) or _NONE
            count(self._metrics, route, environ["REQUEST_METHOD"], statuses[0], context.reason if context else "")
            self._metrics.observe(SECONDS, time.perf_counter() - began, route)


def count(metrics: Metrics, route: str, method: str, status: str, reason: str = "") -> None:
    """Count a request, and the refusal that it may have been."""
    metrics.count(REQUESTS, route, method if method in _METHODS else _OTHER, status)
    if int(status) in _REFUSED:
        metrics.count(REFUSALS, reason or _NOT_OF_WORDS.sub("_", HTTPStatus(int(status)).phrase.lower()))
