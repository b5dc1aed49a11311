"""Finds dates in a text and writes them as EDTF, no more precise than the text.

A pattern made from dateparser's month names finds a date, dateparser reads it (https://dateparser.readthedocs.io/), and
asking it for year, month and day in turn gives the precision. Its own search is not used: it takes common words for
days.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from dateparser.date import DateDataParser
from dateparser.languages.loader import default_loader

from curate.suggest.lexicon import Lexicon, alternatives
from curate.suggest.text import Article, Span, Word
from mapping import dates

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WHOLE, _MONTH, _YEAR = ("year", "month", "day"), ("year", "month"), ("year",)
_FORMS = {  # what a form can state, the most precise first, and how that is written
    "year": ((_WHOLE, "%Y-%m-%d"), (_MONTH, "%Y-%m"), (_YEAR, "%Y")),
    "no year": ((("month", "day"), "XXXX-%m-%d"), (("month",), "XXXX-%m")),
}
_UNKNOWN = "XXXX"
_HEAD_LINE = 8  # words of a line at the head that holds little more than the date
_CLAUSE = 100  # characters before a date in which the verb of founding is looked for
_HEAD = 600  # characters from the beginning in which the date of the article itself is looked for
_INFERRED = 183  # days before the article's date within which a day without a year is taken to be of that year


@dataclass(frozen=True)
class Dated:
    """A date. value: EDTF. note: what was inferred. target: whether something is due by then.

    founded: whether something was founded then.
    """

    span: Span
    value: str
    note: str = ""
    target: bool = False
    founded: bool = False


@dataclass(frozen=True)
class Dates:
    """The dates of an article in the order of its text. own: the article's own date, if its head has one."""

    own: Dated | None
    mentioned: list[Dated]


def find(article: Article) -> Dates:
    """All dates of the article; those without a year are completed where the text allows it."""
    lexicon = article.lexicon
    if lexicon is None:
        return Dates(None, [])
    found = list(_mentioned(article, lexicon))
    own = next((one for one in found if _at_head(article, one)), None)
    completed = [_completed(article, one, found, own) for one in found if one is not own]
    if own is not None:
        completed += _recent(article, lexicon, own)
    return Dates(own, sorted(completed, key=lambda one: one.span))


def _mentioned(article: Article, lexicon: Lexicon) -> Iterator[Dated]:
    for match in _pattern(lexicon).finditer(article.text):
        kind = match.lastgroup or ""
        span = Span(*match.span(kind))
        value = _range(match[kind], lexicon) or _read(match[kind], lexicon)
        if value is None or dates.problem(value) is not None:
            continue
        lead = match["lead"] or match["bracket"] or ""
        clear = lead and not (lead.lower() in lexicon.table("dates", "unclear") and _counts(article, span, lexicon))
        if kind == "year" and not (clear or (not lead and _qualifies_a_name(article, span, lexicon))):
            continue
        if kind == "month" and not lead:
            continue
        words = " ".join(lead.lower().split())
        if kind in ("year", "month_year") and words in lexicon.table("dates", "about"):
            value += "~"
        founded = _founding(lexicon).search(article.text, max(0, span.start - _CLAUSE), span.start) is not None
        yield Dated(span, value, target=words in lexicon.table("dates", "target"), founded=founded)


@cache
def _founding(lexicon: Lexicon) -> re.Pattern[str]:
    """Pattern of the words before the date at which something was founded."""
    founded, leads = (alternatives(lexicon.table("dates", name)) for name in ("founded", "lead"))
    return re.compile(rf"\b(?i:{founded})\s+(?:(?:by|von)\s+[^,;.]+?\s+)?(?:(?:{leads}|on|am)\s+)*$")


@cache
def _pattern(lexicon: Lexicon) -> re.Pattern[str]:
    """The forms of dates, longest first, each a named group."""
    names = [name for month in _MONTHS for name in default_loader.get_locale(lexicon.language).info[month]]
    month = f"(?:{alternatives({name[0].upper() + name[1:] for name in names})})\\b\\.?"
    day, dash = r"[0-3]?\d(?:st|nd|rd|th|\.)?", _dash(lexicon)
    year = r"(?:1[5-9]|20)\d\d"
    sign = r"[/.]" if lexicon.day_first else r"/"
    forms = {
        "iso": r"\d{4}-[01]\d(?:-[0-3]\d)?(?!\d|-\d)",
        "signs": rf"[0-3]?\d{sign}[0-3]?\d{sign}(?:\d{{4}}|\d\d)(?![\d/])",
        "month_day": rf"{month}\s+{day}(?:{dash}{day})?(?!\d)(?:,?\s+{year}\b)?",
        "day_month": rf"\b{day}(?:{dash}{day})?\s?(?:of\s+)?{month}(?:,?\s+{year}\b)?",
        "month_year": rf"{month},?\s+{year}\b",
        "years": rf"{year}\s?[-–—]\s?{year}\b",
        "decade": r"(?:1[5-9]|20)\d0(?:s|er)\b",
        "year": rf"{year}(?![\w]|[.,:/+%-]\d|-\w)",
        "month": rf"{month}(?!\w)",
    }
    lead = alternatives(
        {word for name in ("lead", "target", "about", "founded") for word in lexicon.table("dates", name)}
    )
    any_form = "|".join(f"(?P<{name}>{form})" for name, form in forms.items())
    return re.compile(rf"(?:\b(?P<lead>(?i:{lead}))\s+|(?P<bracket>[(\[])|(?<![\w.,/:+-]))(?:{any_form})")


