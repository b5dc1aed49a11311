"""Human names of resources: those that the store gives, in the reader's language, or what can be read off the IRI."""

from __future__ import annotations

from itertools import chain
from textwrap import shorten
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from core.labels import (
    NAME_PARTS,
    NAMING,
    Name,
    choose,
    choose_name,
    local_name,
    named,
    naming_triples,
    primary_subtag,
    words_of,
)
from core.namespaces import compact, expand
from server.model.moves import may_be_elsewhere
from server.model.well_known import well_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.rdf import Node
    from server.model.lookups import Lookups
    from server.model.presentation_shapes import Model

_LENGTH = 90  # characters of a text that stands for a name
_KEPT = 50_000  # resources whose labels are remembered
_LONGEST = 300  # characters of the IRI of one without any


class _Naming(NamedTuple):
    """The triples of the default graph that name a resource, and the names in them."""

    triples: tuple[ox.Triple, ...]
    names: tuple[Name, ...]


class Labels:
    """Finds labels in the default graph and, for terms, in the graphs of vocabulary and shapes."""

    def __init__(
        self,
        store: ox.Store,
        lookups: Lookups,
        model: Model,
        graphs: Iterable[str],
        prefixes: dict[str, str],
    ) -> None:
        self._store, self._lookups, self._model = store, lookups, model
        self._graphs = [ox.NamedNode(graph) for graph in graphs]
        # those that the data have at all, for each costs a look-up
        find = store.quads_for_pattern
        self._naming = [n for n in (*NAMING, *NAME_PARTS) if next(find(None, n, None, ox.DefaultGraph()), None)]
        self._prefixes = prefixes
        self._known: dict[ox.NamedNode, _Naming] = {}

    def triples(self, node: ox.NamedNode) -> tuple[ox.Triple, ...]:
        """The triples of the default graph that name the resource."""
        return self._find(node).triples

    def names(self, node: ox.NamedNode) -> tuple[Name, ...]:
        """What the default graph calls the resource: in each language by the preferred property that has one."""
        return self._find(node).names

    def _find(self, node: ox.NamedNode) -> _Naming:
        known = self._known.get(node)
        if known is None:
            found = (self._lookups.triples(node, property_) for property_ in self._naming)
            triples = tuple(t for t in chain.from_iterable(found) if isinstance(t.object, ox.Literal))
            known = _Naming(triples, tuple(named(triples)))
            if len(self._known) >= _KEPT:
                self._known.clear()
            if triples or len(node.value) <= _LONGEST:  # without a name it may be one that a query has made
                self._known[node] = known
        return known

    def name(self, node: Node, languages: Sequence[str]) -> Name:
        """The name to show to a reader of these languages, the preferred one first."""
        if isinstance(node, ox.BlankNode):
            return Name(str(node))
        names = self._find(node).names
        return (
            choose_name(_with_well_known(node, names or self._elsewhere(node)), languages)
            or self._text(node, languages)
            or Name(self._in_short(node.value))
        )

    def _text(self, node: ox.NamedNode, languages: Sequence[str]) -> Name | None:
        """The beginning of the text that the page puts first, for a resource without a name.

        Where no shape knows that text, the end of an IRI that is words is the better name.
        Of one that has moved or was withdrawn a text only says why.
        """
        triples = self._lookups.beginning(node)
        if may_be_elsewhere(triples):
            return None
        texts: dict[str, list[ox.Literal]] = {}
        for triple in triples:
            if isinstance(triple.object, ox.Literal) and triple.object.language:
                texts.setdefault(triple.predicate.value, []).append(triple.object)
        if not texts:
            return None
        first = min(texts, key=lambda predicate: self._model.place((), predicate))
        if first not in self._model.shaped and words_of(node.value):
            return None
        name = choose(texts[first], languages)
        return name and name._replace(text=shorten(name.text, _LENGTH, placeholder=" …"))

    def _elsewhere(self, node: ox.NamedNode) -> list[Name]:
        return [name for graph in self._graphs for name in named(naming_triples(self._store, node, graph))]

    def told_apart(self, names: Mapping[str, Name]) -> dict[str, Name]:
        """The names of resources by their IRIs; behind equal ones stand prefix or host, or what else differs."""
        same: dict[str, list[str]] = {}
        for iri, name in names.items():
            same.setdefault(name.text, []).append(iri)
        told = dict(names)
        for text, iris in same.items():
            for tell in (self._space, self._in_short, str) if len(iris) > 1 else ():
                marks = {iri: tell(iri) for iri in iris}
                if len(set(marks.values())) == len(iris):
                    told |= {iri: names[iri]._replace(text=f"{text} ({mark})") for iri, mark in marks.items()}
                    break
        return told

    def _space(self, iri: str) -> str:
        """The prefix of an IRI, else its host."""
        prefix = (compact(iri, self._prefixes) or "").partition(":")[0]
        return prefix or iri.partition("://")[2].partition("/")[0].removeprefix("www.") or iri

    def _in_short(self, iri: str) -> str:
        return self.short(iri).removeprefix(":")

    def expand(self, name: str) -> str:
        """The IRI that a prefixed name stands for; the name itself where the prefix is none of the release."""
        return expand(name, self._prefixes)

    def short(self, iri: str) -> str:
        """The prefixed name of an IRI, else its local name."""
        prefixed = compact(iri, self._prefixes)
        return prefixed if prefixed and "/" not in prefixed else unquote(local_name(iri))


def _with_well_known(node: ox.NamedNode, names: Sequence[Name]) -> Sequence[Name]:
    """The names that the data give, and those of a usual vocabulary in the languages in which they give none.

    A name without a language is one in all of them.
    """
    others = well_known().names.get(node.value)
    if not others or any(not name.language for name in names):
        return names
    known = {primary_subtag(name.language) for name in names}
    return [*names, *(name for name in others if name.language not in known)]
