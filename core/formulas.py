"""Texts of tables that people open in spreadsheets, which run what looks like a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)")


def is_number(text: str) -> bool:
    """Whether the text is a decimal number and nothing else, which is harmless with a sign too."""
    return _NUMBER.fullmatch(text) is not None


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text of a cell of CSV, or take it for a number."""
    return text.startswith(_FORMULA)


def escape_formula(text: str) -> str:
    """The text of a cell of CSV; before one that a spreadsheet would run stands an apostrophe."""
    return f"'{text}" if is_formula(text) else text
