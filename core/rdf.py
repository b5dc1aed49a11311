"""Serialization of quads and triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterable


def serialize(
    data: Iterable[ox.Quad] | Iterable[ox.Triple], rdf_format: ox.RdfFormat, prefixes: dict[str, str] | None = None
) -> bytes:
    """The quads or triples in an RDF format, in the order given; prefixes: prefix → namespace."""
    written = ox.serialize(data, format=rdf_format, prefixes=prefixes)
    return b"" if written is None else written


def nquads(quads: Iterable[ox.Quad]) -> bytes:
    """Canonical N-Quads, one line for each quad, in the order given."""
    return serialize(quads, ox.RdfFormat.N_QUADS)
