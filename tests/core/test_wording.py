"""Dates and numbers in words: as precise as they are stated, in each language, and untouched where they are none."""

from __future__ import annotations

import pytest

from core.wording import LANGUAGES, date_in_words, number_in_words

DATES = [
    # EDTF level 0
    ("2016", "2016", "2016", "2016年"),
    ("2017-05", "May 2017", "Mai 2017", "2017年5月"),
    ("2021-04-26", "26 April 2021", "26. April 2021", "2021年4月26日"),
    ("2019/2021", "2019 to 2021", "2019 bis 2021", "2019年至2021年"),
    # level 1: open and unknown ends
    ("../2023-05", "not later than May 2023", "spätestens Mai 2023", "不晚于2023年5月"),
    ("2016/..", "from 2016", "seit 2016", "2016年起"),
    ("/2016", "up to 2016, begin not known", "bis 2016, Beginn unbekannt", "至2016年，开始时间不明"),
    ("2016/", "from 2016, end not known", "ab 2016, Ende unbekannt", "自2016年起，结束时间不明"),
    # level 1: unspecified parts
    ("XXXX-07-23", "23 July", "23. Juli", "7月23日"),
    ("XXXX-05", "May", "Mai", "5月"),
    ("XXXX-12-XX", "December", "Dezember", "12月"),
    ("XXXX-05/XXXX-07", "May to July", "Mai bis Juli", "5月至7月"),
    ("../XXXX-05", "not later than May", "spätestens Mai", "不晚于5月"),
    ("XXXX-05~", "about May", "um Mai", "约5月"),
    ("201X", "2010s", "2010er Jahre", "2010年代"),
    ("2020-XX", "2020", "2020", "2020年"),
    ("1985-04-XX", "April 1985", "April 1985", "1985年4月"),
    # level 1: seasons and doubts
    ("2017-21", "spring 2017", "Frühjahr 2017", "2017年春季"),
    ("2017-24", "winter 2017", "Winter 2017", "2017年冬季"),
    ("2004?", "2004 (uncertain)", "2004 (unsicher)", "2004年（不确定）"),
    ("2004-06~", "about June 2004", "um Juni 2004", "约2004年6月"),
    ("2004%", "about 2004 (uncertain)", "um 2004 (unsicher)", "约2004年（不确定）"),
    # XML Schema
    ("--04-26", "26 April", "26. April", "4月26日"),
    ("--05", "May", "Mai", "5月"),
    ("--05Z", "May", "Mai", "5月"),
    ("2021-05-06Z", "6 May 2021", "6. Mai 2021", "2021年5月6日"),
    ("2021-05-06T10:00:00+02:00", "6 May 2021", "6. Mai 2021", "2021年5月6日"),
]
NO_DATES = [
    "",
    "nonsense",
    "2021-02-30",
    "2021-13",
    "XXXX-13",
    "XXXX-00",
    "XXXX-21",
    "2017-21-05",
    "XXXX-XX-05",
    "-13800000000",
    "Y-13800000000",
    "7" * 500,
    "XXXX",
    "-0044",
    "20000",
    "../..",
    "2016/x",
    "2016/2017/2018",
]
NUMBERS = [
    ("8700000000000", "8,700,000,000,000", "8.700.000.000.000", "8,700,000,000,000"),
    ("19.80", "19.80", "19,80", "19.80"),
    ("-1234.5", "-1,234.5", "-1.234,5", "-1,234.5"),
    (".5", "0.5", "0,5", "0.5"),
    ("0.1234567890123456789", "0.1234567890123456789", "0,1234567890123456789", "0.1234567890123456789"),
    ("6" * 30, ",".join(["666"] * 10), ".".join(["666"] * 10), ",".join(["666"] * 10)),
    ("-" + "123" * 170, "-" + ",".join(["123"] * 170), "-" + ".".join(["123"] * 170), "-" + ",".join(["123"] * 170)),
    ("0." + "7" * 500, "0." + "7" * 500, "0," + "7" * 500, "0." + "7" * 500),
]


@pytest.mark.parametrize(("text", *LANGUAGES), DATES, ids=[row[0] for row in DATES])
def test_dates(text: str, en: str, de: str, zh: str) -> None:
    assert [date_in_words(text, language) for language in LANGUAGES] == [en, de, zh]


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_stays_as_it_is(text: str) -> None:
    assert [date_in_words(text, language) for language in LANGUAGES] == [text] * 3


@pytest.mark.parametrize(("text", *LANGUAGES), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_numbers_keep_their_digits(text: str, en: str, de: str, zh: str) -> None:
    assert [number_in_words(text, language) for language in LANGUAGES] == [en, de, zh]


@pytest.mark.parametrize("text", ["", "x", "1e5", "INF", "1,000", "٣", "007", "+5", "5.", "1" * 5000])
def test_what_is_no_number_stays_as_it_is(text: str) -> None:
    assert number_in_words(text, "de") == text


def test_other_languages_are_written_as_english() -> None:
    assert date_in_words("../2023", "fr") == "not later than 2023"
    assert date_in_words("../2023", "no such") == "not later than 2023"
    assert date_in_words("../2023", "de-AT") == "spätestens 2023"
