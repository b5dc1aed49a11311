"""Normalises text for search and sorting: no case, accents or punctuation, each Han character a word.

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
_ASCII = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))  # what is between words is a space
_FIRST = re.compile(rf"[{_UNSPACED}]")
_LENGTH = 2_000  # characters that are looked at, so that a text of any length is folded in no time


def fold(text: str) -> list[str]:
    """The words of a text as they are compared (Unicode NFKD without combining marks, case-folded)."""
    return _words(text[:_LENGTH])[:]


@lru_cache(1024)
def _words(text: str) -> list[str]:
    if text.isascii():
        return text.lower().encode().translate(_ASCII).decode().split()[:_WORDS]  # twice as fast
    decomposed = unicodedata.normalize("NFKD", text)
    text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return _WORD.findall(text.casefold())[:_WORDS]


def is_unspaced(word: str) -> bool:
    """Whether the word begins with a character of a script that is written without spaces."""
    return _FIRST.match(word) is not None


def sort_key(text: str) -> str:
    """Sort key of a name, of its letters alone: `Éire` sorts with E and `"Quoted"` with Q."""
    return " ".join(fold(text)[:20])
