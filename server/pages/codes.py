"""Codes of countries and languages, and the two booleans, as words of the reader's language."""

from __future__ import annotations

from babel import Locale

from core.namespaces import DCTERMS, SCHEMA
from core.wording import gettext_noop
from server.http.languages import gettext, language

_BOOLEANS = {"true": gettext_noop("yes"), "false": gettext_noop("no")}
# Properties whose values are codes: ISO 3166-1 of countries, BCP 47 of languages.
_COUNTRIES = frozenset({"http://www.geonames.org/ontology#countryCode", SCHEMA + "addressCountry"})
_TONGUES = frozenset({SCHEMA + "inLanguage", DCTERMS + "language", "http://purl.org/dc/elements/1.1/language"})


def code_in_words(property_: str | None, text: str) -> str:
    """The name of what a value of the property is the code of; the text itself where it is no code, or not known."""
    if property_ in _COUNTRIES:
        return str(Locale.parse(language()).territories.get(text, text))
    if property_ in _TONGUES:
        return str(Locale.parse(language()).languages.get(text.replace("-", "_"), text))
    return text


def boolean_in_words(text: str) -> str:
    """Whether it is true; the text itself where it is not the canonical form of a boolean."""
    return gettext(_BOOLEANS[text]) if text in _BOOLEANS else text
