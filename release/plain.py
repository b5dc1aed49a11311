"""Plain RDF files as the quads of a release: nothing mapped, nothing added."""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox

from core.errors import InputError
from core.rdf import nquads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BLOCK = 10_000  # quads serialised at a time


def lines(files: Iterable[Path], base: str, prefixes: dict[str, str]) -> Iterator[bytes]:
    """Canonical N-Quads of the files, in blocks of whole lines.

    The format follows from the file's extension (`.nq .nt .ttl .trig .rdf .jsonld`, each also `.gz`); relative IRIs are
    resolved against base, and the prefixes of the files are added to `prefixes`. Blank nodes are kept apart from file
    to file and get the labels of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/), for which the quads that hold one are
    kept in memory. Raises InputError, which names file, line and column.
    """
    with_blank_nodes = ox.Dataset()
    for path in files:
        quads = _quads(path, base, prefixes)
        while block := list(islice(quads, _BLOCK)):
            named = []
            for quad in block:
                if _has_blank_node(quad):
                    with_blank_nodes.add(quad)
                else:
                    named.append(quad)
            yield nquads(named)
    if len(with_blank_nodes):
        with_blank_nodes.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        yield nquads(with_blank_nodes)


def _quads(path: Path, base: str, prefixes: dict[str, str]) -> Iterator[ox.Quad]:
    compressed = path.suffix == ".gz"
    extension = path.with_suffix("").suffix if compressed else path.suffix
    rdf_format = ox.RdfFormat.from_extension(extension.removeprefix("."))
    if rdf_format is None:
        known = ".nq .nt .ttl .trig .rdf .jsonld"
        raise InputError(f"{path}: no RDF format has the extension '{extension}'; use one of {known}, each also .gz")
    with ExitStack() as stack:
        try:
            file = stack.enter_context(gzip.open(path) if compressed else path.open("rb"))  # noqa: SIM115 - entered here
            parser = ox.parse(cast("BinaryIO", file), rdf_format, base_iri=base, rename_blank_nodes=True)
            yield from parser
            for prefix, namespace in parser.prefixes.items():
                prefixes.setdefault(prefix, namespace)
        except SyntaxError as error:
            place = f":{error.lineno}:{error.offset}" if error.lineno is not None else ""
            raise InputError(f"{path}{place}: {error.msg}") from error
        except (OSError, EOFError) as error:
            raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _has_blank_node(quad: ox.Quad) -> bool:
    return any(_is_blank(term) for term in (quad.subject, quad.object, quad.graph_name))


def _is_blank(term: object) -> bool:
    if isinstance(term, ox.Triple):
        return _is_blank(term.subject) or _is_blank(term.object)
    return isinstance(term, ox.BlankNode)
