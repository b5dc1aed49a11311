"""Finds the entities of the registry in a text, by any of their names.

One automaton (Aho-Corasick) holds all names, so a text is read once however many there are: building takes time and
memory in proportion to the letters of all names, finding in proportion to the text and its matches.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick

from curate.suggest.text import Article, Span
from mapping.source import Items, Map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mapping.documents import Document

_CHUNK = re.compile("\\s+|[!-~]+(?![\u0300-\u036f])|\\S[\u0300-\u036f]*")
_SIGNS = str.maketrans("’‘ʼ´`‐‑‒–—−“”„«»", "'''''------\"\"\"\"\"")
_FURTHER = re.compile(r"[ -][A-Z][\w’'-]*(?:[ -](?:(?:of|for|and) )?[A-Z][\w’'-]*)*")
_INITIALISM = 4  # letters from which a name in capitals may be a common word in a headline


class RegistryName(NamedTuple):
    """One name of an entity."""

    id: str
    type: str
    text: str
    language: str


@dataclass(frozen=True)
class Mention:
    """A name of an entity in the text. rivals: ids of other entities with the same name.

    longer: span of a longer name that begins with this one and is not in the registry, so that another entity is meant.
    """

    span: Span
    name: RegistryName
    rivals: tuple[str, ...] = ()
    longer: Span | None = None

    @property
    def id(self) -> str:
        """Id of the entity."""
        return self.name.id


def names(registry: Iterable[Document], *, without: str | None = None) -> list[RegistryName]:
    """All spellings and labels of the registry.

    without: slug of an article whose spellings are left out; a label then counts only if another article spells it so.
    """
    found: dict[RegistryName, None] = {}
    for document in registry:
        for record in document.records:
            if "id" in record and "type" in record:
                found.update(dict.fromkeys(_names(record, without)))
    return list(found)


def of_article(registry: Iterable[Document], slug: str) -> list[RegistryName]:
    """The spellings of one article."""
    return [
        RegistryName(str(record["id"]), str(record["type"]), str(spelling["text"]), str(spelling.get("language", "")))
        for document in registry
        for record in document.records
        if "id" in record and "type" in record
        for spelling, articles in _spellings(record)
        if slug in articles
    ]


def _spellings(record: Map) -> Iterator[tuple[Map, list[str]]]:
    """Each spelling with the articles that it stands in."""
    spellings = record.get("spellings")
    for spelling in spellings if isinstance(spellings, Items) else []:
        if isinstance(spelling, Map) and "text" in spelling:
            evidence = spelling.get("evidence")
            yield spelling, [article_of(one) for one in (evidence if isinstance(evidence, Items) else [evidence])]


def _names(record: Map, without: str | None) -> Iterator[RegistryName]:
    identity = str(record["id"]), str(record["type"])
    spelled = set()
    for spelling, articles in _spellings(record):
        if without is None or any(article != without for article in articles):
            spelled.add(str(spelling["text"]))
            yield RegistryName(*identity, str(spelling["text"]), str(spelling.get("language", "")))
    labels = record.get("label")
    for language, label in labels.items() if isinstance(labels, Map) else []:
        if without is None or str(label) in spelled:
            yield RegistryName(*identity, str(label), language)


def article_of(passage: object) -> str:
    """The slug of the article of a piece of evidence: `002` of `002/p07`, or of a passage written in full."""
    if isinstance(passage, Map):
        return str(passage.get("article", "")).partition("/")[2]
    return str(passage).partition("/")[0]


class Finder:
    """An automaton of names that finds mentions."""

    def __init__(self, known: Iterable[RegistryName]) -> None:
        keys: defaultdict[str, list[RegistryName]] = defaultdict(list)
        for name in known:
            key = normal(name.text)[0].strip()
            if key and _is_name(name.text):
                keys[key].append(name)
        self._automaton = ahocorasick.Automaton()
        for key, bearers in keys.items():
            self._automaton.add_word(key, (len(key), bearers))
        self._automaton.make_automaton()

    def find(self, article: Article) -> list[Mention]:
        """Every mention, in the order of the text; of overlapping names the longest, then the first."""
        if not len(self._automaton):
            return []
        text, starts, ends = normal(article.text)
        genitive = article.lexicon is not None and article.lexicon.genitive_s
        matches = [
            (length, last + 1 - length, bearers)
            for last, (length, bearers) in self._automaton.iter(text)
            if _whole(text, last + 1 - length, last + 1, genitive=genitive)
        ]
        matches.sort(key=lambda match: (-match[0], match[1]))
        taken = bytearray(len(text))
        mentions = []
        for length, start, bearers in matches:
            end = start + length
            span = Span(starts[start], ends[end - 1])
            if not taken.count(1, start, end):
                here = list(_mentions(bearers, span, article.text[span.start : span.end]))
                if here:
                    taken[start:end] = b"\x01" * (end - start)
                    mentions += here
        mentions.sort(key=lambda mention: mention.span)
        if article.lexicon is None or not article.lexicon.capitals_are_names:
            return mentions
        return list(_with_longer(article.text, mentions))


def _mentions(bearers: list[RegistryName], span: Span, surface: str) -> Iterator[Mention]:
    fitting = {name.id: name for name in bearers if _same_case(name.text, surface)}
    for name in fitting.values():
        yield Mention(span, name, tuple(other for other in fitting if other != name.id))


def _with_longer(text: str, mentions: list[Mention]) -> Iterator[Mention]:
    """The mentions, with `longer` set where capitalised words follow, up to the next mention."""
    starts = [*sorted({mention.span.start for mention in mentions}), len(text)]
    following = dict(pairwise(starts))
    for mention in mentions:
        further = _FURTHER.match(text, mention.span.end, following[mention.span.start])
        yield replace(mention, longer=Span(mention.span.start, further.end()) if further else None)


def normal(text: str) -> tuple[str, array[int], array[int]]:
    """The text in one case with plain quotes, hyphens and spaces; and the original position of each character."""
    pieces, starts, ends = [], array("L"), array("L")
    for match in _CHUNK.finditer(text):
        chunk, start, end = match[0], match.start(), match.end()
        if chunk.isascii() and not chunk.isspace():
            piece = chunk.lower().replace("`", "'")
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            piece = " " if chunk.isspace() else unicodedata.normalize("NFC", chunk).translate(_SIGNS).casefold()
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
        pieces.append(piece)
    return "".join(pieces), starts, ends


def _whole(text: str, start: int, end: int, *, genitive: bool) -> bool:
    """Whether the match begins and ends with whole words."""
    if start and text[start - 1].isalnum() and text[start].isalnum():
        return False
    if end == len(text) or not (text[end].isalnum() and text[end - 1].isalnum()):
        return True
    return genitive and text[end] == "s" and (end + 1 == len(text) or not text[end + 1].isalnum())


def _is_name(text: str) -> bool:
    """Whether a text counts as a name anywhere: a single lower-case word is a common noun, of use in one text only."""
    return not text.islower() or len(text.split()) > 1


def _same_case(name: str, surface: str) -> bool:
    """Whether the case fits: names of several words may be in any, as in headlines."""
    if len(name.split()) > 1 or not name.isascii():
        return True
    return surface == name or (surface.isupper() and name[0].isupper() and len(name) >= _INITIALISM)
