"""The document about a resource, read as facts with the statements about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

from core.labels import NAMING, choose
from core.namespaces import HYDRA, RDF_TYPE, REIFICATION
from core.reification import REIFIES
from server.mcp import answers
from server.mcp.answers import Fact, Reference, Statement
from server.mcp.names import fallback, for_reader

if TYPE_CHECKING:
    from server.mcp.site import Reply

_PARTS = tuple(map(ox.NamedNode, REIFICATION))
ABOUT = frozenset({*_PARTS, REIFIES, ox.NamedNode(RDF_TYPE)})  # what statements say that is no news
_FIRST = frozenset({*NAMING, ox.NamedNode(RDF_TYPE)})
_NEXT, _TOTAL = ox.NamedNode(HYDRA + "next"), ox.NamedNode(HYDRA + "totalItems")
_STATEMENTS = 5  # that are told with their fact


class Document:
    """The triples of a document, with the labels that are in it."""

    def __init__(self, reply: Reply, language: str) -> None:
        self._language, self.is_whole = language, reply.is_whole
        quads = ox.parse(reply.whole_lines(), ox.RdfFormat.N_TRIPLES)
        self.triples: list[ox.Triple] = [quad.triple for quad in quads]
        self.by_subject: defaultdict[Any, list[ox.Triple]] = defaultdict(list)
        for triple in self.triples:
            self.by_subject[triple.subject].append(triple)
        self._statements: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
        for node, own in self.by_subject.items():
            said = {t.predicate: t.object for t in own}
            self._statements[tuple(map(said.get, _PARTS))].append(node)

    def label(self, node: Any) -> str:
        """The name of a resource in the reader's language, else the end of its IRI."""
        for property_ in NAMING:
            texts = (t.object for t in self.by_subject.get(node, ()) if t.predicate == property_)
            name = choose([text for text in texts if isinstance(text, ox.Literal)], [self._language])
            if name:
                return name.text
        return fallback(node.value) if isinstance(node, ox.NamedNode) else str(node)

    def term(self, node: Any) -> answers.Term:
        return answers.term(node, self.label(node) if isinstance(node, ox.NamedNode) else None)

    def _says(self, statement: Any) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for predicate, value in for_reader(
            [(t.predicate, t.object) for t in self.by_subject[statement] if t.predicate not in ABOUT], self._language
        ):
            found[self.label(predicate)].append(getattr(value, "value", str(value)))
        return dict(found)

    def facts(self, node: Any) -> list[ox.Triple]:
        """Those of a resource, names and classes first, then what has fewest values; behind a blank node its own."""
        own = self.by_subject.get(node, ())
        counts = Counter(triple.predicate for triple in own)
        found, seen = list[ox.Triple](), {node}
        waiting = sorted(own, key=lambda t: (t.predicate not in _FIRST, counts[t.predicate]), reverse=True)
        while waiting:
            triple = waiting.pop()
            found.append(triple)
            if isinstance(triple.object, ox.BlankNode) and triple.object not in seen:
                seen.add(triple.object)
                waiting += reversed(self.by_subject.get(triple.object, ()))
        return found

    def references(self, node: Any) -> list[ox.Triple]:
        return [t for t in self.triples if t.object == node and t.subject != node and t.predicate not in _PARTS]

    def fact(self, triple: ox.Triple, node: Any) -> Fact:
        """One of the facts of a resource, with statements about it."""
        about = self._statements.get((triple.subject, triple.predicate, triple.object), ())
        return Fact(
            subject=None if triple.subject == node else str(triple.subject),
            property=triple.predicate.value,
            label=self.label(triple.predicate),
            value=self.term(triple.object),
            statements=[Statement(iri=getattr(s, "value", str(s)), says=self._says(s)) for s in about[:_STATEMENTS]],
            more_statements=max(0, len(about) - _STATEMENTS) or None,
        )

    def reference(self, triple: ox.Triple) -> Reference:
        return Reference(
            subject=self.term(triple.subject), property=triple.predicate.value, label=self.label(triple.predicate)
        )

    def total(self) -> int | None:
        """How many references there are, where they have pages."""
        totals = (t.object for t in self.triples if t.predicate == _TOTAL)
        return next((int(total.value) for total in totals if isinstance(total, ox.Literal)), None)

    def next_page(self) -> str | None:
        """What `after` has to be for the references that follow."""
        following = next((t.object for t in self.triples if t.predicate == _NEXT), None)
        if not isinstance(following, ox.NamedNode):
            return None
        return next(iter(parse_qs(urlsplit(following.value).query).get("after", ())), None)
