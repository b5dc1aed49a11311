"""Collections in pages, in the Hydra vocabulary (https://www.hydra-cg.com/spec/latest/core/#collections)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import HYDRA, RDF_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE, _VIEW, _TOTAL = ox.NamedNode(RDF_TYPE), ox.NamedNode(HYDRA + "view"), ox.NamedNode(HYDRA + "totalItems")


def collection(iri: str, total: int | None, view: Mapping[str, str]) -> list[ox.Triple]:
    """A collection and the view of it that is one page.

    total: number of members, None where it is not known. view: IRIs of this page as `self`, and of others as `first`,
    `previous`, `next` and `last`; empty for a collection that is whole.
    """
    node = ox.NamedNode(iri)
    triples = [ox.Triple(node, _TYPE, ox.NamedNode(HYDRA + "Collection"))]
    if total is not None:
        triples.append(ox.Triple(node, _TOTAL, ox.Literal(total)))
    if view:
        page = ox.NamedNode(view["self"])
        triples.append(ox.Triple(node, _VIEW, page))
        triples.append(ox.Triple(page, _TYPE, ox.NamedNode(HYDRA + "PartialCollectionView")))
        triples += [
            ox.Triple(page, ox.NamedNode(HYDRA + relation), ox.NamedNode(other))
            for relation, other in view.items()
            if relation != "self"
        ]
    return triples
