"""The catalog: the release described in DCAT, VoID and PROV-O, in every RDF format and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from core.labels import Name, choose
from release.reader import CATALOG
from server.http.context import current_release
from server.http.languages import gettext, language_name, languages
from server.http.responses import add_link, answer, chosen, see_other
from server.pages.downloads import Downloads
from server.pages.graphs import graph_answer
from server.pages.page import dataset, page, presenter, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.pages.presentation import ShownValue

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)
_SHOWN = 50  # rows of a list before it is folded

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/catalog")
def catalog() -> Response:
    """Turtle comes as the file that it is."""
    choice = chosen(OFFERS)
    if choice.format is not TURTLE:
        return graph_answer(lambda: current_release().catalog, _html, "catalog", OFFERS)
    response = answer(choice, (current_release().folder.path / CATALOG).read_bytes)
    response.vary.add("Accept")
    urls = current_release().urls
    add_link(response, urls.canonical(urls.file("catalog")), "canonical")
    return response


@blueprint.get("/.well-known/void")
def void() -> Response:
    """303 to the catalog (https://www.w3.org/TR/void/#well-known)."""
    return see_other(current_release().urls.file("catalog"))


@dataclass(frozen=True)
class CountedTerm:
    """A named graph, a class or a property of the dataset: its name, how much there is of it, and its licences."""

    value: ShownValue
    number: int
    licences: list[str]


@dataclass(frozen=True)
class LinkRow:
    """Links to other data."""

    property: ShownValue
    target: str
    number: int


def _html() -> str:
    release = current_release()
    manifest, counts, found = release.manifest, release.manifest.counts, release.manifest.statistics
    shown = presenter()
    formats = [offer.name for offer in OFFERS if offer is not HTML]

    def rows(parts: Mapping[str, int], *, licensed: bool = False) -> list[CountedTerm]:
        return [
            CountedTerm(shown.value(ox.NamedNode(iri)), number, manifest.licences_of(iri) if licensed else [])
            for iri, number in parts.items()
        ]

    return page(
        "catalog.html",
        title=gettext("Catalog"),
        entity=dataset(),
        name=text_of(manifest.dataset.title),
        text=text_of(manifest.dataset.description),
        publisher=text_of(manifest.dataset.publisher),
        contact=manifest.dataset.contact,
        keywords=_keywords(),
        licences=manifest.licences,
        period=(found.earliest, found.latest) if found.earliest else None,
        box=found.box,
        spoken=sorted({language_name(tag) for tag in found.languages}),
        numbers=_numbers(),
        files=Downloads(release).documents(),
        graphs=rows(counts.graphs, licensed=True),
        classes=rows(counts.classes),
        properties=rows(counts.properties),
        linksets=[LinkRow(shown.value(ox.NamedNode(one.predicate)), one.target, one.triples) for one in found.links],
        vocabularies=counts.vocabularies,
        inputs=manifest.inputs,
        tools=manifest.software,
        formats=formats,
        shown=_SHOWN,
    )


def _keywords() -> list[Name]:
    """The keywords in the reader's language, or in the one that is chosen instead."""
    keywords = current_release().manifest.dataset.keywords
    words = [ox.Literal(word, language=tag) for tag, of in sorted(keywords.items()) for word in of]
    first = choose(words, languages())
    return [Name(word.value, first.language) for word in words if first and word.language == first.language]


def _numbers() -> list[tuple[str, int]]:
    counts, found = current_release().manifest.counts, current_release().manifest.statistics
    return [
        (gettext("Triples"), counts.triples),
        (gettext("Resources"), counts.entities),
        (gettext("Classes"), len(counts.classes)),
        (gettext("Properties"), len(counts.properties)),
        (gettext("Different subjects"), found.subjects),
        (gettext("Different objects"), found.objects),
    ]
