"""The release as a DCAT 3 dataset, version of a series, in a catalogue with its service.

https://www.w3.org/TR/vocab-dcat-3/, with the classes, properties and cardinalities of
https://semiceu.github.io/DCAT-AP/releases/3.0.0/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import DCAT, DCATAP, DCTERMS, FOAF, GEO, RDFS, SKOS, VCARD, VOID, XSD
from release.catalog import authorities
from release.catalog.graph import english, texts, time
from release.reader import RELEASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release.catalog.facts import Facts
    from release.catalog.graph import Graph

SERIES = "catalog#series"  # below the base: what all releases are versions of
PUBLISHER = "catalog#publisher"
SERVICE = "catalog#sparql"
_PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_PRECISION = {4: "gYear", 7: "gYearMonth", 10: "date"}


def describe(graph: Graph, facts: Facts) -> None:
    _catalog(graph, facts)
    _publisher(graph, facts)
    _series(graph, facts)
    _dataset(graph, facts)
    _coverage(graph, facts)
    _service(graph, facts)


def _catalog(graph: Graph, facts: Facts) -> None:
    this, base = facts.catalog, facts.base
    graph.types(this, DCAT + "Catalog", VOID + "DatasetDescription")
    graph.say(this, DCTERMS + "title", *texts(facts.title))
    graph.say(this, DCTERMS + "description", *texts(facts.description))
    graph.link(this, DCTERMS + "publisher", base + PUBLISHER)
    graph.say(this, DCTERMS + "modified", time(facts.manifest.created))
    graph.link(this, DCAT + "dataset", facts.dataset, base + SERIES)
    graph.link(this, DCAT + "service", base + SERVICE)
    graph.link(this, FOAF + "homepage", base)
    graph.types(base, FOAF + "Document")
    graph.link(this, FOAF + "primaryTopic", facts.dataset)
    if facts.manifest.dataset.license:
        graph.link(this, DCTERMS + "license", facts.manifest.dataset.license)
    _languages(graph, facts, this)
    if any(theme.startswith(f"{authorities.THEMES}/") for theme in facts.manifest.dataset.themes):
        graph.link(this, DCAT + "themeTaxonomy", authorities.THEMES)
        graph.types(authorities.THEMES, SKOS + "ConceptScheme")
        graph.say(authorities.THEMES, DCTERMS + "title", english("Data theme"))


def _publisher(graph: Graph, facts: Facts) -> None:
    this, contact = facts.base + PUBLISHER, facts.manifest.dataset.contact
    graph.types(this, FOAF + "Agent", FOAF + "Organization")
    graph.say(this, FOAF + "name", *texts(facts.publisher))
    graph.link(this, FOAF + "homepage", facts.base)
    point = f"{facts.catalog}#contact"
    graph.types(point, VCARD + "Kind", VCARD + "Organization")
    graph.say(point, VCARD + "fn", *texts(facts.publisher))
    if contact and contact.startswith("mailto:"):
        graph.link(point, VCARD + "hasEmail", contact)
    else:
        graph.link(point, VCARD + "hasURL", contact or facts.base)


def _series(graph: Graph, facts: Facts) -> None:
    """What is the same in all releases; `/releases` has the list of them."""
    this = facts.base + SERIES
    graph.types(this, DCAT + "DatasetSeries", DCAT + "Dataset")
    _about(graph, facts, this)
    graph.link(this, DCTERMS + "accrualPeriodicity", authorities.IRREGULAR)
    graph.types(authorities.IRREGULAR, DCTERMS + "Frequency")
    graph.link(this, RDFS + "seeAlso", f"{facts.base}releases")


def _dataset(graph: Graph, facts: Facts) -> None:
    this, manifest = facts.dataset, facts.manifest
    graph.types(this, DCAT + "Dataset", VOID + "Dataset")
    _about(graph, facts, this)
    graph.say(this, DCTERMS + "identifier", ox.Literal(this, datatype=ox.NamedNode(XSD + "anyURI")))
    graph.say(this, DCAT + "version", ox.Literal(manifest.id))
    graph.say(this, DCTERMS + "issued", time(manifest.created))
    graph.say(this, DCTERMS + "modified", time(manifest.created))
    graph.link(this, DCAT + "inSeries", facts.base + SERIES)
    graph.link(this, DCTERMS + "accessRights", authorities.PUBLIC)
    graph.types(authorities.PUBLIC, DCTERMS + "RightsStatement")
    license_(graph, facts, this, facts.licences.all)
    _languages(graph, facts, this)
    graph.link(this, FOAF + "page", facts.address("catalog"))
    graph.types(facts.address("catalog"), FOAF + "Document")
    if manifest.predecessor is not None:
        before = f"{facts.base}{RELEASE}{manifest.predecessor}"
        graph.link(this, DCAT + "prev", before)
        graph.link(this, DCAT + "previousVersion", before)
    if manifest.ontology:
        graph.link(this, DCTERMS + "conformsTo", manifest.ontology)
        graph.types(manifest.ontology, DCTERMS + "Standard")


def _about(graph: Graph, facts: Facts, this: str) -> None:
    """What holds for the series and for each of its members."""
    dataset = facts.manifest.dataset
    graph.say(this, DCTERMS + "title", *texts(facts.title))
    graph.say(this, DCTERMS + "description", *texts(facts.description))
    graph.link(this, DCTERMS + "publisher", facts.base + PUBLISHER)
    graph.link(this, DCAT + "contactPoint", f"{facts.catalog}#contact")
    graph.link(this, DCAT + "landingPage", facts.base)
    for tag, words in sorted(dataset.keywords.items()):
        graph.say(this, DCAT + "keyword", *(ox.Literal(word, language=tag) for word in words))
    for theme in dataset.themes:
        graph.link(this, DCAT + "theme", theme)
        authorities.concept(graph, theme)


def _languages(graph: Graph, facts: Facts, this: str) -> None:
    for tag in facts.statistics.languages:
        iri = authorities.language(tag)
        if iri is not None:
            graph.link(this, DCTERMS + "language", iri)
            graph.types(iri, DCTERMS + "LinguisticSystem")


def _coverage(graph: Graph, facts: Facts) -> None:
    found, this = facts.statistics, facts.dataset
    if found.earliest is not None and found.latest is not None:
        period = facts.node("period")
        graph.link(this, DCTERMS + "temporal", period)
        graph.types(period, DCTERMS + "PeriodOfTime")
        graph.say(period, DCAT + "startDate", _date(found.earliest))
        graph.say(period, DCAT + "endDate", _date(found.latest))
    if found.box is not None:
        place = facts.node("place")
        graph.link(this, DCTERMS + "spatial", place)
        graph.types(place, DCTERMS + "Location")
        wkt = ox.Literal(f"<{_CRS84}> {found.box.wkt}", datatype=ox.NamedNode(GEO + "wktLiteral"))
        graph.say(place, DCAT + "bbox", wkt)


def _date(text: str) -> ox.Literal:
    """As precise as it is stated."""
    return ox.Literal(text, datatype=ox.NamedNode(XSD + _PRECISION.get(len(text), "gYear")))


def _service(graph: Graph, facts: Facts) -> None:
    this, endpoint = facts.base + SERVICE, f"{facts.base}sparql"
    graph.types(this, DCAT + "DataService")
    graph.say(this, DCTERMS + "title", english("SPARQL endpoint"))
    graph.say(this, DCTERMS + "description", english("SPARQL 1.1 queries over the current release, read-only."))
    graph.link(this, DCAT + "endpointURL", endpoint)
    graph.link(this, DCAT + "endpointDescription", endpoint)
    graph.link(this, DCAT + "servesDataset", facts.dataset)
    graph.link(this, DCTERMS + "conformsTo", _PROTOCOL)
    graph.types(_PROTOCOL, DCTERMS + "Standard")
    graph.link(this, DCTERMS + "publisher", facts.base + PUBLISHER)
    graph.link(this, DCAT + "contactPoint", f"{facts.catalog}#contact")
    graph.link(this, DCTERMS + "accessRights", authorities.PUBLIC)
    license_(graph, facts, this, facts.licences.all)
    graph.link(this, DCATAP + "availability", authorities.STABLE)
    authorities.concept(graph, authorities.STABLE)


def license_(graph: Graph, facts: Facts, this: str, licences: Sequence[str]) -> None:
    """The licence of something; of several one document that has them as parts, because DCAT-AP wants one."""
    if not licences:
        return
    for licence in licences:
        graph.types(licence, DCTERMS + "LicenseDocument")
    if len(licences) == 1:
        graph.link(this, DCTERMS + "license", licences[0])
        return
    others = [licence for licence in licences if licence != facts.licences.own]
    both = facts.node("licences" if licences == facts.licences.all else f"licences-{'-'.join(map(_short, licences))}")
    graph.link(this, DCTERMS + "license", both)
    graph.types(both, DCTERMS + "LicenseDocument")
    graph.link(both, DCTERMS + "hasPart", *licences)
    parts = ", ".join(f"<{graph_}>" for graph_, of in sorted(facts.licences.of_graph.items()) if set(of) & set(others))
    graph.say(both, RDFS + "label", english(f"{licences[0]}, and for what is of {parts}: {', '.join(others)}"))


def _short(licence: str) -> str:
    return "-".join(licence.rstrip("/").split("/")[-2:])
