"""Bounds of what a request is made of, before a route takes it apart."""

from __future__ import annotations

from http import HTTPStatus

from flask import request

from server.http.problems import HTTPProblem

_PARAMETERS = 200  # of an address; a form may have more (server/http/sparql_protocol.py)
_FIELD = 8_000  # characters
# Fields that are parsed for routes alone; what is compared before is bounded in server/middleware/limits.py.
_FIELDS = ("Content-Type", "Content-Encoding", "If-Range", "Range")


def check() -> None:
    """400 for an address with too many parameters, 431 for a field that is too long (RFC 6585, 5)."""
    if request.query_string.count(b"&") >= _PARAMETERS:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, f"The address has more than {_PARAMETERS} parameters.")
    for name in _FIELDS:
        if len(request.headers.get(name, "")) > _FIELD:
            detail = f"The field {name} may have {_FIELD} characters."
            raise HTTPProblem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
