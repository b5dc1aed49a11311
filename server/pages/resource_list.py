"""Collections of resources, which lists and searches answer with: as a page, JSON, CSV and RDF."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import request

from core.formats import CSV, HTML, JSON, JSON_LD, N_TRIPLES, RDF_XML, TURTLE
from core.formulas import escape_formula, is_number
from core.namespaces import HYDRA, RDF_TYPE
from server.http.context import current_release
from server.http.languages import chosen_language, gettext, languages
from server.http.responses import answer
from server.model import hydra
from server.pages.graphs import to_document
from server.pages.page import presenter
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Response

    from core.formats import Format
    from core.labels import Name
    from release.search_index import Resource
    from server.pages.values import ShownValue
    from server.semantics.negotiation import NegotiatedFormat

OFFERS = (TURTLE, HTML, JSON, CSV, JSON_LD, N_TRIPLES, RDF_XML)
RDF = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
MOST = 1_000  # in one answer


@dataclass(frozen=True)
class ResourceEntry:
    """One resource of a collection: its name for the reader, its address here, and its main class."""

    number: int
    iri: str
    name: Name
    href: str | None
    class_iri: str | None
    class_: ShownValue | None

    def as_json(self) -> dict[str, object]:
        return {
            "iri": self.iri,
            "label": self.name.text,
            "language": self.name.language,
            "class": self.class_iri,
            "classLabel": self.class_.name.text if self.class_ else None,
            "href": self.href,
        }


def entries(resources: Iterable[Resource]) -> list[ResourceEntry]:
    """The resources with names in the reader's language, in the same order."""
    show, classes = presenter(), current_release().index.classes
    found = []
    for resource in resources:
        value = show.value(ox.NamedNode(resource.iri))
        iri = None if resource.class_ is None else classes[resource.class_].iri
        class_ = None if iri is None else show.value(ox.NamedNode(iri))
        found.append(ResourceEntry(resource.id, resource.iri, value.name, value.href, iri, class_))
    return found


def to_csv(more: Iterable[str], rows: Iterable[tuple[ResourceEntry, Iterable[str]]]) -> str:
    """Entries as CSV (RFC 4180), in which no text is a formula.

    more: the names of further columns, of which each row has the values.
    """
    text, own = io.StringIO(), ("iri", "label", "language", "class", "classLabel")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*own, *more])
    for entry, others in rows:
        texts = [*map(entry.as_json().get, own), *others]
        writer.writerow(["" if text is None else _cell(str(text)) for text in texts])
    return text.getvalue()


def _cell(text: str) -> str:
    return text if is_number(text) else escape_formula(text)


def collection(
    address: str, found: Iterable[ResourceEntry], total: int | None, view: Mapping[str, str]
) -> list[ox.Triple]:
    """The entries as a collection of Hydra (https://www.hydra-cg.com/spec/latest/core/#collections), with their names.

    total: how many there are in all, where that is known. view: the address of this part as `self`, and of others as
    `first`, `previous`, `next` and `last`; empty for a collection that is whole.
    """
    node = ox.NamedNode(address)
    triples = hydra.collection(address, total, view)

    def add(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        triples.append(ox.Triple(subject, ox.NamedNode(predicate), value))

    labels = current_release().labels
    for entry in found:
        member = ox.NamedNode(entry.iri)
        add(node, HYDRA + "member", member)
        if entry.class_iri is not None:
            add(member, RDF_TYPE, ox.NamedNode(entry.class_iri))
        triples += labels.triples(member)
    return triples


def respond(
    choice: NegotiatedFormat,
    pages: Mapping[Format, Callable[[], str | bytes]],
    triples: Callable[[], list[ox.Triple]],
) -> Response:
    """The answer in the chosen format; every format but RDF depends on the reader's language."""
    if choice.format in RDF:
        response = answer(choice, lambda: to_document(triples(), choice.format))
    else:
        response = answer(choice, pages[choice.format], *languages())
        if not chosen_language():
            response.vary.add("Accept-Language")
    response.vary.add("Accept")
    return response


def limit(default: int) -> int:
    """The parameter `limit`, or the default; a 400 problem if it is no number from 1 to MOST."""
    text = request.args.get("limit", str(default))
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MOST)) or not 1 <= int(text) <= MOST:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("'limit' has to be a number from 1 to %(most)s.", most=MOST))
    return int(text)
