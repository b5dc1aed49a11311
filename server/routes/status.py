"""For operators: whether the process lives, whether it can answer, and what it counts."""

from __future__ import annotations

import sqlite3
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request

from core.errors import ParkGraphError
from core.formats import RESULTS_JSON
from release.manifest import FILE_NAME
from server import metrics
from server.http.context import current_release
from server.http.languages import gettext
from server.http.problems import DETAILS
from server.query.requests import Request
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from server.releases import OpenRelease

blueprint = Blueprint("status", __name__)

_TEXT = "text/plain; charset=utf-8"
_QUERY_SECONDS = 2.0
_SEEN_SECONDS = 1.0  # for which a finding holds


@blueprint.get("/health")
def health() -> Response:
    """The id of the release that is served: this process takes requests."""
    return _uncached(f"{current_release().folder.id}\n", _TEXT)


@blueprint.get("/ready")
def ready() -> Response:
    """Whether a query and a page can be answered now; a 503 problem says which cannot."""
    readiness: Readiness = current_app.extensions["readiness"]
    faults = readiness.faults(current_release())
    if faults:
        raise HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, "; ".join(faults) + ".", headers={"Retry-After": "5"})
    return _uncached("ready\n", _TEXT)


@blueprint.get(metrics.PATH)
def tell_metrics() -> Response:
    """The metrics of all web processes, unless they have an address of their own."""
    if not current_app.extensions["tells_metrics"] or current_release().urls.within:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext(DETAILS[HTTPStatus.NOT_FOUND]))
    counted: metrics.Metrics = current_app.extensions["metrics"]
    response = _uncached(*counted.text(request.headers.get("Accept", "")))
    response.vary.add("Accept")
    return response


class Readiness:
    """What cannot be answered now; it is tried at most once a second, whoever asks, and counts in nobody's share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked = -_SEEN_SECONDS
        self._faults: list[str] = []

    def faults(self, release: OpenRelease) -> list[str]:
        """A clause for each kind of answer that cannot be given."""
        with self._lock:
            if time.monotonic() - self._looked >= _SEEN_SECONDS:
                self._faults = [*filter(None, (_fault_of_queries(release), _fault_of_pages(release)))]
                self._looked = time.monotonic()
            return self._faults


def _fault_of_queries(release: OpenRelease) -> str | None:
    try:
        query = Request("ASK {}", release.manifest.base, NegotiatedFormat.of(RESULTS_JSON), None)
        release.pool.respond({}, query, seconds=_QUERY_SECONDS)
    except (ParkGraphError, OSError) as error:
        return f"Queries are not answered: {error}"
    return None


def _fault_of_pages(release: OpenRelease) -> str | None:
    """Read from each file of the release that pages need."""
    try:
        (release.folder.path / FILE_NAME).stat()
        release.index.number(release.manifest.base)
        release.links.totals(release.manifest.base)
        next(iter(release.store.quads_for_pattern(None, None, None, None)), None)
    except (OSError, sqlite3.Error) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        return f"Pages are not answered: the release cannot be read ({what})"
    return None


def _uncached(body: str | bytes, content_type: str) -> Response:
    response = Response(body, content_type=content_type)
    response.cache_control.no_store = True
    return response
