"""Values of saved queries: what is one of its type, and that it stays one term whatever is in it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from core.lexer import unescape
from core.saved_queries import Parameter, ParameterError, Type, bind, term, to_sparql

BASE = "http://x.example/"
PREFIXES = {"pg": "urn:pg:", "": "urn:empty:"}
XSD = "http://www.w3.org/2001/XMLSchema#"
TERMS = [  # type, value, its term, or None where it is none of the type
    ("iri", "id/x", "<http://x.example/id/x>"),
    ("iri", "/id/ü?a=b#c", "<http://x.example/id/ü?a=b#c>"),
    ("iri", "urn:isbn:1", "<urn:isbn:1>"),
    ("iri", "pg:Thing", "<urn:pg:Thing>"),
    ("iri", ":x", "<urn:empty:x>"),
    ("iri", "http://x/> } INSERT DATA {", None),
    ("iri", "http://x/ y", None),
    ("iri", "http://x/\n", None),
    ("iri", "http://x/\\u003E", None),
    ("string", "", '""'),
    ("language", "zh-Hant-TW", '"zh-Hant-TW"'),
    ("language", "de_AT", None),
    ("language", "", None),
    ("integer", "-12", f'"-12"^^<{XSD}integer>'),
    ("integer", "1.5", None),
    ("integer", "٣", None),  # a digit, but none of XML Schema's
    ("integer", "9" * 19, None),
    ("decimal", ".5", f'".5"^^<{XSD}decimal>'),
    ("decimal", "1e5", None),
    ("decimal", ".", None),
    ("boolean", "true", f'"true"^^<{XSD}boolean>'),
    ("boolean", "1", None),
    ("date", "2016-02-29", f'"2016-02-29"^^<{XSD}date>'),
    ("date", "2015-02-29", None),
    ("date", "20160229", None),
    ("date", "2016-W01-1", None),
    ("gYear", "2016", f'"2016"^^<{XSD}gYear>'),
    ("gYear", "-0044", f'"-0044"^^<{XSD}gYear>'),
    ("gYear", "99", None),
    ("gYear", "02016", None),
]
HOSTILE = [
    'a" } INSERT DATA { <urn:a> <urn:b> "',
    "'''\"\"\"",
    "\\",
    "\\u0022 } #",
    "\\\\u0022",
    "\\U00000022",
    "\\\\\\",
    "line\nbreak\r\n\ttab\b\f",
    "\x00\x01\x7f\u2028\ufeff",
    "?x $x ?word",
    "𝄞 Ü 中文 \u202e",
    "# SERVICE <http://x>",
    "<script>alert(1)</script>",
    '"@en',
    '"^^<urn:x>',
    "%22%00",
]


def parameter(type_: str) -> Parameter:
    return Parameter("p", Type(type_), None, optional=False, example=None, descriptions={})


def test_all_cases_are_there() -> None:
    assert {case[0] for case in TERMS} == set(Type)


@pytest.mark.parametrize(("type_", "value", "expected"), TERMS)
def test_values_of_each_type(type_: str, value: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ParameterError) as caught:
            term(parameter(type_), value, BASE, PREFIXES)
        assert caught.value.parameter == "p"
        assert caught.value.fix
    else:
        assert str(term(parameter(type_), value, BASE, PREFIXES)) == expected


def first(query: str) -> list[ox.Literal]:
    solutions = ox.Store().query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    return [value for value in next(solutions) if isinstance(value, ox.Literal)]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_text_stays_one_text(value: str) -> None:
    """For an engine that replaces code point escapes first as well as for one that does so within texts."""
    query = bind("SELECT (?p AS ?a) ('?p' AS ?b) (2>1 AS ?c) {} # ?p", {"p": ox.Literal(value)})
    for read in (query, unescape(query)):
        assert [one.value for one in first(read)] == [value, "?p", "true"]


def test_values_stand_apart_from_their_neighbours() -> None:
    terms: dict[str, ox.NamedNode | ox.Literal] = {
        "a": ox.NamedNode("urn:a"),
        "n": ox.Literal(-1),
        "s": ox.Literal("x"),
    }
    query = bind("SELECT (?n<?n AS ?x) (3-?n AS ?y) (STRLEN(?s) AS ?z) { FILTER(?a=?a) }", terms)
    assert [one.value for one in first(query)] == ["false", "4", "1"]


def test_names_that_begin_alike_are_told_apart() -> None:
    query = bind("SELECT ?pp ?ap { VALUES (?pp ?ap) { (1 2) } FILTER(?p = $p) }", {"p": ox.Literal("1")})
    assert [one.value for one in first(query)] == ["1", "2"]


def test_how_a_term_is_written() -> None:
    assert to_sparql(ox.Literal('a"\\u')) == '"a\\"\\\\\\u0075"'
    assert to_sparql(ox.NamedNode("urn:x")) == "<urn:x>"
