"""Time-based access (RFC 7089): which addresses have versions, which version a time means, and lists of mementos."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from server.semantics.conditional import date_field, parse_http_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release.history import Version

FIELD = "HTTP_ACCEPT_DATETIME"
_LONGEST = 2000  # characters of an address with its query string: each link to a version repeats it
# What is of the server, or of all releases: paths below the root.
_WITHOUT_VERSIONS = re.compile(
    r"(?:releases?|history|timemap|health|ready|metrics|robots|sitemap[^/]*|static|opensearch)(?:[./?]|\Z)"
)


class Memento(NamedTuple):
    """A version of an original resource, at an address of its own, and the time from which on it was current."""

    address: str
    since: datetime


class MementoLink(NamedTuple):
    """A link of the TimeMap's relations; attributes: `type`, `datetime`, `from`, `until`."""

    target: str
    relation: str
    attributes: dict[str, str]


def has_versions(local: str) -> bool:
    """Whether what is at this path, below the root, belongs to a release; longer ones are not looked at."""
    return len(local) <= _LONGEST and not _WITHOUT_VERSIONS.match(local)


def parse_accept_datetime(field: str) -> datetime | None:
    """The time that Accept-Datetime names (RFC 7089, 2.1.1: a date of RFC 1123 in GMT); None if it names none."""
    found = parse_http_date(field)
    return found if found is not None and date_field(found) == field.strip() else None


def since(version: Version) -> datetime:
    """When the version was made, in whole seconds, in UTC."""
    return datetime.fromisoformat(version.created).astimezone(UTC).replace(microsecond=0)


def at(versions: Sequence[Version], when: datetime) -> int:
    """The place of the version that was the newest at that time, or of the first one; versions: oldest first."""
    return max(bisect_right(versions, when, key=since) - 1, 0)


def memento_links(
    mementos: Sequence[Memento], chosen: Memento | None = None, *, is_first: bool = True, is_last: bool = True
) -> list[MementoLink]:
    """Links to mementos of one resource, in the order of time (RFC 7089, 2.2.4).

    chosen: links are to this one, to the first and the last, and to those before and after it; without it to all.
    is_first, is_last: whether the first and the last of the mementos are so of all that the resource has.
    """
    relations: dict[Memento, list[str]] = {} if chosen else {memento: [] for memento in mementos}
    ends = [("first", mementos[:1] if is_first else ()), ("last", mementos[-1:] if is_last else ())]
    if chosen:
        relations[chosen] = []
        ends.append(("prev", [one for one in mementos if one.since < chosen.since][-1:]))
        ends.append(("next", [one for one in mementos if one.since > chosen.since][:1]))
    for name, found in ends:
        for memento in found:
            relations.setdefault(memento, []).append(name)
    return [
        MementoLink(memento.address, " ".join((*names, "memento")), {"datetime": date_field(memento.since)})
        for memento, names in sorted(relations.items(), key=lambda item: item[0].since)
    ]
