"""The interface speaks each of its languages: every message is translated, and none is left over."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from server.http.languages import FOLDER, LANGUAGES, SOURCE, date_in_words, listing, ngettext, number, size
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message
    from flask.testing import FlaskClient

TRANSLATIONS = sorted(LANGUAGES.keys() - {SOURCE})
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "gettext_noop": None}
HTML = {"Accept": "text/html"}
VARIABLE = re.compile(r"%\((\w+)\)")


def messages() -> set[str | tuple[str, ...]]:
    """What the code and the templates say."""
    folders = (extract_from_dir(ROOT / name, METHODS, OPTIONS, keywords=KEYWORDS) for name in ("core", "server"))
    return {message for found in folders for _file, _line, message, _comments, _context in found}


def catalogue(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def translated(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def texts(of: object) -> list[str]:
    return [of] if isinstance(of, str) else list(of)  # type: ignore[call-overload]


def test_there_are_messages() -> None:
    assert len(messages()) > 40
    assert TRANSLATIONS == ["de", "zh"]


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_message_has_its_translation(language: str) -> None:
    have = {message.id: message for message in translated(language)}
    assert sorted(str(message) for message in messages() - have.keys()) == [], "to be added to the catalogue"
    assert sorted(str(message) for message in have.keys() - messages()) == [], "said nowhere any more"
    for message in have.values():
        assert all(texts(message.string)), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_the_variables_of_the_message(language: str) -> None:
    for message in translated(language):
        allowed = set(VARIABLE.findall(" ".join(texts(message.id))))
        for text in texts(message.string):
            assert set(VARIABLE.findall(text)) <= allowed, message.id
            assert text % dict.fromkeys(allowed, 1), message.id


@pytest.mark.parametrize(
    ("address", "accepted", "spoken"),
    [
        ("/", None, "en"),
        ("/", "de", "de"),
        ("/", "de-AT, en;q=0.5", "de"),
        ("/", "fr, zh-Hant-TW;q=0.9, de;q=0.8", "zh"),
        ("/", "fr", "en"),
        ("/", "de;q=0, zh;q=0.1", "zh"),
        ("/", "*", "en"),
        ("/?lang=zh", "de", "zh"),
        ("/?lang=en", "de", "en"),
        ("/?lang=xx", "de", "de"),
        ("/ontology?lang=de", None, "de"),
        ("/doc/tower/roter-sand?lang=zh", "de", "zh"),
        ("/nothing?lang=de", None, "de"),
    ],
)
def test_a_page_is_in_the_language_asked_for(
    client: FlaskClient, address: str, accepted: str | None, spoken: str
) -> None:
    response = client.get(address, headers=HTML | ({"Accept-Language": accepted} if accepted else {}))
    assert response.headers["Content-Language"] == spoken
    assert f'<html lang="{spoken}">' in response.text
    assert catalogue_text(spoken, "Skip to content") in response.text


def catalogue_text(language: str, text: str) -> str:
    if language == SOURCE:
        return text
    message = catalogue(language).get(text)
    assert message is not None
    return str(message.string)


def test_the_address_decides_before_the_header(client: FlaskClient) -> None:
    assert "Accept-Language" in client.get("/", headers=HTML).vary
    pages = [client.get("/?lang=de", headers=HTML | {"Accept-Language": other}) for other in ("de", "zh")]
    assert pages[0].data == pages[1].data
    assert all("Accept-Language" not in page.vary for page in pages)


def test_links_keep_the_language_that_was_chosen(client: FlaskClient) -> None:
    chosen = client.get("/doc/tower/roter-sand?lang=de", headers=HTML).text
    assert 'href="/doc/keeper/anna?lang=de"' in chosen
    assert 'href="/?lang=de"' in chosen
    assert "lang=de" not in client.get("/doc/tower/roter-sand.ttl?lang=de").text
    unchosen = client.get("/doc/tower/roter-sand", headers=HTML | {"Accept-Language": "de"}).text
    assert 'href="/doc/keeper/anna"' in unchosen


@pytest.mark.parametrize("address", ["/", "/doc/tower/v1.2?page=2", "/doc?iri=urn:isbn:0140449337", "/none"])
def test_every_page_leads_to_itself_in_the_other_languages(client: FlaskClient, address: str) -> None:
    page = client.get(address, headers=HTML)
    links = re.findall(r'<a href="([^"]*)" lang="(\w+)" hreflang="\2"', page.text)
    assert [language for _, language in links] == list(LANGUAGES)
    for link, language in links:
        there = client.get(unescape(link), headers=HTML)
        assert (there.status_code, there.headers["Content-Language"]) == (page.status_code, language)


def test_a_problem_is_told_in_the_readers_language(client: FlaskClient) -> None:
    body = client.get("/nothing", headers={"Accept-Language": "de"})
    assert body.get_json()["title"] == "Nicht gefunden"
    assert body.headers["Content-Language"] == "de"
    assert client.get("/nothing").get_json()["title"] == "Not Found"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["1,234,567.5", "22 November 2026", "1.42 MB", "999 bytes", "a, b, and c"]),
        ("de", ["1.234.567,5", "22. November 2026", "1,42 MB", "999 Byte", "a, b und c"]),
        ("zh", ["1,234,567.5", "2026年11月22日", "1.42 MB", "999字节", "a、b和c"]),
    ],
)
def test_numbers_dates_sizes_and_lists_are_written_by_the_language(
    client: FlaskClient, language: str, written: list[str]
) -> None:
    with client.application.test_request_context(f"/?lang={language}"):
        assert [
            number(1234567.5),
            date_in_words("2026-11-22T08:00:00Z"),
            size(1_420_000),
            size(999),
            listing("abc"),
        ] == written


def test_counted_messages_have_the_form_of_their_number(client: FlaskClient) -> None:
    with client.application.test_request_context("/?lang=de"):
        assert ngettext("%(num)s row.", "%(num)s rows.", 1) == "1 Zeile."
        assert ngettext("%(num)s row.", "%(num)s rows.", 12345) == "12.345 Zeilen."


def test_what_is_not_translated_is_marked_as_english(client: FlaskClient) -> None:
    page = client.get("/sparql?query=SELECT(SUM(COUNT(*))AS+?x){}&lang=de", headers=HTML).text
    assert '<p class="detail" lang="en">' in page
    assert '<p class="detail">' in client.get("/nothing?lang=de", headers=HTML).text
