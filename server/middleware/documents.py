"""Answers with documents in RDF without the framework, which takes longer than most of them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from werkzeug.datastructures import Headers

from core.errors import ReleaseError
from core.formats import HTML
from server.http import documents, headers, host
from server.http.context import KEY
from server.model import moves
from server.model.serialization import UnwritableError
from server.model.urls import THINGS
from server.query.answers import Answer
from server.query.responder import complete
from server.semantics.conditional import CONDITIONS, validators
from server.semantics.negotiation import negotiate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from server.http.context import RequestContext
    from server.http.nginx import Nginx

_PREFIX = "/doc/"
_ENDPOINT = "resources.document"
_FAILURES = (UnwritableError, ReleaseError, OSError, sqlite3.DatabaseError)


class DocumentsMiddleware:
    """Answers GET requests without parameters and conditions for what is there; the rest is the application's.

    That are pages, redirects, and all that a problem or a page says of.
    """

    def __init__(self, application: WSGIApplication, nginx: Nginx | None) -> None:
        self._application, self._nginx = application, nginx

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_plain = environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]
        if environ["PATH_INFO"].startswith(_PREFIX) and is_plain and CONDITIONS.isdisjoint(environ):
            try:
                answered = self._document(environ) if host.is_valid(environ) else None
            except _FAILURES:
                answered = None  # the application says what has failed
            if answered is not None:
                fields, body = answered
                start_response("200 OK", list(fields))
                return [body]
        return self._application(environ, start_response)

    def _document(self, environ: WSGIEnvironment) -> tuple[Headers, bytes] | None:
        """Header fields and body; None where a page is preferred, or there is no such document."""
        context: RequestContext = environ[KEY]
        release, path = context.release, environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        choice = negotiate(environ.get("HTTP_ACCEPT"), documents.OFFERS)
        if choice is None or choice.format is HTML:
            return None
        found = documents.find(release, release.urls.iris(THINGS + path.removeprefix(_PREFIX)))
        if found is None or moves.may_be_elsewhere(found.facts):
            return None
        description = release.collector.describe(found.node, None, found.facts, most=documents.MOST)
        data, version = documents.content(release, description, choice)
        if not choice.accepts(version):
            return None
        answer = Answer(choice.format, len(data), data, "graph", truncated=False, version=version)
        known = validators(release.manifest, choice.name, "")
        response = complete(environ, answer, choice, known, ["Accept"], is_repeatable=True)
        fields = Headers([*headers.COMMON.items(), *response.fields.items()])
        offers = documents.formats(release, description)
        fields["Content-Length"] = str(response.size)
        fields["Content-Location"] = release.urls.document(found.node.value, choice.format.extension)
        fields["Link"] = documents.links(release, release.urls, description, offers, choice.format)
        headers.name_release(fields, release, headers.local(path, ""))
        if self._nginx is not None:
            self._nginx.complete(fields, response.status)
        context.route = _ENDPOINT
        assert isinstance(response.body, bytes)  # noqa: S101 - as it was given
        return fields, response.body
