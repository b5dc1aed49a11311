"""The catalog of a release is true, and conforms to DCAT-AP, VoID and PROV-O."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, VOID, Graph, Literal, Namespace, URIRef

from core.errors import InputError
from core.progress import Progress
from core.rdf import nquads, serialize
from release.catalog import describe_parts
from release.catalog.checking import SHAPES, check
from release.manifest import Dataset
from release.reader import CATALOG, SERIES
from release.source import Source
from release.writer import build

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node

    from release.reader import Release

silent = Progress()
DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib has the terms of the second edition alone
SPDX = Namespace("http://spdx.org/rdf/terms#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SH = Namespace("http://www.w3.org/ns/shacl#")
CC0 = URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
CC_BY = URIRef("https://creativecommons.org/licenses/by/4.0/")
LAMPS = "http://lamps.example/"


@pytest.fixture(scope="module")
def catalog(release: Release) -> Graph:
    return Graph().parse(release.path / CATALOG)


def parts_of(release: Release) -> Graph:
    return Graph().parse(data=serialize(describe_parts(release.manifest), ox.RdfFormat.N_TRIPLES), format="nt")


@pytest.fixture(scope="module")
def parts(release: Release) -> Graph:
    """The description of the dataset by its parts, at `/.well-known/void`."""
    return parts_of(release)


@pytest.fixture(scope="module")
def dataset(release: Release) -> URIRef:
    return URIRef(f"{release.base}release/{release.id}")


def ask(release: Release, query: str) -> list[ox.QuerySolution]:
    return list(cast("ox.QuerySolutions", release.open_store().query(query)))


def number(release: Release, query: str) -> Literal:
    (row,) = ask(release, query)
    return Literal(int(cast("ox.Literal", row["n"]).value))


def test_numbers_are_those_of_the_store(catalog: Graph, parts: Graph, dataset: URIRef, release: Release) -> None:
    for term, what in (("triples", "*"), ("distinctSubjects", "DISTINCT ?s"), ("distinctObjects", "DISTINCT ?o")):
        counted = number(release, f"SELECT (COUNT({what}) AS ?n) {{ ?s ?p ?o }}")
        assert catalog.value(dataset, VOID[term]) == counted, term
    classes = {parts.value(part, VOID["class"]): part for part in parts.objects(dataset, VOID.classPartition)}
    assert len(classes) == len(release.manifest.counts.classes) > 20
    assert catalog.value(dataset, VOID.classes) == Literal(len(classes))
    for iri, part in classes.items():
        counted = number(release, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a <{iri}> }}")
        assert parts.value(part, VOID.entities) == counted, iri
    properties = {parts.value(p, VOID.property): p for p in parts.objects(dataset, VOID.propertyPartition)}
    most = list(release.manifest.counts.properties)[:75]  # the manifest has all, those with the most triples first
    assert {str(iri) for iri in properties} == set(most)
    assert len(most) == 75
    for iri, part in properties.items():
        assert parts.value(part, VOID.triples) == number(release, f"SELECT (COUNT(*) AS ?n) {{ ?s <{iri}> ?o }}")


def test_graphs_are_told_with_their_numbers(parts: Graph, release: Release) -> None:
    graphs = {str(parts.value(part, SD.name)): part for part in parts.subjects(RDF.type, SD.NamedGraph)}
    assert graphs.keys() == release.manifest.counts.graphs.keys()
    for iri, part in graphs.items():
        counted = number(release, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}")
        assert parts.value(part, VOID.triples) == counted, iri


def test_links_lead_to_other_data(parts: Graph, release: Release) -> None:
    linksets = list(parts.subjects(RDF.type, VOID.Linkset))
    assert len(linksets) >= 3
    spaces = set()
    for linkset in linksets:
        space = str(parts.value(parts.value(linkset, VOID.objectsTarget), VOID.uriSpace))
        predicate = parts.value(linkset, VOID.linkPredicate)
        counted = number(
            release,
            f"""SELECT (COUNT(*) AS ?n) {{ ?s <{predicate}> ?o
            FILTER(STRSTARTS(STR(?s), "{release.base}") && isIRI(?o) && STRSTARTS(STR(?o), "{space}")) }}""",
        )
        assert parts.value(linkset, VOID.triples) == counted, (predicate, space)
        spaces.add(space)
    assert "https://sws.geonames.org/" in spaces
    assert release.base not in spaces


def test_the_documents_of_the_dataset_are_distributions(catalog: Graph, dataset: URIRef, release: Release) -> None:
    distributions = set(catalog.objects(dataset, DCAT.distribution))
    assert distributions == set(catalog.subjects(RDF.type, DCAT.Distribution))
    stays = f"{release.base}release/{release.id}/"
    files = {str(catalog.value(d, DCAT.downloadURL)).removeprefix(stays): d for d in distributions}
    documents = {f"dumps/parkgraph.{extension}.gz" for extension in ("nq", "trig", "jsonld", "nt", "ttl")}
    documents.add("dumps/parkgraph-1.2.ttl.gz")
    assert files.keys() == documents | {"dumps/quads.parquet", "dumps/tables/csv-metadata.json"}
    for path, distribution in files.items():
        data = (release.path / path).read_bytes()
        assert int(str(catalog.value(distribution, DCAT.byteSize))) == len(data)
        checksum = catalog.value(distribution, SPDX.checksum)
        assert str(catalog.value(checksum, SPDX.checksumValue)) == hashlib.sha256(data).hexdigest()
        assert catalog.value(distribution, DCAT.mediaType)
        assert (catalog.value(distribution, DCAT.compressFormat) is not None) == path.endswith(".gz")
        assert catalog.value(distribution, DCAT.accessURL) == URIRef(f"{stays}dumps/")
    assert {str(dump) for dump in catalog.objects(dataset, VOID.dataDump)} == {stays + path for path in documents}


def licences(catalog: Graph, of: Node) -> set[Node]:
    """The licences of something; one document may stand for several."""
    (licence,) = catalog.objects(of, DCTERMS.license)
    parts = set(catalog.objects(licence, DCTERMS.hasPart))
    return parts or {licence}


def test_licences_are_those_of_what_is_held(catalog: Graph, parts: Graph, dataset: URIRef, release: Release) -> None:
    assert licences(catalog, dataset) == {CC0, CC_BY}
    graphs = {
        str(parts.value(part, SD.name)).removeprefix(release.base): licences(parts, part)
        for part in parts.subjects(RDF.type, SD.NamedGraph)
    }
    assert graphs["id/graph/gazetteer"] == {CC_BY}
    assert graphs["id/graph/derived"] == {CC0, CC_BY}  # it has latitudes under a second name
    assert {name for name, of in graphs.items() if of != {CC0}} == {"id/graph/gazetteer", "id/graph/derived"}
    held = {}
    for distribution in catalog.subjects(RDF.type, DCAT.Distribution):
        name = str(catalog.value(distribution, DCAT.downloadURL)).partition("/dumps/")[2]
        held[name] = licences(catalog, distribution)
    assert all(of == {CC0, CC_BY} for of in held.values())
    names = {catalog.value(licence, SKOS.exactMatch) for licence in (CC0, CC_BY)}
    assert names == {URIRef(f"http://spdx.org/licenses/{name}") for name in ("CC0-1.0", "CC-BY-4.0")}


def test_coverage_comes_from_the_data(catalog: Graph, dataset: URIRef, release: Release) -> None:
    box = str(catalog.value(catalog.value(dataset, DCTERMS.spatial), DCAT.bbox))
    space = "http://www.w3.org/2003/01/geo/wgs84_pos#"
    (row,) = ask(
        release,
        f"""SELECT (MIN(?long) AS ?w) (MAX(?long) AS ?e) (MIN(?lat) AS ?s) (MAX(?lat) AS ?n)
        {{ ?place <{space}lat> ?lat ; <{space}long> ?long }}""",
    )
    west, east, south, north = (cast("ox.Literal", row[name]).value for name in "wesn")
    assert f"(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))" in box
    period = catalog.value(dataset, DCTERMS.temporal)
    first, last = catalog.value(period, DCAT.startDate), catalog.value(period, DCAT.endDate)
    years = {
        int(cast("ox.Literal", row["year"]).value[:4])
        for row in ask(
            release,
            f"""PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT DISTINCT (STR(?date) AS ?year) {{ ?s ?p ?date
            FILTER(STRSTARTS(STR(?s), "{release.base}"))
            FILTER(DATATYPE(?date) IN (xsd:date, xsd:dateTime, xsd:gYear, xsd:gYearMonth)) }}""",
        )
    }
    assert (int(str(first)[:4]), int(str(last)[:4])) == (min(years), max(years))
    authority = "http://publications.europa.eu/resource/authority/language/"
    languages = {str(language).removeprefix(authority) for language in catalog.objects(dataset, DCTERMS.language)}
    assert languages >= {"ENG", "DEU", "ZHO"}


def test_who_what_and_where(catalog: Graph, dataset: URIRef, release: Release) -> None:
    series = URIRef(release.base + SERIES)
    for subject in (dataset, series):
        titles = catalog.objects(subject, DCTERMS.title)
        assert {cast("Literal", title).language for title in titles} == {"en", "de", "zh"}
        assert len(set(catalog.objects(subject, DCAT.keyword))) > 5
        assert set(catalog.objects(subject, DCAT.theme))
    assert catalog.value(dataset, DCAT.inSeries) == series
    assert catalog.value(dataset, DCAT.version) == Literal(release.id)
    assert catalog.value(dataset, VOID.sparqlEndpoint) == URIRef(f"{release.base}sparql")
    (service,) = catalog.subjects(RDF.type, DCAT.DataService)
    assert catalog.value(service, DCAT.servesDataset) == dataset
    vocabularies = set(catalog.objects(dataset, VOID.vocabulary))
    assert URIRef(str(FOAF)) in vocabularies
    assert all(str(vocabulary).endswith(("#", "/")) for vocabulary in vocabularies)
    examples = set(catalog.objects(dataset, VOID.exampleResource))
    assert len(examples) > 2
    for example in examples:
        assert release.open_store().query(f"ASK {{ <{example}> ?p ?o }}"), example


def test_where_it_comes_from(catalog: Graph, dataset: URIRef, release: Release) -> None:
    (build_,) = catalog.objects(dataset, PROV.wasGeneratedBy)
    manifest = catalog.value(build_, RDFS.seeAlso)
    assert manifest == URIRef(f"{release.base}release/{release.id}/manifest.json")  # where each input is told
    assert str(catalog.value(build_, RDFS.comment)).startswith(f"Made of {len(release.manifest.inputs)} files")
    assert "data/articles/000.yaml" in release.manifest.inputs
    agents = set(catalog.objects(build_, PROV.wasAssociatedWith))
    tools = {
        str(catalog.value(agent, FOAF.name)) for agent in agents if (agent, RDF.type, PROV.SoftwareAgent) in catalog
    }
    assert tools == release.manifest.software.keys()
    assert catalog.value(dataset, DCTERMS.publisher) in agents
    (report,) = catalog.subjects(RDF.type, SH.ValidationReport)
    assert catalog.value(report, SH.conforms) == Literal(True)  # noqa: FBT003 - an RDF literal


def test_the_catalog_is_a_graph_of_its_own(catalog: Graph, release: Release) -> None:
    graph = ox.NamedNode(f"{release.base}catalog")
    stored = [quad.triple for quad in release.open_described_store().quads_for_pattern(None, None, None, graph)]
    assert len(release.open_described_store()) == len(release.open_store()) + len(stored) + release.manifest.schema_card
    assert not release.open_store().query(f"ASK {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    text = (release.path / CATALOG).read_bytes().replace(b"^^xsd:nonNegativeInteger", b"^^xsd:integer")
    written = {cast("ox.Quad", quad).triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)}
    assert set(stored) == written  # the engine keeps integers of every kind as xsd:integer
    assert len(stored) == len(catalog) == release.manifest.catalog < 500
    assert graph.value not in release.manifest.counts.graphs  # it is no part of the content
    assert not any(line.rstrip().endswith(f"{graph} .".encode()) for line in release.lines())


def test_harvesters_meet_one_dataset(catalog: Graph, dataset: URIRef) -> None:
    assert list(catalog.subjects(RDF.type, DCAT.Dataset)) == list(catalog.objects(None, DCAT.dataset)) == [dataset]
    assert len(list(catalog.subjects(RDF.type, DCAT.Distribution))) == 8


def test_another_engine_finds_it_conforming(catalog: Graph, parts: Graph) -> None:
    conforms, _, text = pyshacl.validate(catalog + parts, shacl_graph=Graph().parse(SHAPES), inference="none")
    assert conforms, text


BROKEN = {
    "a title is missing": "DELETE WHERE { ?s a dcat:Catalog ; dcterms:title ?o }",
    "two publishers": "INSERT { ?s dcterms:publisher <urn:other> . <urn:other> a foaf:Agent ; foaf:name 'x' } "
    "WHERE { ?s a dcat:Catalog }",
    "a file without a size": "DELETE { ?s dcat:byteSize ?o } WHERE { ?s dcat:byteSize ?o }",
    "a file without a digest": "DELETE { ?s spdx:checksum ?o } WHERE { ?s a dcat:Distribution ; spdx:checksum ?o }",
    "a digest that is none": "DELETE { ?s spdx:checksumValue ?o } INSERT { ?s spdx:checksumValue 'x' } "
    "WHERE { ?s spdx:checksumValue ?o }",
    "a file without a licence": "DELETE { ?s dcterms:license ?o } "
    "WHERE { ?s a dcat:Distribution ; dcterms:license ?o }",
    "a file with two licences": "INSERT { ?s dcterms:license <urn:l> . <urn:l> a dcterms:LicenseDocument } "
    "WHERE { ?s a dcat:Distribution }",
    "a media type of one's own": "INSERT { ?s dcat:mediaType <urn:m> } WHERE { ?s a dcat:Distribution }",
    "no number of triples": "DELETE { ?s void:triples ?o } WHERE { ?s dcat:inSeries ?series ; void:triples ?o }",
    "a partition without a class": "DELETE WHERE { ?part void:class ?o }",
    "a service without an address": "DELETE WHERE { ?s dcat:endpointURL ?o }",
    "a contact that cannot be reached": "DELETE WHERE { ?s vcard:hasURL ?o }",
    "a linkset without a property": "DELETE WHERE { ?s void:linkPredicate ?o }",
    "no build": "DELETE WHERE { ?s prov:wasGeneratedBy ?o }",
    "a tool without a version": "DELETE WHERE { ?s <https://schema.org/softwareVersion> ?o }",
    "a version that is no id": "DELETE { ?s dcat:version ?o } INSERT { ?s dcat:version '1' } "
    "WHERE { ?s dcat:version ?o }",
    "a period without an end": "DELETE WHERE { ?s dcat:endDate ?o }",
    "a place without a box": "DELETE WHERE { ?s dcat:bbox ?o }",
}


@pytest.mark.parametrize("update", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_wrong_is_found_by_both_engines(release: Release, update: str) -> None:
    store = ox.Store()
    store.bulk_load(path=release.path / CATALOG)
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in describe_parts(release.manifest))
    before = set(store)
    names = {"dcat": DCAT, "dcterms": DCTERMS, "foaf": FOAF, "prov": PROV, "spdx": SPDX, "void": VOID}
    names["vcard"] = Namespace("http://www.w3.org/2006/vcard/ns#")
    store.update("".join(f"PREFIX {name}: <{space}>\n" for name, space in names.items()) + update)
    assert set(store) != before
    with pytest.raises(InputError, match="does not conform to DCAT-AP"):
        check(quad.triple for quad in store)
    broken = Graph().parse(data=store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()), format="nt")
    conforms, _, _ = pyshacl.validate(broken, shacl_graph=Graph().parse(SHAPES), inference="none")
    assert not conforms


def lamps(*values: tuple[str, ox.Literal], **about: object) -> Source:
    subject = ox.NamedNode(LAMPS + "id/lamp")
    quads = [ox.Quad(subject, ox.NamedNode(name), value, ox.DefaultGraph()) for name, value in values]
    return Source([nquads(quads)], LAMPS, Dataset({"en": "Lamps"}, **about))  # type: ignore[arg-type]


def test_a_dataset_of_which_nothing_is_said(tmp_path: Path) -> None:
    """It has no publisher, no licence, no dates, no places: it conforms all the same, and nothing is made up."""
    release = build(lamps(("urn:p", ox.Literal("x"))), tmp_path, silent)
    catalog = Graph().parse(release.path / CATALOG)
    dataset = URIRef(f"{LAMPS}release/{release.id}")
    assert catalog.value(catalog.value(dataset, DCTERMS.publisher), FOAF.name) == Literal("lamps.example")
    for term in (DCTERMS.license, DCTERMS.temporal, DCTERMS.spatial, DCTERMS.language):
        assert catalog.value(dataset, term) is None
    conforms, _, text = pyshacl.validate(catalog, shacl_graph=Graph().parse(SHAPES), inference="none")
    assert conforms, text


XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        ([("2020", "gYear")], "2020", "2020"),
        ([("2020-05-01", "date"), ("2020", "gYear")], "2020", "2020"),
        (
            [("2020-05", "gYearMonth"), ("2020-05-31", "date"), ("2020-04-30T10:00:00Z", "dateTime")],
            "2020-04-30",
            "2020-05",
        ),
        ([("-0044-03-15", "date"), ("1999-12-31Z", "date")], "1999-12-31", "1999-12-31"),
        ([("-0044-03-15", "date")], None, None),
        ([("2020-05-01", "string")], None, None),
    ],
)
def test_the_period_is_as_precise_as_the_data(
    tmp_path: Path, dates: list[tuple[str, str]], first: str | None, last: str | None
) -> None:
    values = [("urn:date", ox.Literal(text, datatype=ox.NamedNode(XSD + name))) for text, name in dates]
    release = build(lamps(*values), tmp_path, silent)
    catalog = Graph().parse(release.path / CATALOG)
    period = catalog.value(URIRef(f"{LAMPS}release/{release.id}"), DCTERMS.temporal)
    found = [catalog.value(period, term) for term in (DCAT.startDate, DCAT.endDate)] if period else [None, None]
    assert [str(date) if date is not None else None for date in found] == [first, last]


def test_the_publisher_says_how_to_be_reached(tmp_path: Path) -> None:
    about = {
        "contact": "mailto:lamps@lamps.example",
        "keywords": {"en": ["lamp", "light"]},
        "themes": ["http://publications.europa.eu/resource/authority/data-theme/ENER"],
    }
    release = build(lamps(("urn:p", ox.Literal("x")), **about), tmp_path, silent)
    catalog = Graph().parse(release.path / CATALOG)
    dataset = URIRef(f"{LAMPS}release/{release.id}")
    vcard = Namespace("http://www.w3.org/2006/vcard/ns#")
    assert catalog.value(catalog.value(dataset, DCAT.contactPoint), vcard.hasEmail) == URIRef(
        "mailto:lamps@lamps.example"
    )
    assert set(catalog.objects(dataset, DCAT.keyword)) == {Literal("lamp", lang="en"), Literal("light", lang="en")}
    assert [str(theme) for theme in catalog.objects(dataset, DCAT.theme)] == about["themes"]


def test_graphs_with_a_licence_of_their_own_are_told_among_very_many(tmp_path: Path) -> None:
    lamp, size, licence = (ox.NamedNode(LAMPS + name) for name in ("id/lamp", "size", "id/graph/small"))
    graphs = [ox.NamedNode(f"{LAMPS}id/graph/{number}") for number in range(100)]
    quads = [ox.Quad(lamp, size, ox.Literal(n), graph) for graph in graphs for n in range(2)]
    quads.append(ox.Quad(lamp, size, ox.Literal("other"), licence))
    stated = ox.NamedNode(str(DCTERMS.license))
    quads.append(ox.Quad(licence, stated, ox.NamedNode(str(CC_BY)), ox.DefaultGraph()))
    source = Source([nquads(quads)], LAMPS, Dataset({"en": "Lamps"}, license=str(CC0)))
    parts = parts_of(build(source, tmp_path, silent))
    named = {str(parts.value(part, SD.name)): part for part in parts.subjects(RDF.type, SD.NamedGraph)}
    assert len(named) == 75
    assert licences(parts, named[licence.value]) == {CC_BY}
    assert licences(parts, named[graphs[0].value]) == {CC0}


def test_languages_are_told_without_directions(tmp_path: Path) -> None:
    rtl = ox.Literal("x", language="ar-EG", direction=ox.BaseDirection.RTL)
    languages = (rtl, ox.Literal("x", language="en"), ox.Literal("x", language="la"), ox.Literal("x", language="grc"))
    release = build(lamps(*(("urn:p", text) for text in languages)), tmp_path, silent)
    assert release.manifest.statistics.languages == {"ar-eg": 1, "en": 1, "grc": 1, "la": 1}
    catalog = Graph().parse(release.path / CATALOG)
    found = {str(one) for one in catalog.objects(URIRef(f"{LAMPS}release/{release.id}"), DCTERMS.language)}
    authority = "http://publications.europa.eu/resource/authority/language/"
    assert found == {f"{authority}ARA", f"{authority}ENG", "http://id.loc.gov/vocabulary/iso639-1/la"}
