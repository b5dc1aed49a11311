"""Splits an article's text into paragraphs, sentences, words and quotations.

Positions are characters from 0, ends exclusive, as in docs/record-format.md. Every step is one pass over the text.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import py3langid

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from curate.suggest.lexicon import Lexicon

_LINE = re.compile(r"\S[^\n\r\u2028\u2029]*")
_BLOCK = re.compile(rf"{_LINE.pattern}(?:\r?\n[^\S\r\n]*+{_LINE.pattern})*")
_STOP = re.compile(r"[.!?…。！？]+[\"”“’»)\]]*(?=\s)|[。！？]")
_WORD = re.compile(
    r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:[-'’&][^\W\d_]+)*|[^\w\s]"  # numbers, words with inner hyphens, single signs
)
_CLOSING = {"„": "“”", "“": "”", "«": "»", "»": "«", '"': '"', "「": "」"}
_WRAPPED = 120  # characters of the longest line in a text whose lines were broken to a width
_LONGEST = 2000  # characters of a sentence, so that what looks at its whole sentence stays quick
_LANGUAGE_SAMPLE = 20_000  # characters that are enough to tell a language


class Span(NamedTuple):
    """A range of characters."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the spans have a character in common."""
        return self.start < other.end and other.start < self.end


class Word(NamedTuple):
    """A word, number or sign, and its start."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Position after the word."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Article:
    """The text of one article. lexicon: None if its language is not supported."""

    slug: str
    text: str
    language: str
    lexicon: Lexicon | None = None

    @property
    def id(self) -> str:
        """Id of the article's record."""
        return f"article/{self.slug}"

    @cached_property
    def paragraphs(self) -> list[Span]:
        """The non-empty lines, or the blocks between empty lines if all lines are short."""
        wrapped = max(map(len, self.text.splitlines()), default=0) <= _WRAPPED
        pattern = _BLOCK if wrapped else _LINE
        return [self.trim(Span(*match.span())) for match in pattern.finditer(self.text)]

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences, none longer than its paragraph; very long ones are split."""
        whole = (sentence for paragraph in self.paragraphs for sentence in self._split(paragraph))
        return [piece for sentence in whole for piece in self._pieces(sentence)]

    @cached_property
    def quotations(self) -> list[Span]:
        """Spans of quotations with their marks; marks without a partner in the paragraph are ignored."""
        return [quotation for paragraph in self.paragraphs for quotation in _quotations(self.text, paragraph)]

    def sentence_at(self, position: int) -> Span:
        """The sentence at the position."""
        return _containing(self.sentences, position)

    def paragraph_at(self, position: int) -> Span:
        """The paragraph at the position."""
        return _containing(self.paragraphs, position)

    def words(self, span: Span) -> list[Word]:
        """The words of a span."""
        return [Word(match[0], match.start()) for match in _WORD.finditer(self.text, span.start, span.end)]

    def trim(self, span: Span) -> Span:
        """The span without white space at its ends."""
        piece = self.text[span.start : span.end]
        start = span.start + len(piece) - len(piece.lstrip())
        return Span(start, max(start, span.start + len(piece.rstrip())))

    def shown(self, span: Span, most: int = 40) -> str:
        """The first words of a span on one line, at most `most` characters; the repository quotes no more."""
        piece = " ".join(self.text[span.start : min(span.end, span.start + 4 * most)].split())
        if len(piece) <= most:
            return piece
        return piece[: most - 1].rsplit(" ", 1)[0] + "…"

    def digest(self, span: Span) -> str:
        """SHA-256 of the span as UTF-8."""
        return hashlib.sha256(self.text[span.start : span.end].encode()).hexdigest()

    def _split(self, paragraph: Span) -> Iterator[Span]:
        start = paragraph.start
        for match in _STOP.finditer(self.text, paragraph.start, paragraph.end):
            if self._ends_sentence(match, start, paragraph.end):
                yield Span(start, match.end())
                rest = re.compile(r"\s*").match(self.text, match.end())
                start = rest.end() if rest else match.end()
        if start < paragraph.end:
            yield Span(start, paragraph.end)

    def _pieces(self, sentence: Span) -> Iterator[Span]:
        start = sentence.start
        while sentence.end - start > _LONGEST:
            cut = self.text.rfind(" ", start + 1, start + _LONGEST)
            end = cut if cut > 0 else start + _LONGEST
            yield Span(start, end)
            start = end + (cut > 0)
        yield Span(start, sentence.end)

    def _ends_sentence(self, match: re.Match[str], start: int, end: int) -> bool:
        following = self.text[match.end() : min(end, match.end() + 3)].lstrip()
        if following and following[0].islower():
            return False
        if match[0] != ".":
            return True
        before = re.search(r"[^\s(]*$", self.text[max(start, match.start() - 12) : match.start()])
        word = before[0].lower() if before else ""
        if self.lexicon is None:
            return True
        ordinal = self.lexicon.ordinal_dot and word.isdigit() and len(word) <= 2  # noqa: PLR2004 - a day or an edition
        initial = len(word) == 1 and word.isalpha()
        next_word = re.compile(r"\s+(\w+)").match(self.text, match.end(), end)
        if word in self.lexicon.ending and next_word and self.lexicon.begins_sentence(next_word[1]):
            return True
        return not (word in self.lexicon.abbreviations or ordinal or initial)


def read(path: Path) -> str:
    """The text of a file, unchanged; InputError if it cannot be read, is not UTF-8, or is empty."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8 text"
        ) from error
    if not text.strip():
        raise InputError(f"{path} holds no text")
    return text


def language(text: str) -> str:
    """The language of a text as a BCP 47 tag, detected by py3langid in its first 20,000 characters."""
    tag, _score = py3langid.classify(text[:_LANGUAGE_SAMPLE])
    return str(tag)


def _containing(spans: Sequence[Span], position: int) -> Span:
    """The last span that begins at or before the position."""
    return spans[max(0, bisect_right(spans, position, key=lambda span: span.start) - 1)]


def _quotations(text: str, paragraph: Span) -> Iterator[Span]:
    """The quotations of a paragraph, in one pass; marks inside another quotation belong to it."""
    opened, closing = None, ""
    for match in re.compile('[„“”«»"「」]').finditer(text, paragraph.start, paragraph.end):
        mark, position = match[0], match.start()
        if opened is not None and mark in closing:
            yield Span(opened, position + 1)
            opened = None
        elif opened is None or (mark in "„“«" and mark != text[opened]):
            opened, closing = (position, _CLOSING[mark]) if mark in _CLOSING else (None, "")
