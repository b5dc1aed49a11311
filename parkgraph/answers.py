"""Answers to queries: rows of RDF terms of rdflib, which become frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from parkgraph.frames import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import polars as pl
    import pyoxigraph as ox
    import rdflib

    Row: TypeAlias = "tuple[rdflib.term.Node | None, ...]"

Library: TypeAlias = Literal["pandas", "polars"]


class Answer(Sequence["Row"]):
    """The rows of a SELECT, in order: tuples of terms of rdflib, None where a variable has no value.

    columns: the names of the variables.
    """

    def __init__(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        self.columns, self._rows = tuple(columns), rows

    @classmethod
    def of(cls, solutions: ox.QuerySolutions) -> Answer:
        """The rows of an answer of the engine, which are read whole."""
        columns = [variable.value for variable in solutions.variables]
        to_rdflib = Terms()
        return cls(columns, [tuple(None if term is None else to_rdflib(term) for term in row) for row in solutions])

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return f"<Answer of {len(self)} rows: {', '.join(self.columns)}>"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Each row as variable → value in Python: numbers, dates and truth values as such, IRIs and texts as str."""
        return [dict(zip(self.columns, map(_value, row), strict=True)) for row in self._rows]

    def frame(self, library: Library = "pandas") -> Any:
        """The rows as a data frame of the library."""
        rows = self.to_dicts()
        return frame({name: [row[name] for row in rows] for name in self.columns}, library)

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a data frame of pandas."""
        return cast("pd.DataFrame", self.frame("pandas"))

    def to_polars(self) -> pl.DataFrame:
        """The rows as a data frame of Polars."""
        return cast("pl.DataFrame", self.frame("polars"))


class Terms:
    """Turns terms of the engine into those of rdflib; literals keep the form in which they are written.

    ValueError for a triple as a term, which rdflib does not have.
    """

    def __init__(self) -> None:
        self._known: dict[ox.NamedNode, rdflib.URIRef] = {}

    def __call__(self, term: Any) -> Any:
        import pyoxigraph as ox
        import rdflib

        if isinstance(term, ox.NamedNode):
            known = self._known.get(term)
            if known is None:
                known = self._known[term] = rdflib.URIRef(term.value)
            return known
        if isinstance(term, ox.BlankNode):
            return rdflib.BNode(term.value)
        if isinstance(term, ox.Literal):
            if term.language:
                return rdflib.Literal(term.value, lang=term.language)
            if term.datatype.value == _STRING:
                return rdflib.Literal(term.value)
            return rdflib.Literal(term.value, datatype=self(term.datatype), normalize=False)
        raise ValueError("rdflib has no triples as terms (RDF 1.2)")


_STRING = "http://www.w3.org/2001/XMLSchema#string"


def _value(term: rdflib.term.Node | None) -> Any:
    """A term as a value of Python; a literal that is ill-formed, or of a type that Python does not have, as text."""
    import rdflib

    if not isinstance(term, rdflib.Literal):
        return None if term is None else str(term)
    value = term.value
    return str(term) if value is None or type(value).__module__.partition(".")[0] in {"rdflib", "isodate"} else value
