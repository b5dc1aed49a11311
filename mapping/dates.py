"""Dates as precise as the text: EDTF (https://www.loc.gov/standards/datetime/) and its bounds."""

from __future__ import annotations

import time
from datetime import date
from functools import lru_cache

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

UNKNOWN_YEAR = "XXXX"
_KEPT = 4096  # dates recur; reading one takes 2 ms


@lru_cache(_KEPT)
def problem(value: str) -> str | None:
    """What is wrong with an EDTF date, or None.

    EDTF levels 0 to 2; a calendar day that does not exist (2021-02-30) is wrong although the grammar admits it.
    """
    try:
        parsed = parse_edtf(value)
    except EDTFParseException:
        return f"'{value}' is not an EDTF date"
    try:
        parsed.lower_strict()
        parsed.upper_strict()
        if value.count("-") == 2 and value.replace("-", "").isdigit():  # noqa: PLR2004 - year, month and day
            date.fromisoformat(value)
    except ValueError as error:
        return f"'{value}' is not a day of the calendar ({error})"
    return None


@lru_cache(_KEPT)
def earliest(value: str) -> str | None:
    """The first day that an EDTF date can mean, as xsd:date; None where it is open, or start or year is not known."""
    return None if value.startswith((UNKNOWN_YEAR, "/")) else _day(parse_edtf(value).lower_strict())


@lru_cache(_KEPT)
def latest(value: str) -> str | None:
    """The last day that an EDTF date can mean, as xsd:date; None where it is open, or end or year is not known."""
    return None if value.startswith(UNKNOWN_YEAR) or value.endswith("/") else _day(parse_edtf(value).upper_strict())


def _day(bound: time.struct_time | float) -> str | None:
    if not isinstance(bound, time.struct_time):
        return None  # an open end of an interval
    year = f"{bound.tm_year:0{5 if bound.tm_year < 0 else 4}d}"
    return f"{year}-{bound.tm_mon:02d}-{bound.tm_mday:02d}"
