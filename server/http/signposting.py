"""Typed links of a document by FAIR Signposting, level 2 (https://signposting.org/FAIR/).

The header fields have the links of one representation (RFC 8288); the link set has all links of the document and of
its representations (RFC 9264).
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from core.formats import CITATIONS, HTML, LINKSET, LINKSET_JSON
from server.http.responses import uri
from server.model.description import format_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.formats import Format
    from release.manifest import Manifest
    from server.model.description import Description
    from server.model.urls import Urls

ABOUT_PAGE = "https://schema.org/AboutPage"
_SHORT = 600  # characters of an address that is repeated in the header fields; proxies take few kilobytes of these
_TO_FORMATS = ("alternate", "describedby", "item")
_REPEATING = frozenset({"alternate", "canonical", "cite-as", "describedby", "describes", "item", "related"})


class WebLink(NamedTuple):
    """A link of RFC 8288 from `anchor` to `target`, both addresses or IRIs; type: the media type of the target."""

    anchor: str
    relation: str
    target: str
    type: str | None = None

    def to_field(self, *, anchored: bool = False) -> str:
        """As a value of a Link field."""
        anchor = f'; anchor="{uri(self.anchor)}"' if anchored else ""
        type_ = f'; type="{self.type}"' if self.type else ""
        return f'<{uri(self.target)}>; rel="{self.relation}"{anchor}{type_}'


def header_links(
    description: Description, manifest: Manifest, urls: Urls, offers: Sequence[Format], chosen: Format
) -> str:
    """The value of the Link field of one representation; with a long address, only links that do not repeat it."""
    iri = description.subject.value
    here = urls.document(iri, after=format_cursor(description.cursor) if description.cursor else "")
    is_long = len(here) > _SHORT
    links = [
        WebLink(here, "linkset", urls.linkset(iri, format_.extension), format_.media_type)
        for format_ in ((LINKSET_JSON,) if is_long else (LINKSET_JSON, LINKSET))
    ]
    relations = _TO_FORMATS if chosen is HTML else _TO_FORMATS[:1]
    of_document = _of_document(description, manifest, urls, offers, here, relations)
    links += [link for link in of_document if not (is_long and link.relation in _REPEATING)]
    if chosen is HTML:
        links.append(WebLink(here, "type", ABOUT_PAGE))
    elif not is_long:
        links.append(WebLink(here, "collection", here, HTML.media_type))
    return ", ".join([link.to_field() for link in links])


def _of_document(
    description: Description,
    manifest: Manifest,
    urls: Urls,
    offers: Sequence[Format],
    here: str,
    relations: Sequence[str],
) -> list[WebLink]:
    """relations: by which its formats are linked to."""
    iri, dataset = description.subject.value, manifest.dataset
    links = [
        WebLink(here, "canonical", urls.canonical(here)),
        WebLink(here, "describes", iri),
        WebLink(here, "cite-as", iri),
        *[WebLink(here, "type", type_.value) for type_ in description.types],
    ]
    fixed = _fixed(description, urls, offers)
    for relation in relations:
        for offer, target in fixed:
            if offer is not HTML or relation == "alternate":
                links.append(WebLink(here, relation, target, offer.media_type))
    links.append(WebLink(here, "collection", urls.file("catalog#series")))
    if dataset.publisher:
        links.append(WebLink(here, "author", urls.file("catalog#publisher")))
    if dataset.license:
        links.append(WebLink(here, "license", dataset.license))
    if iri in manifest.counts.graphs:
        links.append(WebLink(here, "related", urls.store(iri)))
    for relation, link in (("prev", description.previous), ("next", description.next)):
        if link is not None:
            links.append(WebLink(here, relation, urls.document(iri, after=format_cursor(link))))
    return links


def _fixed(description: Description, urls: Urls, offers: Sequence[Format]) -> list[tuple[Format, str]]:
    """Each format with its address."""
    iri, after = description.subject.value, format_cursor(description.cursor) if description.cursor else ""
    return [(offer, urls.document(iri, offer.extension, after)) for offer in offers]


def linkset(description: Description, manifest: Manifest, urls: Urls, offers: Sequence[Format]) -> list[WebLink]:
    """All links of a document, of what it describes, and of its representations; addresses are canonical."""
    iri = description.subject.value
    here = urls.document(iri)
    links = [*_of_document(description, manifest, urls, offers, here, _TO_FORMATS), WebLink(here, "type", ABOUT_PAGE)]
    links += [WebLink(here, "describedby", urls.document(iri, form.extension), form.media_type) for form in CITATIONS]
    links += [WebLink(iri, "describedby", here)]
    links += [WebLink(iri, "type", type_.value) for type_ in description.types]
    for offer, fixed in _fixed(description, urls, offers):
        if offer is not HTML:
            links += [
                WebLink(fixed, "collection", here, HTML.media_type),
                WebLink(fixed, "describes", iri),
            ]
            links += [WebLink(fixed, "license", manifest.dataset.license)] if manifest.dataset.license else []

    def whole(address_: str) -> str:
        return urls.canonical(address_) if address_.startswith(urls.root) else address_

    return [link._replace(anchor=whole(link.anchor), target=whole(link.target)) for link in links]


def to_json(links: Iterable[WebLink]) -> str:
    """As `application/linkset+json` (RFC 9264, 4.2)."""
    contexts = []
    for anchor, group in groupby(links, key=lambda link: link.anchor):
        relations: dict[str, list[dict[str, str]]] = {}
        for link in group:
            target = {"href": uri(link.target)}
            relations.setdefault(link.relation, []).append(target | {"type": link.type} if link.type else target)
        contexts.append({"anchor": uri(anchor), **relations})
    return json.dumps({"linkset": contexts}, ensure_ascii=False, indent=1) + "\n"


def to_text(links: Iterable[WebLink]) -> str:
    """As `application/linkset` (RFC 9264, 4.1)."""
    return ",\n".join(each.to_field(anchored=True) for each in links) + "\n"
