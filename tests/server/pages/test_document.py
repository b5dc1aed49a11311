"""The page about a resource: its sentence, doubts, contradictions, what backs each value, and charts."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from server.pages.sentences import Alternatives, Slot, parse

if TYPE_CHECKING:
    from flask.testing import FlaskClient

MAST = "/doc/mast/1.html"


def shown(client: FlaskClient, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.text


def text(page: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page.partition("<main")[2].partition("<footer")[0])).split())


def part(page: str, class_: str) -> str:
    """The first element of the class, to the end of its section."""
    return page[page.index(f'class="{class_}') :].partition("</section>")[0]


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("plain", ("plain",)),
        ("{a:b} by {^c:d}.", (Slot("a:b", incoming=False), " by ", Slot("c:d", incoming=True), ".")),
        ("a[ b {c:d}]", ("a", Alternatives(((" b ", Slot("c:d", incoming=False)),)))),
        ("[{a:b}|c]", (Alternatives(((Slot("a:b", incoming=False),), ("c",))),)),
        ("[x[y]]", (Alternatives((("x", Alternatives((("y",),))),)),)),
        ("a|b]", ("a", "|", "b", "]")),
        ("[open", (Alternatives((("open",),)),)),
        ("{ }", ("{", " ", "}")),
    ],
)
def test_templates_are_read(template: str, parts: tuple[object, ...]) -> None:
    assert parse(template) == parts


def test_a_sentence_is_made_of_what_there_is(client: FlaskClient) -> None:
    sentence = text("<main" + part(shown(client, MAST), "lead sentence").partition("</p>")[0])
    assert sentence.endswith("A mast of 1,234.5 metres, built May 1901, minded by Bert and Carl.")
    german = text("<main" + part(shown(client, MAST, "de"), "lead sentence").partition("</p>")[0])
    assert german.endswith("Ein Mast von 1.234,5 Metern, gebaut Mai 1901.")
    without_year = text("<main" + part(shown(client, "/doc/mast/2.html"), "lead sentence").partition("</p>")[0])
    assert without_year.endswith("A mast of 1,300 metres.")


def test_without_a_template_there_is_no_sentence(client: FlaskClient) -> None:
    assert 'class="lead sentence"' not in shown(client, "/doc/tower/roter-sand.html")


def test_names_in_other_languages(client: FlaskClient) -> None:
    page = shown(client, MAST, "de")
    assert '<h1><bdi lang="de">Erster Mast' in page
    names = part(page, "names").partition("</p>")[0]
    assert re.findall(r'<bdi lang="(\w+)">', names) == ["en", "zh"]


def test_numbers_and_dates_stand_in_words_and_for_machines(client: FlaskClient) -> None:
    page = shown(client, MAST, "de")
    assert '<data value="1234.5"><bdi>1.234,5</bdi></data>' in page
    assert '<time datetime="1901-05"><bdi>Mai 1901</bdi></time>' in page


def test_doubts_come_first(client: FlaskClient) -> None:
    page = shown(client, MAST)
    doubt = part(page, "doubt")
    assert "Doubtful" in doubt.replace("doubtful", "Doubtful")
    assert "The year is a guess." in doubt
    assert page.index("The year is a guess.") < page.index('class="facts"')
    assert page.count("The year is a guess.") == 1


def test_contradictions_stand_side_by_side(client: FlaskClient) -> None:
    page = shown(client, MAST)
    table = page[page.index('<table class="comparison">') :].partition("</table>")[0]
    rows = [text(f"<main{row}") for row in table.split("<tr>")[1:]]
    assert "First mast" in rows[0]
    assert "Second mast" in rows[0]
    reach = next(row for row in rows if "reach" in row)
    assert reach.index("1,234.5") < reach.index("1,300")
    other = shown(client, "/doc/mast/2.html")
    assert '<table class="comparison">' in other


def test_a_symmetric_property_is_told_once(client: FlaskClient) -> None:
    page = shown(client, "/doc/mast/2.html")
    assert "← <a" not in page.partition('id="inverse"')[2]


def test_each_value_opens_what_backs_the_resource(client: FlaskClient) -> None:
    page = shown(client, MAST)
    height = page[page.index("1234.5", page.index('class="facts"')) :].partition("</li>\n<")[0]
    why = height[height.index('<details class="why">') :]
    assert '<summary><bdi lang="en">basis</bdi></summary>' in why
    assert '<blockquote lang="en">It was painted red.</blockquote>' in why
    assert 'href="/doc/page/7"' in why


def test_a_resource_that_is_quoted_begins_with_its_words(client: FlaskClient) -> None:
    page = shown(client, "/doc/page/7.html")
    assert page.index('<blockquote lang="en">It was painted red.') < page.index('class="facts"')


def test_what_no_shape_knows_is_folded(client: FlaskClient) -> None:
    page = shown(client, MAST)
    further = page[page.index('<details class="section"><summary>Further facts') :]
    assert "red" in further.partition("</details>")[0]


def test_charts_are_tables_of_what_is_linked(client: FlaskClient) -> None:
    page = shown(client, MAST)
    network = page[page.index('data-chart="network"') :].partition("</table>")[0]
    assert re.findall(r'data-column="(\w+)"', network) == ["source", "target", "kind"]
    assert network.count("First mast") == 3
    assert all(name in network for name in ("Bert", "Carl", "Second mast", "minds"))
    assert 'data-chart="timeline"' not in page  # there is one date only


def test_every_format_has_what_the_page_opens(client: FlaskClient) -> None:
    turtle = client.get("/doc/mast/1.ttl").text
    assert "It was painted red." in turtle
    assert "1300" in turtle
