"""Finds amounts in a text: a value or fraction, its approximation, and the unit concept that is counted.

text2num reads number words (https://github.com/allo-media/text2num); digits are read with the language's separators. An
amount needs a unit of the ontology, so years, telephone numbers and the 500 in a proper name are none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from text_to_num import find_numbers

from curate.suggest.lexicon import Lexicon, alternatives
from curate.suggest.text import Article, Span, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curate.suggest.concepts import ConceptWords

EXACT, VAGUE = "exact", "vague"
PERCENT, FRACTION, RANK = "percent", "fraction", "rank"
_SMALL = 12  # numbers up to this are not worth a note where no unit fits
_PHRASE = 12  # words of a noun phrase between a number and its unit
_LONGEST = 7  # digits without a sign between them: more are a code or a telephone number
_BEFORE = 40  # characters before a number in which its qualifier stands
_SIGNS = {"~": "approximately", "≈": "approximately", ">": "moreThan"}
_UNIT_SIGNS = ("ha", "m²", "km²")
_CURRENCIES = {"€": "EUR", "$": "USD"}
_ORDINAL = ("st", "nd", "rd", "th")
_FRACTION = re.compile(r"(\d{1,3})/(\d{1,3})(?![/\d])")
_JOINED = "+-–/:._#@"  # signs that make the digits beside them part of a code, a time or a range


@dataclass(frozen=True)
class Quantity:
    """A number in the text: a value or a fraction; neither if it is vague. ordinal: it is a rank or position.

    first, following: index in the sentence of its first word, and of the word after it.
    """

    span: Span
    first: int
    following: int
    value: Decimal | None = None
    fraction: tuple[int, int] | None = None
    ordinal: bool = False


@dataclass(frozen=True)
class Amount:
    """A quantity of something. unit: local name of a concept, None if the ontology has none that fits.

    approximation: local name of a concept, None if none expresses the bound (up to 300).
    """

    span: Span
    quantity: Quantity
    unit: str | None
    approximation: str | None

    @property
    def value(self) -> str | None:
        """The value as xsd:decimal without superfluous zeros."""
        if self.quantity.value is None:
            return None
        text = format(self.quantity.value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class _Spoken:
    """A word in the form that text2num expects."""

    word: str
    is_sign: bool

    def text(self) -> str:
        return self.word

    def nt_separated(self, _previous: _Spoken) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return self.is_sign


def find(article: Article, units: ConceptWords, dated: set[int]) -> Iterator[Amount]:
    """Every amount, in the order of the text. dated: starts of the words that belong to a date."""
    lexicon = article.lexicon
    if lexicon is None:
        return
    for sentence in article.sentences:
        words = article.words(sentence)
        done = sentence.start
        for quantity in _quantities(article.text, words, lexicon, dated):
            if quantity.span.start < done:
                continue  # it belongs to the noun phrase of the number before
            amount = _amount(article.text, sentence, words, quantity, units, lexicon)
            if amount is not None:
                done = amount.span.end
                yield amount


def _quantities(text: str, words: list[Word], lexicon: Lexicon, dated: set[int]) -> list[Quantity]:
    """The numbers of a sentence; digits take precedence over number words, and fractions over both."""
    found: dict[int, Quantity] = {}
    if words:
        for match in _vague(lexicon).finditer(text, words[0].start, words[-1].end):
            first, last = (bisect_left(words, at, key=lambda word: word.start) for at in match.span())
            found[first] = Quantity(Span(*match.span()), first, last)
    found.update((quantity.first, quantity) for quantity in _in_words(words, lexicon))
    for index, word in enumerate(words):
        numeral = _numeral(text, words, index, lexicon) if word.start not in dated else None
        if numeral is not None and _in_code(words, numeral, dated):
            numeral = None
        quantity = _spoken_fraction(words, index, lexicon) or numeral
        if quantity is not None:
            found[index] = quantity
    return sorted(found.values(), key=lambda quantity: quantity.span)


def _in_code(words: list[Word], quantity: Quantity, dated: set[int]) -> bool:
    """Whether the digits stand directly beside other digits, as in a telephone number."""
    beside = (quantity.first - 1, quantity.following)
    return any(
        words[index].text[0].isdigit() and words[index].start not in dated
        for index in beside
        if 0 <= index < len(words)
    )


def _in_words(words: list[Word], lexicon: Lexicon) -> Iterator[Quantity]:
    """Numbers in words except a single one, because "one" and "ein" are mostly articles."""
    spoken = [_Spoken(one.text, not one.text[0].isalpha() or _follows_digits(words, i)) for i, one in enumerate(words)]
    for run in find_numbers(spoken, lexicon.language, threshold=0):
        value, following = _scaled(Decimal(int(run.value)), words, run.end, lexicon)
        if value != 1 or run.is_ordinal:
            span = Span(words[run.start].start, words[following - 1].end)
            yield Quantity(span, run.start, following, value, ordinal=run.is_ordinal)


def _follows_digits(words: list[Word], index: int) -> bool:
    return index > 0 and words[index - 1].text[0].isdigit()


def _numeral(text: str, words: list[Word], index: int, lexicon: Lexicon) -> Quantity | None:
    """A number in digits, with its scale word or as a fraction; None if the digits are part of something else."""
    word = words[index]
    before, after = text[word.start - 1 : word.start], text[word.end : word.end + 2]
    if not word.text[0].isdigit() or before.isalnum() or (before and before in _JOINED):
        return None
    fraction = _FRACTION.match(text, word.start)
    if fraction and int(fraction[2]) > int(fraction[1]):
        return Quantity(Span(*fraction.span()), index, index + 3, fraction=(int(fraction[1]), int(fraction[2])))
    value = _digits(word.text, lexicon)
    suffix = words[index + 1].text.lower() if index + 1 < len(words) and words[index + 1].start == word.end else ""
    if value is not None and (suffix in _ORDINAL or (suffix == "." and lexicon.ordinal_dot and index + 2 < len(words))):
        return Quantity(Span(word.start, words[index + 1].end), index, index + 2, value, ordinal=True)
    in_code = after[:1] in _JOINED and after[1:].isalnum()
    joined = suffix.isalpha() and suffix not in (*lexicon.table("scales"), *_UNIT_SIGNS)
    money = before in _CURRENCIES and suffix == "m"  # as in €30m; alone, m are metres
    if value is None or in_code or (joined and not money):
        return None
    if money:
        return Quantity(Span(word.start, words[index + 1].end), index, index + 2, value * 1_000_000)
    value, following = _scaled(value, words, index + 1, lexicon)
    return Quantity(Span(word.start, words[following - 1].end), index, following, value)


def _digits(text: str, lexicon: Lexicon) -> Decimal | None:
    """The value of digits with the language's separators; None if they are grouped otherwise, or are a code."""
    decimal, group = re.escape(lexicon.table("decimal")), re.escape(lexicon.table("group"))
    if text.isdecimal() and len(text) > _LONGEST:
        return None
    if not re.fullmatch(rf"(\d+|\d{{1,3}}({group}\d{{3}})+)({decimal}\d+)?", text):
        return None
    return Decimal(text.replace(lexicon.table("group"), "").replace(lexicon.table("decimal"), "."))


