"""Suggestions for an unknown IRI: resources with names like its last segment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from core.labels import local_name
from release.search import find
from server.pages.resource_list import entries

if TYPE_CHECKING:
    from release.search_index import SearchIndex
    from server.pages.resource_list import ResourceEntry

_MOST = 5
_LONGEST = 300  # characters of an unknown IRI's last segment, and words of it, that are searched for
_WORDS = 8
_BETWEEN_WORDS = re.compile(r"[\s_.,;:+&=-]+")


def suggestions(iri: str, index: SearchIndex) -> list[ResourceEntry]:
    """The resources that may be meant, the best first.

    The words of the last segment are searched for; if nothing has all of them, they are dropped from the end.
    """
    text = unquote(local_name(iri)[:_LONGEST])
    words = [word for word in _BETWEEN_WORDS.split(text) if word][:_WORDS]
    for count in range(len(words), 0, -1):
        found = find(index, " ".join(words[:count]), _MOST).found
        if found:
            by_number = {entry.number: entry for entry in entries(index.resources([hit.resource for hit in found]))}
            return [by_number[hit.resource] for hit in found]
    return []
