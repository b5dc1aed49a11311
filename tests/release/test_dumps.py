"""The dumps: read back by other libraries than wrote them, they give the same dataset, of however many blocks.

In: datasets with every kind of term, in one block and in blocks of a few lines. Out: the files of all dumps.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import itertools
import json
import random
import re
import subprocess
import warnings
import zlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

import duckdb
import polars as pl
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from csvw import CSVW
from pyld import jsonld

from core.namespaces import RDF, RDF_TYPE, XSD
from core.progress import SILENT
from core.workers import InProcess
from release import blocks, pipeline
from release.dumps import instances, json_ld, turtle, writer
from release.dumps.index import Dump, DumpContent, DumpIndex
from release.dumps.quads_table import QuadsTable
from release.lines import merge
from release.manifest import Dataset
from release.memo import Memo
from release.source import Source
from tests.release.made_parts import made
from tests.server import conftest as lights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from release.parts import Part
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
ex:d a ex:Thing ; ex:label "=1+1", "+x"@en, "@now", "-2+3"@de, "\tx"@fr, "\uFF1D1" ; ex:code "=cmd()"^^ex:code ;
  ex:height -3, -1.5, "-05"^^xsd:byte, "=9"^^xsd:date .
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
SMALL = 100  # bytes of a block: many subjects are in several


class Content:
    """A content in a folder of its own, its dumps, and the quads that they have to give.

    block_size: bytes of its blocks; None is that of releases.
    """

    def __init__(self, folder: Path, quads: Iterable[ox.Quad], block_size: int | None = None, **source: Any) -> None:
        self.quads = ox.Dataset(quads)
        self.quads.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        lines = ox.serialize(self.quads, format=ox.RdfFormat.N_QUADS)
        assert lines is not None
        self._write(folder, lines, block_size, source)

    @classmethod
    def of_lines(cls, folder: Path, lines: bytes, block_size: int | None = None) -> Self:
        """A content of lines that stay as they are."""
        content = cls.__new__(cls)
        content.quads = ox.Dataset(ox.parse(lines, ox.RdfFormat.N_QUADS))
        content._write(folder, lines, block_size, {})
        return content

    def _write(self, folder: Path, lines: bytes, block_size: int | None, source: dict[str, Any]) -> None:
        self.folder = folder
        given = Source(quads=[], base=BASE, dataset=Dataset({"en": "Lamps"}), **source)
        (folder / "dumps").mkdir(parents=True)
        with pytest.MonkeyPatch.context() as patch:
            if block_size is not None:
                patch.setattr(blocks, "_SMALLEST", block_size // 2)
                patch.setattr(blocks, "LARGEST", block_size)
            merged = merge([lines], folder / "quads.nq")
        store = ox.Store()
        store.bulk_load(path=merged.path, format=ox.RdfFormat.N_QUADS)
        with Memo(folder / "memo.sqlite") as memo:

            def made(parts: Sequence[Part]) -> list[bytes]:
                pipeline.make(parts, merged, memo, InProcess(), SILENT)
                kept = folder / "memo.sqlite"
                return [pipeline.write(part, merged, kept, InProcess(), folder).result().result for part in parts]

            *outcomes, notes = made(writer.parts(given.prefixes))
            self.tables = writer.tables(notes, given, store)
            self.index = writer.write_index([*outcomes, *made([self.tables])], folder)

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
            return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
        if dump.coding is None:
            return data
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)  # of the first member
        text = unpacker.decompress(data)
        assert unpacker.eof
        assert not unpacker.unused_data
        return text

    def document(self, held: DumpContent, extension: str, coding: str | None = "gz") -> bytes:
        (found,) = self.dumps(held, extension, coding)
        return self.text(found)

    def merged(self) -> list[ox.Quad]:
        return [quad for quad in self.quads if quad.graph_name == ox.DefaultGraph()]

    def graph(self, name: str) -> list[ox.Quad]:
        return [quad for quad in self.quads if quad.graph_name == ox.NamedNode(name)]

    def instances(self, class_: str) -> list[ox.Quad]:
        type_ = (ox.NamedNode(RDF_TYPE), ox.NamedNode(class_))
        subjects = {q.subject for q in self.merged() if (q.predicate, q.object) == type_}
        return [q for q in self.merged() if q.subject in subjects]


def odd(folder: Path, block_size: int | None = None, **more: Any) -> Content:
    quads = ox.parse(ODD.encode(), ox.RdfFormat.TRIG)
    prefixes = {"ex": BASE, "xsd": "http://www.w3.org/2001/XMLSchema#", "-": "http://x/", "p": "no namespace>"}
    return Content(folder, quads, block_size, prefixes=prefixes, context=json.dumps(CONTEXT).encode(), **more)


def of_lights(folder: Path, block_size: int | None = None) -> Content:
    source = lights.source()
    quads = itertools.chain.from_iterable(ox.parse(block, ox.RdfFormat.N_QUADS) for block in source.quads)
    named = {"prefixes": source.prefixes, "ontology": source.ontology, "shapes": source.shapes}
    return Content(folder, quads, block_size, context=source.context, **named)


@pytest.fixture(scope="module", params=["odd", "lights", "odd in blocks", "lights in blocks"])
def content(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Content:
    make = {"odd": odd, "lights": of_lights}[request.param.split()[0]]
    folder = tmp_path_factory.mktemp("dumps") / "release"
    return make(folder, SMALL if "blocks" in request.param else None)


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


@pytest.mark.parametrize(
    ("extension", "format_", "coding"), [("nq", "nquads", "gz"), ("nq", "nquads", "zst"), ("trig", "trig", "gz")]
)
def test_everything_by_rdflib(
    content: Content, extension: str, format_: str, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = by_rdflib(content.document(DumpContent.DATASET, extension, coding), format_, monkeypatch)
    if format_ == "trig":
        assert digest(canonical(found)) == digest(canonical(content.quads))
    else:
        assert digest(found) == digest(content.quads)


@pytest.mark.parametrize(("extension", "format_"), [("nt", "nt"), ("ttl", "turtle")])
def test_the_default_graph_by_rdflib(
    content: Content, extension: str, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = by_rdflib(content.document(DumpContent.DEFAULT_GRAPH, extension), format_, monkeypatch)
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
    text = content.document(DumpContent.DEFAULT_GRAPH, extension)
    assert digest(by_rapper(text, format_)) == digest(content.merged())


@pytest.mark.parametrize("block_size", [None, SMALL])
@pytest.mark.parametrize("make", [odd, of_lights])
@pytest.mark.parametrize(("extension", "format_"), [("nq", "nquads"), ("trig", "trig")])
def test_everything_by_rapper(
    tmp_path: Path,
    extension: str,
    format_: str,
    make: Callable[..., Content],
    block_size: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{__name__}.ODD", ODD.replace("_:g {", "ex:h {"))  # it reads no blank nodes as names of graphs
    content = make(tmp_path / "release", block_size)
    text = content.document(DumpContent.DATASET, extension)
    assert digest(by_rapper(text, format_)) == digest(content.quads)


def by_pyld(text: bytes) -> list[ox.Quad]:
    lines = jsonld.to_rdf(json.loads(text), {"format": "application/n-quads"})
    return list(ox.parse(lines.encode(), ox.RdfFormat.N_QUADS))


def test_json_ld_by_pyld(content: Content) -> None:
    assert digest(by_pyld(content.document(DumpContent.DATASET, "jsonld"))) == digest(content.quads)


def test_json_ld_by_rdflib(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    text = content.document(DumpContent.DATASET, "jsonld")
    assert digest(by_rdflib(text, "json-ld", monkeypatch)) == digest(content.quads)


TABLE_OF_QUADS = ["subject", "predicate", "object", "graph", "language_tag", "datatype"]


def quads_of_rows(rows: Iterable[tuple[str | None, ...]]) -> Iterator[ox.Quad]:
    """The quads of the rows of `quads.parquet`."""
    for subject, predicate, text, graph, tag, datatype in rows:
        assert subject is not None
        assert predicate is not None
        assert text is not None
        value: Any
        if datatype is None:
            value = node(text)
        elif tag is not None:
            value = ox.Literal(text, language=tag)
        else:
            value = ox.Literal(text, datatype=ox.NamedNode(datatype))
        name = node(graph) if graph is not None else ox.DefaultGraph()
        yield ox.Quad(node(subject), ox.NamedNode(predicate), value, name)


def test_the_table_of_quads(content: Content) -> None:
    path = str(content.folder / "dumps/quads.parquet")
    by_duckdb = duckdb.read_parquet(path)
    assert by_duckdb.columns == TABLE_OF_QUADS
    rows = by_duckdb.fetchall()
    assert rows == pl.read_parquet(path).rows()
    assert digest(quads_of_rows(rows)) == digest(content.quads)
    (dump,) = content.dumps(DumpContent.DATASET, "parquet", None)
    assert (dump.items, dump.path) == (len(content.quads), "quads.parquet")


def test_row_groups_are_put_together(tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    names = [f"http://lamps.example/{number:02}" for number in range(60)]
    lines = [f'<{name}> <http://lamps.example/label> "{name}"@en .\n'.encode() for name in names]
    made(QuadsTable(), lines, tmp_path, at_once=1)  # three are a group
    path = str(tmp_path / "dumps/quads.parquet")
    groups = "SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(?) ORDER BY ALL"
    assert duckdb.execute(groups, [path]).fetchall() == [(number, 3) for number in range(20)]
    rows = [(name, "http://lamps.example/label", name, None, "en", f"{RDF}langString") for name in names]
    assert duckdb.read_parquet(path).fetchall() == pl.read_parquet(path).rows() == rows
    found = duckdb.execute("SELECT object FROM read_parquet(?) WHERE subject = ?", [path, names[41]]).fetchall()
    assert found == [(names[41],)]


TERMS = b"""\
<http://lamps.example/a> <http://lamps.example/label> "a \\u0007 \\"b\\" \\\\"@en-GB .
<http://lamps.example/a> <http://lamps.example/label> "b"@ar-EG--rtl .
<http://lamps.example/a> <http://lamps.example/label> "c"^^<http://www.w3.org/2001/XMLSchema#string-like> .
<http://lamps.example/a> <http://lamps.example/says> <<( _:b <http://lamps.example/p> "x"@de-AT )>> .
<http://lamps.example/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://lamps.example/Lamp> .
<http://lamps.example/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://lamps.example/Lamp> _:b .
_:b <http://lamps.example/near> <http://lamps.example/a> .
"""


@pytest.mark.parametrize("block_size", [None, SMALL])
def test_terms_of_rdf_1_2_and_the_case_of_tags(tmp_path: Path, block_size: int | None) -> None:
    content = Content.of_lines(tmp_path / "release", TERMS, block_size)
    assert content.document(DumpContent.DATASET, "nq") == TERMS
    default = b"".join(line for line in TERMS.splitlines(keepends=True) if not line.endswith(b" _:b .\n"))
    assert content.document(DumpContent.DEFAULT_GRAPH, "nt") == default
    for held, extension, format_, lines in (
        (DumpContent.DATASET, "trig", ox.RdfFormat.TRIG, TERMS),
        (DumpContent.DEFAULT_GRAPH, "ttl", ox.RdfFormat.TURTLE, default),
    ):
        text = content.document(held, extension)
        assert text.startswith(b'VERSION "1.2"\n')
        assert b'"@en-GB' in text
        assert b'"@ar-EG--rtl' in text
        assert b'"@de-AT' in text
        assert set(ox.parse(text, format_)) == set(ox.parse(lines, ox.RdfFormat.N_QUADS))
    (dump,) = content.dumps(DumpContent.DATASET, "jsonld")
    text = content.text(dump)
    assert (dump.items, dump.left_out) == (6, 1)
    plain = b"".join(line for line in TERMS.splitlines(keepends=True) if b"<<(" not in line)
    assert set(ox.parse(text, ox.RdfFormat.JSON_LD)) == set(ox.parse(plain, ox.RdfFormat.N_QUADS))
    assert b'"@language":"en-GB"' in text
    assert b'"@language":"ar-EG","@direction":"rtl"' in text
    rows = {row[2]: row[4:] for row in duckdb.read_parquet(str(content.folder / "dumps/quads.parquet")).fetchall()}
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    assert rows['a \u0007 "b" \\'] == ("en-GB", f"{rdf}langString")
    assert rows["b"] == ("ar-EG--rtl", f"{rdf}dirLangString")
    assert rows['<<( _:b <http://lamps.example/p> "x"@de-AT )>>'] == (None, None)


CHARACTERS = "ab1_-.:/#?&=%'\"\\<>{}|^`~!$()*+,;@ \t\n\r\b\f\x00\x07\x1f\x7f\x85\u2028\ufeff\ufffe\uffff空é😀\U0001fffe"
NAMESPACES = ("http://e/", "http://e/x#", "http://e/x", "urn:", "http://e/é/")
LEXICAL = ["1", "+01", "1.", "1.0", ".5", "1e3", "1.E3", "-.5e-3", "true", "TRUE", "", "1 ", "1.0e", "INF"]


class RandomTerms:
    """Terms of every kind, with characters and numbers that formats write in their own ways."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secrets

    def text(self, characters: str) -> str:
        return "".join(self._random.choices(characters, k=self._random.randrange(7)))

    def iri(self) -> ox.NamedNode:
        inner = re.sub(r'[\x00-\x20<>"{}|^`\\%\[\]\ufff0-\uffff#\U0001fffe\x7f\x85]', "", self.text(CHARACTERS))
        return ox.NamedNode(self._random.choice(NAMESPACES) + inner)

    def node(self) -> ox.NamedNode | ox.BlankNode:
        return (
            self.iri() if self._random.random() < 0.7 else ox.BlankNode(self._random.choice(["a", "b.c", "0", "x-y"]))
        )

    def literal(self) -> ox.Literal:
        match self._random.randrange(4):
            case 0:
                return ox.Literal(self.text(CHARACTERS), language=self._random.choice(["en", "zh-hant-x-y"]))
            case 1:
                return ox.Literal(self.text(CHARACTERS), language="ar", direction=ox.BaseDirection.RTL)
            case 2:
                name = self._random.choice(["integer", "decimal", "double", "boolean", "string", "float"])
                return ox.Literal(self._random.choice(LEXICAL), datatype=ox.NamedNode(XSD + name))
            case _:
                return ox.Literal(self.text(CHARACTERS), datatype=self.iri())

    def quads(self) -> set[ox.Quad]:
        """Some quads of few subjects, predicates and graphs."""
        subjects, graphs = [self.node() for _ in range(3)], [ox.DefaultGraph(), self.node(), self.node()]
        predicates = [self.iri(), self.iri(), ox.NamedNode(RDF_TYPE)]
        objects = [self.node(), self.literal(), self.literal(), ox.Triple(self.node(), self.iri(), self.literal())]
        one = self._random.choice
        number = self._random.randrange(1, 9)
        return {ox.Quad(one(subjects), one(predicates), one(objects), one(graphs)) for _ in range(number)}


