"""Derives triples by the rules of `mapping/rules/`, each one SPARQL CONSTRUCT query."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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
Later: TypeAlias = "Sequence[frozenset[bytes] | None]"
_KEPT = 4096  # results of a function, which recur
FUNCTIONS = "https://w3id.org/parkgraph/function#"
_FALLBACKS = ("en", "de")  # whose names stand for those that a language lacks, before all others


class Derived(NamedTuple):
    """What a rule gives, as lines of N-Triples. used: those that a later rule may match. known: given, but not new."""

    triples: set[bytes]
    used: set[bytes]
    known: set[bytes]


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
        return set().union(*(derived.triples for derived in self.derive_by_rule(triples)))

    def derive_by_rule(self, triples: bytes, later: Later | None = None) -> list[Derived]:
        """What follows, by the rule that gives it first. later: for each rule, what those after it match, or None.

        Memory grows with their number. InputError names the rule that cannot be evaluated.
        """
        store = ox.Store()
        store.bulk_load(triples, ox.RdfFormat.N_TRIPLES, lenient=True)  # they were checked where they come from
        known = set(_dump(store).splitlines(keepends=True))  # with literals in the form that queries give
        derived = []
        for (path, query), matched in zip(self._corrected, later or [None] * len(self.queries), strict=True):
            try:
                result = execute(store, query, custom_functions=_FUNCTIONS)
            except QuerySyntaxError as error:
                raise InputError(f"{path}:{error.line}:{error.column}: {error.reason}") from error
            except RuntimeError as error:
                raise InputError(f"{path}: the rule cannot be evaluated: {error}") from error
            if not isinstance(result, ox.QueryTriples):
                del result  # an error keeps the frames that it passed, which another thread may drop
                raise InputError(f"{path}: a rule is a CONSTRUCT query")
            lines = result.serialize(format=ox.RdfFormat.N_TRIPLES) or b""
            del result  # the parser of dates keeps the frames that called it, which another thread may drop
            found = set(lines.splitlines(keepends=True))
            new = found - known
            known |= new
            used = new if matched is None else {line for line in new if line.split(b" ", 2)[1] in matched}
            derived.append(Derived(new, used, found - new))
            store.bulk_load(b"".join(used), ox.RdfFormat.N_TRIPLES, lenient=True)
        return derived

    @cached_property
    def _corrected(self) -> list[tuple[Path, CorrectedQuery]]:
        return [(path, correct(query)) for path, query in self.queries]


def _dump(store: ox.Store) -> bytes:
    return store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""


@dataclass(frozen=True)
class Article:
    """What rules see of an article beside the ontology, as N-Triples.

    own: what its documents say, and the registry in its graph. terms: the resources that it speaks of, and what these
    lead to in what is looked up (mapping/known.py). background: what is known there about each of them.
    """

    own: bytes
    terms: set[bytes]
    background: dict[bytes, bytes]

    @cached_property
    def _stated(self) -> list[list[bytes]]:
        """Subject, predicate and the rest of each triple of its own."""
        return [line.split(b" ", 2) for line in self.own.splitlines(keepends=True)]

    @cached_property
    def subjects(self) -> set[bytes]:
        """The subjects of its own triples."""
        return {subject for subject, _, _ in self._stated}

    @cached_property
    def predicates(self) -> set[bytes]:
        """The predicates of its own triples."""
        return {predicate for _, predicate, _ in self._stated}

    def describes(self, predicates: frozenset[bytes] | None) -> set[bytes]:
        """What it says something about with one of these predicates, or any, that others do not know anyway.

        What nothing is known about outside of the article counts without a look at the predicates.
        """
        added = (line.split(b" ", 2) for line in self.added)
        return (self.subjects - self.background.keys()) | {
            subject for subject, predicate, _ in added if predicates is None or predicate in predicates
        }

    @cached_property
    def added(self) -> set[bytes]:
        """Those of its own triples that its background lacks, though it has others of the subject."""
        subjects = self.subjects & self.background.keys()
        if not subjects:
            return set()
        own = {b" ".join(stated) for stated in self._stated if stated[0] in subjects}
        return own.difference(*(self.background[subject].splitlines(keepends=True) for subject in subjects))


@dataclass(frozen=True)
class Vocabulary:
    """The triples of the ontology, as N-Triples, and what tells them from those of articles.

    predicates: that only it uses, as far as the rules know; None if the rules cannot be evaluated for several articles
    at once. joined: those that rules match together with others; followed: those that they match about what they are
    led to; later: for each rule, those that rules after it match; None for any (mapping/rule_scope.py).
    """

    triples: bytes
    predicates: frozenset[bytes] | None = None
    joined: frozenset[bytes] | None = None
    followed: frozenset[bytes] | None = None
    later: tuple[frozenset[bytes] | None, ...] = ()

    @cached_property
    def terms(self) -> frozenset[bytes]:
        """The subjects of its triples."""
        return frozenset(line.split(b" ", 1)[0] for line in self.triples.splitlines())


def derive_each(rules: Rules, vocabulary: Vocabulary, articles: Sequence[Article]) -> set[bytes]:
    """The triples that follow for each article, as lines of N-Triples: those that it would give if it was alone.

    Articles are evaluated at once where the rules allow it, and none says anything about what another speaks of.
    """
    together = vocabulary.predicates is not None
    derived: set[bytes] = set()
    for group in _groups(vocabulary, articles) if together else [[article] for article in articles]:
        found = _derive(rules, vocabulary, group)
        if len(group) > 1 and not _are_apart(vocabulary, group, found):
            found = [lines for article in group for lines in _derive(rules, vocabulary, [article])]
        derived.update(*(lines.triples for lines in found))
    return derived


def _derive(rules: Rules, vocabulary: Vocabulary, group: Sequence[Article]) -> list[Derived]:
    background = {lines for article in group for lines in article.background.values()}
    triples = b"".join((vocabulary.triples, *background, *(article.own for article in group)))
    return rules.derive_by_rule(triples, vocabulary.later)


class _Group(list[Article]):
    """Articles of which none says anything that a rule would match with what another says."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._terms, self._described, self._followed = set[bytes](), set[bytes](), set[bytes]()

    def takes(self, article: Article) -> bool:
        """Add an article if that says no such thing; whether it does not."""
        described, followed = map(article.describes, (self._vocabulary.joined, self._vocabulary.followed))
        if not (
            self._followed.isdisjoint(article.terms)
            and self._terms.isdisjoint(followed)
            and self._described.isdisjoint(described)
        ):
            return False
        self.append(article)
        self._terms |= article.terms
        self._described |= described
        self._followed |= followed
        return True


