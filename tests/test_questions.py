"""The competency questions: each query in `questions/` gives exactly the rows that stand beside it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

if TYPE_CHECKING:
    from release.reader import Release

QUERIES = sorted((Path(__file__).parent / "questions").glob("*.rq"))
# How many rows answer each question: a slip in an expected file does not pass by being in the query as well.
ROWS = {
    "01": 2,
    "02": 1,
    "03": 1,
    "04": 12,
    "05": 5,
    "06": 6,
    "07": 6,
    "08": 3,
    "09": 4,
    "10": 1,
    "11": 2,
    "12": 3,
    "13": 2,
    "14": 2,
    "15": 2,
    "16": 9,
    "17": 7,
    "18": 12,
    "19": 12,
    "20": 15,
    "21": 4,
    "22": 9,
    "23": 15,
    "24": 7,
    "25": 4,
    "26": 14,
    "27": 6,
    "28": 7,
    "29": 15,
    "30": 5,
    "31": 11,
    "32": 25,
    "33": 17,
    "34": 4,
    "35": 9,
    "36": 6,
    "37": 27,
    "38": 6,
    "39": 8,
    "40": 3,
}


def _table(answer: object) -> tuple[list[str], Counter[tuple[str | None, ...]]]:
    """Variables, and the bag of rows: the order of an answer says nothing, a repeated row does."""
    assert isinstance(answer, ox.QuerySolutions)
    variables = [str(variable) for variable in answer.variables]
    return variables, Counter(tuple(None if term is None else str(term) for term in row) for row in answer)


def _expected(query: Path) -> tuple[list[str], Counter[tuple[str | None, ...]]]:
    """The rows in SPARQL 1.1 TSV, https://www.w3.org/TR/sparql11-results-csv-tsv/#tsv."""
    answer = ox.parse_query_results(path=query.with_suffix(".tsv"), format=ox.QueryResultsFormat.TSV)
    return _table(answer)


def test_every_question_is_here() -> None:
    assert [query.stem for query in QUERIES] == sorted(ROWS)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_header(query: Path) -> None:
    """The queries are shown to users as examples, under their title and description."""
    title, description, *_ = query.read_text(encoding="utf-8").splitlines()
    assert title.startswith("# title: ")
    assert description.startswith("# description: ")


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_expected_rows(query: Path) -> None:
    variables, rows = _expected(query)
    assert variables
    assert rows.total() == ROWS[query.stem]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_answer(query: Path, release: Release) -> None:
    answer = release.open_store().query(query.read_text(encoding="utf-8"), base_iri=release.base)
    assert _table(answer) == _expected(query)