@pytest.mark.parametrize("seed", range(5))
def test_texts_of_random_terms_give_them_back(seed: int) -> None:
    terms = RandomTerms(seed)
    prefixes = turtle.usable(dict(zip(["e", "x", "no-hash", "u", ""], NAMESPACES, strict=True)))
    for _ in range(100):
        quads = terms.quads()
        lines = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
        assert lines is not None
        block = blocks.BlockLines(b"".join(sorted(lines.splitlines(keepends=True))))
        head, default = turtle.declarations(prefixes), ox.DefaultGraph()
        trig = head + turtle.trig(block, prefixes)
        assert set(ox.parse(trig, ox.RdfFormat.TRIG)) == quads, lines
        merged = {quad for quad in quads if quad.graph_name == default}
        assert set(ox.parse(head + turtle.turtle(block, prefixes), ox.RdfFormat.TURTLE)) == merged
        text, left_out = json_ld.nodes(block)
        held = {quad for quad in quads if not isinstance(quad.object, ox.Triple)}
        assert set(ox.parse(b"[%b]" % text, ox.RdfFormat.JSON_LD)) == held, lines
        assert left_out == len(quads) - len(held)


def test_what_needs_base_directions_alone_is_announced_so(tmp_path: Path) -> None:
    line = b'<http://lamps.example/a> <http://lamps.example/label> "b"@ar--rtl <http://lamps.example/g> .\n'
    content = Content.of_lines(tmp_path / "release", line)
    assert content.document(DumpContent.DATASET, "trig").startswith(b'VERSION "1.2-basic"\n')
    assert not content.document(DumpContent.DEFAULT_GRAPH, "ttl").startswith(b"VERSION")


