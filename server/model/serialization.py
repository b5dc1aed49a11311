"""Triples as the bytes of an RDF format: the same triples give the same bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pyoxigraph as ox

from core import language_tags
from core.errors import ParkGraphError
from core.formats import JSON_LD, RDF_XML, Format, Kind
from core.namespaces import RDF_TYPE
from core.versions import Version, announcement, version_of
from release import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from release.manifest import Manifest
    from release.published import PublishedQuads
    from release.reader import Release

_DEFAULT = ox.DefaultGraph()
LIMITED = frozenset({RDF_XML, JSON_LD})  # the formats that cannot hold every triple
# The local part that an XML element can be named by (https://www.w3.org/TR/xml-names/#NT-NCName), at the IRI's end.
_START = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NC_NAME_END = re.compile(rf"[{_START}][-.0-9\u00B7\u0300-\u036F\u203F\u2040]*+\Z")  # from its last such character on
_NOT_IN_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # of UTF-8
_NO_CONTROL_CHARACTERS = "XML cannot hold a text with control characters"


def context_of(release: Release) -> str | None:
    """The JSON-LD context of a release, as text, if it has one."""
    path = release.path / reader.CONTEXT
    return path.read_text(encoding="utf-8") if path.exists() else None


class UnwritableError(ParkGraphError):
    """The format cannot say one of the triples."""


class SerializedGraph(NamedTuple):
    """An RDF document, and the version of RDF that it needs."""

    data: bytes
    version: Version


def write(
    triples: Sequence[ox.Triple],
    format_: Format,
    *,
    published: PublishedQuads,
    prefixes: dict[str, str],
    context: str | None,
    is_unlimited: bool = False,
) -> SerializedGraph:
    """The triples in their order; UnwritableError where the format cannot hold them.

    A format for datasets other than JSON-LD also has them in each named graph that they were published in.
    context: a JSON-LD context document, by which JSON-LD is compacted. is_unlimited: every format can hold all of them,
    and they need no more than RDF 1.1.
    """
    version = Version.RDF_1_1
    if not is_unlimited:
        checked = CheckedTriples(triples, format_)
        triples, version = [*checked], checked.version
    marked = published.mark(triples)
    is_dataset = format_.kind is Kind.DATASET and format_ is not JSON_LD
    statements = _with_graphs(triples, marked, published) if is_dataset else marked
    data = language_tags.restore(_serialize(statements, format_, {} if format_ is JSON_LD else prefixes))
    if format_ is JSON_LD:
        data = _json_ld(data, context)
    elif format_ is RDF_XML:
        data = checked_xml(data)
    return SerializedGraph(announcement(version, format_) + data, version)


class CheckedTriples:
    """Hands triples on to a serialiser: UnwritableError at the first that the format cannot hold.

    version: the one of RDF that those which were handed on need.
    """

    def __init__(self, triples: Iterable[ox.Triple], format_: Format) -> None:
        self.version = Version.RDF_1_1
        self._triples, self._format = triples, format_

    def __iter__(self) -> Iterator[ox.Triple]:
        is_limited = self._format in LIMITED
        for triple in self._triples:
            value = triple.object
            if not isinstance(value, ox.NamedNode):
                self.version = max(self.version, version_of(value))
            if is_limited and (fault := _fault(triple, self._format)):
                raise UnwritableError(fault)
            yield triple


def is_unlimited(manifest: Manifest) -> bool:
    """Whether every format can hold every triple of the default graph, as far as the manifest tells."""
    return not manifest.statistics.features and all(map(_NC_NAME_END.search, manifest.counts.properties))


def writable_formats(triples: Iterable[ox.Triple], formats: Iterable[Format]) -> tuple[Format, ...]:
    """Those of the formats that can hold the triples."""
    triples = list(triples)
    return tuple(f for f in formats if f not in LIMITED or not any(_fault(triple, f) for triple in triples))


def _serialize(statements: Iterable[ox.Triple] | Iterable[ox.Quad], format_: Format, prefixes: dict[str, str]) -> bytes:
    return cast("bytes", ox.serialize(statements, format=format_.rdf, prefixes=prefixes))


def _with_graphs(triples: Sequence[ox.Triple], marked: Sequence[ox.Triple], published: PublishedQuads) -> list[ox.Quad]:
    """The triples in the default graph, and then those of each named graph. marked: as they are written."""
    quads = [ox.Quad(t.subject, t.predicate, t.object, _DEFAULT) for t in marked]
    found = (quad for triple in triples for quad in published.quads(triple))
    return [*quads, *sorted((q for q in found if q.graph_name != _DEFAULT), key=lambda quad: str(quad.graph_name))]


def checked_xml(data: bytes) -> bytes:
    """XML of the engine, which writes control characters as they are; UnwritableError at one that XML has no place for.

    A carriage return becomes a reference: as it is, it would be read as a line feed
    (https://www.w3.org/TR/xml/#sec-line-ends).
    """
    if _NOT_IN_XML.search(data):
        raise UnwritableError(_NO_CONTROL_CHARACTERS)
    return data.replace(b"\r", b"&#xD;")


def _fault(triple: ox.Triple, format_: Format) -> str | None:
    """Why one of the limited formats cannot hold a triple; None if it can."""
    value = triple.object
    if format_ is JSON_LD:
        return "JSON-LD 1.1 cannot write a triple as a value" if isinstance(value, ox.Triple) else None
    if not _NC_NAME_END.search(triple.predicate.value):
        return f"RDF/XML cannot write the property <{triple.predicate.value}>: its end is no XML name"
    if isinstance(value, ox.Triple):
        return _fault(value, format_)
    if isinstance(value, ox.Literal) and _NOT_IN_XML.search(value.value.encode()):
        return _NO_CONTROL_CHARACTERS
    return None


def _json_ld(expanded: bytes, context: str | None) -> bytes:
    """Compact by the context, if there is one."""
    nodes: Any = json.loads(expanded)
    for node in nodes:
        _say_types(node)
    if context is None:
        text = json.dumps(nodes, ensure_ascii=False)
    else:
        from core import json_ld  # noqa: PLC0415 - slow to load, and many servers never need it

        try:
            text = json_ld.compactor(context).write(nodes)
        except json_ld.CompactionError as error:
            raise UnwritableError(f"JSON-LD by the context of this dataset cannot hold it: {error}") from error
    return f"{text}\n".encode()


def _say_types(node: dict[str, Any]) -> None:
    """Put the types under the keyword, as the algorithm does that the engine cuts short.

    https://www.w3.org/TR/json-ld11-api/#serialize-rdf-as-json-ld-algorithm
    """
    types = node.get(RDF_TYPE, [])
    if types and all("@id" in type_ for type_ in types):
        node["@type"] = [*node.get("@type", []), *(type_["@id"] for type_ in types)]
        del node[RDF_TYPE]
