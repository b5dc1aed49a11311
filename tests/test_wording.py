"""What the data take from the texts of the articles: titles and mottoes to the letter, and no passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from release.reader import Release

RUN = 70  # characters of a text that no file has in a row
NAMES = """
PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX pg: <https://w3id.org/parkgraph/ontology#>
PREFIX schema: <https://schema.org/>
SELECT DISTINCT ?file ?name {
  ?article a schema:NewsArticle ; pg:textFile ?file ; schema:inLanguage ?language .
  GRAPH ?article { ?thing %s ?name }
  FILTER(LANG(?name) = ?language)
}
"""


@pytest.mark.parametrize(("property_", "least"), [("dcterms:title", 15), ("pg:theme", 5)])
def test_titles_and_mottoes_stand_in_the_text_to_the_letter(
    release: Release, articles: Path, property_: str, least: int
) -> None:
    found = release.open_store().query(NAMES % property_)
    assert isinstance(found, ox.QuerySolutions)
    names = [(row["file"].value, row["name"].value) for row in found]
    assert len(names) >= least
    texts = {file: " ".join((articles / file).read_text(encoding="utf-8").split()) for file, _ in names}
    assert [name for file, name in names if name not in texts[file]] == []


def test_no_passage_of_an_article_is_in_the_repository(articles: Path) -> None:
    """No file of data, documents, ontology, questions or the guide has that many characters in a row as a text has.

    White space is all the same, so that a text broken into lines counts as well.
    """
    runs = {run for path in articles.glob("*.txt") for run in _runs(path)}
    assert len(runs) > 20_000
    folders = ("data", "docs", "ontology", "tests/questions", "tests/guide")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert len(files) > 200
    assert {path.relative_to(ROOT).as_posix(): run for path in files for run in _runs(path) if run in runs} == {}


def _runs(path: Path) -> Iterator[str]:
    """Every RUN characters in a row of a file, with any white space as one space."""
    text = " ".join(path.read_text(encoding="utf-8").split())
    return (text[place : place + RUN] for place in range(len(text) - RUN + 1))
