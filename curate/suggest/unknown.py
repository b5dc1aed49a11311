"""Finds names that the registry does not know: by capitals within sentences, and by repetition.

Where all nouns have capitals, as in German, one word counts only if it is repeated and never stands as a common noun
does. The finder of known names then collects every place and spelling of what was found.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from dateparser.languages.loader import default_loader

from curate.suggest.lexicon import Lexicon, alternatives
from curate.suggest.names import Finder, Mention, RegistryName, normal
from curate.suggest.speech import PERSON, slug
from curate.suggest.text import Article, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PREFIXES = {"Person": "person", "Organization": "org", "Park": "park", "Event": "event", "Place": "place"}
PLACE, EVENT = "Place", "Event"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]\w*(?:[-'’‘&.][^\W_]+)*"
_CAPITAL_BEFORE = re.compile(rf"{_CAPITAL}\s$")
_POSSESSIVE = re.compile(r"[’'‘]s?$")
_ACRONYM = re.compile(r"\s*\(([A-Z][A-Z\d&-]{1,11})\)")
_ENDS = (*'.!?…:。！？"”’»)',)  # of a sentence; a line without them is a heading, whose capitals say nothing
_OPENING = "“„«‘\"'(["
_BEFORE, _AFTER = 40, 60  # characters around a name that tell what it names
_WORDS = 9  # of a name, at most
_NOWHERE = Span(0, 0)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


@dataclass
class Unknown:
    """A name that nobody in the registry bears. type: a guess; empty if nothing tells.

    spellings: its wordings, each with the sentences that have it. first: the first place.
    """

    text: str
    type: str = ""
    spellings: dict[str, list[Span]] = field(default_factory=dict)
    first: Span = _NOWHERE

    @property
    def id(self) -> str:
        """The id that it would have."""
        return f"{PREFIXES[self.type or PLACE]}/{slug(self.text)}"


def find(article: Article, mentions: Sequence[Mention], speakers: Iterable[str]) -> list[Unknown]:
    """Every unknown name once, in the order of the text. speakers: names of persons who were found to speak."""
    if article.lexicon is None:
        return []
    candidates = _Candidates(article, article.lexicon, mentions)
    for name in speakers:
        candidates.add(name, PERSON)
    candidates.read()
    return sorted(_collected(article, candidates.chosen(), mentions), key=lambda one: one.first)


class _Candidates:
    """The names of one text by their key, with what tells their type."""

    def __init__(self, article: Article, lexicon: Lexicon, mentions: Sequence[Mention]) -> None:
        self._article, self._lexicon, self._text = article, lexicon, article.text
        self._known = mentions
        self._names: dict[str, str] = {}  # key → the wording that was found first
        self._votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._also: dict[str, str] = {}  # key of an acronym → key of the name
        self._common: set[str] = set()  # keys of words that stand as common nouns do
        self._lower = set(re.findall(r"\b[a-zß-ÿ]\w+", article.text))

    def add(self, name: str, type_: str) -> str:
        """Note a name and what it seems to name; its key."""
        key = _key(name)
        self._names.setdefault(key, name)
        self._votes[key][type_] += 1
        return key

    def read(self) -> None:
        """Note the names in all sentences but headings."""
        for sentence in self._article.sentences:
            if self._text[sentence.end - 1] in _ENDS:
                for match in _run(self._lexicon).finditer(self._text, *sentence):
                    for span in self._split(Span(*match.span())):
                        before = self._text[sentence.start : span.start]
                        self._read(span, at_start=not before.strip(_OPENING) or before[-1] in _OPENING)

    def chosen(self) -> list[tuple[str, str, list[str]]]:
        """(Wording, type, further wordings) of each name that is to be suggested."""
        full = {key: name for key, name in self._names.items() if " " in key and self._type(key) == PERSON}
        persons = {_key(name.split()[-1]): key for key, name in full.items()}
        surnames = {_key(one.name.text.split()[-1]) for one in self._known if one.name.type == PERSON}
        further: defaultdict[str, list[str]] = defaultdict(list)
        for key, name in self._names.items():
            owner = self._also.get(key) or persons.get(key, key)
            if owner != key:
                further[owner].append(name)
        return [
            (name, self._type(key), further[key])
            for key, name in self._names.items()
            if (self._also.get(key) or persons.get(key, key)) == key and key not in surnames and self._counts(key)
        ]

    def _counts(self, key: str) -> bool:
        headed = " " in key and any(type_ in self._votes[key] for type_ in self._table()["heads"] if type_ != PLACE)
        if self._lexicon.capitals_are_names or PERSON in self._votes[key] or headed:
            return True
        return self._votes[key].total() > 1 and key not in self._common

    def _type(self, key: str) -> str:
        votes = self._votes[key]
        if PERSON in votes:
            return PERSON
        return max((type_ for type_ in votes if type_), key=lambda type_: (type_ != PLACE, votes[type_]), default="")

    def _split(self, run: Span) -> Iterator[Span]:
        """The names that a run of capitalised words holds: not all that is joined by and, of or for is one."""
        start = run.start
        for match in _connector(self._lexicon).finditer(self._text, *run):
            left, right = self._text[start : match.start()].split(), self._text[match.end() : run.end].split()
            if not self._joins(match[1].lower(), left, right):
                yield Span(start, match.start())
                start = match.end()
        yield Span(start, run.end)

    def _joins(self, connector: str, left: list[str], right: list[str]) -> bool:
        table = self._table()
        if connector in table["and"]:
            return left[-1].lower() in table["joined"] and right[0].lower() in table["joined"]
        return self._lexicon.capitals_are_names or self._head(left[:1]) != ""

    def _read(self, span: Span, *, at_start: bool) -> None:
        words = [(match[0], span.start + match.start()) for match in re.finditer(r"\S+", self._text[slice(*span)])]
        words, person = self._without_posts(words)
        while words and (self._is_none(words[0][0]) or (at_start and self._only_begins(words[0][0]))):
            person |= words[0][0].lower() in self._table()["titles"]
            words, at_start = words[1:], False
        while words and (words[-1][0].lower() in self._table()["connectors"] or self._is_none(words[-1][0])):
            words = words[:-1]
        if not words or len(words) > _WORDS:
            return
        inner = Span(words[0][1], words[-1][1] + len(_POSSESSIVE.sub("", words[-1][0])))
        if any(one.span.start <= inner.start and inner.end <= one.span.end for one in self._known):
            return
        name = " ".join(self._text[slice(*inner)].split())
        if not person and self._is_no_name(name, inner, at_start=at_start):
            return
        if not self._lexicon.capitals_are_names and self._is_common(name, inner.start):
            self._common.add(_key(name))
        part = next((n for n in range(len(words) - 1, 0, -1) if words[n][0].lower() in self._table()["of"]), None)
        if part is not None:  # the zone in: committee of the zone
            rest = Span(words[part + 1][1], inner.end)
            self._read(Span(rest.start + len(self._article_before(rest)), rest.end), at_start=False)
        key = self.add(name, PERSON if person else self._told(inner, [word for word, _ in words]))
        acronym = _ACRONYM.match(self._text, inner.end)
        if acronym:
            self._also[self.add(acronym[1], self._type(key))] = key

    def _article_before(self, span: Span) -> str:
        """An article that begins the span, with its space."""
        found = re.match(rf"(?:{alternatives(self._table()['articles'])})\s+", self._text[slice(*span)])
        return found[0] if found else ""

    def _is_no_name(self, name: str, span: Span, *, at_start: bool) -> bool:
        """Whether capitals say nothing here: at the start, of a common noun, of a part of a word, of a mere subject."""
        words = name.lower().split()
        if all(word in (*self._table()["joined"], *self._table()["connectors"]) for word in words):
            return True
        if len(words) > 1:
            return False
        part = name.rpartition("-")[2].islower() or self._text[span.end : span.end + 1] == "-"
        return at_start or name.lower() in self._lower or part

    def _without_posts(self, words: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], bool]:
        """The words after the last post, and whether they name who holds it; those before it, if it ends the run."""
        table = self._table()
        posts = [number for number, (word, _) in enumerate(words) if word.lower() in table["posts"]]
        if not posts:
            return words, False
        after = words[posts[-1] + 1 :]
        if after and after[0][0].lower() in table["connectors"]:
            while after and after[0][0].lower() in (*table["connectors"], *table["articles"]):
                after = after[1:]
            return after, False
        return (after, True) if after else (words[: posts[0]], False)

    def _is_none(self, word: str) -> bool:
        lower = _POSSESSIVE.sub("", word.lower())
        table = self._lexicon.table("speech", "no_name")
        return lower in table or lower in self._table()["none"] or lower in _calendar(self._lexicon.language)

    def _only_begins(self, word: str) -> bool:
        """Whether a word has its capital because it begins a sentence."""
        lower = word.lower()
        return lower in self._table()["place"] or (lower in self._lower and not self._lexicon.capitals_are_names)

    def _told(self, span: Span, words: list[str]) -> str:
        """The type that its head, or what stands around it, tells."""
        around, head = _around(self._lexicon), self._head(words)
        before, after = self._text[max(0, span.start - _BEFORE) : span.start], self._text[span.end : span.end + _AFTER]
        if around["post before"].search(before) or around["post of"].match(after):
            return PERSON
        if head:
            return head
        if len(words) > 1 and around["post after"].match(after):
            return PERSON
        if len(words) == 1 and words[0].isupper():
            return "Organization"
        return PLACE if around["place before"].search(before) else ""

    def _head(self, words: list[str]) -> str:
        """The type by the last word, or by the last one before an of or for; by the first one in German."""
        table = self._table()
        of = next((n for n, word in enumerate(words) if n and word.lower() in table["of"]), len(words))
        for type_, heads in table["heads"].items():
            if self._lexicon.capitals_are_names:
                found = any(word.lower() in heads for word in (words[of - 1], words[-1]))
            else:  # the head comes first, or ends a compound
                found = any(word.lower().endswith(tuple(heads)) for word in (words[0], words[of - 1]))
            if found:
                return str(type_)
        return ""

    def _is_common(self, name: str, start: int) -> bool:
        """Whether a word stands as common nouns do: after an article or adjective, or with their ending."""
        table = self._table()
        before = re.search(r"(\w+)\s+$", self._text[max(0, start - _BEFORE) : start])
        word = before[1] if before else ""
        adjective = word.islower() and word.endswith(tuple(table["adjective"])) and word not in table["place"]
        return word.lower() in table["articles"] or adjective or name.endswith(tuple(table["endings"]))

    def _table(self) -> dict[str, Any]:
        found: dict[str, Any] = self._lexicon.table("names")
        return found


def _collected(
    article: Article, chosen: list[tuple[str, str, list[str]]], mentions: Sequence[Mention]
) -> Iterator[Unknown]:
    """The names with every place in the text, be it a heading; not where a known or a longer name stands."""
    names = {text: Unknown(text, type_) for text, type_, _ in chosen}
    bearers = {wording: text for text, _, further in chosen for wording in (text, *further)}
    for layer in _layers(set(bearers)):
        finder = Finder(RegistryName(bearers[wording], "", wording, article.language) for wording in layer)
        for one in finder.find(article):
            inside = any(known.span.start <= one.span.start and one.span.end <= known.span.end for known in mentions)
            if inside or one.longer is not None or _continues(article, one.span):
                continue
            name = names[one.id]
            name.first = min(name.first, one.span) if name.spellings else one.span
            spans = name.spellings.setdefault(" ".join(article.text[slice(*one.span)].split()), [])
            sentence = article.sentence_at(one.span.start)
            if sentence not in spans:
                spans.append(sentence)
    yield from (name for name in names.values() if name.spellings)


def _continues(article: Article, span: Span) -> bool:
    """Whether a capitalised word stands before a name that may belong to it."""
    before = _CAPITAL_BEFORE.search(article.text, max(0, span.start - _BEFORE), span.start)
    if before is None or article.lexicon is None:
        return False
    names = article.lexicon.table("names")
    return before[0].strip().lower() not in (
        *article.lexicon.table("speech", "no_name"),
        *names["place"],
        *names["posts"],
        *names["titles"],
        *names["none"],
    )


def _layers(wordings: set[str]) -> Iterator[set[str]]:
    """The wordings such that in a layer none is part of another, the longer ones first."""
    while wordings:
        inner = {one for one in wordings if any(one != other and _key(one) in _key(other) for other in wordings)}
        yield wordings - inner or wordings
        wordings = inner if inner != wordings else set()


def _key(name: str) -> str:
    return normal(name)[0].strip()


@cache
def _run(lexicon: Lexicon) -> re.Pattern[str]:
    connectors = alternatives(lexicon.table("names", "connectors"))
    articles = alternatives(lexicon.table("names", "articles"))
    between = rf"\s+(?:(?:{connectors})\s+(?:(?:{articles})\s+)?)?"
    return re.compile(rf"(?<![\w’'-]){_CAPITAL}(?:{between}{_CAPITAL})*")


@cache
def _connector(lexicon: Lexicon) -> re.Pattern[str]:
    connectors = alternatives(lexicon.table("names", "connectors"))
    articles = alternatives(lexicon.table("names", "articles"))
    return re.compile(rf"\s+({connectors})\s+(?:(?:{articles})\s+)?")


@cache
def _around(lexicon: Lexicon) -> dict[str, re.Pattern[str]]:
    table = lexicon.table("names")
    posts, titles, places, of = (alternatives(table[name]) for name in ("posts", "titles", "place", "of"))
    return {
        "post before": re.compile(rf"\b(?i:{posts}|{titles})\.?,?\s+$"),
        "post of": re.compile(rf",\s+(?:\w+\s+){{0,2}}(?i:{posts})\s+(?:{of})\b"),
        "post after": re.compile(rf",\s+(?:\w+\s+){{0,3}}(?i:{posts})\b"),
        "place before": re.compile(rf"\b(?i:{places})\s+$"),
    }


@cache
def _calendar(language: str) -> frozenset[str]:
    """The names of months and days."""
    info = default_loader.get_locale(language).info
    return frozenset(name.lower() for unit in (*_MONTHS, *_DAYS) for name in info[unit])
