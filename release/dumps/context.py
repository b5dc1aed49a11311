"""What a JSON-LD context offers for writing: which terms stand for an IRI, and how they take a value.

https://www.w3.org/TR/json-ld11/#context-definitions. Only terms whose meaning is plain are offered; for what the others
could say there is always the full IRI.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN_KEYS = frozenset({"@id", "@type", "@container", "@prefix"})
_PLAIN_CONTAINERS = frozenset({"@set", "@language"})
_GEN_DELIMS = ":/?#[]@"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


@dataclass(frozen=True)
class Term:
    """A property's term: the type it gives to its values (None: none), and its container."""

    name: str
    type: str | None
    is_map: bool  # from language to text
    is_set: bool


@dataclass
class Context:
    """The terms of a context document; text: the document, as it goes into a file."""

    text: str = "{}"
    vocab: str | None = None
    has_language: bool = False  # plain strings get a language
    properties: dict[str, list[Term]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # IRI → its term, for types and other values
    prefixes: dict[str, str] = field(default_factory=dict)  # namespace → prefix
    defined: frozenset[str] = frozenset()
    keywords: dict[str, str] = field(default_factory=dict)  # keyword → its alias

    @classmethod
    def read(cls, document: bytes | None) -> Context:
        """Read a context document; one whose context is not a single map is not used, and says nothing."""
        raw = json.loads(document)["@context"] if document else None
        if not isinstance(raw, dict) or not _is_plain(raw):
            return cls()
        return _Reader(raw).context()

    def keyword(self, name: str) -> str:
        return self.keywords.get(name, name)

    def is_confusing(self, iri: str) -> bool:
        """Whether the context would take the scheme of the IRI for a prefix."""
        scheme, _, rest = iri.partition(":")
        return scheme in self.defined and not rest.startswith("//")

    def name(self, iri: str) -> str:
        """The IRI as the name of a type or of a vocabulary value: a term, short, or in full."""
        term = self.names.get(iri)
        return term if term is not None else self.short(iri)

    def short(self, iri: str) -> str:
        """The IRI relative to the vocabulary, or with a prefix, or in full."""
        if self.vocab and iri.startswith(self.vocab):
            local = iri[len(self.vocab) :]
            if local and ":" not in local and local not in self.defined and not local.startswith("@"):
                return local
        cut = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
        prefix = self.prefixes.get(iri[:cut])
        if prefix is not None and iri[cut:]:
            short = f"{prefix}:{iri[cut:]}"
            if short not in self.defined:
                return short
        return iri


def _is_plain(raw: Mapping[str, Any]) -> bool:
    """Whether nodes may set the context aside, and names can be told from it alone."""
    vocab = raw.get("@vocab")
    if any("@protected" in part for part in (raw, *(v for v in raw.values() if isinstance(v, dict)))):
        return False
    return "@import" not in raw and not raw.get("@base") and (vocab is None or _ABSOLUTE.match(vocab) is not None)


class _Reader:
    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._vocab: str | None = raw.get("@vocab")

    def context(self) -> Context:
        text = json.dumps(self._raw, ensure_ascii=False, separators=(",", ":"))
        defined = frozenset(name for name in self._raw if not name.startswith("@"))
        has_language = bool(self._raw.get("@language") or self._raw.get("@direction"))
        context = Context(text, self._vocab, has_language, defined=defined)
        for name in sorted(defined):
            iri = self._expand(name)
            if iri is None:
                continue
            if iri.startswith("@"):
                context.keywords.setdefault(iri, name)
            else:
                self._enter(context, name, iri)
        return context

    def _enter(self, context: Context, name: str, iri: str) -> None:
        given = self._raw[name]
        if self._is_prefix(given, iri):
            context.prefixes.setdefault(iri, name)
        definition = given if isinstance(given, dict) else {}
        if "@context" not in definition:
            context.names.setdefault(iri, name)
        containers = definition.get("@container") or []
        kinds = frozenset([containers] if isinstance(containers, str) else containers)
        if definition.keys() <= _PLAIN_KEYS and kinds <= _PLAIN_CONTAINERS:
            type_ = definition.get("@type")
            term = Term(name, self._expand_value(type_) if type_ else None, "@language" in kinds, "@set" in kinds)
            context.properties.setdefault(iri, []).append(term)

    def _is_prefix(self, definition: object, iri: str) -> bool:
        if isinstance(definition, str):
            return iri[-1] in _GEN_DELIMS
        return isinstance(definition, dict) and definition.get("@prefix") is True

    def _expand(self, name: str, depth: int = 0) -> str | None:
        """The IRI or keyword that a term stands for; None where it stands for nothing."""
        definition = self._raw.get(name)
        if name in self._raw and definition is None:
            return None
        value = definition.get("@id", name) if isinstance(definition, dict) else definition
        if isinstance(definition, dict) and "@reverse" in definition:
            return None
        if value is None or not isinstance(value, str) or depth > len(self._raw):
            return None
        return self._expand_value(value, depth, own=name)

    def _expand_value(self, value: str, depth: int = 0, own: str | None = None) -> str | None:
        if value.startswith("@"):
            return value
        if value in self._raw and value != own:
            return self._expand(value, depth + 1)
        prefix, colon, rest = value.partition(":")
        if colon:
            if prefix in self._raw and not rest.startswith("//"):
                namespace = self._expand(prefix, depth + 1)
                return namespace + rest if namespace else None
            return value if _SCHEME.fullmatch(prefix) else None
        return self._vocab + value if self._vocab is not None else None
