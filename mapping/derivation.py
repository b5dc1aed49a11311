"""Derives triples by the rules of `mapping/rules/`, each one SPARQL CONSTRUCT query."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.corrections import correct
from core.errors import InputError, QuerySyntaxError
from core.evaluation import execute
from core.files import read_text
from core.namespaces import XSD
from core.wording import date_in_words, number_in_words
from mapping import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from core.corrections import CorrectedQuery

Function: TypeAlias = "Callable[..., ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]"
_KEPT = 4096  # results of a function, which recur
FUNCTIONS = "https://w3id.org/parkgraph/function#"


@dataclass(frozen=True)
class Rules:
    """The rules of a folder in the order of their file names; each applies to what those before it have derived too."""

    queries: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Rules:
        """Read the rules; InputError names one that is no CONSTRUCT query."""
        rules = cls(tuple((path, read_text(path)) for path in sorted(folder.glob("*.rq"))))
        rules.derive(b"")
        return rules

    def derive(self, triples: bytes) -> set[bytes]:
        """The triples that follow from these and are not among them, both as lines of N-Triples."""
        return set().union(*self.derive_by_rule(triples))

    def derive_by_rule(self, triples: bytes) -> list[set[bytes]]:
        """What follows, by the rule that gives it first.
        Memory grows with their number. InputError names the rule that cannot be evaluated.
        """
        store = ox.Store()
        store.bulk_load(triples, ox.RdfFormat.N_TRIPLES)
        known = set(_dump(store).splitlines(keepends=True))  # with literals in the form that queries give
        derived = []
        for path, query in self._corrected:
            try:
                result = execute(store, query, custom_functions=_FUNCTIONS)
            except QuerySyntaxError as error:
                raise InputError(f"{path}:{error.line}:{error.column}: {error.reason}") from error
            except RuntimeError as error:
                raise InputError(f"{path}: the rule cannot be evaluated: {error}") from error
            if not isinstance(result, ox.QueryTriples):
                raise InputError(f"{path}: a rule is a CONSTRUCT query")
            lines = result.serialize(format=ox.RdfFormat.N_TRIPLES) or b""
            del result  # the parser of dates keeps the frames that called it, which another thread may drop
            new = set(lines.splitlines(keepends=True)) - known
            known |= new
            derived.append(new)
            store.bulk_load(b"".join(new), ox.RdfFormat.N_TRIPLES)
        return derived

    @cached_property
    def _corrected(self) -> list[tuple[Path, CorrectedQuery]]:
        return [(path, correct(query)) for path, query in self.queries]


def _dump(store: ox.Store) -> bytes:
    return store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""


@dataclass(frozen=True)
class Article:
    """What rules see of an article beside the ontology, as N-Triples.

    own: what its documents say, and the registry in its graph. subjects: of all that. terms: the resources that it
    speaks of, and what these lead to in registry and gazetteer. background: what these two say about all of that.
    """

    own: bytes
    subjects: set[bytes]
    terms: set[bytes]
    background: list[bytes]


@dataclass(frozen=True)
class Vocabulary:
    """The triples of the ontology, as N-Triples, and what tells them from those of articles.

    predicates: that only it uses, as far as the rules know; None if the rules cannot be evaluated for several articles
    at once. later: for each rule, those that rules after it match; None for any (mapping/rule_scope.py).
    """

    triples: bytes
    predicates: frozenset[bytes] | None = None
    later: tuple[frozenset[bytes] | None, ...] = ()

    @cached_property
    def terms(self) -> frozenset[bytes]:
        """The subjects of its triples."""
        return frozenset(line.split(b" ", 1)[0] for line in self.triples.splitlines())


def derive_each(rules: Rules, vocabulary: Vocabulary, articles: Sequence[Article]) -> set[bytes]:
    """The triples that follow for each article, as lines of N-Triples: those that it would give if it was alone.

    Articles are evaluated at once where the rules allow it, and none says anything about what another speaks of.
    """
    groups = [[article] for article in articles] if vocabulary.predicates is None else _groups(articles)
    derived: set[bytes] = set()
    for group in groups:
        found = _derive(rules, vocabulary.triples, group)
        if len(group) > 1 and not _are_apart(vocabulary, group, found):
            found = [lines for article in group for lines in _derive(rules, vocabulary.triples, [article])]
        derived.update(*found)
    return derived


def _derive(rules: Rules, ontology: bytes, group: Sequence[Article]) -> list[set[bytes]]:
    background = {lines for article in group for lines in article.background}
    return rules.derive_by_rule(b"".join((ontology, *background, *(article.own for article in group))))


class _Group(list[Article]):
    """Articles of which none says anything about what another speaks of."""

    def __init__(self) -> None:
        super().__init__()
        self._subjects: set[bytes] = set()
        self._terms: set[bytes] = set()

    def admits(self, article: Article) -> bool:
        return self._subjects.isdisjoint(article.terms) and self._terms.isdisjoint(article.subjects)

    def append(self, article: Article) -> None:
        super().append(article)
        self._subjects |= article.subjects
        self._terms |= article.terms


def _groups(articles: Iterable[Article]) -> list[_Group]:
    groups: list[_Group] = []
    for article in articles:
        group = next((group for group in groups if group.admits(article)), None)
        if group is None:
            group = _Group()
            groups.append(group)
        group.append(article)
    return groups


def _are_apart(vocabulary: Vocabulary, group: Sequence[Article], derived: Sequence[set[bytes]]) -> bool:
    """Whether nothing that is derived, and matched by a later rule, is about what two of the articles speak of.

    And nothing that is said or derived about the vocabulary.
    """
    speak = Counter(term for article in group for term in article.terms)
    said = [line.split(b" ", 2) for article in group for line in article.own.splitlines()]
    for lines, later in zip(derived, vocabulary.later, strict=True):
        starts = [line.split(b" ", 2) for line in lines]
        if any(speak[start[0]] > 1 for start in starts if later is None or start[1] in later):
            return False
        said += starts
    return vocabulary.terms.isdisjoint(start[0] for start in said) and (
        (vocabulary.predicates or frozenset()).isdisjoint(start[1] for start in said)
    )


def _day(bound: Callable[[str], str | None]) -> Function:
    @lru_cache(_KEPT)
    def literal(date: str) -> ox.Literal | None:
        day = bound(date) if dates.problem(date) is None else None
        return ox.Literal(day, datatype=ox.NamedNode(XSD + "date")) if day else None

    def function(date: object = None, *_: object) -> ox.Literal | None:
        return literal(date.value) if isinstance(date, ox.Literal) else None

    return function


def _in_words(write: Callable[[str, str], str]) -> Function:
    written = lru_cache(_KEPT)(write)

    def function(value: object = None, language: object = None, *_: object) -> ox.Literal | None:
        if not isinstance(value, ox.Literal) or not isinstance(language, ox.Literal):
            return None
        return ox.Literal(written(value.value, language.value))

    return function


_FUNCTIONS: dict[ox.NamedNode, Function] = {
    ox.NamedNode(FUNCTIONS + "earliest"): _day(dates.earliest),
    ox.NamedNode(FUNCTIONS + "latest"): _day(dates.latest),
    ox.NamedNode(FUNCTIONS + "dateInWords"): _in_words(date_in_words),
    ox.NamedNode(FUNCTIONS + "numberInWords"): _in_words(number_in_words),
}
