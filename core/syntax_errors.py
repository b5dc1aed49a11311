"""Parses the messages of the engine about queries that are not SPARQL."""

from __future__ import annotations

import re
from typing import NamedTuple

_PLACE = re.compile(r"error at (\d+):(\d+)")
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
    """The message without its place and without classes of characters, which say nothing to people."""
    text = _PLACE.sub("", message).removeprefix(": ")
    expected = _CLASS.sub("", text)
    if expected == text:
        return text
    kept = [token for token in expected.removeprefix("expected one of ").removeprefix("expected ").split(", ") if token]
    return f"expected one of {', '.join(kept)}" if kept else "this cannot stand here"
