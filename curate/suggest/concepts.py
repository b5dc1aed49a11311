"""Finds the concepts of the ontology's lists that phrases of a text name."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from curate.suggest.lexicon import Lexicon
    from mapping.ontology import Ontology

_LABELS = tuple(SKOS + name for name in ("prefLabel", "altLabel", "hiddenLabel"))
_COMPOUND = 4  # letters from which a word may be the end of a German compound
_BRACKET = re.compile(r"\s*\(([^)]*)\)\s*")


@dataclass(frozen=True)
class Phrase:
    """A concept, by local name. end: index after the last word of the phrase that names it."""

    concept: str
    end: int


class ConceptWords:
    """The words of one language for the concepts of one scheme: labels, and further words from the lexicon."""

    def __init__(
        self, labels: dict[str, list[str]], lexicon: Lexicon, more: dict[str, list[str]] | None = None
    ) -> None:
        self._lexicon = lexicon
        self._phrases: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        further = {name: words for name, words in (more or {}).items() if name in labels}
        for table in (labels, further):
            for concept, texts in table.items():
                for text in texts:
                    self._add(concept, text)
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))

    def first(self, words: Sequence[str]) -> Phrase | None:
        """The first phrase in the words; the longest of those that end together, or one that follows directly (its
        head).
        """
        stems = [self._lexicon.stem(word) for word in words]
        found: Phrase | None = None
        for last in range(len(stems)):
            here = self._ending_at(stems, last)
            if here is None and found is not None:
                break
            found = here or found
        return found

    def _ending_at(self, stems: list[str], last: int) -> Phrase | None:
        for phrase, concept in self._ending(stems[last]):
            if len(phrase) == 1 or tuple(stems[max(0, last + 1 - len(phrase)) : last + 1]) == phrase:
                return Phrase(concept, last + 1)
        return None

    def _add(self, concept: str, text: str) -> None:
        """Add a label, also without the part in brackets, and that part alone."""
        inner = _BRACKET.search(text)
        variants = {_BRACKET.sub(" ", text), text}
        if inner and text.endswith(")"):
            variants.add(inner[1])
        for variant in variants:
            stems = self._lexicon.stems(variant)
            if stems and (stems, concept) not in self._phrases[stems[-1]]:
                self._phrases[stems[-1]].append((stems, concept))

    def _ending(self, stem: str) -> list[tuple[tuple[str, ...], str]]:
        found = self._phrases.get(stem)
        if found is None and self._lexicon.language == "de" and len(stem) > _COMPOUND:
            tails = (stem[start:] for start in range(1, len(stem) - _COMPOUND + 1))
            found = next((self._phrases[tail] for tail in tails if tail in self._phrases), None)
        return found or []


def labels(ontology: Ontology, scheme: str, vocabulary: str, language: str) -> dict[str, list[str]]:
    """Local name → labels in the language, of each concept of a scheme, sorted by name.

    scheme: local name. vocabulary: namespace of the local names. A concept without labels in the language has an empty
    list.
    """
    members = [
        quad.subject.value
        for quad in ontology.terms
        if quad.predicate.value == SKOS + "inScheme" and quad.object == ox.NamedNode(vocabulary + scheme)
        if isinstance(quad.subject, ox.NamedNode)
    ]
    found: dict[str, list[str]] = {iri.removeprefix(vocabulary): [] for iri in sorted(members)}
    for quad in ontology.terms:
        name = quad.subject.value.removeprefix(vocabulary) if isinstance(quad.subject, ox.NamedNode) else ""
        label = quad.object
        if name in found and quad.predicate.value in _LABELS and isinstance(label, ox.Literal):
            found[name] += [label.value] if label.language == language else []
    return found


def nearest(candidates: dict[str, list[str]], words: Iterable[str], lexicon: Lexicon) -> tuple[str | None, float]:
    """The concept with the label of which the largest share of words occurs, and that share; the first of equals."""
    around = {lexicon.stem(word) for word in words}
    best, share = None, 0.0
    for concept, texts in candidates.items():
        for text in texts:
            stems = [stem for stem in lexicon.stems(text) if stem not in _little(lexicon)]
            here = sum(stem in around for stem in stems) / len(stems) if stems else 0.0
            if here > share:
                best, share = concept, here
    return best, share


@cache
def _little(lexicon: Lexicon) -> frozenset[str]:
    return frozenset(lexicon.stem(word) for word in lexicon.table("numbers", "phrase_end"))
