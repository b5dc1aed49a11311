"""For crawlers: what they should leave alone, and every page that there is, as site maps.

https://www.rfc-editor.org/rfc/rfc9309 and https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from flask import Blueprint, Response

from release.reader import RELEASE
from server.urls import THINGS
from server.web.pages import places, publication
from server.web.problems import Problem
from server.web.responses import conditional_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server.publication import Publication

blueprint = Blueprint("crawlers", __name__)

_PART = 20_000  # resources in a part; the protocol allows 50,000 addresses
_NOT_FOR_CRAWLERS = ("sparql", "store", "search", "linkset", "query?", "list?", "openapi.json", RELEASE)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML = "application/xml"


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Crawlers read the pages, and leave alone what is made for each question."""
    urls = publication().urls
    lines = [
        "User-agent: *",
        *(f"Disallow: {urls.file(path)}" for path in _NOT_FOR_CRAWLERS),
        f"Sitemap: {urls.canonical(urls.file('sitemap.xml'))}",
    ]
    return _answer("text/plain; charset=utf-8", "\n".join([*lines, ""]))


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The parts of the site map."""
    of = publication()
    names = ["sitemap-pages.xml", *(f"sitemap-{number}.xml" for number in range(1, _parts(of) + 1))]
    addresses = (of.urls.canonical(of.urls.file(name)) for name in names)
    return _answer(_XML, _document("sitemapindex", "sitemap", addresses, of.manifest.created))


@blueprint.get("/sitemap-pages.xml")
def pages() -> Response:
    """The pages around the documents, and those of the vocabulary."""
    of = publication()
    return _answer(_XML, _document("urlset", "url", _around(of), of.manifest.created))


@blueprint.get("/sitemap-<int:number>.xml")
def part(number: int) -> Response:
    """The documents about so many resources."""
    of = publication()
    if not 1 <= number <= _parts(of):
        raise Problem(HTTPStatus.NOT_FOUND, f"The site map has {_parts(of)} parts.")
    return _answer(_XML, _document("urlset", "url", _documents(of, number), of.manifest.created))


def _answer(type_: str, text: str) -> Response:
    return conditional_answer((type_,), lambda: Response(text, content_type=type_))


def _parts(of: Publication) -> int:
    return -(-of.index.size // _PART)


def _around(of: Publication) -> Iterator[str]:
    yield of.urls.base
    for place in chain(*places()):
        if not place.href.startswith(tuple(map(of.urls.file, _NOT_FOR_CRAWLERS))):
            yield of.urls.canonical(place.href)
    for term in of.vocabulary.terms.values():
        if "/" not in term.anchor:
            yield of.urls.canonical(of.urls.term(term.anchor))


def _documents(of: Publication, number: int) -> Iterator[str]:
    first = (number - 1) * _PART
    for iri in of.index.iris(first, first + _PART):
        if iri.startswith(of.urls.base + THINGS):
            yield of.urls.canonical(of.urls.document(iri))


def _document(root: str, item: str, addresses: Iterable[str], modified: str) -> str:
    items = (f"<{item}><loc>{escape(a)}</loc><lastmod>{modified}</lastmod></{item}>\n" for a in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{"".join(items)}</{root}>\n'
