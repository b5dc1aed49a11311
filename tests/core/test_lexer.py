"""The lexer: tokens of any text, in linear time also where a terminal has no end."""

from __future__ import annotations

from itertools import product

import pytest

from core.lexer import TokenKind, tokenize, unescape
from tests.growth import assert_linear

LONGEST = 1 << 20  # characters of a query
LOOKED_THROUGH = 16_000  # of one that a web process looks through
PARTS = (
    *"\"'\\<>#@:%^?_.,-( \n1ae\u00b7",
    '\\"',
    "\\'",
    '"""',
    "'''",
    '""\\',
    "1.1.",
    "1e",
    "@a-",
    "_:a.",
    "a.",
    "a:.",
    "a:%4",
    "a:\\",
    "?_",
    "^^",
    "<<(",
    "\\u00",
    "<\\u0041",
)
STARTS = ("", '"', "'", '"""', "'''", "<", "a:", "@")


@pytest.mark.parametrize("part", PARTS)
def test_what_has_no_end_costs_no_more_than_what_has_one(part: str) -> None:
    for start, end in product(STARTS, ("", "\n!")):
        assert_linear(
            lambda text: sum(1 for _ in tokenize(unescape(text))),
            lambda length, start=start, end=end: start + part * (length // len(part)) + end,  # type: ignore[misc]
            LOOKED_THROUGH,
        )


@pytest.mark.parametrize("part", ['\\"', "a.", "1", "\\u0041"])
def test_the_longest_query(part: str) -> None:
    assert_linear(
        lambda text: sum(1 for _ in tokenize(unescape(text))),
        lambda length: 'ASK{} #RAND\n"' + part * (length // len(part)),
        LONGEST,
    )


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ('"a b', ['"a b']),
        ('"a\nb"', ['"a', "b", '"']),
        ("'a\\'", ["'a\\'"]),
        ('"""a"', ['""', '"a"']),
        ('"""a" ""b', ['""', '"a"', '""', "b"]),
        ("'''a\" b", ["''", "'a\" b"]),
        ('"""a\n"b""" c', ['"""a\n"b"""', "c"]),
        ("<a b>", ["<", "a", "b", ">"]),
        (r"<a\u0041> <\U0001F600>", [r"<a\u0041>", r"<\U0001F600>"]),
        (r"<a\n> <\u00>", ["<", "a", "\\", "n", ">", "<", "\\", "u00", ">"]),
        ("12.5e3", ["12", ".", "5", "e3"]),
        ("a.b:c.d.", ["a.b:c.d", "."]),
        ("a.b.", ["a", "b"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert [token.text for token in tokenize(text)] == tokens


def test_a_text_that_is_not_closed_hides_nothing() -> None:
    """An engine takes three quotation marks without an end for two texts, and goes on behind them."""
    query = 'ASK { VALUES ?x { """a" } FILTER(RAND() < 0.5) }'
    assert "RAND" in [token.text for token in tokenize(query) if token.kind is TokenKind.WORD]
