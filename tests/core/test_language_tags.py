"""Language tags with capitals go through the engine, in every format, and come out as they went in."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, cast

import pyoxigraph as ox
import pytest

from core.formats import JSON_LD, N_QUADS, N_TRIPLES, RDF_FORMATS, RDF_XML, TRIG, TURTLE, Format
from core.language_tags import RestoredFile, mark, marked, restore, split_at_tag

TAGS = ["en", "EN", "en-GB", "en-gb", "zh-Hans-CN", "x-Private", "en-Latn-GB-boont-r-extended-sequence-x-Private"]
LINES = "".join(
    f"<http://e/s> <http://e/p> {value}@{tag} .\n"
    for tag in TAGS
    for value in ('"x"', r'''"\"y\"@en-GB1-a, 'z'@Ab1-, @De"''', r'"\\"')
).encode()


def test_a_tag_without_capitals_is_left_as_it_is() -> None:
    assert [tag for tag in TAGS if marked(tag) == tag] == ["en", "en-gb"]


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda format_: format_.extension)
def test_tags_come_through_the_engine(format_: Format) -> None:
    quads: list[ox.Quad] = list(ox.parse(mark(LINES), ox.RdfFormat.N_QUADS))
    file = BytesIO()
    with RestoredFile(file) as target:
        written = quads if format_ in {N_QUADS, TRIG, JSON_LD} else [quad.triple for quad in quads]
        ox.serialize(written, cast("BinaryIO", target), format_.rdf)
    text = file.getvalue()
    assert b"pgcase" not in text
    for tag in TAGS:
        before, after = {RDF_XML: ('lang="', '"'), JSON_LD: ('"', '"')}.get(format_, ('"@', " "))
        assert f"{before}{tag}{after}".encode() in text
    if format_ in {N_QUADS, N_TRIPLES, TURTLE}:
        assert restore(mark(text)) == text
    if format_ in {N_QUADS, N_TRIPLES}:
        assert text == LINES


def test_direction_stands_behind_the_tag() -> None:
    assert mark(b'"x"@ar-EG--rtl .') == b'"x"@ar-EG-x-pgcase-18--rtl .'
    assert restore(b'"x"@ar-eg-x-pgcase-18--rtl .') == b'"x"@ar-EG--rtl .'


def test_a_text_is_parted_before_a_tag_that_may_go_on() -> None:
    text = b'"a" "x"@zh-Hans .'
    for end in range(len(text)):
        first, rest = split_at_tag(text[:end])
        assert first + rest == text[:end]
        assert mark(first) + mark(rest + text[end:]) == mark(text)


@pytest.mark.parametrize("size", [1, 2, 7, 50])
def test_pieces_of_any_size_are_restored(size: int) -> None:
    text, file = mark(LINES), BytesIO()
    with RestoredFile(file) as target:
        for start in range(0, len(text), size):
            assert target.write(text[start : start + size]) == len(text[start : start + size])
    assert file.getvalue() == LINES
