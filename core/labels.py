"""Labels of resources: the properties that name, the one of several for a reader, and what an IRI offers instead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from core.namespaces import DC, DCTERMS, FOAF, RDFS, SCHEMA, SCHEMA_HTTP, SKOS, VCARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Properties that say what a resource is called, and those that say what else; the preferred one first.
NAMING = tuple(
    ox.NamedNode(iri)
    for iri in (
        RDFS + "label",
        SKOS + "prefLabel",
        SCHEMA + "name",
        SCHEMA_HTTP + "name",
        DCTERMS + "title",
        DC + "title",
        FOAF + "name",
        VCARD + "fn",
    )
)
# Given and family names, which together name a person whom nothing else does.
_GIVEN, _FAMILY = (
    frozenset(ox.NamedNode(iri) for iri in iris)
    for iris in (
        (FOAF + "givenName", FOAF + "firstName", SCHEMA + "givenName", SCHEMA_HTTP + "givenName", VCARD + "given-name"),
        (
            FOAF + "familyName",
            FOAF + "lastName",
            SCHEMA + "familyName",
            SCHEMA_HTTP + "familyName",
            VCARD + "family-name",
        ),
    )
)
_PARTS = _GIVEN | _FAMILY
NAME_PARTS = tuple(sorted(_PARTS, key=str))
ALTERNATIVE = tuple(
    ox.NamedNode(iri)
    for iri in (SKOS + "altLabel", SKOS + "hiddenLabel", SCHEMA + "alternateName", DCTERMS + "alternative")
)
_FALLBACK = "en"
_FAMILY_FIRST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # Japanese, Chinese and Korean, without a space
_WORDS = re.compile(r"[^\W\d_]{2,}(?:[ ._-][^\W\d_]+)*")


class Name(NamedTuple):
    """A text, its language tag and its base direction, `ltr` or `rtl`; the last two are empty where there is none."""

    text: str
    language: str = ""
    direction: str = ""

    @classmethod
    def of(cls, literal: ox.Literal) -> Name:
        return cls(literal.value, literal.language or "", str(literal.direction or ""))


def naming_triples(
    store: ox.Store,
    node: ox.NamedNode,
    graph: ox.NamedNode | ox.DefaultGraph,
    properties: Iterable[ox.NamedNode] = NAMING,
) -> list[ox.Triple]:
    """The triples of a graph that name a resource, in the order of the properties."""
    find = store.quads_for_pattern
    return [quad.triple for property_ in properties for quad in find(node, property_, None, graph)]


def by_language(store: ox.Store, iri: str) -> dict[str, str]:
    """Language → label of a resource in the default graph, the first of each; empty where it has none."""
    found: dict[str, str] = {}
    for name in sorted(named(naming_triples(store, ox.NamedNode(iri), ox.DefaultGraph()))):
        found.setdefault(name.language, name.text)
    return dict(sorted(found.items()))


def named(triples: Iterable[ox.Triple]) -> list[Name]:
    """The names in triples that are in the order of their properties, as `preferred` has them."""
    return preferred((t.predicate, Name.of(t.object)) for t in triples if isinstance(t.object, ox.Literal))


def preferred(names: Iterable[tuple[object, Name]]) -> list[Name]:
    """Of names with their properties, the preferred property first: in each language those by the first that has one.

    So a label stands for what has a longer title too, and the title where the label is in another language. A name
    without a character to see is none. Parts of names count where there is no whole one.
    """
    first: dict[str, object] = {}
    seen = [(by, name) for by, name in names if name.text.strip()]
    parts = [(by, name) for by, name in seen if by in _PARTS]
    if parts:
        seen = [(by, name) for by, name in seen if by not in _PARTS] or [(None, name) for name in _joined(parts)]
    return [name for by, name in seen if first.setdefault(primary_subtag(name.language), by) == by]


def _joined(parts: Iterable[tuple[object, Name]]) -> list[Name]:
    """The names of a person in each language, in the usual order of their script."""
    given: dict[str, str] = {}
    family: dict[str, str] = {}
    for by, name in sorted(parts, key=lambda part: part[1]):
        (given if by in _GIVEN else family).setdefault(name.language, name.text.strip())
    names = []
    for language in sorted({*given, *family}):
        own = [texts.get(language, texts.get("", "")) for texts in (given, family)]
        has_family_first = _FAMILY_FIRST.search(own[1])
        names.append(Name("".join(reversed(own)) if has_family_first else " ".join(filter(None, own)), language))
    return names


def choose(literals: Iterable[ox.Literal], languages: Sequence[str]) -> Name | None:
    """Of several texts the one for a reader of these languages, the preferred language first."""
    return choose_name(map(Name.of, literals), languages)


def choose_name(names: Iterable[Name], languages: Sequence[str]) -> Name | None:
    """In the first of the languages that there is, else English, else without a language, else the first by language.

    A language serves its regions, and a region its language: `de` is for readers of `de-AT`, and `de-AT` for those of
    `de`.
    """
    names = list(names)
    if len(names) <= 1:
        return names[0] if names else None
    ranks = _ranks(tuple(languages))

    def key(name: Name) -> tuple[int, str, str]:
        return ranks.get(primary_subtag(name.language), len(ranks)), name.language, name.text

    return min(names, key=key)


@lru_cache(256)
def _ranks(languages: tuple[str, ...]) -> dict[str, int]:
    """Primary subtag → its place among the languages of a reader, English last."""
    wanted = dict.fromkeys(map(primary_subtag, (*languages, _FALLBACK)))
    return {language: rank for rank, language in enumerate(wanted)}


def choose_text(texts: Mapping[str, str], languages: Sequence[str]) -> Name | None:
    """The text for a reader of these languages, from language → text; chosen as by `choose_name`."""
    return choose_name((Name(text, language) for language, text in texts.items()), languages)


def literals(texts: Mapping[str, str]) -> list[ox.Literal]:
    """Texts by their languages as literals; the language may be empty."""
    return [
        ox.Literal(text, language=language) if language else ox.Literal(text)
        for language, text in sorted(texts.items())
    ]


@lru_cache(1024)
def primary_subtag(language: str) -> str:
    """The language of a tag without script and region, in lower case (RFC 5646, 2.2.1)."""
    return language.partition("-")[0].lower()


def local_name(iri: str) -> str:
    """The end of an IRI: what follows its last `#` or `/`, or its last `:` where it has neither; never empty."""
    end = iri.rstrip("#/:")
    start = max(end.rfind("#"), end.rfind("/")) + 1 or end.rfind(":") + 1
    return end[start:] or iri


def words_of(iri: str) -> str | None:
    """The end of an IRI, if it is words, and no number or hash, so that a reader can take it for a name."""
    end = unquote(local_name(iri))
    return end if _WORDS.fullmatch(end) else None
