"""Languages of the pages: which one a reader gets, its messages, and how it writes numbers, dates and lists.

The messages are those of gettext catalogues, `locale/<language>.po`; English stands in the code and the templates.
"""

from __future__ import annotations

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from babel import Locale
from babel.core import get_global
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit
from flask import g, has_request_context, request
from markupsafe import Markup

from core import wording
from core.labels import primary_subtag
from server.model.urls import LANGUAGE as PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from werkzeug import Request

LANGUAGES = {"en": "English", "de": "Deutsch", "zh": "中文"}  # with their own names
SHORT_NAMES = {"en": "en", "de": "de", "zh": "中文"}
SOURCE = "en"  # the one that code and templates are written in
FOLDER = Path(__file__).parent.parent / "locale"

_MOST = 10  # languages of a reader that count
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_STEP = 1000
_KEPT = 10_000  # numbers whose text is remembered: those of a release come again and again


def install(app: Flask) -> None:
    """Read the catalogues, and give templates `_`, `ngettext` and the filters that write by language."""
    for tag in LANGUAGES:
        catalogue(tag)
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # which the extension adds
    environment.globals.update(_=_in_page, gettext=_in_page, ngettext=_counted_in_page)  # the extension's are slower
    for function in (number, date_in_words, size, listing, locale, language_name):
        app.add_template_filter(function)


@cache
def catalogue(language: str) -> NullTranslations:
    """The messages of a language; those of the source language translate themselves."""
    if language == SOURCE:
        return NullTranslations()
    with (FOLDER / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


def chosen_language(asked: Request | None = None) -> str | None:
    """The language that the address asks for by `?lang=`, if it is one of the interface; asked: else this request."""
    wanted = (asked or request).args.get(PARAMETER)
    return wanted if wanted in LANGUAGES else None


def languages(asked: Request | None = None) -> list[str]:
    """The reader's languages, the preferred one first: that of the address alone, else those of Accept-Language.

    asked: as for `chosen_language`.
    """
    if asked is None:
        known = cast("list[str] | None", g.get("languages"))
        if known is None:
            known = g.languages = _languages(request)
        return known
    return _languages(asked)


def _languages(asked: Request) -> list[str]:
    wanted = chosen_language(asked)
    if wanted:
        return [wanted]
    return [tag for tag, quality in asked.accept_languages if quality > 0 and tag != "*"][:_MOST]


def language() -> str:
    """The language of the interface for this request; outside of a request that of the source.

    The first of the reader's that there is, by its primary subtag (RFC 4647, 3.4), else English.
    """
    try:
        return cast("str", g.language)
    except (AttributeError, RuntimeError):  # it is asked for the first time, or outside of a request
        if not has_request_context():
            return SOURCE
    tag = g.language = language_of(request)
    return tag


def language_of(asked: Request) -> str:
    """The language of the interface for a request, also for one that has not come to the application."""
    primary = map(primary_subtag, languages(asked))
    return next((tag for tag in primary if tag in LANGUAGES), SOURCE)


class Message(str):
    """A text that is in the reader's language, whatever the language of the code."""

    __slots__ = ()


def gettext(message: str, **variables: object) -> Message:
    """The message in the language of the request, with `%(name)s` replaced by the variables."""
    return Message(_translated(message) % variables)


def ngettext(singular: str, plural: str, num: int) -> str:
    """The form of the message that goes with the number, which is `%(num)s` in it."""
    return _counted(singular, plural, num) % {"num": num}


def _translated(message: str) -> str:
    return catalogue(language()).gettext(message)


def _counted(singular: str, plural: str, num: int) -> str:
    """The form that goes with the number, with `%(num)s` written as the language does."""
    return catalogue(language()).ngettext(singular, plural, num).replace("%(num)s", number(num))


def _in_page(message: str, **variables: object) -> Markup:
    return Markup(_translated(message)) % variables  # noqa: S704 - our own; the variables are escaped


def _counted_in_page(singular: str, plural: str, num: int, **variables: object) -> Markup:
    return Markup(_counted(singular, plural, num)) % {"num": num, **variables}  # noqa: S704 - our own, as above


def number(value: float) -> str:
    """The number with the signs of the language: 12,345.6 or 12.345,6."""
    return _number(value, language())


@lru_cache(_KEPT)
def _number(value: float, tag: str) -> str:
    return format_decimal(value, locale=_locale(tag))


def date_in_words(text: str) -> str:
    """A date as data write it, in words and without its time of day: 22 November 2026; what is none as it stands."""
    return wording.date_in_words(text, language())


def size(octets: int) -> str:
    """A size in powers of thousand, with three digits at most: 1.42 MB."""
    value, unit = float(octets), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    digits = 2 - min(2, len(str(int(value))) - 1)
    pattern = f"#,##0.{'#' * digits}" if unit and digits else "#,##0"
    length: Literal["long", "short"] = "short" if unit else "long"  # "951 byte" is the short one
    return format_unit(value, f"digital-{_UNITS[unit]}", length, pattern, _locale(language()))


def listing(items: Iterable[str]) -> str:
    """Several texts as one list: a, b and c."""
    return format_list(list(items), locale=_locale(language()))


@cache
def locale(tag: str) -> str:
    """The language with the country where most people speak it, as Open Graph wants it: de_DE."""
    whole = Locale.parse(get_global("likely_subtags").get(tag, tag))
    return f"{whole.language}_{whole.territory}" if whole.territory else whole.language


def language_name(tag: str) -> str:
    """What a language is called in the reader's: German."""
    return str(_locale(language()).languages.get(tag.partition("-")[0], tag))


@cache
def _locale(tag: str) -> Locale:
    return Locale(tag)
