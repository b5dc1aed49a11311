"""The description of the dataset in DCAT, VoID and PROV-O, as the release has it, in every RDF format and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML, JSON_LD, N3, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from release.reader import CATALOG
from server.http.context import current_release
from server.http.languages import gettext, language_name, languages
from server.http.responses import add_link, answer, chosen, see_other
from server.model.labels import Name, choose
from server.pages.graphs import graph_answer
from server.pages.page import dataset, page, presenter, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.model.catalog import File, Part
    from server.pages.presentation import Value

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS, N3)
_SHOWN = 50  # rows of a list before it is folded

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/catalog")
def catalog() -> Response:
    """Turtle comes as the file that it is."""
    choice = chosen(OFFERS)
    if choice.format is not TURTLE:
        return graph_answer(lambda: current_release().catalogue.triples, _html, "catalog", OFFERS)
    response = answer(choice, (current_release().folder.path / CATALOG).read_bytes)
    response.vary.add("Accept")
    urls = current_release().urls
    add_link(response, urls.canonical(urls.file("catalog")), "canonical")
    return response


@blueprint.get("/.well-known/void")
def void() -> Response:
    """303 to the catalogue (https://www.w3.org/TR/void/#well-known)."""
    return see_other(current_release().urls.file("catalog"))


@dataclass(frozen=True)
class Row:
    """A part of the dataset: its name with the page about it, its number, and where to get it."""

    value: Value
    number: int
    licences: list[str]
    files: list[File]


@dataclass(frozen=True)
class LinkRow:
    """Links to other data."""

    property: Value
    target: str
    number: int


def _html() -> str:
    release = current_release()
    manifest, found = release.manifest, release.catalogue
    shown = presenter()
    formats = [offer.name for offer in OFFERS if offer is not HTML]

    def rows(parts: Sequence[Part]) -> list[Row]:
        return [Row(shown.value(ox.NamedNode(p.iri)), p.number, p.licences, p.files) for p in parts]

    return page(
        "catalog.html",
        title=gettext("Catalogue"),
        entity=dataset(),
        name=text_of(manifest.dataset.title),
        text=text_of(manifest.dataset.description),
        publisher=text_of(manifest.dataset.publisher),
        contact=manifest.dataset.contact,
        keywords=_keywords(),
        licences=found.licences,
        period=found.period,
        box=found.box,
        spoken=[language_name(tag) for tag in found.languages],
        numbers=_numbers(),
        files=found.files,
        graphs=rows(found.graphs()),
        classes=rows(found.classes()),
        properties=rows(found.properties()),
        linksets=[LinkRow(shown.value(ox.NamedNode(one.predicate)), one.target, one.number) for one in found.links()],
        vocabularies=found.vocabularies,
        inputs=found.inputs(),
        tools=found.tools(),
        formats=formats,
        shown=_SHOWN,
    )


def _keywords() -> list[Name]:
    """Those in the reader's language, or in the one that is there instead."""
    words = list(current_release().catalogue.keywords())
    first = choose(words, languages())
    return [
        Name(word.value, word.language or "") for word in words if first and (word.language or "") == first.language
    ]


def _numbers() -> list[tuple[str, int]]:
    found = current_release().catalogue
    return [
        (gettext("Triples"), found.number("triples")),
        (gettext("Resources"), found.number("entities")),
        (gettext("Classes"), found.number("classes")),
        (gettext("Properties"), found.number("properties")),
        (gettext("Different subjects"), found.number("distinctSubjects")),
        (gettext("Different objects"), found.number("distinctObjects")),
    ]
