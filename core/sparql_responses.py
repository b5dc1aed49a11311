"""Reads what a SPARQL endpoint answers over HTTP, results and errors, for every client of one.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, TypeAlias, cast

import pyoxigraph as ox

from core.errors import QuerySyntaxError
from core.formats import N_TRIPLES, RDF_XML, RESULTS_JSON, RESULTS_XML, TURTLE
from core.lexer import QUERY_FORMS, find_query_form, read_terminals
from core.syntax_errors import SyntaxDetails, position, readable

if TYPE_CHECKING:
    from collections.abc import Iterable

QueryResult: TypeAlias = "ox.QuerySolutions | ox.QueryBoolean | Iterable[ox.Triple]"

# What a client can read, by the kind of the answer; the first is preferred.
_FORMATS = {"results": (RESULTS_JSON, RESULTS_XML), "graph": (N_TRIPLES, TURTLE, RDF_XML)}
_OXIGRAPH = re.compile(r"error at (\d+):(\d+): ")
_PLACE = re.compile(r"(?:at )?line:? (\d+),? col(?:umn)?:? (\d+)(?:[.:] *)?", re.IGNORECASE)  # Jena, RDF4J, ParkGraph
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST = 300  # characters of a message


def answer_kind(query: str) -> str:
    """`results` for SELECT and ASK, `graph` for CONSTRUCT and DESCRIBE; QuerySyntaxError for any other text."""
    text, terminals = read_terminals(query)
    place = find_query_form(terminals)
    kind = QUERY_FORMS.get(terminals[place].text.upper()) if place < len(terminals) else None
    if kind is None:
        start = terminals[place].start if place < len(terminals) else len(text)
        raise QuerySyntaxError(f"expected one of {', '.join(QUERY_FORMS)}", *position(text, start))
    return kind


def accept_header(kind: str) -> str:
    """The `Accept` header for answers of the kind."""
    return ", ".join(f"{f.media_type};q={1 - place / 10:g}" for place, f in enumerate(_FORMATS[kind]))


def parse_answer(file: IO[bytes], content_type: str, kind: str) -> QueryResult:
    """The rows, the boolean or the triples in the body of an answer; rows and triples are read one by one.

    ValueError if the media type is none that was asked for, SyntaxError or ValueError, also later, if it is broken.
    """
    format_ = next((f for f in _FORMATS[kind] if _media_type(content_type) in f.media_types), None)
    if format_ is None:
        raise MediaTypeError(content_type)
    if kind == "results":
        return ox.parse_query_results(file, format=format_.results)
    return (cast("ox.Quad", quad).triple for quad in ox.parse(file, format=format_.rdf))


class MediaTypeError(ValueError):
    """The answer has a media type that was not asked for."""


def parse_error(body: bytes, content_type: str) -> SyntaxDetails:
    """The message of an error and the place in the query that it names; the message is empty if there is none.

    Read are the first line of a plain text, and `detail`, `message` or `error` of a problem (RFC 9457) or another
    JSON object.
    """
    text = _text(body.decode("utf-8", "replace"), _media_type(content_type))
    own = _OXIGRAPH.match(text)
    if own:
        return SyntaxDetails(readable(text[own.end() :]), int(own[1]), int(own[2]))
    line = next((line for line in text.splitlines() if line.strip()), "")
    line = _CONTROL.sub(" ", line).strip()
    if len(line) > _LONGEST:
        return SyntaxDetails("", None, None)
    place = _PLACE.search(line)
    if place:
        message = line[place.end() :].strip(" ,:;.") or line[: place.start()].strip(" ,:;.")
        return SyntaxDetails(message, int(place[1]), int(place[2]))
    return SyntaxDetails(line.rstrip("."), None, None)


def _text(text: str, media_type: str) -> str:
    if media_type == "text/plain":
        return text
    if media_type == "application/json" or media_type.endswith("+json"):
        try:
            members = json.loads(text)
        except ValueError:
            return ""
        if isinstance(members, dict):
            return next((str(members[key]) for key in ("detail", "message", "error") if members.get(key)), "")
    return ""


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
