"""Validates a catalog by the shapes beside this file: those of DCAT-AP 3, and some of our own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
from shacl import Shapes

from core.errors import InputError
from core.rdf import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable

SHAPES = Path(__file__).with_name("shapes.ttl")


def check(triples: Iterable[ox.Triple]) -> None:
    """Raise InputError with the first violation: the publisher's description of the dataset lacks something."""
    data = serialize(triples, ox.RdfFormat.N_TRIPLES).decode()
    found = Shapes.from_file(str(SHAPES)).validate_text(data, format="ntriples", inference="none")
    for result in found.results:
        if result.severity == "Violation":
            about = f"{result.focus_node} {result.path or ''}".rstrip()
            raise InputError(f"the catalog does not conform to DCAT-AP: {about}: {result.message or result.component}")
