"""Names and links of resources, which readers of one language are shown on page after page: kept with the release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Hashable, Sized

    import pyoxigraph as ox

    from core.labels import Name
    from core.rdf import Node, Subject, Term
    from server.pages.values import Segment, ShownValue
    from server.releases import OpenRelease

_READERS = 4  # kinds of readers that are remembered for
_MOST = 200_000  # things of all of them, and what one page adds to that; each takes about 350 bytes


@dataclass
class Remembered:
    """Names, values and summaries of resources, segments, and names and addresses of properties; any thread may add.

    stating: triple → the segments on which it rests with all that is said of its subject. authors: who says what a
    resource tells. resting: segment → what rests on it as a whole.
    """

    names: dict[Node, Name] = field(default_factory=dict)
    values: dict[Term, ShownValue] = field(default_factory=dict)
    summaries: dict[tuple[Subject, Term | None], list[ShownValue]] = field(default_factory=dict)
    properties: dict[tuple[ox.NamedNode, tuple[str, ...]], tuple[Name, str]] = field(default_factory=dict)
    segments: dict[Term, Segment] = field(default_factory=dict)
    stating: dict[ox.Triple, list[Term]] = field(default_factory=dict)
    authors: dict[Subject, list[Term]] = field(default_factory=dict)
    resting: dict[Term, list[Subject]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many things there are."""
        kinds: tuple[Sized, ...] = tuple(vars(self).values())
        return sum(map(len, kinds))


_remembered: WeakKeyDictionary[OpenRelease, dict[Hashable, Remembered]] = WeakKeyDictionary()


def remembered(release: OpenRelease, reader: Hashable) -> Remembered:
    """Gives what is kept for readers of a release who are alike; all begins anew where it would be too much."""
    of_readers = _remembered.setdefault(release, {})
    size = sum(kept.size for kept in list(of_readers.values()))
    if size > _MOST or (reader not in of_readers and len(of_readers) >= _READERS):
        of_readers.clear()
    return of_readers.setdefault(reader, Remembered())
