"""For every entity, the page, each RDF format, SPARQL and the dump give the same triples.

Documents say more than the others of one thing alone: of themselves.
"""

from __future__ import annotations

import gzip
import html
import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest

from core.formats import JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format
from core.labels import NAMING
from core.namespaces import DCTERMS, FOAF, PROV, RDF, RDF_TYPE, VOID
from release.reader import TURTLE as TURTLE_DUMP
from server.app import create_app
from server.model.description import REIFICATION
from server.settings import Settings
from tests.about_documents import about_documents
from tests.about_documents import described as without_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

Triples = frozenset[str]
UNTOLD = {ox.NamedNode(RDF_TYPE), *NAMING}
SUBJECT = ox.NamedNode(RDF + "subject")
FORMER = "<https://w3id.org/parkgraph/ontology#Tombstone>"
SAMPLE = 40  # each how many entities are read in the formats other than N-Triples


def triples(quads: Iterable[ox.Quad | ox.Triple], subject: str | None = None) -> Triples:
    rows = (quad.triple if isinstance(quad, ox.Quad) else quad for quad in quads)
    return frozenset(str(row) for row in rows if subject is None or row.subject == ox.NamedNode(subject))


@pytest.fixture(scope="module")
def client(releases: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(releases=releases))
    yield app.test_client()
    app.extensions["current"].close()


@pytest.fixture(scope="module")
def dumped(release: Release) -> dict[str, Triples]:
    """Entity → its triples in the Turtle dump."""
    found: dict[str, set[str]] = defaultdict(set)
    with gzip.open(release.path / TURTLE_DUMP) as dump:
        for quad in ox.parse(dump.read(), ox.RdfFormat.TURTLE):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(f"{release.base}id/"):
                found[quad.subject.value].add(str(quad.triple))
    return {entity: frozenset(rows) for entity, rows in found.items()}


@pytest.fixture(scope="module")
def described(dumped: dict[str, Triples]) -> dict[str, Triples]:
    """Those that have documents: not the former entries, whose addresses say where they went."""
    return {entity: rows for entity, rows in dumped.items() if not any(FORMER in row for row in rows)}


