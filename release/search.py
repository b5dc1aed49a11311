"""Finds resources by any of their names: whole, by a prefix, by a part, or misspelt.

Exact names come first, then names that begin so, names with a word that begins so, with all the words, with the words
within others, and last those that a typing error may have meant; where no name has all words, those with most of them.
Among equals those with more links come first. Words may be written together or apart: `high tech` is `hightech`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import OSA

from release.folding import fold, is_unspaced
from release.index_tags import length_tag, padded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from release.search_index import NameRow, SearchIndex

FEW = 3  # so few names that fit, none of them exactly, make a search for typing errors worthwhile
_NAMES_EACH = 3  # names that are looked at for each resource wanted, for many have several
_TRIGRAM = 3
_INDEXED = 3  # characters of a beginning that the full-text table has lists for
_ENDINGS = 48  # words that a longer beginning may stand for
_TOGETHER = 200  # names with several words of which the last is a beginning, that are looked through
_LOOKED_AT = 2_000  # words for each trigram, and names for each word
_SPELLINGS = 8  # of what was typed, with words written together or apart
_ALONE = 3  # letters of a word that another part than a word is written together with
_CANDIDATES = 60  # words that are compared with one that is misspelt
_GUESSED = 6  # words that may all be misspelt; of more, those that no name has
_OPTIONS = 6  # words that one may have meant
WORDS = 12  # of what was typed that count
LONGEST = 300  # characters of what is searched for


@dataclass(frozen=True)
class NameMatch:
    """A resource, and the name by which it was found."""

    resource: int
    text: str
    language: str


@dataclass(frozen=True)
class Results:
    """Resources found, the best first; more: there are others.

    guessed: only by allowing typing errors. partial: none has all words.
    """

    found: list[NameMatch]
    more: bool = False
    guessed: bool = False
    partial: bool = False


def find(index: SearchIndex, text: str, count: int, tags: Iterable[str] = ()) -> Results:
    """At most `count` resources with a name like the text that has all these tags of release/index_tags.py."""
    words = fold(text)[:WORDS]
    if not words:
        return Results([])
    filters = "".join(f"tags : {tag} AND " for tag in tags)
    found: dict[int, NameRow] = {}
    is_exact = False
    spellings = list(islice(_spellings(index, words), _SPELLINGS))
    for place, query in enumerate(_queries(index, spellings)):
        for row in index.match(f"{filters}({query})", (count + 1) * _NAMES_EACH):
            found.setdefault(row.resource, row)
        is_exact |= not place and bool(found)
        if len(found) > count:
            break
    spelt = len(found)
    meant = cache(partial(_meant, index, words))
    if spelt < FEW and not is_exact:
        for row in _guesses(index, words, meant, filters, count):
            found.setdefault(row.resource, row)
    is_partial = not found and len(words) > 1
    if is_partial:
        for row in _with_most_words(index, words, meant, filters, count):
            found.setdefault(row.resource, row)
    rows = [NameMatch(row.resource, row.text, row.language) for row in found.values()]
    is_guessed = bool(rows) and not spelt and not is_partial
    return Results(rows[:count], len(rows) > count, guessed=is_guessed, partial=is_partial and bool(rows))


def find_exact(index: SearchIndex, text: str, count: int, tags: Iterable[str] = ()) -> list[NameMatch]:
    """At most `count` resources with a name of these words and no others; of more than WORDS words none."""
    words = fold(text)
    if not 0 < len(words) <= WORDS:
        return []
    filters = "".join(f"tags : {tag} AND " for tag in tags)
    query = next(_queries(index, list(islice(_spellings(index, words), _SPELLINGS))))
    found = {row.resource: row for row in reversed(index.match(f"{filters}({query})", count * _NAMES_EACH))}
    return [NameMatch(row.resource, row.text, row.language) for row in islice(reversed(found.values()), count)]


def find_similar(index: SearchIndex, text: str, count: int, tags: Iterable[str] = ()) -> list[NameMatch]:
    """At most `count` resources with a name that a typing error makes the text, or that is the text."""
    words = fold(text)[:WORDS]
    if not words:
        return []
    filters = "".join(f"tags : {tag} AND " for tag in tags)
    rows = _guesses(index, words, cache(partial(_meant, index, words)), filters, count)
    found = {row.resource: row for row in reversed(rows)}
    return [NameMatch(row.resource, row.text, row.language) for row in islice(reversed(found.values()), count)]


def find_texts(index: SearchIndex, text: str, count: int, tags: Iterable[str] = ()) -> list[NameMatch]:
    """At most `count` resources with a text, which is no name, that has all words; each with one text."""
    words = fold(text)[:WORDS]
    if not words:
        return []
    typed, *others = (" AND ".join(map(_phrase, phrases)) for phrases in islice(_spellings(index, words), _SPELLINGS))
    either = " OR ".join(f"({query})" for query in (typed + _open(words[-1]), *others))
    filters = "".join(f"tags : {tag} AND " for tag in tags)
    found: dict[int, NameRow] = {}
    for row in index.texts(f"{filters}(text : ({either}))", count * _NAMES_EACH):
        found.setdefault(row.resource, row)
    return [NameMatch(row.resource, row.text, row.language) for row in islice(found.values(), count)]


def _open(last: str) -> str:
    """What makes the last word a beginning, if it is long enough for one."""
    return "" if is_unspaced(last) or len(last) < _INDEXED else " *"


def has_words(name: str, text: str) -> bool:
    """Whether a name has the words of the text one after the other, of which the last may be the beginning of one."""
    return f" {' '.join(fold(text))}" in f" {' '.join(fold(name))}"


def _spellings(index: SearchIndex, words: list[str]) -> Iterator[list[list[str]]]:
    """The words as they are, then with some of them written together or apart, if these are words of names.

    Each is a list of phrases: of single words, and of the pairs that one word was divided into.
    """
    apart = [[[word], *map(list, _parts(index, word))] for word in words]
    pairs = map("".join, pairwise(words))
    together = {place: word for place, word in enumerate(pairs) if index.has_word(word)}

    def spellings(place: int) -> Iterator[list[list[str]]]:
        if place == len(words):
            yield []
            return
        for phrase in apart[place]:
            yield from ([phrase, *rest] for rest in spellings(place + 1))
        if place in together:
            yield from ([[together[place]], *rest] for rest in spellings(place + 2))

    yield from spellings(0)


def _parts(index: SearchIndex, word: str) -> Iterator[tuple[str, str]]:
    """The pairs of words of names that this may be, written together; the first may be a single letter."""
    for place in range(1, len(word) - 1):
        first, second = word[:place], word[place:]
        if (index.has_word(first) if place > 1 else len(second) >= _ALONE) and index.has_word(second):
            yield first, second


def _queries(index: SearchIndex, spellings: list[list[list[str]]]) -> Iterator[str]:
    """Queries of the full-text table, the strictest first; the first of the spellings is what was typed."""
    in_order = [[*chain(*phrases)] for phrases in spellings]
    yield " OR ".join(f"(tags : {length_tag(words)} AND text : ^{_phrase(words)})" for words in in_order)
    whole = [begun for words in in_order for begun in _begun(index, words)]
    if whole:
        yield f"text : ({' OR '.join(f'^{phrase}' for phrase in whole)})"
        yield f"text : ({' OR '.join(whole)})"
    several = (phrases for phrases in spellings if len(phrases) > 1)
    every = [query for phrases in several for query in _all_of(_begun(index, words) for words in phrases)]
    if every:
        yield " OR ".join(f"({query})" for query in every)
    yield from _all_of(_within(index, word) for word in in_order[0])


def _phrase(words: Iterable[str]) -> str:
    return f'"{" ".join(words)}"'


def _begun(index: SearchIndex, words: Sequence[str]) -> list[str]:
    """Phrases of these words, the last of which may be no more than the beginning of one."""
    *before, last = words
    if is_unspaced(last):
        return [_phrase(words)]
    if len(last) <= _INDEXED:
        return [f"{_phrase(words)} *"]
    endings = index.words_from(last, _ENDINGS)
    if 0 < len(endings) < _ENDINGS:  # all that there are, whose lists the full-text table puts together at once
        return [f"{_phrase(words)} *"]
    if before and endings:
        endings = _following(index, before, endings)
    return [_phrase([*before, word]) for word in endings]


def _following(index: SearchIndex, before: list[str], endings: list[str]) -> list[str]:
    """Those of the endings that stand behind the words in a name; all where many names have both.

    A phrase for each of them would read the lists of the words in front each time.
    """
    either = " OR ".join(_phrase([word]) for word in endings)
    rows = index.match(f"text : ({_phrase(before)} AND ({either}))", _TOGETHER)
    if len(rows) == _TOGETHER:
        return endings
    found = set()
    for row in rows:
        name = fold(row.text)
        places = range(len(name) - len(before))
        found |= {name[place + len(before)] for place in places if name[place : place + len(before)] == before}
    return [word for word in endings if word in found]


def _within(index: SearchIndex, word: str) -> list[str]:
    """Phrases for the words that have this one in them."""
    if is_unspaced(word) or len(word) < _TRIGRAM:
        return _begun(index, [word])
    return [_phrase([other]) for other in index.words_with(word, _ENDINGS)]


def _all_of(choices: Iterable[list[str]]) -> Iterator[str]:
    """The query for names with one of each; none where there is nothing to choose."""
    alternatives = []
    for phrases in choices:
        if not phrases:
            return
        alternatives.append(f"({' OR '.join(phrases)})")
    yield f"text : ({' AND '.join(alternatives)})"


def _guesses(
    index: SearchIndex, words: Sequence[str], meant: Callable[[int], list[str]], filters: str, count: int
) -> list[NameRow]:
    """Names with words like these, the most alike first. meant: `_meant` of a place."""
    signs = [word for word in words if is_unspaced(word)]
    if signs:
        return _with_most_signs(index, signs, filters, count)
    if len(words) > _GUESSED:
        return []
    unknown_first = sorted(range(len(words)), key=lambda place: index.has_word(words[place]))
    query = _all_of(map(meant, unknown_first))
    rows = [row for each in query for row in index.match(f"{filters}({each})", count * _NAMES_EACH)]
    return sorted(rows, key=lambda row: (*_distance(words, fold(row.text)), row.id))


def _with_most_words(
    index: SearchIndex, words: list[str], meant: Callable[[int], list[str]], filters: str, count: int
) -> list[NameRow]:
    """Names with at least half of the words, those with most of them first, and of these those with the rarest.

    A word that no name has stands for those that it may have meant. meant: `_meant` of a place.
    """
    found = []
    for word, place in {word: place for place, word in enumerate(words)}.items():
        if phrases := _begun(index, [word]) or meant(place):
            found.append(index.matching(f"{filters}(text : ({' OR '.join(phrases)}))", _LOOKED_AT))
    names, places = np.unique(np.array([*chain(*found)], np.int64), return_inverse=True)
    having = np.bincount(places, minlength=len(names))
    rarity = np.bincount(places, [1 / len(one) for one in found for _ in one], len(names))
    ranked = np.lexsort((names, -rarity, -having))
    most = (count + 1) * _NAMES_EACH
    best = names[ranked[having[ranked] * 2 >= len(words)][:most]].tolist()
    rows = {row.id: row for row in index.names(best)}
    return [rows[name] for name in best]


def _meant(index: SearchIndex, words: Sequence[str], place: int) -> list[str]:
    """Phrases that the word at this place may have meant: words like it, or two that were run together."""
    word, is_last = words[place], place == len(words) - 1
    if len(word) < _TRIGRAM:
        return _begun(index, [word])
    text = padded(word)
    trigrams = [text[place : place + _TRIGRAM] for place in range(len(text) - _TRIGRAM + 1)]
    ranked = []
    for candidate in index.words_like(trigrams, _LOOKED_AT, _CANDIDATES):
        compared = candidate[: len(word)] if is_last and len(candidate) > len(word) > _TRIGRAM else candidate
        distance = min(OSA.distance(word, candidate), OSA.distance(word, compared)) + (candidate[0] != word[0])
        if distance <= _tolerance(word):
            ranked.append((distance, candidate))
    ranked.sort(key=lambda pair: pair[0])  # stable: the words that share more come first
    return [_phrase([candidate]) for _, candidate in ranked[:_OPTIONS]] or [*map(_phrase, _parts(index, word))]


def _tolerance(word: str) -> int:
    """The greatest edit distance at which a word still counts as a typing error; another first letter counts twice."""
    return 1 if len(word) < 5 else 2 if len(word) < 10 else 3  # noqa: PLR2004


def _distance(words: Sequence[str], name: Sequence[str]) -> tuple[int, bool]:
    """How far the words are from those of a name, each from the one that is nearest; whether the name has more."""
    distances = (
        min(min(OSA.distance(word, other), OSA.distance(word, other[: len(word)]) + 1) for other in name)
        for word in words
    )
    return sum(distances), len(name) > len(words)


def _with_most_signs(index: SearchIndex, signs: Sequence[str], filters: str, count: int) -> list[NameRow]:
    """Names with at least half of the characters, pairs of them counting too."""
    if len(signs) == 1:
        return []
    pairs = {first + second for first, second in pairwise(signs)}
    query = " OR ".join(_phrase(pair) for pair in dict.fromkeys(pairwise(signs)))
    ranked = []
    for row in index.match(f"{filters}text : ({query})", count * _NAMES_EACH * 2):
        own = fold(row.text)
        shared = len({first + second for first, second in pairwise(own)} & pairs) + len(set(own) & set(signs))
        if shared * 2 >= len(pairs) + len(set(signs)):
            ranked.append((-shared, row.id, row))
    ranked.sort(key=lambda entry: entry[:2])
    return [row for _, _, row in ranked]
