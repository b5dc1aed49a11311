"""Divides the articles of a project into units, which are mapped one by one.

A unit is a document of YAML, a stretch of a file of JSON Lines of about 256 KiB, or all documents of an article that
has several. A stretch ends behind a line whose content says so: a line that is added or taken out moves no other end.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.files import open_regular, read_bytes
from core.problems import nearest_of
from mapping.documents import Document, data_files, is_article, parse_documents
from mapping.joining import join_documents
from mapping.source import LARGEST, LINES_SUFFIXES, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from core.problems import Problem
    from mapping.documents import ArticleText

_STRETCH = 256 << 10  # bytes of lines in a unit, on average
_LONGEST = 4 * _STRETCH  # where a unit ends in any case, but for a line that is longer
# The article of a document where that can be seen without parsing it.
_IN_LINE = re.compile(rb'\{"article": ?"(article/[A-Za-z0-9._~-]+)"')
_IN_YAML = re.compile(rb"^article:[ \t]+(article/[A-Za-z0-9._~-]+)[ \t\r]*$", re.MULTILINE)
_KEY_IN_YAML = re.compile(rb"^[\"']?article\b", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """Bytes of a data file: a whole one, or lines of JSON Lines, of which the first has the number `line`."""

    name: str
    data: bytes
    line: int = 1


@dataclass(frozen=True)
class Unit:
    """Bytes of documents that are mapped by themselves.

    others: the articles outside of it that its evidence is known to speak of. similar: names of passages to suggest
    where it speaks of an article that there is not. complete: whether others has all that there are.
    """

    parts: tuple[Part, ...]
    others: tuple[ArticleText, ...] = ()
    similar: tuple[str, ...] = ()
    complete: bool = False

    def documents(self) -> list[Document]:
        """One document for each article."""
        return join_documents(
            document for part in self.parts for document in parse_documents(part.data, part.name, part.line)
        )

    def digest(self) -> bytes:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(b"".join(hashlib.sha256(part.data).digest() for part in self.parts)).digest()


@dataclass
class Piece:
    """The place of a part. without: numbers of lines that are left out of it, for they are in other units."""

    path: Path
    name: str
    offset: int = 0
    length: int = LARGEST
    line: int = 1
    without: set[int] = field(default_factory=set)

    def read(self, read: Callable[[Piece], bytes]) -> Part:
        """The part. read: gives the bytes of the file from `offset` on, `length` of them."""
        data = read(self)
        if self.without:
            lines = data.split(b"\n")
            for number in self.without:
                lines[number - self.line] = b""
            data = b"\n".join(lines)
        return Part(self.name, data, self.line)


def read_file(piece: Piece) -> bytes:
    """The bytes of a piece, without what is left out of it."""
    with open_regular(piece.path) as file:
        file.seek(piece.offset)
        return file.read(piece.length)


@dataclass(frozen=True)
class UnitPlace:
    """The places of the parts of a unit; others, similar, complete: of the unit."""

    pieces: tuple[Piece, ...]
    others: tuple[ArticleText, ...] = ()
    similar: tuple[str, ...] = ()
    complete: bool = False

    def read(self, read: Callable[[Piece], bytes] = read_file) -> Unit:
        """The unit. read: gives the bytes of a piece, such as from a copy of its file elsewhere."""
        return Unit(tuple(piece.read(read) for piece in self.pieces), self.others, self.similar, self.complete)


class Articles:
    """The articles of a folder. Memory: a few bytes for each, and the places of the units.

    problems: of files that cannot be read. size: bytes of all others.
    """

    def __init__(self, root: Path, folder: str) -> None:
        self.problems: list[Problem] = []
        self.size = 0
        self._whole: dict[str, list[Piece]] = {}  # article, or the name of a file → documents of YAML and split ones
        self._stretches: list[Piece] = []
        self._seen: set[int] = set()  # hashes of articles, for they are shorter than the names
        self._split: set[int] = set()
        paths = [(path, path.relative_to(root).as_posix()) for path in data_files(root / folder)]
        self._read(paths)

    def units(self) -> list[UnitPlace]:
        """The places of the units, those of one article first."""
        pieces = [*self._whole.values(), *([piece] for piece in self._stretches)]
        return [UnitPlace(tuple(found)) for found in pieces]

    def find(self, wanted: Mapping[str, Collection[str]]) -> tuple[dict[str, ArticleText], tuple[str, ...]]:
        """The articles that are wanted, as far as there are documents of them.

        wanted: article → the names of the passages that are wanted, in JSON Lines; a document of YAML gives all. Also
        returns names of passages of articles that are named like those without a document. Reads all lines.
        """
        found = {
            article: document.text
            for article in wanted
            for document in self._documents_of(article)
            if document.article == article
        }
        found |= self._in_lines({article: names for article, names in wanted.items() if article not in self._whole})
        missing = wanted.keys() - found.keys()
        if not missing:
            return found, ()
        names = [*(name for name in self._whole if is_article(name)), *self._names()]
        like = sorted({name for article in missing for name in nearest_of(article, names)})
        similar = self._in_lines(dict.fromkeys(like))
        similar |= {article: document.text for article in like for document in self._documents_of(article)}
        return found, tuple(name for article in like for name in similar[article].names)

    def _documents_of(self, article: str) -> list[Document]:
        pieces = self._whole.get(article)
        return UnitPlace(tuple(pieces)).read().documents() if pieces else []

    def _in_lines(self, wanted: Mapping[str, Collection[str] | None]) -> dict[str, ArticleText]:
        found: dict[str, ArticleText] = {}
        for part in (piece.read(read_file) for piece in self._stretches if wanted):
            for number, line in enumerate(part.data.split(b"\n"), part.line):
                article = _article_of_line(line)
                if article is not None and article in wanted:
                    short = _shortened(line, article, wanted[article])
                    for document in parse_documents(short, part.name, number):
                        found[article] = document.text
        return found

    def _names(self) -> Iterator[str]:
        for piece in self._stretches:
            yield from filter(None, map(_article_of_line, piece.read(read_file).data.split(b"\n")))

    def _read(self, paths: list[tuple[Path, str]]) -> None:
        for path, name in paths:
            if not name.endswith(LINES_SUFFIXES):
                self._read_yaml(path, name)
        for path, name in paths:
            if name.endswith(LINES_SUFFIXES):
                try:
                    self._stretches += self._read_lines(path, name)
                except (OSError, UnicodeDecodeError) as error:
                    self.problems += unreadable(name, error).problems
        if self._split:
            self._take_out_split()

    def _read_yaml(self, path: Path, name: str) -> None:
        try:
            data = read_bytes(path, LARGEST)
        except OSError as error:
            self.problems += unreadable(name, error).problems
            return
        self.size += len(data)
        article = _article_of_yaml(data, name)
        self._whole.setdefault(article or name, []).append(Piece(path, name, length=len(data)))
        if article is not None:
            self._seen.add(hash(article))

    def _read_lines(self, path: Path, name: str) -> list[Piece]:
        """The stretches of a file; OSError or UnicodeDecodeError if it cannot be read."""
        pieces = []
        with open_regular(path) as file:
            piece, number, length = Piece(path, name), 1, 0
            while line := file.readline(LARGEST):
                _check_encoding(line, piece.offset + length)
                article = _article_of_line(line)
                if article is not None:
                    key = hash(article)
                    (self._split if key in self._seen else self._seen).add(key)
                number, length = number + 1, length + len(line)
                if length >= _LONGEST or zlib.crc32(line) * _STRETCH < len(line) << 32:
                    piece.length = length
                    pieces.append(piece)
                    piece, length = Piece(path, name, piece.offset + length, line=number), 0
            piece.length = length
            if length:
                pieces.append(piece)
            self.size += file.tell()
        return pieces

    def _take_out_split(self) -> None:
        """Give the articles that have several documents units of their own."""
        for piece in self._stretches:
            part, offset = piece.read(read_file), piece.offset
            for number, line in enumerate(part.data.split(b"\n"), part.line):
                article = _article_of_line(line)
                if article is not None and hash(article) in self._split:
                    piece.without.add(number)
                    own = Piece(piece.path, piece.name, offset, len(line), number)
                    self._whole.setdefault(article, []).append(own)
                offset += len(line) + 1


def _check_encoding(line: bytes, offset: int) -> None:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        error.start += offset  # of the line in its file
        raise


def _article_of_line(line: bytes) -> str | None:
    match = _IN_LINE.match(line)
    if match is not None:
        return match[1].decode()
    try:
        value = json.loads(line) if b'"article"' in line else None
    except (ValueError, RecursionError):
        return None  # a problem of the document, which is read later
    article = value.get("article") if isinstance(value, dict) else None
    return article if isinstance(article, str) and is_article(article) else None


def _shortened(line: bytes, article: str, names: Collection[str] | None) -> bytes:
    """A document with these passages alone, or with all if it lacks one, and the article's own record."""
    value = json.loads(line)
    passages, facts = value.get("passages"), value.get("facts")
    if isinstance(passages, dict) and names is not None and passages.keys() >= set(names):
        value["passages"] = {name: entry for name, entry in passages.items() if name in names}
    if isinstance(facts, list):
        value["facts"] = [fact for fact in facts if isinstance(fact, dict) and fact.get("id") == article]
    return json.dumps(value).encode()


def _article_of_yaml(data: bytes, name: str) -> str | None:
    match = _IN_YAML.search(data)
    if match is not None and len(_KEY_IN_YAML.findall(data)) == 1:
        return match[1].decode()
    return next((document.article for document in parse_documents(data, name)), None)