def get(client: FlaskClient, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return bytes(answer.data)


def test_every_entity_is_there(dumped: dict[str, Triples], release: Release) -> None:
    assert len(dumped) > 1000
    quads = release.open_store().quads_for_pattern(None, None, None, ox.DefaultGraph())
    described = {quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    assert len(dumped) < len(described) == release.manifest.counts.entities


def test_former_entries_say_where_they_went(client: FlaskClient, dumped: dict[str, Triples], release: Release) -> None:
    """They have moved to an entity that is there, or were withdrawn."""
    former = {entity: rows for entity, rows in dumped.items() if any(FORMER in row for row in rows)}
    assert len(former) > 100
    for entity in former:
        answer = client.get(document_of(entity) + ".nt")
        if answer.status_code == 301:
            target = release.base + urlsplit(answer.headers["Location"]).path.lstrip("/").replace("doc/", "id/", 1)
            assert target.removesuffix(".nt") in dumped.keys() - former.keys(), entity
        else:
            assert answer.status_code == 410, entity


def test_documents_say_what_the_dump_says(client: FlaskClient, described: dict[str, Triples]) -> None:
    for entity, expected in described.items():
        data = get(client, document_of(entity) + ".nt")
        assert triples(ox.parse(data, ox.RdfFormat.N_TRIPLES), entity) == expected, entity


def test_what_documents_say_of_themselves_is_in_no_dump(
    client: FlaskClient, described: dict[str, Triples], release: Release
) -> None:
    """A document names its topic, the release, licence and publisher, and the articles that it rests on."""
    sourced = 0
    for entity in sorted(described)[::SAMPLE]:
        quads = ox.parse(get(client, document_of(entity) + ".nt"), ox.RdfFormat.N_TRIPLES)
        told = about_documents(quad.triple for quad in quads)
        values = {(triple.predicate.value, getattr(triple.object, "value", "")) for triple in told}
        iri = f"{release.base}{document_of(entity).lstrip('/')}"
        assert {triple.subject for triple in told} == {ox.NamedNode(iri)}
        assert {
            (FOAF + "primaryTopic", entity),
            (VOID + "inDataset", f"{release.base}release/{release.id}"),
            (DCTERMS + "hasVersion", iri.replace(release.base, f"{release.base}release/{release.id}/", 1)),
            (DCTERMS + "publisher", f"{release.base}catalog#publisher"),
            *((DCTERMS + "license", licence) for licence in release.manifest.licences),
        } <= values
        articles = {value for name, value in values if name == PROV + "wasDerivedFrom"}
        sourced += bool(articles)
        assert all(article.startswith(f"{release.base}id/article/") for article in articles)
    assert sourced > 10
    assert not any(line.startswith(f"<{release.base}doc/".encode()) for line in release.lines())


def test_sparql_says_what_the_dump_says(client: FlaskClient, dumped: dict[str, Triples], release: Release) -> None:
    query = f'CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{release.base}id/")) }}'
    with client.get("/sparql", query_string={"query": query}, headers={"Accept": N_TRIPLES.media_type}) as answer:
        assert answer.status_code == 200
        assert triples(ox.parse(answer.data, ox.RdfFormat.N_TRIPLES)) == frozenset().union(*dumped.values())


class Page:
    """What a page shows of triples: texts, values for machines, and links to documents or elsewhere."""

    def __init__(self, client: FlaskClient, entity: str, base: str) -> None:
        page = get(client, document_of(entity) + ".html").decode()
        self._text = html.unescape(re.sub(r"<[^>]+>", "", page))
        self._words = " ".join(self._text.split())
        self._raw = {html.unescape(raw) for raw in re.findall(r'<(?:time datetime|data value)="([^"]*)"', page)}
        self._links = {unquote(html.unescape(link)) for link in re.findall(r'href="([^"]+)"', page)}
        self._base = base

    def shows(self, value: object) -> bool:
        """Whether a literal stands there as text or for machines, a resource as a link to its document or its IRI."""
        if isinstance(value, ox.Literal):
            return value.value in self._raw or " ".join(value.value.split()) in self._words
        if not isinstance(value, ox.NamedNode):
            return True
        local = document_of(value.value) if value.value.startswith(f"{self._base}id/") else value.value
        return any(link in {local, value.value} or local in link for link in self._links) or value.value in self._text


def document_of(entity: str) -> str:
    return urlsplit(entity).path.replace("/id/", "/doc/", 1)


def test_pages_say_what_the_dump_says(client: FlaskClient, described: dict[str, Triples], release: Release) -> None:
    """Every value of the entity stands on its page."""
    for entity, expected in described.items():
        page = Page(client, entity, release.base)
        for quad in ox.parse("".join(f"{row} .\n" for row in expected), ox.RdfFormat.N_TRIPLES):
            assert page.shows(quad.object), (entity, quad)


def test_pages_say_what_their_documents_say(
    client: FlaskClient, described: dict[str, Triples], release: Release
) -> None:
    """So does everything else of the document: what points to the entity, and what is shown in place.

    Names of what is mentioned are told in one language, and what is shown in place is told without its classes. A
    statement that a passage gives a name is told by the name, which leads to what bears it.
    """
    others = 0
    store = release.open_store()
    for entity in sorted(described)[::SAMPLE]:
        page = Page(client, entity, release.base)
        found = ox.parse(get(client, document_of(entity) + ".nt"), ox.RdfFormat.N_TRIPLES)
        for quad in without_metadata(quad.triple for quad in found):
            if quad.subject != ox.NamedNode(entity) and quad.predicate not in UNTOLD:
                others += 1
                assert page.shows(quad.object), (entity, quad)
                if quad.object == ox.NamedNode(entity) and quad.predicate not in REIFICATION:
                    stated = store.quads_for_pattern(quad.subject, SUBJECT, None, ox.DefaultGraph())
                    shown = [page.shows(node) for node in (quad.subject, *(one.object for one in stated))]
                    assert any(shown), (entity, quad)
    assert others > 100


def test_describe_says_what_the_documents_say(client: FlaskClient, described: dict[str, Triples]) -> None:
    for entity in sorted(described)[::SAMPLE]:
        found = ox.parse(get(client, document_of(entity) + ".nt"), ox.RdfFormat.N_TRIPLES)
        expected = triples(without_metadata(quad.triple for quad in found))
        query = {"query": f"DESCRIBE <{entity}>"}
        with client.get("/sparql", query_string=query, headers={"Accept": N_TRIPLES.media_type}) as answer:
            assert answer.status_code == 200
            assert triples(ox.parse(answer.data, ox.RdfFormat.N_TRIPLES)) == expected, entity


@pytest.mark.parametrize("format_", [TURTLE, JSON_LD, RDF_XML, TRIG], ids=lambda format_: format_.extension)
def test_formats_say_the_same(client: FlaskClient, described: dict[str, Triples], format_: Format) -> None:
    entities = sorted(described)[::SAMPLE]
    assert len(entities) > 25
    for entity in entities:
        path = document_of(entity)
        expected = triples(ox.parse(get(client, f"{path}.nt"), ox.RdfFormat.N_TRIPLES))
        found = triples(ox.parse(get(client, f"{path}.{format_.extension}"), format_.rdf))
        assert found == expected, entity
