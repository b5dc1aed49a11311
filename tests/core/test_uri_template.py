"""URI templates of levels 1 and 2, beside a library that knows all levels."""

from __future__ import annotations

import pytest
import uritemplate

from core.uri_template import UriTemplate, UriTemplateError

VALUES = {"iri": "http://a.example/b?c=d&e#f%20g", "text": "50% of <b>, 'x' / y", "none": "", "chinese": "成都"}


@pytest.mark.parametrize(
    "template",
    [
        "mailto:a@b.example?subject={text}&body={iri}%0A{chinese}",
        "https://b.example/{+iri}",
        "https://b.example/new{#text}{#none}{#missing}",
        "https://b.example/{none}{+none}{missing}{+missing}",
        "https://b.example/?a=%20b",
        "",
    ],
)
def test_expansion_is_that_of_the_library(template: str) -> None:
    assert UriTemplate.parse(template).expand(VALUES) == uritemplate.URITemplate(template).expand(None, **VALUES)


def test_other_characters_outside_of_braces_are_encoded() -> None:
    assert UriTemplate.parse("https://b.example/ä{iri}").expand({}) == "https://b.example/%C3%A4"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("https://b.example/{iri", "a brace is not closed, or not opened"),
        ("https://b.example/iri}", "a brace is not closed, or not opened"),
        ("{{iri}}", "a brace is not closed, or not opened"),
        ("{}", "{} is no name of a variable"),
        ("{an iri}", "{an iri} is no name of a variable"),
        ("{iri,text}", "{iri,text} is of a higher level than 2"),
        ("{?iri}", "{?iri} is of a higher level than 2"),
        ("{iri:3}", "{iri:3} is of a higher level than 2"),
        ("{iri*}", "{iri*} is of a higher level than 2"),
        ("{irl}", "there is no variable 'irl'"),
        ("subject=an iri", "it has ' ' outside of braces: write %20"),
        ("100%", "it has '%' outside of braces: write %25"),
        ("a\nb", "it has '\\n' outside of braces: write %0A"),
    ],
)
def test_what_is_none_is_told(template: str, reason: str) -> None:
    with pytest.raises(UriTemplateError) as told:
        UriTemplate.parse(template, ["iri", "text"])
    assert str(told.value) == reason
