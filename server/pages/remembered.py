"""Names and links of resources, which readers of one language are shown on page after page: kept with the release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pyoxigraph as ox

    from core.labels import Name
    from core.rdf import Node, Term
    from server.model.description import Subject
    from server.pages.values import ShownValue
    from server.releases import OpenRelease

_READERS = 4  # kinds of readers that are remembered for
_MOST = 5_000  # of each kind of thing, and what one page adds to that


@dataclass
class Remembered:
    """Names, values and summaries of resources, and names and addresses of properties; any thread may add to them."""

    names: dict[Node, Name] = field(default_factory=dict)
    values: dict[Term, ShownValue] = field(default_factory=dict)
    summaries: dict[tuple[Subject, Term], list[ShownValue]] = field(default_factory=dict)
    properties: dict[tuple[ox.NamedNode, tuple[str, ...]], tuple[Name, str]] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return any(len(kind) > _MOST for kind in (self.names, self.values, self.summaries, self.properties))


_remembered: WeakKeyDictionary[OpenRelease, dict[Hashable, Remembered]] = WeakKeyDictionary()


def remembered(release: OpenRelease, reader: Hashable) -> Remembered:
    """Gives what is kept for readers of a release who are alike; it begins anew where it would be too much."""
    of_readers = _remembered.setdefault(release, {})
    found = of_readers.get(reader)
    if found is None or found.is_full:
        if len(of_readers) >= _READERS:
            of_readers.clear()
        found = of_readers[reader] = Remembered()
    return found
