"""Takes language tags through parsers and serializers that write them in lower case, and brings their case back.

A tag with capitals gets a private-use part (BCP 47, 2.2.7) that says which of its characters these are: `en-GB` becomes
`en-GB-x-pgcase-18`, and from `en-gb-x-pgcase-18` comes `en-GB`. Texts that look like tags are treated alike on both
ways, so they come back too.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from re import Match

_MARK = b"-x-pgcase-"
_HEX_DIGITS = 8  # characters of a subtag
_TAG = re.compile(rb"[\"']@(?=[a-z0-9-]*[A-Z])[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_MARKED = re.compile(rb"(?<![a-zA-Z0-9-])([a-zA-Z0-9-]+)-x-pgcase-([0-9a-f]{1,8}(?:-[0-9a-f]{1,8})*)")
_SIGNS = (string.ascii_letters + string.digits + "-").encode()
_LONGEST = 200  # bytes of a tag that stands across two blocks
_MAY_GO_ON = re.compile(rb"[\"'](?:@[a-zA-Z0-9-]{0,200})?\Z")


def marked(tag: str) -> str:
    """The tag with its case told in a private-use part; as it is if it has no capitals."""
    capitals = sum(1 << place for place, sign in enumerate(tag) if sign.isupper())
    if not capitals:
        return tag
    digits = f"{capitals:x}"
    parts = [digits[start : start + _HEX_DIGITS] for start in range(0, len(digits), _HEX_DIGITS)]
    return f"{tag}{_MARK.decode()}{'-'.join(parts)}"


def mark(text: bytes) -> bytes:
    """A text in N-Triples, N-Quads, Turtle, TriG or N3 with every tag behind a quotation mark `marked`."""
    return _TAG.sub(_mark, text) if b"@" in text else text


def _mark(match: Match[bytes]) -> bytes:
    return _marked(match[0])


@lru_cache
def _marked(tag: bytes) -> bytes:
    """The tag behind a quotation mark and @."""
    return tag[:2] + marked(tag[2:].decode()).encode()


def restore(text: bytes) -> bytes:
    """A text in any RDF format with the case of every tag that was `marked`."""
    return _MARKED.sub(_restored, text) if _MARK in text else text


def _restored(match: Match[bytes]) -> bytes:
    return _with_capitals(match[1], match[2])


@lru_cache
def _with_capitals(name: bytes, digits: bytes) -> bytes:
    capitals = int(digits.replace(b"-", b""), 16)
    tag = name.decode()
    return "".join(sign.upper() if capitals >> place & 1 else sign for place, sign in enumerate(tag)).encode()


class RestoredFile:
    """Writes to another file, `restore`d, what is written to it in pieces of any size; complete when it is closed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rest = b""  # what may be a part of a tag

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.write(restore(self._rest))

    def write(self, data: bytes) -> int:
        text = self._rest + data
        end = max(len(text.rstrip(_SIGNS)), len(text) - _LONGEST)
        self._rest = text[end:]
        self._file.write(restore(text[:end]))
        return len(data)

    def flush(self) -> None:
        """Closing flushes; an RDF serializer calls this at the end of a document."""


def split_at_tag(text: bytes) -> tuple[bytes, bytes]:
    """A text of which more comes, parted where its end may be a tag that goes on."""
    match = _MAY_GO_ON.search(text, max(0, len(text) - _LONGEST - 2))
    return (text[: match.start()], match[0]) if match else (text, b"")
