"""The JSON of requests to a reconciliation service, read and checked.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from server.model.data_extension import CONTENTS, ExtensionProperty
from server.model.reconciliation import EntityValue, PropertyConstraint, ReconciliationQuery
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model.reconciliation import Value

QUERIES, EXTEND, CALLBACK = "queries", "extend", "callback"  # parameters
BATCH, ENTITIES, PROPERTIES, VALUES, TYPES = 20, 1_000, 20, 20, 20  # in one request; the last three in one query
CANDIDATES, MOST_CANDIDATES = 5, 50  # of one query, without a limit of its own, and at most
_LONGEST = 10_000  # characters of a text in it
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,99}(?:\.[A-Za-z_$][A-Za-z0-9_$]{0,99}){0,9}")
_STRICTNESS = ("any", "should", "all")


def is_callback(name: str) -> bool:
    """Whether the text can be the name of a function that JSONP calls."""
    return _CALLBACK.fullmatch(name) is not None


def read_queries(text: str) -> dict[str, ReconciliationQuery]:
    """A reconciliation query batch; raises HTTPProblem that names the place of what is wrong."""
    batch = _object(_parse(text, QUERIES), QUERIES)
    if len(batch) > BATCH:
        raise HTTPProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A batch may have {BATCH} queries.")
    return {key: _query(_object(query, f"{QUERIES}.{key}"), f"{QUERIES}.{key}") for key, query in batch.items()}


def read_extension(text: str) -> tuple[list[str], list[ExtensionProperty]]:
    """A data extension query: the entities and the properties; raises as above."""
    asked = _object(_parse(text, EXTEND), EXTEND)
    ids = [_text(one, f"{EXTEND}.ids") for one in _list(asked.get("ids"), f"{EXTEND}.ids", ENTITIES)]
    properties = _list(asked.get("properties"), f"{EXTEND}.properties", PROPERTIES)
    return ids, [_property(_object(one, f"{EXTEND}.properties")) for one in properties]


def _query(query: Mapping[str, Any], place: str) -> ReconciliationQuery:
    text = _cell(query.get("query", ""), f"{place}.query")
    types = query.get("type") or []
    types = [types] if isinstance(types, str | dict) else _list(types, f"{place}.type", TYPES)
    properties = _list(query.get("properties") or [], f"{place}.properties", PROPERTIES)
    if not text.strip() and not properties:
        raise _wrong(place, "has to have 'query' or 'properties'")
    limit, strictness = query.get("limit"), query.get("type_strict") or "any"
    if strictness not in _STRICTNESS:
        raise _wrong(f"{place}.type_strict", f"has to be one of {', '.join(_STRICTNESS)}")
    return ReconciliationQuery(
        text.strip(),
        tuple(_id(type_, f"{place}.type") for type_ in types),
        tuple(_constraint(_object(one, f"{place}.properties"), f"{place}.properties") for one in properties),
        CANDIDATES if limit is None else min(_number(limit, f"{place}.limit", 1), MOST_CANDIDATES),
        strictness == "all",
    )


def _constraint(given: Mapping[str, Any], place: str) -> PropertyConstraint:
    values = given.get("v")
    values = _list(values, f"{place}.v", VALUES) if isinstance(values, list) else [values]
    return PropertyConstraint(
        _text(given.get("pid"), f"{place}.pid"), tuple(_value(one, f"{place}.v") for one in values)
    )


def _value(value: Any, place: str) -> Value | EntityValue:
    if isinstance(value, dict):
        return EntityValue(_text(value.get("id"), f"{place}.id"))
    if isinstance(value, bool | int | float):
        return value
    return _cell(value, place)


def _property(given: Mapping[str, Any]) -> ExtensionProperty:
    place = f"{EXTEND}.properties.settings"
    settings = _object(given.get("settings") or {}, place)
    content = settings.get("content") or CONTENTS[0]
    if content not in CONTENTS:
        raise _wrong(f"{place}.content", f"has to be one of {', '.join(CONTENTS)}")
    limit = _number(settings.get("limit") or 0, f"{place}.limit", 0)
    return ExtensionProperty(_text(given.get("id"), f"{EXTEND}.properties.id"), limit, content)


def _parse(text: str, place: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _wrong(place, "has to be JSON") from error


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _id(value: Any, place: str) -> str:
    """An identifier, by itself or in an object, as clients send types."""
    return _text(value.get("id") if isinstance(value, dict) else value, place)


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "has to be a JSON object")
    return value


def _list(value: Any, place: str, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(place, "has to be a JSON array")
    if len(value) > most:
        raise HTTPProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"'{_short(place)}' may have {most} members.")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise _wrong(place, "has to be a text")
    if len(value) > _LONGEST:
        raise HTTPProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"'{_short(place)}' may have {_LONGEST} characters.")
    return value.encode("utf-8", "replace").decode()  # JSON may have halves of characters


def _cell(value: Any, place: str) -> str:
    """The text of a cell in somebody's table. One that is too long is none of a name: the other queries go on."""
    is_long = isinstance(value, str) and len(value) > _LONGEST
    return _text(value[:_LONGEST] if is_long else value, place)


def _number(value: Any, place: str, least: int) -> int:
    """A whole number, which forms send as a text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = float(value[:9])
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        raise _wrong(place, f"has to be a number from {least} on")
    return int(min(value, 10**6))


def _wrong(place: str, fault: str) -> HTTPProblem:
    return HTTPProblem(HTTPStatus.BAD_REQUEST, f"'{_short(place)}' {fault}.")


def _short(place: str) -> str:
    return place if len(place) <= 100 else f"{place[:100]}…"  # noqa: PLR2004 - the key of a query may be anything
