"""What F-UJI, FAIR-Checker and FOOPS! ask, asked anew over the pages and documents of this server (docs/fair.md).

Their own code needs more than a test has: the live web, a service of its own. What they look up elsewhere, as in
registries of vocabularies, is not asked.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import rdflib
from rdflib import DCAT, DCTERMS, OWL, RDF, RDFS, VANN

from core.spdx import spdx_licence
from server.app import create_app
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser uses it

ENTITY = "/doc/park/sophia-antipolis"
ONTOLOGY = rdflib.URIRef("https://w3id.org/parkgraph/ontology")
PREFIXES = """
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <https://schema.org/>
"""
# The properties of which FAIR-Checker wants one in the metadata.
IDENTIFIER = "dct:identifier schema:identifier"
DISCOVERY = "dct:title dct:description dcat:accessURL dcat:downloadURL dcat:endpointDescription dcat:endpointURL"
RIGHTS = "dct:rights dct:accessRights dct:license schema:license"
LICENCE = "schema:license dct:license"
PROVENANCE = "prov:wasGeneratedBy prov:wasDerivedFrom dct:hasVersion dct:creator dct:publisher schema:publisher"
# How FAIR-Checker reads a Link field, of which it follows the address only if it is absolute.
DESCRIBED_BY = re.compile(r'<(http[^>;]*)>*;*rel="describedby"*;*type="text/turtle"')
# What F-UJI reads of a schema.org Dataset, by the metric that wants it.
FIELDS = {
    "F1-01MD, F2-01M": ("identifier", "@id"),
    "F2-01M, citation": ("creator", "name", "identifier", "datePublished", "publisher", "@type"),
    "F2-01M, description": ("description", "keywords"),
    "F3-01M, R1-01M": ("distribution",),
    "A1-01M": ("conditionsOfAccess", "isAccessibleForFree"),
    "I3-01M": ("includedInDataCatalog",),
    "R1.1-01M": ("license",),
    "R1.2-01M": ("dateModified", "version"),
}
RDF_FIELDS = {
    "F2-01M, citation": (DCTERMS.creator, DCTERMS.title, DCTERMS.identifier, DCTERMS.issued, DCTERMS.publisher),
    "F2-01M, description": (DCTERMS.description, DCAT.keyword),
    "F3-01M": (DCAT.distribution,),
    "A1-01M": (DCTERMS.accessRights,),
    "I3-01M": (DCTERMS.isPartOf,),
    "R1.1-01M": (DCTERMS.license,),
}
# Types of files that F-UJI takes for open and for the long term, by their names alone: it believes the metadata.
OPEN_TYPE = re.compile(r"^text/(?!html)|[/+](xml|text|json)")
# What the checks of FOOPS! on metadata want of a vocabulary: any of these of each.
VERSION_IRI, PREFIX, NAMESPACE = {OWL.versionIRI}, {VANN.preferredNamespacePrefix}, {VANN.preferredNamespaceUri}
CREATED, CREATOR = {DCTERMS.created}, {DCTERMS.creator}
ISSUED, PUBLISHER = {DCTERMS.issued}, {DCTERMS.publisher}
STATUS = {rdflib.URIRef("http://purl.org/ontology/bibo/status")}
WANTED = {
    "OM1": [{DCTERMS.title}, {DCTERMS.description, RDFS.comment}, {DCTERMS.license}, VERSION_IRI, CREATOR, NAMESPACE],
    "OM2": [PREFIX, {OWL.versionInfo}, CREATED, {DCTERMS.bibliographicCitation}],
    "OM3, but DOI and logo": [PUBLISHER, STATUS, {DCTERMS.source}, ISSUED],
    "OM4.1": [{DCTERMS.license}],
    "OM5.1": [CREATED, CREATOR],
    "OM5.2": [ISSUED, PUBLISHER],
    "FIND1": [PREFIX],
    "VER1": [VERSION_IRI],
}


@pytest.fixture(scope="module")
def client(releases: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(releases=releases))
    yield app.test_client()
    app.extensions["current"].close()


def embedded(client: FlaskClient, path: str) -> dict[str, Any]:
    """The JSON-LD in the page at a path."""
    text = client.get(path, headers={"Accept": "text/html"}).text
    script = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert script
    found: dict[str, Any] = json.loads(script[1])
    return found


def graph_of(client: FlaskClient, path: str) -> rdflib.Graph:
    """What a tool reads at a path: the JSON-LD in the page, and the RDF where its `describedby` leads."""
    # the context of schema.org, which is not fetched here, has its terms as a vocabulary and these as references
    context = {"@vocab": "https://schema.org/", **{name: {"@type": "@id"} for name in ("license", "url", "contentUrl")}}
    data = json.dumps(embedded(client, path) | {"@context": context})
    found = rdflib.Graph().parse(data=data, format="json-ld")
    page = client.get(path, headers={"Accept": "text/html"})
    for target in re.findall(DESCRIBED_BY, ", ".join(page.headers.getlist("Link"))):
        answer = client.get(target, headers={"Accept": "text/turtle"}, follow_redirects=True)
        assert answer.status_code == 200
        found.parse(data=answer.data, format="turtle")
    return found


def has_one_of(graph: rdflib.Graph, properties: str) -> bool:
    return bool(graph.query(f"{PREFIXES} ASK {{ VALUES ?p {{ {properties} }} ?s ?p ?o }}").askAnswer)


@pytest.mark.parametrize("metric", FIELDS)
@pytest.mark.parametrize("path", ["/", "/catalog", "/dumps/", "/release/{id}/catalog"])
def test_f_uji_finds_the_fields_of_the_dataset(client: FlaskClient, release: Release, path: str, metric: str) -> None:
    dataset = embedded(client, path.format(id=release.id))
    assert dataset["@type"] == "Dataset"
    assert all(dataset.get(name) for name in FIELDS[metric])


@pytest.mark.parametrize("metric", RDF_FIELDS)
def test_f_uji_finds_the_fields_of_the_dataset_in_rdf(client: FlaskClient, release: Release, metric: str) -> None:
    """The catalog, to which the address of a release leads those who ask for RDF, has each field of the metric."""
    answer = client.get(f"/release/{release.id}", headers={"Accept": "text/turtle"}, follow_redirects=True)
    catalog = rdflib.Graph().parse(data=answer.data, format="turtle")
    dataset = rdflib.URIRef(f"{release.base}release/{release.id}")
    assert all(catalog.value(dataset, field) for field in RDF_FIELDS[metric])


def test_f_uji_finds_files_and_a_licence(client: FlaskClient, release: Release) -> None:
    dataset = embedded(client, "/")
    for file in dataset["distribution"]:
        assert file["contentUrl"].startswith(release.base)
        assert file["encodingFormat"]
        assert file["contentSize"]
        assert int(file["contentSize"].removesuffix(" B")) == (release.path / "dumps" / file["name"]).stat().st_size
    assert any(OPEN_TYPE.search(file["encodingFormat"]) for file in dataset["distribution"])  # R1.3-02D
    assert any(licence.startswith("http://spdx.org/licenses/") for licence in dataset["license"])
    assert dataset["identifier"] == dataset["@id"] == f"{release.base}release/{release.id}"


@pytest.mark.parametrize(
    ("metric", "namespace"),
    [("R1.3-01M, I2-01M", "http://www.w3.org/ns/dcat#"), ("R1.2-01M", "http://www.w3.org/ns/prov#")],
)
def test_f_uji_finds_known_namespaces(client: FlaskClient, metric: str, namespace: str) -> None:
    """In what `describedby` leads to: DCAT is a standard of all communities, PROV-O the formal provenance."""
    assert any(str(predicate).startswith(namespace) for predicate in graph_of(client, "/").predicates()), metric


@pytest.mark.parametrize("path", ["/", ENTITY])
@pytest.mark.parametrize("properties", [IDENTIFIER, DISCOVERY, RIGHTS, LICENCE, PROVENANCE])
def test_fair_checker_finds_one_of_the_properties(client: FlaskClient, path: str, properties: str) -> None:
    if (path, properties) != (ENTITY, DISCOVERY):  # what a document describes has names, not Dublin Core's titles
        assert has_one_of(graph_of(client, path), properties)


@pytest.mark.parametrize("properties", [IDENTIFIER, DISCOVERY, RIGHTS, LICENCE, PROVENANCE])
def test_fair_checker_finds_them_in_saved_documents(client: FlaskClient, properties: str) -> None:
    saved = rdflib.Graph().parse(data=client.get(f"{ENTITY}.ttl").data, format="turtle")
    assert has_one_of(saved, properties)


def test_fair_checker_finds_links_to_other_hosts(client: FlaskClient) -> None:
    for path in ("/", ENTITY):
        terms = {term for triple in graph_of(client, path) for term in triple if isinstance(term, rdflib.URIRef)}
        assert len({urlsplit(term).netloc for term in terms}) > 3


@pytest.fixture(scope="module")
def ontology(client: FlaskClient) -> rdflib.Graph:
    return rdflib.Graph().parse(data=client.get("/ontology", headers={"Accept": "text/turtle"}).data, format="turtle")


@pytest.mark.parametrize("check", WANTED)
def test_foops_finds_what_a_vocabulary_says_of_itself(ontology: rdflib.Graph, check: str) -> None:
    said = set(ontology.predicates(ONTOLOGY))
    assert [wanted for wanted in WANTED[check] if not wanted & said] == []


def test_foops_finds_other_vocabularies(ontology: rdflib.Graph) -> None:
    """VOC1: what the vocabulary says of itself is in known terms. VOC2: its terms build on others'."""
    assert any(str(predicate).startswith(str(DCTERMS)) for predicate in ontology.predicates(ONTOLOGY))
    supers = {*ontology.objects(None, RDFS.subClassOf), *ontology.objects(None, RDFS.subPropertyOf)}
    assert any(isinstance(term, rdflib.URIRef) and not term.startswith(ONTOLOGY) for term in supers)


