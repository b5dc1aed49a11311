"""Versions of RDF, and the one that terms need.

https://www.w3.org/TR/rdf12-concepts/#section-version-announcement
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.formats import TRIG, TURTLE
from core.ntriples import DIRECTIONS, TRIPLE_TERMS, features, split

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.formats import Format


class Version(IntEnum):
    """A version of RDF, in order: each has all that those before it have."""

    RDF_1_1 = 0
    RDF_1_2_BASIC = 1
    RDF_1_2 = 2

    @property
    def label(self) -> str:
        """Its label in documents and media types."""
        return LABELS[self]

    @classmethod
    def by_label(cls, label: str) -> Version | None:
        """The version with this label, or None."""
        return cls(LABELS.index(label)) if label in LABELS else None


LABELS = ("1.1", "1.2-basic", "1.2")
# Formats in which a document announces its version: those whose drafts have that, and do not mean to take it out.
_ANNOUNCING = frozenset({TURTLE, TRIG})


def version_of_features(features: Collection[str]) -> Version:
    """The least version that has terms with these features (core/ntriples.py)."""
    if TRIPLE_TERMS in features:
        return Version.RDF_1_2
    return Version.RDF_1_2_BASIC if DIRECTIONS in features else Version.RDF_1_1


def version_of_lines(lines: bytes) -> Version:
    """The least version that has these lines of canonical N-Triples."""
    if b"<<(" not in lines and b"--" not in lines:
        return Version.RDF_1_1
    return version_of_features({feature for line in lines.splitlines() for feature in features(split(line)[2])})


def version_of(term: object) -> Version:
    """The least version that has this value of a triple."""
    if isinstance(term, ox.Triple):
        return Version.RDF_1_2
    if isinstance(term, ox.Literal) and term.direction is not None:
        return Version.RDF_1_2_BASIC
    return Version.RDF_1_1


def announcement(version: Version, format_: Format) -> bytes:
    """What a document of that version begins with; nothing for RDF 1.1, whose parsers would not know it.

    RDF/XML announces it at the elements that need it.
    """
    if version is Version.RDF_1_1 or format_ not in _ANNOUNCING:
        return b""
    return f'VERSION "{version.label}"\n'.encode()
