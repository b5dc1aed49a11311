"""Validators: what is made of one release by one version of this server never changes (RFC 9110, 8.8 and 13)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import http_date, quote_etag

from core import __version__
from server.http.coding import CODINGS

if TYPE_CHECKING:
    from flask import Request, Response

    from release.manifest import Manifest


def entity_tag(manifest: Manifest, *variant: str) -> str:
    """A strong tag for what the release says at one address, in the variant given: format, language, a query…"""
    text = "\n".join((manifest.id, manifest.created, __version__, *variant))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def last_modified(manifest: Manifest) -> datetime:
    return _datetime(manifest.created)


@lru_cache
def _datetime(text: str) -> datetime:
    return datetime.fromisoformat(text)


@lru_cache
def _field(modified: datetime) -> str:
    return http_date(modified)


def has_failed(request: Request, tag: str, modified: datetime) -> bool:
    """Whether the client wants an answer only from another state than this (RFC 9110, 13.2.2, steps 1 and 2)."""
    if "If-Match" in request.headers:
        wanted = request.if_match
        return not any(wanted.contains(name) for name in (tag, *(f"{tag}-{coding}" for coding in CODINGS)))
    since = request.if_unmodified_since
    return since is not None and modified > since


def is_fresh(request: Request, tag: str, modified: datetime) -> bool:
    """Whether the client has this representation already, so that it need not be made (steps 3 and 4 of the same)."""
    if request.method not in {"GET", "HEAD"}:
        return False
    if "If-None-Match" in request.headers:
        return request.if_none_match.contains_weak(tag)
    since = request.if_modified_since
    return since is not None and modified <= since


def mark(response: Response, tag: str, modified: datetime) -> Response:
    response.headers["ETag"] = quote_etag(tag)
    response.headers["Last-Modified"] = _field(modified)
    response.headers["Cache-Control"] = "public, no-cache"  # keep it, but ask: the next release may be there
    return response
