"""The interface speaks each of its languages: every message is translated, and none is left over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from server.languages import FOLDER, LANGUAGES, SOURCE
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

TRANSLATIONS = sorted(LANGUAGES.keys() - {SOURCE})
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "gettext_noop": None}
VARIABLE = re.compile(r"%\((\w+)\)")


def messages() -> set[str | tuple[str, ...]]:
    """What the code and the templates say."""
    found = extract_from_dir(ROOT / "server", METHODS, OPTIONS, keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


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
