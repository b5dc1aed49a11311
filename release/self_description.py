"""What data say of themselves: title, licence, publisher and so on of the dataset, ontology or scheme that they are.

Read from the query store of a release that is being built, by looking up what the data say to be of a few classes, and
what these have; nothing else is read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, islice
from textwrap import shorten
from typing import TYPE_CHECKING, TypeGuard

import pyoxigraph as ox

from core.labels import NAMING, choose_text, local_name, words_of
from core.namespaces import (
    CC,
    DC,
    DCAT,
    DCTERMS,
    FOAF,
    OWL,
    RDF,
    RDF_TYPE,
    RDFS,
    SCHEMA,
    SCHEMA_HTTP,
    SKOS,
    VOID,
    XSD,
)
from release.manifest import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.rdf import Node, Term

_MOST = 10_000  # resources that may stand for the data, members of one that are counted, and names that are read
_MOST_VALUES = 20
_TITLE, _TEXT = 300, 2_000  # characters
_PLAIN = frozenset({XSD + "string", RDF + "langString", RDF + "dirLangString"})
_TYPE = ox.NamedNode(RDF_TYPE)
_ADDRESS = re.compile(r"https?://(?P<host>[^\s<>\"{}|\\^`/?#]+)[^\s<>\"{}|\\^`]*", re.IGNORECASE)


def _nodes(*iris: str) -> tuple[ox.NamedNode, ...]:
    """Properties or classes, those of schema.org in both of its namespaces."""
    other = (iri.replace(SCHEMA, SCHEMA_HTTP) for iri in iris if iri.startswith(SCHEMA))
    return tuple(map(ox.NamedNode, (*iris, *other)))


_CLASSES = _nodes(
    *(DCAT + name for name in ("Catalog", "Dataset")),
    VOID + "Dataset",
    *(SCHEMA + name for name in ("DataCatalog", "Dataset")),
    OWL + "Ontology",
    SKOS + "ConceptScheme",
)
# By these a whole leads to its parts, and parts to their whole.
_HAS_PART = frozenset(
    _nodes(
        *(DCAT + name for name in ("dataset", "catalog", "themeTaxonomy", "record")),
        *(VOID + name for name in ("subset", "classPartition", "propertyPartition")),
        *(SCHEMA + name for name in ("dataset", "hasPart")),
        DCTERMS + "hasPart",
        OWL + "imports",
        SKOS + "hasTopConcept",
    )
)
_PART_OF = _nodes(
    SKOS + "inScheme",
    SKOS + "topConceptOf",
    RDFS + "isDefinedBy",
    VOID + "inDataset",
    DCTERMS + "isPartOf",
    *(SCHEMA + name for name in ("isPartOf", "includedInDataCatalog")),
)
_TITLES = _nodes(DCTERMS + "title", DC + "title", SCHEMA + "name", RDFS + "label", SKOS + "prefLabel", FOAF + "name")
_DESCRIPTIONS = _nodes(
    *(DCTERMS + name for name in ("description", "abstract")),
    DC + "description",
    SCHEMA + "description",
    RDFS + "comment",
    *(SKOS + name for name in ("definition", "scopeNote")),
)
_LICENCES = _nodes(
    DCTERMS + "license", CC + "license", SCHEMA + "license", DCTERMS + "rights", DC + "rights", DCTERMS + "accessRights"
)
_PUBLISHERS = _nodes(DCTERMS + "publisher", DC + "publisher", SCHEMA + "publisher", DCTERMS + "rightsHolder")
_CREATORS = _nodes(DCTERMS + "creator", DC + "creator", SCHEMA + "creator", SCHEMA + "author", FOAF + "maker")
_VERSIONS = _nodes(
    OWL + "versionInfo", DCAT + "version", SCHEMA + "version", "http://purl.org/pav/version", DCTERMS + "hasVersion"
)
_DATES = _nodes(
    *(DCTERMS + name for name in ("modified", "issued", "date", "created")),
    *(SCHEMA + name for name in ("dateModified", "datePublished", "dateCreated")),
    DC + "date",
)
_HOMEPAGES = _nodes(FOAF + "homepage", DCAT + "landingPage", SCHEMA + "url", FOAF + "page")
_EXAMPLES = _nodes(VOID + "exampleResource")
_KEYWORDS = _nodes(DCAT + "keyword", SCHEMA + "keywords")


def read(store: ox.Store, *, base: str, title: str | None, otherwise: str, tell: Callable[[str], object]) -> Dataset:
    """What the data in the store say of themselves.

    base: IRI of the dataset. title: that the publisher gives, before all others. otherwise: the title where the data
    have none. tell: called with a sentence that says what was taken from where, or why nothing was.
    """
    reader = _Reader(store)
    candidates = reader.candidates()
    chosen = reader.choose(candidates, base)
    found = Dataset({}) if chosen is None else reader.dataset(chosen)
    taken = [name for name, value in vars(found).items() if value and not (title and name == "title")]
    if taken:
        tell(f"{', '.join(taken)} from {chosen}")
    elif candidates:
        names = ", ".join(map(str, candidates[:_MOST_VALUES])) + (" …" if len(candidates) > _MOST_VALUES else "")
        tell(f"the title is '{title or otherwise}', since none of these stands for all data: {names}")
    return replace(found, title={"en": title} if title else found.title or {"en": otherwise})


class _Reader:
    """Looks up in the store, in all graphs."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def candidates(self) -> list[Node]:
        """The resources of the classes, sorted; without those of a class that has too many."""
        found: set[Node] = set()
        for class_ in _CLASSES:
            quads = self._store.quads_for_pattern(None, _TYPE, class_)
            members = {quad.subject for quad in islice(quads, _MOST)}
            if len(members) < _MOST:
                found.update(node for node in members if not isinstance(node, ox.Triple))
        return sorted(found, key=str)

    def choose(self, candidates: Sequence[Node], base: str) -> Node | None:
        """The one that stands for all data.

        It is the dataset's own IRI, or the only one that is no part of another, or of these the one with more members
        than any other, or the only one with a title.
        """
        own = ox.NamedNode(base)
        if own in candidates:
            return own
        known = set(candidates)
        parts = set(chain.from_iterable(self._parts(node, known) for node in candidates))
        wholes = [node for node in candidates if node not in parts]
        if len(wholes) > 1 and len(wholes) <= _MOST_VALUES:
            sizes = {node: self._size(node) for node in wholes}
            most = max(sizes.values())
            largest = [node for node in wholes if sizes[node] == most]
            wholes = largest if len(largest) == 1 else wholes
        if len(wholes) > 1:
            wholes = [node for node in wholes if next(self._values(node, _TITLES), None) is not None]
        return wholes[0] if len(wholes) == 1 else None

    def _parts(self, node: Node, known: set[Node]) -> Iterator[Term]:
        """What of the known ones the node says to be a part of it; the node itself if it says to be a part of one."""
        for quad in self._store.quads_for_pattern(node, None, None):
            if quad.object in known and quad.object != node:
                if quad.predicate in _HAS_PART:
                    yield quad.object
                elif quad.predicate in _PART_OF:
                    yield node

    def _size(self, node: Node) -> int:
        """How many members it has, up to a limit."""
        find = self._store.quads_for_pattern
        found: set[Term] = set()
        for property_ in _PART_OF:
            found.update(quad.subject for quad in islice(find(None, property_, node), _MOST))
        for property_ in _HAS_PART:
            found.update(quad.object for quad in islice(find(node, property_, None), _MOST))
        return len(found - {node})

    def _values(self, node: Node, properties: Iterable[ox.NamedNode]) -> Iterator[Term]:
        """The values of the properties, in their order, those of one sorted, each once."""
        for property_ in properties:
            quads = islice(self._store.quads_for_pattern(node, property_, None), _MOST)
            yield from sorted({quad.object for quad in quads}, key=str)

    def dataset(self, node: Node) -> Dataset:
        """What the data say of one resource; the title is empty where it has none."""
        keywords: dict[str, list[str]] = {}
        for text in islice(filter(_is_text, self._values(node, _KEYWORDS)), _MOST_VALUES):
            keywords.setdefault(text.language or "", []).append(_cut(text.value, _TITLE))
        examples = islice(self._values(node, _EXAMPLES), _MOST_VALUES)
        return Dataset(
            title=self._texts(node, _TITLES, _TITLE),
            description=self._texts(node, _DESCRIPTIONS, _TEXT),
            license=self._first(node, _LICENCES, _link),
            rights=self._words(v for v in self._values(node, _LICENCES) if _link(v) is None),
            publisher=next(filter(None, (self._words(self._values(node, (p,))) for p in _PUBLISHERS)), {}),
            examples=[term.value for term in examples if isinstance(term, ox.NamedNode)],
            keywords=keywords,
            creators=self._creators(node),
            version=self._first(node, _VERSIONS, _literal),
            date=self._first(node, _DATES, _literal),
            homepage=self._first(node, _HOMEPAGES, _link),
        )

    def _first(self, node: Node, properties: Iterable[ox.NamedNode], read_: Callable[[Term], str | None]) -> str | None:
        """The first value that can be read, of the first property that has one."""
        return next(filter(None, map(read_, self._values(node, properties))), None)

    def _texts(self, node: Node, properties: Iterable[ox.NamedNode], longest: int) -> dict[str, str]:
        """Language → text, of the first property that has one in that language."""
        found: dict[str, str] = {}
        for text in filter(_is_text, self._values(node, properties)):
            if text.value.strip():
                found.setdefault(text.language or "", _cut(text.value, longest))
        return dict(sorted(found.items()))

    def _creators(self, node: Node) -> list[str]:
        """Their names, of each the one that is shown to readers of English."""
        names = (choose_text(self._words([value]), ()) for value in islice(self._values(node, _CREATORS), _MOST_VALUES))
        return [*dict.fromkeys(name.text for name in names if name)]

    def _words(self, values: Iterable[Term]) -> dict[str, str]:
        """Language → texts, and names of resources, those of several joined by commas."""
        values = [*islice(values, _MOST_VALUES)]
        texts: dict[str, str] = {}
        for value in filter(_is_text, values):
            text = _cut(value.value, _TEXT)
            before = texts.get(value.language or "")
            texts[value.language or ""] = f"{before}, {text}" if before else text
        each = [texts, *(self._names(value) for value in values if isinstance(value, ox.NamedNode | ox.BlankNode))]
        each = [*filter(None, each)]
        found: dict[str, str] = {}
        for language in sorted({language for names in each for language in names}):
            chosen = (choose_text(names, [language]) for names in each)
            found[language] = ", ".join(dict.fromkeys(name.text for name in chosen if name))
        return found

    def _names(self, node: ox.NamedNode | ox.BlankNode) -> dict[str, str]:
        """Language → name of a resource; without one, the end of its IRI if that is words, or else the host."""
        names = self._texts(node, NAMING, _TITLE)
        if names or isinstance(node, ox.BlankNode):
            return names
        address = _ADDRESS.fullmatch(node.value)
        return {"": words_of(node.value) or (address["host"] if address else local_name(node.value))}


def _is_text(term: Term) -> TypeGuard[ox.Literal]:
    return isinstance(term, ox.Literal) and term.datatype.value in _PLAIN


def _literal(term: Term) -> str | None:
    return _cut(term.value, _TITLE) or None if isinstance(term, ox.Literal) else None


def _link(term: Term) -> str | None:
    """The address that an IRI or a text is, if it is one of the Web."""
    text = term.value.strip() if isinstance(term, ox.NamedNode | ox.Literal) else ""
    return text if _ADDRESS.fullmatch(text) else None


def _cut(text: str, longest: int) -> str:
    """A text on one line, of a length that pages can repeat."""
    line = " ".join(text.split())
    return line if len(line) <= longest else shorten(line, longest, placeholder=" …") or line[:longest]
