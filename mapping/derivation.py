"""Derives triples by the rules of `mapping/rules/`, each one SPARQL CONSTRUCT query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.errors import InputError, QuerySyntaxError
from core.evaluation import execute
from core.files import read_text
from core.namespaces import XSD
from core.wording import date_in_words, number_in_words
from mapping import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Function: TypeAlias = "Callable[..., ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]"
FUNCTIONS = "https://w3id.org/parkgraph/function#"


@dataclass(frozen=True)
class Rules:
    """The rules of a folder in the order of their file names; each applies to what those before it have derived too."""

    queries: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Rules:
        return cls(tuple((path, read_text(path)) for path in sorted(folder.glob("*.rq"))))

    def derive(self, known: Iterable[ox.Quad], asserted: Iterable[ox.Quad]) -> list[ox.Triple]:
        """The triples that follow from both and are in neither; graphs are ignored.

        known: quads of ontology and registry. asserted: quads of articles; memory grows with their number, so callers
        pass them in batches. InputError names the rule that is not SPARQL.
        """
        store = ox.Store()
        store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in known)
        store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in asserted)
        derived: list[ox.Triple] = []
        for path, query in self.queries:
            try:
                result = execute(store, query, custom_functions=_FUNCTIONS)
            except QuerySyntaxError as error:
                raise InputError(f"{path}:{error.line}:{error.column}: {error.reason}") from error
            if not isinstance(result, ox.QueryTriples):
                raise InputError(f"{path}: a rule is a CONSTRUCT query")
            triples = [*result]
            del result  # the parser of dates keeps the frames that called it, which another thread may drop
            new = {t: None for t in triples if ox.Quad(t.subject, t.predicate, t.object) not in store}
            store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in new)
            derived += new
        return derived


def _day(bound: Callable[[str], str | None]) -> Function:
    def function(date: object = None, *_: object) -> ox.Literal | None:
        if not isinstance(date, ox.Literal) or dates.problem(date.value) is not None:
            return None
        day = bound(date.value)
        return ox.Literal(day, datatype=ox.NamedNode(XSD + "date")) if day else None

    return function


def _in_words(write: Callable[[str, str], str]) -> Function:
    def function(value: object = None, language: object = None, *_: object) -> ox.Literal | None:
        if not isinstance(value, ox.Literal) or not isinstance(language, ox.Literal):
            return None
        return ox.Literal(write(value.value, language.value))

    return function


_FUNCTIONS: dict[ox.NamedNode, Function] = {
    ox.NamedNode(FUNCTIONS + "earliest"): _day(dates.earliest),
    ox.NamedNode(FUNCTIONS + "latest"): _day(dates.latest),
    ox.NamedNode(FUNCTIONS + "dateInWords"): _in_words(date_in_words),
    ox.NamedNode(FUNCTIONS + "numberInWords"): _in_words(number_in_words),
}