def _read(text: str, lexicon: Lexicon) -> str | None:
    """EDTF of one date; None if dateparser does not read it, or day and month may be exchanged."""
    decade = re.fullmatch(r"(\d{3})0(?:s|er)", text)
    if decade:
        return f"{decade[1]}X"
    signs = re.fullmatch(r"(\d+)[/.](\d+)[/.]\d+", text)
    if signs and not lexicon.day_first and max(int(signs[1]), int(signs[2])) <= len(_MONTHS) and signs[1] != signs[2]:
        return None
    form = "year" if signs or re.search(r"\d{4}", text) else "no year"
    return _by_library(text, lexicon.language, form)


@cache
def _by_library(text: str, language: str, form: str) -> str | None:
    for parts, written in _FORMS[form]:
        parsed = _parser(language, parts).get_date_data(text).date_obj
        if parsed is not None:
            return str(parsed.strftime(written))
    return None


@cache
def _parser(language: str, parts: tuple[str, ...]) -> DateDataParser:
    settings = {"REQUIRE_PARTS": list(parts), "PARSERS": ["absolute-time"]}
    return DateDataParser(languages=[language], settings=settings)


def _dash(lexicon: Lexicon) -> str:
    """Pattern between the ends of a range of days."""
    return rf"(?:\s?[-–—]\s?|\s+(?:{alternatives(lexicon.table('dates', 'through'))})\s+)"


def _days(text: str, lexicon: Lexicon) -> re.Match[str] | None:
    """A range of days within one month."""
    if re.match(r"\d{4}-", text):
        return None
    return re.search(
        rf"(?<![\d-])(\d{{1,2}}(?:st|nd|rd|th|\.)?){_dash(lexicon)}(\d{{1,2}})(?:st|nd|rd|th|\.)?(?!\d)", text
    )


def _range(text: str, lexicon: Lexicon) -> str | None:
    """An EDTF interval for a range of days or years, or None."""
    years = re.fullmatch(r"(\d{4})\s?[-–—]\s?(\d{4})", text)
    if years:
        return f"{years[1]}/{years[2]}" if years[1] < years[2] else None
    days = _days(text, lexicon)
    first = _read(text.replace(days[0], days[1]), lexicon) if days else None
    if days is None or first is None or len(first) != len("YYYY-MM-DD") or first.startswith(_UNKNOWN):
        return None
    last = f"{first[:8]}{int(days[2]):02d}"
    return f"{first}/{last}" if first < last else None


def _counts(article: Article, span: Span, lexicon: Lexicon) -> bool:
    """Whether a bare number seems to count what follows it, as in about 2000 companies."""
    following = re.match(r"\s+(\w+)", article.text[span.end : span.end + 40])
    known = (*lexicon.table("dates", "following"), *lexicon.table("numbers", "phrase_end"))
    return following is not None and following[1].lower() not in known


def _qualifies_a_name(article: Article, span: Span, lexicon: Lexicon) -> bool:
    """Whether a bare year stands before a name, as in the 2023 Forum, and does not count something."""
    following = re.match(r"\s+(\w+)", article.text[span.end : span.end + 40])
    return following is not None and following[1][0].isupper() and lexicon.language != "de"


def _at_head(article: Article, one: Dated) -> bool:
    """Whether it is the article's own date: a complete date at the head, after at most two words."""
    if one.span.start > _HEAD or not re.fullmatch(r"\d{4}-\d\d-\d\d", one.value):
        return False
    line = article.paragraph_at(one.span.start)
    before, whole = (len(article.text[line.start : end].split()) for end in (one.span.start, line.end))
    sure = whole <= _HEAD_LINE or article.text[one.span.start : one.span.end] == one.value
    return before == 0 or (before <= 2 and sure)  # noqa: PLR2004 - as in: Published on


def _completed(article: Article, one: Dated, found: list[Dated], own: Dated | None) -> Dated:
    """The date with the year of its sentence, or else of the article's date if it falls shortly before that."""
    if not one.value.startswith(_UNKNOWN):
        return one
    rest = one.value.removeprefix(_UNKNOWN)
    sentence = article.sentence_at(one.span.start)
    years = {other.value[:4] for other in _within(found, sentence) if re.fullmatch(r"\d{4}", other.value)}
    if len(years) == 1:
        return replace(one, value=years.pop() + rest, note="The year is that of the sentence.")
    if own is None:
        return one
    published = date.fromisoformat(own.value)
    for year in (published.year, published.year - 1):
        first = dates.earliest(f"{year}{rest}") if dates.problem(f"{year}{rest}") is None else None
        if first and 0 <= (published - date.fromisoformat(first)).days <= _INFERRED:
            return replace(one, value=f"{year}{rest}", note="The year is inferred from the date of the article.")
    return one


def _within(found: list[Dated], span: Span) -> Iterator[Dated]:
    for number in range(bisect_left(found, span.start, key=lambda one: one.span.start), len(found)):
        if found[number].span.start >= span.end:
            return
        yield found[number]


def _recent(article: Article, lexicon: Lexicon, own: Dated) -> Iterator[Dated]:
    """Dates for words like recently: not later than the article."""
    pattern = re.compile(rf"\b(?i:{alternatives(lexicon.table('dates', 'recent'))})\b")
    for match in pattern.finditer(article.text):
        yield Dated(Span(*match.span()), f"../{own.value}", "The text calls it recent: not later than the article.")


def taken(found: Dates, words: list[Word]) -> set[int]:
    """Starts of the words that belong to a date, which are therefore no amounts."""
    spans = sorted(one.span for one in [*found.mentioned, *([found.own] if found.own else [])])
    starts, number = set(), 0
    for word in words:
        while number < len(spans) and spans[number].end <= word.start:
            number += 1
        if number < len(spans) and spans[number].start <= word.start:
            starts.add(word.start)
    return starts
