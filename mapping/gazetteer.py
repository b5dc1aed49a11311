"""Maps the records of `data/gazetteer/`: identifiers, names and coordinates of places, in a graph of their own.

One record describes the graph, with its source and its licence. The others are about places of the registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapping.mapper import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapping.documents import Document
    from mapping.mapper import Mapper
    from mapping.source import Map

GRAPH = "graph/gazetteer"
PLACE = "Place"
PLACE_KEYS = ("label", "altLabel", "sameAs", "latitude", "longitude", "countryCode", "editorialNote")


def gazetteer_facts(document: Document, mapper: Mapper) -> list[Fact]:
    """The facts of a document of gazetteer records; the mapper's checker collects their problems."""
    return [fact for record in document.records for fact in _facts(record, mapper)]


def _facts(record: Map, mapper: Mapper) -> Iterator[Fact]:
    checker = mapper.checker
    node = checker.node(record, "gazetteer")
    mapper.places.setdefault(node["id"], record.place)
    if node["id"] == GRAPH:
        yield Fact(node, (GRAPH,), place=record.place)
        return
    found = checker.types.get(node["id"])
    if found not in (None, PLACE):
        fix = "delete the record; what lies where is a fact of an article"
        checker.report("gazetteer", record.place, f"a gazetteer speaks of places, and this is a {found}", fix)
    for key in record:
        if key != "id" and key not in PLACE_KEYS:
            fix = f"keep {', '.join(PLACE_KEYS)}; facts stand in the file of the article that states them"
            checker.report("gazetteer", record.key_places[key], f"'{key}' is no key of a gazetteer", fix)
    yield Fact({key: node[key] for key in ("id", *PLACE_KEYS) if key in node}, (GRAPH,), place=record.place)
