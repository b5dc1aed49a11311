"""Takes language tags through parsers and serializers that write them in lower case, and brings their case back.

A tag with capitals gets a private-use part (BCP 47, 2.2.7) that says which of its characters these are: `en-GB` becomes
`en-GB-x-pgcase-18`, and from `en-gb-x-pgcase-18` comes `en-GB`. Texts with the same look are treated alike on both ways,
so they come back too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import Match

_MARK = b"-x-pgcase-"
_HEX_DIGITS = 8  # characters of a subtag
_TAG = re.compile(rb"[\"']@(?=[a-z0-9-]*[A-Z])[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_MARKED = re.compile(rb"(?<![a-zA-Z0-9-])([a-zA-Z0-9-]+)-x-pgcase-([0-9a-f]{1,8}(?:-[0-9a-f]{1,8})*)")
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
    return match[0][:2] + marked(match[0][2:].decode()).encode()


def restore(text: bytes) -> bytes:
    """A text in any RDF format with the case of every tag that was `marked`."""
    return _MARKED.sub(_restored, text) if _MARK in text else text


def _restored(match: Match[bytes]) -> bytes:
    capitals = int(match[2].replace(b"-", b""), 16)
    tag = match[1].decode()
    return "".join(sign.upper() if capitals >> place & 1 else sign for place, sign in enumerate(tag)).encode()


def split_at_tag(text: bytes) -> tuple[bytes, bytes]:
    """A text of which more comes, parted where its end may be a tag that goes on."""
    match = _MAY_GO_ON.search(text, max(0, len(text) - _LONGEST - 2))
    return (text[: match.start()], match[0]) if match else (text, b"")