def _scaled(value: Decimal, words: list[Word], index: int, lexicon: Lexicon) -> tuple[Decimal, int]:
    scales = lexicon.table("scales")
    while index < len(words) and words[index].text.lower() in scales:
        value, index = value * Decimal(scales[words[index].text.lower()]), index + 1
    return value, index


def _spoken_fraction(words: list[Word], index: int, lexicon: Lexicon) -> Quantity | None:
    """A fraction in words, such as a third of, two thirds of, ein Drittel der."""
    last = index
    parts = words[index].text.lower().split("-")
    if len(parts) == 1 and index + 1 < len(words):
        parts, last = [parts[0], words[index + 1].text.lower()], index + 1
    if len(parts) != 2 or last + 1 >= len(words):  # noqa: PLR2004 - numerator and denominator
        return None
    table = lexicon.table("fractions")
    denominator = table.get(parts[1]) or table.get(parts[1].removesuffix("s"))
    numerator = 1 if parts[0] in ("a", "eine") else _cardinal(parts[0], lexicon.language)
    ends = words[last + 1].text.lower() in lexicon.table("numbers", "phrase_end")
    if denominator is None or numerator is None or not (ends and numerator < denominator):
        return None
    return Quantity(Span(words[index].start, words[last].end), index, last + 1, fraction=(numerator, denominator))


@cache
def _cardinal(word: str, language: str) -> int | None:
    runs = find_numbers([_Spoken(word, is_sign=False)], language, threshold=0)
    return int(runs[0].value) if len(runs) == 1 and not runs[0].is_ordinal else None


def _amount(
    text: str, sentence: Span, words: list[Word], quantity: Quantity, units: ConceptWords, lexicon: Lexicon
) -> Amount | None:
    start, approximation = _qualified(text, sentence, quantity.span, lexicon)
    following = quantity.following
    ranked = _is_rank(words, quantity, lexicon)
    if ranked or quantity.ordinal:
        return Amount(quantity.span, quantity, RANK, EXACT) if ranked else None
    if quantity.fraction is not None:
        return Amount(Span(start, quantity.span.end), quantity, FRACTION, approximation)
    after = re.compile(rf"\s*(?:(\+)|(?i:{_after(lexicon)})\b)").match(text, quantity.span.end)
    if after and quantity.value is not None:
        approximation = _after_concept(after[0].strip().lower(), lexicon) if approximation == EXACT else approximation
        following = next((i for i in range(following, len(words)) if words[i].start >= after.end()), len(words))
    if quantity.value is None:
        approximation = VAGUE
    unit, end = _unit(words, following, units, lexicon)
    if unit is None and quantity.first and words[quantity.first - 1].text.isupper():  # as in RMB 30 million
        code = words[quantity.first - 1]
        found = units.first([code.text])
        unit, start = (found.concept, min(start, code.start)) if found else (None, start)
    if unit is None:
        unit, start, end = _by_sign(words, quantity, start)
    worth_a_note = quantity.value is not None and quantity.value > _SMALL
    if (unit is None and not worth_a_note) or _in_a_name(words, quantity, lexicon):
        return None
    return Amount(Span(start, end or quantity.span.end), quantity, unit, approximation)


