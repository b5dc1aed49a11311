"""What a document about a resource says: its triples, those that point to it, and what makes them understandable."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, groupby, islice, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import HYDRA, RDF, RDF_TYPE, VOID
from core.namespaces import REIFICATION as PARTS
from core.rdf import blank_nodes_in
from core.reification import REIFIES, asserted
from release.links import Link
from server.model.hydra import collection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.rdf import Node, Subject, Term
    from release.links import LinkIndex
    from release.published import PublishedQuads
    from server.model.labels import Labels
    from server.model.presentation_shapes import Model
    from server.model.urls import Urls

PAGE_SIZE = 100  # links
BEGINNING = 1_000  # facts
_DEPTH = 3  # how far values that open in place are followed

_DEFAULT = ox.DefaultGraph()
_MAY_LEAD_ON = (ox.BlankNode, ox.Triple)  # kinds of values that are, or have, blank nodes
_TYPE = ox.NamedNode(RDF_TYPE)
_STATEMENT = ox.NamedNode(RDF + "Statement")
_SUBJECT, _PREDICATE, _OBJECT = (ox.NamedNode(iri) for iri in PARTS)
REIFICATION = frozenset({_SUBJECT, _PREDICATE, _OBJECT})
_START = Link("", "")
_DIGITS = 15  # of a number of triples

# Where a page begins: after so many of a resource's own triples, or after a link to it.
Cursor: TypeAlias = int | Link
Nested: TypeAlias = "dict[Subject, list[ox.Triple]]"


@dataclass
class Description:
    """One page of what is known of a resource; every triple is one of the default graph.

    Its own triples are those with the resource as subject; if there are none and it is a property, those that use it;
    then those whose subjects are its IRI with a fragment; each with the closure over blank nodes. Incoming links come
    after all of them.

    naming: gives the triples that name a resource, for those that are mentioned.

    facts: triples with the resource as subject. fragments: fragment → the triples that have it as subject. uses:
    triples with the resource, or a fragment, as predicate. incoming: triples with the resource as object, one page of
    them, in order. totals: property → number of all incoming triples. nested: the triples of blank nodes, of values
    that are expanded in place, and of statements, by subject. statements: triple → the rdf:Statements about it, and its
    reifiers. cursor: where this page begins, None for the first one; see Cursor.
    previous, next: cursors of the pages beside it, None where there is no such page; that of the first page is
    `("", "")`.
    """

    subject: Node
    naming: Callable[[ox.NamedNode], Sequence[ox.Triple]]
    facts: list[ox.Triple] = field(default_factory=list)
    fragments: dict[ox.NamedNode, list[ox.Triple]] = field(default_factory=dict)
    uses: list[ox.Triple] = field(default_factory=list)
    incoming: list[ox.Triple] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    nested: dict[Subject, list[ox.Triple]] = field(default_factory=dict)
    statements: dict[ox.Triple, list[Subject]] = field(default_factory=dict)
    cursor: Cursor | None = None
    previous: Cursor | None = None
    next: Cursor | None = None

    @property
    def is_empty(self) -> bool:
        """Whether this is a page behind the last one."""
        if isinstance(self.cursor, Link):
            return not self.incoming
        return not (self.facts or self.fragments or self.uses or self.incoming or self.nested)

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

    def add(self, triple: ox.Triple) -> None:
        """Add one of its own triples, or of their closure."""
        node = triple.subject
        if node == self.subject:
            self.facts.append(triple)
        elif isinstance(node, ox.NamedNode):
            self.fragments.setdefault(node, []).append(triple)
        else:
            self.nested.setdefault(node, []).append(triple)

    def own(self) -> Iterator[ox.Triple]:
        """What it says itself and in its closure, and its uses."""
        return chain(self.facts, *self.fragments.values(), self.uses, *self.nested.values())

    def triples(self) -> list[ox.Triple]:
        """All of them, each once: the resource first, sorted by predicate and object, then the others, each together.

        The others come in the order in which the store and the index of links have them, which is always the same.
        """
        own = sorted(self.facts, key=_own_order)
        groups: dict[Subject, list[ox.Triple]] = {self.subject: []}
        others = chain(*self.fragments.values(), self.uses, self.incoming, *self.nested.values())
        for triple in dict.fromkeys(chain(own, others)):
            groups.setdefault(triple.subject, []).append(triple)
        for node in self.mentioned():
            groups.setdefault(node, []).extend(self.naming(node))
        triples = [*chain.from_iterable(groups.values())]
        return [*dict.fromkeys(triples)] if self.fragments or self.uses else triples  # where names may come twice

    def mentioned(self) -> list[ox.NamedNode]:
        """The other resources that its triples speak of, each once, without those that are expanded."""
        terms: list[Term] = [triple.object for triple in chain(self.facts, self.uses)]
        terms += [triple.subject for triple in chain(self.incoming, self.uses)]
        for node, triples in chain(self.fragments.items(), self.nested.items()):
            terms += [node, *[triple.object for triple in triples]]
        named = dict.fromkeys([term for term in terms if isinstance(term, ox.NamedNode)])
        return [node for node in named if node != self.subject and node not in self.nested]


def _own_order(triple: ox.Triple) -> tuple[bool, str, str]:
    predicate = triple.predicate
    return predicate != _TYPE, predicate.value, str(triple.object)


def order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    """Key that sorts triples by subject, predicate with the type first, and object."""
    return str(triple.subject), triple.predicate != _TYPE, triple.predicate.value, str(triple.object)


class Collector:
    """Makes descriptions: what a resource says is read as it was published, what points to it is in an index."""

    def __init__(
        self,
        store: ox.Store,
        published: PublishedQuads,
        model: Model,
        labels: Labels,
        links: LinkIndex,
        properties: Iterable[str],
    ) -> None:
        """properties: the IRIs of all that the default graph has."""
        self._store, self._published, self._model, self._labels, self._links = store, published, model, labels, links
        self._expanded = frozenset(ox.NamedNode(iri) for iri in model.expanded)
        self._has_statements = self._has(_TYPE, _STATEMENT)
        self._has_reifiers = self._has(REIFIES, None)
        self._properties: dict[str, list[ox.NamedNode]] = {}  # IRI without fragment → properties
        for iri in sorted(properties):
            self._properties.setdefault(iri.partition("#")[0], []).append(ox.NamedNode(iri))

    def _has(self, predicate: ox.NamedNode, value: ox.NamedNode | None) -> bool:
        return next(self._store.quads_for_pattern(None, predicate, value, _DEFAULT), None) is not None

    def facts(self, node: Subject) -> list[ox.Triple]:
        """The triples of the default graph with the resource as subject."""
        return list(self._published.about(node))

    def beginning(self, node: Node) -> list[ox.Triple]:
        """The first facts: all, where they are fewer than BEGINNING."""
        return list(islice(self._published.about(node), BEGINNING))

    def is_mentioned(self, node: ox.NamedNode) -> bool:
        """Whether anything points to the resource, it is a property, or its IRI with a fragment is described."""
        return (
            next(self._store.quads_for_pattern(None, None, node, _DEFAULT), None) is not None
            or next(self._used(node), None) is not None
            or next(self._fragments(node), None) is not None
        )

    def describe(
        self,
        subject: Node,
        cursor: Cursor | None = None,
        beginning: list[ox.Triple] | None = None,
        *,
        most: int | None = None,
    ) -> Description:
        """The page that begins at the cursor; it is empty if that is behind the last one.

        beginning: of its facts, if they have been read already. most: triples of its own that a page has; None for all.
        """
        description = Description(subject, self._labels.triples, cursor=cursor)
        start = cursor if isinstance(cursor, int) else 0
        own = chain(
            zip(self._own(subject, beginning), repeat(description.add)),
            zip(self._uses(subject), repeat(description.uses.append)),
        )
        page = list(islice(own, start, None if most is None else start + most))
        if start and not page:
            return description
        for triple, add in page:
            add(triple)
        self._add_incoming(description)
        if most is not None:
            _page_own(description, start, most, own)
        self._add_statements(description)
        nested = description.nested
        self._expand(chain(description.facts, *nested.values()), nested, _DEPTH)
        for node in [node for nodes in description.statements.values() for node in nodes]:
            self._expand(nested.get(node, ()), nested, _DEPTH - 1)  # not of the resource itself, nor a fragment of it
        return description

    def _own(self, subject: Node, beginning: list[ox.Triple] | None) -> Iterator[ox.Triple]:
        """The triples with the resource as subject, and then those with a fragment of it, each with its closure."""
        seen: set[Term] = {subject}
        if beginning is None or len(beginning) == BEGINNING:  # there may be more
            yield from self._closure(self._published.about(subject), seen)
        else:
            yield from self._closure(beginning, seen)
        for _, triples in groupby(self._fragments(subject), key=attrgetter("subject")):
            yield from self._closure(triples, seen)

    def _fragments(self, subject: Node) -> Iterator[ox.Triple]:
        is_document = isinstance(subject, ox.NamedNode) and "#" not in subject.value
        return self._published.below(subject.value) if is_document else iter(())

    def _closure(self, triples: Iterable[ox.Triple], seen: set[Term]) -> Iterator[ox.Triple]:
        """The triples, and those of the blank nodes that they lead to, and so on (the Concise Bounded Description).

        seen: what was described already. https://www.w3.org/submissions/2005/SUBM-CBD-20050603/
        """
        waiting: deque[ox.BlankNode] = deque()
        while True:
            for triple in triples:
                yield triple
                if isinstance(triple.object, _MAY_LEAD_ON):
                    found = [node for node in blank_nodes_in(triple.object) if node not in seen]
                    seen.update(found)
                    waiting += found
            if not waiting:
                return
            triples = self._published.about(waiting.popleft())

    def _used(self, subject: Node) -> Iterator[ox.NamedNode]:
        """Of the resource and its fragments those that are properties, and of which nothing else is said."""
        if not isinstance(subject, ox.NamedNode):
            return
        for property_ in self._properties.get(subject.value.partition("#")[0], ()):
            is_meant = property_ == subject or "#" not in subject.value
            if is_meant and next(self._published.about(property_), None) is None:
                yield property_

    def _uses(self, subject: Node) -> Iterator[ox.Triple]:
        """The triples that have the resource as property, or a fragment of it, in the order of the store."""
        for property_ in self._used(subject):
            quads = self._store.quads_for_pattern(None, property_, None, _DEFAULT)
            yield from self._published.as_published(quad.triple for quad in quads)

    def _add_incoming(self, description: Description) -> None:
        """Take the page of links that begins at the cursor, or the first one."""
        target = _text(description.subject)
        cursor = description.cursor if isinstance(description.cursor, Link) else _START
        links = self._links.after(target, cursor, PAGE_SIZE + 1)
        description.totals = self._links.totals(target)
        description.incoming = [_triple(link, description.subject) for link in links[:PAGE_SIZE]]
        if len(links) > PAGE_SIZE:
            description.next = links[PAGE_SIZE - 1]
        if links and cursor != _START:
            before = self._links.before(target, links[0], PAGE_SIZE + 1)
            description.previous = before[PAGE_SIZE] if len(before) > PAGE_SIZE else _START

    def _statements(self, description: Description) -> Iterable[Subject]:
        """What may be rdf:Statements about triples of the page: those with its subjects, or with the resource itself.

        The resource may be the object of very many, if it has many links; then those of the page are looked up.
        """
        has_many = description.total > PAGE_SIZE
        sources = [triple.subject for triple in description.incoming] if has_many else []
        subjects = dict.fromkeys([description.subject, *description.fragments, *description.nested, *sources])
        parts = [(_SUBJECT, subject) for subject in subjects]
        parts += [(_OBJECT, description.subject)] if description.incoming and not has_many else []
        parts += [(_PREDICATE, description.subject)] if description.uses else []
        return self._subjects(parts)

    def _subjects(self, pairs: Iterable[tuple[ox.NamedNode, Term]]) -> Iterable[Subject]:
        """The subjects of the triples with these predicates and objects, each once."""
        find = self._store.quads_for_pattern
        quads = (quad for predicate, value in pairs for quad in find(None, predicate, value, _DEFAULT))
        return dict.fromkeys(quad.subject for quad in quads)

    def _add_statements(self, description: Description) -> None:
        """Take those about the triples of this page."""
        if not (self._has_statements or self._has_reifiers):
            return
        wanted = {*description.own(), *description.incoming}
        found = [*self._statements(description)] if self._has_statements else []
        if self._has_reifiers:
            found += self._subjects((REIFIES, triple) for triple in wanted)
        seen: set[Term] = {description.subject, *description.nested}
        for node in dict.fromkeys(found):
            parts = self.facts(node)
            for triple in asserted(parts):
                if triple in wanted:
                    description.statements.setdefault(triple, []).append(node)
                    if node not in seen:
                        seen.add(node)
                        _nest(self._closure(parts, seen), description.nested)
        for nodes in description.statements.values():
            nodes.sort(key=str)

    def _expand(self, triples: Iterable[ox.Triple], nested: Nested, depth: int) -> None:
        """Take in what is said of values that are shown in place, of those that are in place there, and so on."""
        expanded, level = self._expanded, triples
        seen: set[Term] = {*nested}
        for _ in range(depth if expanded else 0):
            values = [t.object for t in level if t.predicate in expanded and isinstance(t.object, ox.NamedNode)]
            level = []
            for node in values:
                if node not in seen:
                    seen.add(node)
                    level += self._closure(self._published.about(node), seen)
                    nested.setdefault(node, [])
            _nest(level, nested)


def _page_own(description: Description, start: int, most: int, rest: Iterator[object]) -> None:
    """Set the pages beside this one, where a resource has more triples of its own than a page.

    start: where its own triples begin on this page. rest: those that come after this page.
    """
    if next(rest, None) is not None:
        if not isinstance(description.cursor, Link):
            description.incoming, description.next = [], start + most
        elif description.previous == _START:  # the first links are on the page with the last triples of its own
            description.previous = (most + sum(1 for _ in rest)) // most * most
    if start:
        description.previous = max(0, start - most) or _START


def _nest(triples: Iterable[ox.Triple], nested: Nested) -> None:
    for triple in triples:
        nested.setdefault(triple.subject, []).append(triple)


def _text(node: Node) -> str:
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _triple(link: Link, target: Node) -> ox.Triple:
    is_blank = link.source.startswith("_:")
    source = ox.BlankNode(link.source[2:]) if is_blank else ox.NamedNode(link.source)
    return ox.Triple(source, ox.NamedNode(link.property), target)


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

    def page(cursor: Cursor) -> str:
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
    is_of_links = not any(isinstance(c, int) for c in (description.cursor, description.previous, description.next))
    triples = collection(first, description.total if is_of_links else None, view)
    document = ox.NamedNode(first)
    for number, (property_, count) in enumerate(sorted(description.totals.items()), 1):
        part = ox.NamedNode(f"{document.value}#property-{number}")
        add(document, VOID + "propertyPartition", part)
        add(part, VOID + "property", ox.NamedNode(property_))
        add(part, VOID + "triples", ox.Literal(count))
        add(part, HYDRA + "first", ox.NamedNode(page(Link(property_, ""))))
    return triples


def format_cursor(cursor: Cursor) -> str:
    """A cursor as the parameter `after` has it: a number of triples, or a link's property, a space, and its subject.

    Empty for the start.
    """
    if isinstance(cursor, int):
        return str(cursor)
    return f"{cursor.property} {cursor.source}" if cursor != _START else ""


def parse_cursor(text: str) -> Cursor | None:
    """The cursor that the parameter `after` has, None where it is that of the first page."""
    if text.isascii() and text.isdigit():
        return int(text[:_DIGITS]) or None
    property_, _, source = text.partition(" ")
    return Link(property_, source) if text else None
