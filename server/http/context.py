"""The release that a request is answered from, and who sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import request

from server.http.languages import chosen_language
from server.query.quota import client_of

if TYPE_CHECKING:
    from server.model.urls import Urls
    from server.releases import OpenRelease

ENVIRON_KEY = "parkgraph.release"
RELEASE_KEY = "parkgraph.release_id"  # the id of the release that was current when the request came
ON_CLOSE_KEY = "parkgraph.on_close"  # a list of what to call when the last byte has been sent


def current_release() -> OpenRelease:
    """The release of this request: one and the same from its beginning to its end."""
    return cast("OpenRelease", request.environ[ENVIRON_KEY])


def client() -> str:
    """Who sent this request, as quotas count clients."""
    return client_of(request.remote_addr or "")


def links() -> Urls:
    """The addresses that a page links to: they keep the language that the reader has chosen."""
    return current_release().urls.asking_for(chosen_language())
