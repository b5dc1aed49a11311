"""What the index makes of a block of lines, and of consecutive blocks; subjects that have lines in several of them."""

from __future__ import annotations

import marshal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from release.index_names import NUMBER, Subject
from release.sorted_rows import HASH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from release import facet_candidates
    from release.blocks import Block

Classes: TypeAlias = "tuple[bytes, ...]"
Array: TypeAlias = "NDArray[Any]"


@dataclass
class BlockResult:
    """What `of_block` made of a block.

    subjects: hashes and checksums of all subjects, and the numbers of their classes in `classes`. columns: of those
    that have all their lines here. links: checksums of terms that are linked to, and how often. references: ordinals of
    subjects, places of properties in `referring`, and hashes of the IRIs and blank nodes that they refer to. edges:
    property → ordinals of subjects, and hashes of objects. objects: hashes of what facets may have as values, and for
    each whether it is a resource, and its text. opened: subjects that may have lines in another block, with their
    ordinals, and with the columns of each alone. properties: of the triples, and how many they are. candidates: what
    may become facets that no shape declares.
    """

    subjects: tuple[bytes, bytes, bytes]
    classes: list[Classes]
    columns: tuple[Any, ...]
    links: tuple[bytes, bytes]
    references: tuple[bytes, bytes, bytes]
    referring: list[bytes]
    edges: dict[bytes, tuple[bytes, bytes]]
    objects: tuple[bytes, list[tuple[bool, str]]]
    opened: list[tuple[int, bytes, list[bytes], list[tuple[bytes, bytes]], list[bytes], tuple[Any, ...]]]
    properties: dict[bytes, int]
    candidates: facet_candidates.Found

    def to_bytes(self) -> bytes:
        return marshal.dumps(tuple(vars(self).values()))

    def subject_columns(self, numbers: dict[Classes, int], known: int) -> tuple[Array, Array, Array]:
        """Hashes, checksums and classes of the subjects behind the first `known`; classes by `numbers`, which grow."""
        own = np.array([numbers.setdefault(tuple(classes), len(numbers)) for classes in self.classes], NUMBER)
        hashes, checks = np.frombuffer(self.subjects[0], HASH), np.frombuffer(self.subjects[1], NUMBER)
        return hashes[known:], checks[known:], own[np.frombuffer(self.subjects[2], NUMBER)][known:]

    def reference_columns(self, numbers: Sequence[int]) -> tuple[Array, Array, Array]:
        """Ordinals of subjects, properties and hashes of the references. numbers: for the properties in `referring`."""
        subjects, properties_, hashes = self.references
        own = np.array(numbers, np.int64)[np.frombuffer(properties_, NUMBER)]
        return np.frombuffer(subjects, NUMBER), own.astype(NUMBER), np.frombuffer(hashes, HASH)


class OpenedSubjects:
    """The subjects that may have lines in several blocks, put together: `whole` but for the last one, `pending`."""

    def __init__(self) -> None:
        self.whole: list[tuple[int, Subject]] = []  # with their ordinals
        self.pending: tuple[int, Subject] | None = None

    def start(self, result: BlockResult, count: int) -> int:
        """Take the subjects that a result opens; the ordinal of its first subject. count: of the subjects before."""
        pending = self.pending
        start = count - bool(pending and result.opened and result.opened[0][1] == pending[1].term)
        for ordinal, term, classes, names, texts, columns in result.opened:
            subject = Subject(term, classes, names, texts, columns)
            if pending and pending[1].term == term:
                pending[1].join(subject)
                continue
            if pending:
                self.whole.append(pending)
            pending = start + ordinal, subject
        self.pending = pending
        return start

    @property
    def all(self) -> list[tuple[int, Subject]]:
        return [*self.whole, self.pending] if self.pending else self.whole


def read_results(results: Iterable[tuple[Block, bytes]]) -> Iterator[BlockResult]:
    return (BlockResult(*marshal.loads(result)) for _, result in results)  # noqa: S302 - of_block wrote it
