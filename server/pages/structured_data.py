"""What the head of a page tells machines: the page and what it is about in the words of schema.org, as JSON-LD.

Whatever the data say in the namespace of schema.org is told, so that any dataset has it that derives such triples.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from decimal import Decimal
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from markupsafe import Markup

from core.labels import choose, choose_text
from core.namespaces import RDF_TYPE, SCHEMA, XSD
from core.spdx import spdx_licence
from core.wording import NUMBERS
from release.dumps.index import FOLDER
from release.reader import RELEASE
from server.model.urls import is_link
from server.pages.downloads import Downloads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.labels import Name
    from core.rdf import Node, Term
    from release.manifest import Manifest
    from server.releases import OpenRelease

CONTEXT = SCHEMA.rstrip("/")
PUBLIC = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"  # what anybody may have
_TYPE = ox.NamedNode(RDF_TYPE)
_SENTENCE = frozenset({"name", "description", "headline"})  # one text, in the reader's language
_NUMBERS = NUMBERS | {XSD + "double", XSD + "float"}
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,4})?", re.ASCII)
_EXACT = 1 << 53  # integers below are doubles
_MOST = 20  # values of one property
_LONGEST = 1000  # characters of a text
_SUMMARY = 200  # of one in a list of pages
# What must not stand in a script element, whatever its type.
# https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
_ESCAPES = {sign: f"\\u{ord(sign):04x}" for sign in "<>&'\u2028\u2029"}


def script(value: dict[str, Any]) -> Markup:
    """The content of a script element that holds the value as JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return Markup(text)  # noqa: S704 - nothing is left in it that could end the element


def web_page(
    title: str, address: str, language: str, site: Name | None, manifest: Manifest, entity: dict[str, Any] | None
) -> dict[str, Any]:
    """The page itself; address: its IRI. entity: what it is about, if that is in schema.org's words.

    Of the dataset it is the dataset, with its page, since harvesters look for it at the top.
    """
    release = f"{manifest.base}{RELEASE}{manifest.id}"
    licences = [licence for licence in manifest.licences if is_link(licence)]
    name = _cut(site.text) if site else manifest.base
    about: dict[str, Any] = {
        "@type": "WebPage",
        "@id": address,
        "url": address,
        "identifier": address,
        "name": _cut(title),
        "inLanguage": language,
        "dateModified": manifest.created,
        "isPartOf": [
            {"@type": "WebSite", "@id": manifest.base, "url": manifest.base, "name": name},
            {"@type": "Dataset", "@id": release, "name": name},
        ],
    }
    if licences:
        about["license"] = [{"@id": licence} for licence in licences]
    if publisher := _publisher(manifest, [language]):
        about["publisher"] = publisher
    if entity and entity["@id"] == release:
        return {"@context": CONTEXT, **entity, "mainEntityOfPage": about}
    return {"@context": CONTEXT, **about, **({"mainEntity": entity} if entity else {})}


def thing(
    release: OpenRelease,
    node: Node,
    triples: Iterable[ox.Triple],
    name: str,
    languages: Sequence[str],
) -> dict[str, Any] | None:
    """A resource in the words of schema.org; None where the data give it no type there.

    triples: those that have it as subject. name: what it is called on the page.
    """
    by_property: dict[str, list[Term]] = defaultdict(list)
    types = []
    for triple in triples:
        if triple.predicate == _TYPE:
            types.append(triple.object)
        elif triple.predicate.value.startswith(SCHEMA):
            by_property[triple.predicate.value.removeprefix(SCHEMA)].append(triple.object)
    kinds = _kinds(types)
    if not kinds or isinstance(node, ox.BlankNode):
        return None
    properties: dict[str, Any] = {"@type": _one(kinds), "@id": node.value, "name": _cut(name)}
    for property_, objects in sorted(by_property.items()):
        if property_ in _SENTENCE:
            text = choose((o for o in objects if isinstance(o, ox.Literal)), languages)
            values = [_cut(text.text)] if text else []
        else:
            values = [
                value for o in objects[:_MOST] for value in _value(release, o, languages) if value != properties["name"]
            ]
        if values and property_ not in properties:
            properties[property_] = _one(list({json.dumps(value, sort_keys=True): value for value in values}.values()))
    return properties


