"""Parses the messages of the engine about queries that are not SPARQL."""

from __future__ import annotations

import re
from typing import NamedTuple

_PLACE = re.compile(r"error at (\d+):(\d+)")
_SENTENCE = re.compile(r"[A-Za-z]+ \S")
_SENTENCES = {
    "The SELECT contains a variable that is unbound": "SELECT has a variable that is neither grouped by nor aggregated",
    "The SELECT contains an expression with a variable that is unbound": (
        "an expression of SELECT has a variable that is neither grouped by nor within an aggregate; what another"
        " expression of this SELECT is named has to be written out again"
    ),
    "SELECT * is not authorized with GROUP BY": "SELECT * cannot stand beside GROUP BY or an aggregate",
    "IRI parsing failed": "no valid IRI stands here",
}
_CLASS = re.compile(r"\['[^\]]{0,400}'\]|\[_\]")  # ['A' ..= 'Z' | 'a' ..= 'z'], and [_] for any character


class SyntaxDetails(NamedTuple):
    """The message of a syntax error; line and column count from 1, and are None if they are not known."""

    message: str
    line: int | None
    column: int | None


def parse_syntax_error(error: SyntaxError) -> SyntaxDetails:
    """The message, line and column of an error of the engine."""
    message = str(error.msg)
    place = _PLACE.match(message)
    line, column = (int(place[1]), int(place[2])) if place else (None, None)
    return SyntaxDetails(readable(message), line, column)


def readable(message: str) -> str:
    """The message without its place and without classes of characters, which say nothing to people.

    What the engine says in whole sentences it hides among what it expects.
    """
    text = _PLACE.sub("", message).removeprefix(": ")
    expected = text.removeprefix("expected one of ").removeprefix("expected ")
    if expected == text:
        return text
    kept = [token for token in _CLASS.sub("", expected).split(", ") if token]
    sentences = [token for token in kept if _SENTENCE.match(token)]
    if sentences:
        return "; ".join(_SENTENCES.get(sentence, sentence) for sentence in sentences)
    if len(kept) == 1 and not _CLASS.search(expected):
        return text
    return f"expected one of {', '.join(kept)}" if kept else "this cannot stand here"


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1, of an offset in a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def offset_of(text: str, line: int, column: int) -> int:
    """The offset in a text of a line and a column, counted from 1."""
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1
