"""The release that a request is answered from, and pages made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import render_template, request

from core import __version__
from server.shares import client_of

if TYPE_CHECKING:
    from server.publication import Publication

ENVIRON_KEY = "parkgraph.publication"
AT_END_KEY = "parkgraph.at_end"  # a list of what to call when the last byte has been sent


def publication() -> Publication:
    """The release of this request: one and the same from its beginning to its end."""
    return cast("Publication", request.environ[ENVIRON_KEY])


def client() -> str:
    """Who sent this request, as far as shares of the server go."""
    return client_of(request.remote_addr or "")


def languages() -> list[str]:
    """The reader's languages, the preferred one first."""
    return [language for language, quality in request.accept_languages if quality > 0 and language != "*"][:10]


def page(template: str, **values: object) -> str:
    """A page; every template knows the addresses and the manifest of the release."""
    of = publication()
    return render_template(template, urls=of.urls, manifest=of.manifest, version=__version__, **values)
