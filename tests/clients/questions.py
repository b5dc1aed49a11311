"""The questions with their answers, for a dataset with any base IRI."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

FOLDER = Path(__file__).parents[1] / "questions"
NAMES = sorted(path.stem for path in FOLDER.glob("*.rq"))
_BASE = "http://localhost:8000/"

Rows: TypeAlias = "Counter[tuple[str, ...]]"


def text(name: str) -> str:
    return (FOLDER / f"{name}.rq").read_text(encoding="utf-8")


def expected(name: str, base: str) -> Rows:
    """The rows as bags of values, without order and without their types; nothing stands for no value."""
    table = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").replace(_BASE, base)
    return rows(table.encode(), ox.QueryResultsFormat.TSV)


def rows(data: bytes, form: ox.QueryResultsFormat) -> Rows:
    solutions = ox.parse_query_results(data, format=form)
    assert isinstance(solutions, ox.QuerySolutions)
    return Counter(tuple("" if term is None else term.value for term in row) for row in solutions)
