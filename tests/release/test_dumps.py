"""The dumps: read back by other libraries than wrote them, they give the same dataset, in bounded memory and parts."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import subprocess
import warnings
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from csvw import CSVW
from pyld import jsonld

from core.namespaces import RDF_TYPE, XSD
from release import nquads
from release.dumps.index import Dump, DumpContent, DumpIndex
from release.dumps.writer import write
from release.manifest import Dataset
from release.source import Source
from tests.server import conftest as lights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from release.reader import Release

BASE = "http://lamps.example/"
# what plain RDF may hold: blank nodes, texts with every kind of quoting, odd numbers, IRIs that look like short names
ODD = r"""
@prefix ex: <http://lamps.example/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:a a ex:Lamp, ex:Thing ;
  ex:label "Lampe"@de, "lamp <x> \"y\" \\ |;"@en, "two\nlines", "", " 空 "@zh-Hant, "a|b", "\u0007" ;
  ex:near ex:b, [ ex:height 12.5 ; a ex:Lamp ], <urn:isbn:0140449337>, <ex:odd>, <mailto:a@b> ;
  ex:height 1.50, 010, 1.0E3, true, "x"^^xsd:integer ;
  ex:lit "2020-02-31"^^xsd:date, "2020-02-28"^^xsd:date ; ex:code "x"^^ex:code ; <http://lamps.example/terms/22> "odd" .
