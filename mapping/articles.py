"""Divides the articles of a project into units, which are mapped one by one.

A unit is a document of YAML, a stretch of a file of JSON Lines, or all documents of an article that has several.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.files import read_bytes
from core.problems import nearest_of
from mapping.documents import data_files, is_article, parse_documents
from mapping.source import LARGEST, LINES_SUFFIXES, unreadable
from mapping.stretches import Stretches
from mapping.units import Piece, Unit, UnitPlace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from core.problems import Problem
    from mapping.documents import ArticleText, Document
    from mapping.kept import KeptUnits

# The article of a document where that can be seen without parsing it.
_IN_LINE = re.compile(rb'\{"article": ?"(article/[A-Za-z0-9._~-]+)"')
_IN_YAML = re.compile(rb"^article:[ \t]+(article/[A-Za-z0-9._~-]+)[ \t\r]*$", re.MULTILINE)
_KEY_IN_YAML = re.compile(rb"^[\"']?article\b", re.MULTILINE)


class Articles:
    """The articles of a folder. Memory: a few bytes for each, and the places of the units.

    problems: of files that cannot be read. size: bytes of all others.
    """

    def __init__(self, root: Path, folder: str) -> None:
        self.problems: list[Problem] = []
        self.size = 0
        self._whole: dict[str, list[Piece]] = {}  # article, or the name of a file → documents of YAML and split ones
        self._stretches = Stretches(_IN_LINE, _articles_of_line)
        paths = [(path, path.relative_to(root).as_posix()) for path in data_files(root / folder)]
        for path, name in paths:
            try:
                if name.endswith(LINES_SUFFIXES):
                    self._stretches.read(path, name)
                else:
                    self._read_yaml(path, name)
            except (OSError, UnicodeDecodeError) as error:
                self.problems += unreadable(name, error).problems
        self.size += self._stretches.size
        self._stretches.take_out(self._whole)

    def units(self) -> list[UnitPlace]:
        """The places of the units, those of one article first."""
        pieces = [*self._whole.values(), *([piece] for piece in self._stretches.pieces)]
        return [UnitPlace(Unit, tuple(found)) for found in pieces]

    def find(self, wanted: Mapping[str, Collection[str]]) -> tuple[dict[str, ArticleText], tuple[str, ...]]:
        """The articles that are wanted, as far as there are documents of them.

        wanted: article → the names of the passages that are wanted, in JSON Lines; a document of YAML gives all. Also
        returns names of passages to suggest in place of those that are wanted of articles without a document, which
        reads all lines: those of articles of like names.
        """
        found = {
            article: document.text
            for article in wanted
            for document in self._documents_of(article)
            if document.article == article
        }
        found |= self._in_lines({article: names for article, names in wanted.items() if article not in self._whole})
        missing = [article for article, passages in wanted.items() if passages and article not in found]
        if not missing:
            return found, ()
        names = [*(name for name in self._whole if is_article(name)), *self._stretches.all_names()]
        like = sorted({name for article in missing for name in nearest_of(article, names)})
        similar = self._in_lines(dict.fromkeys(like))
        similar |= {article: document.text for article in like for document in self._documents_of(article)}
        return found, tuple(name for article in like for name in similar[article].names)

    def digest(self, wanted: Mapping[str, Collection[str]]) -> bytes | None:
        """The digest of the lines and files that `find` would read; None if it would read all lines."""
        digest, found = hashlib.sha256(), {article for article in wanted if article in self._whole}
        for article in sorted(found):
            for piece in self._whole[article]:
                part = piece.read()
                digest.update(b"%s %d %d\n%s" % (part.name.encode(), part.line, len(part.data), part.data))
        for piece, number, line in self._stretches.lines(wanted.keys() - found):
            found.update(self._stretches.names(line))
            digest.update(b"%s %d %d\n%s" % (piece.name.encode(), number, len(line), line))
        return digest.digest() if all(article in found for article, names in wanted.items() if names) else None

    def _documents_of(self, article: str) -> list[Document]:
        pieces = self._whole.get(article)
        return UnitPlace(Unit, tuple(pieces)).read().documents() if pieces else []

    def _in_lines(self, wanted: Mapping[str, Collection[str] | None]) -> dict[str, ArticleText]:
        return {
            article: document.text
            for piece, number, line in self._stretches.lines(wanted)
            for article in self._stretches.names(line)
            if article in wanted
            for document in parse_documents(_shortened(line, article, wanted[article]), piece.name, number)
        }

    def _read_yaml(self, path: Path, name: str) -> None:
        data = read_bytes(path, LARGEST)
        self.size += len(data)
        piece = Piece(path, name, length=len(data))
        self._whole.setdefault(_article_of_yaml(data, name) or name, []).append(piece)


@dataclass(frozen=True)
class Answered:
    """The place of a unit with the articles that it asks for, as far as there are any.

    asked: article → names of passages.
    """

    place: UnitPlace | Answered
    asked: Mapping[str, Collection[str]]
    articles: Articles

    def resolved(self) -> UnitPlace:
        """The place with the articles, which are parsed for it."""
        others, similar = self.articles.find(self.asked)
        return replace(self.place.resolved(), others=tuple(others.values()), similar=similar, complete=True)

    def read(self) -> Unit:
        """The unit."""
        return self.resolved().read()

    @property
    def complete(self) -> bool:
        """Whether the unit has all that it asks for."""
        return True

    @property
    def line(self) -> int:
        """The number of its first line."""
        return self.place.line

    def key(self, kept: KeptUnits) -> bytes:
        """What the unit is kept by; that is kept by what is read for it, so that articles need not be parsed."""
        answers = self.articles.digest(self.asked)
        if answers is None:
            return kept.key(self.read())
        asked = sorted((article, sorted(names)) for article, names in self.asked.items())
        source = hashlib.sha256(self.place.key(kept) + answers + repr(asked).encode()).digest()
        return kept.key_by(source, self.read)


def _articles_of_line(line: bytes) -> list[str]:
    """The article of a line; none of a line that is no document."""
    try:
        value = json.loads(line) if b'"article"' in line else None
    except (ValueError, RecursionError):
        return []  # a problem of the document, which is read later
    article = value.get("article") if isinstance(value, dict) else None
    return [article] if isinstance(article, str) and is_article(article) else []


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
