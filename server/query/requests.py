"""Requests to query processes, and the bytes that they travel in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import pyoxigraph as ox

from core.formats import by_extension
from core.saved_queries import to_sparql
from core.versions import Version
from server.semantics.negotiation import NegotiatedFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What is said of an HTTP request: the keys of its WSGI environ that a response depends on.
ENVIRON = (
    "REQUEST_METHOD",
    "QUERY_STRING",
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_CONTENT_ENCODING",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
)


class Presentation(TypedDict):
    """What a table says besides its values, all in the reader's language.

    titles: of columns, by variable. about: pairs of a heading and a text. members: the same for programs. sheets: the
    names of the sheets with the table and with `about`. names: whether resources have names. languages: for these, the
    preferred one first. created: date and time of the release, in ISO 8601.
    """

    titles: Mapping[str, str]
    about: Sequence[Sequence[str]]
    members: Mapping[str, str]
    sheets: Sequence[str]
    names: bool
    languages: Sequence[str]
    created: str


@dataclass(frozen=True)
class Operation:
    """A query operation of the SPARQL Protocol as it came: all of it is in the environ and in the body."""

    body: bytes


@dataclass(frozen=True)
class Request:
    """One query, and the formats for results and for graphs, None where the client accepts none of that kind.

    The graphs are those of the protocol request, which replace FROM and FROM NAMED; None leaves these in force.
    refuse_service: whether SERVICE is refused with a clear word; it fails in any case. version: that of SPARQL which
    the protocol request names. table: for workbooks, GeoJSON, and CSV with titles and names.
    """

    query: str
    base: str
    results: NegotiatedFormat | None
    graph: NegotiatedFormat | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    refuse_service: bool = True
    version: str | None = None
    table: Presentation | None = None


@dataclass(frozen=True)
class GraphRequest:
    """One graph of the store, whole: its name, None for the default graph, and a format."""

    name: str | None
    graph: NegotiatedFormat

    def to_query(self) -> Request:
        """The query for the graph, for another endpoint."""
        pattern = f"GRAPH {to_sparql(ox.NamedNode(self.name))} {{ ?s ?p ?o }}" if self.name else "?s ?p ?o"
        return Request(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}", "", None, self.graph)


Asked: TypeAlias = Operation | Request | GraphRequest


def to_bytes(environ: Mapping[str, str], asked: Asked) -> bytes:
    """A line of JSON, and the text of the client as it is: to escape a long one takes time in the web process."""
    values = dict(vars(asked))
    text: bytes = values.pop("body", b"") or values.pop("query", "").encode()
    head = [type(asked).__name__, {key: environ[key] for key in ENVIRON if key in environ}, values]
    return _encode(head).encode() + b"\n" + text


def from_bytes(data: bytes) -> tuple[dict[str, str], Asked]:
    head, _, text = data.partition(b"\n")
    kind, environ, values = json.loads(head)
    if kind == Operation.__name__:
        return environ, Operation(text)
    values |= {name: _from_json(value) for name, value in values.items() if name in {"results", "graph"}}
    return environ, Request(text.decode(), **values) if kind == Request.__name__ else GraphRequest(**values)


def _to_json(choice: NegotiatedFormat) -> list[Any]:
    return [choice.format.extension, choice.media_type, *(version.label for version in choice.versions)]


_encode = json.JSONEncoder(default=_to_json).encode


def _from_json(value: list[Any] | None) -> NegotiatedFormat | None:
    if value is None:
        return None
    extension, media_type, *labels = value
    format_ = by_extension(extension)
    assert format_ is not None  # noqa: S101 - of one that was negotiated
    versions = [Version.by_label(label) for label in labels]
    return NegotiatedFormat(format_, media_type, tuple(version for version in versions if version is not None))
