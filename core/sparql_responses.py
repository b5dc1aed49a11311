"""Reads what a SPARQL endpoint answers over HTTP, results and errors, for every client of one.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import io
import json
import re
from typing import IO, TYPE_CHECKING, Any, TypeAlias, cast

import pyoxigraph as ox

from core.errors import QuerySyntaxError
from core.formats import N_TRIPLES, RDF_XML, RESULTS_JSON, RESULTS_XML, TURTLE
from core.lexer import QUERY_FORMS, find_query_form, read_terminals
from core.syntax_errors import SyntaxDetails, position, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

QueryResult: TypeAlias = "ox.QuerySolutions | ox.QueryBoolean | Iterable[ox.Triple]"

# What a client can read, by the kind of the answer; the first is preferred.
_FORMATS = {"results": (RESULTS_JSON, RESULTS_XML), "graph": (N_TRIPLES, TURTLE, RDF_XML)}
_OXIGRAPH = re.compile(r"error at (\d+):(\d+): ")
_PLACE = re.compile(r"(?:at )?line:? (\d+),? col(?:umn)?:? (\d+)(?:[.:] *)?", re.IGNORECASE)  # Jena, RDF4J, ParkGraph
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST = 300  # characters of a message
_PIECE = 1 << 16  # bytes of an answer that are read at once
_VIRTUOSO_ASK = "__ASK_RETVAL"  # a table with this column answers ASK: with a row for true, and none for false
_VIRTUOSO_TERM = re.compile(
    rb"""
      (?P<before> \{[ ]"type":[ ]"bnode",[ ]"value":[ ]" ) nodeID://
    | (?<="http://www[.]w3[.]org/2001/XMLSchema\#boolean",[ ]"value":[ ]") (?P<boolean> [01] ) (?="[ ]\})
    """,
    re.VERBOSE,
)
_LONGEST_TERM = 128  # bytes of such a sequence
_BOOLEANS = {b"1": b"true", b"0": b"false"}


def query_form(query: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; QuerySyntaxError for any other text."""
    text, terminals = read_terminals(query)
    place = find_query_form(terminals)
    form = terminals[place].text.upper() if place < len(terminals) else ""
    if form not in QUERY_FORMS:
        start = terminals[place].start if place < len(terminals) else len(text)
        raise QuerySyntaxError(f"expected one of {', '.join(QUERY_FORMS)}", *position(text, start))
    return form


def answer_kind(query: str) -> str:
    """`results` for SELECT and ASK, `graph` for CONSTRUCT and DESCRIBE; QuerySyntaxError for any other text."""
    return QUERY_FORMS[query_form(query)]


def accept_header(kind: str) -> str:
    """The `Accept` header for answers of the kind."""
    return ", ".join(f"{f.media_type};q={1 - place / 10:g}" for place, f in enumerate(_FORMATS[kind]))


def parse_answer(file: IO[bytes], content_type: str, form: str) -> QueryResult:
    """The rows, the boolean or the triples in the body of an answer; rows and triples are read one by one.

    form: of the query. NotAskedForError if it is something else than the query asks for, SyntaxError or ValueError,
    also later, if it is broken.
    """
    kind = QUERY_FORMS[form]
    format_ = next((f for f in _FORMATS[kind] if _media_type(content_type) in f.media_types), None)
    if format_ is None:
        raise NotAskedForError(content_type)
    if kind == "graph":
        return (cast("ox.Quad", quad).triple for quad in ox.parse(file, format=format_.rdf))
    source = cast("IO[bytes]", _Mended(file)) if format_ is RESULTS_JSON else file
    answer = ox.parse_query_results(source, format=format_.results)
    if form == "ASK" and isinstance(answer, ox.QuerySolutions) and _columns(answer) == [_VIRTUOSO_ASK]:
        return _boolean(any(True for _ in answer))
    if isinstance(answer, ox.QueryBoolean) is not (form == "ASK"):
        raise NotAskedForError("rows" if form == "ASK" else "a boolean")
    return answer


def _columns(rows: ox.QuerySolutions) -> list[str]:
    return [variable.value for variable in rows.variables]


def _boolean(value: bool) -> ox.QueryBoolean:  # noqa: FBT001 - the engine makes one of nothing else
    document = json.dumps({"head": {}, "boolean": value}).encode()
    return cast("ox.QueryBoolean", ox.parse_query_results(document, format=RESULTS_JSON.results))


class NotAskedForError(ValueError):
    """The answer has a media type, or is of a form, that was not asked for."""


class _Mended(io.RawIOBase):
    """Results in JSON, with terms as RDF has them where Virtuoso writes them in a way of its own.

    It writes `nodeID://` in front of the name of a blank node, which a name cannot have, and 1 and 0 for xsd:boolean,
    of which the canonical forms are true and false. No text has such a sequence: its quotation marks are escaped.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._pieces, self._piece = _mended(file), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._piece = self._piece or next(self._pieces, b"")
        size = min(len(buffer), len(self._piece))
        buffer[:size], self._piece = self._piece[:size], self._piece[size:]
        return size


def _mended(file: IO[bytes]) -> Iterator[bytes]:
    """The pieces of a file; what may be the beginning of such a sequence waits for the piece behind."""
    rest = b""
    while piece := file.read(_PIECE):
        data = rest + piece
        cut = data.rfind(b"{", max(0, len(data) - _LONGEST_TERM))
        whole, rest = (data[:cut], data[cut:]) if cut >= 0 else (data, b"")
        if whole:
            yield _VIRTUOSO_TERM.sub(_mend, whole)
    yield _VIRTUOSO_TERM.sub(_mend, rest)


def _mend(term: re.Match[bytes]) -> bytes:
    return term["before"] or _BOOLEANS[term["boolean"]]


def parse_error(body: bytes, content_type: str) -> SyntaxDetails:
    """The message of an error and the place in the query that it names; the message is empty if there is none.

    Read are the first line of a plain text, and `detail`, `message` or `error` of a problem (RFC 9457) or another
    JSON object.
    """
    text = _text(body.decode("utf-8", "replace"), _media_type(content_type))
    own = _OXIGRAPH.match(text)
    if own:
        return readable(text[own.end() :], int(own[1]), int(own[2]))
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