def dataset(release: OpenRelease, languages: Sequence[str]) -> dict[str, Any]:
    """The dataset that is published here: coverage, licences and downloads."""
    manifest, about, found = release.manifest, release.manifest.dataset, release.manifest.statistics
    this, box, catalog = f"{manifest.base}{RELEASE}{manifest.id}", found.box, manifest.catalog_graph
    publisher = _publisher(manifest, languages)
    licences = [licence for licence in manifest.licences if is_link(licence)]
    rights = _text(about.rights, languages)
    spoken = {"", "en", *languages[:1]}
    properties = {
        "@type": "Dataset",
        "@id": this,
        "identifier": this,
        "url": manifest.base,
        "name": _text(about.title, languages),
        "description": _text(about.description, languages),
        "publisher": publisher,
        "creator": [{"name": _cut(name)} for name in about.creators] or publisher,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": catalog, "url": catalog},
        "isBasedOn": f"{manifest.base}{RELEASE}{manifest.predecessor}" if manifest.predecessor else None,
        "sameAs": about.homepage if is_link(about.homepage or "") else None,
        "conditionsOfAccess": [PUBLIC, rights] if rights else PUBLIC,
        "license": [iri for licence in licences for iri in (licence, spdx_licence(licence)) if iri],
        "keywords": sorted({word for tag, words in about.keywords.items() if tag in spoken for word in words}),
        "inLanguage": sorted(found.languages),
        "temporalCoverage": f"{found.earliest}/{found.latest}" if found.earliest else None,
        "spatialCoverage": {
            "@type": "Place",
            "geo": {"@type": "GeoShape", "box": f"{box.south} {box.west} {box.north} {box.east}"},
        }
        if box
        else None,
        "version": manifest.id,
        "datePublished": manifest.created,
        "dateModified": manifest.created,
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.name,
                "contentUrl": f"{this}/{FOLDER}/{file.name}",
                "encodingFormat": file.media_type,
                "contentSize": f"{file.size} B",
                "sha256": file.sha256,
            }
            for file in Downloads(release).documents()[:_MOST]
        ],
    }
    return {key: value for key, value in properties.items() if value not in (None, [])}


def _publisher(manifest: Manifest, languages: Sequence[str]) -> dict[str, Any] | None:
    name = _text(manifest.dataset.publisher, languages)
    return {"@type": "Organization", "@id": f"{manifest.catalog_graph}#publisher", "name": name} if name else None


def _text(texts: dict[str, str], languages: Sequence[str]) -> str | None:
    """The one of several translations that the reader wants."""
    chosen = choose_text(texts, languages)
    return _cut(chosen.text) if chosen else None


def _value(release: OpenRelease, term: object, languages: Sequence[str]) -> list[Any]:
    if isinstance(term, ox.Literal):
        number = _number(term.value) if term.datatype.value in _NUMBERS else None
        return [_cut(term.value) if number is None else number]
    if not isinstance(term, ox.NamedNode):
        return []
    types = [quad.object for quad in release.store.quads_for_pattern(term, _TYPE, None, ox.DefaultGraph())]
    kinds = _kinds(types)
    about: dict[str, Any] = {"@type": _one(kinds)} if kinds else {}
    about["@id"] = term.value
    if kinds or release.labels.triples(term):
        about["name"] = _cut(release.labels.name(term, languages).text)
    return [about]


def _number(text: str) -> float | None:
    """The number, where the doubles that readers of JSON have can hold it (RFC 8259, 6), else None."""
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    if not math.isfinite(number) or Decimal(repr(number)) != Decimal(text):
        return None
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _kinds(types: Iterable[object]) -> list[str]:
    iris = (type_.value for type_ in types if isinstance(type_, ox.NamedNode))
    return sorted(iri.removeprefix(SCHEMA) for iri in iris if iri.startswith(SCHEMA))


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def summary(text: str) -> str:
    """As much of a text as lists of pages show."""
    return shorten(text, _SUMMARY, placeholder=" …") or text[:_SUMMARY]


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else shorten(text, _LONGEST, placeholder=" …") or text[:_LONGEST]
