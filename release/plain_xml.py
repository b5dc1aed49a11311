"""XML without what parsers of RDF/XML differ in, for the engine's: `PlainXml`.

The text that it reads from is UTF-8 without DOCTYPE; entities, attributes with defaults and CDATA are written out. An
XML literal is exclusive canonical XML (RDF 1.1 XML Syntax, 7.2.17). `xml:lang=""` is a tag that `without_no_language`
takes away again; tags with capitals are marked (core/language_tags.py).
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, BinaryIO
from xml.etree import ElementTree as ET
from xml.parsers import expat

from core.errors import InputError
from core.language_tags import marked
from core.namespaces import RDF
from release.rdf_formats import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 16 << 20  # bytes of a tag, a comment or an XML literal
_DEPTH = 1000  # elements within each other: the engine takes time in the square of that
_ATTRIBUTES = 1000  # of an element: likewise
_ENTITY_LENGTH = 1000  # characters that an XML entity may stand for: those of vocabularies are namespaces
_REFERENCE = re.compile(r"&([^;&\s]+);")
_ENCODING = re.compile(rb"""<\?xml\s[^>]{0,100}?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']""")
_ASCII = bytes(range(128))
_NATIVE = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "ascii"}  # which expat decodes
_TYPES_OF_CONTENT = {"Resource", "Collection", "Triple"}  # every other rdf:parseType makes an XML literal
_OF_LITERALS = {"parseType", "ID", "annotation", "annotationNodeID", "version", "dir"}  # attributes beside xml:lang
_XML = "http://www.w3.org/XML/1998/namespace"
_NO_LANGUAGE = "x-pgnone"
_IN_NO_LANGUAGE = re.compile(rb'(?<=")@x-pgnone(?:--[a-z]+)?(?= )')
_SPECIAL = re.compile(r"[&<>\"\t\n\r]")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})


def without_no_language(lines: bytes) -> bytes:
    """Lines of N-Quads with the literals of `xml:lang=""` as those without language that they are."""
    return _IN_NO_LANGUAGE.sub(b"", lines) if _NO_LANGUAGE.encode() in lines else lines


