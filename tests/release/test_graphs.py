"""Plain RDF of every arrangement of graphs, and literals of equal value: the parts of their releases agree.

In go files; a release is asked as a user asks it: by queries, by its dumps, over HTTP, and by `verify`.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
import pytest

from core.problems import Severity
from release.build import publish_rdf
from release.reader import Release, open_release
from release.verify import verify
from server.query.local import query_release
from tests.conftest import parkgraph
from tests.server.conftest import in_process

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://names.example/"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
A, B = f"<{BASE}id/a>", f"<{BASE}id/b>"
JSON_LD = f'{{"@id": "{BASE}g", "@graph": [{{"@id": "{BASE}id/a", "{LABEL[1:-1]}": "Alpha Park"}}]}}'
ARRANGEMENTS = {  # name → text, distinct triples, named graphs with IRIs, quads of named graphs
    "named-only.trig": (f'<g> {{ {A} {LABEL} "Alpha Park" ; <near> {B} }} <h> {{ {B} {LABEL} "Beta" }}', 3, 2, 3),
    "named-only.nq": (f'{A} {LABEL} "Alpha Park" <urn:g> .\n{A} <urn:near> {B} <urn:g> .\n', 2, 1, 2),
    "three-times.nq": (
        f'{A} {LABEL} "Alpha Park" .\n{A} {LABEL} "Alpha Park" <urn:g> .\n{A} {LABEL} "Alpha Park" <urn:h> .\n',
        1,
        2,
        2,
    ),
    "blank-graph.nq": (f'{A} {LABEL} "Alpha Park" _:g .\n{A} <urn:near> _:b _:g .\n_:g <urn:by> {B} .\n', 3, 0, 2),
    "blank-graph.trig": (f'_:g {{ {A} {LABEL} "Alpha Park" }} <g> {{ {A} <near> [ <near> {B} ] }}', 3, 1, 3),
    "both.trig": (f'{B} a <Park> . <g> {{ {A} {LABEL} "Alpha Park" . {B} a <Park> }} {A} <near> {B} .', 3, 1, 2),
    "default-only.ttl": (f'{A} {LABEL} "Alpha Park" ; <near> {B} .', 2, 0, 0),
    "named-only.jsonld": (JSON_LD, 1, 1, 1),
}
NUMBERS = """
@prefix ex: <http://names.example/id/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:a ex:p 1, 01, "1"^^xsd:int, "+1"^^xsd:integer , 1.0, 1.00, "true"^^xsd:boolean, "1"^^xsd:boolean .
"""


def published(folder: Path, name: str, text: str, *, union: bool = True) -> Release:
    (folder / name).write_text(text, encoding="utf-8")
    return publish_rdf([folder / name], folder / "releases", base=BASE, union=union).release


def count(release: Release, pattern: str) -> int:
    (row,) = cast("ox.QuerySolutions", query_release(release, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"))
    return int(row["n"].value)


def dump(release: Release, name: str) -> list[bytes]:
    return gzip.decompress((release.path / "dumps" / name).read_bytes()).splitlines()


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_the_default_graph_is_the_union_of_all_graphs(tmp_path: Path, name: str) -> None:
    text, triples, graphs, quads = ARRANGEMENTS[name]
    release = published(tmp_path, name, text)
    counts = release.manifest.counts
    assert (counts.triples, counts.quads, len(counts.graphs)) == (triples, triples + quads, graphs)
    assert counts.entities >= 1
    assert count(release, "?s ?p ?o") == triples
    assert count(release, "GRAPH ?g { ?s ?p ?o }") == quads
    assert len(dump(release, "parkgraph.nt.gz")) == triples
    assert len(dump(release, "parkgraph.nq.gz")) == triples + quads
    assert list(verify(release)) == []


@pytest.mark.parametrize("name", ["named-only.trig", "blank-graph.trig", "both.trig"])
def test_without_the_union_each_graph_is_as_it_was(tmp_path: Path, name: str) -> None:
    text, _, _, quads = ARRANGEMENTS[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    given = ox.Dataset(ox.parse(path=tmp_path / name, base_iri=BASE))
    built = publish_rdf([tmp_path / name], tmp_path / "releases", base=BASE, union=False)
    held = ox.Dataset(ox.parse(b"".join(built.release.lines()), ox.RdfFormat.N_QUADS))
    for dataset in (given, held):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert held == given
    default = len(given) - quads
    assert built.release.manifest.counts.triples == default
    assert [(problem.code, problem.severity) for problem in built.problems] == (
        [] if default else [("empty-default-graph", Severity.WARNING)]
    )
    assert list(verify(built.release)) == []


def test_the_site_of_named_graphs_alone_is_not_empty(tmp_path: Path) -> None:
    published(tmp_path, "np.trig", ARRANGEMENTS["named-only.trig"][0])
    with in_process(tmp_path / "releases") as client:
        pages = [client.get(path, headers={"Accept": "text/html"}) for path in ("/", "/doc/a", "/search?q=Alpha")]
        assert [page.status_code for page in pages] == [200, 200, 200]
        assert "<strong>3</strong> triples" in pages[0].text
        assert all("Alpha Park" in page.text for page in pages[1:])
        turtle = client.get("/doc/a", headers={"Accept": "text/turtle"})
        assert "Alpha Park" in turtle.text


def test_the_command_warns_of_an_empty_default_graph(tmp_path: Path) -> None:
    (tmp_path / "np.trig").write_text(ARRANGEMENTS["named-only.trig"][0], encoding="utf-8")
    done = parkgraph("build", "--rdf", tmp_path / "np.trig", "--base", BASE, "--releases", tmp_path, "--no-union")
    assert "the default graph is empty" in done.stdout + done.stderr
    assert "--no-union" in done.stdout + done.stderr
    refused = parkgraph("build", "--no-union", "--releases", tmp_path, check=False)
    assert (refused.returncode, "--no-union goes with --rdf" in refused.stderr) == (2, True)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, str]:
    """Eight triples of which the store makes three, and what the build said."""
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "numbers.ttl").write_text(NUMBERS, encoding="utf-8")
    done = parkgraph("build", "--rdf", folder / "numbers.ttl", "--base", BASE, "--releases", folder)
    return open_release(folder), done.stderr


def test_the_build_says_what_queries_give_in_another_form(numbers: tuple[Release, str]) -> None:
    release, said = numbers
    assert "6 of 8 literals come back from queries in another form" in said
    assert '"+1"^^xsd:integer as "1"^^xsd:integer' in said
    assert "queries find 3 of 8 triples" in said
    stored = release.manifest.stored
    assert (stored.literals, stored.changed, stored.triples, stored.quads) == (8, 6, 3, 3)
    assert len(stored.examples) == 3
    assert list(verify(release)) == []


def test_all_parts_agree_on_the_number_of_published_triples(numbers: tuple[Release, str]) -> None:
    release, _ = numbers
    assert release.manifest.counts.triples == len(dump(release, "parkgraph.nq.gz")) == 8
    with in_process(release.path.parent) as client:
        home = client.get("/", headers={"Accept": "text/html"}).text
        page = client.get("/sparql", headers={"Accept": "text/html"}).text
        described = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
        catalog = client.get("/catalog", headers={"Accept": "application/n-triples"}).text
        german = client.get("/sparql?lang=de", headers={"Accept": "text/html"}).text
    assert "<strong>8</strong> triples" in home
    void = '<http://rdfs.org/ns/void#triples> "8"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert void in described
    assert void in catalog
    assert "6 of 8 literals come back from queries in another form" in page
    assert "Queries find 3 triples in the default graph where 8 were published" in page
    assert "6 von 8 Literalen" in german
    assert '#changed-literals> <https://schema.org/value> "6"' in described
    assert '#stored-triples> <https://schema.org/value> "3"' in described
