"""Finds resources by any of their names, also by the beginning of one, part of one, or one that is misspelt.

Exact names come first, then names that begin so, names with a word that begins so, with all the words, with the text
anywhere in them, and last those that a typing error may have meant. Among equals those with more links come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from release.folding import fold, is_unspaced, phrase
from release.index import KINDS, tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server.index import Index, NameRow

FEW = 3  # so few names that fit make a search for typing errors worthwhile
_NAMES_EACH = 3  # names that are looked at for each resource wanted, for many have several
_TRIGRAM = 3
_LOOKED_AT = 2_000  # words for each trigram
_CANDIDATES = 60  # words that are compared with one that is misspelt
_OPTIONS = 6  # words that one may have meant
_WORDS = 12  # of what was typed that count


@dataclass(frozen=True)
class Found:
    """A resource, and the name by which it was found."""

    resource: int
    text: str
    language: str


@dataclass(frozen=True)
class Results:
    """What was found, the best first; more: there is more than was asked for; guessed: nothing is spelt so."""

    found: list[Found]
    more: bool = False
    guessed: bool = False


def find(index: Index, text: str, count: int, *, class_: int | None = None, kind: str | None = None) -> Results:
    """At most so many resources that go by such a name, of one class or kind (release.index.KINDS) if one is given."""
    words = fold(text)[:_WORDS]
    if not words:
        return Results([])
    tags = [number for number in (class_, KINDS.index(kind) if kind else None) if number is not None]
    filters = "".join(f'tags : "{tag(number)}" AND ' for number in tags)
    found: dict[int, NameRow] = {}
    for query in _queries(words):
        for row in index.match(f"{filters}text : {query}", (count + 1) * _NAMES_EACH):
            found.setdefault(row.resource, row)
        if len(found) > count:
            break
    spelt = len(found)
    if spelt < FEW:
        for row in _guesses(index, words, filters, count):
            found.setdefault(row.resource, row)
    rows = [Found(row.resource, row.text, row.language) for row in found.values()]
    return Results(rows[:count], len(rows) > count, guessed=not spelt and bool(rows))


def _queries(words: Sequence[str]) -> Iterator[str]:
    """Queries of the full-text table, the strictest first; release.folding.indexed says what it holds."""
    whole = phrase(list(words))
    yield f'"<{whole}  >"'
    yield f'"<{whole}"'
    yield f'"{whole}"'
    if len(words) > 1:
        yield f"({' AND '.join(_beginning(word) for word in words)})"
    if len(whole.lstrip()) >= _TRIGRAM:
        yield f'"{whole.lstrip()}"'


def _beginning(word: str) -> str:
    return f'"{phrase([word])}"'


def _guesses(index: Index, words: Sequence[str], filters: str, count: int) -> list[NameRow]:
    """Names with words like these, the most alike first."""
    signs = [word for word in words if is_unspaced(word)]
    if signs:
        return _with_most_signs(index, signs, filters, count)
    options = [_options(index, word, is_last=place == len(words) - 1) for place, word in enumerate(words)]
    known = [choices for choices in options if choices]
    if not known or len(known) * 2 < len(words):
        return []
    query = " AND ".join(f"({' OR '.join(choices)})" for choices in known)
    rows = index.match(f"{filters}text : ({query})", count * _NAMES_EACH)
    return sorted(rows, key=lambda row: (*_distance(words, fold(row.text)), row.id))


def _options(index: Index, word: str, *, is_last: bool) -> list[str]:
    """Phrases that one word may have meant: words like it, itself where names have it, two that were run together."""
    if len(word) < _TRIGRAM:
        return [_beginning(word)]
    padded = phrase([word]) + "  "
    trigrams = [padded[place : place + _TRIGRAM] for place in range(len(padded) - _TRIGRAM + 1)]
    ranked = []
    for candidate in index.words_like(trigrams, _LOOKED_AT, _CANDIDATES):
        compared = candidate[: len(word)] if is_last and len(candidate) > len(word) > _TRIGRAM else candidate
        distance = min(OSA.distance(word, candidate), OSA.distance(word, compared))
        if distance <= _tolerance(word):
            ranked.append((distance, candidate))
    ranked.sort(key=lambda pair: pair[0])  # stable: the words that share more come first
    options = [_beginning(candidate) for _, candidate in ranked[:_OPTIONS]]
    if not options:
        parts = ((word[:place], word[place:]) for place in range(2, len(word) - 1))
        options = [f'"{phrase(list(pair))}"' for pair in parts if all(map(index.has_word, pair))]
    return options


def _tolerance(word: str) -> int:
    """How many letters may be wrong, missing, too many or swapped."""
    return 1 if len(word) < 5 else 2 if len(word) < 10 else 3  # noqa: PLR2004


def _distance(words: Sequence[str], name: Sequence[str]) -> tuple[int, bool]:
    """How far the words are from those of a name, each from the one that is nearest; whether the name has more."""
    distances = (
        min(min(OSA.distance(word, other), OSA.distance(word, other[: len(word)]) + 1) for other in name)
        for word in words
    )
    return sum(distances), len(name) > len(words)


def _with_most_signs(index: Index, signs: Sequence[str], filters: str, count: int) -> list[NameRow]:
    """Names with at least half of the characters, pairs of them counting too."""
    if len(signs) == 1:
        return []
    pairs = {first + second for first, second in pairwise(signs)}
    query = " OR ".join(f'"{phrase([first, second])}"' for first, second in dict.fromkeys(pairwise(signs)))
    ranked = []
    for row in index.match(f"{filters}text : ({query})", count * _NAMES_EACH * 2):
        own = fold(row.text)
        shared = len({first + second for first, second in pairwise(own)} & pairs) + len(set(own) & set(signs))
        if shared * 2 >= len(pairs) + len(set(signs)):
            ranked.append((-shared, row.id, row))
    ranked.sort(key=lambda entry: entry[:2])
    return [row for _, _, row in ranked]
