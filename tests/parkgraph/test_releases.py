"""The public module: a release from a folder and from a URL gives the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
import rdflib

import parkgraph
from core.errors import InputError, QueryError, QuerySyntaxError, ReleaseError
from release.reader import open_release
from tests.conftest import ROOT
from tests.server.conftest import serving
from tests.test_python_calls import READING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import Service

PARK = "https://w3id.org/parkgraph/ontology#Park"
BARCELONA = "id/park/barcelona-science-park"


@pytest.fixture(scope="module")
def server(releases: Path) -> Iterator[Service]:
    with serving(releases, workers=1) as service:
        yield service


@pytest.fixture(scope="module", params=["folder", "URL"])
def opened(request: pytest.FixtureRequest, releases: Path) -> parkgraph.Release:
    if request.param == "folder":
        return parkgraph.open(releases)
    return parkgraph.open(request.getfixturevalue("server").url)


def test_importing_it_loads_no_library() -> None:
    loaded = "import sys, parkgraph; print(*{name.partition('.')[0] for name in sys.modules})"
    names = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"flask", "pandas", "polars", "pyoxigraph", "rdflib", "urllib3", "numpy"} & set(names)


def test_what_a_release_says_of_itself(opened: parkgraph.Release, releases: Path) -> None:
    manifest = open_release(releases).manifest
    assert (opened.id, opened.base, opened.title) == (manifest.id, manifest.base, "ParkGraph")
    assert opened.licence == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert opened.classes[PARK] > 10
    assert opened.prefixes["pg"] == PARK.removesuffix("Park")
    assert opened.id in opened.citation()
    assert opened.citation("bibtex").startswith("@misc{")
    assert opened.citation("ris").startswith("TY  - DATA")
    assert json.loads(opened.citation("csl-json"))[0]["version"] == opened.id
    with pytest.raises(InputError, match="a citation is one of text, bibtex"):
        opened.citation("word")


def test_the_dataset_has_every_quad(opened: parkgraph.Release, releases: Path) -> None:
    counts = open_release(releases).manifest.counts
    dataset = opened.dataset()
    assert len(dataset.default_graph) == counts.triples
    assert sum(len(graph) for graph in dataset.graphs()) == counts.quads
    assert {str(graph.identifier) for graph in dataset.graphs()} >= counts.graphs.keys()
    park = rdflib.URIRef(opened.base + BARCELONA)
    assert (park, rdflib.RDF.type, rdflib.URIRef(PARK)) in dataset.default_graph
    assert dict(dataset.namespaces())["pg"] == rdflib.URIRef(opened.prefixes["pg"])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_class_as_a_frame(library: parkgraph.answers.Library, opened: parkgraph.Release) -> None:
    for class_ in ("Park", "pg:Park", PARK):
        assert len(opened.frame(class_, library)) == opened.classes[PARK]
    frame = opened.frame("Figure", library, names="de")
    values = {name: list(frame[name]) for name in ("id", "pg_value", "earliest", "unit", "unit_name")}
    assert any(isinstance(value, Decimal) for value in values["pg_value"])
    assert any(isinstance(value, date) for value in values["earliest"])
    euro = [
        name for unit, name in zip(values["unit"], values["unit_name"], strict=True) if str(unit).endswith("#person")
    ]
    assert set(euro) == {"Person"}


def test_frames_have_types_and_names(opened: parkgraph.Release) -> None:
    figures = opened.to_polars("Figure")
    assert figures.schema["earliest"] == pl.Date
    assert figures.schema["numerator"] == pl.Int64
    assert "unit_name" not in figures.columns
    parks = opened.to_pandas("Park", names="zh")
    assert str(parks["label_en"].dtype) == "string"
    assert parks.attrs["release"] == opened.id
    kinds = {name for names in parks["kind_name"] if names is not None for name in names}
    assert "科学园" in kinds
    assert list(parks.columns).index("kind_name") == list(parks.columns).index("kind") + 1


def test_answers_are_rows_of_terms_and_frames(opened: parkgraph.Release) -> None:
    answer = opened.query(
        'SELECT ?park ?name ?no { ?park a pg:Park ; rdfs:label ?name FILTER(LANG(?name) = "en") } ORDER BY ?name'
    )
    assert isinstance(answer, parkgraph.Answer)
    assert answer.columns == ("park", "name", "no")
    assert len(answer) == len(list(answer)) > 10
    assert answer[0] == (
        rdflib.URIRef(opened.base + BARCELONA),
        rdflib.Literal("Barcelona Science Park", lang="en"),
        None,
    )
    assert answer.to_dicts()[0] == {"park": opened.base + BARCELONA, "name": "Barcelona Science Park", "no": None}
    assert answer.to_polars()["name"][0] == "Barcelona Science Park"
    assert answer.to_pandas()["park"][0] == opened.base + BARCELONA
    assert repr(answer) == f"<Answer of {len(answer)} rows: park, name, no>"
    numbers = opened.query("SELECT (COUNT(*) AS ?n) (MAX(?v) AS ?most) { ?figure pg:value ?v }")
    assert isinstance(numbers, parkgraph.Answer)
    assert str(numbers.to_pandas()["n"].dtype) == "Int64"
    assert isinstance(numbers.to_dicts()[0]["most"], Decimal)


def test_other_forms_of_queries(opened: parkgraph.Release) -> None:
    assert opened.query("ASK { ?park a pg:Park }") is True
    graph = opened.query(f"CONSTRUCT WHERE {{ <{BARCELONA}> a ?class }}")
    assert isinstance(graph, rdflib.Graph)
    assert (rdflib.URIRef(opened.base + BARCELONA), rdflib.RDF.type, rdflib.URIRef(PARK)) in graph
    found = opened.query(
        'PREFIX text: <http://jena.apache.org/text#> SELECT ?park { ?park text:query "sophia antipolis" }'
    )
    assert isinstance(found, parkgraph.Answer)
    assert found[0][0] == rdflib.URIRef(opened.base + "id/park/sophia-antipolis")


def test_saved_queries_by_their_names(opened: parkgraph.Release) -> None:
    assert {"events-in", "sister-parks"} <= set(opened.saved_queries)
    events = opened.saved_query("events-in", place="id/place/chengdu")
    assert isinstance(events, parkgraph.Answer)
    assert len(events) > 0
    assert events.columns[0] == "event"


def test_what_cannot_be_is_told(opened: parkgraph.Release) -> None:
    with pytest.raises(InputError, match=r"no table of 'Perk'; did you mean Park"):
        opened.frame("Perk")
    with pytest.raises(InputError, match="no library 'arrow' for frames"):
        opened.frame("Park", "arrow")  # type: ignore[arg-type]
    with pytest.raises(QuerySyntaxError):
        opened.query("SELEKT")
    with pytest.raises(QueryError):
        opened.saved_query("evens-in", place="id/place/chengdu")
    with pytest.raises(QueryError):
        opened.saved_query("events-in", place="id/place/chengdu", year="x")


def test_what_is_no_release_is_told(tmp_path: Path, server: Service) -> None:
    with pytest.raises(ReleaseError, match="no release at"):
        parkgraph.open(tmp_path)
    with pytest.raises(ReleaseError, match="offers no release"):
        parkgraph.open(f"{server.url}/nowhere/")
    with pytest.raises(InputError, match="cannot be fetched"):
        parkgraph.open("http://localhost:1/")


def test_a_release_at_its_own_url(server: Service) -> None:
    current = parkgraph.open(server.url)
    assert parkgraph.open(f"{server.url}/release/{current.id}/").query("ASK {}") is True


def test_downloads_stay_in_the_cache_and_are_compared(server: Service, tmp_path: Path) -> None:
    release = parkgraph.open(server.url, cache=tmp_path)
    release.frame("Park", "polars")
    (table,) = tmp_path.rglob("*.parquet")
    assert table.relative_to(tmp_path).as_posix() == f"{release.id}/dumps/tables/Park.parquet"
    before = table.stat().st_mtime_ns
    parkgraph.open(server.url, cache=tmp_path).frame("Park", "polars")
    assert table.stat().st_mtime_ns == before
    table.write_bytes(b"something else")
    with pytest.raises(ReleaseError, match="not as it was written"):
        release.frame("Park", "polars")


def test_a_server_cannot_have_files_written_elsewhere(server: Service, tmp_path: Path) -> None:
    source = parkgraph.open(server.url, cache=tmp_path / "cache")._source
    source.manifest.files["dumps/../../../x.parquet"] = source.manifest.files["dumps/index.json"]
    for path in ("dumps/../../../x.parquet", "dumps/nothing"):
        with pytest.raises(ReleaseError, match="has no file"):
            source.file(path)
    assert list(tmp_path.iterdir()) == []


def test_downloads_are_bounded(server: Service) -> None:
    release = parkgraph.open(server.url, largest=1000)
    with pytest.raises(InputError, match="at most 1000 are downloaded"):
        release.dataset()


def test_a_damaged_folder_is_told(releases: Path, tmp_path: Path) -> None:
    source = open_release(releases).path
    copy = tmp_path / source.name
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("store*"))
    (copy / "dumps" / "tables" / "Park.parquet").write_bytes(b"x")
    with pytest.raises(ReleaseError, match="not as it was written"):
        parkgraph.open(copy).frame("Park")


def test_the_lines_of_the_page_read_a_release(releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "releases").symlink_to(releases)
    monkeypatch.chdir(tmp_path)
    found: dict[str, object] = {}
    exec(compile(READING, "docs/python.md", "exec"), found)  # noqa: S102 - our own page
    assert {"parks", "figures", "deals", "events", "dataset"} <= found.keys()


def test_the_notebook_runs(releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "releases").symlink_to(releases)
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((ROOT / "docs" / "parkgraph.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 6
    found: dict[str, object] = {}
    for number, cell in enumerate(cells, 1):
        exec(compile(cell, f"docs/parkgraph.ipynb, cell {number}", "exec"), found)  # noqa: S102 - our own notebook
    assert len(found["sisters"]) > 0  # type: ignore[arg-type]