STATEMENTS = """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix : <http://lamps.example/> .
:one rdf:subject :a ; rdf:predicate :p ; rdf:object "x" ; :said "%(long)s" .
:two rdf:subject _:b ; rdf:predicate :p ; rdf:object :c ; rdf:reifies <<( _:b :p :c )>> .
:three rdf:subject :a , :b ; rdf:predicate :p ; rdf:object "x" .
:four rdf:subject :a ; rdf:object "x" .
:five rdf:subject :a ; rdf:predicate "p" ; rdf:object "x" .
:six rdf:subject "a" ; rdf:predicate :p ; rdf:object "x" .
:last rdf:subject :a ; rdf:predicate :p ; rdf:object <<( :a :p :b )>> .
"""


@pytest.mark.parametrize("block_size", [None, SMALL])
def test_statements_are_reifiers_too(tmp_path: Path, block_size: int | None) -> None:
    text = STATEMENTS % {"long": "long " * 50}
    content = Content(tmp_path / "release", ox.parse(text.encode(), ox.RdfFormat.TURTLE), block_size)
    (plain,) = content.dumps(DumpContent.DEFAULT_GRAPH, "ttl")
    (dump,) = content.dumps(DumpContent.REIFIERS, "ttl")
    assert dump.items == plain.items + 2
    found = set(ox.parse(content.text(dump), ox.RdfFormat.TURTLE)) - set(
        ox.parse(content.text(plain), ox.RdfFormat.TURTLE)
    )
    assert {str(quad) for quad in found} == {
        f'<{BASE}one> <{RDF}reifies> <<( <{BASE}a> <{BASE}p> "x" )>>',
        f"<{BASE}last> <{RDF}reifies> <<( <{BASE}a> <{BASE}p> <<( <{BASE}a> <{BASE}p> <{BASE}b> )>> )>>",
    }


