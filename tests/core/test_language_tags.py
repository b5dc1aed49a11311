"""Language tags with capitals, through parsers and serializers that write them in lower case."""

from __future__ import annotations

from typing import cast

import pyoxigraph as ox
import pytest

from core.language_tags import WrittenTags

pytestmark = pytest.mark.quick

LINES = rb"""<a:s> <a:p> "ends in \\"@en-GB .
<a:s> <a:p> "says \"@en-GB \" and more"@zh-Hans <a:g> .
<a:s> <a:p> "says \"@en-GB and more" .
<a:s> <a:p> "lower"@en-gb .
<a:s> <a:p> "other"@fr-CA .
<a:s> <a:p> "turned"@ar-EG--rtl .
<a:r> <http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies> <<( <a:s> <a:p> "x"@EN )>> <a:g> .
"""
TAGS = WrittenTags(["en-GB", "zh-Hans", "en-gb", "ar-EG", "EN", "fr"])


def test_lines_come_back_as_they_were() -> None:
    marked = TAGS.mark_lines(LINES)
    assert b'\\"@en-GB and more"' in marked  # what stands in a text is no tag
    assert marked.count(b"@x-") == 4
    assert TAGS.unmark(marked) == LINES


@pytest.mark.parametrize("format_", [ox.RdfFormat.TRIG, ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML])
def test_every_format_has_the_tags_as_they_were_written(format_: ox.RdfFormat) -> None:
    found = [cast("ox.Quad", quad) for quad in ox.parse(TAGS.mark_lines(LINES), ox.RdfFormat.N_QUADS)]
    simple = [quad.triple for quad in found if not isinstance(quad.object, ox.Triple)]
    text = TAGS.unmark(ox.serialize(simple, format=format_) or b"").decode()
    assert all(tag in text for tag in ("en-GB", "zh-Hans", "en-gb", "ar-EG"))
    assert TAGS.mark("EN")[:10] not in text
    assert {str(t) for t in simple if "x-" not in str(t)} < {
        str(cast("ox.Quad", quad).triple) for quad in ox.parse(text.encode(), format_)
    }


def test_without_capitals_nothing_is_marked() -> None:
    plain = WrittenTags(["en", "en-gb"])
    assert not plain
    assert plain.mark("en") == "en"
    assert plain.mark_lines(LINES) == plain.unmark(LINES) == LINES
