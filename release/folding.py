"""Text as it is searched and sorted: without case, accents and punctuation, each Han character a word of its own.

The same folding is done to names in the build and to what a reader types, so that the two meet.
"""

from __future__ import annotations

import re
import unicodedata

_WORDS = 60  # of a name; what follows is not searched
# Scripts that are written without spaces: kana, Han and its extensions, Hangul needs none of this.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_FIRST = re.compile(rf"[{_UNSPACED}]")
_LENGTH = 2_000  # characters that are looked at, so that a text of any length is folded in no time


def fold(text: str) -> list[str]:
    """The words of a text in the form in which they are compared (Unicode, NFKD without marks, case folded)."""
    text = text[:_LENGTH]
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return _WORD.findall(text.casefold())[:_WORDS]


def is_unspaced(word: str) -> bool:
    """Whether the word is a character of a script that puts no spaces between words."""
    return _FIRST.match(word) is not None


def sort_key(text: str) -> str:
    """By this key names are ordered: letters alone, so `Éire` stands with E and `"Quoted"` with Q."""
    return " ".join(fold(text)[:20])
