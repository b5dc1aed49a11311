"""Which answers caches may keep (RFC 9111)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What an answer that is kept may vary by.
_NEGOTIATED = frozenset({"accept", "accept-datetime", "accept-encoding", "accept-language"})
_FORBIDDEN = frozenset({"no-store", "private"})


def is_storable(status: int, fields: Iterable[tuple[str, str]]) -> bool:
    """Whether caches may keep the answer for whoever asks for the same (RFC 9111, 3); files of a release are not."""
    values = {name.lower(): value for name, value in fields}
    return (
        status == HTTPStatus.OK
        and "etag" in values
        and "last-modified" in values
        and "accept-ranges" not in values
        and "set-cookie" not in values
        and _members(values.get("cache-control", "")).isdisjoint(_FORBIDDEN)
        and _members(values.get("vary", "")) <= _NEGOTIATED
    )


def _members(value: str) -> set[str]:
    """The members of a list in a field of ours (RFC 9110, 5.6.1)."""
    return {member.strip().lower() for member in value.split(",") if member}