def _groups(vocabulary: Vocabulary, articles: Iterable[Article]) -> list[_Group]:
    groups: list[_Group] = []
    for article in articles:
        if not any(group.takes(article) for group in groups):
            groups.append(_Group(vocabulary))
            groups[-1].takes(article)
    return groups


def _are_apart(vocabulary: Vocabulary, group: Sequence[Article], derived: Sequence[Derived]) -> bool:
    """Whether nothing that is derived, and that a later rule matches with others, is about what two articles speak of.

    And nothing that is derived and used is about the vocabulary, or about a predicate, nothing that is said either, and
    nothing that one article adds to what is known about a resource may follow for another.
    """
    added = {_without_number(line) for article in group for line in article.added}
    if added and any(_without_number(line) in added for lines in derived for line in lines.known):
        return False
    starts = [line.split(b" ", 2) for lines in derived for line in lines.used]
    joined = vocabulary.joined
    shared = {subject for subject, predicate, _ in starts if joined is None or predicate in joined}
    seen = set[bytes]()
    for article in group:
        if not shared.isdisjoint(seen & article.terms):
            return False
        seen |= article.terms
    subjects, predicates = ({start[number] for start in starts} for number in range(2))
    subjects.update(*(article.subjects for article in group))
    predicates.update(*(article.predicates for article in group))
    of_vocabulary = vocabulary.predicates or frozenset[bytes]()
    return all(map(subjects.isdisjoint, (vocabulary.terms, predicates))) and predicates.isdisjoint(of_vocabulary)


def _without_number(line: bytes) -> bytes:
    """A triple without a literal that has a datatype, of which queries give another form than was stated."""
    return b" ".join(line.split(b" ", 2)[:2]) if b'"^^<' in line else line


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


def _ranked(name: object = None, language: object = None, *_: object) -> ox.Literal | None:
    """The text of a name behind its rank for readers of a language: the first of several names has the least one."""
    if not isinstance(name, ox.Literal) or not isinstance(language, ox.Literal):
        return None
    return _rank(name.value, name.language or "", language.value)


@lru_cache(_KEPT)
def _rank(text: str, tag: str, language: str) -> ox.Literal:
    ranks = {name: number for number, name in enumerate(dict.fromkeys((language, *_FALLBACKS)))}
    return ox.Literal(f"{ranks.get(tag, len(ranks))}{tag} {text}")


_FUNCTIONS: dict[ox.NamedNode, Function] = {
    ox.NamedNode(FUNCTIONS + "earliest"): _day(dates.earliest),
    ox.NamedNode(FUNCTIONS + "latest"): _day(dates.latest),
    ox.NamedNode(FUNCTIONS + "dateInWords"): _in_words(date_in_words),
    ox.NamedNode(FUNCTIONS + "numberInWords"): _in_words(number_in_words),
    ox.NamedNode(FUNCTIONS + "ranked"): _ranked,
}
