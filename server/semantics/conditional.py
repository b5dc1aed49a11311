"""Validators and conditions: what is made of one release by one version of this server never changes.

RFC 9110, 8.8 and 13.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.http import http_date, parse_date, parse_etags

from core import __version__
from server.semantics.coding import CODINGS, choose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.manifest import Manifest


class Validators(NamedTuple):
    """What tells one representation from another: a strong entity tag, without its quotes, and the time of change.

    A representation in a content coding has the tag with the name of the coding appended.
    """

    tag: str
    modified: datetime


class Precondition(NamedTuple):
    """What the conditions of a request come to: 200, 304 or 412; with 304 the tag that the client named, if any."""

    status: HTTPStatus
    tag: str | None = None


MET = Precondition(HTTPStatus.OK)
FAILED = Precondition(HTTPStatus.PRECONDITION_FAILED)
CONDITIONS = frozenset({"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"})


def validators(manifest: Manifest, *variant: str) -> Validators:
    """Of what the release says at one address, in the variant given: format, language, a query…"""
    text = "\n".join((manifest.id, manifest.created, __version__, *variant))
    return Validators(hashlib.sha256(text.encode()).hexdigest()[:32], last_modified(manifest))


def last_modified(manifest: Manifest) -> datetime:
    """When the release was made, in whole seconds, as header fields tell it."""
    return _datetime(manifest.created)


@lru_cache
def _datetime(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(microsecond=0)


@lru_cache
def date_field(modified: datetime) -> str:
    """A time as header fields have it (RFC 9110, 5.6.7); releases have few."""
    return http_date(modified)


def parse_http_date(field: str | None) -> datetime | None:
    """The date of a field; None for what is no date (RFC 9110, 5.6.7), or for one beyond all calendars."""
    try:
        return parse_date(field)
    except OverflowError:
        return None


def evaluate(environ: Mapping[str, Any], known: Validators) -> Precondition:
    """What the conditions of a GET request come to, in the order of RFC 9110, 13.2.2.

    If-Match takes the tag of any coding, If-None-Match that of the coding which this request prefers, or of none.
    Dates have to be the one that the client was given: after a return to an older release a later one says nothing.
    """
    if environ.keys().isdisjoint(CONDITIONS):
        return MET
    get, tag = environ.get, known.tag
    if "HTTP_IF_MATCH" in environ:
        wanted = parse_etags(get("HTTP_IF_MATCH"))
        if not any(map(wanted.contains, (tag, *(f"{tag}-{coding}" for coding in CODINGS)))):
            return FAILED
    elif (since := parse_http_date(get("HTTP_IF_UNMODIFIED_SINCE"))) is not None and known.modified != since:
        return FAILED
    if "HTTP_IF_NONE_MATCH" in environ:
        wanted = parse_etags(get("HTTP_IF_NONE_MATCH"))
        coding = choose(get("HTTP_ACCEPT_ENCODING")).coding
        tags = (f"{tag}-{coding}", tag) if coding else (tag,)
        has = next(filter(wanted.contains_weak, tags), None)
        return Precondition(HTTPStatus.NOT_MODIFIED, has) if has is not None else MET
    since = parse_http_date(get("HTTP_IF_MODIFIED_SINCE"))
    return Precondition(HTTPStatus.NOT_MODIFIED) if since is not None and known.modified == since else MET