ex:b a ex:Thing ; ex:height 7 ; ex:list ( 1 "2" ex:a ) ; a "no class" .
ex:c a ex:Shade ; ex:height 3 .
ex:g { ex:a ex:near ex:c, [ ex:height 3 ] . ex:c ex:label "in a graph\r\n"@en }
<http://lamps.example/g,1> { ex:a ex:near ex:c }
_:g { ex:a ex:near _:g }
"""
CONTEXT = {
    "@context": {
        "@version": 1.1,
        "@vocab": BASE,
        "ex": BASE,
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "id": "@id",
        "type": "@type",
        "mailto": "http://elsewhere.example/",
        "label": {"@id": "ex:label", "@container": ["@language", "@set"]},
        "height": {"@id": "ex:height", "@type": "xsd:decimal"},
        "near": {"@id": "ex:near", "@type": "@id", "@container": "@set"},
        "Shade": {"@id": "ex:Shade", "@context": {"height": "ex:other"}},
        "code": {"@id": "ex:code", "@type": "@vocab"},
    }
}
SMALL = 500  # bytes of a part: everything comes in several


class Content:
    """A content in a folder of its own, its dumps, and the quads that they have to give."""

    def __init__(self, folder: Path, quads: Iterable[ox.Quad], part_size: int, **source: Any) -> None:
        self.folder, self.quads = folder, ox.Dataset(quads)
        self.quads.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        lines = ox.serialize(self.quads, format=ox.RdfFormat.N_QUADS)
        assert lines is not None
        given = Source(quads=[lines], base=BASE, dataset=Dataset({"en": "Lamps"}), **source)
        folder.mkdir()
        content = nquads.sorted_content(given.quads, BASE, folder)
        store = ox.Store()
        store.bulk_load(path=content.quads, format=ox.RdfFormat.N_QUADS)
        self.counts = content.counts
        self.index = write(content, given, store, folder, part_size)

    def dumps(
        self, held: DumpContent, extension: str, coding: str | None = "gz", class_: str | None = None
    ) -> list[Dump]:
        return [
            dump
            for dump in self.index.dumps
            if (dump.content, dump.extension, dump.coding) == (held, extension, coding)
            and (class_ is None or class_ in dump.classes)
        ]

    def text(self, dump: Dump) -> bytes:
        data = (self.folder / "dumps" / dump.path).read_bytes()
        if dump.coding == "zst":
            return zstandard.ZstdDecompressor().decompressobj().decompress(data)
        return gzip.decompress(data) if dump.coding else data

    def texts(self, held: DumpContent, extension: str, coding: str | None = "gz") -> list[bytes]:
        found = self.dumps(held, extension, coding)
        assert [dump.number for dump in found] == list(range(1, len(found) + 1))
        return [self.text(dump) for dump in found]

    def merged(self) -> list[ox.Quad]:
        return [quad for quad in self.quads if quad.graph_name == ox.DefaultGraph()]

    def graph(self, name: str) -> list[ox.Quad]:
        return [quad for quad in self.quads if quad.graph_name == ox.NamedNode(name)]

    def instances(self, class_: str) -> list[ox.Quad]:
        type_ = (ox.NamedNode(RDF_TYPE), ox.NamedNode(class_))
        subjects = {q.subject for q in self.merged() if (q.predicate, q.object) == type_}
        return [q for q in self.merged() if q.subject in subjects]


def odd(folder: Path, part_size: int = 1 << 20, **more: Any) -> Content:
    quads = ox.parse(ODD.encode(), ox.RdfFormat.TRIG)
    prefixes = {"ex": BASE, "xsd": "http://www.w3.org/2001/XMLSchema#", "-": "http://x/", "p": "no namespace>"}
    return Content(folder, quads, part_size, prefixes=prefixes, context=json.dumps(CONTEXT).encode(), **more)


def of_lights(folder: Path, part_size: int = 1 << 20) -> Content:
    source = lights.source()
    quads = itertools.chain.from_iterable(ox.parse(block, ox.RdfFormat.N_QUADS) for block in source.quads)
    named = {"prefixes": source.prefixes, "ontology": source.ontology, "shapes": source.shapes}
    return Content(folder, quads, part_size, context=source.context, **named)


@pytest.fixture(scope="module", params=["odd", "lights", "odd in parts", "lights in parts"])
def content(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Content:
    make = {"odd": odd, "lights": of_lights}[request.param.split()[0]]
    folder = tmp_path_factory.mktemp("dumps") / "release"
    return make(folder, SMALL if "parts" in request.param else 1 << 20)


def digest(quads: Iterable[ox.Quad]) -> str:
    """SHA-256 of the canonical N-Quads (https://www.w3.org/TR/rdf-canon/)."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return hashlib.sha256("".join(sorted(f"{quad} .\n" for quad in dataset)).encode()).hexdigest()


def by_rdflib(text: bytes, format_: str, monkeypatch: pytest.MonkeyPatch) -> list[ox.Quad]:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of its own
        dataset = rdflib.Dataset()
        dataset.parse(data=text, format=format_)
        return [quad_of(s, p, o, g) for s, p, o, g in dataset.quads()]


def canonical(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Numbers in canonical form, as rdflib reads those that Turtle writes without quotes: 010 is 10."""
    for quad in quads:
        value = quad.object
        if isinstance(value, ox.Literal) and value.datatype.value.startswith(XSD):
            said = rdflib.Literal(value.value, datatype=rdflib.URIRef(value.datatype.value), normalize=True)
            value = value if value.language else ox.Literal(str(said), datatype=value.datatype)
        yield ox.Quad(quad.subject, quad.predicate, value, quad.graph_name)


def quad_of(subject: Any, predicate: Any, value: Any, graph: Any) -> ox.Quad:
    name = ox.DefaultGraph() if graph in {None, rdflib.URIRef("urn:x-rdflib:default")} else term_of(graph)
    return ox.Quad(term_of(subject), term_of(predicate), term_of(value), name)


def term_of(term: Any) -> Any:
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)) if term.datatype else None)
    return ox.BlankNode(f"b{term}".replace("-", "")) if isinstance(term, rdflib.BNode) else ox.NamedNode(str(term))


@pytest.mark.parametrize("coding", ["gz", "zst"])
@pytest.mark.parametrize(("extension", "format_"), [("nq", "nquads"), ("trig", "trig")])
def test_everything_by_rdflib(
    content: Content, extension: str, format_: str, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = by_rdflib(b"".join(content.texts(DumpContent.DATASET, extension, coding)), format_, monkeypatch)
    if format_ == "trig":
        assert digest(canonical(found)) == digest(canonical(content.quads))
    else:
        assert digest(found) == digest(content.quads)


@pytest.mark.parametrize("coding", ["gz", "zst"])
@pytest.mark.parametrize(("extension", "format_"), [("nt", "nt"), ("ttl", "turtle")])
def test_the_default_graph_by_rdflib(
    content: Content, extension: str, format_: str, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = by_rdflib(b"".join(content.texts(DumpContent.DEFAULT_GRAPH, extension, coding)), format_, monkeypatch)
    if format_ == "turtle":
        assert digest(canonical(found)) == digest(canonical(content.merged()))
    else:
        assert digest(found) == digest(content.merged())


def by_rapper(text: bytes, format_: str) -> list[ox.Quad]:
    command = ["rapper", "-q", "-i", format_, "-o", "nquads", "-", BASE]
    done = subprocess.run(command, input=text, capture_output=True, check=True, timeout=60)
    return list(ox.parse(done.stdout, ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize(("extension", "format_"), [("nt", "ntriples"), ("ttl", "turtle")])
def test_the_default_graph_by_rapper(content: Content, extension: str, format_: str) -> None:
    texts = content.texts(DumpContent.DEFAULT_GRAPH, extension)
    assert digest(by_rapper(b"".join(texts), format_)) == digest(content.merged())


@pytest.mark.parametrize("part_size", [1 << 20, SMALL])
@pytest.mark.parametrize("make", [odd, of_lights])
@pytest.mark.parametrize(("extension", "format_"), [("nq", "nquads"), ("trig", "trig")])
def test_everything_by_rapper(
    tmp_path: Path,
    extension: str,
    format_: str,
    make: Callable[..., Content],
    part_size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{__name__}.ODD", ODD.replace("_:g {", "ex:h {"))  # it reads no blank nodes as names of graphs
    content = make(tmp_path / "release", part_size)
    texts = content.texts(DumpContent.DATASET, extension)
    assert digest(by_rapper(b"".join(texts), format_)) == digest(content.quads)


def by_pyld(texts: Iterable[bytes]) -> list[ox.Quad]:
    """The nodes of all parts in one document, so that blank nodes keep their names."""
    document = [node for text in texts for node in json.loads(text)]
    return list(ox.parse(jsonld.to_rdf(document, {"format": "application/n-quads"}).encode(), ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("coding", ["gz", "zst"])
def test_json_ld_by_pyld(content: Content, coding: str) -> None:
    texts = content.texts(DumpContent.DATASET, "jsonld", coding)
    assert digest(by_pyld(texts)) == digest(content.quads)


def test_json_ld_by_rdflib(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    document = [node for text in content.texts(DumpContent.DATASET, "jsonld") for node in json.loads(text)]
    assert digest(by_rdflib(json.dumps(document).encode(), "json-ld", monkeypatch)) == digest(content.quads)


def test_json_ld_leaves_out_triples_as_objects(tmp_path: Path) -> None:
    data = f"<{BASE}a> <{BASE}p> <{BASE}b> , <<( <{BASE}a> <{BASE}p> <{BASE}b> )>> ."
    content = Content(tmp_path / "release", ox.parse(data.encode(), ox.RdfFormat.TURTLE), 1 << 20)
    (line,) = [line for line in content.texts(DumpContent.DATASET, "nq")[0].splitlines() if b"<<(" not in line]
    assert digest(by_pyld(content.texts(DumpContent.DATASET, "jsonld"))) == digest(ox.parse(line, ox.RdfFormat.N_QUADS))
    assert b"<<(" in content.texts(DumpContent.DEFAULT_GRAPH, "ttl")[0]


def test_every_class_is_told(content: Content) -> None:
    assert content.index.classes.keys() == content.counts.classes.keys()
    by_name: dict[str, Dump] = {}
    for dump in content.dumps(DumpContent.TABLE, "csv"):
        by_name.setdefault(dump.path.partition("/")[2].partition(".")[0].removesuffix("-0001"), dump)
    for class_, names in content.index.classes.items():
        instances = {q.subject for name in names for q in content.instances(by_name[name].classes[0])}
        assert instances == {q.subject for q in content.instances(class_)}, class_


def rebuilt(rows: Iterable[dict[str, Any]], schema: dict[str, Any]) -> Iterator[ox.Quad]:
    """The triples of a table's rows, by its description (https://www.w3.org/TR/csv2rdf/, minimal mode)."""
    for row in rows:
        subject = node(row["id"])
        for column in schema["columns"][1:]:
            values = row[column["name"]]
            for value in values if isinstance(values, list) else [values] if values is not None else []:
                yield from statement(subject, column, value)


def node(text: str) -> Any:
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.NamedNode(text)


def statement(subject: Any, column: dict[str, Any], value: str) -> Iterator[ox.Quad]:
    if column.get("suppressOutput"):
        line = f"<x:s> <{column['dc:references']['@id']}> {value} ."
        (quad,) = ox.parse(line.encode(), ox.RdfFormat.N_TRIPLES)
        yield ox.Quad(subject, quad.predicate, quad.object)
        return
    datatype = column["datatype"]
    said: Any
    if "valueUrl" in column:
        said = node(value)
    elif "lang" in column:
        said = ox.Literal(value, language=column["lang"])
    else:
        iri = datatype["@id"] if isinstance(datatype, dict) else f"http://www.w3.org/2001/XMLSchema#{datatype}"
        said = ox.Literal(value, datatype=ox.NamedNode(iri))
    yield ox.Quad(subject, ox.NamedNode(column["propertyUrl"]), said)


def metadata(content: Content) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((content.folder / "dumps/tables/csv-metadata.json").read_text("utf-8"))
    return document


def tables(content: Content) -> dict[str, list[dict[str, Any]]]:
    """The first class of each table → its parts."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for table in metadata(content)["tables"]:
        found[table["dc:subject"][0]["@id"]].append(table)
    return found


def test_csv_by_duckdb(content: Content) -> None:
    assert len(tables(content)) > 2
    for class_, parts in tables(content).items():
        found: list[ox.Quad] = []
        for part in parts:
            path = content.folder / "dumps" / "tables" / f"{part['url']}.gz"
            table = duckdb.read_csv(
                str(path), header=True, all_varchar=True, delimiter=",", quotechar='"', escapechar='"', na_values=""
            )
            columns = {column["name"]: column for column in part["tableSchema"]["columns"]}
            assert table.columns == list(columns)
            rows = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
            for row in rows:
                for name, value in row.items():
                    if value is not None and "separator" in columns[name]:
                        row[name] = value.split(columns[name]["separator"])
            found += rebuilt(rows, part["tableSchema"])
        assert digest(found) == digest(content.instances(class_)), class_


def test_parquet_by_duckdb(content: Content) -> None:
    for class_, (first, *_) in tables(content).items():
        dumps = content.dumps(DumpContent.TABLE, "parquet", None, class_)
        found: list[ox.Quad] = []
        for dump in dumps:
            path = str(content.folder / "dumps" / dump.path)
            about = duckdb.execute("SELECT value FROM parquet_kv_metadata(?) WHERE key = 'csvw'", [path]).fetchall()
            schema = json.loads(bytes(about[0][0]))["tableSchema"]
            assert schema == first["tableSchema"]
            table = duckdb.read_parquet(path)
            rows = [dict(zip(table.columns, map(lexical, row), strict=True)) for row in table.fetchall()]
            assert len(rows) == dump.items
            found += rebuilt(rows, schema)
        assert digest(found) == digest(content.instances(class_)), class_


def lexical(value: Any) -> Any:
    """A typed value as the text that it stands for."""
    if isinstance(value, list):
        return [lexical(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return None if value is None else str(value)


def test_tables_have_types(tmp_path: Path) -> None:
    content = of_lights(tmp_path / "release")
    path = str(content.folder / "dumps/tables/Lighthouse.parquet")
    table = duckdb.read_parquet(path)
    types = dict(zip(table.columns, map(str, table.types), strict=True))
    assert types["height"] == "DECIMAL(3,1)"
    assert types["label_de"] == "VARCHAR"
    assert types["homepage"] == "VARCHAR[]"
    names = [
        column["name"]
        for column in tables(content)["http://lights.example/terms#Lighthouse"][0]["tableSchema"]["columns"]
    ]
    assert names.index("label_en") < names.index("keptBy") < names.index("height") < names.index("measuredIn")


def test_the_description_of_the_tables_is_valid(content: Content) -> None:
    folder = content.folder / "dumps" / "tables"
    for path in folder.glob("*.csv.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    try:
        group = CSVW(str(folder / "csv-metadata.json"), validate=True)
        assert group.is_valid, group.warnings
        assert len(group.tables) == len(metadata(content)["tables"])
    finally:
        for path in folder.glob("*.csv"):
            path.unlink()


def test_parts_are_bounded_and_numbered(tmp_path: Path) -> None:
    content = odd(tmp_path / "release", SMALL)
    several = [dump for dump in content.index.dumps if dump.parts > 1]
    assert {dump.extension for dump in several} >= {"nq", "nt", "ttl", "trig", "jsonld"}
    for dump in content.index.dumps:
        if dump.coding:
            assert len(content.text(dump)) == dump.text_size, dump.path
        assert (f"-{dump.number:04}." in dump.path) == (dump.parts > 1), dump.path
    for extension in ("nq", "nt"):
        parts = [dump for dump in content.index.dumps if (dump.extension, dump.coding) == (extension, "gz")]
        subjects = [{line.split()[0] for line in content.text(dump).splitlines()} for dump in parts]
        assert all(dump.text_size >= SMALL for dump in parts[:-1])
        assert not any(one & other for one, other in itertools.pairwise(subjects))
        assert all(dump.text_size < 2 * SMALL or len(of) <= 2 for dump, of in zip(parts, subjects, strict=True))
    assert DumpIndex.read(content.folder) == content.index
    on_disk = {
        path.relative_to(content.folder / "dumps").as_posix() for path in (content.folder / "dumps").rglob("*.*")
    }
    assert on_disk == {dump.path for dump in content.index.dumps} | {"index.json"}


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    folders = [odd(tmp_path / name, SMALL).folder for name in ("one", "two")]
    first, second = (
        {path.relative_to(f): path.read_bytes() for path in f.rglob("*") if path.is_file()} for f in folders
    )
    assert len(first) > 40
    assert first == second


def test_a_subject_with_very_many_triples_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ntriples.BLOCK", 7)
    test_everything_by_rdflib(odd(tmp_path / "one"), "trig", "trig", "gz", monkeypatch)
    content = odd(tmp_path / "two")
    test_json_ld_by_pyld(content, "gz")
    test_csv_by_duckdb(content)
    test_parquet_by_duckdb(content)
    schemas = [part["tableSchema"] for parts in tables(content).values() for part in parts]
    assert any("primaryKey" not in schema for schema in schemas)


def test_classes_with_the_same_instances_share_a_table(tmp_path: Path) -> None:
    data = """@prefix ex: <http://lamps.example/> .
    ex:a a ex:Lamp, ex:Light, ex:Thing . ex:b a ex:Shade, ex:Thing . ex:c a ex:Shade, ex:Thing . ex:d a ex:Other ."""
    content = Content(tmp_path / "release", ox.parse(data.encode(), ox.RdfFormat.TURTLE), 1 << 20)
    assert content.index.classes == {
        f"{BASE}Lamp": ("Lamp",),
        f"{BASE}Light": ("Lamp",),
        f"{BASE}Other": ("Other",),
        f"{BASE}Shade": ("Shade",),
        f"{BASE}Thing": ("Lamp", "Shade"),
    }
    assert {dump.classes for dump in content.dumps(DumpContent.TABLE, "csv")} == {
        (f"{BASE}Lamp", f"{BASE}Light"),
        (f"{BASE}Other",),
        (f"{BASE}Shade",),
    }


def test_empty_content_has_dumps(tmp_path: Path) -> None:
    content = Content(tmp_path / "release", [], 1 << 20)
    assert content.texts(DumpContent.DATASET, "nq") == [b""]
    assert by_pyld(content.texts(DumpContent.DATASET, "jsonld")) == []
    assert not content.dumps(DumpContent.TABLE, "csv")


def test_the_projects_dumps_say_the_same(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = release.path / "dumps"
    quads = gzip.decompress((folder / "parkgraph.nq.gz").read_bytes())
    assert (
        hashlib.sha256(quads).hexdigest() == release.manifest.content == digest(ox.parse(quads, ox.RdfFormat.N_QUADS))
    )
    trig = gzip.decompress((folder / "parkgraph.trig.gz").read_bytes())
    nodes = gzip.decompress((folder / "parkgraph.jsonld.gz").read_bytes())
    assert digest(by_rapper(trig, "trig")) == release.manifest.content
    assert digest(by_rdflib(trig, "trig", monkeypatch)) == release.manifest.content
    assert digest(by_pyld([nodes])) == release.manifest.content
