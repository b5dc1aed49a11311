"""Follows property paths (https://www.w3.org/TR/sparql11-query/#propertypaths) from one node, in the store.

For the few resources of a page; release/paths.py finds the pairs of all resources at once.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.rdf import Term
    from core.shapes import PropertyPath

_MOST = 1000  # nodes that one path is followed to


def follow(store: ox.Store, path: PropertyPath, node: Term) -> Iterator[Term]:
    """The nodes that the path leads to in the default graph, each once; of very many, the first thousand."""
    return islice(dict.fromkeys(islice(_follow(store, path, node, inverse=False), _MOST)), _MOST)


def _follow(store: ox.Store, path: PropertyPath, node: Term, *, inverse: bool) -> Iterator[Term]:
    def step(part: PropertyPath, nodes: Iterable[Term]) -> Iterator[Term]:
        return chain.from_iterable(_follow(store, part, one, inverse=inverse) for one in nodes)

    match path.operator:
        case "":
            yield from _objects(store, path.predicate or "", node, inverse=inverse)
        case "^":
            yield from _follow(store, path.parts[0], node, inverse=not inverse)
        case "|":
            for part in path.parts:
                yield from step(part, [node])
        case "/":
            nodes: Iterable[Term] = [node]
            for part in reversed(path.parts) if inverse else path.parts:
                nodes = dict.fromkeys(islice(step(part, nodes), _MOST))
            yield from nodes
        case "?":
            yield node
            yield from step(path.parts[0], [node])
        case sign:  # * and +
            yield from _closure(store, path.parts[0], node, inverse=inverse, with_node=sign == "*")


def _closure(store: ox.Store, path: PropertyPath, node: Term, *, inverse: bool, with_node: bool) -> Iterator[Term]:
    """The nodes that are reached by the path over any number of times."""
    seen, waiting = {node} if with_node else set(), [node]
    if with_node:
        yield node
    while waiting and len(seen) < _MOST:
        for found in _follow(store, path, waiting.pop(0), inverse=inverse):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
                yield found


def _objects(store: ox.Store, predicate: str, node: Term, *, inverse: bool) -> Iterator[Term]:
    graph = ox.DefaultGraph()
    if inverse:
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), node, graph):
            yield quad.subject
    elif isinstance(node, ox.NamedNode | ox.BlankNode):
        for quad in store.quads_for_pattern(node, ox.NamedNode(predicate), None, graph):
            yield quad.object
