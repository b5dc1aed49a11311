"""Labels in the lines of a release: the properties that name things, and the texts of their literals."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from core.namespaces import DCTERMS, FOAF, RDFS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMING = {RDFS + "label", SKOS + "prefLabel", SCHEMA + "name", DCTERMS + "title", FOAF + "name"}
_SPELLING = {SKOS + "altLabel", SKOS + "hiddenLabel", SCHEMA + "alternateName", DCTERMS + "alternative"}
# By the property as it stands in a line: whether it says how a thing is called, or only how else.
NAMING = {f"<{iri}>".encode(): iri in _NAMING for iri in sorted(_NAMING | _SPELLING)}
_LITERAL = re.compile(rb'"(.*)"(?:@([A-Za-z0-9-]+)|\^\^<[^>]*>)?', re.DOTALL)
_FALLBACK = "en"
_LENGTH = 1_000  # characters of a name that are kept


def literal(names: bool, term: bytes) -> Iterator[tuple[bool, str, str]]:  # noqa: FBT001 - one column of a row
    """(names, text, language or empty) of a literal of canonical N-Triples; nothing for other terms.

    names: whether the literal's property says the name, rather than an alternative one.
    """
    match = _LITERAL.fullmatch(term)
    if match is not None:
        with suppress(ValueError):  # an escape that is none: the engine writes none such
            text = json.loads(b'"%s"' % match[1], strict=False) if b"\\" in match[1] else match[1].decode()
            yield names, text[:_LENGTH], (match[2] or b"").decode()


def distinct(names: Iterable[tuple[bool, str, str]]) -> list[tuple[str, str]]:
    """(text, language) of each name once; a text without language is left out if it also has one."""
    pairs = {(text, language) for _, text, language in names}
    tagged = {text for text, language in pairs if language}
    return sorted(pair for pair in pairs if pair[1] or pair[0] not in tagged)


def shown(names: Iterable[tuple[bool, str, str]]) -> str | None:
    """The name for a reader without a language: English, else without language, else the first; None without names."""
    proper = [(language.split("-")[0] != _FALLBACK, language, text) for own, text, language in names if own]
    return min(proper)[2] if proper else None


def local(iri: str) -> str:
    """The local name of an IRI: what follows the last `#` or `/`."""
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
