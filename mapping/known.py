"""What registry and gazetteer say, to be looked up by what documents speak of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Known:
    """Triples of registry and gazetteer, and those that follow from them.

    ids: the IRI that ids are relative to. types: id → class of the registry's entities. entities: ids of all of them.
    about: resource → the triples about it, as N-Triples. spellings: article → the triples
    that the registry has in the graph of the article: spellings, and the passages that they rest on.
    """

    ids: str
    types: dict[str, str]
    entities: frozenset[str]
    about: dict[bytes, bytes] = field(default_factory=dict)
    spellings: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(
        cls, ids: str, types: dict[str, str], entities: frozenset[str], triples: Iterable[bytes], quads: Iterable[bytes]
    ) -> Known:
        """triples: all that is known, as lines of N-Triples. quads: what is said, as lines of N-Quads."""
        about = {
            subject: b"".join(lines)
            for subject, lines in groupby(sorted(triples), key=lambda line: line.split(b" ", 1)[0])
        }
        of_article = re.compile(rb"([^ ]+ [^ ]+ .+) <%s(article/[^<>]+)> \.\n" % re.escape(ids.encode()))
        spellings: dict[str, list[bytes]] = {}
        for match in filter(None, map(of_article.fullmatch, quads)):
            spellings.setdefault(match[2].decode(), []).append(b"%s .\n" % match[1])
        return cls(ids, types, entities, about, {article: b"".join(lines) for article, lines in spellings.items()})

    def terms(self, triples: bytes) -> set[bytes]:
        """The resources of the dataset that triples speak of, as they stand in N-Triples."""
        return set(self._resource.findall(triples))

    def linked(self, terms: set[bytes]) -> set[bytes]:
        """The terms, and what they lead to over what is known about them."""
        found, new = set(terms), terms
        while new:
            new = {other for term in new for other in self._links(term)} - found
            found |= new
        return found

    def triples(self, terms: set[bytes]) -> list[bytes]:
        """The triples about these terms, a string of N-Triples for each term."""
        return [self.about[term] for term in terms if term in self.about]

    @cached_property
    def _resource(self) -> re.Pattern[bytes]:
        return re.compile(rb"<" + re.escape(self.ids.encode()) + rb"[^<>]*>")

    @cached_property
    def _links_of(self) -> dict[bytes, frozenset[bytes]]:
        return {}

    def _links(self, term: bytes) -> frozenset[bytes]:
        links = self._links_of.get(term)
        if links is None:
            links = self._links_of[term] = frozenset(self.terms(self.about.get(term, b"")))
        return links