def _unit(words: list[Word], index: int, units: ConceptWords, lexicon: Lexicon) -> tuple[str | None, int]:
    """The unit concept that the noun phrase after a number names, and where its word ends."""
    if index < len(words) and words[index].text == "%":
        return PERCENT, words[index].end
    phrase: list[Word] = []
    ends = lexicon.table("numbers", "phrase_end")
    for number, word in enumerate(words[index : index + _PHRASE], index):
        before = words[number - 1].text.lower()
        short = word.text == "." and (len(before) == 1 or before in lexicon.abbreviations)  # as in U.S. dollars
        if word.text in "()-" or short:
            continue
        in_name = word.text[0].isdigit() and number > index and words[number - 1].text[0].isupper()
        if word.text.lower() in ends or not (word.text[0].isalpha() or in_name):
            break
        phrase.append(word)
    found = units.first([word.text for word in phrase])
    return (found.concept, phrase[found.end - 1].end) if found else (None, 0)


def _by_sign(words: list[Word], quantity: Quantity, start: int) -> tuple[str | None, int, int]:
    """The currency whose sign stands beside a number, and where the amount begins and ends.

    A dollar sign after other letters than US is that of another currency.
    """
    before, after = (
        words[index] if 0 <= index < len(words) else None for index in (quantity.first - 1, quantity.following)
    )
    if before is not None and before.text in _CURRENCIES:
        code = words[quantity.first - 2] if quantity.first > 1 else None
        if code is None or code.end != before.start or not code.text[0].isalpha():
            return _CURRENCIES[before.text], min(start, before.start), 0
        return (_CURRENCIES[before.text], min(start, code.start), 0) if code.text == "US" else (None, start, 0)
    if after is not None and after.text in _CURRENCIES:
        return _CURRENCIES[after.text], start, after.end
    return None, start, 0


def _in_a_name(words: list[Word], quantity: Quantity, lexicon: Lexicon) -> bool:
    """Whether the number belongs to a proper name, as in the Fortune 500 companies."""
    index = quantity.first
    if index < 2 or not words[index - 1].text[0].isupper() or lexicon.language == "de":  # noqa: PLR2004 - two words before
        return False
    before = words[index - 2].text
    return before[0].isdigit() or before.lower() in ("the", "a", "an", "of")


def _is_rank(words: list[Word], quantity: Quantity, lexicon: Lexicon) -> bool:
    before = words[quantity.first - 1].text.lower() if quantity.first else ""
    after = words[quantity.following].text.lower() if quantity.following < len(words) else ""
    if quantity.ordinal:
        return before in lexicon.table("ranks", "before") or after in lexicon.table("ranks", "after")
    return quantity.value is not None and before in lexicon.table("ranks", "number")


def _qualified(text: str, sentence: Span, number: Span, lexicon: Lexicon) -> tuple[int, str | None]:
    """(start of a number's qualifier, approximation concept); None for a bound without a concept."""
    start = max(sentence.start, number.start - _BEFORE)
    match = _qualifier(lexicon).search(text[start : number.start])
    if match is None:
        return number.start, EXACT
    if match["sign"]:
        return start + match.start("sign"), _SIGNS.get(match["sign"])
    phrase = " ".join(match["phrase"].lower().split())
    found = (name for name, phrases in lexicon.table("approximations").items() if phrase in phrases)
    return start + match.start("phrase"), next(found, None)


def _after_concept(phrase: str, lexicon: Lexicon) -> str:
    found = (name for name, phrases in lexicon.table("approximations_after").items() if phrase in phrases)
    return next(found, "moreThan")  # the sign +


@cache
def _after(lexicon: Lexicon) -> str:
    return alternatives(phrase for phrases in lexicon.table("approximations_after").values() for phrase in phrases)


@cache
def _qualifier(lexicon: Lexicon) -> re.Pattern[str]:
    known = [phrase for phrases in lexicon.table("approximations").values() for phrase in phrases]
    phrases = alternatives([*known, *lexicon.table("numbers", "bounds")])
    return re.compile(
        rf"(?:(?<!\w)(?P<phrase>(?i:{phrases}))\.?\s+(?:the\s+|a\s+)?|(?P<sign>[~≈><])\s?)(?:[A-Z]{{2,3}}\s?)?[$€£¥]?\s?$"
    )


@cache
def _vague(lexicon: Lexicon) -> re.Pattern[str]:
    return re.compile(rf"\b(?i:{alternatives(lexicon.table('numbers', 'vague'))})\b")