def test_without_statements_there_are_no_reifiers(tmp_path: Path) -> None:
    content = odd(tmp_path / "release")
    assert not content.dumps(DumpContent.REIFIERS, "ttl")
    assert not (content.folder / "dumps/parkgraph-1.2.ttl.gz").exists()


def test_every_class_is_told(content: Content) -> None:
    types = [quad.object for quad in content.merged() if quad.predicate == ox.NamedNode(RDF_TYPE)]
    assert content.index.classes.keys() == {type_.value for type_ in types if isinstance(type_, ox.NamedNode)}
    by_name: dict[str, Dump] = {}
    for dump in content.dumps(DumpContent.TABLE, "csv"):
        by_name[dump.path.partition("/")[2].partition(".")[0]] = dump
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


def tables(content: Content) -> dict[str, dict[str, Any]]:
    """The first class of each table → its description."""
    return {table["dc:subject"][0]["@id"]: table for table in metadata(content)["tables"]}


def test_csv_by_duckdb(content: Content) -> None:
    assert len(tables(content)) > 2
    for class_, described in tables(content).items():
        path = content.folder / "dumps" / "tables" / f"{described['url']}.gz"
        table = duckdb.read_csv(
            str(path), header=True, all_varchar=True, delimiter=",", quotechar='"', escapechar='"', na_values=""
        )
        columns = {column["name"]: column for column in described["tableSchema"]["columns"]}
        assert table.columns == list(columns)
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
        for row in rows:
            for name, value in row.items():
                if value is not None and "separator" in columns[name]:
                    row[name] = value.split(columns[name]["separator"])
        assert digest(rebuilt(rows, described["tableSchema"])) == digest(content.instances(class_)), class_


