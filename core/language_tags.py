"""Language tags as they were written, through an engine that has them in lower case.

RDF compares tags without regard to case, and lets lower case stand for any (https://www.w3.org/TR/rdf11-concepts/
#dfn-language-tag). What is published keeps its case: before RDF is parsed or serialized, a mark takes the place of each
tag that has capitals, and afterwards the tag takes the place of its mark.
"""

from __future__ import annotations

import re
import secrets
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# A tag is private, after RFC 5646, 2.2.7, in two subtags: characters that no text has by chance, and a number.
_SIGNS = string.ascii_lowercase + string.digits
_PRIVATE = "x-" + "".join(secrets.choice(_SIGNS) for _ in range(8)) + "-"
_MARK = re.compile(rf"{_PRIVATE}([0-9]+)".encode())
# The last quote of a line closes its only literal.
_IN_LINE = re.compile(rb'(?<="@)([A-Za-z]+(?:-[A-Za-z0-9]+)*)(?=[^"\n]*\n)')


class WrittenTags:
    """The tags of a dataset that have capitals."""

    def __init__(self, tags: Iterable[str]) -> None:
        """tags: all that are in use."""
        self._tags = sorted(tag for tag in tags if tag != tag.lower())
        self._marks = {tag: f"{_PRIVATE}{number}" for number, tag in enumerate(self._tags)}
        self._of_line = {tag.encode(): mark.encode() for tag, mark in self._marks.items()}

    def __bool__(self) -> bool:
        """Whether there is any: else nothing needs a mark."""
        return bool(self._tags)

    def mark(self, tag: str) -> str:
        """What stands for the tag: itself, if it has no capitals."""
        return self._marks.get(tag, tag)

    def mark_lines(self, lines: bytes) -> bytes:
        """Whole lines of canonical N-Triples or N-Quads with marks."""
        if not self._tags:
            return lines
        return _IN_LINE.sub(lambda found: self._of_line.get(found[1], found[1]), lines)

    def unmark(self, data: bytes) -> bytes:
        """What was serialized in any format, with the tags in place of their marks."""
        return _MARK.sub(lambda found: self._tags[int(found[1])].encode(), data) if self._tags else data
