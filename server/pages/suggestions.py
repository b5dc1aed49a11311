"""Suggestions for an unknown IRI: resources with names like its last segment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyoxigraph as ox

from core.labels import local_name
from release.search import find
from server.pages.page import presenter

if TYPE_CHECKING:
    from release.search_index import SearchIndex

_MOST = 5
_LONGEST = 300  # characters of an unknown IRI's last segment, and words of it, that are searched for
_WORDS = 8
_BETWEEN_WORDS = re.compile(r"[\s_.,;:+&=-]+")


def suggestions(iri: str, index: SearchIndex) -> list[dict[str, str]]:
    """The best suggestions, each with `iri`, `label`, `language` and `href`.

    The words of the last segment are searched for; if nothing has all of them, they are dropped from the end.
    """
    text = unquote(local_name(iri)[:_LONGEST])
    words = [word for word in _BETWEEN_WORDS.split(text) if word][:_WORDS]
    for count in range(len(words), 0, -1):
        found = find(index, " ".join(words[:count]), _MOST).found
        if found:
            resources = {resource.id: resource.iri for resource in index.resources([hit.resource for hit in found])}
            return [_suggestion(resources[hit.resource]) for hit in found]
    return []


def _suggestion(iri: str) -> dict[str, str]:
    value = presenter().value(ox.NamedNode(iri))
    return {"iri": iri, "label": value.name.text, "language": value.name.language, "href": value.href or iri}
