"""Reads RDF files of others to canonical N-Quads, as a process of its own: `python -m release.rdf_reader BASE FILE…`.

What a parser written for speed does not survive (nesting without end, all memory) ends this process and not the build.
Standard output gets the quads. The last line of standard error is a JSON object: `prefixes`, or `error`.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import sys
import zlib
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox

from core.errors import InputError
from core.files import open_regular
from core.rdf import nquads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST = 16 << 20  # bytes of a term (the parser's own limit), and of a quad
LABEL_SECONDS = 300  # of processor time, for labelling blank nodes
_BLOCK = 1000  # quads serialised at a time
_DEPTH = 100  # triple terms within each other
_ENTITY_LENGTH = 1000  # characters that an XML entity may stand for: those of vocabularies are namespaces
_ENTITY = re.compile(rb'<!ENTITY\s*%?\s*(\S+)\s+"([^"]*)"')
_REFERENCE = re.compile(rb"&([^;&\s]+);")


class _Source:
    """A file that counts the lines that are read of it, and refuses XML entities that stand for too much."""

    def __init__(self, file: BinaryIO) -> None:
        self.lines = 0  # line breaks read
        self._file = file
        self._rest = b""  # what may begin the declaration of an entity
        self._lengths: dict[bytes, int] = {}

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.lines += block.count(b"\n")
        if b"<!" in block or self._rest:
            self._declare(self._rest + block)
        elif block.endswith(b"<"):
            self._rest = b"<"
        return block

    def _declare(self, text: bytes) -> None:
        end = 0
        for match in _ENTITY.finditer(text):
            end = match.end()
            value = match[2]
            length = len(value) + sum(self._lengths.get(of, 1) for of in _REFERENCE.findall(value))
            if length > _ENTITY_LENGTH:
                self._refuse(match[1])
            self._lengths[match[1]] = length
        start = text.find(b"<!ENTITY", end)
        if start < 0:
            start = max(end, len(text) - len(b"<!ENTITY"))
        elif len(text) - start > 2 * _ENTITY_LENGTH:
            self._refuse(text[start:].split(maxsplit=2)[1][:20])
        self._rest = text[start:]

    def _refuse(self, name: bytes) -> None:
        shown = name.decode(errors="replace")
        message = f"the XML entity '{shown}' stands for more than {_ENTITY_LENGTH} characters: write its text out"
        raise InputError(message)


def read(paths: Sequence[Path], base: str) -> Iterator[bytes | dict[str, str]]:
    """Canonical N-Quads in blocks of whole lines, and the prefixes of each file; InputError names what is not RDF.

    Blank nodes of different files are different, and get the labels of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/),
    for which the quads that have one are kept in memory.
    """
    with_blank_nodes = ox.Dataset()
    for path in paths:
        parsed = _parse(path, base)
        while block := list(islice(parsed, _BLOCK)):
            named = []
            for part in block:
                if isinstance(part, dict):
                    yield part
                elif _has_blank_node(part, path):
                    with_blank_nodes.add(part)
                else:
                    named.append(part)
            yield _lines(named, path)
    if len(with_blank_nodes):
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + LABEL_SECONDS, resource.RLIM_INFINITY))
        with_blank_nodes.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        yield _lines(with_blank_nodes, paths[-1])


def _parse(path: Path, base: str) -> Iterator[ox.Quad | dict[str, str]]:
    """The quads of a file, and its prefixes at the end."""
    compressed = path.suffix == ".gz"
    extension = path.with_suffix("").suffix if compressed else path.suffix
    rdf_format = ox.RdfFormat.from_extension(extension.removeprefix("."))
    if rdf_format is None:
        known = ".nq .nt .ttl .trig .rdf .jsonld"
        message = f"no RDF format has the extension '{extension}'; use one of {known}, each also .gz"
        raise InputError(f"{path}: {message}")
    source = None
    with ExitStack() as stack:
        try:
            file = cast("BinaryIO", stack.enter_context(open_regular(path)))
            if compressed:
                file = cast("BinaryIO", stack.enter_context(gzip.open(file)))
            source = _Source(file)
            parser = ox.parse(cast("BinaryIO", source), rdf_format, base_iri=base, rename_blank_nodes=True)
            yield from parser
            yield dict(parser.prefixes)
        except SyntaxError as error:
            place = f":{error.lineno}:{error.offset}" if error.lineno is not None else ""
            raise InputError(f"{path}{place}: {error.msg}") from error
        except MemoryError as error:
            line = source.lines + 1 if source else 1
            raise InputError(f"{path}:{line}: a term or a comment is longer than {LONGEST} bytes") from error
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _lines(quads: list[ox.Quad] | ox.Dataset, path: Path) -> bytes:
    lines = nquads(quads)
    if len(lines) > LONGEST and max(map(len, lines.split(b"\n"))) > LONGEST:
        raise InputError(f"{path}: a quad is longer than {LONGEST} bytes")
    return lines


def _has_blank_node(quad: ox.Quad, path: Path) -> bool:
    return _is_blank(quad.subject, path) | _is_blank(quad.object, path) | _is_blank(quad.graph_name, path)


def _is_blank(term: object, path: Path, depth: int = 0) -> bool:
    if isinstance(term, ox.Triple):
        if depth == _DEPTH:
            raise InputError(f"{path}: more than {_DEPTH} triple terms stand within each other")
        return _is_blank(term.subject, path, depth + 1) | _is_blank(term.object, path, depth + 1)
    return isinstance(term, ox.BlankNode)


def main(base: str, *names: str) -> int:
    """Write the quads to standard output; the exit code is 1 if the files cannot be read."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prefixes: dict[str, str] = {}
    outcome: dict[str, object] = {"prefixes": prefixes}
    try:
        for part in read([Path(name) for name in names], base):
            if isinstance(part, dict):
                prefixes.update({prefix: part[prefix] for prefix in part.keys() - prefixes.keys()})
            else:
                sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    except InputError as error:
        outcome = {"error": str(error)}
    except MemoryError:
        outcome = {"error": "the RDF files take more than half of this machine's memory"}
    sys.stderr.write(f"\n{json.dumps(outcome)}\n")
    return "error" in outcome


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
