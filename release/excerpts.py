"""Shortens a text around the words that were searched for."""

from __future__ import annotations

from release.folding import PIECE, fold

_BEFORE = 60  # characters in front of the first word that is found


def excerpt(text: str, searched: str, length: int) -> str:
    """At most about `length` characters of a text, around the first word that begins with one of those searched for."""
    if len(text) <= length:
        return text
    words = tuple(fold(searched))
    pieces = list(PIECE.finditer(text))
    found = (piece.start() for piece in pieces if any(word.startswith(words) for word in fold(piece[0])))
    start = max(0, min(next(found, 0) - _BEFORE, len(text) - length))
    whole = [piece for piece in pieces if piece.start() >= start and piece.end() <= start + length]
    if not whole:
        return text[:length]
    first, end = whole[0].start(), whole[-1].end()
    return f"{'… ' if first else ''}{text[first:end]}{' …' if end < len(text) else ''}"
