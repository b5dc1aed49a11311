"""Files that are sent as they are: their conditions, and parts of them (RFC 9110, 13 and 14)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from flask import request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from server.semantics.conditional import FAILED, Validators, evaluate, parse_http_date
from server.semantics.problem import changed

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

_UNIT = "bytes="
_LONGEST = 1000  # characters of a Range field that is read
_SPECIFIER = re.compile(r"([0-9]*)-([0-9]*)")


def conditional_file(response: Response, *, has_ranges: bool) -> Response:
    """The file of a response or the part that is asked for, or 304 where the client has it.

    The response has the whole file with its length, tag and date. Raises a 412 problem, or 416, as an HTTPException.
    """
    known = Validators(response.get_etag()[0] or "", cast("datetime", response.last_modified))
    outcome = evaluate(request.environ, known)
    if outcome is FAILED:
        response.close()
        raise changed()
    if outcome.status == HTTPStatus.NOT_MODIFIED:
        response.close()
        response.direct_passthrough, response.response = False, []
        response.status_code = outcome.status
        return response
    if has_ranges:
        _take_part(response, known)
        response.headers["Accept-Ranges"] = "bytes"
    return response


def _take_part(response: Response, known: Validators) -> None:
    """Leave of the response the one part that is asked for, if it is; raises 416 where there is no such part."""
    size = response.content_length or 0
    field = request.environ.get("HTTP_RANGE")
    part = byte_range(field, size) if field and _is_the_same(request.environ.get("HTTP_IF_RANGE"), known) else None
    if part is None:
        return
    if not part:
        response.close()
        raise RequestedRangeNotSatisfiable(size)
    asked = {"REQUEST_METHOD": "GET", "HTTP_RANGE": f"{_UNIT}{part.start}-{part.stop - 1}"}
    response.make_conditional(asked, accept_ranges=True, complete_length=size)


def _is_the_same(if_range: str | None, known: Validators) -> bool:
    """Whether the parts that a client has are of this file: it names the tag or exactly the date (RFC 9110, 13.1.5)."""
    return if_range is None or if_range == f'"{known.tag}"' or parse_http_date(if_range) == known.modified


def byte_range(field: str, size: int) -> range | None:
    """The bytes of a file that a Range field asks for: none that are there, if the range is empty; None for the whole.

    It is the whole for what is no range of bytes, and for several ranges, which a server may ignore (RFC 9110, 14.2).
    """
    unit, ranges = field[: len(_UNIT)], field[len(_UNIT) :].strip(" \t")
    match = _SPECIFIER.fullmatch(ranges) if len(field) <= _LONGEST and unit.lower() == _UNIT else None
    if match is None or match[0] == "-":
        return None
    first, last = (int(digits) if digits else None for digits in match.groups())
    if first is None:
        return range(max(0, size - (last or 0)), size)
    if last is None:
        return range(first, size)
    return range(first, min(last + 1, size)) if first <= last else None
