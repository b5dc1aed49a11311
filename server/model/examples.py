"""Resources that are shown as examples of what a release has, where its publisher names none."""

from __future__ import annotations

from itertools import count, islice, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.links import LinkIndex
    from release.search_index import Resource, SearchIndex

_COUNT, _EACH = 6, 4  # examples in all, and of one class
_AT_ONCE, _MOST = 100, 5_000  # names that are looked at, the most linked first; the vocabulary's come last


def examples(index: SearchIndex, links: LinkIndex) -> list[str]:
    """The IRIs of a few resources of the main classes that others lead to, the most linked first."""
    main = {term.id for term in index.main_classes}
    found: dict[str, int] = {}
    for resource in _by_weight(index):
        class_ = resource.class_
        if class_ not in main or list(found.values()).count(class_) == _EACH or resource.iri in found:
            continue
        if links.totals(resource.iri):
            found[resource.iri] = class_
            if len(found) == _COUNT:
                break
    return list(found)


def _by_weight(index: SearchIndex) -> Iterator[Resource]:
    parts = (index.by_weight(start, _AT_ONCE) for start in count(0, _AT_ONCE))
    return islice((resource for part in takewhile(bool, parts) for resource in part), _MOST)
