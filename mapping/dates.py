"""Dates as precise as the text: EDTF (https://www.loc.gov/standards/datetime/) and its bounds."""

from __future__ import annotations

import re
import time
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import Any

UNKNOWN_YEAR = "XXXX"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")  # or a year: what most dates are, known without the parser


def problem(value: str) -> str | None:
    """The problem of an EDTF date, or None.

    EDTF levels 0 to 2; a calendar day that does not exist (2021-02-30) is wrong although the grammar may admit it.
    """
    try:
        if _DAY.fullmatch(value):
            date.fromisoformat(value)
        elif not _MONTH.fullmatch(value):
            parsed = _parse(value)
            parsed.lower_strict()
            parsed.upper_strict()
    except _SyntaxError:
        return f"'{value}' is not an EDTF date"
    except ValueError as error:
        return f"'{value}' is not a day of the calendar ({error})"
    return None


def earliest(value: str) -> str | None:
    """The first day that an EDTF date can mean, as xsd:date; None where it is open, or start or year is not known."""
    if _DAY.fullmatch(value):
        return value
    month = _MONTH.fullmatch(value)
    if month is not None:
        return f"{month[1]}-{month[2] or '01'}-01"
    return None if value.startswith((UNKNOWN_YEAR, "/")) else _day(_parse(value).lower_strict())


def latest(value: str) -> str | None:
    """The last day that an EDTF date can mean, as xsd:date; None where it is open, or end or year is not known."""
    if _DAY.fullmatch(value):
        return value
    month = _MONTH.fullmatch(value)
    if month is not None:
        last = int(month[2] or "12")
        return f"{month[1]}-{last:02d}-{monthrange(int(month[1]), last)[1]}"
    return None if value.startswith(UNKNOWN_YEAR) or value.endswith("/") else _day(_parse(value).upper_strict())


class _SyntaxError(ValueError):
    """A text is no EDTF date."""


@lru_cache(4096)
def _parse(value: str) -> Any:
    """Parsing takes 2 ms, and dates recur: most are years, months or plain days."""
    from edtf import parse_edtf  # noqa: PLC0415 - a tenth of a second, which a build without such dates can save
    from edtf.parser.edtf_exceptions import EDTFParseException  # noqa: PLC0415

    try:
        return parse_edtf(value)
    except EDTFParseException as error:
        raise _SyntaxError from error


def _day(bound: time.struct_time | float) -> str | None:
    if not isinstance(bound, time.struct_time):
        return None  # an open end of an interval
    year = f"{bound.tm_year:0{5 if bound.tm_year < 0 else 4}d}"
    return f"{year}-{bound.tm_mon:02d}-{bound.tm_mday:02d}"
