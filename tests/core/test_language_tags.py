"""Language tags with capitals, through parsers and serializers that write them in lower case."""

from __future__ import annotations

import io
from typing import cast

import pyoxigraph as ox
import pytest

from core import language_tags

pytestmark = pytest.mark.quick

LINES = rb"""<a:s> <a:p> "ends in \\"@en-GB .
<a:s> <a:p> "says \"@en-GB \" and more"@zh-Hans <a:g> .
<a:s> <a:p> "says \"@en-GB and more" .
<a:s> <a:p> "lower"@en-gb .
<a:s> <a:p> "turned"@ar-EG--rtl .
<a:r> <http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies> <<( <a:s> <a:p> "x"@EN )>> <a:g> .
"""


def test_lines_come_back_as_they_were() -> None:
    marked = language_tags.mark(LINES)
    assert marked != LINES
    assert language_tags.restore(marked) == LINES
    for size in (1, 7, 50):  # bytes that are written at once
        file = io.BytesIO()
        with language_tags.RestoredFile(file) as restored:
            for start in range(0, len(marked), size):
                restored.write(marked[start : start + size])
        assert file.getvalue() == LINES


@pytest.mark.parametrize("format_", [ox.RdfFormat.TRIG, ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML])
def test_every_format_has_the_tags_as_they_were_written(format_: ox.RdfFormat) -> None:
    found = [cast("ox.Quad", quad) for quad in ox.parse(language_tags.mark(LINES), ox.RdfFormat.N_QUADS)]
    simple = [quad.triple for quad in found if not isinstance(quad.object, ox.Triple)]
    text = language_tags.restore(ox.serialize(simple, format=format_) or b"").decode()
    assert all(tag in text for tag in ("en-GB", "zh-Hans", "en-gb", "ar-EG"))
    assert "pgcase" not in text


@pytest.mark.parametrize("tag", ["en-GB", "zh-Hans-CN", "EN", "en-a-bbb-x-A-CcC", "sl-Latn-IT-nedis"])
def test_a_tag_is_told_by_what_is_in_lower_case(tag: str) -> None:
    assert language_tags.restore(language_tags.marked(tag).lower().encode()).decode() == tag
    assert language_tags.marked(tag.lower()) == tag.lower()
