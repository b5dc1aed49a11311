"""Content negotiation as pure functions: header fields in, decisions out (RFC 9110, 12.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header, parse_options_header

from core.versions import Version
from server.semantics.problem import version_not_acceptable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.formats import Format

_FIELDS = 128  # Accept fields whose result is remembered for each list of offers; clients have few
_NAMES = 10  # of a `format` parameter that count
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, 5.6.2
_RANGE = re.compile(rf"\*/\*|(?!\*/){_TOKEN}/{_TOKEN}", re.ASCII)


@dataclass(frozen=True)
class NegotiatedFormat:
    """The format to answer in, and the media type to call it by: the one of its names that was asked for.

    versions: of RDF, that are accepted in this format, the preferred one first; none where any is.
    """

    format: Format
    media_type: str
    versions: tuple[Version, ...] = ()

    @classmethod
    def of(cls, format_: Format) -> NegotiatedFormat:
        """A format by its own name, in any version."""
        return cls(format_, format_.media_type)

    @property
    def content_type(self) -> str:
        if self.media_type == self.format.media_type:
            return self.format.content_type
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type

    @property
    def name(self) -> str:
        """What tells it from other choices: the media type with the versions."""
        return ";".join((self.media_type, *(version.label for version in self.versions)))

    @property
    def asks_for_rdf_1_2(self) -> bool:
        """Whether RDF 1.2 is asked for, before all other versions."""
        return self.versions[:1] == (Version.RDF_1_2,)

    def accepts(self, version: Version) -> bool:
        """Whether an answer that needs this version of RDF is accepted."""
        return not self.versions or version <= max(self.versions)

    def announcing(self, version: Version) -> str:
        """The value of Content-Type for what needs this version of RDF; a 406 problem where that is not accepted."""
        if not self.accepts(version):
            raise version_not_acceptable(version)
        is_announced = self.format.has_version and version is not Version.RDF_1_1
        return f"{self.content_type}; version={version.label}" if is_announced else self.content_type


def negotiate(accept: str | None, offers: Sequence[Format]) -> NegotiatedFormat | None:
    """The offer that the Accept field prefers, or None if it excludes all.

    Offers come in the server's order of preference, which decides between equals after the client's quality and the
    more specific range. Of the parameters other than `q` only `version` counts, where the format has it: a version of
    RDF; what asks for an unknown one accepts nothing. No field, an empty one, and one in which nothing is a media range
    accept everything (https://www.rfc-editor.org/rfc/rfc9110#field.accept).
    """
    return _negotiate(accept or "", tuple(offers))


@lru_cache(_FIELDS)
def _negotiate(accept: str, offers: tuple[Format, ...]) -> NegotiatedFormat | None:
    ranges = _Ranges(accept, offers)
    if ranges.is_empty:
        return NegotiatedFormat.of(offers[0]) if offers else None
    best, choice = (0.0, 0), None
    for offer in offers:
        for media_type in offer.media_types:
            rank, versions = ranges.rank(offer, media_type)
            if rank > best and rank[0] > 0:
                best, choice = rank, NegotiatedFormat(offer, media_type, versions)
    return choice


class _Ranges:
    """The media ranges of an Accept field with their qualities."""

    def __init__(self, accept: str, offers: Sequence[Format]) -> None:
        versioned = {offer.media_type for offer in offers if offer.has_version}
        self._qualities: dict[str, float] = {}
        self._by_version: dict[str, dict[str, float]] = {}  # of ranges with a version of RDF, by its label
        for value, quality in parse_accept_header(accept):
            media_range, parameters = parse_options_header(value)
            if not _RANGE.fullmatch(media_range := media_range.lower()):
                continue
            qualities, key = self._qualities, media_range
            if media_range in versioned and "version" in parameters:
                qualities, key = self._by_version.setdefault(media_range, {}), parameters["version"]
            qualities[key] = max(quality, qualities.get(key, 0.0))

    @property
    def is_empty(self) -> bool:
        return not self._qualities and not self._by_version

    def rank(self, offer: Format, media_type: str) -> tuple[tuple[float, int], tuple[Version, ...]]:
        """Quality and specificity of what matches one name of an offer best, and the versions that are accepted."""
        # a wildcard asks for the format by its own name, not by any of the other names
        by_wildcard = (f"{media_type.partition('/')[0]}/*", "*/*") if media_type == offer.media_type else ()
        matching = [
            (self._qualities[media_range], -place)
            for place, media_range in enumerate((media_type, *by_wildcard))
            if media_range in self._qualities
        ]
        quality, specificity = matching[0] if matching else (0.0, 0)  # the most specific one
        labels = self._by_version.get(media_type, {}) if offer.has_version else {}
        asked = [
            (q, v) for label, q in labels.items() if q and q >= quality and (v := Version.by_label(label)) is not None
        ]
        if not asked:
            return (quality, specificity), ()
        asked.sort(key=lambda pair: -pair[0])
        versions = [version for _, version in asked]
        if quality:  # what is not asked for is accepted too, as every version
            versions.append(Version.RDF_1_2)
        return (asked[0][0], 0), tuple(versions)


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
