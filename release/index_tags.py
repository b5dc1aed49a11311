"""The words of the index by which names are filtered: what the build writes beside each name, and searches ask for."""

from __future__ import annotations

from core.labels import ALTERNATIVE, NAMING

KINDS = ("class", "property", "concept", "resource")
NAMES = tuple(node.value for node in (*NAMING, *ALTERNATIVE))  # the properties whose values are found


def tag(number: int) -> str:
    """The number of a class or kind as a word, by which the full-text table is filtered."""
    return f"c{number}"


def property_tag(iri: str) -> str:
    """The property that says a name, one of NAMES, as a word."""
    return f"p{NAMES.index(iri)}"


def language_tag(language: str) -> str:
    """A language, or a language with its region, as a word; empty: that of the names without one."""
    return f"l{language.lower().replace('-', '')}"


def length_tag(words: list[str]) -> str:
    """The number of words of a name as a word: a name that has it and begins with all words of a query equals the
    query.
    """
    return f"n{len(words)}"


def padded(word: str) -> str:
    """A word as the trigram table stores it: the spaces make trigrams of its beginning and end."""
    return f"  {word}  "