class PlainXml:
    """A file of XML to read from.

    is_exact: reads give one tag or text at a time, which costs time, and `line` and `column` are its place. `read`
    raises InputError for what is not well-formed, for entities that stand for too much or are outside the file, and for
    encodings that are not known; `line` and `column` are the place of the error then.

    prefixes: those that the root element declares.
    """

    def __init__(self, file: BinaryIO, *, is_exact: bool = False) -> None:
        self.line = self.column = 1
        self.prefixes: dict[str, str] = {}
        self._file, self._is_exact = file, is_exact
        self._size = BLOCK
        self._is_at_end = False
        self._depth = 0
        self._pieces: list[str] = []
        self._places: list[tuple[int, int]] = []  # line and column of each piece
        self._rest = b""
        self._scopes: list[tuple[dict[str, str], str]] = [({"xml": _XML}, "")]  # namespaces and language
        self._entities: dict[str, int] = {}  # name → characters that it stands for
        self._literal: _XmlLiteral | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._parser: expat.XMLParserType | None = None

    def read(self, size: int = BLOCK) -> bytes:
        """At most `size` bytes, none at the end."""
        while not self._rest and (self._pieces or not self._is_at_end):
            if not self._pieces:
                self._parse(self._file.read(self._size))
                if self._is_exact:
                    self._pieces.reverse()
                    self._places.reverse()
            elif self._is_exact:
                self.line, self.column = self._places.pop()
                self._rest = self._pieces.pop().encode()
            else:
                self._rest = "".join(self._pieces).encode()
                self._pieces.clear()
        block, self._rest = self._rest[:size], self._rest[size:]
        return block

    def _parse(self, block: bytes) -> None:
        self._is_at_end = not block
        if self._parser is None:
            self._decoder, self._parser = _decoder(block), self._make_parser()
        before = self._parser.CurrentByteIndex
        try:
            text = self._decoder.decode(block, self._is_at_end) if self._decoder else block
            self._parser.Parse(text, self._is_at_end)
        except expat.ExpatError as error:
            message = expat.ErrorString(error.code)
            if not self._decoder and not _is_utf8(block):
                message += ": it is not UTF-8, and says no other encoding that it is in"
            raise self._error(message, error.lineno, error.offset + 1) from error
        except UnicodeDecodeError as error:
            message = f"it is not in the encoding that it says, {error.encoding}: {error.reason}"
            raise self._error(message, *self._place()) from error
        # A tag that does not end is read again from its beginning, so what is added doubles.
        self._size = BLOCK if self._parser.CurrentByteIndex > before else 2 * self._size
        if self._size > LONGEST:
            raise self._error(f"a tag, a text or a comment is longer than {LONGEST} bytes", *self._place())

    def _make_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8" if self._decoder else None)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
        parser.EntityDeclHandler = self._declare
        parser.ExternalEntityRefHandler = self._refer
        parser.SkippedEntityHandler = self._skip
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        return parser

    def _place(self) -> tuple[int, int]:
        assert self._parser is not None  # noqa: S101 - it is made before the first block is parsed
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _error(self, message: str, line: int, column: int) -> InputError:
        self.line, self.column = line, column
        return InputError(message)

    def _declare(self, name: str, _is_parameter: int, value: str | None, *_external: str | None) -> None:
        if value is None:
            return
        length = len(value) + sum(self._entities.get(of, 1) for of in _REFERENCE.findall(value))
        if length > _ENTITY_LENGTH:
            message = f"the XML entity '{name}' stands for more than {_ENTITY_LENGTH} characters: write its text out"
            raise self._error(message, *self._place())
        self._entities[name] = length

    def _refer(self, context: str | None, _base: str | None, system: str | None, public: str | None) -> int:
        """A DTD elsewhere is left out; an entity elsewhere is refused."""
        if context is None:
            return 1
        raise self._error(f"the XML entity is outside the file, at {system or public}: write it out", *self._place())

    def _skip(self, name: str, _is_parameter: int) -> None:
        raise self._error(f"the XML entity '{name}' is not declared", *self._place())

    def _start(self, name: str, attributes: Sequence[str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._error(f"more than {_DEPTH} elements stand within each other", *self._place())
        if len(attributes) > 2 * _ATTRIBUTES:
            raise self._error(f"an element has more than {_ATTRIBUTES} attributes", *self._place())
        if self._literal:
            self._literal.start(name, attributes)
        elif attributes:
            self._start_with(name, dict(zip(attributes[::2], attributes[1::2], strict=True)))
        else:
            self._scopes.append(self._scopes[-1])
            self._add(f"<{name}>")

    def _start_with(self, name: str, attributes: dict[str, str]) -> None:
        namespaces, language = self._scopes[-1]
        of_rdf = []
        for attribute, value in attributes.items():
            if attribute.startswith("xmlns"):
                namespaces = {**namespaces, attribute.removeprefix("xmlns").removeprefix(":"): value}
            elif attribute == "xml:lang":
                language = value
                attributes[attribute] = marked(value) or _NO_LANGUAGE
            elif attribute.endswith((":datatype", ":parseType")):
                of_rdf.append(attribute)
        if len(self._scopes) == 1:
            self.prefixes = {prefix: name for prefix, name in namespaces.items() if prefix != "xml"}
        self._scopes.append((namespaces, language))
        self._rewrite([name for name in of_rdf if namespaces.get(name.partition(":")[0]) == RDF], attributes)
        self._add(_start_tag(name, attributes))

    def _rewrite(self, of_rdf: list[str], attributes: dict[str, str]) -> None:
        """Change rdf:datatype and rdf:parseType among the attributes; of_rdf: their names, with prefix."""
        namespaces, language = self._scopes[-1]
        for attribute in of_rdf:
            prefix, _, local = attribute.partition(":")
            if local == "datatype" and attributes[attribute] == f"{RDF}langString":
                if not language:
                    raise self._error("a text of rdf:langString has no xml:lang", *self._place())
                del attributes[attribute]
            elif local == "parseType" and attributes[attribute] not in _TYPES_OF_CONTENT and not _others(attributes):
                del attributes[attribute]
                attributes[f"{prefix}:datatype"] = f"{RDF}XMLLiteral"
                self._literal = _XmlLiteral(namespaces)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._literal:
            if self._literal.end(name):
                return
            try:
                text = self._literal.canonical()
            except ET.ParseError as error:
                message = f"the XML literal that ends here is not well-formed: {str(error).partition(':')[0]}"
                raise self._error(message, *self._place()) from error
            self._literal = None
            self._text(text)
        self._scopes.pop()
        self._add(f"</{name}>")

    def _text(self, text: str) -> None:
        escaped = text.translate(_TEXT) if _SPECIAL.search(text) else text
        if self._literal:
            self._literal.add(escaped)
        else:
            self._add(escaped)

    def _add(self, piece: str) -> None:
        self._pieces.append(piece)
        if self._is_exact:
            self._places.append(self._place())

    def _comment(self, text: str) -> None:
        if self._literal:
            self._literal.add(f"<!--{text}-->")

    def _instruction(self, target: str, data: str) -> None:
        if self._literal:
            self._literal.add(f"<?{target} {data}?>")


class _XmlLiteral:
    """The content of an element with rdf:parseType="Literal", given piece by piece; InputError if it is too long."""

    _NAME = "literal:literal"  # of an element around it, whose namespace no other has

    def __init__(self, namespaces: dict[str, str]) -> None:
        declared = {f"xmlns:{prefix}" if prefix else "xmlns": name for prefix, name in namespaces.items()}
        del declared["xmlns:xml"]
        self._parts = [_start_tag(self._NAME, declared | {"xmlns:literal": "literal:"})]
        self._length = 0
        self._depth = 0

    def start(self, name: str, attributes: Sequence[str]) -> None:
        self._depth += 1
        self.add(_start_tag(name, dict(zip(attributes[::2], attributes[1::2], strict=True))))

    def end(self, name: str) -> bool:
        """Whether the tag belongs to the content."""
        self._depth -= 1
        if self._depth < 0:
            return False
        self.add(f"</{name}>")
        return True

    def add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > LONGEST:
            raise InputError(f"an XML literal is longer than {LONGEST} bytes")

    def canonical(self) -> str:
        """Exclusive canonical XML with comments; ParseError of xml.etree if namespaces are not declared."""
        canonical = ET.canonicalize("".join([*self._parts, f"</{self._NAME}>"]), with_comments=True)
        return canonical[canonical.index(">") + 1 : canonical.rindex("<")]


def _is_utf8(block: bytes) -> bool:
    """Whether the bytes are UTF-8, or a part of it."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block)
    except UnicodeDecodeError as error:
        return error.start < len("\U0010ffff".encode())
    return True


def _others(attributes: dict[str, str]) -> set[str]:
    """The attributes that an element with rdf:parseType="Literal" may not have: the engine refuses them."""
    return {name for name in attributes if not name.startswith("xml") and name.partition(":")[2] not in _OF_LITERALS}


def _start_tag(name: str, attributes: dict[str, str]) -> str:
    parts = [f"<{name}"]
    for key, value in attributes.items():
        parts.append(f' {key}="{value.translate(_VALUE) if _SPECIAL.search(value) else value}"')
    return "".join([*parts, ">"])


def _decoder(first: bytes) -> codecs.IncrementalDecoder | None:
    """A decoder for a file that begins with this block; None if expat needs none. InputError for unknown encodings."""
    declared = _ENCODING.match(first.removeprefix(codecs.BOM_UTF8))
    if not declared:
        return None
    name = declared[1].decode()
    try:
        found = codecs.lookup(name)
        if found.name in _NATIVE:
            return None
        extends_ascii = _ASCII.decode(name) == _ASCII.decode("ascii")
    except (LookupError, UnicodeError):
        extends_ascii = False
    if not extends_ascii:
        raise InputError(f"its encoding, {name}, is not known: convert the file to UTF-8")
    return codecs.getincrementaldecoder(name)()
