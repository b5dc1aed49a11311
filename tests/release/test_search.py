"""What a search asks of the index: so much, however it is typed; what it finds is tested over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from release.reader import INDEX
from release.search import WORDS, find, find_exact, find_texts
from release.search_index import SearchIndex
from release.writer import build
from tests.server.conftest import BASE, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from release.reader import Release
    from release.search_index import NameRow

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
WORDS_OF_NAMES = ["harbour", "light", "tower", "north", "river", "bridge", "market", "station", "garden", "museum"]
TEXT = "The harbour light was seen from the towers of the town."


class Asked(SearchIndex):
    """An index that notes for which words it looked for others like them, and what it was asked of texts."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.like, self.of_texts = 0, list[str]()

    def words_like(self, trigrams: Iterable[str], each: int, count: int) -> list[str]:
        self.like += 1
        return super().words_like(trigrams, each, count)

    def texts(self, query: str, count: int) -> list[NameRow]:
        self.of_texts.append(query)
        return super().texts(query, count)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    names = [*WORDS_OF_NAMES, "harbourlight tower", "harbour lighttower", "Old Harbour Light Tower North"]
    quads = [
        ox.Quad(ox.NamedNode(f"{BASE}id/{number}"), ox.NamedNode(RDFS + "label"), ox.Literal(name, language="en"))
        for number, name in enumerate(names)
    ]
    comment = ox.NamedNode(RDFS + "comment")
    quads.append(ox.Quad(ox.NamedNode(f"{BASE}id/0"), comment, ox.Literal(TEXT, language="en")))
    return build(source(*quads), tmp_path_factory.mktemp("harbour"), silent)


@pytest.fixture
def index(release: Release) -> Iterator[Asked]:
    index = Asked(release.path / INDEX)
    yield index
    index.close()


@pytest.mark.parametrize(
    ("typed", "most"),
    [
        ("harbuor lihgt towre", 3),  # each is looked up once, though the search goes on to names with most of them
        ("harbour xxqqzz tower", 1),  # one that is like no word leaves nothing to guess
        (" ".join(WORDS_OF_NAMES), 0),  # so many words are not all taken for misspelt
        ("harbuor " * 40, 1),
        (" ".join(f"{word}q" for word in WORDS_OF_NAMES * 8), WORDS),
        ("x" * 300, 1),
        ("* % \" ' ( ) ^", 0),
    ],
)
def test_words_like_those_typed_are_looked_up_once_each_and_only_where_they_may_help(
    index: Asked, typed: str, most: int
) -> None:
    find(index, typed, 50)
    assert index.like <= most


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Harbour", {"harbour"}),
        ("harbour light tower", {"harbourlight tower", "harbour lighttower"}),  # and no name that has more words
        ("harbou", set()),
        ("harbuor", set()),
        ("!", set()),
        ("harbour " * (WORDS + 1), set()),
    ],
)
def test_exact_names_are_found_without_a_look_at_others(index: Asked, typed: str, found: set[str]) -> None:
    assert {match.text for match in find_exact(index, typed, 50)} == found
    assert index.like == 0


def test_only_the_last_word_as_typed_may_be_a_beginning_in_texts(index: Asked) -> None:
    """The engine reads the lists of all words that begin so, each time that a query has a beginning."""
    for typed in ("harbour light tow", "harbourlight towers"):
        assert [match.text for match in find_texts(index, typed, 5)] == [TEXT]
    assert [query.count("*") for query in index.of_texts] == [1, 1]
    assert '"harbour light" AND "towers")' in index.of_texts[1]
