"""Reads RDF files of others to canonical N-Quads, as a process of its own: `python -m release.rdf_reader JSON`.

What a parser written for speed does not survive (nesting without end, all memory) ends this process and not the build.
The argument is an object of `files`, arrays of path, base and format (an extension, or empty), and `contexts`, a folder
or null. Standard output gets the quads. The last line of standard error is a JSON object: `prefixes` and `empty`, the
paths of files without a quad, or `error`.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
import warnings
from collections import defaultdict, deque
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pyoxigraph as ox

from core import language_tags
from core.errors import InputError
from core.limits import limit_memory
from core.rdf import nquads
from release.blank_nodes import BlankNodes
from release.plain_xml import PlainXml, without_no_language
from release.rdf_formats import BLOCK, BY_EXTENSION, DAMAGED, HEX_TUPLES, TRIX, format_of, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import rdflib

LONGEST = 16 << 20  # bytes of a term (the parser's own limit), and of a quad
_QUADS = 1000  # serialised at a time
_DEPTH = 100  # triple terms within each other
_MOST_ERRORS = 50  # of one file that are told
_LINE_FORMATS = {ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS}  # whose parser goes on behind an error
# The marks of byte order that a file may begin with, the longer ones first.
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_IS_REMOTE = "LoadDocumentCallback"  # in the engine's message about a context that it would have to download
_PLACE = re.compile(r"^Parser error [^:]*: ")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?')
_NODE = re.compile(_STRING.pattern + rb"|<[^<> ]*>?|_:([0-9a-zA-Z]+)")  # skips texts and IRIs
_LONGEST_JSON_TAG = 200  # bytes
_JSON_TAG = re.compile(rb'"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,20})"')
_TAG_OF_LINE = re.compile(rb'(?<="@)([a-z0-9-]+?)(?=(?:--[a-z]+)?(?: \)>>){0,100}(?: <[^>]*>| _:[^ ]+)? \.\n)')


@dataclass(frozen=True)
class RdfFile:
    """A file to read. base: what its relative IRIs are resolved against. format: an extension; empty for its own."""

    path: Path
    base: str
    format: str = ""


@dataclass(frozen=True)
class FileEnd:
    """Prefixes of a file, and whether it holds no quad, which are known when it has been read."""

    path: Path
    prefixes: dict[str, str]
    is_empty: bool


class _Text:
    """A file of text to read from, in UTF-8 without a mark of byte order. lines: line breaks read so far.

    change: what is done to its blocks, each of which has whole language tags.
    """

    def __init__(self, file: BinaryIO, change: Callable[[bytes], bytes] | None = None) -> None:
        self.lines = 0
        self._file, self._change = file, change
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_begun = self._is_at_end = False
        self._rest = b""  # what may be the beginning of a tag
        self._block = b""

    def read(self, size: int = BLOCK) -> bytes:
        while not self._block and not self._is_at_end:
            self._block = self._next()
        block, self._block = self._block[:size], self._block[size:]
        self.lines += block.count(b"\n")
        return block

    def whole(self) -> bytes:
        """All that is left to read."""
        return b"".join(iter(self.read, b""))

    def _next(self) -> bytes:
        block = self._file.read(BLOCK)
        self._is_at_end = not block
        if not self._is_begun:
            self._is_begun = True
            mark = next((mark for mark in _MARKS if block.startswith(mark)), b"")
            block = block.removeprefix(mark)
            if mark and mark != codecs.BOM_UTF8:
                self._decoder = codecs.getincrementaldecoder(_MARKS[mark])()
        if self._decoder:
            block = self._decoder.decode(block, self._is_at_end).encode()
        if not self._change:
            return block
        whole, self._rest = (self._rest, b"") if self._is_at_end else language_tags.split_at_tag(self._rest + block)
        return self._change(whole)


class _FileError(InputError):
    """An error that names the file."""


class _Reading:
    """One file that is read. prefixes: those that it declares, complete at the end."""

    def __init__(self, file: RdfFile, contexts: Path | None) -> None:
        self.prefixes: dict[str, str] = {}
        self._file, self._contexts = file, contexts
        self._restore = _restored
        self._stack = ExitStack()
        self._source: _Text | PlainXml | None = None

    def blocks(self) -> Iterator[bytes]:
        """Canonical N-Quads in blocks of whole lines, with language tags as they are written in the file.

        InputError names the file, with line and column where these are known.
        """
        with self._stack:
            try:
                quads = self._parse()
                while block := nquads(islice(quads, _QUADS)):
                    lines = self._restore(block)
                    self._check(lines)
                    yield lines
            except SyntaxError as error:
                raise self._error(str(error.msg), error.lineno, error.offset) from error
            except _FileError:
                raise
            except InputError as error:
                raise self._error(str(error)) from error
            except MemoryError as error:
                line = self._source.lines + 1 if isinstance(self._source, _Text) else None
                raise self._error(f"a term or a comment is longer than {LONGEST} bytes", line) from error
            except UnicodeDecodeError as error:
                raise self._error(f"it is not in the encoding that its mark of byte order says: {error}") from error
            except RecursionError as error:
                raise self._error("it is nested too deeply") from error
            except DAMAGED as error:
                raise self._error(str(getattr(error, "strerror", None) or error)) from error

    def _check(self, lines: bytes) -> None:
        """InputError for quads that are too long or too deep."""
        if len(lines) > LONGEST and max(map(len, lines.split(b"\n"))) > LONGEST:
            raise InputError(f"a quad is longer than {LONGEST} bytes")
        if b"<<(" in lines and max(line.count(b"<<(") for line in _STRING.sub(b"", lines).split(b"\n")) > _DEPTH:
            raise InputError(f"more than {_DEPTH} triple terms stand within each other")

    def _error(self, message: str, line: int | None = None, column: int | None = None) -> InputError:
        if isinstance(self._source, PlainXml) and line is None:
            line, column = self._source.line, self._source.column
        place = "" if line is None else f":{line}" if column is None else f":{line}:{column}"
        return _FileError(f"{self._file.path}{place}: {_PLACE.sub('', message)}")

    def _parse(self) -> Iterator[ox.Quad]:
        self._format = BY_EXTENSION[self._file.format] if self._file.format else format_of(self._file.path)
        if self._format is TRIX:
            return self._parse_trix()
        if self._format is HEX_TUPLES:
            return self._parse_hex_tuples()
        if self._format.engine == ox.RdfFormat.RDF_XML:
            return self._parse_xml()
        if self._format.engine == ox.RdfFormat.JSON_LD:
            return self._parse_json()
        return self._parse_text()

    def _open(self) -> BinaryIO:
        return open_file(self._file.path, self._stack)

    def _engine(self, source: object, rdf_format: ox.RdfFormat) -> Iterator[ox.Quad]:
        parser = ox.parse(cast("BinaryIO", source), rdf_format, base_iri=self._file.base, rename_blank_nodes=True)
        yield from parser
        self.prefixes |= parser.prefixes

    def _parse_text(self) -> Iterator[ox.Quad]:
        self._source = _Text(self._open(), language_tags.mark)
        assert self._format.engine  # noqa: S101 - the others are read by rdflib
        try:
            yield from self._engine(self._source, self._format.engine)
        except SyntaxError as error:
            raise self._syntax_errors(self._format.engine) or error from None

    def _syntax_errors(self, rdf_format: ox.RdfFormat) -> InputError | None:
        """All errors of the file, at their places in it: it is read once more, without marks of language tags."""
        parser = ox.parse(cast("BinaryIO", _Text(self._open())), rdf_format, base_iri=self._file.base)
        found: dict[int | None, InputError] = {}  # line → its first error
        while len(found) < _MOST_ERRORS:
            try:
                deque(parser, maxlen=0)
                break
            except SyntaxError as error:
                found.setdefault(error.lineno, self._error(str(error.msg), error.lineno, error.offset))
                if rdf_format not in _LINE_FORMATS:
                    break
            except (MemoryError, *DAMAGED):
                break
        told = [str(error) for error in found.values()]
        if len(told) == _MOST_ERRORS:
            told.append(f"{self._file.path}: no more than {_MOST_ERRORS} errors are told")
        return _FileError("\n".join(told)) if told else None

    def _parse_xml(self) -> Iterator[ox.Quad]:
        self._source = PlainXml(self._open())
        try:
            yield from self._engine(self._source, ox.RdfFormat.RDF_XML)
        except SyntaxError:
            self._source = PlainXml(self._open(), is_exact=True)  # for the place of the error
            deque(self._engine(self._source, ox.RdfFormat.RDF_XML), maxlen=0)
            raise
        self.prefixes = self._source.prefixes

    def _parse_json(self) -> Iterator[ox.Quad]:
        tags, has_context = _scan_json(_Text(self._open()))
        if tags:
            self._restore = lambda lines: _TAG_OF_LINE.sub(lambda match: tags.get(match[1], match[1]), lines)
        if has_context and self._has_remote_context():
            yield from self._parse_json_with_contexts(_Text(self._open()).whole())
            return
        self._source = _Text(self._open())
        yield from self._engine(self._source, ox.RdfFormat.JSON_LD)

    def _has_remote_context(self) -> bool:
        try:
            deque(self._engine(_Text(self._open()), ox.RdfFormat.JSON_LD), maxlen=0)
        except SyntaxError as error:
            return _IS_REMOTE in str(error.msg)
        return False

    def _parse_json_with_contexts(self, text: bytes) -> Iterator[ox.Quad]:
        from release.remote_contexts import RemoteContexts  # noqa: PLC0415 - its library takes time to load

        document = RemoteContexts(self._contexts).inline(json.loads(text), self._file.path)
        return self._engine(_Text(BytesIO(json.dumps(document).encode())), ox.RdfFormat.JSON_LD)

    def _parse_hex_tuples(self) -> Iterator[ox.Quad]:
        """HexTuples (https://github.com/ontola/hextuples): a JSON array of six texts in each line.

        rdflib takes tags of different case for one.
        """
        self._source = _Text(self._open())
        nodes: defaultdict[str, ox.BlankNode] = defaultdict(ox.BlankNode)

        def node(name: str) -> ox.NamedNode | ox.BlankNode:
            return nodes[name] if name.startswith("_:") else ox.NamedNode(name)

        for number, line in enumerate(_lines(self._source), 1):
            try:
                if line.strip():
                    subject, predicate, value, datatype, language, graph = json.loads(line)
                    term: ox.NamedNode | ox.BlankNode | ox.Literal
                    if datatype in {"globalId", "localId"}:
                        term = node(value)
                    elif language:
                        term = ox.Literal(value, language=language_tags.marked(language))
                    else:
                        term = ox.Literal(value, datatype=ox.NamedNode(datatype))
                    graph_name = node(graph) if graph else ox.DefaultGraph()
                    yield ox.Quad(node(subject), ox.NamedNode(predicate), term, graph_name)
            except (ValueError, TypeError, AttributeError) as error:
                raise self._error(f"it is no HexTuple: {error}", number, 1) from error

    def _parse_trix(self) -> Iterator[ox.Quad]:
        import rdflib  # noqa: PLC0415 - it takes time to load

        rdflib.NORMALIZE_LITERALS = False
        self._source = PlainXml(self._open())
        text = language_tags.restore(b"".join(iter(self._source.read, b"")))
        self._source = None
        dataset = rdflib.Dataset()
        try:
            with warnings.catch_warnings(action="ignore"):  # it warns of itself
                dataset.parse(data=text, format="trix", publicID=self._file.base)
            yield from _quads_of(dataset)
        except Exception as error:  # rdflib raises errors of every kind for what it cannot read
            raise InputError(str(error).replace("\n", " ")) from error


def _lines(source: _Text) -> Iterator[bytes]:
    rest = b""
    for block in iter(source.read, b""):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
        if len(rest) > LONGEST:
            raise InputError(f"a line is longer than {LONGEST} bytes")
    yield rest


def _restored(lines: bytes) -> bytes:
    return language_tags.restore(without_no_language(lines))


def _quads_of(dataset: rdflib.Dataset) -> Iterator[ox.Quad]:
    """The quads of a dataset of rdflib, which names the default graph, and graphs without a name, itself."""
    nodes: dict[rdflib.BNode, ox.BlankNode] = {}

    def term(value: Any) -> Any:
        if isinstance(value, rdflib.BNode):
            return nodes.setdefault(value, ox.BlankNode())
        if not isinstance(value, rdflib.Literal):
            return ox.NamedNode(value)
        if value.language:
            return ox.Literal(value, language=language_tags.marked(value.language))
        return ox.Literal(value, datatype=ox.NamedNode(value.datatype)) if value.datatype else ox.Literal(value)

    import rdflib  # noqa: PLC0415 - it takes time to load

    for subject, predicate, value, graph in dataset.quads():
        is_named = isinstance(graph, rdflib.URIRef) and graph != rdflib.graph.DATASET_DEFAULT_GRAPH_ID
        yield ox.Quad(term(subject), term(predicate), term(value), term(graph) if is_named else ox.DefaultGraph())


def _scan_json(source: _Text) -> tuple[dict[bytes, bytes], bool]:
    """Language tags with capitals of which the text has no other spelling, by their lower case; and whether it has
    `@context`.

    Any word of the text that looks like one counts.
    """
    words: set[bytes] = set()
    has_context = False
    rest = b""
    for block in iter(source.read, b""):
        text = rest + block
        words.update(_JSON_TAG.findall(text))
        has_context = has_context or b'"@context"' in text
        rest = text[-_LONGEST_JSON_TAG:]
    capital = {word for word in words if word != word.lower()}
    return {word.lower(): word for word in sorted(capital, reverse=True) if word.lower() not in words}, has_context


def read(files: Sequence[RdfFile], contexts: Path | None = None) -> Iterator[bytes | FileEnd]:
    """Canonical N-Quads in blocks of whole lines, and what is known of each file at its end.

    contexts: folder of JSON-LD contexts (release/remote_contexts.py). Blank nodes of different files are different, and
    are named by what is said about them (release/blank_nodes.py), for which the quads that have one are kept in memory.
    InputError names what is not RDF.
    """
    names = BlankNodes()
    for file in files:
        reading = _Reading(file, contexts)
        is_empty = True
        for block in reading.blocks():
            is_empty = False
            if b"_:" not in block:
                yield block
                continue
            ground = []
            for line in block.splitlines(keepends=True):
                labels = _NODE.findall(line) if b"_:" in line else []
                nodes = dict.fromkeys(filter(None, labels))
                if nodes:
                    names.add(tuple(nodes), line)
                else:
                    ground.append(line)
            yield b"".join(ground)
        try:
            named = names.lines()
            while lines := list(islice(named, _QUADS)):
                yield b"".join(lines)
        except InputError as error:
            raise InputError(f"{file.path}: {error}") from error
        yield FileEnd(file.path, reading.prefixes, is_empty)


def main(argument: str) -> int:
    """Write the quads to standard output; the exit code is 1 if the files cannot be read."""
    limit_memory()
    task = json.loads(argument)
    files = [RdfFile(Path(path), base, form) for path, base, form in task["files"]]
    prefixes: dict[str, str] = {}
    empty: list[str] = []
    outcome: dict[str, object] = {"prefixes": prefixes, "empty": empty}
    try:
        for part in read(files, Path(task["contexts"]) if task["contexts"] else None):
            if isinstance(part, bytes):
                sys.stdout.buffer.write(part)
                continue
            prefixes.update({prefix: part.prefixes[prefix] for prefix in part.prefixes.keys() - prefixes.keys()})
            if part.is_empty:
                empty.append(str(part.path))
        sys.stdout.buffer.flush()
    except InputError as error:
        outcome = {"error": str(error)}
    except MemoryError:
        outcome = {"error": "the RDF files take more than half of this machine's memory"}
    sys.stderr.write(f"\n{json.dumps(outcome)}\n")
    return "error" in outcome


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
