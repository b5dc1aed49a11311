"""Parses the messages of the engine about queries that are not SPARQL."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MISPLACED = "this cannot stand here"
EXPECTED = "expected one of %(tokens)s"
EXPECTED_MORE = "expected one of %(tokens)s … and %(more)s more"
_SHOWN = 6  # tokens of those that were expected
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
    """The message of a syntax error; line and column count from 1, and are None if they are not known.

    variables: of the message, which has `%(name)s` in their places, if there are any.
    """

    message: str
    line: int | None
    column: int | None
    variables: Mapping[str, object] = MappingProxyType({})


def parse_syntax_error(error: SyntaxError) -> SyntaxDetails:
    """The message, line and column of an error of the engine."""
    message = str(error.msg)
    place = _PLACE.match(message)
    return readable(message, *((int(place[1]), int(place[2])) if place else (None, None)))


def readable(message: str, line: int | None, column: int | None) -> SyntaxDetails:
    """The message without its place and without classes of characters, which say nothing to people.

    What the engine says in whole sentences it hides among what it expects. Of many tokens a few are told.
    """
    text, expected = _readable(message)
    if not expected:
        return SyntaxDetails(text, line, column)
    shown = ", ".join(expected[:_SHOWN])
    if len(expected) <= _SHOWN + 1:
        return SyntaxDetails(EXPECTED, line, column, {"tokens": ", ".join(expected)})
    return SyntaxDetails(EXPECTED_MORE, line, column, {"tokens": shown, "more": len(expected) - _SHOWN})


def _readable(message: str) -> tuple[str, list[str]]:
    """A sentence, or one of several tokens that were expected."""
    text = _PLACE.sub("", message).removeprefix(": ")
    expected = text.removeprefix("expected one of ").removeprefix("expected ")
    if expected == text:
        return text, []
    kept = [token for token in _CLASS.sub("", expected).split(", ") if token]
    sentences = [token for token in kept if _SENTENCE.match(token)]
    if sentences:
        return "; ".join(_SENTENCES.get(sentence, sentence) for sentence in sentences), []
    if len(kept) == 1 and (kept[0].isalpha() or not _CLASS.search(expected)):
        return MISPLACED if kept[0].isalpha() else text, []  # one keyword of all that may stand there
    return MISPLACED, kept


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1, of an offset in a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def offset_of(text: str, line: int, column: int) -> int:
    """The offset in a text of a line and a column, counted from 1."""
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1
