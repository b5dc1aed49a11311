"""Human names of resources: those that the store gives, in the reader's language, or what can be read off the IRI."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyoxigraph as ox

from core.namespaces import DCTERMS, FOAF, RDFS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server.model.presentation_shapes import Model

NAMING = tuple(
    ox.NamedNode(iri) for iri in (RDFS + "label", SKOS + "prefLabel", SCHEMA + "name", DCTERMS + "title", FOAF + "name")
)
_FALLBACK = "en"
_LENGTH = 90  # characters of a text that stands for a name
_KEPT = 50_000  # resources whose labels are remembered


@dataclass(frozen=True)
class Name:
    """A text and its language tag, which is empty where there is none."""

    text: str
    language: str = ""


class Labels:
    """Finds labels in the default graph and, for terms, in the graphs of vocabulary and shapes."""

    def __init__(self, store: ox.Store, model: Model, graphs: Iterable[str], prefixes: dict[str, str]) -> None:
        self._store, self._model = store, model
        self._graphs: list[ox.NamedNode | ox.DefaultGraph] = [
            ox.DefaultGraph(),
            *(ox.NamedNode(graph) for graph in graphs),
        ]
        # those that the data have at all, for each costs a look-up
        self._naming = [n for n in NAMING if next(store.quads_for_pattern(None, n, None, self._graphs[0]), None)]
        self._prefixes = sorted(prefixes.items(), key=lambda item: -len(item[1]))
        self._known: dict[ox.NamedNode, tuple[ox.Triple, ...]] = {}

    def triples(self, node: ox.NamedNode) -> tuple[ox.Triple, ...]:
        """The triples of the default graph that name the resource."""
        known = self._known.get(node)
        if known is None:
            find, graph = self._store.quads_for_pattern, self._graphs[0]
            known = tuple([quad.triple for naming in self._naming for quad in find(node, naming, None, graph)])
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[node] = known
        return known

    def name(self, node: ox.NamedNode | ox.BlankNode, languages: Sequence[str]) -> Name:
        """The name to show to a reader of these languages, the preferred one first."""
        if isinstance(node, ox.BlankNode):
            return Name(str(node))
        literals = [triple.object for triple in self.triples(node)] or self._elsewhere(node)
        return (
            choose((o for o in literals if isinstance(o, ox.Literal)), languages)
            or self._text(node, languages)
            or Name(self.short(node.value))
        )

    def _text(self, node: ox.NamedNode, languages: Sequence[str]) -> Name | None:
        """The beginning of the text that the shapes put first, for a resource without a name."""
        texts: dict[str, list[ox.Literal]] = {}
        for quad in self._store.quads_for_pattern(node, None, None, self._graphs[0]):
            if isinstance(quad.object, ox.Literal) and quad.object.language:
                texts.setdefault(quad.predicate.value, []).append(quad.object)
        if not texts:
            return None
        first = min(texts, key=lambda predicate: (self._model.hint((), predicate).order, predicate))
        name = choose(texts[first], languages)
        return name and Name(shorten(name.text, _LENGTH, placeholder=" …"), name.language)

    def _elsewhere(self, node: ox.NamedNode) -> list[object]:
        find = self._store.quads_for_pattern
        return [
            quad.object for graph in self._graphs[1:] for naming in NAMING for quad in find(node, naming, None, graph)
        ]

    def expand(self, name: str) -> str:
        """The IRI that a prefixed name stands for; the name itself where the prefix is none of the release."""
        prefix, _, local = name.partition(":")
        return next((namespace + local for known, namespace in self._prefixes if known == prefix), name)

    def short(self, iri: str) -> str:
        """The prefixed name of an IRI, else its last part, else the whole."""
        for prefix, namespace in self._prefixes:
            if iri.startswith(namespace) and iri != namespace and "/" not in iri[len(namespace) :]:
                return f"{prefix}:{iri[len(namespace) :]}"
        return unquote(iri.rstrip("/#").replace("#", "/").rpartition("/")[2]) or iri


def choose(literals: Iterable[ox.Literal], languages: Sequence[str]) -> Name | None:
    """Of several names the one for a reader of these languages: first match, then English, then without language."""
    names = sorted((Name(literal.value, literal.language or "") for literal in literals), key=_order)
    for wanted in (*languages, _FALLBACK):
        for name in names:
            if _speaks(name.language, wanted):
                return name
    return next((name for name in names if not name.language), names[0] if names else None)


def _order(name: Name) -> tuple[str, str]:
    return name.language, name.text


def _speaks(language: str, wanted: str) -> bool:
    """Whether a text in `language` is for one who wants `wanted`: `de` serves de-AT, `de-AT` serves de."""
    language, wanted = language.lower(), wanted.lower()
    return bool(language) and (language == wanted or language.split("-")[0] == wanted.split("-")[0])
