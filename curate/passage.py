"""Finds words in the text of an article, so that nobody has to count characters for a passage."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from curate.suggest.findings import read_all
from curate.suggest.names import normal
from curate.suggest.text import Span, read
from mapping.evidence import sha256

if TYPE_CHECKING:
    from mapping.documents import Passage

_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*")
_NUMBERED = re.compile(r"p(\d+)")
_AROUND = 30  # characters shown before and after a place
_SHOWN = 60  # characters shown of a place itself
_LIKE = 0.6  # similarity from which a place is worth naming
_DIFFERENCES = 3  # named at most


@dataclass(frozen=True)
class Source:
    """The text of an article and the passages that its documents have already, by name."""

    text: str
    passages: dict[str, Passage]

    def line(self, span: Span) -> str:
        """The line for `passages:` in YAML: under the name that the passage has already, or the next free one."""
        known = (name for name, one in self.passages.items() if (one.start, one.end) == span)
        digest = sha256(self.text[span.start : span.end])
        return f"{next(known, self._free())}: {{start: {span.start}, end: {span.end}, digest: {digest}}}"

    def _free(self) -> str:
        numbers = [match[1] for name in self.passages if (match := _NUMBERED.fullmatch(name))]
        return f"p{max(map(int, numbers), default=0) + 1:0{max(map(len, numbers), default=2)}d}"


def source(root: Path, articles: Path | None, given: str) -> Source | None:
    """The text of an article given by slug or id, or by the path of its text; None if there is neither.

    Problems of the documents are left to `parkgraph check`: a passage may be what is missing.
    """
    documents, file = read_all(root, "articles"), Path(given)
    slug = given.removeprefix("article/")
    own = [document for document in documents if document.slug == slug]
    if not own and file.is_file():
        about = {document.article for document in documents if document.text.file == file.name}
        own = [document for document in documents if document.article in about]
    elif own:
        texts = [document.text for document in own if document.text.file]
        if not texts:
            raise InputError(f"{own[0].place.file} does not name the text: give 'textFile' in the article's record")
        if articles is None:
            raise InputError("say where the texts are, with --articles or PARKGRAPH_ARTICLES")
        file = articles / str(texts[0].file)
    else:
        return None
    text = read(file)
    digests = {document.text.digest for document in own} - {None, sha256(text)}
    if digests:
        raise InputError(f"{file} is not the text that {own[0].place.file} was made from: 'textDigest' is another")
    return Source(text, {name: passage for document in own for name, passage in document.passages.items()})


def find(text: str, words: str) -> list[Span]:
    """Every place of the words, in the order of the text; those that are whole words, if there are any.

    Any white space stands for any other. An ellipsis stands for whatever is between the words around it.
    """
    whole = _find(text, [words], whole=True)
    parts = _parts(words)
    return whole or _find(text, parts, whole=True) or _find(text, parts, whole=False)


def around(text: str, span: Span) -> str:
    """A place on one line, in brackets, with what stands before and after it."""
    pieces = text[max(0, span.start - _AROUND) : span.start], text[slice(*span)], text[span.end : span.end + _AROUND]
    before, here, after = (re.sub(r"\s+", " ", piece) for piece in pieces)
    if len(here) > _SHOWN:
        here = f"{here[: _SHOWN // 2].rstrip()} … {here[-_SHOWN // 2 :].lstrip()}"
    return f"{before}[{here}]{after}".strip()


def missing(text: str, words: str) -> str:
    """The reason why the words are not found: the nearest place, and where they differ from it."""
    parts = _parts(words)
    absent = [part for part in parts if not _find(text, [part], whole=False)]
    if not absent:
        order = "” … “".join(parts)
        return f"“{order}” stand in the text, but not one after the other"
    part = absent[0]
    nearest = _nearest(text, part)
    if nearest is None:
        return f"“{part}” is not in the text, and nothing like it"
    here = " ".join(text[nearest.start : nearest.end].split())
    told = "; ".join(_differences(part, here))
    return f"“{part}” is not in the text. Nearest is, at {nearest.start} to {nearest.end}: “{here}” ({told})"


def _parts(words: str) -> list[str]:
    return [" ".join(part.split()) for part in _ELLIPSIS.split(words) if part.strip()]


def _find(text: str, parts: list[str], *, whole: bool) -> list[Span]:
    """Places that begin with the first part and end with the last; of those that end together the shortest."""
    patterns = [_pattern(part, whole=whole) for part in parts]
    found: dict[int, int] = {}  # end → start
    for first in patterns[0].finditer(text) if patterns else ():
        end: int | None = first.end()
        for pattern in patterns[1:]:
            match = pattern.search(text, end) if end is not None else None
            end = match.end() if match else None
        if end is not None:
            found[end] = first.start()
    return [Span(start, end) for end, start in sorted(found.items())]


def _pattern(part: str, *, whole: bool) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in part.split())
    before = r"(?<!\w)" if whole and part[0].isalnum() else ""
    after = r"(?!\w)" if whole and part[-1].isalnum() else ""
    return re.compile(before + words + after)


def _nearest(text: str, part: str) -> Span | None:
    """The place of as many words that is most like the part, without regard to case and the form of signs."""
    words = [Span(*match.span()) for match in re.finditer(r"\S+", text)]
    length = min(len(part.split()), len(words))
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(normal(part)[0])
    best, ratio = None, _LIKE
    for first, last in zip(words, words[length - 1 :], strict=False):
        span = Span(first.start, last.end)
        matcher.set_seq1(normal(text[span.start : span.end])[0])
        if min(matcher.real_quick_ratio(), matcher.quick_ratio()) > ratio and matcher.ratio() > ratio:
            best, ratio = span, matcher.ratio()
    return best


def _differences(given: str, here: str) -> list[str]:
    """The words that differ: what the text has, for what was given."""
    said, text = given.split(), here.split()
    found = []
    for kind, first, last, start, end in SequenceMatcher(None, said, text, autojunk=False).get_opcodes():
        if kind != "equal":
            found.append(_difference(" ".join(said[first:last]), " ".join(text[start:end])))
    return [*found[:_DIFFERENCES], *(["and more"] if len(found) > _DIFFERENCES else [])]


def _difference(said: str, text: str) -> str:
    if not said or not text:
        return f"with “{text}”" if text else f"without “{said}”"
    signs = {(one, other) for one, other in zip(said, text, strict=False) if one != other}
    if len(said) == len(text) and len(signs) == 1:
        said, text = signs.pop()
    return f"{_named(text)} for {_named(said)}"


def _named(piece: str) -> str:
    """The words in quotation marks; of a single sign, its name in Unicode."""
    if len(piece) == 1 and not piece.isalnum():
        return f"{piece} ({unicodedata.name(piece, 'a sign').lower()})"
    return f"“{piece}”"
