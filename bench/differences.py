"""Compares the answers of two engines to one query, and names the differences that the specification explains."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pyoxigraph as ox

from core.namespaces import XSD

if TYPE_CHECKING:
    from collections.abc import Callable

    from candidates import Reply

Row: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]  # names of variables with their terms
Rows: TypeAlias = Counter[Row]

EQUAL = "equal"
WRONG = ("other rows", "refused", "not answered")
_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))


def kind_of(text: str, expected: Reply, reply: Reply, ask: Callable[[str], Reply] | None = None) -> str:
    """EQUAL, the name of a difference that the specification explains, or one of WRONG.

    ask: how pyoxigraph is asked what the specification says that the query means, in other words.
    """
    if reply.outcome != "answer":
        if expected.outcome == "error" and reply.outcome == "error":
            return EQUAL
        return "refused" if reply.outcome == "error" else "not answered"
    if expected.outcome != "answer":
        return "other rows" if expected.outcome == "error" else EQUAL
    form = _same(expected, reply)
    if form is not None or ask is None:
        return form or "other rows"
    for name, rewrite in _MEANINGS.items():
        meant = rewrite(text)
        if meant != text and (told := ask(meant)).outcome == "answer" and _same(told, reply) is not None:
            return name
    return "other rows"


def _same(expected: Reply, reply: Reply) -> str | None:
    """How answers are the same, None if they are not."""
    mine, theirs = _rows(expected.body), _rows(reply.body)
    if mine == theirs:
        return EQUAL
    return next((name for name, form in _FORMS.items() if _changed(mine, form) == _changed(theirs, form)), None)


def _union_of_directions(text: str) -> str:
    """18.2.2.4: a negated set of both directions is the union of one of each; 18.4: each has a pair once."""
    one, other = (rf"{{ SELECT DISTINCT \4 {{ \1 {path} \4 }} }}" for path in (r"!\2", r"!^\3"))
    return _BOTH_WAYS.sub(f"{one} UNION {other}", text)


def _of_date_times(text: str) -> str:
    """17.4.5.2 to 17.4.5.4: YEAR, MONTH and DAY take an xsd:dateTime; of anything else they are an error."""
    return _OF_DATE.sub(r'IF(DATATYPE(\2) = xsd:dateTime, \1(\2), xsd:integer("none"))', text)


_BOTH_WAYS = re.compile(r"(\S+) !\((<[^>]*>)\|\^(<[^>]*>)\) (\S+) \.")
_OF_DATE = re.compile(r"\b(YEAR|MONTH|DAY)\((\?\w+)\)")
_MEANINGS = {"paths not both ways": _union_of_directions, "YEAR of a date": _of_date_times}


def _rows(body: bytes) -> Rows:
    """The rows with how often each comes, of a graph each triple once; ASK has one row if it is true."""
    if not body.startswith(b"{"):
        return Counter({(("", (line,)),): 1 for line in body.decode().splitlines() if line})
    found = json.loads(body)
    if "boolean" in found:
        return Counter({(): 1} if found["boolean"] else {})
    return Counter(_row(row) for row in found["results"]["bindings"])


def _row(row: dict[str, Any]) -> Row:
    return tuple(sorted((name, _term(term)) for name, term in row.items()))


def _term(term: dict[str, Any]) -> tuple[str, ...]:
    if term["type"] != "literal":
        return (term["type"], json.dumps(term["value"]))
    return ("literal", term["value"], term.get("datatype", XSD + "string"), term.get("xml:lang", "").lower())


def _changed(rows: Rows, form: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Rows:
    found: Rows = Counter()
    for row, count in rows.items():
        found[tuple((name, form(term)) for name, term in row)] += count
    return found


@cache
def _by_value(term: tuple[str, ...]) -> tuple[str, ...]:
    """The literal as pyoxigraph stores it."""
    if term[0] != "literal" or term[3] or not term[2].startswith(XSD):
        return term
    node = ox.NamedNode("urn:x")
    store = ox.Store()
    store.add(ox.Quad(node, node, ox.Literal(term[1], datatype=ox.NamedNode(term[2]))))
    stored = next(iter(store)).object
    return ("literal", stored.value, stored.datatype.value, "") if isinstance(stored, ox.Literal) else term


def _rounded(term: tuple[str, ...]) -> tuple[str, ...]:
    if term[0] == "literal" and term[2] in _NUMBERS and re.fullmatch(r"[+-]?[\d.]+([eE][+-]?\d+)?", term[1]):
        return ("literal", f"{float(term[1]):.9g}", term[2], "")
    return term


_FORMS = {"spelling": _by_value, "rounding": _rounded}


def shown(expected: Reply, reply: Reply) -> str:
    """Up to three rows that one has and the other lacks, each way; or how the two ended."""
    if expected.outcome != "answer" or reply.outcome != "answer":
        return f"{expected.outcome} {expected.text[:300]} / {reply.outcome} {reply.text[:300]}"
    mine, theirs = _rows(expected.body), _rows(reply.body)
    return f"pyoxigraph: {list((mine - theirs).items())[:3]}\nother: {list((theirs - mine).items())[:3]}"
