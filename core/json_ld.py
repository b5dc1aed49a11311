"""JSON-LD of the engine, which is expanded, compacted by the context of a release.

https://www.w3.org/TR/json-ld11-api/#compaction-algorithms
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from core.errors import ParkGraphError

if TYPE_CHECKING:
    from collections.abc import Hashable

_KEPT = 20_000  # compact forms of IRIs, and of values, that are remembered
_LONGEST = 300  # characters of an IRI or a value whose compact form is
_REFERENCE = {"@id"}


class CompactionError(ParkGraphError):
    """The context cannot say one of the nodes, or refers to another."""


class Compactor(jsonld.JsonLdProcessor):
    """The library's processor for one context. Any thread may ask.

    The library goes through all terms of the context for each IRI; this one remembers what it has found.
    """

    def __init__(self, context: str) -> None:
        """context: a JSON-LD context document. CompactionError if it is none."""
        super().__init__()
        self._context = json.loads(context)
        self._resolver = _Resolver(self._context)
        self._known: dict[Hashable, str] = {}
        self._values: dict[Hashable, Any] = {}
        self._head = _text(self._compacted([]))

    def write(self, nodes: list[dict[str, Any]]) -> str:
        """A document with its context, so that nothing has to be fetched to read it."""
        document = self._compacted(nodes)
        if document.pop("@context", None) is None or not document:
            return self._head if not document else _text(document)
        return f"{self._head[:-1]}, {_text(document)[1:]}"  # the context is written once

    def _compacted(self, nodes: list[dict[str, Any]]) -> dict[str, Any]:
        options: Any = {"contextResolver": self._resolver, "skipExpansion": True}  # the engine writes expanded form
        try:
            found: dict[str, Any] = self.compact(nodes, self._context, options)
        except jsonld.JsonLdError as error:  # an IRI that begins as a prefix of the context does, say
            raise CompactionError(str(error.args[0])) from error
        return found

    def _compact(self, active_ctx: Any, active_property: Any, element: Any, options: Any) -> Any:
        """Values and references stand in many nodes, as names and classes do; what they are compacted to is kept."""
        is_value = isinstance(element, dict) and ("@value" in element or element.keys() == _REFERENCE)
        if not is_value or not all(isinstance(text, str) and len(text) <= _LONGEST for text in element.values()):
            return super()._compact(active_ctx, active_property, element, options)
        key = active_ctx["_uuid"], active_property, *element.items()
        known = self._values.get(key)
        if known is None:
            known = super()._compact(active_ctx, active_property, element, options)
            if len(self._values) >= _KEPT:
                self._values.clear()
            self._values[key] = known
        return known.copy() if isinstance(known, dict) else known

    def _compact_iri(
        self,
        active_ctx: Any,
        iri: Any,
        value: Any = None,
        vocab: Any = False,  # noqa: FBT002
        base: Any = None,
        reverse: Any = False,  # noqa: FBT002
    ) -> Any:
        """The term also depends on the kind of the value, and for references on the value itself."""
        kind: Hashable = value is None
        if vocab and value is not None and iri in self._get_inverse_context(active_ctx):
            if "@value" not in value:
                return super()._compact_iri(active_ctx, iri, value, vocab, base, reverse)
            kind = tuple((name, said) for name, said in value.items() if name != "@value")
        key = active_ctx["_uuid"], iri, kind, vocab, base, reverse
        known = self._known.get(key)
        if known is None:
            known = super()._compact_iri(active_ctx, iri, value, vocab, base, reverse)
            if len(self._known) >= _KEPT:
                self._known.clear()
            if known is not None and len(iri) <= _LONGEST:
                self._known[key] = known
        return known


class _Resolver(ContextResolver):
    """Resolves the context of a release once, where the library writes it canonically to find it again."""

    def __init__(self, context: Any) -> None:
        super().__init__({}, _no_loader)
        self._own = (context, context.get("@context") if isinstance(context, dict) else None)
        self._resolved: Any = None

    def resolve(self, active_ctx: Any, context: Any, base: Any, cycles: Any = None) -> Any:
        if not any(context is own for own in self._own):
            return super().resolve(active_ctx, context, base, cycles)
        if self._resolved is None:
            self._resolved = super().resolve(active_ctx, context, base, cycles)
        return self._resolved


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # in one line: Python writes indented text ten times as slowly


def _no_loader(url: str, _options: dict[str, Any]) -> dict[str, Any]:
    raise CompactionError(f"the context refers to <{url}>, which is not fetched")


@lru_cache(8)
def compactor(context: str) -> Compactor:
    """The one for a context, which releases have in common."""
    return Compactor(context)
