"""The words and conventions of a language, read from `<language>.toml` beside this file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import snowballstemmer

LANGUAGES = ("de", "en")


@dataclass(frozen=True, eq=False)
class Lexicon:
    """One language. words: the tables of its file. One object for each language."""

    language: str
    words: dict[str, Any]

    @property
    def abbreviations(self) -> frozenset[str]:
        """Abbreviations whose full stop ends no sentence."""
        return frozenset(self.words["abbreviations"])

    @property
    def ending(self) -> frozenset[str]:
        """Those of the abbreviations after which a sentence may end, where another begins with a common word."""
        return frozenset(self.words["ending"])

    def begins_sentence(self, word: str) -> bool:
        """Whether a word with a capital is one that begins a sentence, and no name."""
        return word[0].isupper() and word.lower() in self.words["speech"]["no_name"]

    @property
    def ordinal_dot(self) -> bool:
        """Whether a full stop after a number makes it an ordinal."""
        return bool(self.words["ordinal_dot"])

    @property
    def day_first(self) -> bool:
        """Whether 3/4/2021 is a day of April; if False, ambiguous dates are skipped."""
        return bool(self.words["day_first"])

    @property
    def capitals_are_names(self) -> bool:
        """Whether a capital letter within a sentence begins a name."""
        return bool(self.words["capitals_are_names"])

    @property
    def genitive_s(self) -> bool:
        """Whether a name takes an s without an apostrophe."""
        return bool(self.words["genitive_s"])

    def table(self, *names: str) -> Any:
        """A table of the file, or a part of one, by its keys."""
        found: Any = self.words
        for name in names:
            found = found[name]
        return found

    def stem(self, word: str) -> str:
        """The word's stem (https://snowballstem.org/), equal for singular and plural."""
        return _stem(str(self.words["stemmer"]), word.lower())

    def stems(self, phrase: str) -> tuple[str, ...]:
        """The stems of the words of a phrase."""
        return tuple(self.stem(word) for word in re.findall(r"[^\W\d_]+(?:[-'’&][^\W\d_]+)*", phrase))


@cache
def lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language, by the first part of its BCP 47 tag; None if there is no file for it."""
    name = language.partition("-")[0]
    if name not in LANGUAGES:
        return None
    return Lexicon(name, tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8")))


def alternatives(phrases: Any) -> str:
    """A regular expression for any of the phrases, longest first, with any white space between words."""
    ordered = sorted(phrases, key=len, reverse=True)
    return "|".join(r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in ordered)


@cache
def _stem(algorithm: str, word: str) -> str:
    return str(_stemmer(algorithm).stemWord(word))


@cache
def _stemmer(algorithm: str) -> Any:
    return snowballstemmer.stemmer(algorithm)
