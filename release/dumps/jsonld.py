"""JSON-LD in lines: one document with the published context, one node on each line between its head and its tail, so
that it can be read as a whole, as a stream, or line by line (a comma begins each line but the first).

https://www.w3.org/TR/json-ld11/. Nodes are made by the context's terms directly: compaction by the algorithm of the
specification takes a hundred times as long. Triples whose object is a triple (RDF 1.2) cannot be said and are left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.namespaces import RDF_TYPE
from release.dumps.context import Context
from release.dumps.terms import STRING, TYPE, Literal, iri, is_literal, is_triple, literal

if TYPE_CHECKING:
    from release.dumps.context import Term
    from release.dumps.terms import Pairs

TAIL = b"]}\n"
_ID, _LANGUAGE, _DIRECTION = "@id", "@language", "@direction"  # kinds of values, beside datatypes
_KEPT = 100_000  # names that are remembered
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Confused(Exception):  # noqa: N818 - answered by another way of writing
    """The context would take the scheme of an IRI for a prefix."""


class Nodes:
    """Makes the lines of a document by a context; `begin` for each further document."""

    def __init__(self, context: Context) -> None:
        self.head = f'{{"@context":{context.text},"@graph":[\n'.encode()
        self._short, self._full = _Maker(context), _Maker(Context())
        self._comma = b""

    def begin(self) -> None:
        self._comma = b""

    def line(self, subject: bytes, pairs: Pairs, graph: bytes | None = None) -> bytes:
        """What is said of a subject, in the default graph or in a named one."""
        try:
            node = self._short.node(subject, pairs, graph)
        except _Confused:
            node = {"@context": None, **self._full.node(subject, pairs, graph)}
        line = self._comma + _write(node).encode() + b"\n"
        self._comma = b","
        return line


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._id, self._type, self._graph = (context.keyword(name) for name in (_ID, "@type", "@graph"))
        self._keys: dict[tuple[bytes, str], tuple[str, Term | None]] = {}
        self._names: dict[bytes, str] = {}

    def node(self, subject: bytes, pairs: Pairs, graph: bytes | None) -> dict[str, Any]:
        node: dict[str, Any] = {self._id: self._iri(subject)}
        for predicate, value in pairs:
            if is_literal(value):
                self._add_literal(node, predicate, literal(value))
            elif is_triple(value):
                continue
            elif predicate == TYPE:
                node.setdefault(self._type, []).append(self._name(value))
            else:
                key, term = self._key(predicate, _ID)
                if term is None or term.type is None:
                    _add(node, key, term, {self._id: self._iri(value)})
                else:
                    _add(node, key, term, self._name(value) if term.type == "@vocab" else self._iri(value))
        return node if graph is None else {self._id: self._iri(graph), self._graph: [node]}

    def _add_literal(self, node: dict[str, Any], predicate: bytes, value: Literal) -> None:
        text, datatype, language = value
        tag, _, direction = (language or "").partition("--")
        kind = datatype if language is None else _DIRECTION if direction else _LANGUAGE
        key, term = self._key(predicate, kind)
        if term is not None and term.is_map:
            _add(node.setdefault(key, {}), tag or "@none", term, text)
        elif term is not None and term.type == datatype:
            _add(node, key, term, text)
        elif datatype == STRING:
            _add(node, key, term, {"@value": text} if self._context.has_language else text)
        elif language is None:
            _add(node, key, term, {"@value": text, "@type": self._full(datatype)})
        else:
            _add(node, key, term, {"@value": text, _LANGUAGE: tag} | ({_DIRECTION: direction} if direction else {}))

    def _key(self, predicate: bytes, kind: str) -> tuple[str, Term | None]:
        """The key for values of a kind, and the term that it is, if it is one."""
        found = self._keys.get((predicate, kind))
        if found is None:
            found = self._keys[predicate, kind] = self._choose(iri(predicate), kind)
        return found

    def _choose(self, predicate: str, kind: str) -> tuple[str, Term | None]:
        terms = self._context.properties.get(predicate, [])
        typed = [t for t in terms if t.type in ({_ID, "@vocab"} if kind == _ID else {kind}) and not t.is_map]
        plain = [t for t in terms if t.type is None and not t.is_map]
        maps = [t for t in terms if t.type is None and t.is_map]
        fitting = maps + plain if kind == _LANGUAGE else typed + plain + (maps if kind == STRING else [])
        if fitting:
            return fitting[0].name, fitting[0]
        # rdf:type has a keyword, but that takes no literals
        return predicate if predicate == RDF_TYPE else self._checked(self._context.short(predicate), predicate), None

    def _name(self, term: bytes) -> str:
        name = self._names.get(term)
        if name is None:
            full = iri(term)
            name = self._checked(self._context.name(full), full)
            if len(self._names) >= _KEPT:
                self._names.clear()
            self._names[term] = name
        return name

    def _checked(self, name: str, full: str) -> str:
        return self._full(full) if name == full else name

    def _iri(self, term: bytes) -> str:
        return self._full(iri(term))

    def _full(self, full: str) -> str:
        if self._context.is_confusing(full):
            raise _Confused
        return full


def _add(node: dict[str, Any], key: str, term: Term | None, value: Any) -> None:
    known = node.get(key)
    if known is None:
        node[key] = [value] if term is not None and term.is_set else value
    elif isinstance(known, list):
        known.append(value)
    else:
        node[key] = [known, value]
