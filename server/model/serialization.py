"""Triples as the bytes of an RDF format: the same triples give the same bytes."""

from __future__ import annotations

import json
import re
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from core.errors import ParkGraphError
from core.formats import JSON_LD, RDF_XML, Format, Kind
from core.namespaces import RDF_TYPE
from release import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from release.reader import Release
    from server.model.published import PublishedQuads

_DEFAULT = ox.DefaultGraph()
# The local part that an XML element can be named by (https://www.w3.org/TR/xml-names/#NT-NCName), at the IRI's end.
_START = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NC_NAME_END = re.compile(rf"[{_START}][-.0-9\u00B7\u0300-\u036F\u203F\u2040]*+\Z")  # from its last such character on
_NOT_IN_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # of UTF-8


def context_of(release: Release) -> str | None:
    """The JSON-LD context of a release, as text, if it has one."""
    path = release.path / reader.CONTEXT
    return path.read_text(encoding="utf-8") if path.exists() else None


class UnwritableError(ParkGraphError):
    """The format cannot say one of the triples."""


def write(
    triples: Sequence[ox.Triple],
    format_: Format,
    *,
    published: PublishedQuads,
    prefixes: dict[str, str],
    context: str | None,
) -> bytes:
    """The triples in their order; UnwritableError where the format cannot hold them.

    A format for datasets other than JSON-LD also has them in each named graph that they were published in.
    context: a JSON-LD context document, by which JSON-LD is compacted.
    """
    if format_ is RDF_XML:
        triples = list(writable_in_xml(triples))
    marked = published.mark(triples)
    if format_ is JSON_LD:
        return _json_ld(published.unmark(_serialize(marked, format_, {})), context)
    is_dataset = format_.kind is Kind.DATASET
    data = _serialize(_with_graphs(triples, marked, published) if is_dataset else marked, format_, prefixes)
    data = published.unmark(data)
    return checked_xml(data) if format_ is RDF_XML else data


def _serialize(statements: Iterable[ox.Triple] | Iterable[ox.Quad], format_: Format, prefixes: dict[str, str]) -> bytes:
    return cast("bytes", ox.serialize(statements, format=format_.rdf, prefixes=prefixes))


def _with_graphs(triples: Sequence[ox.Triple], marked: Sequence[ox.Triple], published: PublishedQuads) -> list[ox.Quad]:
    """The triples in the default graph, and then those of each named graph. marked: the triples as they are written."""
    quads = [ox.Quad(t.subject, t.predicate, t.object, _DEFAULT) for t in marked]
    named = [(str(graph), place, graph) for place, t in enumerate(triples) for graph in published.graphs(t)]
    for _, place, graph in sorted(named, key=itemgetter(0, 1)):
        quads.append(ox.Quad(marked[place].subject, marked[place].predicate, marked[place].object, graph))
    return quads


def checked_xml(data: bytes) -> bytes:
    """XML of the engine, which writes control characters as they are; UnwritableError at one that XML has no place for.

    A carriage return becomes a reference: as it is, it would be read as a line feed
    (https://www.w3.org/TR/xml/#sec-line-ends).
    """
    if _NOT_IN_XML.search(data):
        raise UnwritableError("XML cannot hold a text with control characters")
    return data.replace(b"\r", b"&#xD;")


def writable_in_xml(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Hand on each triple that RDF/XML can say; UnwritableError at the first that it cannot."""
    for triple in triples:
        if not _NC_NAME_END.search(triple.predicate.value):
            raise UnwritableError(
                f"RDF/XML cannot write the property <{triple.predicate.value}>: its end is no XML name"
            )
        if isinstance(triple.object, ox.Triple):
            raise UnwritableError("RDF/XML 1.1 cannot write a triple as a value")
        yield triple


def _json_ld(expanded: bytes, context: str | None) -> bytes:
    """Compact by the context, which the answer carries, so that nothing has to be fetched to read it."""
    document: Any = json.loads(expanded)
    for node in document:
        _say_types(node)
    if context is not None:
        from pyld import jsonld  # noqa: PLC0415 - slow to load, and many servers never need it

        options: Any = {"documentLoader": _no_loader, "skipExpansion": True}  # the engine writes expanded form
        document = jsonld.compact(document, _context(context), options)
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _say_types(node: dict[str, Any]) -> None:
    """Put the types under the keyword, as the algorithm does that the engine cuts short.

    https://www.w3.org/TR/json-ld11-api/#serialize-rdf-as-json-ld-algorithm
    """
    types = node.get(RDF_TYPE, [])
    if types and all("@id" in type_ for type_ in types):
        node["@type"] = [*node.get("@type", []), *(type_["@id"] for type_ in types)]
        del node[RDF_TYPE]


@cache
def _context(text: str) -> Any:
    return json.loads(text)


def _no_loader(url: str, _options: dict[str, Any]) -> dict[str, Any]:
    raise UnwritableError(f"the context refers to <{url}>, which is not fetched")
