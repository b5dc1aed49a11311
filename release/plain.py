"""Reads plain RDF files as the quads of a release, without mapping or adding anything."""

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


class RdfFiles:
    """RDF files whose format follows from the extension: `.nq .nt .ttl .trig .rdf .jsonld`, each also `.gz`.

    prefixes: those that the files declare, complete when the quads have been read.
    """

    def __init__(self, paths: Iterable[Path], base: str) -> None:
        """base: IRI that relative IRIs are resolved against."""
        self._paths, self._base = tuple(paths), base
        self.prefixes: dict[str, str] = {}

    def quads(self) -> Iterator[bytes]:
        """Canonical N-Quads in blocks of whole lines; InputError names file, line and column of what is not RDF.

        Blank nodes of different files are different, and get the labels of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/),
        for which the quads that have one are kept in memory.
        """
        with_blank_nodes = ox.Dataset()
        for path in self._paths:
            quads = self._parse(path)
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

    def _parse(self, path: Path) -> Iterator[ox.Quad]:
        compressed = path.suffix == ".gz"
        extension = path.with_suffix("").suffix if compressed else path.suffix
        rdf_format = ox.RdfFormat.from_extension(extension.removeprefix("."))
        if rdf_format is None:
            known = ".nq .nt .ttl .trig .rdf .jsonld"
            message = f"no RDF format has the extension '{extension}'; use one of {known}, each also .gz"
            raise InputError(f"{path}: {message}")
        with ExitStack() as stack:
            try:
                opened = gzip.open(path) if compressed else path.open("rb")  # noqa: SIM115 - entered in the next line
                file = cast("BinaryIO", stack.enter_context(opened))
                parser = ox.parse(file, rdf_format, base_iri=self._base, rename_blank_nodes=True)
                yield from parser
                for prefix, namespace in parser.prefixes.items():
                    self.prefixes.setdefault(prefix, namespace)
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
