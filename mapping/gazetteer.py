"""Records of `data/gazetteer/`: what a gazetteer says of places, in a graph of its own that says where it comes from.

The graph is described by a record of its own, with its source and its licence. The other records speak of places of
the registry, and of nothing but how a gazetteer knows them: parks and facts are left to the articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.mapper import Fact, Mapper

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyoxigraph as ox

    from mapping.documents import Document
    from mapping.source import Map

GRAPH = "graph/gazetteer"
PLACE = "Place"
PLACE_KEYS = ("sameAs", "latitude", "longitude", "countryCode", "editorialNote")


def gazetteer_quads(document: Document, mapper: Mapper) -> list[ox.Quad]:
    """The quads of a document of gazetteer records; its problems are collected by the mapper's checker."""
    return mapper.to_quads([fact for record in document.records for fact in _facts(record, mapper)])


def _facts(record: Map, mapper: Mapper) -> Iterator[Fact]:
    checker = mapper.checker
    node = checker.node(record, "gazetteer")
    mapper.places.setdefault(node["id"], record.place)
    if node["id"] == GRAPH:
        yield Fact(node, (GRAPH,), place=record.place)
        return
    found = checker.types.get(node["id"])
    if found not in (None, PLACE):
        mend = "delete the record; what lies where is a fact of an article"
        checker.report("gazetteer", record.place, f"a gazetteer speaks of places, and this is a {found}", mend)
    for key in record:
        if key != "id" and key not in PLACE_KEYS:
            mend = f"keep {', '.join(PLACE_KEYS)}; facts stand in the file of the article that states them"
            checker.report("gazetteer", record.key_places[key], f"'{key}' is no key of a gazetteer", mend)
    yield Fact({key: node[key] for key in ("id", *PLACE_KEYS) if key in node}, (GRAPH,), place=record.place)
