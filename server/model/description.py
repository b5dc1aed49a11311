"""What a document about a resource says: its triples, those that point to it, and what makes them understandable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import HYDRA, RDF, RDF_TYPE, VOID
from core.namespaces import REIFICATION as PARTS
from release.links import Link
from server.model.hydra import collection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.rdf import Node
    from release.links import LinkIndex
    from server.model.labels import Labels
    from server.model.presentation_shapes import Model
    from server.model.urls import Urls

PAGE_SIZE = 100
_DEPTH = 3  # how far values that open in place, or have no IRI, are followed

_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(RDF_TYPE)
_STATEMENT = ox.NamedNode(RDF + "Statement")
_SUBJECT, _PREDICATE, _OBJECT = (ox.NamedNode(iri) for iri in PARTS)
REIFICATION = frozenset({_SUBJECT, _PREDICATE, _OBJECT})
_START = Link("", "")

Subject: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Triple


@dataclass
class Description:
    """One page of what is known of a resource; every triple is one of the default graph.

    facts: triples with the resource as subject. incoming: triples with the resource as object, one page of them, in
    order. totals: property → number of all incoming triples. nested: the triples of values that are expanded in place,
    and of statements, by subject. statements: triple → the rdf:Statements about it. labels: names of what is mentioned.
    cursor: the link after which this page begins, None for the first page. previous, next: cursors of the pages beside
    it, None where there is no such page; that of the first page is `("", "")`.
    """

    subject: Node
    facts: list[ox.Triple] = field(default_factory=list)
    incoming: list[ox.Triple] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    nested: dict[Subject, list[ox.Triple]] = field(default_factory=dict)
    statements: dict[ox.Triple, list[Subject]] = field(default_factory=dict)
    labels: list[ox.Triple] = field(default_factory=list)
    cursor: Link | None = None
    previous: Link | None = None
    next: Link | None = None

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    @property
    def is_whole(self) -> bool:
        """Whether this page is all there is."""
        return self.cursor is None and self.next is None

    @cached_property
    def types(self) -> list[ox.NamedNode]:
        types = [f.object for f in self.facts if f.predicate == _TYPE and isinstance(f.object, ox.NamedNode)]
        return sorted(types, key=attrgetter("value"))

    def triples(self) -> list[ox.Triple]:
        """All of them, each once: the resource first, sorted by predicate and object, then the others, each together.

        The others come in the order in which the store and the index of links have them, which is always the same.
        """
        own = sorted(self.facts, key=_own_order)
        groups: dict[Subject, list[ox.Triple]] = {self.subject: []}
        for triple in dict.fromkeys(chain(own, self.incoming, *self.nested.values(), self.labels)):
            groups.setdefault(triple.subject, []).append(triple)
        return [*chain.from_iterable(groups.values())]

    def mentioned(self) -> list[ox.NamedNode]:
        """The other resources that its triples speak of, each once."""
        terms = dict.fromkeys([triple.object for triple in self.facts])
        terms.update(dict.fromkeys([triple.subject for triple in self.incoming]))
        for node, triples in self.nested.items():
            terms[node] = None
            terms.update(dict.fromkeys([triple.object for triple in triples]))
        terms.pop(self.subject, None)
        return [term for term in terms if isinstance(term, ox.NamedNode)]


def _own_order(triple: ox.Triple) -> tuple[bool, str, str]:
    predicate = triple.predicate
    return predicate != _TYPE, predicate.value, str(triple.object)


def order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    """Key that sorts triples by subject, predicate with the type first, and object."""
    return str(triple.subject), triple.predicate != _TYPE, triple.predicate.value, str(triple.object)


class Collector:
    """Makes descriptions from one store, and the links to what very many resources point to."""

    def __init__(self, store: ox.Store, model: Model, labels: Labels, links: LinkIndex) -> None:
        self._store, self._model, self._labels, self._links = store, model, labels, links
        statements = store.quads_for_pattern(None, _TYPE, _STATEMENT, _DEFAULT)
        self._expanded = frozenset(ox.NamedNode(iri) for iri in model.expanded)
        self._has_statements = next(statements, None) is not None

    def facts(self, node: Subject) -> list[ox.Triple]:
        """The triples of the default graph with the resource as subject."""
        return [quad.triple for quad in self._store.quads_for_pattern(node, None, None, _DEFAULT)]

    def is_mentioned(self, node: ox.NamedNode) -> bool:
        """Whether anything points to the resource."""
        return next(self._store.quads_for_pattern(None, None, node, _DEFAULT), None) is not None

    def describe(
        self,
        subject: Node,
        cursor: Link | None = None,
        facts: list[ox.Triple] | None = None,
    ) -> Description:
        """The page that begins after the cursor; facts: those of the resource, where they are known already.

        Of a page beyond the last one `incoming` is empty.
        """
        description = Description(subject, self.facts(subject) if facts is None else facts, cursor=cursor)
        totals = self._links.totals(subject.value) if isinstance(subject, ox.NamedNode) else None
        if totals is None:
            about = self._read_incoming(description)
        else:
            description.totals = totals
            about = self._look_up_incoming(description)
        if self._has_statements:
            self._add_statements(description, about)
        self._expand(description.facts, description.nested, _DEPTH)
        for node in [node for nodes in description.statements.values() for node in nodes]:
            self._expand(description.nested[node], description.nested, _DEPTH - 1)
        nested = description.nested  # what is expanded has its names with it
        description.labels = [
            triple for node in description.mentioned() if node not in nested for triple in self._labels.triples(node)
        ]
        return description

    def _read_incoming(self, description: Description) -> Iterable[Subject]:
        """Take the page from all links in the store, and return what may be statements about its triples."""
        subject, cursor = description.subject, description.cursor or _START
        incoming = [quad.triple for quad in self._store.quads_for_pattern(None, None, subject, _DEFAULT)]
        about = {triple.subject: None for triple in incoming if triple.predicate in REIFICATION}
        links = [(_link(triple), triple) for triple in incoming if triple.predicate not in REIFICATION]
        links.sort(key=itemgetter(0))
        description.totals = dict(Counter([link.property for link, _ in links]))
        first = sum([link <= cursor for link, _ in links])
        description.incoming = [triple for _, triple in links[first : first + PAGE_SIZE]]
        if first + PAGE_SIZE < len(links):
            description.next = links[first + PAGE_SIZE - 1][0]
        if first:
            description.previous = links[first - PAGE_SIZE - 1][0] if first > PAGE_SIZE else _START
        return about

    def _look_up_incoming(self, description: Description) -> Iterable[Subject]:
        """Take the page from the index of links, which has them in order, and return what may be statements."""
        iri, cursor = str(description.subject)[1:-1], description.cursor or _START
        links = self._links.after(iri, cursor, PAGE_SIZE + 1)
        description.incoming = [_triple(link, description.subject) for link in links[:PAGE_SIZE]]
        if len(links) > PAGE_SIZE:
            description.next = links[PAGE_SIZE - 1]
        if links and description.cursor:
            before = self._links.before(iri, links[0], PAGE_SIZE + 1)
            description.previous = before[PAGE_SIZE] if len(before) > PAGE_SIZE else _START
        subjects = {description.subject, *(triple.subject for triple in description.incoming)}
        find = self._store.quads_for_pattern
        quads = (quad for subject in subjects for quad in find(None, _SUBJECT, subject, _DEFAULT))
        return dict.fromkeys(quad.subject for quad in quads)

    def _add_statements(self, description: Description, about: Iterable[Subject]) -> None:
        """Of what may be statements take those about the triples of this page."""
        wanted: set[ox.Triple] = set()
        for node in about:
            wanted = wanted or {*description.facts, *description.incoming}
            parts = self.facts(node)
            for asserted in _asserted(parts):
                if asserted in wanted:
                    description.statements.setdefault(asserted, []).append(node)
                    description.nested[node] = parts
        for nodes in description.statements.values():
            nodes.sort(key=str)

    def _expand(self, triples: list[ox.Triple], nested: dict[Subject, list[ox.Triple]], depth: int) -> None:
        """Take in what is said of values that are shown in place or cannot be looked up, and so on."""
        expanded = self._expanded
        for triple in triples:
            node = triple.object
            if (
                isinstance(node, ox.BlankNode) or (isinstance(node, ox.NamedNode) and triple.predicate in expanded)
            ) and node not in nested:
                nested[node] = self.facts(node)
                if depth > 1:
                    self._expand(nested[node], nested, depth - 1)


def _link(triple: ox.Triple) -> Link:
    source = triple.subject
    return Link(triple.predicate.value, source.value if isinstance(source, ox.NamedNode) else str(source))


def _triple(link: Link, target: Node) -> ox.Triple:
    is_blank = link.source.startswith("_:")
    source = ox.BlankNode(link.source[2:]) if is_blank else ox.NamedNode(link.source)
    return ox.Triple(source, ox.NamedNode(link.property), target)


def _asserted(parts: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The triples that a statement with these parts is about: one, if it is well formed."""
    values: dict[ox.NamedNode, list[Subject | ox.Literal]] = {part: [] for part in REIFICATION}
    for triple in parts:
        if triple.predicate in values:
            values[triple.predicate].append(triple.object)
    for subject in values[_SUBJECT]:
        for predicate in values[_PREDICATE]:
            if isinstance(predicate, ox.NamedNode) and not isinstance(subject, ox.Literal):
                yield from (ox.Triple(subject, predicate, object_) for object_ in values[_OBJECT])


