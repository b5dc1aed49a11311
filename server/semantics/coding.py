"""Content codings: which one a client prefers, and responses in it (RFC 9110, 8.4 and 12.5.3)."""

from __future__ import annotations

import re
import tempfile
import zlib
from functools import lru_cache
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol, cast

import zstandard
from werkzeug.http import parse_accept_header

from server.temporary import writing_temporary_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from werkzeug import Response

SMALLEST = 1000  # bytes; a shorter answer fits into one packet as it is
_FIELDS = 128  # Accept-Encoding fields whose result is remembered
_TEXTS = re.compile(
    r"text/.+|application/(?:.+\+(?:json|xml)|json|xml|javascript|manifest|n-triples|n-quads|trig|sparql-query)"
    r"|image/svg\+xml",
    re.ASCII,
)
_NEVER_CODED = frozenset({204, 206})
_GZIP_LEVEL, _ZSTD_LEVEL = 5, 3
_GZIP = 16 + zlib.MAX_WBITS  # with the head and tail of RFC 1952


class _Coder(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class ContentCoding(NamedTuple):
    """The coding to use, None for none; and whether the client refuses an answer without."""

    coding: str | None
    is_needed: bool = False


CODINGS: dict[str, Callable[[], _Coder]] = {  # the server's order of preference
    "zstd": lambda: zstandard.ZstdCompressor(_ZSTD_LEVEL, write_checksum=True).compressobj(),
    "gzip": lambda: zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP),
}


@lru_cache(_FIELDS)
def choose(accept_encoding: str | None) -> ContentCoding:
    """What the Accept-Encoding field prefers; what it cannot be given is none at all, as without the field."""
    fields = parse_accept_header((accept_encoding or "").lower().replace("x-gzip", "gzip"))
    qualities = {name.partition(";")[0]: quality for name, quality in fields}
    others = qualities.get("*", 0.0)
    identity = qualities.get("identity", 0.0 if qualities.get("*") == 0 else None)
    ranked = [(qualities.get(coding, others), coding) for coding in CODINGS]
    quality, coding = max(ranked, key=lambda pair: pair[0])
    if not quality or (identity is not None and identity > quality):
        return ContentCoding(None)
    return ContentCoding(coding, is_needed=identity == 0)


def is_text(content_type: str) -> bool:
    """Whether coding makes it smaller: texts of all kinds, but not what is compressed already."""
    return _TEXTS.fullmatch(content_type.partition(";")[0].strip().lower()) is not None


def compress(
    response: Response, accept_encoding: str | None, temporary_body: Callable[[IO[bytes], int], Iterable[bytes]]
) -> None:
    """Put a text into the coding that the client prefers, with a tag of its own, where that is worth it.

    A file, which is sent piece by piece, is coded into a temporary file first, so that its length is known.
    temporary_body: makes a body of that file, given its size.
    """
    headers = response.headers
    if (
        response.status_code in _NEVER_CODED
        or "Content-Encoding" in headers
        or "Repr-Digest" in headers
        or not is_text(headers.get("Content-Type", ""))
    ):
        return
    choice = choose(accept_encoding)
    if not choice.is_needed and (response.content_length or response.calculate_content_length() or 0) < SMALLEST:
        return
    response.vary.add("Accept-Encoding")
    if choice.coding is None:
        return
    if response.direct_passthrough:
        try:
            file, size = coded_file(cast("Iterable[bytes]", response.response), choice.coding)
        finally:
            response.close()
        response.response = temporary_body(file, size)
        response.content_length = size
    else:
        response.set_data(b"".join(encode(choice.coding, [response.get_data()])))
    response.content_encoding = choice.coding
    headers.remove("Accept-Ranges")
    if "ETag" in headers:  # another representation, another tag (RFC 9110, 8.8.3.3)
        headers["ETag"] = f'{headers["ETag"].removesuffix(chr(34))}-{choice.coding}"'


def encode(coding: str, body: Iterable[bytes]) -> Iterator[bytes]:
    """The body in a coding, piece by piece; the same body always gives the same bytes."""
    coder = CODINGS[coding]()
    for piece in body:
        if coded := coder.compress(piece):
            yield coded
    yield coder.flush()


def coded_file(body: Iterable[bytes], coding: str) -> tuple[IO[bytes], int]:
    """The body in a coding as a temporary file that stands at its beginning, and its size."""
    with writing_temporary_file():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    try:
        for piece in encode(coding, body):
            with writing_temporary_file():
                file.write(piece)
        with writing_temporary_file():
            size = file.tell()
            file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, size
