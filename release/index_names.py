"""What the index has of each subject: its names, its texts and their words, as columns.

A name is a literal of a property that says how a thing is called; a text, any other literal that is longer than a name.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.labels import ALTERNATIVE, NAME_PARTS, NAMING, Name, choose_name, local_name, preferred
from core.namespaces import RDF
from core.ntriples import decode_iri, encode_iri, is_iri, is_literal, split_literal, unescape
from release.folding import fold, sort_key
from release.index_tags import language_tag, length_tag, property_tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.blocks import TripleColumns

STATEMENT = encode_iri(RDF + "Statement")
TEXT = ""  # the tags of a text, which is no name
NUMBER = np.dtype("<u4")
# By the property as it stands in a line: whether it says how a thing is called, or only how else.
_NAMING = {encode_iri(node.value): True for node in NAMING} | {encode_iri(node.value): False for node in ALTERNATIVE}
_NODES = {encode_iri(node.value): node for node in (*NAMING, *ALTERNATIVE, *NAME_PARTS)}  # in their order
_ORDER = {property_: place for place, property_ in enumerate(_NODES)}
_MOST = 500  # names of one resource that are searched, and texts
_LENGTH = 1_000  # characters of a name that are kept
_SHORTEST = 48  # bytes of a text; what has fewer says no more than a name
_TEXT_LENGTH, _TEXT_WORDS = 2_000, 300  # of a text that are kept, and searched
_BEGINNING = re.compile(rb"(?:[^\\]|\\[^uU]|\\u.{4}|\\U.{8}){0,8000}", re.DOTALL)  # bytes that have as many characters


@dataclass
class Subject:
    """What the index has of one subject. names: properties and literals. texts: literals.

    columns: those of the subject alone, if all that is said of it is in one block.
    """

    term: bytes
    classes: list[bytes]
    names: list[tuple[bytes, bytes]]
    texts: list[bytes]
    columns: tuple[Any, ...] | None = None

    def join(self, other: Subject) -> None:
        """Add what other lines say of the subject."""
        self.columns = None
        self.classes += other.classes
        self.names = (self.names + other.names)[:_MOST]
        self.texts = (self.texts + other.texts)[:_MOST]


@dataclass
class SubjectColumns:
    """Rows of subjects, and of their names and texts, as columns.

    A subject is its ordinal, counted from the first of the block.
    folded: the words of each name, with spaces between them. tags: TEXT for a text.
    """

    subjects: array[int] = field(default_factory=lambda: array("I"))
    keys: list[str] = field(default_factory=list)
    iris: list[str] = field(default_factory=list)
    named: array[int] = field(default_factory=lambda: array("I"))
    texts: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def add(self, ordinal: int, subject: Subject, parts: frozenset[bytes]) -> None:
        """Add a subject; parts: the classes whose instances are found by other things."""
        said_by: defaultdict[Name, set[bytes]] = defaultdict(set)
        naming: list[tuple[bytes, Name]] = []
        is_part = not parts.isdisjoint(subject.classes)
        for predicate, literal in subject.names:
            is_naming = _NAMING.get(predicate, True)
            if is_naming or not is_part:
                name = _name(literal)
                if is_naming:
                    naming.append((predicate, name))
                if not is_part and predicate in _NAMING:
                    said_by[name].add(predicate)
        iri = decode_iri(subject.term)
        naming.sort(key=lambda pair: _ORDER[pair[0]])
        names = preferred((_NODES[predicate], name) for predicate, name in naming)
        shown = choose_name(names, ())
        if not is_part:
            said_by |= {name: set() for name in names if name not in said_by}  # put together, so no property says it
        self.subjects.append(ordinal)
        self.keys.append(sort_key(shown.text if shown else local_name(iri)))
        self.iris.append(iri)
        for name, properties_ in _distinct(said_by).items():
            self._add_name(ordinal, name, properties_)
        if STATEMENT not in subject.classes:
            for text in sorted({_name(literal, _TEXT_LENGTH) for literal in subject.texts}):
                self._add_row(ordinal, text, fold(text.text, _TEXT_WORDS), TEXT)

    def take(self, ordinal: int, of_one: tuple[Any, ...]) -> None:
        """Add a subject from the columns that have no other."""
        _, keys, iris, _, texts, languages, folded, tags, _ = of_one
        self.subjects.append(ordinal)
        self.named.extend([ordinal] * len(texts))
        own = (self.keys, self.iris, self.texts, self.languages, self.folded, self.tags)
        for column, more in zip(own, (keys, iris, texts, languages, folded, tags), strict=True):
            column.extend(more)

    def close(self, ordinal: int, subject: Subject, parts: frozenset[bytes]) -> None:
        """Add a subject that was open, if it has an IRI."""
        if is_iri(subject.term) and subject.columns:
            self.take(ordinal, subject.columns)
        elif is_iri(subject.term):
            self.add(ordinal, subject, parts)

    def _add_name(self, ordinal: int, name: Name, said_by: set[bytes]) -> None:
        words = fold(name.text)
        self._add_row(ordinal, name, words, f"{_tags(name.language, frozenset(said_by))} {length_tag(words)}")

    def _add_row(self, ordinal: int, name: Name, words: list[str], tags: str) -> None:
        self.named.append(ordinal)
        self.texts.append(name.text)
        self.languages.append(name.language)
        self.folded.append(" ".join(words))
        self.tags.append(tags)

    def extend(self, row: tuple[Any, ...], start: int) -> None:
        """Add the subjects of `to_row`, whose ordinals count from `start`."""
        subjects, keys, iris, named, texts, languages, folded, tags, _ = row
        for ordinals, more in ((self.subjects, subjects), (self.named, named)):
            ordinals.frombytes((np.frombuffer(more, NUMBER) + NUMBER.type(start)).tobytes())
        own = (self.keys, self.iris, self.texts, self.languages, self.folded, self.tags)
        for column, values in zip(own, (keys, iris, texts, languages, folded, tags), strict=True):
            column.extend(values)

    def to_row(self) -> tuple[Any, ...]:
        """The columns as values that marshal takes, and last the words of all names with their numbers."""
        of_names = (folded for folded, tags in zip(self.folded, self.tags, strict=True) if tags != TEXT)
        words = dict(Counter(" ".join(of_names).split()))
        columns = (self.keys, self.iris, self.named.tobytes(), self.texts, self.languages, self.folded, self.tags)
        return self.subjects.tobytes(), *columns, words


def names_of(triples: TripleColumns) -> list[list[tuple[bytes, bytes]]]:
    """Of each subject the properties and literals that name it, as many as are searched."""
    found: list[list[tuple[bytes, bytes]]] = [[] for _ in triples.subjects]
    rows = np.flatnonzero(triples.chosen(of in _NODES for of in triples.predicates))
    columns = (triples.subject[rows].tolist(), triples.predicate[rows].tolist(), triples.object[rows].tolist())
    for subject, predicate, value in zip(*columns, strict=True):
        if len(found[subject]) < _MOST and is_literal(triples.objects[value]):
            found[subject].append((triples.predicates[predicate], triples.objects[value]))
    return found


def texts_of(triples: TripleColumns) -> list[list[bytes]]:
    """Of each subject the literals that are texts and no names, as many as are searched."""
    is_text = np.array([*map(_is_text, triples.objects)], bool)[triples.object]
    found = triples.by_subject(is_text & triples.chosen(of not in _NODES for of in triples.predicates))
    return [[*map(_beginning, texts[:_MOST])] for texts in found]


def _is_text(term: bytes) -> bool:
    """Whether a term is a text of some length: in a language, or of several words."""
    if len(term) < _SHORTEST or not is_literal(term):
        return False
    text, suffix = split_literal(term)
    return len(text) >= _SHORTEST and (suffix.startswith(b"@") or (not suffix and b" " in text))


def _beginning(literal: bytes) -> bytes:
    """A literal without what is not kept of a long one."""
    text, suffix = split_literal(literal)
    beginning = _BEGINNING.match(text)
    if beginning is None or beginning.end() == len(text):
        return literal
    return b'"' + beginning[0].decode(errors="ignore").encode() + b'"' + suffix


def _name(literal: bytes, length: int = _LENGTH) -> Name:
    """The text of a literal, as much of it as is kept, and its language."""
    text, suffix = split_literal(literal)
    return Name(unescape(text.decode())[:length], _language(suffix))


@lru_cache(1024)
def _language(suffix: bytes) -> str:
    """The language tag in what follows the text of a literal, without the direction; empty if there is none."""
    return suffix[1:].partition(b"--")[0].decode() if suffix.startswith(b"@") else ""


def _distinct(names: Mapping[Name, set[bytes]]) -> Mapping[Name, set[bytes]]:
    """Each text once in each language, and without one only where it has none, with the properties that say it."""
    if len(names) == 1:
        return names
    tagged = {name.text for name in names if name.language}
    kept = sorted(name for name in names if name.language or name.text not in tagged)
    return {name: names[name] | names.get(Name(name.text), set()) for name in kept}


@lru_cache(1024)
def _tags(language: str, said_by: frozenset[bytes]) -> str:
    """The properties of a name, its language, and the languages that this is a variety of (RFC 4647, 3.3.1)."""
    subtags = language.split("-")
    languages = {language_tag("-".join(subtags[: place + 1])) for place in range(len(subtags))}
    return " ".join(sorted({*(property_tag(decode_iri(of)) for of in said_by), *languages}))