def document(description: Description, urls: Urls) -> list[ox.Triple]:
    """What the document says: the description, and where it goes on."""
    return [*description.triples(), *paging(description, urls)]


def paging(description: Description, urls: Urls) -> list[ox.Triple]:
    """The next and previous page of links in the Hydra vocabulary, and the links of each property in VoID.

    Empty if the document has one page, or describes a blank node. https://www.hydra-cg.com/spec/latest/core/#pagination
    """
    if description.is_whole or isinstance(description.subject, ox.BlankNode):
        return []
    iri = description.subject.value

    def page(cursor: Link) -> str:
        return urls.canonical(urls.document(iri, after=format_cursor(cursor)))

    def add(subject: ox.NamedNode, predicate: str, *values: ox.NamedNode | ox.Literal) -> None:
        triples.extend(ox.Triple(subject, ox.NamedNode(predicate), value) for value in values)

    first = page(_START)
    # the first page has the document's own address, and a view needs one of its own
    view = {"self": page(description.cursor) if description.cursor else f"{first}#first", "first": first}
    if description.previous:
        view["previous"] = page(description.previous)
    if description.next:
        view["next"] = page(description.next)
    triples = collection(first, description.total, view)
    document = ox.NamedNode(first)
    for number, (property_, count) in enumerate(sorted(description.totals.items()), 1):
        part = ox.NamedNode(f"{document.value}#property-{number}")
        add(document, VOID + "propertyPartition", part)
        add(part, VOID + "property", ox.NamedNode(property_))
        add(part, VOID + "triples", ox.Literal(count))
        add(part, HYDRA + "first", ox.NamedNode(page(Link(property_, ""))))
    return triples


def format_cursor(link: Link) -> str:
    """A cursor as the parameter `after` has it: the link's property, a space, and its subject; empty for the start."""
    return f"{link.property} {link.source}" if link != _START else ""


def parse_cursor(text: str) -> Link | None:
    """The cursor that the parameter `after` has, None where it is empty."""
    property_, _, source = text.partition(" ")
    return Link(property_, source) if text else None
