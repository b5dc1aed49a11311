"""URI templates (RFC 6570) of levels 1 and 2: `{name}`, `{+name}` and `{#name}`, each with one variable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PART = re.compile(r"\{([^{}]*)\}|[^{}]+|[{}]")
_EXPRESSION = re.compile(r"([+#]?)((?:\w|%[0-9A-Fa-f]{2})(?:\.?(?:\w|%[0-9A-Fa-f]{2}))*)", re.ASCII)  # 2.2, 2.3
_OTHER_LEVEL = frozenset("./;?&,*:=!@|")  # what operators, lists and modifiers of levels 3 and 4 begin with
_NOT_LITERAL = re.compile(r"[\x00-\x20\x7f\"'<>\\^`|]|%(?![0-9A-Fa-f]{2})")  # 2.1
_RESERVED = ":/?#[]@!$&'()*+,;="
_ENCODED = re.compile(r"(%[0-9A-Fa-f]{2})")


class UriTemplateError(ValueError):
    """A text is no template of these levels; the message says why."""


@dataclass(frozen=True)
class UriTemplate:
    """A template: literals, and expressions as pairs of an operator (empty, `+` or `#`) and a variable."""

    parts: tuple[str | tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str, known: Iterable[str] | None = None) -> UriTemplate:
        """Read a template; known: the variables that it may have. UriTemplateError if it is none."""
        names = None if known is None else list(known)
        return cls(tuple(_part(found, names) for found in _PART.finditer(text)))

    def expand(self, values: Mapping[str, str]) -> str:
        """The URI; a variable without a value is empty (3.2.1)."""
        return "".join(
            _kept(part) if isinstance(part, str) else _expanded(part[0], values.get(part[1])) for part in self.parts
        )


def _part(found: re.Match[str], known: list[str] | None) -> str | tuple[str, str]:
    text = found[0]
    if text in {"{", "}"}:
        raise UriTemplateError("a brace is not closed, or not opened")
    if found[1] is None:
        if wrong := _NOT_LITERAL.search(text):
            raise UriTemplateError(f"it has {wrong[0]!r} outside of braces: write %{ord(wrong[0]):02X}")
        return text
    expression = _EXPRESSION.fullmatch(found[1])
    if expression is None:
        level = "of a higher level than 2" if _OTHER_LEVEL.intersection(found[1]) else "no name of a variable"
        raise UriTemplateError(f"{text} is {level}")
    if known is not None and expression[2] not in known:
        raise UriTemplateError(f"there is no variable '{expression[2]}'")
    return expression[1], expression[2]


@lru_cache(1024)
def _expanded(operator: str, value: str | None) -> str:
    if value is None:
        return ""
    return operator.replace("+", "") + (_kept(value) if operator else quote(value, safe=""))


def _kept(text: str) -> str:
    """A text with reserved characters and what is encoded already as they are (3.2.3, 3.2.4)."""
    pieces = _ENCODED.split(text)
    return "".join(piece if place % 2 else quote(piece, safe=_RESERVED) for place, piece in enumerate(pieces))
