"""For crawlers: robots.txt, and site maps of every page.

https://www.rfc-editor.org/rfc/rfc9309 and https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from flask import Blueprint, Response

from release.reader import RELEASE
from server.http.context import current_release
from server.http.responses import conditional_answer
from server.pages.page import places
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server.releases import OpenRelease

blueprint = Blueprint("crawlers", __name__)

_PART = 20_000  # resources in a part; the protocol allows 50,000 addresses
_NOT_FOR_CRAWLERS = ("sparql", "store", "search", "linkset", "query?", "list?", "openapi.json", RELEASE)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML = "application/xml"


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Crawlers may read pages, but not addresses that compute an answer from their parameters."""
    urls = current_release().urls
    lines = [
        "User-agent: *",
        *(f"Disallow: {urls.file(path)}" for path in _NOT_FOR_CRAWLERS),
        f"Sitemap: {urls.canonical(urls.file('sitemap.xml'))}",
    ]
    return _answer("text/plain; charset=utf-8", "\n".join([*lines, ""]))


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The site map index: one site map of fixed pages, then parts with the documents."""
    release = current_release()
    names = ["sitemap-pages.xml", *(f"sitemap-{number}.xml" for number in range(1, _parts(release) + 1))]
    addresses = (release.urls.canonical(release.urls.file(name)) for name in names)
    return _answer(_XML, _document("sitemapindex", "sitemap", addresses, release.manifest.created))


@blueprint.get("/sitemap-pages.xml")
def pages() -> Response:
    """The site map of the navigation's pages and of the vocabulary's terms."""
    release = current_release()
    return _answer(_XML, _document("urlset", "url", _around(release), release.manifest.created))


@blueprint.get("/sitemap-<int:number>.xml")
def part(number: int) -> Response:
    """Part `number` of the documents' site map, from 1."""
    release = current_release()
    if not 1 <= number <= _parts(release):
        raise HTTPProblem(HTTPStatus.NOT_FOUND, f"The site map has {_parts(release)} parts.")
    return _answer(_XML, _document("urlset", "url", _documents(release, number), release.manifest.created))


def _answer(type_: str, text: str) -> Response:
    return conditional_answer((type_,), lambda: Response(text, content_type=type_))


def _parts(release: OpenRelease) -> int:
    return -(-release.index.size // _PART)


def _around(release: OpenRelease) -> Iterator[str]:
    yield release.urls.base
    for place in chain(*places()):
        if not place.href.startswith(tuple(map(release.urls.file, _NOT_FOR_CRAWLERS))):
            yield release.urls.canonical(place.href)
    for term in release.vocabulary.terms.values():
        if "/" not in term.anchor:
            yield release.urls.canonical(release.urls.term(term.anchor))


def _documents(release: OpenRelease, number: int) -> Iterator[str]:
    first = (number - 1) * _PART
    for iri in release.index.iris(first, first + _PART):
        if iri not in release.vocabulary.terms:  # these have pages of their own
            yield release.urls.canonical(release.urls.document(iri))


def _document(root: str, item: str, addresses: Iterable[str], modified: str) -> str:
    items = (f"<{item}><loc>{escape(a)}</loc><lastmod>{modified}</lastmod></{item}>\n" for a in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{"".join(items)}</{root}>\n'
