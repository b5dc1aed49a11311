"""Which RDF files can be read: formats by file extension, compressions, and how a file is opened."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox
import zstandard

from core.errors import InputError
from core.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from _typeshed import WriteableBuffer

BLOCK = 64 << 10  # bytes that are read at once
_ZSTD_BLOCK = 512  # compressed bytes, which are 16 MiB at most when they are no more compressed
# What the decompressors raise for files that are damaged or incomplete.
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


@dataclass(frozen=True)
class InputFormat:
    """A format of RDF files. extensions: of its files, the usual one first. engine: None if rdflib has to read it."""

    name: str
    extensions: tuple[str, ...]
    engine: ox.RdfFormat | None = None


TRIX = InputFormat("TriX", ("trix",))
HEX_TUPLES = InputFormat("HexTuples", ("hext",))
INPUT_FORMATS = (
    InputFormat("Turtle", ("ttl", "turtle"), ox.RdfFormat.TURTLE),
    InputFormat("TriG", ("trig",), ox.RdfFormat.TRIG),
    InputFormat("N-Triples", ("nt", "ntriples"), ox.RdfFormat.N_TRIPLES),
    InputFormat("N-Quads", ("nq", "nquads"), ox.RdfFormat.N_QUADS),
    InputFormat("RDF/XML", ("rdf", "owl", "xml", "rdfs"), ox.RdfFormat.RDF_XML),
    InputFormat("JSON-LD", ("jsonld", "json"), ox.RdfFormat.JSON_LD),
    InputFormat("N3", ("n3",), ox.RdfFormat.N3),
    HEX_TUPLES,
    TRIX,
)
BY_EXTENSION = {extension: form for form in INPUT_FORMATS for extension in form.extensions}


class _ZstdFile(io.RawIOBase):
    """Decompresses Zstandard; EOFError if the file ends within a frame, which `zstandard` itself does not tell."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._is_begun = False
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._rest:
            packed = self._frame.unused_data or self._file.read(_ZSTD_BLOCK)
            if not packed:
                if self._is_begun and not self._frame.eof:
                    raise EOFError("Compressed file ended before the end-of-stream marker was reached")
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._is_begun = True
            self._rest = self._frame.decompress(packed)
        view = memoryview(buffer)
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


_OPENERS: dict[str, Callable[[BinaryIO], BinaryIO]] = {
    ".gz": lambda file: cast("BinaryIO", gzip.GzipFile(fileobj=file)),
    ".bz2": lambda file: cast("BinaryIO", bz2.BZ2File(file)),
    ".xz": lambda file: cast("BinaryIO", lzma.LZMAFile(file)),  # noqa: SIM115 - its file is closed by the caller
    ".zst": lambda file: io.BufferedReader(_ZstdFile(file)),
}


def known_extensions() -> str:
    """The extensions of formats and compressions, in words."""
    first = " ".join(f".{extension}" for extension in BY_EXTENSION)
    return f"{first}, each also {' '.join(_OPENERS)}"


def stem(name: str) -> str:
    """A file's name without the extensions of its compression and format."""
    name = name[: -len(_compression(name))] if _compression(name) else name
    before, dot, extension = name.rpartition(".")
    return before if dot and before and extension.lower() in BY_EXTENSION else name


def format_of(path: Path) -> InputFormat:
    """The format that the extensions of a file say; InputError if they say none."""
    name = path.name.lower()
    extension = name.removesuffix(_compression(name)).rpartition(".")[2]
    if extension not in BY_EXTENSION:
        shown = f"the extension '.{extension}'" if "." in name else "no extension"
        raise InputError(f"no RDF format has {shown}: say with --format what it is, or use one of {known_extensions()}")
    return BY_EXTENSION[extension]


def open_file(path: Path, stack: ExitStack) -> BinaryIO:
    """The bytes of a file, decompressed, until the stack is closed."""
    file = cast("BinaryIO", stack.enter_context(open_regular(path)))
    opener = _OPENERS.get(_compression(path.name))
    return opener(file) if opener else file


def _compression(name: str) -> str:
    """The extension of a compression that a file name ends with, in lower case, or nothing."""
    ending = f".{name.lower().rpartition('.')[2]}"
    return ending if ending in _OPENERS else ""
