"""Stars of triple patterns: which triples can take part in the solutions of a query (core/query_relevance.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    Row: TypeAlias = tuple[bytes, bytes, bytes]  # subject, predicate and object in the syntax of N-Triples

Terms: TypeAlias = frozenset[bytes] | None  # one of these, or any term


class Pattern(NamedTuple):
    """A triple pattern by the terms that match it."""

    subjects: Terms
    predicates: Terms
    objects: Terms

    def matches(self, row: Row) -> bool:
        """Whether the triple matches the pattern."""
        return all(terms is None or term in terms for terms, term in zip(self, row, strict=True))


Star: TypeAlias = tuple[Pattern, ...]  # a pattern, and the others that have to hold of the same subject


def concerns(stars: Iterable[Star], row: Row, about: Collection[Row]) -> bool:
    """Whether a triple can take part in a solution. about: all triples of its subject."""
    return any(
        pattern.matches(row) and all(any(map(other.matches, about)) for other in others) for pattern, *others in stars
    )
