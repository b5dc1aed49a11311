"""Which format an Accept field gets, case by case."""

from __future__ import annotations

import pytest

from core.formats import HTML, JSON_LD, N_TRIPLES, RDF_XML, RESULT_FORMATS, TRIG, TURTLE
from core.versions import Version
from server.semantics.negotiation import NegotiatedFormat, by_name, negotiate

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
CASES: list[tuple[str | None, str | None]] = [
    # no preference
    (None, "text/turtle"),
    ("", "text/turtle"),
    ("  ", "text/turtle"),
    ("*/*", "text/turtle"),
    ("nonsense", "text/turtle"),
    (",,", "text/turtle"),
    # by name
    ("text/html", "text/html"),
    (BROWSER, "text/html"),
    ("application/rdf+xml", "application/rdf+xml"),
    ("application/n-triples", "application/n-triples"),
    ("application/trig", "application/trig"),
    ("APPLICATION/LD+JSON", "application/ld+json"),
    ("text/turtle, text/html;q=0.9", "text/turtle"),
    ("text/html, text/turtle", "text/turtle"),
    # other names of a format are answered by that name
    ("application/json", "application/json"),
    ("text/plain", "text/plain"),
    ("application/xml", "application/xml"),
    # wildcards
    ("text/*", "text/turtle"),
    ("application/*", "application/ld+json"),
    ("application/rdf+xml, */*", "application/rdf+xml"),
    ("text/html, */*;q=0.1", "text/html"),
    ("image/png, */*;q=0.1", "text/turtle"),
    ("image/*, text/*;q=0.5", "text/turtle"),
    ("*/html", "text/turtle"),
    # quality
    ("text/turtle;q=0.3, text/html;q=0.7", "text/html"),
    ("text/turtle;q=0.300, application/trig;q=0.301", "application/trig"),
    ("text/turtle;q=0, */*", "text/html"),
    ("text/turtle;q=0, text/*;q=0.5", "text/html"),
    ("*/*;q=0.1, text/turtle;q=0.0, text/html;q=0", "application/ld+json"),
    ("text/*;q=0.9, text/turtle;q=0.2, application/trig;q=0.5", "text/html"),
    ("text/html;q=0.5;level=1, text/turtle;q=0.4", "text/html"),
    ("text/html ; Q=0.5 , text/turtle ; q=0.6", "text/turtle"),
    ("text/html;q=2, text/turtle;q=0.1", "text/turtle"),
    ("text/html;q=x, application/trig;q=0.1", "application/trig"),
    # parameters
    ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
    ('application/ld+json;profile="a,b;q=0";q=0.8, text/turtle;q=0.7', "application/ld+json"),
    ("text/turtle;charset=utf-8", "text/turtle"),
    ('text/html;a="\\",";q=0.1, text/turtle;q=0.05', "text/html"),
    # versions of RDF
    ("text/turtle;version=1.2", "text/turtle"),
    ('text/turtle; version="1.2-basic"; q=0.5, text/html;q=0.4', "text/turtle"),
    ("text/turtle;version=1.2;q=0.3, application/trig;q=0.4", "application/trig"),
    ("text/turtle;version=9.9, text/html;q=0.1", "text/html"),
    ("text/turtle;version=9.9, */*;q=0.1", "text/turtle"),
    ("application/ld+json;version=1.1, text/turtle;q=0.5", "application/ld+json"),
    # nothing fits
    ("text/turtle;version=9.9", None),
    ("image/png", None),
    ("application/sparql-results+json", None),
    ("text/turtle;q=0, image/png", None),
    ("*/*;q=0", None),
    ("video/*", None),
]
NAMES = [
    ("json", "srj"),
    ("srj", "srj"),
    ("application/sparql-results+xml", "srx"),
    ("XML", "srx"),
    ("csv", "csv"),
    ("text/csv;charset=utf-8", "csv"),
    ("tsv", "tsv"),
    ("turtle", None),
    ("", None),
]


@pytest.mark.parametrize(("accept", "expected"), CASES)
def test_accept(accept: str | None, expected: str | None) -> None:
    choice = negotiate(accept, OFFERS)
    assert (choice.media_type if choice else None) == expected


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_format_parameter(name: str, expected: str | None) -> None:
    found = by_name(name, RESULT_FORMATS)
    assert (found.extension if found else None) == expected


def test_text_comes_with_its_charset() -> None:
    types = {
        accept: choice.content_type
        for accept in ("text/plain", "application/json")
        if (choice := negotiate(accept, OFFERS))
    }
    assert types == {"text/plain": "text/plain; charset=utf-8", "application/json": "application/json"}


def test_without_offers_there_is_no_choice() -> None:
    assert negotiate(None, ()) is None


@pytest.mark.parametrize("part", ['"', ",", ";", 'a"', '"\\', 'a/b;x="', "a/b;x=y;", "a/b;q=0.1,"])
def test_hostile_fields_are_read_to_their_end(part: str) -> None:
    """Each was chosen to be read again and again by a careless reader, which would not come to the end of this."""
    text = part * (200_000 // len(part))
    assert negotiate(text, OFFERS) in (None, NegotiatedFormat(TURTLE, TURTLE.media_type))
    assert by_name(text, OFFERS) is None


@pytest.mark.parametrize(
    ("accept", "versions"),
    [
        ("text/turtle", ()),
        ("*/*", ()),
        ("text/turtle;version=1.1", (Version.RDF_1_1,)),
        ('text/turtle;charset=utf-8;version="1.2"', (Version.RDF_1_2,)),
        ("text/turtle;version=1.1;q=0.5, text/turtle;version=1.2", (Version.RDF_1_2, Version.RDF_1_1)),
        ("text/turtle;version=1.1, text/turtle;version=1.2;q=0", (Version.RDF_1_1,)),
        ("text/turtle;version=1.1, text/turtle;q=0.5", (Version.RDF_1_1, Version.RDF_1_2)),
        ("text/turtle;version=1.1, */*;q=0.1", (Version.RDF_1_1, Version.RDF_1_2)),
        ("text/turtle;version=1.1;q=0.5, text/turtle", ()),
    ],
)
def test_versions_of_rdf_that_are_accepted(accept: str, versions: tuple[Version, ...]) -> None:
    choice = negotiate(accept, OFFERS)
    assert choice is not None
    assert choice.versions == versions
    assert choice.accepts(Version.RDF_1_2) == (not versions or Version.RDF_1_2 in versions)
    assert choice.asks_for_rdf_1_2 == (versions[:1] == (Version.RDF_1_2,))


def test_a_version_is_announced_where_it_is_needed() -> None:
    turtle, pages = NegotiatedFormat(TURTLE, "text/turtle"), NegotiatedFormat(HTML, "text/html")
    assert turtle.announcing(Version.RDF_1_1) == "text/turtle; charset=utf-8"
    assert turtle.announcing(Version.RDF_1_2) == "text/turtle; charset=utf-8; version=1.2"
    assert pages.announcing(Version.RDF_1_2) == "text/html; charset=utf-8"
