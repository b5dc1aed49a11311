"""Every address is the TimeGate of its versions (RFC 7089, pattern 1.1): Accept-Datetime leads into a release.

Who names a time is sent to the same address below `/release/<id>/`, which caches keep as it is; so nothing is kept by
time, and without the field all is as before. A TimeGate apart would have to be found before it could be asked.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug import Response

from core.formats import LINK_FORMAT
from core.wording import gettext_noop
from server.http import headers, host
from server.http.context import KEY
from server.http.refusals import refusal
from server.http.responses import link, uri
from server.semantics.memento import FIELD, Memento, has_versions, memento_links, parse_accept_datetime, since
from server.versions import PAGE, KeptVersions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.http.context import RequestContext
    from server.model.urls import Urls
    from server.query.cache import Cache
    from server.releases import CurrentRelease

_METHODS = frozenset({"GET", "HEAD"})
_ROUTE = "timegate"
_NO_DATE = gettext_noop("Accept-Datetime has to be a date such as 'Thu, 31 May 2007 20:35:00 GMT'.")


class TimeGateMiddleware:
    """Redirects GET and HEAD with Accept-Datetime to the release that was current then; the rest goes on."""

    def __init__(self, application: WSGIApplication, current: CurrentRelease, cache: Cache) -> None:
        self._application, self._current, self._cache = application, current, cache

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if FIELD not in environ or environ["REQUEST_METHOD"] not in _METHODS:
            return self._application(environ, start_response)
        context: RequestContext = environ[KEY]
        urls, local = context.release.urls, headers.local(headers.path(environ), environ["QUERY_STRING"])
        is_original = not urls.within and has_versions(local)
        response = self._choose(environ, urls, local) if is_original and host.is_valid(environ) else None
        if response is None:
            return self._application(environ, start_response)
        context.route = _ROUTE
        return list(response(environ, start_response))

    def _choose(self, environ: WSGIEnvironment, urls: Urls, local: str) -> Response | None:
        """The redirect, or what is wrong with the time; None where no release is kept."""
        when = parse_accept_datetime(environ[FIELD])
        if when is None:
            return refusal(environ, HTTPStatus.BAD_REQUEST, _NO_DATE)
        versions = KeptVersions(self._current.history, self._cache, urls.base)
        return _redirect(versions, urls, local, when) if versions.all else None


def _redirect(versions: KeptVersions, urls: Urls, local: str, when: datetime) -> Response:
    iri = versions.resource(local, urls)
    place = versions.place(iri, when)
    page, chosen = place // PAGE, versions.all[place]
    address = partial(urls.permanent, urls.root + local)
    memento = Memento(address(chosen.id), since(chosen))
    mementos = versions.mementos(iri, page, address)
    near = memento_links(mementos, memento, is_first=page == 0, is_last=page == versions.pages - 1)
    links = [
        link(urls.base + local, "original timegate"),
        link(urls.timemap(local), "timemap", type=LINK_FORMAT.media_type),
        *(link(target, relation, **attributes) for target, relation, attributes in near),
    ]
    fields = {
        **headers.COMMON,
        "Location": uri(urls.of_release(chosen.id, local)),
        "Vary": "Accept-Datetime",
        "Link": ", ".join(links),
        "Cache-Control": "no-cache",  # releases come and go
    }
    response = Response(status=HTTPStatus.FOUND, headers=fields, content_type="text/plain; charset=utf-8")
    response.autocorrect_location_header = False
    return response
