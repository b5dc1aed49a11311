"""Content negotiation as pure functions: header fields in, decisions out (RFC 9110, 12.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.formats import Format

_FIELDS = 128  # Accept fields whose result is remembered for each list of offers; clients have few
_NAMES = 10  # of a `format` parameter that count
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, 5.6.2
_RANGE = re.compile(rf"\*/\*|(?!\*/){_TOKEN}/{_TOKEN}", re.ASCII)


@dataclass(frozen=True)
class NegotiatedFormat:
    """The format to answer in, and the media type to call it by: the one of its names that was asked for."""

    format: Format
    media_type: str

    @property
    def content_type(self) -> str:
        if self.media_type == self.format.media_type:
            return self.format.content_type
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


def negotiate(accept: str | None, offers: Sequence[Format]) -> NegotiatedFormat | None:
    """The offer that the Accept field prefers, or None if it excludes all.

    Offers come in the server's order of preference, which decides between equals after the client's quality and the
    more specific range. Parameters other than `q` do not count. No field, an empty one, and one in which nothing is
    a media range accept everything (https://www.rfc-editor.org/rfc/rfc9110#field.accept).
    """
    return _negotiate(accept or "", tuple(offers))


@lru_cache(_FIELDS)
def _negotiate(accept: str, offers: tuple[Format, ...]) -> NegotiatedFormat | None:
    qualities: dict[str, float] = {}
    for value, quality in parse_accept_header(accept):
        media_range = value.partition(";")[0].lower()
        if _RANGE.fullmatch(media_range):
            qualities[media_range] = max(quality, qualities.get(media_range, 0.0))
    if not qualities:
        return NegotiatedFormat(offers[0], offers[0].media_type) if offers else None
    best, choice = (0.0, 0), None
    for offer in offers:
        for media_type in offer.media_types:
            # a wildcard asks for the format by its own name, not by any of the other names
            by_wildcard = (f"{media_type.partition('/')[0]}/*", "*/*") if media_type == offer.media_type else ()
            for place, media_range in enumerate((media_type, *by_wildcard)):
                if media_range in qualities:  # the most specific one that matches
                    rank = qualities[media_range], -place
                    if rank > best and rank[0] > 0:
                        best, choice = rank, NegotiatedFormat(offer, media_type)
                    break
    return choice


def by_name(name: str, offers: Sequence[Format]) -> Format | None:
    """The offer that a `format` parameter names: by extension, media type, the latter's second half, or name.

    The name goes without its signs (`n-triples`, `ntriples`), and a plus that came unescaped is one all the same. Of
    several names, with commas between them, the first that fits counts; of more than ten, the first ten.
    """
    names = _names(tuple(offers))
    for one in name.split(",", _NAMES)[:_NAMES]:
        wanted = one.partition(";")[0].strip().lower().replace(" ", "+")
        found = [names[known] for known in (wanted, _letters(wanted)) if known in names]
        if found:
            return offers[min(found)]
    return None


@lru_cache
def _names(offers: tuple[Format, ...]) -> dict[str, int]:
    """The names of formats, with their places among the offers."""
    names: dict[str, int] = {}
    for place, offer in enumerate(offers):
        subtypes = [media_type.partition("/")[2] for media_type in offer.media_types]
        for name in (offer.extension, *offer.media_types, *subtypes, _letters(offer.name)):
            names.setdefault(name, place)
    return names


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
