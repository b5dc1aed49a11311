"""Numbers and dates as words of a language, no more precise than they are.

The build uses it for names, which are data, and the server for what it shows. Neither has a request's gettext catalogue
here, so the few words that are needed stand in this module.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, localcontext
from functools import cache, lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from core.namespaces import XSD

LANGUAGES = ("en", "de", "zh")  # those that have words of their own below; others are written as English

# Datatypes of dates, with the time of day or without.
DATES = frozenset(
    {
        "http://id.loc.gov/datatypes/edtf/EDTF",
        *(XSD + name for name in ("date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth", "gMonth", "gMonthDay")),
    }
)
# xsd:decimal and what is derived from it.
NUMBERS = frozenset(
    XSD + name
    for name in (
        "decimal", "integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte",
        "nonNegativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "positiveInteger",
    )
)  # fmt: skip
# Skeletons of the Unicode CLDR, by what a date has of year, month and day.
_SKELETONS = {
    (True, True, False): "yMMMM",
    (True, False, False): "y",
    (False, True, True): "MMMMd",
}
# Patterns of a month alone, which has no skeleton. The wide names of Chinese months are in no date.
_MONTH, _MONTHS_SHORT = "LLLL", {"zh": "LLL"}
_WORDS = {
    "until": {"en": "not later than {}", "de": "spätestens {}", "zh": "不晚于{}"},
    "since": {"en": "not before {}", "de": "frühestens {}", "zh": "不早于{}"},
    "open": {"en": "from {}", "de": "seit {}", "zh": "{}起"},
    "ended": {"en": "up to {}, begin not known", "de": "bis {}, Beginn unbekannt", "zh": "至{}，开始时间不明"},
    "begun": {"en": "from {}, end not known", "de": "ab {}, Ende unbekannt", "zh": "自{}起，结束时间不明"},
    "between": {"en": "{} to {}", "de": "{} bis {}", "zh": "{}至{}"},
    "?": {"en": "{} (uncertain)", "de": "{} (unsicher)", "zh": "{}（不确定）"},
    "~": {"en": "about {}", "de": "um {}", "zh": "约{}"},
    "%": {"en": "about {} (uncertain)", "de": "um {} (unsicher)", "zh": "约{}（不确定）"},
    "decade": {"en": "{}s", "de": "{}er Jahre", "zh": "{}年代"},
    "21": {"en": "spring {}", "de": "Frühjahr {}", "zh": "{}春季"},
    "22": {"en": "summer {}", "de": "Sommer {}", "zh": "{}夏季"},
    "23": {"en": "autumn {}", "de": "Herbst {}", "zh": "{}秋季"},
    "24": {"en": "winter {}", "de": "Winter {}", "zh": "{}冬季"},
}
_DATE = re.compile(
    r"(?P<year>-?\d{4,}|\d{3}X|XXXX|-)(?:-(?P<month>\d\d|XX))?(?:-(?P<day>\d\d|XX))?(?P<doubt>[?~%]?)", re.ASCII
)
_TIME = re.compile(r"T.*|(?<=\d\d)(?:Z|[+-]\d\d:\d\d)\Z")
# Zeros in front and a plus are digits and signs that the words of a language leave out.
_NUMBER = re.compile(r"-?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)", re.ASCII)
_UNKNOWN = frozenset({"XX", "XXXX", "-", None})
_LEAP = 2000  # a year in which every day of the calendar exists
_MONTHS = 12
_LONGEST = 100  # characters; no date has more, but a literal that a query makes may
_MOST_DIGITS = 1_000  # of a number that is grouped


def gettext_noop(message: str) -> str:
    """Mark a message that is translated where it is shown, by the server's catalogues."""
    return message


def date_words(language: str) -> dict[str, str]:
    """The words that `date_in_words` has for what is not one day, by their keys; `{}` stands for a date."""
    return {key: _pattern(key, language) for key in _WORDS}


def date_in_words(text: str, language: str) -> str:
    """An EDTF or XML Schema date as words, without its time of day; any other text unchanged.

    EDTF level 1 (https://www.loc.gov/standards/datetime/): years, months, days, seasons, decades, unspecified parts,
    uncertain and approximate dates, and intervals with open or unknown ends.
    """
    return _date_in_words(text, language) if len(text) <= _LONGEST else text


@lru_cache(8192)
def _date_in_words(text: str, language: str) -> str:
    begin, slash, end = text.partition("/")
    if not slash:
        return _single(text, language) or text
    first, last = _single(begin, language), _single(end, language)
    if first and last:
        return _say("between", language, first, last)
    if last and begin in {"..", ""}:
        return _say("until" if begin else "ended", language, last)
    if first and end in {"..", ""}:
        return _say("open" if end else "begun", language, first)
    return text


def _single(text: str, language: str) -> str | None:
    found = _DATE.fullmatch(_TIME.sub("", text))
    if found is None:
        return None
    year, month, day = (found[part] for part in ("year", "month", "day"))
    try:
        words = _calendar(year, month, day, language)
    except (LookupError, ValueError):  # there is no such day, or no pattern for it in the language
        return None
    return _say(found["doubt"], language, words) if words and found["doubt"] else words


def _calendar(year: str, month: str | None, day: str | None, language: str) -> str | None:
    if year.endswith("X") and year not in _UNKNOWN:
        return _say("decade", language, f"{year[:3]}0") if month is None else None
    has_year, has_month, has_day = (part not in _UNKNOWN for part in (year, month, day))
    if has_year and not 0 < int(year) < 10_000:  # noqa: PLR2004 - what the calendar here can say
        return None
    if has_month and int(month or 0) > _MONTHS:
        is_season = str(month) in _WORDS and has_year and day is None
        return _say(str(month), language, _calendar(year, None, None, language) or "") if is_season else None
    known = date(int(year) if has_year else _LEAP, int(month or 1) if has_month else 1, int(day or 1) if has_day else 1)
    locale = _locale("en-GB" if language == "en" else language)  # the day goes before the month
    match has_year, has_month, has_day:
        case True, True, True:
            return format_date(known, "long", locale=locale)  # a skeleton would shorten the month
        case False, True, False:
            return format_date(known, _MONTHS_SHORT.get(locale.language, _MONTH), locale=locale)
    skeleton = _SKELETONS.get((has_year, has_month, has_day))
    return format_skeleton(skeleton, known, locale=locale) if skeleton else None


def number_in_words(text: str, language: str) -> str:
    """A decimal number with all its digits and the separators of the language; any other text unchanged."""
    return text if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text) else _number_in_words(text, language)


@lru_cache(2048)
def _number_in_words(text: str, language: str) -> str:
    digits = len(text.partition(".")[2])
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    with localcontext(prec=len(text)):  # the library rounds to what the context has
        return format_decimal(Decimal(text), format=pattern, locale=_locale(language), decimal_quantization=False)


def _say(key: str, language: str, *parts: str) -> str:
    return _pattern(key, language).format(*parts)


def _pattern(key: str, language: str) -> str:
    words = _WORDS[key]
    return words.get(language.partition("-")[0], words["en"])


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")
