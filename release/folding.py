"""Normalises text for search and sorting: no case, accents or punctuation, each Han character a word.

The build folds names, and the server folds search terms, in this way.
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
    """The words of a text as they are compared (Unicode NFKD without combining marks, case-folded)."""
    text = text[:_LENGTH]
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return _WORD.findall(text.casefold())[:_WORDS]


def is_unspaced(word: str) -> bool:
    """Whether the word begins with a character of a script that is written without spaces."""
    return _FIRST.match(word) is not None


def sort_key(text: str) -> str:
    """Sort key of a name, of its letters alone: `Éire` sorts with E and `"Quoted"` with Q."""
    return " ".join(fold(text)[:20])
