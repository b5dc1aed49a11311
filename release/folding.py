"""Normalises text for search and sorting: no case, accents or punctuation, each Han character a word.

An apostrophe within a word is left out (`Xi'an` is `xian`); behind a single letter it parts words (`l'école`).
The build folds names, and the server folds search terms, in this way.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORDS = 60  # of a name; what follows is not searched
# Scripts that are written without spaces: kana, Han and its extensions, Hangul needs none of this.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
PIECE = re.compile(
    rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+"
)  # of a text as it stands: what is between spaces, or one character
_ASCII = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))  # what is between words is a space
# What is typed or printed for an apostrophe (Unicode has it as punctuation, accents, primes and modifier letters), and
# the soft hyphen, which is not seen within a line.
_APOSTROPHES = "'`\u00b4\u02b9\u02bb-\u02bf\u02c8\u055a\u05f3\u2018\u2019\u201b\u2032\u2035\ua78c\uff07"
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_WITHIN_WORD = re.compile(r"(?<=[^\W_]{2})'(?=[^\W_])")
_SOFT_HYPHEN = "\u00ad"
_FIRST = re.compile(rf"[{_UNSPACED}]")
_LENGTH = 2_000  # characters that are looked at, so that a text of any length is folded in no time


def fold(text: str, most: int = _WORDS) -> list[str]:
    """The words of a text as they are compared (Unicode NFKD without combining marks, case-folded), at most so many."""
    return _words(text[:_LENGTH])[:most]


@lru_cache(1024)
def _words(text: str) -> list[str]:
    text = _APOSTROPHE.sub("'", text)
    if text.isascii():
        text = _WITHIN_WORD.sub("", text)
        return text.lower().encode().translate(_ASCII).decode().split()  # twice as fast
    decomposed = unicodedata.normalize("NFKD", text.replace(_SOFT_HYPHEN, ""))
    text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return _WORD.findall(_WITHIN_WORD.sub("", text.casefold()))


def is_unspaced(word: str) -> bool:
    """Whether the word begins with a character of a script that is written without spaces."""
    return _FIRST.match(word) is not None


def sort_key(text: str) -> str:
    """Sort key of a name, of its letters alone: `Éire` sorts with E and `"Quoted"` with Q."""
    return " ".join(fold(text)[:20])
