"""Pages of answers: as much as a language model reads at once, what is left out, and where it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from server.mcp.site import SiteError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LARGEST = 24_000  # bytes of an answer, as JSON in UTF-8
LONGEST = 4_000  # characters of a text
_SHORTER = (LONGEST, 500, 60)  # tried in turn where one item alone is too large
_REST = 1_200  # bytes beside the items and the head: names of members, the id of the release, what is left out
_DIGITS = 9
_NAMED = 20  # items that are too large
AGAIN = "The rest: call again with the same arguments, and after = next."

_Item = TypeVar("_Item")
_Told = TypeVar("_Told")


class Page:
    """Takes the items of an answer in their order, the most important first, until the answer is full."""

    def __init__(self, start: int = 0, *head: str | None, limit: int | None = None) -> None:
        """start: how many items pages before had. head: what else is in the answer. limit: of items."""
        self._size = self._room = LARGEST - _REST - sum(len(to_json(text)) for text in head)
        self._start = self.position = start
        self._end = None if limit is None else start + limit
        self._total = 0
        self._is_full = False
        self._too_large: list[int] = []

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after the items that it has taken."""
        return self.position >= self._total

    def take(self, items: Sequence[_Item], tell: Callable[[_Item], _Told]) -> list[_Told]:
        """What this page tells of the items, as `tell` makes it, which is asked for these alone."""
        first, self._total = self._total, self._total + len(items)
        told: list[_Told] = []
        while first <= self.position < self._total and self.position != self._end and not self._is_full:
            fitting = self._fit(tell(items[self.position - first]))
            if fitting is not None:
                told.append(fitting)
            elif not self._is_full:
                self._too_large.append(self.position + 1)
            self.position += not self._is_full
        return told

    def _fit(self, told: _Told) -> _Told | None:
        """It with long texts shortened; None if this page has no room for it, or it is too large for any."""
        for longest in _SHORTER:
            fitting = shorten(told, longest)
            size = len(to_json(fitting)) + 1  # with the comma
            if size <= self._room:
                self._room -= size
                return fitting
            if size <= self._size:
                self._is_full = True
                return None
        return None

    def rest(self, more: str = "", after: str = "") -> dict[str, Any]:
        """The members of an answer that say whether something is left out, what, and how to get it.

        more: what is left out beyond the items that there were. after: where it goes on behind these.
        """
        goes_on = str(self.position) if not self.is_last else after
        said = []
        if not self.is_last:
            said.append(f"Told are {self._start + 1} to {self.position} of {self._total}.")
        if self._too_large:
            numbers = ", ".join(map(str, self._too_large[:_NAMED]))
            said.append(f"Too large to be told, ask for parts with query: {numbers}.")
        if more:
            said.append(more)
        if goes_on:
            said.append(AGAIN)
        return {"truncated": bool(said), "left_out": " ".join(said) or None, "next": goes_on or None}


def parse_start(after: str | None) -> int:
    """The number of items that `next` of the page before tells; SiteError if it is none."""
    if not after:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) <= _DIGITS):
        raise SiteError("'after' has to be the 'next' of the answer before.")
    return int(after)


def shorten(told: _Told, longest: int = LONGEST) -> _Told:
    """A text, or an answer with its texts, of at most so many characters each; shortened ones say so."""
    short: Any = told
    match told:
        case str() if len(told) > longest:
            short = f"{told[:longest]}… [{longest} of {len(told)} characters; SUBSTR in a query gives the others]"
        case BaseModel():
            short = told.model_copy(update={name: shorten(value, longest) for name, value in told})
        case dict():
            short = {shorten(name, longest): shorten(value, longest) for name, value in told.items()}
        case list():
            short = [shorten(value, longest) for value in told]
    result: _Told = short
    return result
