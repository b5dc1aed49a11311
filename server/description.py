"""What a document about a resource says: its triples, those that point to it, and what makes them understandable."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import HYDRA, RDF, RDF_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server.labels import Labels
    from server.model import Model
    from server.urls import Urls

PAGE_SIZE = 100
_DEPTH = 3  # how far values that open in place, or have no IRI, are followed

_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(RDF_TYPE)
_SUBJECT, _PREDICATE, _OBJECT = (ox.NamedNode(RDF + name) for name in ("subject", "predicate", "object"))
_STATEMENT = ox.NamedNode(RDF + "Statement")
REIFICATION = frozenset({_SUBJECT, _PREDICATE, _OBJECT})

Node: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Triple


@dataclass
class Description:
    """One page of what is known of a resource; every triple is one of the default graph.

    facts: the resource as subject. inverse: the resource as object, this page of it, `total` in all. inner: the
    triples of values shown in place, and of statements, by subject. statements: the rdf:Statements about a triple.
    labels: names of what is mentioned.
    """

    subject: ox.NamedNode | ox.BlankNode
    page: int
    facts: list[ox.Triple] = field(default_factory=list)
    inverse: list[ox.Triple] = field(default_factory=list)
    total: int = 0
    inner: dict[Node, list[ox.Triple]] = field(default_factory=dict)
    statements: dict[ox.Triple, list[Node]] = field(default_factory=dict)
    labels: list[ox.Triple] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    @cached_property
    def types(self) -> list[ox.NamedNode]:
        types = [f.object for f in self.facts if f.predicate == _TYPE and isinstance(f.object, ox.NamedNode)]
        return sorted(types, key=lambda type_: type_.value)

    def triples(self) -> list[ox.Triple]:
        """All of them, each once, the resource first and then by subject, predicate and object."""
        return sorted({*self._without_labels(), *self.labels}, key=lambda t: (t.subject != self.subject, *order(t)))

    def mentioned(self) -> set[ox.NamedNode]:
        """The other resources that its triples speak of."""
        terms = {term for triple in self._without_labels() for term in (triple.subject, triple.object)}
        terms.discard(self.subject)
        return {term for term in terms if isinstance(term, ox.NamedNode)}

    def _without_labels(self) -> Iterator[ox.Triple]:
        return chain(self.facts, self.inverse, *self.inner.values())


def order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    """Key that sorts triples by subject, predicate with the type first, and object."""
    return str(triple.subject), triple.predicate != _TYPE, triple.predicate.value, str(triple.object)


def exists(store: ox.Store, node: ox.NamedNode) -> bool:
    """Whether the default graph says anything of the resource."""
    said = store.quads_for_pattern(node, None, None, _DEFAULT)
    mentioned = store.quads_for_pattern(None, None, node, _DEFAULT)
    return next(said, None) is not None or next(mentioned, None) is not None


class Collector:
    """Makes descriptions from one store."""

    def __init__(self, store: ox.Store, model: Model, labels: Labels) -> None:
        self._store, self._model, self._labels = store, model, labels
        statements = store.quads_for_pattern(None, _TYPE, _STATEMENT, _DEFAULT)
        self._has_statements = next(statements, None) is not None

    def describe(self, subject: ox.NamedNode | ox.BlankNode, page: int = 1) -> Description:
        """One page; of a page beyond the last, `page` is greater than `pages`."""
        description = Description(subject, page, self._of(subject))
        self._point_to(description)
        if self._has_statements:
            self._state(description)
        for triple in description.facts:
            self._open(triple, description.inner, _DEPTH)
        for node in [node for nodes in description.statements.values() for node in nodes]:
            for triple in description.inner[node]:
                self._open(triple, description.inner, _DEPTH - 1)
        description.labels = [triple for node in description.mentioned() for triple in self._labels.triples(node)]
        return description

    def _of(self, node: Node) -> list[ox.Triple]:
        return [quad.triple for quad in self._store.quads_for_pattern(node, None, None, _DEFAULT)]

    def _point_to(self, description: Description) -> None:
        """What points to the resource, without the parts of statements: these are shown with what they state."""
        quads = self._store.quads_for_pattern(None, None, description.subject, _DEFAULT)
        inverse = [quad.triple for quad in quads if quad.predicate not in REIFICATION]
        inverse.sort(key=lambda t: (t.predicate.value, str(t.subject)))
        first = (description.page - 1) * PAGE_SIZE
        description.total = len(inverse)
        description.inverse = inverse[first : first + PAGE_SIZE]

    def _state(self, description: Description) -> None:
        """Find the statements about the triples of this page, subject by subject."""
        wanted = {*description.facts, *description.inverse}
        for subject in dict.fromkeys(t.subject for t in (*description.facts, *description.inverse)):
            for quad in self._store.quads_for_pattern(None, _SUBJECT, subject, _DEFAULT):
                parts = self._of(quad.subject)
                for stated in _stated(subject, parts):
                    if stated in wanted:
                        description.statements.setdefault(stated, []).append(quad.subject)
                        description.inner[quad.subject] = parts
        for nodes in description.statements.values():
            nodes.sort(key=str)

    def _open(self, triple: ox.Triple, inner: dict[Node, list[ox.Triple]], depth: int) -> None:
        """Take in what is said of a value that is shown in place or cannot be looked up, and so on."""
        node = triple.object
        if not isinstance(node, ox.NamedNode | ox.BlankNode) or node in inner or not depth:
            return
        if isinstance(node, ox.NamedNode) and not self._model.opens(triple.predicate.value):
            return
        inner[node] = self._of(node)
        for deeper in inner[node]:
            self._open(deeper, inner, depth - 1)


def _stated(subject: Node, parts: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    predicates = [t.object for t in parts if t.predicate == _PREDICATE and isinstance(t.object, ox.NamedNode)]
    objects = [t.object for t in parts if t.predicate == _OBJECT]
    return (ox.Triple(subject, predicate, object_) for predicate in predicates for object_ in objects)


def document(description: Description, urls: Urls) -> list[ox.Triple]:
    """What the document says: the description, and where it goes on."""
    return [*description.triples(), *paging(description, urls)]


def paging(description: Description, urls: Urls) -> list[ox.Triple]:
    """Where the document goes on, in the Hydra vocabulary; nothing for one that is whole, or has no address.

    https://www.hydra-cg.com/spec/latest/core/#pagination
    """
    if description.pages == 1 or isinstance(description.subject, ox.BlankNode):
        return []

    def page(number: int) -> ox.NamedNode:
        return ox.NamedNode(urls.canonical(urls.document(description.subject.value, page=number)))

    def say(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(predicate), value)

    document = ox.NamedNode(urls.canonical(urls.document(description.subject.value)))
    # the first page has the document's own address, and a view needs one of its own
    view = ox.NamedNode(f"{document.value}#page-{description.page}")
    triples = [
        say(document, RDF_TYPE, ox.NamedNode(HYDRA + "Collection")),
        say(document, HYDRA + "totalItems", ox.Literal(description.total)),
        say(document, HYDRA + "view", view),
        say(view, RDF_TYPE, ox.NamedNode(HYDRA + "PartialCollectionView")),
        say(view, HYDRA + "first", page(1)),
        say(view, HYDRA + "last", page(description.pages)),
    ]
    if description.page > 1:
        triples.append(say(view, HYDRA + "previous", page(description.page - 1)))
    if description.page < description.pages:
        triples.append(say(view, HYDRA + "next", page(description.page + 1)))
    return triples
