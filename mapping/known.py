"""What registry and gazetteer say, to be looked up by what documents speak of."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Self

from core.ntriples import decode_iri, split

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Known:
    """Triples of registry and gazetteer, and those that follow from them.

    ids: the IRI that ids are relative to. types: id → class of the registry's entities. entities: ids of all of them.
    about: resource → the triples about it, as N-Triples, without those in graphs of articles.
    spellings: article → the triples that the registry has in its graph: spellings, and the passages that they rest on.
    """

    ids: str
    types: dict[str, str]
    entities: frozenset[str]
    about: dict[bytes, bytes] = field(default_factory=dict)
    spellings: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(
        cls, ids: str, types: dict[str, str], entities: frozenset[str], quads: Iterable[bytes], derived: Iterable[bytes]
    ) -> Known:
        """quads: what registry and gazetteer say, as lines of N-Quads. derived: what follows, as lines of N-Triples."""
        article = f"<{ids}article/".encode()
        general: set[bytes] = set(derived)
        spellings: dict[str, list[bytes]] = {}
        for line in quads:
            subject, predicate, value, graph = split(line)
            triple = b"%s %s %s .\n" % (subject, predicate, value)
            if graph is None:
                continue
            if graph.startswith(article):
                spellings.setdefault(decode_iri(graph).removeprefix(ids), []).append(triple)
            else:
                general.add(triple)
        spelt = {article: b"".join(sorted(lines)) for article, lines in spellings.items()}
        return cls(ids, types, entities, _by_subject(sorted(general)), spelt)

    def to_bytes(self) -> bytes:
        """The spellings as JSON in a line, and the triples."""
        spellings = {article: lines.decode() for article, lines in self.spellings.items()}
        return json.dumps(spellings).encode() + b"\n" + b"".join(self.about.values())

    @classmethod
    def from_bytes(cls, ids: str, types: dict[str, str], entities: frozenset[str], data: bytes) -> Self:
        """Reads what `to_bytes` wrote; ValueError or AttributeError if it is nothing of that kind."""
        spellings, _, triples = data.partition(b"\n")
        spelt = {article: lines.encode() for article, lines in json.loads(spellings).items()}
        return cls(ids, types, entities, _by_subject(triples.splitlines(keepends=True)), spelt)

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

    def digest(self, term: bytes) -> bytes:
        """The digest of what is known about a term."""
        found = self._digests.get(term)
        if found is None:
            name = term[len(self.ids) + 1 : -1].decode()
            said = (name in self.entities, self.types.get(name), self.about.get(term))
            found = self._digests[term] = hashlib.sha256(repr(said).encode()).digest()
        return found

    @cached_property
    def _digests(self) -> dict[bytes, bytes]:
        return {}

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


def _by_subject(lines: Iterable[bytes]) -> dict[bytes, bytes]:
    """Sorted lines of N-Triples by their subjects."""
    return {subject: b"".join(of) for subject, of in groupby(lines, key=lambda line: line.split(b" ", 1)[0])}
