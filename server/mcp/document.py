"""The document about a resource, read as facts with the statements about them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

from core.labels import NAMING, choose
from core.namespaces import HYDRA, RDF_TYPE, REIFICATION
from core.reification import REIFIES
from server.mcp import answers
from server.mcp.answers import Detail, Fact, Statement
from server.mcp.names import fallback, for_reader

if TYPE_CHECKING:
    from server.mcp.site import Reply

_PARTS = tuple(map(ox.NamedNode, REIFICATION))
ABOUT = frozenset({*_PARTS, REIFIES, ox.NamedNode(RDF_TYPE)})  # what statements say that is no news
_NEXT = ox.NamedNode(HYDRA + "next")


class Document:
    """The triples of a document, with the labels that are in it."""

    def __init__(self, reply: Reply, language: str) -> None:
        self._language, self.is_whole = language, reply.is_whole
        body = reply.body if reply.is_whole else reply.body[: reply.body.rfind(b"\n") + 1]
        self.triples: list[ox.Triple] = [quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES)]
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

    def details(self, node: Any) -> list[Detail]:
        return [
            Detail(property=t.predicate.value, label=self.label(t.predicate), value=self.term(t.object))
            for t in self.by_subject.get(node, ())
        ]

    def _says(self, statement: Any) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for predicate, value in for_reader(
            [(t.predicate, t.object) for t in self.by_subject[statement] if t.predicate not in ABOUT], self._language
        ):
            found[self.label(predicate)].append(getattr(value, "value", str(value)))
        return dict(found)

    def facts(self, node: Any) -> list[Fact]:
        return [
            Fact(
                property=t.predicate.value,
                label=self.label(t.predicate),
                value=self.term(t.object),
                statements=[
                    Statement(
                        iri=getattr(s, "value", str(s)),
                        says=self._says(s),
                    )
                    for s in self._statements.get((t.subject, t.predicate, t.object), ())
                ],
            )
            for t in self.by_subject.get(node, ())
        ]

    def next_page(self) -> str | None:
        """What `after` has to be for the references that follow."""
        following = next((t.object for t in self.triples if t.predicate == _NEXT), None)
        if not isinstance(following, ox.NamedNode):
            return None
        return next(iter(parse_qs(urlsplit(following.value).query).get("after", ())), None)