def test_foops_finds_a_name_and_a_definition_of_each_term(ontology: rdflib.Graph) -> None:
    terms = {s for s in ontology.subjects(RDF.type) if isinstance(s, rdflib.URIRef) and s.startswith(f"{ONTOLOGY}#")}
    assert len(terms) > 100
    kinds = (RDFS.Class, OWL.Class, RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty)
    counted = {term for term in terms if any((term, RDF.type, kind) in ontology for kind in kinds)}
    assert len(counted) > 50
    for term in terms:
        assert ontology.value(term, RDFS.label) or ontology.value(term, rdflib.SKOS.prefLabel), term
        definition = ontology.value(term, RDFS.comment) or ontology.value(term, rdflib.SKOS.definition)
        assert definition or term not in counted, term
    others = {s for s in ontology.subjects() if isinstance(s, rdflib.URIRef) and not s.startswith(ONTOLOGY)}
    assert {str(other) for other in others} == {"https://w3id.org/parkgraph/contributors"}


def test_foops_finds_the_version(client: FlaskClient, ontology: rdflib.Graph, release: Release) -> None:
    """At the address below `/ontology`, where the rules for w3id.org lead."""
    iri = str(ontology.value(ONTOLOGY, OWL.versionIRI))
    answer = client.get(f"/ontology{iri.removeprefix(ONTOLOGY)}", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/release/{release.id}/ontology")
    found = client.get(answer.headers["Location"], headers={"Accept": "text/turtle"})
    assert (found.status_code, found.cache_control.immutable) == (200, True)
    assert set(rdflib.Graph().parse(data=found.data, format="turtle")) == set(ontology)
    unknown = client.get("/ontology/9.9.9")
    assert (unknown.status_code, unknown.get_json()["versions"]) == (404, [iri.removeprefix(f"{ONTOLOGY}/")])


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/deed.de", "CC-BY-NC-SA-3.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "CC-BY-4.0"),
        ("https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
        ("https://creativecommons.org/licenses/by/4.0/../x", None),
        ("urn:licence", None),
        ("", None),
    ],
)
def test_licences_have_the_names_of_spdx(iri: str, name: str | None) -> None:
    assert spdx_licence(iri) == (f"http://spdx.org/licenses/{name}" if name else None)
