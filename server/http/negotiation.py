"""Content negotiation as pure functions: header fields in, decisions out (RFC 9110, 12.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.formats import Format

_FIELDS_KEPT = 512  # Accept fields, of which clients have few, for each list of offers
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, 5.6.2
_RANGE = re.compile(rf"({_TOKEN})/({_TOKEN})", re.ASCII)
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
# Elements are separated by commas and parameters by semicolons, neither of which counts inside a quoted string.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PART = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*")+')


@dataclass(frozen=True)
class Choice:
    """The format to answer in, and the media type to call it by: the one of its names that was asked for."""

    format: Format
    media_type: str

    @property
    def content_type(self) -> str:
        if self.media_type == self.format.media_type:
            return self.format.content_type
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


@dataclass(frozen=True)
class _MediaRange:
    type: str
    subtype: str
    quality: float

    @property
    def specificity(self) -> int:
        return (self.type != "*") + (self.subtype != "*")

    def matches(self, media_type: str) -> bool:
        type_, _, subtype = media_type.partition("/")
        return self.type in ("*", type_) and self.subtype in ("*", subtype)


def negotiate(accept: str | None, offers: Sequence[Format]) -> Choice | None:
    """The offer that the Accept field prefers, or None if it excludes all.

    Offers come in the server's order of preference, which decides between equals after the client's quality and the
    more specific range. Parameters other than `q` do not count. No field, an empty one, and one in which nothing is
    a media range accept everything (https://www.rfc-editor.org/rfc/rfc9110#field.accept).
    """
    return _negotiate(accept or "", tuple(offers))


@lru_cache(_FIELDS_KEPT)
def _negotiate(accept: str, offers: tuple[Format, ...]) -> Choice | None:
    ranges = _media_ranges(accept)
    if not ranges:
        return Choice(offers[0], offers[0].media_type) if offers else None
    best: tuple[float, int] = (0.0, 0)
    choice = None
    for offer in offers:
        for media_type in offer.media_types:
            rank = _rank(ranges, media_type)
            # a wildcard asks for the format by its own name, not by any of the other names
            if rank[1] < 2 and media_type != offer.media_type:  # noqa: PLR2004 - type and subtype
                continue
            if rank[0] > 0 and rank > best:
                best, choice = rank, Choice(offer, media_type)
    return choice


def _rank(ranges: Iterable[_MediaRange], media_type: str) -> tuple[float, int]:
    """Quality and specificity of the most specific range that matches."""
    matching = [r for r in ranges if r.matches(media_type)]
    if not matching:
        return 0.0, 0
    most_specific = max(matching, key=lambda r: (r.specificity, r.quality))
    return most_specific.quality, most_specific.specificity


def _media_ranges(accept: str) -> list[_MediaRange]:
    ranges = []
    for element in _ELEMENT.findall(accept):
        name, *parameters = (part.strip() for part in _PART.findall(element))
        match = _RANGE.fullmatch(name.lower())
        if match is None or (match[1] == "*" and match[2] != "*"):
            continue
        quality = _quality(parameters)
        if quality is not None:
            ranges.append(_MediaRange(match[1], match[2], quality))
    return ranges


def _quality(parameters: Iterable[str]) -> float | None:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            value = value.strip()
            return float(value) if _QUALITY.fullmatch(value) else None
    return 1.0


def by_name(name: str, offers: Iterable[Format]) -> Format | None:
    """The offer that a `format` parameter names: by extension, media type, the latter's second half, or name.

    The name goes without its signs (`n-triples`, `ntriples`), and a plus that came unescaped is one all the same. Of
    several names, with commas between them, the first that fits counts.
    """
    offers = tuple(offers)
    found = (_named(one.partition(";")[0].strip().lower().replace(" ", "+"), offers) for one in name.split(","))
    return next((offer for offer in found if offer is not None), None)


def _named(wanted: str, offers: Iterable[Format]) -> Format | None:
    for offer in offers:
        subtypes = {media_type.partition("/")[2] for media_type in offer.media_types}
        names = {offer.extension, *offer.media_types, *subtypes, _letters(offer.name)}
        if wanted in names or _letters(wanted) in names:
            return offer
    return None


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
