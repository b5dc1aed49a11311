"""Content codings: which one a client prefers, and what is worth coding (RFC 9110, 8.4 and 12.5.3)."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SMALLEST = 1000  # bytes; a shorter answer fits into one packet as it is
_ELEMENT = re.compile(r"[^,]+")
_QUALITY = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.ASCII | re.IGNORECASE)
_TEXTS = re.compile(
    r"text/.+|application/(?:.+\+(?:json|xml)|json|xml|javascript|manifest|n-triples|n-quads|trig|sparql-query)"
    r"|image/svg\+xml",
    re.ASCII,
)
_GZIP_LEVEL, _ZSTD_LEVEL = 5, 3
_GZIP = 16 + zlib.MAX_WBITS  # with the head and tail of RFC 1952


class _Coder(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class Choice(NamedTuple):
    """The coding to use, None for none; and whether the client refuses an answer without."""

    coding: str | None
    is_needed: bool = False


CODINGS: dict[str, Callable[[], _Coder]] = {  # the server's order of preference
    "zstd": lambda: zstandard.ZstdCompressor(_ZSTD_LEVEL, write_checksum=True).compressobj(),
    "gzip": lambda: zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP),
}


def choose(accept_encoding: str | None) -> Choice:
    """What the Accept-Encoding field prefers; what it cannot be given is none at all, as without the field."""
    if not accept_encoding:
        return Choice(None)
    qualities = dict(map(_element, _ELEMENT.findall(accept_encoding.lower().replace("x-gzip", "gzip"))))
    others = qualities.get("*", 0.0)
    identity = qualities.get("identity", 0.0 if qualities.get("*") == 0 else None)
    ranked = [(qualities.get(coding, others), coding) for coding in CODINGS]
    quality, coding = max(ranked, key=lambda pair: pair[0])
    if not quality or (identity is not None and identity > quality):
        return Choice(None)
    return Choice(coding, is_needed=identity == 0)


def is_text(content_type: str) -> bool:
    """Whether coding makes it smaller: texts of all kinds, but not what is compressed already."""
    return _TEXTS.fullmatch(content_type.partition(";")[0].strip().lower()) is not None


def encode(coding: str, body: Iterable[bytes]) -> Iterator[bytes]:
    """The body in a coding, piece by piece; the same body always gives the same bytes."""
    coder = CODINGS[coding]()
    for piece in body:
        if coded := coder.compress(piece):
            yield coded
    yield coder.flush()


def _element(text: str) -> tuple[str, float]:
    quality = _QUALITY.search(text)
    return text.partition(";")[0].strip(), float(quality[1]) if quality else 1.0
