"""What the engine says of a query that is not SPARQL, as a person can read it."""

from __future__ import annotations

import re
from typing import NamedTuple

_PLACE = re.compile(r"error at (\d+):(\d+)")
_CLASS = re.compile(r"\['[^\]]*'\]|\[_\]")  # ['A' ..= 'Z' | 'a' ..= 'z'], and [_] for any character


class Misread(NamedTuple):
    """What was expected; line and column count from 1, and are None where the engine does not tell them."""

    message: str
    line: int | None
    column: int | None


def misread(error: SyntaxError) -> Misread:
    """The engine's message without its place, which is told apart, and without its classes of characters."""
    message = str(error.msg)
    place = _PLACE.match(message)
    line, column = (int(place[1]), int(place[2])) if place else (None, None)
    return Misread(readable(message), line, column)


def readable(message: str) -> str:
    """What was expected, without the place and without classes of characters."""
    text = _PLACE.sub("", message).removeprefix(": ")
    expected = _CLASS.sub("", text)
    if expected == text:
        return text
    kept = [token for token in expected.removeprefix("expected one of ").removeprefix("expected ").split(", ") if token]
    return f"expected one of {', '.join(kept)}" if kept else "this cannot stand here"
