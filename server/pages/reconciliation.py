"""Entities and types as the reconciliation API has them, in the reader's language."""

from __future__ import annotations

from itertools import islice
from textwrap import shorten
from typing import Any

import pyoxigraph as ox

from core.labels import Name, choose
from server.http.context import current_release
from server.http.languages import languages
from server.model.well_known import well_known
from server.pages.page import shown

_FACTS = 500  # of an entity that are looked through for a description
_LONGEST = 200  # characters of it


def named(iri: str) -> dict[str, Any]:
    """An entity: id, name, types and, if the data have one, a description."""
    index = current_release().index
    number = index.number(iri)
    classes = [one.class_ for one in index.resources([number])] if number is not None else []
    types = [type_of(index.classes[class_].iri) for class_ in classes if class_ is not None]
    description = description_of(iri)
    entity = {"id": iri, "name": shown(iri).name.text, "type": types}
    return entity | ({"description": shorten(description.text, _LONGEST, placeholder="…")} if description else {})


def type_of(iri: str) -> dict[str, str]:
    """A type: id and name."""
    return {"id": iri, "name": shown(iri).name.text}


def description_of(iri: str) -> Name | None:
    """What the data say in a text that it is."""
    known = well_known()
    quads = islice(current_release().store.quads_for_pattern(ox.NamedNode(iri), None, None, ox.DefaultGraph()), _FACTS)
    texts = [
        quad.object
        for quad in quads
        if isinstance(quad.object, ox.Literal) and known.is_description(quad.predicate.value)
    ]
    return choose(texts, languages())