def test_no_cell_of_csv_is_a_formula(tmp_path: Path) -> None:
    content = odd(tmp_path / "release")
    cells = set[str]()
    for described in tables(content).values():
        packed = (content.folder / "dumps" / "tables" / f"{described['url']}.gz").read_bytes()
        text = io.StringIO(gzip.decompress(packed).decode("utf-8-sig"), newline="")
        cells.update(itertools.chain.from_iterable(csv.reader(text)))
    assert any("=cmd()" in cell for cell in cells)
    assert any("-1.5" in cell for cell in cells)
    signed = {cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\uff1d"))}
    assert all(re.match(r"[-+][\d.]+(\||$)", cell) for cell in signed)


def test_parquet_by_duckdb(content: Content) -> None:
    for class_, described in tables(content).items():
        (dump,) = content.dumps(DumpContent.TABLE, "parquet", None, class_)
        path = str(content.folder / "dumps" / dump.path)
        about = duckdb.execute("SELECT value FROM parquet_kv_metadata(?) WHERE key = 'csvw'", [path]).fetchall()
        schema = json.loads(bytes(about[0][0]))["tableSchema"]
        assert schema == described["tableSchema"]
        table = duckdb.read_parquet(path)
        rows = [dict(zip(table.columns, map(lexical, row), strict=True)) for row in table.fetchall()]
        assert len(rows) == dump.items
        assert digest(rebuilt(rows, schema)) == digest(content.instances(class_)), class_


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
        column["name"] for column in tables(content)["http://lights.example/terms#Lighthouse"]["tableSchema"]["columns"]
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


def test_the_index_has_all_files(content: Content) -> None:
    for dump in content.index.dumps:
        if dump.coding:
            assert len(content.text(dump)) == dump.text_size, dump.path
    assert DumpIndex.read(content.folder) == content.index
    folder = content.folder / "dumps"
    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert on_disk == {dump.path for dump in content.index.dumps} | {"index.json"}
    names = {dump.path for dump in content.index.dumps if dump.content is DumpContent.DATASET}
    packed = {"parkgraph.nq.gz", "parkgraph.nq.zst", "parkgraph.trig.gz", "parkgraph.jsonld.gz"}
    assert names == packed | {"quads.parquet"}


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    folders = [odd(tmp_path / name, SMALL).folder for name in ("one", "two")]
    first, second = (
        {path.relative_to(f): path.read_bytes() for path in f.rglob("*") if path.is_file() and path.suffix != ".sqlite"}
        for f in folders
    )
    assert len(first) > 15
    assert first == second


def test_an_instance_in_several_blocks_has_several_rows(tmp_path: Path) -> None:
    content = odd(tmp_path / "release", SMALL)
    assert all("primaryKey" not in table["tableSchema"] for table in tables(content).values())
    whole = odd(tmp_path / "whole")
    assert all("primaryKey" in table["tableSchema"] for table in tables(whole).values())


def test_classes_with_the_same_instances_share_a_table(tmp_path: Path) -> None:
    data = """@prefix ex: <http://lamps.example/> .
    ex:a a ex:Lamp, ex:Light, ex:Thing . ex:b a ex:Shade, ex:Thing . ex:c a ex:Shade, ex:Thing . ex:d a ex:Other ."""
    content = Content(tmp_path / "release", ox.parse(data.encode(), ox.RdfFormat.TURTLE))
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


def test_rows_are_kept_while_a_new_value_changes_no_column(tmp_path: Path) -> None:
    keys = []
    for number, height in enumerate(["1.5", "12.25", "1.5, 12.25", '"high"']):
        data = f"<{BASE}a> a <{BASE}Lamp> ; <{BASE}height> {height} ."
        content = Content(tmp_path / str(number), ox.parse(data.encode(), ox.RdfFormat.TURTLE))
        keys.append(content.tables.key)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    content = Content(tmp_path / "again", ox.parse(data.encode(), ox.RdfFormat.TURTLE))
    assert content.tables.key == keys[-1]


@pytest.mark.parametrize("block_size", [None, SMALL])
def test_classes_in_very_many_combinations_have_a_table_each(
    tmp_path: Path, block_size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instances, "_MOST", 2)
    content = odd(tmp_path / "release", block_size)
    assert all(len(table["dc:subject"]) == 1 for table in tables(content).values())
    test_every_class_is_told(content)
    test_csv_by_duckdb(content)
    test_parquet_by_duckdb(content)


def test_empty_content_has_dumps(tmp_path: Path) -> None:
    content = Content(tmp_path / "release", [], prefixes={"ex": BASE})
    assert content.document(DumpContent.DATASET, "nq") == content.document(DumpContent.DATASET, "nq", "zst") == b""
    assert by_pyld(content.document(DumpContent.DATASET, "jsonld")) == []
    for held, extension in ((DumpContent.DATASET, "trig"), (DumpContent.DEFAULT_GRAPH, "ttl")):
        assert content.document(held, extension) == f"@prefix ex: <{BASE}> .\n".encode()
    assert duckdb.read_parquet(str(content.folder / "dumps/quads.parquet")).fetchall() == []
    assert not content.dumps(DumpContent.TABLE, "csv")


def test_a_dataset_of_named_graphs_alone(tmp_path: Path) -> None:
    lines = b"<urn:s> <urn:p> <urn:o> <urn:g> .\n<urn:s> <urn:p> <urn:o> <urn:h> .\n"
    content = Content.of_lines(tmp_path / "release", lines)
    assert [content.document(DumpContent.DEFAULT_GRAPH, extension) for extension in ("nt", "ttl")] == [b"", b""]
    for extension, format_ in (("trig", ox.RdfFormat.TRIG), ("jsonld", ox.RdfFormat.JSON_LD)):
        text = content.document(DumpContent.DATASET, extension)
        assert set(ox.parse(text, format_)) == set(ox.parse(lines, ox.RdfFormat.N_QUADS))


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
    assert digest(by_pyld(nodes)) == release.manifest.content
